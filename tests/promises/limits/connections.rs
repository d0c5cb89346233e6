//! Connections: who comes when there are enough of them waits, and one address has no more than its share.

use super::limit;
use crate::support::{Client, PAGE, Request, plumber, times_refused};

#[test]
fn who_comes_when_all_connections_are_taken_is_served_once_one_ends() {
    let (_origin, edge) = plumber(|config| limit(config, "connections = 2"));
    let mut open = [Client::connect(edge.address()), Client::connect(edge.address())];
    for client in &mut open {
        assert_eq!(client.exchange(&Request::get("/")).text(), PAGE);
    }
    let mut waiting = Client::connect(edge.address());
    waiting.send(Request::get("/").to_bytes());
    // Those who are in are served as before, and meanwhile nobody has looked at who waits.
    for client in &mut open {
        assert_eq!(client.exchange(&Request::get("/")).text(), PAGE);
    }
    assert!(waiting.come_by_now().is_empty());
    assert_eq!(times_refused(&edge, "connections"), 1);
    let [first, mut second] = open;
    drop(first);
    assert_eq!(waiting.response("GET").text(), PAGE);
    assert_eq!(second.exchange(&Request::get("/")).text(), PAGE);
}

#[test]
fn while_somebody_waits_connections_that_are_kept_for_nothing_are_closed_early() {
    let (_origin, edge) =
        plumber(|config| limit(config, "connections = 1").timeout("header", "500ms").timeout("idle", "1h"));
    let mut kept = Client::connect(edge.address());
    assert_eq!(kept.exchange(&Request::get("/")).text(), PAGE);
    let mut waiting = Client::connect(edge.address());
    assert_eq!(waiting.exchange(&Request::get("/")).text(), PAGE);
    assert!(kept.is_closed());
}

#[test]
fn an_address_has_so_many_connections_and_not_one_more() {
    let (_origin, edge) = plumber(|config| limit(config, "connections_per_address = 2"));
    let mut first = Client::connect(edge.address());
    let mut second = Client::connect(edge.address());
    assert_eq!(first.exchange(&Request::get("/")).text(), PAGE);
    assert_eq!(second.exchange(&Request::get("/")).text(), PAGE);
    let mut third = Client::connect(edge.address());
    let _ = third.try_send(Request::get("/").to_bytes());
    assert!(third.is_closed());
    assert_eq!(times_refused(&edge, "connections_per_address"), 1);
    drop(first);
    loop {
        // The proxy hears of its end when it does.
        let mut next = Client::connect(edge.address());
        if next.try_send(Request::get("/").to_bytes()).is_ok() && next.try_head("GET").is_some() {
            break;
        }
    }
    assert_eq!(second.exchange(&Request::get("/")).text(), PAGE);
}

#[test]
fn a_proxy_that_is_trusted_has_many_behind_it() {
    let (_origin, edge) = plumber(|config| {
        limit(config, "connections_per_address = 1").server("trusted_proxies = [\"127.0.0.1\"]")
    });
    let mut open = [(); 3].map(|()| Client::connect(edge.address()));
    for client in &mut open {
        assert_eq!(client.exchange(&Request::get("/")).text(), PAGE);
    }
}
