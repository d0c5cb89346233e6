//! The statement that gives out numbers: the policy of `pool::choice`, where the database alone can see to it that no two
//! nodes give one number away.
//!
//! Which number is on hold is asked in WHERE: that alone is looked at again once a row is locked (PostgreSQL, "Read Committed
//! Isolation Level"), and a number that another node gave away in between is passed over.

use std::collections::BTreeMap;

use deadpool_postgres::{Client, Transaction};
use futures_util::future::{try_join, try_join_all};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use super::leases::{Asked, Given, Giving};
use super::numbers::millis;
use super::store::{DURABLE, insert_sessions};
use crate::clock::Timestamp;
use crate::ledger::How;
use crate::visit::Session;

/// Two first pages of one session take turns: the second finds the number of the first. In one order, so that no two
/// transactions wait for each other.
const TURNS: &str =
    "SELECT pg_advisory_xact_lock(key) FROM (SELECT key FROM unnest($1::bigint[]) key ORDER BY key) keys";

/// The sessions' own numbers, which are seen now. They are looked for in each pool by itself, for `holder` has no index, and
/// locked in the order of all who wait for numbers. Their leases tell of it at once: a node that is gone before it has written what
/// it showed can't.
const OWN: &str = "
    WITH clock AS MATERIALIZED (SELECT dni_now() AS now),
    held AS MATERIALIZED (
        SELECT n.id, asked.session, asked.place, asked.confirmed, asked.source, asked.medium
        FROM unnest($1::bigint[], $2::bytea[], $3::boolean[], $4::text[], $5::text[]) WITH ORDINALITY
            AS asked (pool, session, confirmed, source, medium, place),
        LATERAL (SELECT id FROM number WHERE pool = asked.pool AND holder = asked.session AND active LIMIT 1) n),
    own AS MATERIALIZED (
        SELECT number.id, held.place, held.confirmed, held.source, held.medium FROM number JOIN held USING (id)
        WHERE number.holder = held.session ORDER BY number.id FOR UPDATE OF number),
    seen AS (
        UPDATE number SET last_seen = greatest(last_seen + 1, now), confirmed = number.confirmed OR own.confirmed,
            source = own.source, medium = own.medium,
            network = CASE WHEN own.confirmed THEN NULL ELSE number.network END
        FROM own, clock WHERE number.id = own.id
        RETURNING own.place, e164, epoch, started, last_seen, number.confirmed),
    renewed AS (
        UPDATE lease SET last_seen = greatest(lease.last_seen, seen.last_seen)
        FROM seen WHERE lease.number = seen.e164 AND lease.started = seen.started)
    SELECT place, e164, epoch, started, last_seen, confirmed FROM seen";

/// A number for a session that has none: whose turn it is. $6: a number seen within so many milliseconds is on hold; $7: the same where its holder
/// is provisional; $8: what a network's provisional sessions may hold, 0 where they need no cap; $9: the network; $10: the oldest may be
/// taken although all are on hold.
const FRESH: &str = "
    WITH clock AS MATERIALIZED (SELECT dni_now() AS now),
    state AS MATERIALIZED (
        SELECT count(*) / 4 AS quarter, coalesce(bool_or(holder = $2::bytea), false) AS has_own,
            count(*) FILTER (WHERE NOT confirmed AND now - last_seen < $7::bigint) AS provisional,
            $8::bigint > 0 AND count(*) FILTER (WHERE NOT confirmed AND now - last_seen < $7::bigint AND network = $9::bigint) >= $8::bigint AS crowded
        FROM number, clock WHERE pool = $1 AND active),
    pick AS MATERIALIZED (
        SELECT number.id, false AS overflow FROM number, clock, state
        WHERE pool = $1 AND active AND NOT has_own AND NOT crowded
            AND last_seen < now - CASE WHEN confirmed THEN $6::bigint + 1000 WHEN last_seen = 0 THEN 0 ELSE $7::bigint + 1000 END
            AND (NOT confirmed OR provisional < greatest(1, quarter))
        ORDER BY confirmed, last_seen > 0, (now - last_seen) * CASE WHEN source = $3::text AND medium = $4::text THEN 5 ELSE 1 END DESC
        LIMIT 1 FOR UPDATE OF number SKIP LOCKED),
    oldest AS MATERIALIZED (
        SELECT number.id, true AS overflow FROM number, state
        WHERE pool = $1 AND active AND $10::boolean AND NOT has_own AND NOT crowded AND NOT EXISTS (SELECT FROM pick)
        ORDER BY last_seen LIMIT 1 FOR UPDATE OF number SKIP LOCKED),
    given AS (
        UPDATE number SET epoch = epoch + 1, started = greatest(now, latest + 1), latest = greatest(now, latest + 1),
            last_seen = greatest(now, latest + 1), holder = $2::bytea, source = $3::text, medium = $4::text, confirmed = $5::boolean,
            network = CASE WHEN $5::boolean THEN NULL ELSE $9::bigint END
        FROM (SELECT * FROM pick UNION ALL SELECT * FROM oldest) turn, clock WHERE number.id = turn.id
        RETURNING e164, epoch, started, overflow)
    SELECT e164, epoch, started, overflow, crowded FROM state LEFT JOIN given ON true";

