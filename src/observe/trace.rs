//! A request's part of a trace: its own span, and below it that of the request to the origin.
//!
//! Names are those of OpenTelemetry's semantic conventions for HTTP spans, 1.23 and later; what they have no name for begins with
//! `dni.`. The values are those of the access log: none tells of a person.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderMap, HeaderValue, Method};
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::collector::Collector;
use super::ended::End;
use super::line::Line;
use super::parent::{Parent, RANDOM, SAMPLED, TRACEPARENT, TRACESTATE};

pub(super) struct Trace {
    collector: Arc<Collector>,
    pub id: TraceId,
    flags: u8,
    state: TraceState,
    parent: Option<SpanId>,
    span: SpanId,
    began: SystemTime,
    origin: Option<Asked>,
}

/// The request to the origin.
struct Asked {
    span: SpanId,
    began: SystemTime,
    ended: Option<SystemTime>,
}

/// What the origin is told of the trace.
#[derive(Debug)]
pub(super) struct Context {
    traceparent: HeaderValue,
    /// The trace began here: what stands there is of another one.
    begins: bool,
}

impl Context {
    pub fn write(&self, headers: &mut HeaderMap) {
        headers.insert(TRACEPARENT, self.traceparent.clone());
        if self.begins {
            headers.remove(TRACESTATE);
        }
    }
}

impl Trace {
    /// Goes on with the request's trace, sampled as its caller says; or begins one, which is sampled.
    pub fn of(headers: &HeaderMap, collector: Arc<Collector>) -> Self {
        let parent = Parent::of(headers);
        let span = parent.as_ref().map(|parent| parent.span);
        let (id, flags, state) = match parent {
            Some(parent) => (parent.trace, parent.flags, parent.state),
            None => (TraceId::from_bytes(not_zero::<16>()), SAMPLED | RANDOM, TraceState::default()),
        };
        let began = SystemTime::now();
        Trace { collector, id, flags, state, parent: span, span: new_span(), began, origin: None }
    }

    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// The origin is asked, and is to be told this.
    pub fn asks_origin(&mut self) -> Context {
        let span = new_span();
        self.origin = Some(Asked { span, began: SystemTime::now(), ended: None });
        let traceparent = format!("00-{}-{span}-{:02x}", self.id, self.flags);
        let traceparent =
            HeaderValue::from_str(&traceparent).expect("hexadecimal digits are a header's value");
        Context { traceparent, begins: self.parent.is_none() }
    }

    /// The origin has answered, or won't.
    pub fn origin_ended(&mut self) {
        if let Some(asked) = &mut self.origin {
            asked.ended.get_or_insert_with(SystemTime::now);
        }
    }

    /// It has ended as this line says.
    pub fn ends(self, line: &Line) {
        if !self.is_sampled() {
            return;
        }
        let now = SystemTime::now();
        if let Some(asked) = &self.origin {
            let mut span = self.span(asked.span, SpanKind::Client, name(&line.method));
            span.parent_span_id = self.span;
            (span.start_time, span.end_time) = (asked.began, asked.ended.unwrap_or(now));
            (span.attributes, span.status) = of_origin(line);
            self.collector.take(span);
        }
        let mut span = self.span(self.span, SpanKind::Server, name(&line.method));
        span.parent_span_id = self.parent.unwrap_or(SpanId::INVALID);
        span.parent_span_is_remote = self.parent.is_some();
        (span.start_time, span.end_time) = (self.began, now);
        (span.attributes, span.status) = of_request(line);
        self.collector.take(span);
    }

    fn span(&self, id: SpanId, kind: SpanKind, name: Cow<'static, str>) -> SpanData {
        let flags = TraceFlags::new(self.flags);
        SpanData {
            span_context: SpanContext::new(self.id, id, flags, false, self.state.clone()),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: kind,
            name,
            start_time: self.began,
            end_time: self.began,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: self.collector.scope.clone(),
        }
    }
}

/// "HTTP server" and "HTTP client" spans are named for the method, where it is a known one.
fn name(method: &Method) -> Cow<'static, str> {
    match known(method) {
        OTHER => "HTTP".into(),
        known => known.into(),
    }
}

const OTHER: &str = "_OTHER";

fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER)
}

