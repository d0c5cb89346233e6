//! What is counted of calls, for whoever watches over them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use prometheus::{IntCounter, IntCounterVec, Opts, Registry, TextEncoder};

use super::carrier::CarrierName;
use super::log::Outcome;

/// The log names each reason to refuse a carrier this often at most: strangers may knock as often as they like.
const NAMED: Duration = Duration::from_secs(60);

pub(super) struct Counts {
    registry: Registry,
    calls: IntCounterVec,
    refused: IntCounterVec,
    recordings: IntCounterVec,
    dropped: IntCounter,
    /// When the log last named a reason, by carrier.
    named: Mutex<HashMap<(CarrierName, String), Instant>>,
}

impl Counts {
    pub fn new() -> Self {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| {
            let counter = IntCounterVec::new(Opts::new(name, help), labels).expect("the name is one");
            registry.register(Box::new(counter.clone())).expect("each name is there once");
            counter
        };
        let dropped = "Messages about calls that were lost, for neither the ledger nor its spool took them.";
        let dropped = IntCounter::new("dni_spool_dropped_total", dropped).expect("the name is one");
        registry.register(Box::new(dropped.clone())).expect("each name is there once");
        Counts {
            calls: counter(
                "dni_calls_total",
                "Calls that have ended, by how.",
                &["site", "carrier", "outcome"],
            ),
            refused: counter(
                "dni_carrier_refused_total",
                "Requests in a carrier's name that were refused, by why.",
                &["carrier", "reason"],
            ),
            recordings: counter(
                "dni_recordings_total",
                "Recordings that were fetched, have not come for a day, or were refused.",
                &["carrier", "outcome"],
            ),
            dropped,
            named: Mutex::default(),
            registry,
        }
    }

    pub fn ended(&self, site: Option<&str>, carrier: CarrierName, outcome: Outcome) {
        self.calls.with_label_values(&[site.unwrap_or_default(), carrier.name(), outcome.name()]).inc();
    }

    /// `reason`: one of a few words. Whether the log is to name it.
    pub fn refused(&self, carrier: CarrierName, reason: &str) -> bool {
        self.refused.with_label_values(&[carrier.name(), reason]).inc();
        let (mut named, now) = (self.named.lock(), Instant::now());
        let last = named.get(&(carrier, reason.to_owned()));
        let is_due = last.is_none_or(|last| now.duration_since(*last) >= NAMED);
        if is_due {
            named.insert((carrier, reason.to_owned()), now);
        }
        is_due
    }

    /// `outcome`: fetched, failed or refused.
    pub fn recorded(&self, carrier: CarrierName, outcome: &str) {
        self.recordings.with_label_values(&[carrier.name(), outcome]).inc();
    }

    pub fn dropped(&self) -> IntCounter {
        self.dropped.clone()
    }

    /// In Prometheus's text format.
    pub fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }
}