const RECORD: &str = "
    INSERT INTO lease (number, epoch, site, pool, line, session, session_started, source, medium, started, last_seen, how, provisional)
    SELECT number, epoch, site, pool, line, session, session_started, source, medium, started, started, how, provisional
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bigint[], $8::text[], $9::text[],
        $10::bigint[], $11::text[], $12::boolean[])
        AS given (number, epoch, site, pool, line, session, session_started, source, medium, started, how, provisional)";

/// Gives numbers to all who ask, in one transaction: an answer each, in their order. No two of them are of one session and
/// one pool.
pub(super) async fn give(client: &mut Client, asked: &[Asked]) -> Result<Vec<Giving>, tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    let turns = transaction.prepare_cached(TURNS).await?;
    let statements = (transaction.prepare_cached(OWN).await?, transaction.prepare_cached(FRESH).await?);
    let keys: Vec<i64> = asked.iter().map(Asked::key).collect();
    // Sent one behind the other, and answered in that order: each sees what those before it did.
    let keys: [&(dyn ToSql + Sync); 1] = [&keys];
    let begun = try_join(transaction.batch_execute(DURABLE), transaction.execute(&turns, &keys));
    let given = try_join(own(&transaction, &statements.0, asked), fresh(&transaction, &statements.1, asked));
    let (_, (own, fresh)) = try_join(begun, given).await?;
    let mut answers = vec![Giving::None; asked.len()];
    for (place, given) in fresh.into_iter().chain(own) {
        answers[place] = given;
    }
    record(&transaction, asked, &answers).await?;
    transaction.commit().await?;
    Ok(answers)
}

async fn own(
    transaction: &Transaction<'_>,
    statement: &Statement,
    asked: &[Asked],
) -> Result<Vec<(usize, Giving)>, tokio_postgres::Error> {
    let pools: Vec<i64> = asked.iter().map(|asked| asked.pool.0).collect();
    let sessions: Vec<&[u8]> = asked.iter().map(|asked| asked.session.hash.0.as_slice()).collect();
    let confirmed: Vec<bool> = asked.iter().map(|asked| asked.is_confirmed).collect();
    let sources: Vec<&str> = asked.iter().map(|asked| &*asked.session.source.source).collect();
    let mediums: Vec<&str> = asked.iter().map(|asked| &*asked.session.source.medium).collect();
    let rows = transaction.query(statement, &[&pools, &sessions, &confirmed, &sources, &mediums]).await?;
    let read = |row: &Row| {
        let place = usize::try_from(row.try_get::<_, i64>(0)? - 1).unwrap_or(0);
        let given = Given {
            number: row.try_get::<_, &str>(1)?.into(),
            epoch: row.try_get(2)?,
            started: Timestamp(row.try_get(3)?),
            last_seen: Timestamp(row.try_get(4)?),
            is_confirmed: row.try_get(5)?,
            how: How::Sticky,
        };
        Ok((place, Giving::Number(given)))
    };
    rows.iter().map(read).collect()
}