/// The server's span: only what is our fault, or the origin's, is an error.
fn of_request(line: &Line) -> (Vec<KeyValue>, Status) {
    let (path, _) = line.target.split_once('?').unwrap_or((&line.target, ""));
    let (host, port) = split_port(&line.host);
    let mut attributes = vec![
        KeyValue::new("http.request.method", known(&line.method)),
        KeyValue::new("url.scheme", line.scheme),
        KeyValue::new("url.path", path.to_owned()),
        KeyValue::new("network.protocol.version", line.version.name()),
        KeyValue::new("client.address", line.client.to_string()),
        KeyValue::new("http.response.body.size", i64::try_from(line.bytes).unwrap_or(i64::MAX)),
        KeyValue::new("dni.shown", line.shown),
        KeyValue::new("dni.request_id", line.request_id.clone()),
    ];
    let error = match (line.end, line.status) {
        (Some(End::OriginBrokeOff), _) => Some(End::OriginBrokeOff.name().to_owned()),
        (_, Some(status @ 500..)) => Some(status.to_string()),
        _ => None,
    };
    let status = if error.is_some() { Status::error("") } else { Status::Unset };
    add(&mut attributes, "server.address", Some(host).filter(|host| !host.is_empty()).map(str::to_owned));
    add(&mut attributes, "server.port", port);
    add(&mut attributes, "http.response.status_code", line.status.map(i64::from));
    add(&mut attributes, "error.type", error);
    add(&mut attributes, "dni.end", line.end.map(End::name));
    add(&mut attributes, "dni.site", line.site.as_ref().map(|site| site.to_string()));
    add(&mut attributes, "dni.visitor", line.visitor);
    add(&mut attributes, "dni.channel", line.channel);
    add(&mut attributes, "dni.carrier", line.carrier);
    (attributes, status)
}

/// The client's span, where 4xx is an error too.
fn of_origin(line: &Line) -> (Vec<KeyValue>, Status) {
    let mut attributes = vec![KeyValue::new("http.request.method", known(&line.method))];
    if let Some(origin) = &line.origin {
        let (host, port) = split_port(origin);
        add(&mut attributes, "server.address", Some(host.to_owned()));
        add(&mut attributes, "server.port", port);
        add(&mut attributes, "url.full", Some(format!("http://{origin}{}", line.target)));
    }
    let error = match (line.origin_error, line.origin_status) {
        (Some(error), _) => Some(error.to_owned()),
        (None, Some(status @ 400..)) => Some(status.to_string()),
        (None, _) => None,
    };
    let status = if error.is_some() { Status::error("") } else { Status::Unset };
    add(&mut attributes, "http.response.status_code", line.origin_status.map(i64::from));
    add(&mut attributes, "error.type", error);
    (attributes, status)
}

fn add(attributes: &mut Vec<KeyValue>, name: &'static str, value: Option<impl Into<Value>>) {
    attributes.extend(value.map(|value| KeyValue::new(name, value)));
}

fn split_port(authority: &str) -> (&str, Option<i64>) {
    match authority.rsplit_once(':').map(|(host, port)| (host, port.parse().ok())) {
        Some((host, port @ Some(_))) => (host, port),
        _ => (authority, None),
    }
}

fn new_span() -> SpanId {
    SpanId::from_bytes(not_zero::<8>())
}

/// No id is all zeros.
fn not_zero<const BYTES: usize>() -> [u8; BYTES] {
    let mut id = [0; BYTES];
    while id == [0; BYTES] {
        rand::fill(&mut id);
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_methods_nobody_knows_name_nothing() {
        assert_eq!((name(&Method::GET), known(&Method::PATCH)), ("GET".into(), "PATCH"));
        let made_up = Method::from_bytes(b"JANE-DOE").unwrap();
        assert_eq!((name(&made_up), known(&made_up)), ("HTTP".into(), "_OTHER"));
    }

    #[test]
    fn an_authority_is_taken_apart() {
        assert_eq!(split_port("www.example.com:8080"), ("www.example.com", Some(8080)));
        assert_eq!(split_port("[::1]:80"), ("[::1]", Some(80)));
        assert_eq!(split_port("[::1]"), ("[::1]", None));
        assert_eq!(split_port("www.example.com"), ("www.example.com", None));
    }
}
