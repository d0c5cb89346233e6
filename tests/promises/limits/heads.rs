//! Heads: a target that is too long is a 414, headers that are are a 431, and the target is looked at first.

use super::limit;
use crate::support::{Client, Edge, Origin, Request, Response, plumber, times_refused};

fn start() -> (Origin, Edge) {
    plumber(|config| limit(limit(config, "uri_bytes = \"1KB\""), "header_bytes = \"8KB\""))
}

/// What is answered to these bytes, behind which nothing comes; nothing more is answered then.
fn answer(edge: &Edge, bytes: &str) -> Response {
    let mut client = Client::connect(edge.address());
    client.send(bytes);
    let response = client.response("GET");
    assert_eq!(response.header("Connection"), Some("close"));
    assert!(client.is_closed());
    response
}

#[test]
fn a_target_that_is_too_long_is_a_414_whether_it_comes_to_an_end_or_not() {
    let (origin, edge) = start();
    let long = "a".repeat(1024);
    for bytes in [
        format!("GET /{long} HTTP/1.1\r\nHost: www.example.com\r\n\r\n"),
        format!("GET /{long}"),
        format!("GET /{long} HTTP/1.1\r\nHost: www.example.com\r\nCookie: {}", "b".repeat(9000)),
        format!("GET /{}", "a".repeat(100_000)),
    ] {
        let response = answer(&edge, &bytes);
        assert_eq!(
            (response.status(), response.text().as_str()),
            ("414", "414 URI Too Long: the target is too long\n")
        );
    }
    assert!(origin.received().is_empty());
    assert_eq!(times_refused(&edge, "uri_bytes"), 4);
    assert_eq!(times_refused(&edge, "header_bytes"), 0);
}

#[test]
fn headers_that_are_too_long_or_too_many_are_a_431_whether_they_come_to_an_end_or_not() {
    let (origin, edge) = start();
    let (long, many) = ("b".repeat(8 << 10), "X-Header: a\r\n".repeat(101));
    for bytes in [
        format!("GET / HTTP/1.1\r\nHost: www.example.com\r\nCookie: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: www.example.com\r\nCookie: {long}"),
        format!("GET / HTTP/1.1\r\nHost: www.example.com\r\n{many}\r\n"),
        format!("GET / HTTP/1.1\r\nHost: www.example.com\r\nCookie: {}", "b".repeat(1 << 20)),
    ] {
        let response = answer(&edge, &bytes);
        let told = "431 Request Header Fields Too Large: the headers are too long\n";
        assert_eq!((response.status(), response.text().as_str()), ("431", told));
    }
    assert!(origin.received().is_empty());
    assert_eq!(times_refused(&edge, "header_bytes"), 4);
}

#[test]
fn a_head_that_is_as_long_as_it_may_be_is_served_and_so_is_the_next() {
    let (origin, edge) = start();
    let mut client = Client::connect(edge.address());
    let target = format!("/?{}", "a".repeat(1022));
    let request = Request::get(&target).with("Cookie", &"b".repeat(6 << 10));
    for _ in 0..2 {
        assert_eq!(client.exchange(&request).status(), "200");
    }
    // Two at once: what is behind the first is no part of its head.
    let two = [request.to_bytes(), request.to_bytes()].concat();
    client.send(two);
    assert_eq!((client.response("GET").status(), client.response("GET").status()), ("200", "200"));
    assert_eq!(origin.received().len(), 4);
    // Later heads are looked at like the first.
    client.send(format!("GET /{}", "a".repeat(2000)));
    assert_eq!(client.response("GET").status(), "414");
}

#[test]
fn a_body_is_no_part_of_the_head_before_it_nor_of_the_one_behind_it() {
    let (_origin, edge) = start();
    let mut client = Client::connect(edge.address());
    for _ in 0..2 {
        let body = vec![b'a'; 100_000];
        assert_eq!(client.exchange(&Request::get("/").method("POST").body(&body)).status(), "200");
        assert_eq!(client.exchange(&Request::get("/")).status(), "200");
    }
}
