//! How the writing goes: how long commits take, and what is wrong where they fail.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use prometheus::{Histogram, HistogramOpts};

use super::writer::WriteError;

/// Upper bounds of what is told apart, in seconds: from a fast disk to one that hardly answers.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// A ledger's health; clones are of the same ledger.
#[derive(Clone)]
pub struct Health {
    commits: Histogram,
    /// Why the last commit failed.
    trouble: Arc<Mutex<Option<String>>>,
}

impl Health {
    pub(super) fn new() -> Self {
        let commits = HistogramOpts::new(
            "dni_ledger_commit_seconds",
            "How long it took until a group of writes was on disk.",
        );
        let commits = Histogram::with_opts(commits.buckets(BUCKETS.to_vec())).expect("the name is one");
        Health { commits, trouble: Arc::default() }
    }

    /// How long it took until writes were on disk, where they got there.
    pub fn commits(&self) -> &Histogram {
        &self.commits
    }

    /// Why the ledger can't be written; none where it can, as far as its last commit tells.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().clone()
    }

    /// Takes note of a commit. Says once that they fail, and once that they work again.
    pub(super) fn note(&self, outcome: &Result<(), WriteError>, took: Duration) {
        let mut trouble = self.trouble.lock();
        match outcome {
            Ok(()) => {
                self.commits.observe(took.as_secs_f64());
                if trouble.take().is_some() {
                    tracing::info!("the ledger can be written again");
                }
            }
            Err(error) => {
                let why = error.to_string();
                if trouble.replace(why.clone()).is_none() {
                    tracing::error!(
                        "the ledger can't be written: {why}; until then pages go on with canonical numbers"
                    );
                }
            }
        }
    }
}
