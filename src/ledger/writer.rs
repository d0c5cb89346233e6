//! The thread that writes: it takes what has come in while it was busy, and commits it as one.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::calls::{EventRecord, Home, RingRecord, Tap};
use super::erased::Erased;
use super::postgres::DatabaseError;
use super::removal::Removal;
use super::trouble::Trouble;
use super::{Commit, Confirmed, Health, LeaseRecord, Overflow, Seen};
use crate::clock::Timestamp;
use crate::visit::{ClickHash, PageView, Session, SessionHash};

/// Writes of one transaction at most: a commit must not take long for its first.
const GROUP: usize = 1024;

/// Writes that nobody waits for, kept while the ledger can't be written. Beyond it the oldest are lost.
const KEPT: usize = 1 << 16;

/// A ledger that can't be written is tried again this often, whether or not anybody writes.
const RETRY: Duration = Duration::from_secs(1);

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
    #[error("{trouble}", trouble = Trouble(.0))]
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
    Rang(Box<RingRecord>, Commit),
    Events(Vec<EventRecord>, Commit),
    Tapped(Tap),
    Homes(Vec<Home>),
    Remove(Arc<Removal>),
    /// Nothing, but its commit tells when all before it is through.
    Settle(Commit),
    /// Nothing new, but written all the same: whether the disk takes it.
    Probe,
    Close,
}

impl Write {
    fn commit(&self) -> Option<&Commit> {
        match self {
            Write::Lease(_, commit)
            | Write::Sessions(_, commit)
            | Write::Seen(_, commit)
            | Write::Rang(_, commit)
            | Write::Events(_, commit)
            | Write::Settle(commit) => Some(commit),
            Write::Remove(removal) => Some(&removal.commit),
            _ => None,
        }
    }

    /// The session that is to be erased.
    pub fn erases(&self) -> Option<SessionHash> {
        match self {
            Write::Remove(removal) => removal.session(),
            _ => None,
        }
    }

    /// Nobody waits for it, but it is to be written all the same. What is said of calls is kept by whoever was told.
    fn can_wait(&self) -> bool {
        let is_waited_for = matches!(
            self,
            Write::Lease(..) | Write::Rang(..) | Write::Events(..) | Write::Remove(_) | Write::Settle(_)
        );
        !is_waited_for && !matches!(self, Write::Probe | Write::Close)
    }

    /// It will not be written.
    pub fn fail(&self) {
        if let Some(commit) = self.commit() {
            commit.finish(false);
        }
    }
}

/// Writes until it is told to close, or nobody is left who could tell it.
pub(super) fn run(mut store: impl Store, queue: &Receiver<Write>, health: &Health) {
    let (mut kept, mut erased) = (Vec::new(), Erased::default());
    while let Some(first) = next(queue, health) {
        let mut group: Vec<Write> = std::iter::once(first).chain(queue.try_iter().take(GROUP - 1)).collect();
        let closing = group.iter().any(|write| matches!(write, Write::Close));
        erased.strike(&mut group, &mut kept);
        if health.trouble().is_some() {
            // What changes no row succeeds on any disk.
            group.push(Write::Probe);
        }
        let begun = Instant::now();
        let outcome = commit(&mut store, &mut kept, &group);
        health.note(&outcome, begun.elapsed());
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

/// What is to be written next. A ledger that can't be written is tried again although nobody asks: what was kept is to get
/// there, and whoever asks for its health is to hear of it.
fn next(queue: &Receiver<Write>, health: &Health) -> Option<Write> {
    if health.trouble().is_none() {
        return queue.recv().ok();
    }
    match queue.recv_timeout(RETRY) {
        Ok(write) => Some(write),
        Err(RecvTimeoutError::Timeout) => Some(Write::Probe),
        Err(RecvTimeoutError::Disconnected) => None,
    }
}

/// Commits a group, and with it what was kept. Should that be what fails, the group is tried alone.
fn commit(store: &mut impl Store, kept: &mut Vec<Write>, group: &[Write]) -> Result<(), WriteError> {
    if !kept.is_empty() && store.commit(&kept.iter().chain(group).collect::<Vec<_>>()).is_ok() {
        kept.clear();
        return Ok(());
    }
    store.commit(&group.iter().collect::<Vec<_>>())
}
