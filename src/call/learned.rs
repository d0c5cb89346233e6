//! What earlier calls teach: how long after their last page view visitors of a site call.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;

use super::Calls;
use crate::clock::Timestamp;
use crate::ledger::{CallRecord, Holding, Which};
use crate::pool::attribution::delay;
use crate::pool::delay::{Delays, Mix};
use crate::visit::Described;

/// Earlier calls that are learned from, and how far back they are looked for.
const MOST: usize = 500;
const REACH: std::time::Duration = std::time::Duration::from_secs(90 * 24 * 60 * 60);

/// By site.
#[derive(Default)]
pub(super) struct Learned(RwLock<HashMap<String, Delays>>);

impl Learned {
    /// What is known of a site: its delays, and how often sessions of a source call.
    pub fn with<T>(&self, site: &str, use_it: impl FnOnce(&Delays, fn(&Described) -> f64) -> T) -> T {
        let learned = self.0.read();
        match learned.get(site) {
            Some(delays) => use_it(delays, |_| 1.0),
            None => use_it(&Delays::new(Mix::BASE), |_| 1.0),
        }
    }

    /// Learns from a call to a number that these were shown: all of them, for late callers are many of whom each is unlikely.
    pub fn saw_call(&self, site: &str, holders: &[Holding], time: Timestamp) {
        if holders.is_empty() {
            return;
        }
        let mut learned = self.0.write();
        let known = learned.entry(site.to_owned()).or_insert_with(|| Delays::new(Mix::BASE));
        known.saw_call(holders.iter().map(|holding| (delay(time, holding.last_seen), 1.0)));
    }
}

impl Calls {
    /// Learns from the calls that the ledger knows. Calls are answered meanwhile.
    pub async fn learn(self: Arc<Self>) {
        let now = Timestamp::now();
        let Ok(calls) = self.archive.ledger.find_calls(Which::Between(now.minus(REACH), now)).await else {
            return;
        };
        for call in calls.iter().skip(calls.len().saturating_sub(MOST)) {
            let CallRecord { site, number, started, .. } = &call.record;
            let Some(site) = site else { continue };
            if let Ok(holders) = self.archive.ledger.find_holders(number, *started).await {
                self.learned.saw_call(site, &holders, *started);
            }
        }
    }
}
