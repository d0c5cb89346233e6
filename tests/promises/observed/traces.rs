//! Traces: passed on as they came; or, where a collector is named, gone on with.

use std::net::TcpListener;

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::Value;

use super::{logging, wait_for_count};
use crate::support::{
    AD, CARRIERS, Collector, Config, Edge, GOOGLEBOT, Origin, Pbx, Request, Visitor, number_on, plumber,
    value,
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn sending_to(collector: &Collector) -> impl FnOnce(Config) -> Config {
    let table = format!("[log]\naccess = \"json\"\notlp = \"http://{}\"\n", collector.address);
    move |config| config.more(&table)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The spans of the request itself, and of the one to the website, once the program has ended.
fn both(edge: &mut Edge, collector: &Collector) -> (Span, Span) {
    edge.stop();
    let spans = collector.spans();
    assert_eq!(spans.len(), 2, "{spans:#?}");
    let of =
        |kind: SpanKind| spans.iter().find(|span| span.kind == kind as i32).expect("there is one").clone();
    (of(SpanKind::Server), of(SpanKind::Client))
}

/// What the website was sent, in parts.
fn sent(origin: &Origin) -> [String; 4] {
    let head = origin.last("/").head;
    let parts: Vec<String> =
        head.value("traceparent").expect("a trace").split('-').map(str::to_owned).collect();
    parts.try_into().expect("four parts")
}

#[test]
fn without_a_collector_the_headers_are_passed_on_byte_for_byte() {
    let (origin, edge) = plumber(logging("json"));
    let right = format!("00-{TRACE}-{SPAN}-01");
    for parent in [&right, "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01", "no trace", ""] {
        let request = Request::navigation("/").with("traceparent", parent).with("tracestate", "a=1 ,, b");
        Visitor::at(&edge).send(&request.and("tracestate", "c=2"));
        let line: Value = serde_json::from_str(&edge.says("\"path\":\"/\"")).unwrap();
        let logged = (*parent == *right).then_some(TRACE);
        assert_eq!(line["trace_id"].as_str(), logged, "{parent}");
        let head = origin.last("/").head;
        assert_eq!(head.value("traceparent"), Some(parent));
        assert_eq!(head.all("tracestate"), ["a=1 ,, b", "c=2"]);
    }
    Visitor::at(&edge).open("/");
    assert!(!origin.last("/").head.has("traceparent"));
}

#[test]
fn a_visit_is_two_spans_named_as_conventions_have_it() {
    let collector = Collector::start();
    let (origin, mut edge) = plumber(sending_to(&collector));
    let page = Visitor::at(&edge).open("/?gclid=abc");
    let line: Value = serde_json::from_str(&edge.says("\"path\":\"/?")).unwrap();
    let (request, ask) = both(&mut edge, &collector);
    assert_eq!(line["trace_id"], hex(&request.trace_id).as_str());
    assert_eq!(sent(&origin), ["00".to_owned(), hex(&request.trace_id), hex(&ask.span_id), "03".to_owned()]);
    assert_eq!((&ask.trace_id, &ask.parent_span_id), (&request.trace_id, &request.span_id));
    assert_eq!((request.name.as_str(), request.parent_span_id.len()), ("GET", 0));
    assert!(request.start_time_unix_nano <= ask.start_time_unix_nano);
    assert!(ask.start_time_unix_nano <= ask.end_time_unix_nano);
    assert!(ask.end_time_unix_nano <= request.end_time_unix_nano);
    for (name, expected) in [
        ("http.request.method", "GET"),
        ("url.scheme", "http"),
        ("url.path", "/"),
        ("server.address", "www.example.com"),
        ("client.address", "127.0.0.0"),
        ("network.protocol.version", "1.1"),
        ("http.response.status_code", "200"),
        ("http.response.body.size", &page.body.len().to_string()),
        ("dni.site", "plumber"),
        ("dni.visitor", "person"),
        ("dni.channel", "Paid Search"),
        ("dni.shown", "true"),
        ("dni.end", "complete"),
        ("dni.request_id", line["request_id"].as_str().unwrap()),
    ] {
        assert_eq!(value(&request.attributes, name).as_deref(), Some(expected), "{name}");
    }
    for (name, expected) in [
        ("http.request.method", "GET"),
        ("server.address", "127.0.0.1"),
        ("server.port", &origin.address.port().to_string()),
        ("url.full", &format!("http://{}/?gclid=*", origin.address)),
        ("http.response.status_code", "200"),
    ] {
        assert_eq!(value(&ask.attributes, name).as_deref(), Some(expected), "{name}");
    }
    assert_eq!(collector.resource("service.name").as_deref(), Some("dni-edge"));
    assert_eq!(collector.resource("service.version").as_deref(), Some(env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_callers_trace_is_gone_on_with() {
    let collector = Collector::start();
    let (origin, mut edge) = plumber(sending_to(&collector));
    let request = Request::navigation("/").with("traceparent", &format!("00-{TRACE}-{SPAN}-01"));
    let request = request.with("tracestate", "a=1,b=2").with("Connection", "traceparent, tracestate");
    Visitor::at(&edge).send(&request.clone().without("Connection"));
    assert_eq!(origin.last("/").head.value("tracestate"), Some("a=1,b=2"));
    let ours = sent(&origin);
    let (request, ask) = both(&mut edge, &collector);
    assert_eq!(hex(&request.parent_span_id), SPAN);
    assert_eq!(request.trace_state, "a=1,b=2");
    assert_eq!(ours, ["00", TRACE, &hex(&ask.span_id), "01"].map(str::to_owned));
}

#[test]
fn whom_the_caller_does_not_sample_we_do_not_but_the_trace_goes_on() {
    let collector = Collector::start();
    let (origin, mut edge) = plumber(sending_to(&collector));
    let request = Request::navigation("/").with("traceparent", &format!("00-{TRACE}-{SPAN}-02"));
    Visitor::at(&edge).send(&request);
    let [version, trace, span, flags] = sent(&origin);
    assert_eq!([version.as_str(), &trace, &flags], ["00", TRACE, "02"]);
    assert_ne!(span, SPAN);
    edge.stop();
    assert_eq!(collector.spans(), []);
}

#[test]
fn what_is_no_trace_is_replaced_by_a_new_one() {
    let collector = Collector::start();
    let (origin, edge) = plumber(sending_to(&collector));
    for parent in
        [format!("ff-{TRACE}-{SPAN}-01"), format!("00-{}-{SPAN}-01", "0".repeat(32)), "x".to_owned()]
    {
        let request = Request::navigation("/").with("traceparent", &parent).with("tracestate", "a=1");
        Visitor::at(&edge).send(&request);
        let [_, trace, _, flags] = sent(&origin);
        assert_ne!(trace, TRACE);
        assert_eq!(flags, "03");
        assert!(!origin.last("/").head.has("tracestate"), "it was the other trace's");
    }
    let twice = Request::navigation("/").with("traceparent", &format!("00-{TRACE}-{SPAN}-01"));
    Visitor::at(&edge).send(&twice.and("traceparent", &format!("00-{TRACE}-{SPAN}-00")));
    assert_ne!(sent(&origin)[1], TRACE);
}

#[test]
fn a_peer_can_not_have_the_traces_headers_deleted() {
    let collector = Collector::start();
    let (origin, edge) = plumber(sending_to(&collector));
    Visitor::at(&edge).send(&Request::navigation("/").with("Connection", "traceparent"));
    assert_eq!(sent(&origin)[3], "03");
}

#[test]
fn no_span_tells_of_a_person() {
    let collector = Collector::start();
    let origin = Origin::start();
    origin.answers("/", crate::support::Answer::html(crate::support::PAGE));
    let mut edge = Edge::start(&sending_to(&collector)(Config::of(origin.address).more(CARRIERS)));
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.open(AD).text());
    visitor.cookies.insert("login".to_owned(), "SECRET-COOKIE".to_owned());
    let request = Request::navigation("/?token=SECRET-VALUE&SECRET@example.com");
    visitor
        .send(&request.with("Authorization", "Bearer SECRET").with("Referer", "https://a.example/?SECRET"));
    Visitor::at(&edge).send(&Request::navigation("/call/+13055550123").with("User-Agent", GOOGLEBOT));
    Pbx(&edge).rings("call-1", "+13055550123", "+12125550190");
    edge.stop();
    let everything = collector.everything();
    assert!(everything.contains("dni.carrier") && everything.contains("/call/+*"), "{everything}");
    for secret in ["SECRET", visitor.session(), &number, "3055550123", "2125550190"] {
        assert!(!everything.contains(secret), "{secret} is in {everything}");
    }
}

#[test]
fn a_website_that_is_away_is_an_error_of_both() {
    let collector = Collector::start();
    let mut edge = Edge::start(&sending_to(&collector)(Config::of(Origin::nowhere())));
    assert_eq!(Visitor::at(&edge).open("/").status(), "502");
    let (request, ask) = both(&mut edge, &collector);
    for (span, error) in [(request, "502"), (ask, "unreachable")] {
        assert_eq!(value(&span.attributes, "error.type").as_deref(), Some(error));
        assert_eq!(span.status.expect("it has one").code, 2);
    }
}

#[test]
fn a_collector_that_is_away_or_stands_still_holds_nobody_up() {
    let stands_still = TcpListener::bind("127.0.0.1:0").unwrap();
    for address in [Origin::nowhere(), stands_still.local_addr().unwrap()] {
        let table = format!("[log]\notlp = \"http://{address}\"\n");
        let (_origin, mut edge) = plumber(|config| config.more(&table));
        number_on(&Visitor::at(&edge).open(AD).text());
        edge.says(&format!("traces can't be sent to http://{address}/"));
        wait_for_count(&edge, "dni_spans_total{outcome=\"failed\"} 2");
        number_on(&Visitor::at(&edge).open(AD).text());
        edge.stop();
    }
}

#[test]
fn a_reload_changes_the_collector() {
    let (first, second) = (Collector::start(), Collector::start());
    let (origin, mut edge) = plumber(|config| config);
    Visitor::at(&edge).open("/none");
    for collector in [&first, &second] {
        edge.reload(&sending_to(collector)(Config::of(origin.address)));
        Visitor::at(&edge).open("/");
        edge.says("\"path\":\"/\"");
    }
    edge.stop();
    for collector in [first, second] {
        assert_eq!(collector.spans().len(), 2);
    }
}
