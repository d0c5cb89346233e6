//! SQLite's side of the ledger: the statements.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::writer::Write;
use super::{History, Holder, LeaseRecord, Seen, schema};
use crate::clock::Timestamp;
use crate::visit::{ClickHash, Session, SessionHash, Touch};

/// The connection that writes.
pub(super) struct Store {
    path: PathBuf,
    connection: Connection,
}

impl Store {
    pub fn new(path: PathBuf, connection: Connection) -> Self {
        Store { path, connection }
    }

    /// Writes all of these in one transaction, which is on disk when this returns.
    pub fn commit<'a>(&mut self, writes: impl Iterator<Item = &'a Write>) -> rusqlite::Result<()> {
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for write in writes {
            apply(&transaction, write)?;
        }
        transaction.commit()
    }

    /// Starts afresh after an error that the connection may not have survived.
    pub fn reopen(&mut self) {
        if let Ok(connection) = schema::connect(&self.path) {
            self.connection = connection;
        }
    }
}

fn apply(transaction: &Transaction<'_>, write: &Write) -> rusqlite::Result<()> {
    match write {
        Write::Lease(lease, _) => insert_lease(transaction, lease),
        Write::Sessions(sessions) => {
            sessions.iter().try_for_each(|session| insert_session(transaction, session))
        }
        Write::Unshown { number, started } => transaction
            .prepare_cached("UPDATE lease SET shown = 0 WHERE number = ?1 AND started = ?2")?
            .execute(params![number, started.0])
            .map(drop),
        Write::Seen(seen) => seen.iter().try_for_each(|seen| update_seen(transaction, seen)),
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
        Write::Settle(_) | Write::Close => Ok(()),
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

fn insert_session(transaction: &Transaction<'_>, session: &Session) -> rusqlite::Result<()> {
    let touches = Touches {
        last: Touch { source: session.source.clone(), time: session.touched },
        first: Touch::clone(&session.first),
    };
    let touch = serde_json::to_string(&touches).unwrap_or_default();
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO session VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
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
            touch,
            session.landing_page,
            session.referring_page,
            session.rule.map(|rule| rule as i64),
            session.shows,
        ])
        .map(drop)
}

/// A connection that only reads, beside the one that writes.
pub(super) struct Reader(Connection);

impl Reader {
    pub fn open(path: &std::path::Path) -> rusqlite::Result<Self> {
        schema::connect(path).map(Reader)
    }

    pub fn session(&self, site: &str, hash: SessionHash) -> rusqlite::Result<Option<Session>> {
        self.0
            .prepare_cached(
                "SELECT touch, rule, started, last_seen, landing_page, referring_page, site, shows FROM session
                 WHERE id = ?1 AND site = ?2 ORDER BY started DESC LIMIT 1",
            )?
            .query_row(params![hash.0, site], |row| read_session(row, hash))
            .optional()
    }

    pub fn click(&self, click: ClickHash) -> rusqlite::Result<Option<SessionHash>> {
        self.0
            .prepare_cached("SELECT session FROM click WHERE id = ?1")?
            .query_row(params![click.0], |row| row.get(0).map(SessionHash))
            .optional()
    }

    pub fn history(&self, number: &str) -> rusqlite::Result<History> {
        let mut statement = self.0.prepare_cached(
            "SELECT epoch, shown, session, lease.source, lease.medium, lease.started, lease.last_seen,
                 coalesce((SELECT max(last_seen > started) OR count(*) > 1 FROM session WHERE id = lease.session), 1)
             FROM lease WHERE number = ?1 ORDER BY lease.started DESC",
        )?;
        let mut rows = statement.query(params![number])?;
        let mut history = History::default();
        while let Some(row) = rows.next()? {
            history.epoch = history.epoch.max(row.get(0)?);
            let started = Timestamp(row.get(5)?);
            history.latest = history.latest.max(Some(started));
            if row.get::<_, bool>(1)? {
                history.holder = Some(read_holder(row)?);
                break;
            }
        }
        Ok(history)
    }
}

fn read_holder(row: &Row<'_>) -> rusqlite::Result<Holder> {
    Ok(Holder {
        session: SessionHash(row.get(2)?),
        source: row.get(3)?,
        medium: row.get(4)?,
        started: Timestamp(row.get(5)?),
        last_seen: Timestamp(row.get(6)?),
        is_confirmed: row.get(7)?,
    })
}

fn read_session(row: &Row<'_>, hash: SessionHash) -> rusqlite::Result<Session> {
    let started = Timestamp(row.get(2)?);
    let Touches { last, first } = read_touches(&row.get::<_, String>(0)?, started).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })?;
    Ok(Session {
        hash,
        source: last.source,
        touched: last.time,
        first: Arc::new(first),
        rule: row.get::<_, Option<i64>>(1)?.and_then(|rule| usize::try_from(rule).ok()),
        started,
        last_seen: Timestamp(row.get(3)?),
        landing_page: row.get(4)?,
        referring_page: row.get(5)?,
        site: row.get::<_, String>(6)?.into(),
        shown: Vec::new(),
        shows: row.get(7)?,
    })
}

/// What brought a session's visitor, as the ledger keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Touches {
    last: Touch,
    first: Touch,
}

/// Earlier rows hold the last source alone: it came when the session began.
fn read_touches(written: &str, started: Timestamp) -> serde_json::Result<Touches> {
    serde_json::from_str(written).or_else(|_| {
        let touch = Touch { source: serde_json::from_str(written)?, time: started };
        Ok(Touches { last: touch.clone(), first: touch })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::Source;

    #[test]
    fn rows_of_an_earlier_version_are_read() {
        let written = serde_json::to_string(&Source::direct()).unwrap();
        let touches = read_touches(&written, Timestamp(7)).unwrap();
        assert_eq!(touches.first, Touch { source: Source::direct(), time: Timestamp(7) });
        let again = read_touches(&serde_json::to_string(&touches).unwrap(), Timestamp(9)).unwrap();
        assert_eq!(again.last, touches.last);
        assert!(read_touches("{}", Timestamp(7)).is_err());
    }
}
