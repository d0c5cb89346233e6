//! A number in a response's hand: not to be shown before it is on disk, and given back if it never is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::NumberPool;
use crate::ledger::{Commit, How};
use crate::page::Shown;

/// A session's hold on a number, for one response.
pub struct Lease {
    pool: Arc<NumberPool>,
    number: usize,
    how: How,
    showing: Arc<Showing>,
}

/// What the responses that share a lease know of it.
#[derive(Debug)]
pub(super) struct Showing {
    commit: Commit,
    /// Somebody was shown the number.
    shown: AtomicBool,
    /// Responses that may yet show it.
    in_hand: AtomicUsize,
}

impl Showing {
    pub fn new(commit: Commit) -> Self {
        Showing { commit, shown: AtomicBool::new(false), in_hand: AtomicUsize::new(0) }
    }

    /// Of a lease that the ledger told of.
    pub fn known() -> Self {
        Showing { commit: Commit::done(), shown: AtomicBool::new(true), in_hand: AtomicUsize::new(0) }
    }

    /// Nobody was shown the number, and nobody will be.
    pub fn is_abandoned(&self) -> bool {
        !self.shown.load(Ordering::Acquire) && self.in_hand.load(Ordering::Acquire) == 0
    }
}

impl Lease {
    /// Called under the pool's lock, so that a lease is either given back or shared.
    pub(super) fn new(pool: &Arc<NumberPool>, number: usize, how: How, showing: &Arc<Showing>) -> Self {
        showing.in_hand.fetch_add(1, Ordering::AcqRel);
        Lease { pool: Arc::clone(pool), number, how, showing: Arc::clone(showing) }
    }

    /// Waits until the lease is on disk and gives the number, which counts as shown from here on. None where the ledger
    /// can't take it.
    pub async fn show(&self) -> Option<&Shown> {
        if !self.showing.commit.durable().await {
            return None;
        }
        self.showing.shown.store(true, Ordering::Release);
        Some(self.number())
    }

    /// The number, which must not be shown before [`Lease::show`] has given it.
    pub fn number(&self) -> &Shown {
        &self.pool.numbers[self.number].shown
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
            self.pool.give_back(self.number, &self.showing);
        }
    }
}
