//! What is taken out of the ledger, as `ledger::removal` has it: the statements for PostgreSQL.

use deadpool_postgres::Transaction;
use tokio_postgres::types::ToSql;

use crate::clock::Timestamp;
use crate::ledger::Contents;
use crate::ledger::calls::CallerHash;
use crate::ledger::removal::{BATCH, CALLS, NOBODY, What};
use crate::visit::SessionHash;

/// Leases that no number's last page view belongs to: a later one of the same number was shown; where none was, it is the
/// latest that keeps the count.
const SUPERSEDED: &str = "started < (
    SELECT coalesce(max(later.started) FILTER (WHERE later.shown), max(later.started)) FROM lease later
    WHERE later.number = lease.number)";

pub(super) async fn apply(
    transaction: &Transaction<'_>,
    what: &What,
) -> Result<Contents, tokio_postgres::Error> {
    match what {
        What::Before(time) => remove_before(transaction, *time).await,
        What::Session(session) => erase(transaction, *session).await,
        What::Caller(caller) => erase_caller(transaction, *caller).await,
    }
}

async fn remove_before(
    transaction: &Transaction<'_>,
    time: Timestamp,
) -> Result<Contents, tokio_postgres::Error> {
    let removed = transaction
        .query_one(
            "WITH old AS MATERIALIZED (
                 SELECT id, started FROM session WHERE started < $1 AND last_seen < $1
                 ORDER BY started LIMIT $2 FOR UPDATE SKIP LOCKED),
             pages AS (
                 DELETE FROM page USING old WHERE session = old.id AND session_started = old.started RETURNING 1),
             clicks AS (
                 DELETE FROM click USING old WHERE session = old.id AND NOT EXISTS (
                     SELECT FROM session kept WHERE kept.id = old.id AND (kept.id, kept.started) NOT IN (SELECT id, started FROM old))
                 RETURNING 1),
             sessions AS (
                 DELETE FROM session USING old WHERE session.id = old.id AND session.started = old.started RETURNING 1)
             SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM pages), (SELECT count(*) FROM clicks)",
            &[&time.0, &BATCH],
        )
        .await?;
    let leases = format!(
        "DELETE FROM lease WHERE id IN (
             SELECT id FROM lease WHERE started < $1 AND last_seen < $1 AND {SUPERSEDED} ORDER BY started LIMIT $2)"
    );
    let leases = execute(transaction, &leases, &[&time.0, &BATCH]).await?;
    let (calls, mut events) = remove_calls(
        transaction,
        "id IN (SELECT id FROM call WHERE started < $1 ORDER BY started LIMIT $2)",
        &[&time.0, &CALLS],
    )
    .await?;
    // Of calls that nobody was asked about: looked for once nothing else is left that is as old.
    let orphans = "DELETE FROM event WHERE id IN (
        SELECT id FROM event WHERE received < $1 AND NOT EXISTS (SELECT FROM call WHERE call.id = event.call)
        ORDER BY received LIMIT $2)";
    if calls < CALLS {
        events += execute(transaction, orphans, &[&time.0, &BATCH]).await?;
    }
    let taps = "DELETE FROM tap WHERE ctid IN (SELECT ctid FROM tap WHERE time < $1 LIMIT $2)";
    Ok(Contents {
        calls,
        events,
        taps: execute(transaction, taps, &[&time.0, &BATCH]).await?,
        sessions: removed.try_get(0)?,
        pages: removed.try_get(1)?,
        clicks: removed.try_get(2)?,
        leases,
        ..Contents::default()
    })
}

/// With who may have made them, and what was told of them: how many, and how many events.
async fn remove_calls(
    transaction: &Transaction<'_>,
    which: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<(i64, i64), tokio_postgres::Error> {
    let sql = format!(
        "WITH gone AS (DELETE FROM call WHERE {which} RETURNING id),
         of_gone AS (DELETE FROM candidate USING gone WHERE candidate.call = gone.id),
         events AS (DELETE FROM event USING gone WHERE event.call = gone.id RETURNING 1)
         SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM events)"
    );
    let removed = transaction.query_one(&sql, parameters).await?;
    Ok((removed.try_get(0)?, removed.try_get(1)?))
}

/// All calls of a telephone.
async fn erase_caller(
    transaction: &Transaction<'_>,
    caller: CallerHash,
) -> Result<Contents, tokio_postgres::Error> {
    let (calls, events) = remove_calls(transaction, "caller = $1", &[&caller.0.as_slice()]).await?;
    Ok(Contents { calls, events, ..Contents::default() })
}

async fn erase(
    transaction: &Transaction<'_>,
    session: SessionHash,
) -> Result<Contents, tokio_postgres::Error> {
    let (session, nobody) = (session.0.as_slice(), NOBODY.0.as_slice());
    let held = "UPDATE number SET holder = NULL, source = '', medium = '', network = NULL WHERE holder = $1";
    execute(transaction, held, &[&session]).await?;
    let superseded = format!("DELETE FROM lease WHERE session = $1 AND {SUPERSEDED}");
    let superseded = execute(transaction, &superseded, &[&session]).await?;
    let blot =
        "UPDATE lease SET session = $2, session_started = 0, source = '', medium = '' WHERE session = $1";
    let blotted = execute(transaction, blot, &[&session, &nobody]).await?;
    let calls = "UPDATE candidate SET session = NULL, last_seen = NULL WHERE session = $1";
    execute(transaction, calls, &[&session]).await?;
    Ok(Contents {
        taps: execute(transaction, "DELETE FROM tap WHERE session = $1", &[&session]).await?,
        sessions: execute(transaction, "DELETE FROM session WHERE id = $1", &[&session]).await?,
        leases: superseded + blotted,
        pages: execute(transaction, "DELETE FROM page WHERE session = $1", &[&session]).await?,
        clicks: execute(transaction, "DELETE FROM click WHERE session = $1", &[&session]).await?,
        ..Contents::default()
    })
}

async fn execute(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<i64, tokio_postgres::Error> {
    let rows = transaction.execute(sql, parameters).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}
