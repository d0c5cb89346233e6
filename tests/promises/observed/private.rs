//! What tells of a person stands in no line.

use super::{line, logging};
use crate::support::{
    AD, Answer, CARRIERS, Client, Config, Edge, Origin, PAGE, Pbx, Request, Visitor, from_pbx, number_on,
    plumber,
};

#[test]
fn no_secret_of_a_visitors_is_logged() {
    let (origin, edge) = plumber(logging("json"));
    origin.answers("/account", Answer::html(PAGE).with(&["Set-Cookie: theirs=SECRET-SET"]));
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.open(AD).text());
    visitor.cookies.insert("login".to_owned(), "SECRET-COOKIE".to_owned());
    let request = Request::navigation("/account?token=SECRET-VALUE&gclid=SECRET-CLICK&SECRET@example.com")
        .with("Authorization", "Bearer SECRET-BEARER")
        .with("Referer", "https://www.example.net/?q=SECRET-SEARCH")
        .with("X-Forwarded-For", "203.0.113.77");
    visitor.send(&request);
    let line = line(&edge, "/account").to_string();
    assert!(line.contains("/account?token=*&gclid=*&*"), "{line}");
    for secret in ["SECRET", visitor.session(), &number, "203.0.113", "127.0.0.1\""] {
        assert!(!line.contains(secret), "{secret} is in {line}");
    }
}

#[test]
fn a_visitors_network_is_told_as_a_trusted_proxy_tells_it() {
    let trusting = |config: Config| logging("json")(config.server("trusted_proxies = [\"127.0.0.1\"]"));
    let (_origin, edge) = plumber(trusting);
    for (told, logged) in [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2::3", "2001:db8:1::")] {
        Visitor::at(&edge).send(&Request::navigation("/").with("X-Forwarded-For", told));
        assert_eq!(line(&edge, "\"path\":\"/\"")["client"], logged);
    }
}

#[test]
fn no_number_of_a_call_is_logged() {
    let origin = Origin::start();
    let edge = Edge::start(&logging("json")(Config::of(origin.address).more(CARRIERS)));
    Pbx(&edge).rings("call-1", "+13055550123", "+12125550190");
    line(&edge, "/.dni/calls/pbx");
    let target = "?To=%2B12125550190&From=13055550123&3055550123&3055550123=1";
    for below in [format!("/next{target}"), format!("/13055550123/{target}")] {
        Pbx(&edge).sends(&from_pbx(&below, &[("CallSid", "call-1"), ("From", "+13055550123")]));
        let line = line(&edge, "/.dni/calls/pbx").to_string();
        assert!(!line.contains("5550"), "{line}");
        assert!(line.contains("?To=*&From=*&*&*=*"), "{line}");
    }
}

#[test]
fn nothing_from_outside_ends_a_line_or_speaks_to_a_terminal() {
    for form in ["json", "text"] {
        let (_origin, edge) = plumber(logging(form));
        let mut client = Client::connect(edge.address());
        client.send(b"GET /%0a%1b\"\\ HTTP/1.1\r\nHost: www.\"example\\.com\r\n\r\n");
        client.head("GET");
        let line = edge.says("/%0a%1b%22%5C");
        assert!(line.contains("www.%22example%5C.com"), "{line}");
        assert!(line.chars().all(|c| !c.is_control()), "{line:?}");
    }
}
