//! What is taken out of the ledger: what is older than it is to be kept, and what tells of one session.
//!
//! A number's last page view stays in any case, for whose turn the number is depends on it: the lease that it belongs to is
//! kept, and only what told of an erased session is blotted out there.

use parking_lot::Mutex;
use rusqlite::{Transaction, params};

use super::calls::CallerHash;
use super::{Commit, Contents};
use crate::clock::Timestamp;
use crate::visit::SessionHash;

/// Rows of a kind that go in one transaction, for leases wait meanwhile.
pub(super) const BATCH: i64 = 500;

/// Calls that go in one transaction: each has a dozen rows and more.
pub(super) const CALLS: i64 = 50;

/// Stands where a session's hash stood that was erased: no keyed hash is all zeros.
pub(super) const NOBODY: SessionHash = SessionHash([0; 16]);

/// It could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the ledger can't be written, and nothing was removed; see to its disk, and try again")]
pub struct NotRemoved;

/// A removal on its way, and what it came to.
pub(super) struct Removal {
    what: What,
    removed: Mutex<Contents>,
    pub commit: Commit,
}

pub(super) enum What {
    /// As much as fits a transaction of what was last seen before then.
    Before(Timestamp),
    Session(SessionHash),
    Caller(CallerHash),
}

impl Removal {
    pub fn before(time: Timestamp) -> Self {
        Removal::of(What::Before(time))
    }

    pub fn of_session(session: SessionHash) -> Self {
        Removal::of(What::Session(session))
    }

    pub fn of_caller(caller: CallerHash) -> Self {
        Removal::of(What::Caller(caller))
    }

    fn of(what: What) -> Self {
        Removal { what, removed: Mutex::default(), commit: Commit::pending() }
    }

    /// The session that is to be erased.
    pub fn session(&self) -> Option<SessionHash> {
        match self.what {
            What::Session(session) => Some(session),
            What::Before(_) | What::Caller(_) => None,
        }
    }

    /// Waits until it is on disk, and says what was removed.
    pub async fn done(&self) -> Result<Contents, NotRemoved> {
        if self.commit.durable().await { Ok(*self.removed.lock()) } else { Err(NotRemoved) }
    }

    pub fn what(&self) -> &What {
        &self.what
    }

    /// Takes note of what was removed.
    pub fn removed(&self, removed: Contents) {
        *self.removed.lock() = removed;
    }

    pub fn apply(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        *self.removed.lock() = match self.what {
            What::Before(time) => remove_before(transaction, time)?,
            What::Session(session) => erase(transaction, session)?,
            What::Caller(caller) => erase_caller(transaction, caller)?,
        };
        Ok(())
    }
}

/// Leases that no number's last page view belongs to: a later one of the same number was shown; where none was, it is the
/// latest that keeps the count.
const SUPERSEDED: &str = "started < (
    SELECT coalesce(max(CASE WHEN shown THEN started END), max(started)) FROM lease later
    WHERE later.number = lease.number)";

