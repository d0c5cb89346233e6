//! Bodies: one that is too long is a 413, and what has been sent to the website of it is no request.

use std::sync::mpsc::channel;

use super::limit;
use crate::support::{Client, Edge, GUARD, Origin, PAGE, Request, chunk, plumber, times_refused};

fn start() -> (Origin, Edge) {
    plumber(|config| limit(config, "body_bytes = \"10KB\""))
}

fn post(framing: &str) -> String {
    format!("POST /form HTTP/1.1\r\nHost: www.example.com\r\n{framing}\r\n\r\n")
}

#[test]
fn a_length_that_is_too_much_is_a_413_at_once_and_reaches_nobody() {
    let (origin, edge) = start();
    let mut client = Client::connect(edge.address());
    client.send(post("Content-Length: 10241"));
    let response = client.response("POST");
    assert_eq!((response.status(), response.header("Connection")), ("413", Some("close")));
    assert!(client.is_closed());
    assert!(origin.received().is_empty());
    assert_eq!(times_refused(&edge, "body_bytes"), 1);
}

#[test]
fn chunks_that_grow_too_much_are_a_413_and_the_website_sees_them_cut_off() {
    let (origin, edge) = start();
    let (tell, told) = channel();
    origin.script("/form", move |exchange| {
        let _ = tell.send(exchange.rest_of_body());
        exchange.close();
    });
    let mut client = Client::connect(edge.address());
    client.send(post("Transfer-Encoding: chunked"));
    for _ in 0..10 {
        client.send(chunk(&[b'a'; 1000]));
    }
    client.send(chunk(&[b'a'; 1000]));
    let response = client.response("POST");
    assert_eq!((response.status(), response.header("Connection")), ("413", Some("close")));
    let (body, ended) = told.recv_timeout(GUARD).unwrap();
    assert!(ended.is_err() && body.len() <= 10 << 10, "{} bytes", body.len());
    assert_eq!(times_refused(&edge, "body_bytes"), 1);
}

#[test]
fn who_goes_on_sending_reads_the_answer_all_the_same() {
    let (origin, edge) = start();
    // It answers nobody before the body has come.
    origin.script("/form", |exchange| {
        let _ = exchange.rest_of_body();
        exchange.close();
    });
    for framing in ["Content-Length: 2000000", "Transfer-Encoding: chunked"] {
        let mut client = Client::connect(edge.address());
        client.send(post(framing));
        for _ in 0..20 {
            // Once it is refused it may hang up on us; until then it takes what we send.
            if client.try_send(chunk(&[b'a'; 10_000])).is_err() {
                break;
            }
        }
        assert_eq!(client.response("POST").status(), "413", "{framing}");
    }
}

#[test]
fn a_body_as_long_as_it_may_be_is_passed_on() {
    let (origin, edge) = start();
    origin.script("/form", |exchange| {
        let (body, ended) = exchange.rest_of_body();
        assert!(ended.is_ok());
        exchange.answer(&crate::support::Answer::of("200 OK", "text/plain", body.len().to_string()));
    });
    let mut client = Client::connect(edge.address());
    let request = Request::get("/form").method("POST").body(&[b'a'; 10 << 10]);
    assert_eq!(client.exchange(&request).text(), "10240");
    client.send(post("Transfer-Encoding: chunked"));
    client.send([chunk(&[b'a'; 10 << 10]), chunk(b"")].concat());
    assert_eq!(client.response("POST").text(), "10240");
    assert_eq!(client.exchange(&Request::get("/")).text(), PAGE, "the connection goes on");
}
