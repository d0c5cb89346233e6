//! Who is turned away for how much they send, or how slowly: counted by reason, and named in the log now and then.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use prometheus::{IntCounterVec, Opts, Registry};

/// The log names each reason this often at most: strangers may knock as often as they like.
const NAMED: Duration = Duration::from_secs(60);

/// Why somebody is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// All connections that may be open are: whoever comes waits.
    Connections,
    ConnectionsPerAddress,
    ProxyProtocol,
    UriBytes,
    HeaderBytes,
    BodyBytes,
    RequestsPerSecond,
    /// A request's headers don't come in time.
    Header,
    /// A body doesn't come, or isn't taken, in time.
    Body,
}

impl Refusal {
    const ALL: [Refusal; 9] = [
        Refusal::Connections,
        Refusal::ConnectionsPerAddress,
        Refusal::ProxyProtocol,
        Refusal::UriBytes,
        Refusal::HeaderBytes,
        Refusal::BodyBytes,
        Refusal::RequestsPerSecond,
        Refusal::Header,
        Refusal::Body,
    ];

    /// As metrics have it: the name of the limit, or of the timeout, in the configuration.
    fn name(self) -> &'static str {
        match self {
            Refusal::Connections => "connections",
            Refusal::ConnectionsPerAddress => "connections_per_address",
            Refusal::ProxyProtocol => "proxy_protocol",
            Refusal::UriBytes => "uri_bytes",
            Refusal::HeaderBytes => "header_bytes",
            Refusal::BodyBytes => "body_bytes",
            Refusal::RequestsPerSecond => "requests_per_second",
            Refusal::Header => "header_timeout",
            Refusal::Body => "body_timeout",
        }
    }
}

/// Their counters. They go on when the sites are configured anew.
#[derive(Clone)]
pub struct Refusals {
    counter: IntCounterVec,
    /// When the log last named a reason.
    named: Arc<Mutex<HashMap<Refusal, Instant>>>,
}

impl Refusals {
    pub(super) fn counted_in(registry: &Registry) -> Self {
        let options = Opts::new("dni_refused_total", "Connections and requests that were refused, by why.");
        let counter = IntCounterVec::new(options, &["reason"]).expect("the name is one");
        registry.register(Box::new(counter.clone())).expect("each name is there once");
        for refusal in Refusal::ALL {
            counter.with_label_values(&[refusal.name()]);
        }
        Refusals { counter, named: Arc::default() }
    }

    /// `from`: whose connection it is, where that is known.
    pub fn add(&self, refusal: Refusal, from: Option<IpAddr>) {
        self.counter.with_label_values(&[refusal.name()]).inc();
        let (mut named, now) = (self.named.lock(), Instant::now());
        let last = named.get(&refusal);
        if last.is_none_or(|last| now.duration_since(*last) >= NAMED) {
            named.insert(refusal, now);
            let peer = from.map(tracing::field::display);
            tracing::info!(
                reason = refusal.name(),
                peer,
                "somebody is turned away; the log says so once a minute"
            );
        }
    }
}
