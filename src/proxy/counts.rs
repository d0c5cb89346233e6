//! What is counted, for whoever watches over the proxy. No label tells of a person, and none is without bound.

use prometheus::{IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};

use crate::config::Site;
use crate::ledger::{Health, How};
use crate::pool::Usage;
use crate::visit::{Address, Claim, Visitor};

/// The counters of all sites.
pub(super) struct Counts {
    registry: Registry,
    requests: IntCounterVec,
    visits: IntCounterVec,
    hydration_blocked: IntCounterVec,
    claims: IntCounterVec,
    leases: IntCounterVec,
    pool_numbers: IntGaugeVec,
}

/// Those of one site.
pub(super) struct SiteCounts {
    pub requests: IntCounter,
    /// Pages whose policy kept our script from running.
    pub hydration_blocked: IntCounter,
    visits: IntCounterVec,
    claims: IntCounterVec,
    leases: IntCounterVec,
    site: Box<str>,
}

impl Counts {
    pub fn new(ledger: &Health) -> Self {
        let registry = Registry::new();
        registry.register(Box::new(ledger.commits().clone())).expect("each name is there once");
        let counter = |name: &str, help: &str, labels: &[&str]| {
            let counter = IntCounterVec::new(Opts::new(name, help), labels).expect("the name is one");
            registry.register(Box::new(counter.clone())).expect("each name is there once");
            counter
        };
        let pool_numbers = Opts::new("dni_pool_numbers", "A pool's numbers, by how they stand.");
        let pool_numbers =
            IntGaugeVec::new(pool_numbers, &["site", "pool", "state"]).expect("the name is one");
        registry.register(Box::new(pool_numbers.clone())).expect("each name is there once");
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
            leases: counter(
                "dni_leases_total",
                "Times that a number of a pool was wanted, by how it came; overflow: all were on hold.",
                &["site", "pool", "how"],
            ),
            pool_numbers,
            registry,
        }
    }

    pub fn of(&self, site: &Site) -> SiteCounts {
        let (site, pools) = (site.name.as_str(), &site.pools);
        for pool in pools {
            for how in [How::Fresh, How::Sticky, How::Overflow] {
                self.leases.with_label_values(&[site, &pool.name, how.name()]);
            }
        }
        SiteCounts {
            requests: self.requests.with_label_values(&[site]),
            hydration_blocked: self.hydration_blocked.with_label_values(&[site]),
            visits: self.visits.clone(),
            claims: self.claims.clone(),
            leases: self.leases.clone(),
            site: site.into(),
        }
    }

    /// How a pool's numbers stand now. Those held include provisional ones.
    pub fn pool(&self, site: &str, pool: &str, usage: Usage) {
        let states = [("free", usage.free()), ("held", usage.held), ("provisional", usage.provisional)];
        for (state, numbers) in states {
            let numbers = i64::try_from(numbers).unwrap_or(i64::MAX);
            self.pool_numbers.with_label_values(&[site, pool, state]).set(numbers);
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

    /// A number of a pool was wanted.
    pub fn lease(&self, pool: &str, how: How) {
        self.leases.with_label_values(&[&*self.site, pool, how.name()]).inc();
    }

    pub fn claim(&self, claim: Claim, address: Address) {
        self.claims.with_label_values(&[&*self.site, claim.name(), address.name()]).inc();
    }
}
