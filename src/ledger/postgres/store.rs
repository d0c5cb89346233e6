//! What all ledgers write, written to PostgreSQL: many writes to a transaction, rows of a kind in one statement.
//!
//! Transactions of all nodes lock rows in one order: numbers first, then sessions and what follows, each by its key. Should two wait for
//! each other all the same, one is begun again.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use deadpool_postgres::Transaction;
use tokio::runtime::Handle;
use tokio_postgres::error::SqlState;

use super::{Database, DatabaseError, PoolId, calls, removal};
use crate::clock::Timestamp;
use crate::ledger::calls::{CallId, EventRecord, Home, RingRecord, Tap};
use crate::ledger::removal::Removal;
use crate::ledger::touches::Touches;
use crate::ledger::writer::{Store, Write, WriteError};
use crate::ledger::{Confirmed, Overflow, Seen};
use crate::visit::{ClickHash, PageView, Session, SessionHash};

/// The commit of it is on disk when it returns, whatever the database does by default.
pub(super) const DURABLE: &str = "SET LOCAL synchronous_commit = on; SET LOCAL statement_timeout = '5s';
    SET LOCAL plan_cache_mode = force_generic_plan;
    SET LOCAL idle_in_transaction_session_timeout = '5s'";

/// How often a transaction is begun again that another one was in the way of.
const TRIES: usize = 3;

/// The ledger's thread writes through this one.
pub(in crate::ledger) struct PostgresStore {
    database: Database,
    runtime: Handle,
}

impl PostgresStore {
    /// To be made in a runtime, which goes on for as long as the store is used.
    pub fn new(database: Database) -> Self {
        PostgresStore { database, runtime: Handle::current() }
    }
}

impl Store for PostgresStore {
    fn commit(&mut self, writes: &[&Write]) -> Result<(), WriteError> {
        let batch = Batch::of(writes);
        Ok(self.runtime.block_on(write(&self.database, &batch))?)
    }

    /// A connection that failed is not used again in any case.
    fn reopen(&mut self) {}
}

async fn write(database: &Database, batch: &Batch<'_>) -> Result<(), DatabaseError> {
    for _ in 1..TRIES {
        match write_once(database, batch).await {
            Err(DatabaseError::Failed(error)) if is_in_the_way(&error) => {}
            outcome => return outcome,
        }
    }
    write_once(database, batch).await
}

pub(super) fn is_in_the_way(error: &tokio_postgres::Error) -> bool {
    let codes = [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE];
    error.code().is_some_and(|code| codes.contains(code))
}

async fn write_once(database: &Database, batch: &Batch<'_>) -> Result<(), DatabaseError> {
    let mut client = database.client().await?;
    let work = async {
        let transaction = client.transaction().await?;
        transaction.batch_execute(DURABLE).await?;
        batch.apply(&transaction).await?;
        transaction.commit().await
    };
    database.write(work).await
}

