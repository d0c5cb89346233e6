//! Calls that this process was asked about lately, so that a carrier that asks again is told the same, and at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moka::sync::Cache;
use parking_lot::Mutex;

use super::decision::Decision;
use super::event::Ring;
use super::plan::{Plan, Step};
use crate::ledger::CallId;

/// Calls that are remembered, and how long after they were last asked about.
const MOST: u64 = 100_000;
const WHILE: Duration = Duration::from_secs(4 * 60 * 60);

/// A call that was decided.
#[derive(Debug)]
pub(super) struct Known {
    pub ring: Ring,
    pub decision: Decision,
    /// The plan as it is after what the caller chose.
    plan: Mutex<Plan>,
    consented: AtomicBool,
    /// Steps at which whoever answered has pressed 1 to take the call.
    accepted: Mutex<Vec<usize>>,
    counted: AtomicBool,
}

#[derive(Clone)]
pub(super) struct KnownCalls(Cache<CallId, Arc<Known>>);

impl Default for KnownCalls {
    fn default() -> Self {
        KnownCalls(Cache::builder().max_capacity(MOST).time_to_idle(WHILE).build())
    }
}

impl KnownCalls {
    pub fn get(&self, id: CallId) -> Option<Arc<Known>> {
        self.0.get(&id)
    }

    /// The one that was there first, should two have been decided at once; and whether that is this one.
    pub fn insert(&self, id: CallId, known: Known) -> (Arc<Known>, bool) {
        let entry = self.0.entry(id).or_insert_with(|| Arc::new(known));
        let is_fresh = entry.is_fresh();
        (entry.into_value(), is_fresh)
    }

    pub fn forget(&self, id: CallId) {
        self.0.invalidate(&id);
    }
}

impl Known {
    pub fn new(ring: Ring, decision: Decision) -> Self {
        let plan = Mutex::new(decision.plan.clone());
        Known {
            ring,
            decision,
            plan,
            consented: AtomicBool::new(false),
            accepted: Mutex::default(),
            counted: AtomicBool::new(false),
        }
    }

    pub fn plan(&self) -> Plan {
        self.plan.lock().clone()
    }

    /// The caller has chosen by this key what is done in place of a menu. False where it offers nothing for it.
    pub fn choose(&self, step: usize, keys: &str) -> bool {
        let mut plan = self.plan.lock();
        let Some(Step::Menu { keys: offered, .. }) = plan.steps.get(step) else { return false };
        let Some(dial) = keys.chars().next().and_then(|key| offered.get(&key)).cloned() else { return false };
        plan.steps[step] = Step::Dial(dial);
        true
    }

    /// Whether telephones ring at this step, as far as is known here.
    pub fn dials(&self, step: usize) -> bool {
        matches!(self.plan.lock().steps.get(step), Some(Step::Dial(_)))
    }

    pub fn consent(&self) {
        self.consented.store(true, Ordering::Relaxed);
    }

    pub fn has_consented(&self) -> bool {
        self.consented.load(Ordering::Relaxed)
    }

    pub fn accept(&self, step: usize) {
        self.accepted.lock().push(step);
    }

    pub fn was_accepted(&self, step: usize) -> bool {
        self.accepted.lock().contains(&step)
    }

    /// Whether its outcome has yet to be counted; it counts as counted from here on.
    pub fn must_be_counted(&self) -> bool {
        !self.counted.swap(true, Ordering::Relaxed)
    }
}
