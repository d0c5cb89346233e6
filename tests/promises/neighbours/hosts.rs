//! Which site a request is for (RFC 9112 §3.2), and what is for no site at all.

use crate::support::{Answer, Client, Edge, HOST, Origin, PAGE, Request, Response, Visitor, plumber};

/// The answer to exactly these bytes.
fn answer_to(edge: &Edge, bytes: &str) -> Response {
    let mut client = Client::connect(edge.address());
    client.send(bytes);
    client.response("GET")
}

fn is_not_passed_on(origin: &Origin, edge: &Edge, bytes: &str, status: &str) {
    let response = answer_to(edge, bytes);
    assert_eq!(response.status(), status, "{bytes}");
    assert!(response.text().len() < 200 && !response.head.has("Set-Cookie"), "{bytes}");
    assert!(origin.received().is_empty(), "{bytes}");
}

#[test]
fn a_request_without_one_host_is_a_400() {
    let (origin, edge) = plumber(|config| config);
    for bytes in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: www.example.com\r\nHost: www.example.com\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: www.example.com\r\nX: y\r\nhost: other.example.com\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: www.example.com, www.example.com\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: www.example.com/x\r\n\r\n",
        "GET http://www.example.com/ HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
    ] {
        is_not_passed_on(&origin, &edge, bytes, "400");
    }
}

#[test]
fn the_host_in_the_target_overrides_the_header() {
    let (origin, edge) = plumber(|config| config);
    let absolute =
        |target: &str, host: &str| format!("GET http://{target}/?a=b HTTP/1.1\r\nHost: {host}\r\n\r\n");
    assert_eq!(answer_to(&edge, &absolute(HOST, "other.example.com")).text(), PAGE);
    let head = origin.last("/").head;
    assert_eq!((head.second_word(), head.value("Host")), ("/?a=b", Some(HOST)));
    assert_eq!(head.value("X-Forwarded-Host"), Some(HOST));
    assert_eq!(answer_to(&edge, &absolute("other.example.com", HOST)).status(), "404");
    assert_eq!(origin.received().len(), 1);
}

#[test]
fn a_host_that_no_site_serves_is_a_404_and_reaches_no_website() {
    let (origin, edge) = plumber(|config| config);
    for host in [
        "other.example.com",
        "example.com",
        "127.0.0.1",
        "www.example.com.evil.example",
        "localhost:80",
        "[::1]",
    ] {
        is_not_passed_on(&origin, &edge, &format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), "404");
    }
}

#[test]
fn a_host_is_known_in_any_case_with_a_port_and_with_its_final_dot() {
    let (_origin, edge) = plumber(|config| config);
    for host in ["WWW.Example.COM", "www.example.com:8080", "www.example.com."] {
        assert_eq!(
            answer_to(&edge, &format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")).text(),
            PAGE,
            "{host}"
        );
    }
}

#[test]
fn connect_and_trace_are_a_405() {
    let (origin, edge) = plumber(|config| config);
    for target in ["www.example.com:443", "other.example.com:25"] {
        let bytes = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
        is_not_passed_on(&origin, &edge, &bytes, "405");
    }
    let trace = format!("TRACE / HTTP/1.1\r\nHost: {HOST}\r\nCookie: a=b\r\n\r\n");
    is_not_passed_on(&origin, &edge, &trace, "405");
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE, "and does no harm");
}

#[test]
fn options_of_the_whole_server_are_asked_of_the_website() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("*", Answer::of("204 No Content", "text/plain", "").with(&["Allow: GET, HEAD"]));
    let response = answer_to(&edge, "OPTIONS * HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
    assert_eq!((response.status(), response.header("Allow")), ("204", Some("GET, HEAD")));
    assert_eq!(origin.last("*").head.first_line, "OPTIONS * HTTP/1.1");
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
}

#[test]
fn a_target_in_a_form_that_is_not_its_methods_is_a_400() {
    let (origin, edge) = plumber(|config| config);
    for first in [
        "GET *",
        "POST *",
        "GET www.example.com",
        "GET www.example.com:80",
        "OPTIONS www.example.com",
        "GET ftp://www.example.com/",
        "GET http://user@www.example.com/",
        "GET http://user:secret@www.example.com/",
        "GET http://other.example.com@www.example.com/",
        "GET http:///",
        "GET http://",
        "GET ?a=b",
        "GET #",
        "GET \\\\www.example.com\\",
        "GET /a<b",
        "GET /a`b",
        "GET /?a<b",
        "GET /?a\"b",
    ] {
        let bytes = format!("{first} HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        is_not_passed_on(&origin, &edge, &bytes, "400");
    }
}

#[test]
fn a_target_is_passed_on_as_it_was_written_but_for_its_fragment() {
    let (origin, edge) = plumber(|config| config);
    for (written, arrives) in [
        ("/a#b", "/a"),
        ("/a?b#c?d", "/a?b"),
        ("//www.example.com/a", "//www.example.com/a"),
        ("/http://other.example.com/", "/http://other.example.com/"),
        ("/a@b:c", "/a@b:c"),
        ("/%00%0d%0a%2e%2e/..", "/%00%0d%0a%2e%2e/.."),
        ("/a|b\"^{}[]\\?'{}|^`\\[]~", "/a|b\"^{}[]\\?'{}|^`\\[]~"),
        ("/caf\u{e9}?q=\u{e9}", "/caf\u{e9}?q=\u{e9}"),
        ("https://www.example.com/a", "/a"),
        ("HTTP://WWW.EXAMPLE.COM:80", "/"),
        ("http://www.example.com?a=b", "/?a=b"),
    ] {
        answer_to(&edge, &format!("GET {written} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"));
        let came = origin.received().last().unwrap().head.first_line.clone();
        let came: Vec<u8> = came.chars().map(|byte| u32::from(byte) as u8).collect();
        assert_eq!(String::from_utf8_lossy(&came), format!("GET {arrives} HTTP/1.1"), "{written}");
    }
}

#[test]
fn methods_are_passed_on_as_they_are_whatever_their_case_and_length() {
    let (origin, edge) = plumber(|config| config);
    let long = "A".repeat(1000);
    for method in ["get", "Post", "PROPFIND", "M-SEARCH", "x", "!#$%&'*+-.^_`|~9", &long] {
        let bytes = format!("{method} / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(answer_to(&edge, &bytes).status(), "200");
        assert_eq!(origin.last("/").head.first_line, format!("{method} / HTTP/1.1"));
    }
}

#[test]
fn addresses_of_our_own_never_reach_the_website() {
    let (origin, edge) = plumber(|config| config);
    for (path, statuses) in [
        ("/.dni/", ["404", "404"]),
        ("/.dni/calls/twilio?a=b", ["405", "404"]),
        ("/.dni/calls/nobody", ["404", "404"]),
        ("/.dni/swap.css", ["404", "404"]),
        ("/.dni/swap.js", ["200", "405"]),
        ("/.dni/numbers", ["403", "405"]),
        ("/.dni/tap.js", ["200", "405"]),
        ("/.dni/visit", ["405", "403"]),
        ("/.dni/tap", ["405", "403"]),
    ] {
        for (method, status) in ["GET", "POST"].into_iter().zip(statuses) {
            let request = Request::navigation(path).method(method).body(b"");
            let response = Visitor::at(&edge).send(&request);
            assert_eq!(response.status(), status, "{method} {path}");
            assert!(status == "200" || response.text().len() < 200);
            assert!(!response.head.has("Set-Cookie"));
        }
    }
    assert!(origin.received().is_empty());
}
