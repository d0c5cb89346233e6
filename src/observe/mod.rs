//! What operators see of requests: the access log, traces, and counts.
//!
//! Each request is followed by a [`Trail`] from when it came to when its response has ended or broken off. What it notes is fit
//! to be kept before it is noted: addresses are shortened, values of queries left out, telephone numbers taken out of paths.
//! Nothing here holds a visitor up, and nothing that fails here is seen by one.

mod access;
mod collector;
mod counts;
mod ended;
mod followed;
mod line;
mod parent;
mod redacted;
mod request_id;
mod trace;
mod trail;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dashmap::DashMap;
use http::Request;
use ipnet::IpNet;
use parking_lot::RwLock;

use crate::config::Server;
use access::{AccessLog, Form};
use collector::Collector;
use counts::{Counts, Traffic};

pub use counts::Connection;
pub use ended::End;
pub use followed::Followed;
pub use trail::{Correlation, Trail};

/// After a reload, how long the former collector may take for what still waits.
const LAST_SPANS: Duration = Duration::from_secs(5);

/// What all requests are observed with.
pub struct Observer {
    setting: RwLock<Arc<Setting>>,
    log: AccessLog,
    counts: Counts,
    /// By the site's name. Empty: what is no site's.
    traffic: DashMap<Box<str>, Arc<Traffic>>,
}

/// As configured now.
struct Setting {
    /// None: no access log.
    form: Option<Form>,
    /// None: no traces.
    collector: Option<Arc<Collector>>,
    /// Whose word on a request's id is taken.
    trusted_proxies: Vec<IpNet>,
}

impl Observer {
    /// To be called where a runtime is.
    pub fn new(server: &Server) -> Arc<Self> {
        let counts = Counts::new();
        Arc::new(Observer {
            setting: RwLock::new(Arc::new(Setting::of(server, collector(server, &counts)))),
            log: AccessLog::to_standard_output(counts.access_log_dropped.clone()),
            counts,
            traffic: DashMap::new(),
        })
    }

    /// Observes as this configuration says, from the next request on. To be called where a runtime is.
    pub fn reconfigure(&self, server: &Server) {
        let known = self.setting.read().collector.clone();
        let address = known.as_ref().map(|collector| &collector.address);
        if address == server.log.otlp.as_ref() {
            *self.setting.write() = Arc::new(Setting::of(server, known));
            return;
        }
        let collector = collector(server, &self.counts);
        *self.setting.write() = Arc::new(Setting::of(server, collector));
        if let Some(former) = known {
            tokio::task::spawn_blocking(move || former.close(LAST_SPANS));
        }
    }

    /// A request has come from this address, over TLS or without.
    pub fn follow<B>(self: &Arc<Self>, request: &Request<B>, peer: IpAddr, tls: bool) -> Trail {
        let setting = Arc::clone(&self.setting.read());
        Trail::begin(Arc::clone(self), &setting, request, peer, tls)
    }

    /// A connection is open until what this gives is dropped.
    pub fn connection(&self) -> Connection {
        self.counts.connection()
    }

    /// A connection has ended by an error: what came over it was no request, or was none in time.
    pub fn broke_off(&self, error: &(dyn std::error::Error + 'static)) {
        self.counts.broke_off(error);
    }

    /// What has been counted, in Prometheus's text format.
    pub fn metrics(&self) -> String {
        self.counts.text()
    }

    /// Writes what is still to be written, for so long at most. Blocks.
    pub fn close(&self, patience: Duration) {
        let began = Instant::now();
        self.log.close(patience);
        if let Some(collector) = &self.setting.read().collector {
            collector.close(patience.saturating_sub(began.elapsed()));
        }
    }

    fn traffic(&self, site: &str) -> Arc<Traffic> {
        if let Some(traffic) = self.traffic.get(site) {
            return Arc::clone(&traffic);
        }
        let traffic = Arc::new(self.counts.traffic(site));
        Arc::clone(&self.traffic.entry(site.into()).or_insert(traffic))
    }
}

/// The collector that the configuration names. One that there can't be is said, and done without.
fn collector(server: &Server, counts: &Counts) -> Option<Arc<Collector>> {
    let address = server.log.otlp.as_ref()?;
    match Collector::at(address, counts.spans("sent"), counts.spans("failed")) {
        Ok(collector) => Some(Arc::new(collector)),
        Err(error) => {
            tracing::warn!("no traces are sent: {address} can't be a collector's address ({error})");
            None
        }
    }
}

impl Setting {
    fn of(server: &Server, collector: Option<Arc<Collector>>) -> Self {
        Setting {
            form: Form::of(server.log.access),
            collector,
            trusted_proxies: server.trusted_proxies.clone(),
        }
    }

    fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted_proxies.iter().any(|network| network.contains(&peer))
    }
}