fn remove_before(transaction: &Transaction<'_>, time: Timestamp) -> rusqlite::Result<Contents> {
    let mut removed = Contents::default();
    let old: Vec<(SessionHash, i64)> = transaction
        .prepare_cached(
            "SELECT id, started FROM session WHERE started < ?1 AND last_seen < ?1 ORDER BY started LIMIT ?2",
        )?
        .query_map(params![time.0, BATCH], |row| Ok((SessionHash(row.get(0)?), row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (session, started) in old {
        removed.pages += run(
            transaction,
            "DELETE FROM page WHERE session = ?1 AND session_started = ?2",
            params![session.0, started],
        )?;
        removed.sessions += run(
            transaction,
            "DELETE FROM session WHERE id = ?1 AND started = ?2",
            params![session.0, started],
        )?;
        removed.clicks += run(
            transaction,
            "DELETE FROM click WHERE session = ?1 AND NOT EXISTS (SELECT 1 FROM session WHERE id = ?1)",
            params![session.0],
        )?;
    }
    let leases = format!(
        "DELETE FROM lease WHERE id IN (
            SELECT id FROM lease WHERE started < ?1 AND last_seen < ?1 AND {SUPERSEDED}
            ORDER BY started LIMIT ?2)"
    );
    removed.leases = run(transaction, &leases, params![time.0, BATCH])?;
    remove_calls_before(transaction, time, &mut removed)?;
    Ok(removed)
}

fn remove_calls_before(
    transaction: &Transaction<'_>,
    time: Timestamp,
    removed: &mut Contents,
) -> rusqlite::Result<()> {
    let old: Vec<[u8; 12]> = transaction
        .prepare_cached("SELECT id FROM call WHERE started < ?1 ORDER BY started LIMIT ?2")?
        .query_map(params![time.0, CALLS], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for call in old {
        remove_call(transaction, call, removed)?;
    }
    if removed.calls >= CALLS {
        return Ok(());
    }
    // Of calls that nobody was asked about: looked for once nothing else is left that is as old.
    let orphans = "DELETE FROM event WHERE id IN (
        SELECT id FROM event WHERE received < ?1 AND NOT EXISTS (SELECT 1 FROM call WHERE call.id = event.call)
        ORDER BY received LIMIT ?2)";
    removed.events += run(transaction, orphans, params![time.0, BATCH])?;
    let taps = "DELETE FROM tap WHERE rowid IN (SELECT rowid FROM tap WHERE time < ?1 LIMIT ?2)";
    removed.taps += run(transaction, taps, params![time.0, BATCH])?;
    Ok(())
}

fn remove_call(
    transaction: &Transaction<'_>,
    call: [u8; 12],
    removed: &mut Contents,
) -> rusqlite::Result<()> {
    removed.events += run(transaction, "DELETE FROM event WHERE call = ?1", params![call])?;
    run(transaction, "DELETE FROM candidate WHERE call = ?1", params![call])?;
    removed.calls += run(transaction, "DELETE FROM call WHERE id = ?1", params![call])?;
    Ok(())
}

/// All calls of a telephone.
fn erase_caller(transaction: &Transaction<'_>, caller: CallerHash) -> rusqlite::Result<Contents> {
    transaction.pragma_update(None, "secure_delete", true)?;
    let calls: Vec<[u8; 12]> = transaction
        .prepare_cached("SELECT id FROM call WHERE caller = ?1")?
        .query_map(params![caller.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut removed = Contents::default();
    for call in calls {
        remove_call(transaction, call, &mut removed)?;
    }
    Ok(removed)
}

fn erase(transaction: &Transaction<'_>, session: SessionHash) -> rusqlite::Result<Contents> {
    // What is deleted is overwritten, so that no page of the file tells of it (SQLite, "PRAGMA secure_delete").
    transaction.pragma_update(None, "secure_delete", true)?;
    let of_session = |sql: &str| run(transaction, sql, params![session.0]);
    let superseded = of_session(&format!("DELETE FROM lease WHERE session = ?1 AND {SUPERSEDED}"))?;
    let blotted = run(
        transaction,
        "UPDATE lease SET session = ?2, session_started = 0, source = '', medium = '' WHERE session = ?1",
        params![session.0, NOBODY.0],
    )?;
    // A call is the business's own to know of: that it came from this source stays, that it was this visitor's doesn't.
    of_session("UPDATE candidate SET session = NULL, last_seen = NULL WHERE session = ?1")?;
    Ok(Contents {
        taps: of_session("DELETE FROM tap WHERE session = ?1")?,
        sessions: of_session("DELETE FROM session WHERE id = ?1")?,
        leases: superseded + blotted,
        pages: of_session("DELETE FROM page WHERE session = ?1")?,
        clicks: of_session("DELETE FROM click WHERE session = ?1")?,
        ..Contents::default()
    })
}

fn run(transaction: &Transaction<'_>, sql: &str, parameters: impl rusqlite::Params) -> rusqlite::Result<i64> {
    let rows = transaction.prepare_cached(sql)?.execute(parameters)?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}