/// Writes by kind, each row once, in the order of their keys.
#[derive(Default)]
struct Batch<'w> {
    unshown: Vec<(&'w str, Timestamp)>,
    seen: BTreeMap<(&'w str, Timestamp), &'w Seen>,
    confirmed: BTreeSet<(PoolId, SessionHash)>,
    sessions: BTreeMap<(SessionHash, Timestamp), &'w Session>,
    sessions_seen: BTreeMap<SessionHash, Timestamp>,
    pages: Vec<&'w PageView>,
    clicks: BTreeMap<ClickHash, SessionHash>,
    overflows: BTreeMap<(&'w str, &'w str), Overflow>,
    rings: BTreeMap<CallId, &'w RingRecord>,
    events: BTreeMap<(CallId, &'w str), &'w EventRecord>,
    taps: Vec<&'w Tap>,
    homes: BTreeMap<&'w str, &'w Home>,
    removals: Vec<&'w Arc<Removal>>,
    probes: bool,
}

impl<'w> Batch<'w> {
    fn of(writes: &[&'w Write]) -> Self {
        let mut batch = Batch::default();
        writes.iter().for_each(|write| batch.add(write));
        batch
    }

    fn add(&mut self, write: &'w Write) {
        match write {
            Write::Unshown { number, started } => self.unshown.push((number, *started)),
            Write::Seen(seen, _) => seen.iter().for_each(|seen| {
                let known = self.seen.entry((&seen.number, seen.started)).or_insert(seen);
                if known.last_seen < seen.last_seen {
                    *known = seen;
                }
            }),
            Write::Confirmed(Confirmed { session, pool }) => drop(self.confirmed.insert((*pool, *session))),
            Write::Sessions(sessions, _) => {
                self.sessions
                    .extend(sessions.iter().map(|session| ((session.hash, session.started), &**session)));
            }
            Write::SessionsSeen(seen) => seen.iter().for_each(|(session, time)| {
                let known = self.sessions_seen.entry(*session).or_insert(*time);
                *known = (*known).max(*time);
            }),
            Write::Opened(pages) => self.pages.extend(pages),
            Write::Clicks(clicks, session) => clicks.iter().for_each(|click| {
                self.clicks.entry(*click).or_insert(*session);
            }),
            Write::Overflowed { site, pool, overflow } => {
                let known = self.overflows.entry((site, pool)).or_insert(Overflow { times: 0, ..*overflow });
                known.times += overflow.times;
            }
            Write::Rang(ring, _) => {
                self.rings.entry(ring.call.id).or_insert(ring);
            }
            Write::Events(events, _) => events.iter().for_each(|event| {
                self.events.entry((event.call, &event.key)).or_insert(event);
            }),
            Write::Tapped(tap) => self.taps.push(tap),
            Write::Homes(homes) => self.homes.extend(homes.iter().map(|home| (home.number.as_str(), home))),
            Write::Remove(removal) => self.removals.push(removal),
            Write::Probe => self.probes = true,
            // The database itself gives out numbers.
            Write::Lease(..) | Write::Settle(_) | Write::Close => {}
        }
    }

    async fn apply(&self, transaction: &Transaction<'_>) -> Result<(), tokio_postgres::Error> {
        self.write_unshown(transaction).await?;
        self.write_seen(transaction).await?;
        self.write_confirmed(transaction).await?;
        insert_sessions(transaction, &self.sessions.values().copied().collect::<Vec<_>>()).await?;
        self.write_sessions_seen(transaction).await?;
        self.write_pages(transaction).await?;
        self.write_clicks(transaction).await?;
        self.write_overflows(transaction).await?;
        calls::insert_homes(transaction, &self.homes).await?;
        calls::insert_calls(transaction, &self.rings).await?;
        calls::insert_events(transaction, &self.events).await?;
        calls::insert_taps(transaction, &self.taps).await?;
        if self.probes {
            // What changes no row succeeds on a standby too.
            transaction.execute("UPDATE meta SET value = value WHERE key = 'version'", &[]).await?;
        }
        for removal in &self.removals {
            removal.removed(removal::apply(transaction, removal.what()).await?);
        }
        Ok(())
    }

    /// The number is whose it was before, unless somebody was shown it meanwhile on another node, or somebody else has it by now:
    /// then a view of it on another node would have been written.
    async fn write_unshown(&self, transaction: &Transaction<'_>) -> Result<(), tokio_postgres::Error> {
        for (number, started) in self.unshown.iter().collect::<BTreeSet<_>>() {
            let statement = transaction
                .prepare_cached(
                    "WITH given AS MATERIALIZED (
                         SELECT id, pool FROM number WHERE e164 = $1 AND started = $2 AND last_seen = started
                         ORDER BY id FOR UPDATE),
                     gone AS (
                         UPDATE lease SET shown = false
                         WHERE number = $1 AND started = $2 AND last_seen = started AND (EXISTS (SELECT FROM given)
                             OR NOT EXISTS (SELECT FROM number WHERE e164 = $1 AND number.started = $2))),
                     before AS (
                         SELECT session, source, medium, started, last_seen, provisional, session_started FROM lease
                         WHERE number = $1 AND started < $2 AND shown ORDER BY started DESC LIMIT 1)
                     UPDATE number SET
                         started = coalesce(before.started, 0), last_seen = coalesce(before.last_seen, 0),
                         holder = CASE WHEN EXISTS (
                             SELECT FROM number other
                             WHERE other.pool = number.pool AND other.id <> number.id AND other.holder = before.session)
                             THEN NULL ELSE nullif(before.session, decode(repeat('00', 16), 'hex')) END,
                         source = coalesce(before.source, ''), medium = coalesce(before.medium, ''),
                         confirmed = before.session IS NOT NULL AND (NOT before.provisional OR coalesce((
                             SELECT max(last_seen) > max(started) OR count(*) > 1 FROM session WHERE id = before.session), true)),
                         network = NULL
                     FROM given LEFT JOIN before ON true WHERE number.id = given.id",
                )
                .await?;
            transaction.execute(&statement, &[number, &started.0]).await?;
        }
        Ok(())
    }

    /// How long ago, since the database has a clock of its own.
    async fn write_seen(&self, transaction: &Transaction<'_>) -> Result<(), tokio_postgres::Error> {
        if self.seen.is_empty() {
            return Ok(());
        }
        let now = Timestamp::now();
        let numbers: Vec<&str> = self.seen.keys().map(|(number, _)| *number).collect();
        let started: Vec<i64> = self.seen.keys().map(|(_, started)| started.0).collect();
        let ages: Vec<i64> = self.seen.values().map(|seen| (now.0 - seen.last_seen.0).max(0)).collect();
        let confirmed: Vec<bool> = self.seen.values().map(|seen| seen.is_confirmed).collect();
        let statement = transaction
            .prepare_cached(
                "WITH clock AS MATERIALIZED (SELECT dni_now() AS now),
                 seen AS MATERIALIZED (
                     SELECT e164, started, now - age AS last_seen, confirmed
                     FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::boolean[]) AS seen (e164, started, age, confirmed), clock),
                 held AS MATERIALIZED (
                     SELECT n.id, seen.last_seen, seen.confirmed FROM number n JOIN seen USING (e164, started)
                     ORDER BY n.id FOR UPDATE OF n),
                 renewed AS (
                     UPDATE number SET last_seen = greatest(number.last_seen, held.last_seen),
                         confirmed = number.confirmed OR held.confirmed,
                         network = CASE WHEN held.confirmed THEN NULL ELSE number.network END
                     FROM held WHERE number.id = held.id)
                 UPDATE lease SET last_seen = greatest(lease.last_seen, seen.last_seen)
                 FROM seen WHERE lease.number = seen.e164 AND lease.started = seen.started",
            )
            .await?;
        transaction.execute(&statement, &[&numbers, &started, &ages, &confirmed]).await.map(drop)
    }

    async fn write_confirmed(&self, transaction: &Transaction<'_>) -> Result<(), tokio_postgres::Error> {
        if self.confirmed.is_empty() {
            return Ok(());
        }
        let pools: Vec<i64> = self.confirmed.iter().map(|(pool, _)| pool.0).collect();
        let sessions: Vec<&[u8]> = self.confirmed.iter().map(|(_, session)| session.0.as_slice()).collect();
        let statement = transaction
            .prepare_cached(
                "WITH held AS MATERIALIZED (
                     SELECT number.id FROM number JOIN (
                         SELECT n.id, shown.session FROM unnest($1::bigint[], $2::bytea[]) AS shown (pool, session),
                         LATERAL (SELECT id FROM number WHERE pool = shown.pool AND holder = shown.session LIMIT 1) n) own USING (id)
                     WHERE number.holder = own.session AND NOT confirmed ORDER BY number.id FOR UPDATE OF number)
                 UPDATE number SET confirmed = true, network = NULL FROM held WHERE number.id = held.id",
            )
            .await?;
        transaction.execute(&statement, &[&pools, &sessions]).await.map(drop)
    }

    async fn write_sessions_seen(&self, transaction: &Transaction<'_>) -> Result<(), tokio_postgres::Error> {
        if self.sessions_seen.is_empty() {
            return Ok(());
        }
        let sessions: Vec<&[u8]> = self.sessions_seen.keys().map(|session| session.0.as_slice()).collect();
        let times: Vec<i64> = self.sessions_seen.values().map(|time| time.0).collect();
        let statement = transaction
            .prepare_cached(
                "UPDATE session SET last_seen = greatest(session.last_seen, seen.time)
                 FROM unnest($1::bytea[], $2::bigint[]) AS seen (id, time)
                 WHERE session.id = seen.id AND session.started = (SELECT max(started) FROM session latest WHERE latest.id = seen.id)",
            )
            .await?;
        transaction.execute(&statement, &[&sessions, &times]).await.map(drop)
    }

    async fn write_pages(&self, transaction: &Transaction<'_>) -> Result<(), tokio_postgres::Error> {
        if self.pages.is_empty() {
            return Ok(());
        }
        let sessions: Vec<&[u8]> = self.pages.iter().map(|view| view.session.0.as_slice()).collect();
        let started: Vec<i64> = self.pages.iter().map(|view| view.started.0).collect();
        let times: Vec<i64> = self.pages.iter().map(|view| view.time.0).collect();
        let pages: Vec<String> = self.pages.iter().map(|view| plain(&view.page)).collect();
        let statement = transaction
            .prepare_cached(
                "INSERT INTO page SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::text[])",
            )
            .await?;
        transaction.execute(&statement, &[&sessions, &started, &times, &pages]).await.map(drop)
    }

    async fn write_clicks(&self, transaction: &Transaction<'_>) -> Result<(), tokio_postgres::Error> {
        if self.clicks.is_empty() {
            return Ok(());
        }
        let clicks: Vec<&[u8]> = self.clicks.keys().map(|click| click.0.as_slice()).collect();
        let sessions: Vec<&[u8]> = self.clicks.values().map(|session| session.0.as_slice()).collect();
        let statement = transaction
            .prepare_cached(
                "INSERT INTO click SELECT * FROM unnest($1::bytea[], $2::bytea[]) ON CONFLICT DO NOTHING",
            )
            .await?;
        transaction.execute(&statement, &[&clicks, &sessions]).await.map(drop)
    }

    async fn write_overflows(&self, transaction: &Transaction<'_>) -> Result<(), tokio_postgres::Error> {
        for ((site, pool), overflow) in &self.overflows {
            let statement = transaction
                .prepare_cached(
                    "INSERT INTO overflow VALUES ($1, $2, $3, $4)
                     ON CONFLICT (site, pool) DO UPDATE SET times = overflow.times + excluded.times",
                )
                .await?;
            transaction.execute(&statement, &[site, pool, &overflow.times, &overflow.since.0]).await?;
        }
        Ok(())
    }
}

