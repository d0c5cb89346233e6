//! What is counted of origins. They are labelled as configured: without bound is nothing of it.

use prometheus::{IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry};

use super::standing::Trouble;

/// The counters of all origins of all sites.
pub(in super::super) struct OriginCounts {
    requests: IntCounterVec,
    failures: IntCounterVec,
    up: IntGaugeVec,
}

/// Those of one.
pub(super) struct Counted {
    pub requests: IntCounter,
    failures: [IntCounter; 4],
}

impl OriginCounts {
    pub fn new(registry: &Registry) -> Self {
        let counter = |name: &str, help: &str, labels: &[&str]| {
            let counter = IntCounterVec::new(Opts::new(name, help), labels).expect("the name is one");
            registry.register(Box::new(counter.clone())).expect("each name is there once");
            counter
        };
        let up = Opts::new("dni_origin_up", "Whether an origin is thought well: 1, or 0.");
        let up = IntGaugeVec::new(up, &["site", "origin"]).expect("the name is one");
        registry.register(Box::new(up.clone())).expect("each name is there once");
        OriginCounts {
            requests: counter(
                "dni_origin_requests_total",
                "Requests that were to be sent to an origin, each time that it was tried.",
                &["site", "origin"],
            ),
            failures: counter(
                "dni_origin_failures_total",
                "Requests that an origin didn't answer, or not to the end, by what came instead.",
                &["site", "origin", "reason"],
            ),
            up,
        }
    }

    pub(super) fn of(&self, site: &str, origin: &str) -> Counted {
        let failures = |reason| self.failures.with_label_values(&[site, origin, reason]);
        let [connect, broken, silent] = Trouble::ALL.map(Trouble::name).map(failures);
        Counted {
            requests: self.requests.with_label_values(&[site, origin]),
            failures: [connect, broken, silent, failures("body")],
        }
    }

    /// Tells how origins stand: each by its site and its name. Of others nothing is told any more.
    pub fn tell<'s>(&self, origins: impl Iterator<Item = (&'s str, &'s str, bool)>) {
        self.up.reset();
        origins.for_each(|(site, origin, is_well)| {
            self.up.with_label_values(&[site, origin]).set(i64::from(is_well));
        });
    }
}

impl Counted {
    pub fn failure(&self, trouble: Trouble) {
        let place = Trouble::ALL.iter().position(|known| *known == trouble).expect("all are there");
        self.failures[place].inc();
    }

    /// An answer's body broke off, or stood still.
    pub fn body_failure(&self) {
        self.failures[Trouble::ALL.len()].inc();
    }
}
