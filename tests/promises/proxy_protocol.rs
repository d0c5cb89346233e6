//! The PROXY protocol: required of proxies that are trusted, refused from everybody else, and believed as to whose connection it is.

use crate::support::{Client, Config, Edge, Origin, PAGE, Request, plumber, times_refused};

/// Whoever connects here is a proxy that speaks it.
fn trusting(change: impl FnOnce(Config) -> Config) -> (Origin, Edge) {
    plumber(|config| change(config.server("proxy_protocol = true\ntrusted_proxies = [\"127.0.0.1\"]")))
}

fn second(command: u8, family: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n", &[command, family][..], &length, payload].concat()
}

/// What the website is told of who asks, where they come like this.
fn forwarded_for(origin: &Origin, edge: &Edge, header: &[u8], request: &Request) -> String {
    let mut client = Client::connect(edge.address());
    client.send([header, &request.to_bytes()].concat());
    assert_eq!(client.response("GET").text(), PAGE);
    origin.last("/").head.value("X-Forwarded-For").unwrap().to_owned()
}

#[test]
fn both_versions_tell_whose_connection_it_is() {
    let (origin, edge) = trusting(|config| config);
    let addresses = [203, 0, 113, 7, 10, 0, 0, 1, 0x30, 0x39, 1, 187];
    let more = [&addresses[..], &[0xee; 60_000]].concat();
    let headers: [(&[u8], &str); 7] = [
        (b"PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\r\n", "203.0.113.7"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 12345 443\r\n", "2001:db8::7"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        (&second(0x21, 0x11, &addresses), "203.0.113.7"),
        (&second(0x21, 0x11, &more), "203.0.113.7"),
        (&second(0x20, 0x11, &addresses), "127.0.0.1"),
        (&second(0x20, 0x00, b""), "127.0.0.1"),
    ];
    for (header, told) in headers {
        assert_eq!(forwarded_for(&origin, &edge, header, &Request::get("/")), told);
    }
}

#[test]
fn a_header_may_come_byte_by_byte_and_what_is_behind_it_is_not_lost() {
    let (origin, edge) = trusting(|config| config);
    let addresses = [203, 0, 113, 7, 10, 0, 0, 1, 0x30, 0x39, 1, 187];
    for header in [&b"PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\r\n"[..], &second(0x21, 0x11, &addresses)] {
        let mut client = Client::connect(edge.address());
        for byte in [header, b"GET / HT"].concat() {
            client.send([byte]);
        }
        client.send(&Request::get("/").to_bytes()[8..]);
        assert_eq!(client.response("GET").text(), PAGE);
        assert_eq!(origin.last("/").head.value("X-Forwarded-For"), Some("203.0.113.7"));
        assert_eq!(client.exchange(&Request::get("/")).text(), PAGE, "the header stands there once");
    }
}

#[test]
fn trust_is_judged_on_the_address_that_is_told() {
    let (origin, edge) = trusting(|config| config);
    let request = Request::get("/").with("X-Forwarded-For", "198.51.100.1");
    // The told address is no proxy of ours: what it claims is replaced.
    let told = forwarded_for(&origin, &edge, b"PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\r\n", &request);
    assert_eq!(told, "203.0.113.7");
    // It is one: it is believed.
    let told = forwarded_for(&origin, &edge, b"PROXY TCP4 127.0.0.1 10.0.0.1 12345 443\r\n", &request);
    assert_eq!(told, "198.51.100.1, 127.0.0.1");
}

#[test]
fn a_trusted_proxy_that_does_not_speak_it_is_refused() {
    let (origin, edge) = trusting(|config| config.timeout("header", "300ms"));
    // Who only looks whether somebody listens does nothing wrong.
    drop(Client::connect(edge.address()));
    for begun in
        ["GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n", "PROXY TCP4 nonsense\r\n", "PROXY TC", ""]
    {
        let mut client = Client::connect(edge.address());
        client.send(begun);
        assert!(client.is_closed(), "{begun}");
    }
    assert!(origin.received().is_empty());
    assert_eq!(times_refused(&edge, "proxy_protocol"), 4);
}

#[test]
fn from_anybody_else_it_is_refused_and_plain_requests_are_served() {
    let (origin, edge) =
        plumber(|config| config.server("proxy_protocol = true\ntrusted_proxies = [\"192.0.2.1\"]"));
    for header in [&b"PROXY TCP4 192.0.2.1 10.0.0.1 12345 443\r\n"[..], &second(0x20, 0, b"")] {
        let mut client = Client::connect(edge.address());
        let _ = client.try_send([header, &Request::get("/").to_bytes()].concat());
        assert!(client.is_closed());
    }
    assert!(origin.received().is_empty());
    assert_eq!(times_refused(&edge, "proxy_protocol"), 2);
    let mut client = Client::connect(edge.address());
    for method in ["POST", "PROPFIND", "GET"] {
        assert_eq!(client.exchange(&Request::get("/").method(method)).text(), PAGE);
    }
    assert_eq!(origin.last("/").head.value("X-Forwarded-For"), Some("127.0.0.1"));
}

#[test]
fn limits_count_by_the_address_that_is_told() {
    let (_origin, edge) = trusting(|config| config.server("limits.connections_per_address = 1"));
    let connect = |address: &str| {
        let mut client = Client::connect(edge.address());
        let header = format!("PROXY TCP4 {address} 10.0.0.1 12345 443\r\n");
        let _ = client.try_send([header.as_bytes(), &Request::get("/").to_bytes()].concat());
        let is_served = client.try_head("GET").is_some();
        (client, is_served)
    };
    let (_first, is_served) = connect("203.0.113.7");
    assert!(is_served);
    assert!(!connect("203.0.113.7").1);
    assert!(connect("203.0.113.8").1);
}
