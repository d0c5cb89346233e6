//! What is counted of requests and connections, for whoever watches over the proxy. No label tells of a person, and none is
//! without bound.

use std::time::Duration;

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use super::ended::End;

/// Seconds, up to which responses are counted together: from what comes from memory to what takes as long as it may.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The same of what we add ourselves, which should be less.
const SECONDS_ADDED: [f64; 12] =
    [0.000_05, 0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0];

pub(super) struct Counts {
    registry: Registry,
    responses: IntCounterVec,
    cut_off: IntCounterVec,
    bytes: IntCounterVec,
    whole: HistogramVec,
    first_byte: HistogramVec,
    added: HistogramVec,
    origin: HistogramVec,
    origin_errors: IntCounterVec,
    connections: IntGauge,
    malformed: IntCounterVec,
    spans: IntCounterVec,
    pub access_log_dropped: IntCounter,
}

/// What is counted of one site's requests; or, without a name, of those that are no site's: carriers', and for hosts that
/// nobody serves.
pub(super) struct Traffic {
    pub site: Box<str>,
    /// By the first digit of the status, from 1.
    responses: [IntCounter; 5],
    client_gone: IntCounter,
    origin_broke_off: IntCounter,
    bytes: IntCounter,
    whole: Histogram,
    first_byte: Histogram,
    added: Histogram,
    origin: Histogram,
    origin_errors: IntCounterVec,
}

/// A connection, while it is open.
pub struct Connection(IntGauge);

impl Counts {
    pub fn new() -> Self {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| {
            let counter = IntCounterVec::new(Opts::new(name, help), labels).expect("the name is one");
            registry.register(Box::new(counter.clone())).expect("each name is there once");
            counter
        };
        let histogram = |name: &str, help: &str, seconds: [f64; 12]| {
            let opts = HistogramOpts::new(name, help).buckets(seconds.to_vec());
            let histogram = HistogramVec::new(opts, &["site"]).expect("the name is one");
            registry.register(Box::new(histogram.clone())).expect("each name is there once");
            histogram
        };
        let dropped =
            "Lines of the access log that were lost, for they couldn't be written, or not fast enough.";
        let dropped = IntCounter::new("dni_access_log_dropped_total", dropped).expect("the name is one");
        registry.register(Box::new(dropped.clone())).expect("each name is there once");
        let connections = IntGauge::new("dni_open_connections", "Connections of clients that are open.");
        let connections = connections.expect("the name is one");
        registry.register(Box::new(connections.clone())).expect("each name is there once");
        build_info(&registry);
        Counts {
            responses: counter(
                "dni_responses_total",
                "Responses that have ended, by the class of their status.",
                &["site", "status"],
            ),
            cut_off: counter(
                "dni_responses_cut_off_total",
                "Requests whose response didn't come to its end, by who broke off: client or origin.",
                &["site", "by"],
            ),
            bytes: counter(
                "dni_response_bytes_total",
                "Bytes of responses' bodies, as they were sent.",
                &["site"],
            ),
            whole: histogram(
                "dni_response_seconds",
                "From a request's head to its response's last byte.",
                SECONDS,
            ),
            first_byte: histogram(
                "dni_first_byte_seconds",
                "From a request's head to its response's head.",
                SECONDS,
            ),
            added: histogram(
                "dni_added_seconds",
                "From a request's head to its response's head, less what the origin took to its own.",
                SECONDS_ADDED,
            ),
            origin: histogram(
                "dni_origin_seconds",
                "From when the origin is asked to its answer's head, connecting included.",
                SECONDS,
            ),
            origin_errors: counter(
                "dni_origin_errors_total",
                "Requests that the origin didn't answer as it should, by how.",
                &["site", "kind"],
            ),
            connections,
            malformed: counter(
                "dni_malformed_requests_total",
                "Connections that ended before a request on them could be read, by why.",
                &["reason"],
            ),
            spans: counter(
                "dni_spans_total",
                "Spans of traces, by whether the collector took them: sent or failed.",
                &["outcome"],
            ),
            access_log_dropped: dropped,
            registry,
        }
    }

    pub fn traffic(&self, site: &str) -> Traffic {
        let class = |class: &str| self.responses.with_label_values(&[site, class]);
        let by = |whom: &str| self.cut_off.with_label_values(&[site, whom]);
        Traffic {
            responses: ["1xx", "2xx", "3xx", "4xx", "5xx"].map(class),
            client_gone: by("client"),
            origin_broke_off: by("origin"),
            bytes: self.bytes.with_label_values(&[site]),
            whole: self.whole.with_label_values(&[site]),
            first_byte: self.first_byte.with_label_values(&[site]),
            added: self.added.with_label_values(&[site]),
            origin: self.origin.with_label_values(&[site]),
            origin_errors: self.origin_errors.clone(),
            site: site.into(),
        }
    }

    /// `outcome`: sent or failed.
    pub fn spans(&self, outcome: &str) -> IntCounter {
        self.spans.with_label_values(&[outcome])
    }

    pub fn connection(&self) -> Connection {
        self.connections.inc();
        Connection(self.connections.clone())
    }

    pub fn broke_off(&self, error: &(dyn std::error::Error + 'static)) {
        let causes = std::iter::successors(Some(error), |error| error.source());
        let reasons =
            causes.filter_map(|cause| cause.downcast_ref::<hyper::Error>()).filter_map(|error| match () {
                () if error.is_parse_too_large() => Some("too_large"),
                () if error.is_parse() => Some("malformed"),
                () if error.is_timeout() => Some("too_slow"),
                () => None,
            });
        if let Some(reason) = reasons.into_iter().next() {
            self.malformed.with_label_values(&[reason]).inc();
        }
    }

    /// All of them, in Prometheus's text format (Prometheus, "Exposition formats", 0.0.4).
    pub fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).expect("counters can be written")
    }
}

/// Which program it is, as a number that is always 1.
fn build_info(registry: &Registry) {
    let info = Opts::new("dni_build_info", "The program that runs: 1.");
    let info = IntGaugeVec::new(info, &["version"]).expect("the name is one");
    info.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
    registry.register(Box::new(info)).expect("each name is there once");
}

impl Traffic {
    /// The head of a response is ready, so long after its request's; the origin took this much of it, where it was asked.
    pub fn begun(&self, status: u16, after: Duration, origin: Option<Duration>) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.responses[class].inc();
        self.first_byte.observe(after.as_secs_f64());
        self.added.observe(after.saturating_sub(origin.unwrap_or_default()).as_secs_f64());
    }

    /// The origin has answered.
    pub fn origin_answered(&self, after: Duration) {
        self.origin.observe(after.as_secs_f64());
    }

    /// It hasn't. `kind`: one of a few words.
    pub fn origin_failed(&self, kind: &str) {
        self.origin_errors.with_label_values(&[&*self.site, kind]).inc();
    }

    pub fn ended(&self, end: End, after: Duration, bytes: u64) {
        self.bytes.inc_by(bytes);
        match end {
            End::Complete => self.whole.observe(after.as_secs_f64()),
            End::ClientGone => self.client_gone.inc(),
            End::OriginBrokeOff => {
                self.origin_broke_off.inc();
                self.origin_failed("broke_off");
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.dec();
    }
}
