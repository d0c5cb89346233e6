//! The thread that writes: it takes what has come in while it was busy, and commits it as one.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use super::postgres::DatabaseError;
use super::removal::Removal;
use super::{Commit, Confirmed, LeaseRecord, Overflow, Seen};
use crate::clock::Timestamp;
use crate::visit::{ClickHash, PageView, Session, SessionHash};

/// Writes of one transaction at most: a commit must not take long for its first.
const GROUP: usize = 1024;

/// Writes that nobody waits for, kept while the ledger can't be written. Beyond it the oldest are lost.
const KEPT: usize = 1 << 16;

/// What a ledger is kept in, as it is written.
pub(super) trait Store {
    /// Writes all of these in one transaction, which is on disk when this returns.
    fn commit(&mut self, writes: &[&Write]) -> Result<(), WriteError>;

    /// Starts afresh after an error that a connection may not have survived.
    fn reopen(&mut self);
}

/// The ledger can't be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Postgres(#[from] DatabaseError),
}

/// Something to be written.
pub(super) enum Write {
    Lease(LeaseRecord, Commit),
    Sessions(Vec<Arc<Session>>, Commit),
    Unshown {
        number: Arc<str>,
        started: Timestamp,
    },
    Seen(Vec<Seen>, Commit),
    Confirmed(Confirmed),
    SessionsSeen(Vec<(SessionHash, Timestamp)>),
    Opened(Vec<PageView>),
    Clicks(Vec<ClickHash>, SessionHash),
    /// Some more times, counted since then unless it is known since when.
    Overflowed {
        site: Arc<str>,
        pool: Arc<str>,
        overflow: Overflow,
    },
    Remove(Arc<Removal>),
    /// Nothing, but its commit tells when all before it is through.
    Settle(Commit),
    Close,
}

impl Write {
    fn commit(&self) -> Option<&Commit> {
        match self {
            Write::Lease(_, commit)
            | Write::Sessions(_, commit)
            | Write::Seen(_, commit)
            | Write::Settle(commit) => Some(commit),
            Write::Remove(removal) => Some(&removal.commit),
            _ => None,
        }
    }

    /// Nobody waits for it, but it is to be written all the same.
    fn can_wait(&self) -> bool {
        !matches!(self, Write::Lease(..) | Write::Remove(_) | Write::Settle(_) | Write::Close)
    }

    /// It will not be written.
    pub fn fail(&self) {
        if let Some(commit) = self.commit() {
            commit.finish(false);
        }
    }
}

/// Writes until it is told to close, or nobody is left who could tell it.
pub(super) fn run(mut store: impl Store, queue: &Receiver<Write>) {
    let (mut failing, mut kept) = (false, Vec::new());
    while let Ok(first) = queue.recv() {
        let group: Vec<Write> = std::iter::once(first).chain(queue.try_iter().take(GROUP - 1)).collect();
        let closing = group.iter().any(|write| matches!(write, Write::Close));
        let outcome = commit(&mut store, &mut kept, &group);
        report(&outcome, &mut failing);
        for commit in group.iter().filter_map(Write::commit) {
            commit.finish(outcome.is_ok());
        }
        if outcome.is_err() {
            store.reopen();
            kept.extend(group.into_iter().filter(Write::can_wait));
            kept.drain(..kept.len().saturating_sub(KEPT));
        }
        if closing {
            break;
        }
    }
    queue.try_iter().for_each(|write| write.fail());
}

/// Commits a group, and with it what was kept. Should that be what fails, the group is tried alone.
fn commit(store: &mut impl Store, kept: &mut Vec<Write>, group: &[Write]) -> Result<(), WriteError> {
    if !kept.is_empty() && store.commit(&kept.iter().chain(group).collect::<Vec<_>>()).is_ok() {
        kept.clear();
        return Ok(());
    }
    store.commit(&group.iter().collect::<Vec<_>>())
}

/// Says once that writing fails, and once that it works again.
fn report(outcome: &Result<(), WriteError>, failing: &mut bool) {
    match (outcome, *failing) {
        (Err(error), false) => {
            tracing::error!(%error, "the ledger can't be written: pages go on with canonical numbers")
        }
        (Ok(()), true) => tracing::info!("the ledger can be written again"),
        _ => {}
    }
    *failing = outcome.is_err();
}
