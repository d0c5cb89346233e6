//! What is counted, for whoever watches over the proxy. No label tells of a person, and none is without bound.

use parking_lot::Mutex;
use prometheus::{GaugeVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};

use super::upstream::OriginCounts;
use crate::config::Site;
use crate::ledger::{Health, How};
use crate::pool::{Ages, QUANTILES, Usage};
use crate::visit::{Address, Claim, Visitor};

/// The counters of all sites. They go on when the sites are configured anew.
pub(super) struct Counts {
    registry: Registry,
    requests: IntCounterVec,
    visits: IntCounterVec,
    hydration_blocked: IntCounterVec,
    claims: IntCounterVec,
    leases: IntCounterVec,
    tunnels: IntGauge,
    pools: Mutex<PoolGauges>,
    pub origins: OriginCounts,
}

/// How pools stand: set whenever somebody asks.
struct PoolGauges {
    numbers: IntGaugeVec,
    provisional: GaugeVec,
    since_last_seen: GaugeVec,
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
        let tunnels = IntGauge::new(
            "dni_tunnels",
            "Open connections that speak another protocol, a WebSocket most likely.",
        );
        let tunnels = tunnels.expect("the name is one");
        registry.register(Box::new(tunnels.clone())).expect("each name is there once");
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
            leases: counter(
                "dni_leases_total",
                "Times that a number of a pool was wanted, by how it came; overflow: all were on hold.",
                &["site", "pool", "how"],
            ),
            tunnels,
            pools: Mutex::new(PoolGauges::new(&registry)),
            origins: OriginCounts::new(&registry),
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

    /// So many tunnels are open.
    pub fn tunnels(&self, open: usize) {
        self.tunnels.set(i64::try_from(open).unwrap_or(i64::MAX));
    }

    /// All of them, in Prometheus's text format (Prometheus, "Exposition formats", 0.0.4), with how these pools stand: each by its
    /// site and its name.
    pub fn text<'p>(&self, pools: impl Iterator<Item = (&'p str, &'p str, Usage, Ages)>) -> String {
        // One who asks at a time: what is told of pools is taken back in between, for some may be no more.
        let gauges = self.pools.lock();
        gauges.forget();
        pools.for_each(|(site, pool, usage, ages)| gauges.set(&[site, pool], usage, &ages));
        TextEncoder::new().encode_to_string(&self.registry.gather()).expect("counters can be written")
    }
}

impl PoolGauges {
    fn new(registry: &Registry) -> Self {
        let gauge = |name: &str, help: &str, labels: &[&str]| {
            let gauge = GaugeVec::new(Opts::new(name, help), labels).expect("the name is one");
            registry.register(Box::new(gauge.clone())).expect("each name is there once");
            gauge
        };
        let numbers = Opts::new("dni_pool_numbers", "A pool's numbers, by how they stand.");
        let numbers = IntGaugeVec::new(numbers, &["site", "pool", "state"]).expect("the name is one");
        registry.register(Box::new(numbers.clone())).expect("each name is there once");
        PoolGauges {
            numbers,
            provisional: gauge(
                "dni_pool_provisional_ratio",
                "The share of a pool's numbers that is on hold for who has shown no cookie yet.",
                &["site", "pool"],
            ),
            since_last_seen: gauge(
                "dni_pool_seconds_since_last_seen",
                "Since a pool's numbers were last seen; those never used are left out.",
                &["site", "pool", "quantile"],
            ),
        }
    }

    fn forget(&self) {
        self.numbers.reset();
        self.provisional.reset();
        self.since_last_seen.reset();
    }

    /// Numbers held include provisional ones.
    fn set(&self, &[site, pool]: &[&str; 2], usage: Usage, ages: &Ages) {
        let states = [("free", usage.free()), ("held", usage.held), ("provisional", usage.provisional)];
        for (state, numbers) in states {
            let numbers = i64::try_from(numbers).unwrap_or(i64::MAX);
            self.numbers.with_label_values(&[site, pool, state]).set(numbers);
        }
        self.provisional.with_label_values(&[site, pool]).set(usage.provisional_share());
        for (share, age) in QUANTILES.into_iter().zip(ages.quantiles.iter().flatten()) {
            let labels = [site, pool, &share.to_string()];
            self.since_last_seen.with_label_values(&labels).set(age.as_secs_f64());
        }
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
