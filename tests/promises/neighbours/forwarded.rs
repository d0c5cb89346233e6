//! Who the website is told is behind the proxy (RFC 7239, and the headers before it).

use crate::support::{BROWSER, Edge, Origin, Request, Visitor, plumber};

/// A claim of who is behind the peer.
fn claiming() -> Request {
    Request::navigation("/")
        .with("X-Forwarded-For", "203.0.113.9")
        .with("X-Forwarded-Proto", "https")
        .with("X-Forwarded-Host", "shop.example.com")
        .with("X-Forwarded-Port", "443")
        .with("Forwarded", "for=203.0.113.9;proto=https")
        .with("X-Real-IP", "203.0.113.9")
}

/// What the website is told, by header.
fn told(origin: &Origin, edge: &Edge, request: &Request) -> [Option<String>; 6] {
    Visitor::at(edge).send(request);
    let head = origin.last("/").head;
    ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded", "X-Real-IP"]
        .map(|name| head.value(name).map(str::to_owned))
}

fn words(words: [&str; 6]) -> [Option<String>; 6] {
    words.map(|word| (!word.is_empty()).then(|| word.to_owned()))
}

const OURS: [&str; 6] =
    ["127.0.0.1", "http", "www.example.com", "", "for=127.0.0.1;host=www.example.com;proto=http", ""];

#[test]
fn what_a_stranger_claims_is_replaced() {
    let (origin, edge) = plumber(|config| config);
    assert_eq!(told(&origin, &edge, &claiming()), words(OURS));
    assert_eq!(told(&origin, &edge, &Request::navigation("/")), words(OURS));
    let several = claiming().and("X-Forwarded-For", "198.51.100.7").and("Forwarded", "for=198.51.100.7");
    assert_eq!(told(&origin, &edge, &several), words(OURS));
}

#[test]
fn what_a_trusted_proxy_says_is_kept_and_added_to() {
    let (origin, edge) =
        plumber(|config| config.server("trusted_proxies = [\"192.0.2.0/24\", \"127.0.0.1\"]"));
    let host = "host=www.example.com;proto=https";
    let forwarded = format!("for=203.0.113.9;proto=https, for=127.0.0.1;{host}");
    let theirs = ["203.0.113.9, 127.0.0.1", "https", "shop.example.com", "443", &forwarded, "203.0.113.9"];
    assert_eq!(told(&origin, &edge, &claiming()), words(theirs));
    assert_eq!(
        told(&origin, &edge, &Request::navigation("/")),
        words(OURS),
        "who says nothing is added to all the same"
    );
    let several = claiming().and("X-Forwarded-For", "198.51.100.7");
    let list = told(&origin, &edge, &several)[0].clone();
    assert_eq!(list.as_deref(), Some("203.0.113.9, 198.51.100.7, 127.0.0.1"));
}

#[test]
fn a_peer_can_not_have_the_proxys_own_words_deleted() {
    // A trusted proxy's word on the visitor's scheme has been heard before.
    for (trusted, scheme) in [("[]", "http"), ("[\"127.0.0.1\"]", "https")] {
        let (origin, edge) = plumber(|config| config.server(&format!("trusted_proxies = {trusted}")));
        let all = "X-Forwarded-Host, X-Forwarded-For, X-Forwarded-Proto, Forwarded, Via, Host, X-Forwarded-Port, X-Real-IP";
        let request = claiming().with("Connection", all);
        let forwarded = format!("for=127.0.0.1;host=www.example.com;proto={scheme}");
        let ours = ["127.0.0.1", scheme, "www.example.com", "", &forwarded, ""];
        assert_eq!(told(&origin, &edge, &request), words(ours), "{trusted}");
        let head = origin.last("/").head;
        assert_eq!(head.value("Host"), Some("www.example.com"));
        assert_eq!(head.value("Via"), Some("1.1 dni-edge"));
        assert_eq!(head.value("User-Agent"), Some(BROWSER));
    }
}

#[test]
fn a_host_with_a_port_is_told_in_quotes() {
    let (origin, edge) = plumber(|config| config);
    let told = told(&origin, &edge, &Request::navigation("/").with("Host", "www.example.com:8080"));
    assert_eq!(told[2].as_deref(), Some("www.example.com:8080"));
    assert_eq!(told[4].as_deref(), Some("for=127.0.0.1;host=\"www.example.com:8080\";proto=http"));
    assert_eq!(
        origin.last("/").head.value("Host"),
        Some("www.example.com:8080"),
        "the website is sent the visitor's"
    );
}
