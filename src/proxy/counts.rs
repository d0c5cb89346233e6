//! What is counted, for whoever watches over the proxy. No label tells of a person, and none is without bound.

use prometheus::{IntCounter, IntCounterVec, Opts, Registry, TextEncoder};

use crate::visit::{Address, Claim, Visitor};

/// The counters of all sites.
pub(super) struct Counts {
    registry: Registry,
    requests: IntCounterVec,
    visits: IntCounterVec,
    hydration_blocked: IntCounterVec,
    claims: IntCounterVec,
}

/// Those of one site.
pub(super) struct SiteCounts {
    pub requests: IntCounter,
    /// Pages whose policy kept our script from running.
    pub hydration_blocked: IntCounter,
    visits: IntCounterVec,
    claims: IntCounterVec,
    site: Box<str>,
}

impl Counts {
    pub fn new() -> Self {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| {
            let counter = IntCounterVec::new(Opts::new(name, help), labels).expect("the name is one");
            registry.register(Box::new(counter.clone())).expect("each name is there once");
            counter
        };
        Counts {
            requests: counter("dni_requests_total", "Requests to a site.", &["site"]),
            visits: counter(
                "dni_visits_total",
                "Requests for pages, by who makes them.",
                &["site", "visitor"],
            ),
            hydration_blocked: counter(
                "dni_hydration_blocked_total",
                "Pages whose Content-Security-Policy keeps swap.js from running.",
                &["site"],
            ),
            claims: counter(
                "dni_crawler_claims_total",
                "Pages fetched by crawlers that say they are Google's or Bing's, by whose address they come from.",
                &["site", "crawler", "address"],
            ),
            registry,
        }
    }

    pub fn of(&self, site: &str) -> SiteCounts {
        SiteCounts {
            requests: self.requests.with_label_values(&[site]),
            hydration_blocked: self.hydration_blocked.with_label_values(&[site]),
            visits: self.visits.clone(),
            claims: self.claims.clone(),
            site: site.into(),
        }
    }

    /// All of them, in Prometheus's text format (Prometheus, "Exposition formats", 0.0.4).
    pub fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).expect("counters can be written")
    }
}

impl SiteCounts {
    pub fn visit(&self, visitor: Visitor) {
        self.visits.with_label_values(&[&*self.site, visitor.name()]).inc();
    }

    pub fn claim(&self, claim: Claim, address: Address) {
        self.claims.with_label_values(&[&*self.site, claim.name(), address.name()]).inc();
    }
}
