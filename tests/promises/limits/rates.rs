//! Requests: who makes too many is told to come back later, and nobody else is.

use super::limit;
use crate::support::{Client, Request, plumber, times_refused};

/// How many of so many requests are answered with this status.
fn answered(client: &mut Client, request: &Request, status: &str, times: usize) -> usize {
    (0..times).filter(|_| client.exchange(request).status() == status).count()
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back_and_others_are_not() {
    let (origin, edge) = plumber(|config| {
        limit(config, "requests_per_second = 5").server("trusted_proxies = [\"127.0.0.1\"]")
    });
    let mut client = Client::connect(edge.address());
    let from = |address: &str| Request::get("/").with("X-Forwarded-For", address);
    // However long it takes: there is room for 5 at once, and for one more every fifth of a second.
    let mut refused = None;
    for _ in 0..100_000 {
        let response = client.exchange(&from("203.0.113.7"));
        if response.status() == "429" {
            refused = Some(response);
            break;
        }
    }
    let refused = refused.expect("so many requests take less than hours");
    assert_eq!(refused.header("Retry-After"), Some("1"));
    assert_eq!(refused.text(), "429 Too Many Requests: too many requests\n");
    assert_eq!(
        answered(&mut client, &from("203.0.113.8"), "200", 5),
        5,
        "another client behind the same proxy"
    );
    assert_eq!(
        answered(&mut client, &from("198.51.100.1, 203.0.113.9"), "200", 5),
        5,
        "the last that isn't trusted"
    );
    let counted = times_refused(&edge, "requests_per_second");
    assert_eq!(counted, 1);
    let asked = origin.received().len();
    assert!(asked >= 15, "who isn't refused is served");
}

#[test]
fn one_subscriber_has_one_share_of_ipv6() {
    let (_origin, edge) = plumber(|config| {
        limit(config, "requests_per_second = 1").server("trusted_proxies = [\"127.0.0.1\"]")
    });
    let mut client = Client::connect(edge.address());
    let mut is_refused = |n: usize| {
        let address = format!("2001:db8:1:2::{n:x}");
        client.exchange(&Request::get("/").with("X-Forwarded-For", &address)).status() == "429"
    };
    assert!((0..60_000).any(&mut is_refused));
}