/// Of those who may be given a number.
async fn fresh(
    transaction: &Transaction<'_>,
    statement: &Statement,
    asked: &[Asked],
) -> Result<Vec<(usize, Giving)>, tokio_postgres::Error> {
    let may_be_given = asked.iter().enumerate().filter(|(_, asked)| asked.may_lease);
    try_join_all(may_be_given.map(async |(place, asked)| {
        let (session, source) = (asked.session.hash.0.as_slice(), &asked.session.source);
        let (hold, provisional) = (millis(asked.hold), millis(asked.provisional_hold.min(asked.hold)));
        let cap = i64::try_from(asked.cap).unwrap_or(i64::MAX);
        let parameters: [&(dyn ToSql + Sync); 10] = [
            &asked.pool.0,
            &session,
            &source.source,
            &source.medium,
            &asked.is_confirmed,
            &hold,
            &provisional,
            &cap,
            &asked.network,
            &asked.may_take_oldest,
        ];
        let row = transaction.query_one(statement, &parameters).await?;
        Ok((place, read_fresh(&row, asked.is_confirmed)?))
    }))
    .await
}

fn read_fresh(row: &Row, is_confirmed: bool) -> Result<Giving, tokio_postgres::Error> {
    let Some(number) = row.try_get::<_, Option<&str>>(0)? else {
        return Ok(if row.try_get(4)? { Giving::Crowded } else { Giving::Full });
    };
    let started = Timestamp(row.try_get(2)?);
    Ok(Giving::Number(Given {
        number: number.into(),
        epoch: row.try_get(1)?,
        started,
        last_seen: started,
        is_confirmed,
        how: if row.try_get(3)? { How::Overflow } else { How::Fresh },
    }))
}

/// Leases that were given, each with its session.
async fn record(
    transaction: &Transaction<'_>,
    asked: &[Asked],
    answers: &[Giving],
) -> Result<(), tokio_postgres::Error> {
    let given: Vec<(&Asked, &Given)> = asked
        .iter()
        .zip(answers)
        .filter_map(|(asked, giving)| giving.given().map(|given| (asked, given)))
        .collect();
    if given.is_empty() {
        return Ok(());
    }
    let sessions: BTreeMap<_, &Session> = given
        .iter()
        .map(|(asked, _)| ((asked.session.hash, asked.session.started), &*asked.session))
        .collect();
    let text = |of: fn(&Asked) -> &str| given.iter().map(|(asked, _)| of(asked)).collect::<Vec<_>>();
    let (sites, pools, lines) =
        (text(|asked| &asked.site), text(|asked| &asked.name), text(|asked| &asked.line));
    let sources = text(|asked| &asked.session.source.source);
    let mediums = text(|asked| &asked.session.source.medium);
    let numbers: Vec<&str> = given.iter().map(|(_, given)| &*given.number).collect();
    let epochs: Vec<i64> = given.iter().map(|(_, given)| given.epoch).collect();
    let hashes: Vec<&[u8]> = given.iter().map(|(asked, _)| asked.session.hash.0.as_slice()).collect();
    let begun: Vec<i64> = given.iter().map(|(asked, _)| asked.session.started.0).collect();
    let started: Vec<i64> = given.iter().map(|(_, given)| given.started.0).collect();
    let how: Vec<&str> = given.iter().map(|(_, given)| given.how.name()).collect();
    let provisional: Vec<bool> = given.iter().map(|(asked, _)| !asked.is_confirmed).collect();
    let statement = transaction.prepare_cached(RECORD).await?;
    let sessions: Vec<&Session> = sessions.into_values().collect();
    let parameters: [&(dyn ToSql + Sync); 12] = [
        &numbers,
        &epochs,
        &sites,
        &pools,
        &lines,
        &hashes,
        &begun,
        &sources,
        &mediums,
        &started,
        &how,
        &provisional,
    ];
    try_join(insert_sessions(transaction, &sessions), transaction.execute(&statement, &parameters))
        .await
        .map(drop)
}
