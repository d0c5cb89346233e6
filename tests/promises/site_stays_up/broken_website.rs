//! A website that can't be reached, keeps silent, or breaks off.

use crate::support::{
    AD, Answer, Client, Config, Edge, Exchange, GOOGLEBOT, Origin, PAGE, Request, Response, Visitor,
    contains, packed, plumber,
};

/// A short plain page of our own.
fn is_a_short_word(response: &Response, status: &str) {
    assert_eq!(response.status(), status);
    assert_eq!(response.header("Content-Type"), Some("text/plain; charset=utf-8"));
    assert_eq!(response.header("Cache-Control").map(|value| value.contains("no-store")), Some(true));
    let text = response.text();
    assert!(text.starts_with(status) && text.len() < 200, "{text}");
}

#[test]
fn a_website_that_is_down_is_a_502() {
    let edge = Edge::start(&Config::of(Origin::nowhere()));
    is_a_short_word(&Visitor::at(&edge).open(AD), "502");
}

#[test]
fn a_website_that_hangs_up_or_talks_nonsense_is_a_502() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/silent", Exchange::close);
    origin.script("/nonsense", |exchange| {
        exchange.send(b"nonsense\r\n\r\n");
        exchange.close();
    });
    origin.script("/switched", |exchange| {
        exchange.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n");
        exchange.close();
    });
    for path in ["/silent", "/nonsense", "/switched"] {
        is_a_short_word(&Visitor::at(&edge).open(path), "502");
    }
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE, "other pages come");
}

#[test]
fn a_website_that_does_not_answer_in_time_is_a_504() {
    let (origin, edge) = plumber(|config| config.timeout("origin", "300ms"));
    let _never = origin.steps("/slow");
    is_a_short_word(&Visitor::at(&edge).open("/slow?gad_source=1"), "504");
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE, "other pages come");
}

#[test]
fn an_error_page_of_the_website_is_passed_on_and_filled() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/gone", Answer::of("404 Not Found", "text/html", "<p>Gone. Call 212-555-0100</p>"));
    let response = Visitor::at(&edge).open("/gone?gad_source=1");
    assert_eq!(response.status(), "404");
    assert_eq!(response.text(), "<p>Gone. Call 646-555-0000</p>");
}

/// Half a page, framed as three kinds of website do, and cut off.
fn half_pages() -> Vec<(&'static str, Vec<u8>)> {
    let html = |more: &str| format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{more}\r\n").into_bytes();
    let chunked = "Transfer-Encoding: chunked\r\n";
    let zipped = packed("gzip", PAGE.repeat(50));
    let half_zipped = &zipped[..zipped.len() - 12];
    vec![
        ("too short", [&html("Content-Length: 5000\r\n"), PAGE.as_bytes()].concat()),
        ("no last chunk", [&html(chunked), format!("{:x}\r\n{PAGE}\r\n", PAGE.len()).as_bytes()].concat()),
        ("half a chunk", [&html(chunked), format!("5000\r\n{PAGE}").as_bytes()].concat()),
        ("too short, gzip", {
            let head = html("Content-Encoding: gzip\r\nContent-Length: 5000\r\n");
            [&head, half_zipped].concat()
        }),
    ]
}

/// Whether the connection ends before the answer does, or before it has even begun.
fn breaks_off(client: &mut Client) -> bool {
    client.try_head("GET").is_none() || client.rest().1.is_err()
}

#[test]
fn a_page_that_the_website_breaks_off_never_looks_whole() {
    let (origin, edge) = plumber(|config| config);
    for (how, bytes) in half_pages() {
        origin.script("/half", move |exchange| {
            exchange.send(&bytes);
            exchange.close();
        });
        let ad = || Request::navigation("/half?gad_source=1").with("Accept-Encoding", "gzip");
        for (who, request) in [
            ("a visitor", ad()),
            ("a visitor without gzip", ad().with("Accept-Encoding", "identity")),
            ("a crawler", ad().with("User-Agent", GOOGLEBOT)),
        ] {
            assert!(breaks_off(&mut Visitor::at(&edge).begin(&request)), "{how}, for {who}");
        }
    }
}

#[test]
fn what_came_before_a_break_reaches_the_visitor() {
    let (origin, edge) = plumber(|config| config);
    let (steps, visitor) = (origin.steps("/half"), Visitor::at(&edge));
    let mut client = visitor.begin(&Request::navigation("/half?gad_source=1"));
    steps.arrived();
    steps.begin("Content-Type: text/html\r\n");
    steps.chunk("<p>212-555-0100</p>");
    client.head("GET");
    let begun = client.read_until("</p>");
    drop(steps);
    let (rest, ended) = client.rest();
    assert!(ended.is_err());
    assert!(contains(&begun, b"<p>646-555-0000</p>") && rest.is_empty());
}