/// Writes sessions, each once, in the order of their keys. What another node wrote later stays.
pub(super) async fn insert_sessions(
    transaction: &Transaction<'_>,
    sessions: &[&Session],
) -> Result<(), tokio_postgres::Error> {
    if sessions.is_empty() {
        return Ok(());
    }
    debug_assert_eq!(
        sessions.iter().map(|of| (of.hash, of.started)).collect::<HashSet<_>>().len(),
        sessions.len()
    );
    let column =
        |of: fn(&Session) -> String| sessions.iter().map(|session| plain(&of(session))).collect::<Vec<_>>();
    let times = |of: fn(&Session) -> i64| sessions.iter().map(|session| of(session)).collect::<Vec<_>>();
    let optional = |of: fn(&Session) -> Option<&String>| {
        sessions.iter().map(|session| of(session).map(|text| plain(text))).collect::<Vec<_>>()
    };
    let ids: Vec<&[u8]> = sessions.iter().map(|session| session.hash.0.as_slice()).collect();
    let rules: Vec<Option<i64>> =
        sessions.iter().map(|session| session.rule.map(|rule| rule as i64)).collect();
    let statement = transaction
        .prepare_cached(
            "INSERT INTO session SELECT * FROM unnest($1::bytea[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],
                 $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[])
             ON CONFLICT (id, started) DO UPDATE SET site = excluded.site, last_seen = excluded.last_seen,
                 channel = excluded.channel, source = excluded.source, medium = excluded.medium, campaign = excluded.campaign,
                 touch = excluded.touch, landing_page = excluded.landing_page, referring_page = excluded.referring_page,
                 rule = excluded.rule, shows = excluded.shows
             WHERE excluded.last_seen >= session.last_seen",
        )
        .await?;
    transaction
        .execute(
            &statement,
            &[
                &ids,
                &column(|session| session.site.to_string()),
                &times(|session| session.started.0),
                &times(|session| session.last_seen.0),
                &column(|session| session.source.channel.name().to_owned()),
                &column(|session| session.source.source.to_string()),
                &column(|session| session.source.medium.to_string()),
                &optional(|session| session.source.campaign.as_ref()),
                &column(Touches::written),
                &column(|session| session.landing_page.clone()),
                &optional(|session| session.referring_page.as_ref()),
                &rules,
                &column(|session| session.shows.clone()),
            ],
        )
        .await
        .map(drop)
}

/// A text of PostgreSQL's holds no NUL (PostgreSQL, "Character Types").
pub(super) fn plain(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
