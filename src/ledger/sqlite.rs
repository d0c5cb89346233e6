//! SQLite's side of the ledger: the statements.

use std::path::PathBuf;

use rusqlite::{Connection, Transaction, params};

use super::calls;
use super::checkpoint::Checkpoints;
use super::touches::Touches;
use super::writer::{self, Write, WriteError};
use super::{LeaseRecord, Seen, schema};
use crate::visit::Session;

/// The connection that writes.
pub(super) struct SqliteStore {
    path: PathBuf,
    connection: Connection,
    checkpoints: Checkpoints,
    /// Rows that were written since the last checkpoint was asked for.
    rows: u64,
}

impl SqliteStore {
    pub fn new(path: PathBuf, connection: Connection, checkpoints: Checkpoints) -> Self {
        SqliteStore { path, connection, checkpoints, rows: 0 }
    }
}

impl writer::Store for SqliteStore {
    fn commit(&mut self, writes: &[&Write]) -> Result<(), WriteError> {
        let written = self.checkpoints.write(&mut self.connection, &mut self.rows, |connection| {
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            writes.iter().try_for_each(|write| apply(&transaction, write))?;
            transaction.commit()
        });
        Ok(written?)
    }

    fn reopen(&mut self) {
        if let Ok(connection) = schema::connect(&self.path) {
            self.connection = connection;
        }
    }
}

fn apply(transaction: &Transaction<'_>, write: &Write) -> rusqlite::Result<()> {
    match write {
        Write::Lease(lease, _) => insert_lease(transaction, lease),
        Write::Sessions(sessions, _) => {
            sessions.iter().try_for_each(|session| insert_session(transaction, session))
        }
        Write::Unshown { number, started } => transaction
            .prepare_cached("UPDATE lease SET shown = 0 WHERE number = ?1 AND started = ?2")?
            .execute(params![number, started.0])
            .map(drop),
        Write::Seen(seen, _) => seen.iter().try_for_each(|seen| update_seen(transaction, seen)),
        Write::SessionsSeen(seen) => seen.iter().try_for_each(|(session, last_seen)| {
            transaction
                .prepare_cached(
                    "UPDATE session SET last_seen = max(last_seen, ?2) WHERE id = ?1
                     AND started = (SELECT max(started) FROM session WHERE id = ?1)",
                )?
                .execute(params![session.0, last_seen.0])
                .map(drop)
        }),
        Write::Opened(pages) => pages.iter().try_for_each(|view| {
            transaction
                .prepare_cached("INSERT INTO page VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![view.session.0, view.started.0, view.time.0, view.page])
                .map(drop)
        }),
        Write::Clicks(clicks, session) => clicks.iter().try_for_each(|click| {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO click VALUES (?1, ?2)")?
                .execute(params![click.0, session.0])
                .map(drop)
        }),
        Write::Overflowed { site, pool, overflow } => transaction
            .prepare_cached(
                "INSERT INTO overflow VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET times = times + excluded.times",
            )?
            .execute(params![site, pool, overflow.times, overflow.since.0])
            .map(drop),
        Write::Rang(ring, _) => calls::insert_call(transaction, ring),
        Write::Events(events, _) => {
            events.iter().try_for_each(|event| calls::insert_event(transaction, event))
        }
        Write::Tapped(tap) => calls::insert_tap(transaction, tap),
        Write::Homes(homes) => homes.iter().try_for_each(|home| calls::insert_home(transaction, home)),
        Write::Remove(removal) => removal.apply(transaction),
        Write::Probe => schema::probe(transaction),
        // The pools' memory knows, and the session's rows tell.
        Write::Confirmed(_) | Write::Settle(_) | Write::Close => Ok(()),
    }
}

fn insert_lease(transaction: &Transaction<'_>, lease: &LeaseRecord) -> rusqlite::Result<()> {
    let session = &lease.session;
    insert_session(transaction, session)?;
    transaction
        .prepare_cached(
            "INSERT INTO lease
             (number, epoch, site, pool, line, session, session_started, source, medium, started, last_seen, how,
                 provisional)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12)",
        )?
        .execute(params![
            lease.number,
            lease.epoch,
            lease.site,
            lease.pool,
            lease.line,
            session.hash.0,
            session.started.0,
            session.source.source,
            session.source.medium,
            lease.started.0,
            lease.how.name(),
            lease.is_provisional,
        ])
        .map(drop)
}

fn update_seen(transaction: &Transaction<'_>, seen: &Seen) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE lease SET last_seen = max(last_seen, ?3) WHERE number = ?1 AND started = ?2")?
        .execute(params![seen.number, seen.started.0, seen.last_seen.0])
        .map(drop)
}

/// A session that is there already was seen since, as may be written already.
fn insert_session(transaction: &Transaction<'_>, session: &Session) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT DO UPDATE SET site = excluded.site, last_seen = max(last_seen, excluded.last_seen),
                 channel = excluded.channel, source = excluded.source, medium = excluded.medium,
                 campaign = excluded.campaign, touch = excluded.touch, landing_page = excluded.landing_page,
                 referring_page = excluded.referring_page, rule = excluded.rule, shows = excluded.shows",
        )?
        .execute(params![
            session.hash.0,
            session.site,
            session.started.0,
            session.last_seen.0,
            session.source.channel.name(),
            session.source.source,
            session.source.medium,
            session.source.campaign,
            Touches::written(session),
            session.landing_page,
            session.referring_page,
            session.rule.map(|rule| rule as i64),
            session.shows,
        ])
        .map(drop)
}
