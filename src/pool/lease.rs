//! A number in a response's hand: not to be shown before it is on disk, and given back if it never is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{Number, NumberPool};
use crate::clock::Timestamp;
use crate::ledger::{Commit, How};
use crate::number::Shown;
use crate::visit::SessionHash;

/// A session's hold on a number, for one response.
pub struct Lease {
    pool: Arc<NumberPool>,
    pub(super) number: Number,
    pub(super) session: SessionHash,
    how: How,
    pub(super) showing: Arc<Showing>,
}

/// What the responses that share a lease know of it.
#[derive(Debug)]
pub(super) struct Showing {
    commit: Commit,
    /// When the lease began: how the ledger knows it.
    pub started: Timestamp,
    /// Somebody was shown the number.
    shown: AtomicBool,
    /// Responses that may yet show it.
    in_hand: AtomicUsize,
}

impl Showing {
    pub fn new(commit: Commit, started: Timestamp) -> Self {
        Showing { commit, started, shown: AtomicBool::new(false), in_hand: AtomicUsize::new(0) }
    }

    /// Of a lease that the ledger told of.
    pub fn known(started: Timestamp) -> Self {
        Showing {
            commit: Commit::done(),
            started,
            shown: AtomicBool::new(true),
            in_hand: AtomicUsize::new(0),
        }
    }

    pub fn is_shown(&self) -> bool {
        self.shown.load(Ordering::Acquire)
    }

    pub fn mark_shown(&self) {
        self.shown.store(true, Ordering::Release);
    }

    /// A response may yet show it.
    pub fn is_in_hand(&self) -> bool {
        self.in_hand.load(Ordering::Acquire) > 0
    }

    /// Nobody was shown the number, and nobody will be.
    pub fn is_abandoned(&self) -> bool {
        !self.is_shown() && !self.is_in_hand()
    }
}

impl Lease {
    /// Called under the pool's lock, so that a lease is either given back or shared.
    pub(super) fn new(
        pool: &Arc<NumberPool>,
        number: &Number,
        session: SessionHash,
        how: How,
        showing: &Arc<Showing>,
    ) -> Self {
        showing.in_hand.fetch_add(1, Ordering::AcqRel);
        Lease { pool: Arc::clone(pool), number: number.clone(), session, how, showing: Arc::clone(showing) }
    }

    /// Waits until the lease is on disk and gives the number, which counts as shown and seen from here on. None where the
    /// ledger can't take it, somebody else has got the number meanwhile, or it has left the pool.
    pub async fn show(&self) -> Option<&Shown> {
        self.show_at(Timestamp::now()).await
    }

    /// The same, at this time by the clock of whoever asks; nodes that share the numbers go by their database's.
    pub(super) async fn show_at(&self, now: Timestamp) -> Option<&Shown> {
        let durable = self.showing.commit.durable().await;
        (durable && self.pool.confirm(self, now)).then(|| self.number())
    }

    /// Whether [`Lease::show`] need not wait for the disk.
    pub fn is_durable(&self) -> bool {
        self.showing.commit.is_durable()
    }

    /// The number, which must not be shown before [`Lease::show`] has given it.
    pub fn number(&self) -> &Shown {
        &self.number.shown
    }

    pub fn pool(&self) -> &NumberPool {
        &self.pool
    }

    pub fn how(&self) -> How {
        self.how
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.showing.in_hand.fetch_sub(1, Ordering::AcqRel);
        if self.showing.is_abandoned() {
            self.pool.give_back(self);
        }
    }
}
