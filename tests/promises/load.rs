//! Many at once: thousands of connections that are kept, clients that read slowly, websites that answer slowly, and heads that drip,
//! while others are served as ever.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{
    AD, Answer, Client, Config, Edge, PAGE, Request, Visitor, number_on, plumber, tracking,
};

/// Connections that are open at once, where this process may have so many files; each end of them counts, ours here and the
/// program's there.
const KEPT: usize = 5_000;

/// As many as this process may have, with some to spare for the rest of the tests.
fn as_many_as_allowed() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("Linux tells");
    let allowed = line.split_whitespace().next().unwrap().parse().unwrap_or(usize::MAX);
    let kept = KEPT.min(allowed.saturating_sub(1_000));
    if kept < KEPT {
        eprintln!("only {kept} connections instead of {KEPT}: this process may open {allowed} files");
    }
    kept
}

#[test]
fn thousands_of_connections_that_are_kept_are_answered_again_and_again() {
    let kept = as_many_as_allowed();
    let (_origin, edge) = plumber(|config| config.timeout("idle", "1h").timeout("header", "1h"));
    let mut clients: Vec<_> = (0..kept).map(|_| Client::connect(edge.address())).collect();
    for _ in 0..2 {
        // As many ask at once as the scripted website has threads for.
        for some in clients.chunks_mut(50) {
            some.iter_mut().for_each(|client| client.send(Request::get("/").to_bytes()));
            for client in some {
                assert_eq!(client.response("GET").text(), PAGE);
            }
        }
    }
    let mut late = Client::connect(edge.address());
    assert_eq!(late.exchange(&Request::get("/")).text(), PAGE, "and so is who comes then");
}

#[test]
fn others_are_served_while_heads_drip_clients_do_not_read_and_websites_do_not_answer() {
    let (origin, edge) = plumber(|config| config.timeout("header", "1h").timeout("body", "1h"));
    let large = vec![b'a'; 4 << 20];
    origin.answers("/large", Answer::of("200 OK", "application/octet-stream", &large));
    let waiting = std::sync::Arc::new(AtomicBool::new(true));
    let still = std::sync::Arc::clone(&waiting);
    origin.script("/slow", move |exchange| {
        while still.load(Ordering::Acquire) {
            std::thread::yield_now();
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        exchange.answer(&Answer::html(PAGE));
    });
    let mut dripping: Vec<_> = (0..200).map(|_| Client::connect(edge.address())).collect();
    let mut unread: Vec<_> = (0..20).map(|_| Client::connect(edge.address())).collect();
    let mut slow: Vec<_> = (0..20).map(|_| Client::connect(edge.address())).collect();
    unread.iter_mut().for_each(|client| client.send(Request::get("/large").to_bytes()));
    slow.iter_mut().for_each(|client| client.send(Request::get("/slow").to_bytes()));
    let request = Request::get("/").to_bytes();
    for byte in &request[..request.len() - 1] {
        dripping.iter_mut().for_each(|client| client.send([*byte]));
    }
    for _ in 0..50 {
        assert_eq!(Client::connect(edge.address()).exchange(&Request::get("/")).text(), PAGE);
    }
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0));
    waiting.store(false, Ordering::Release);
    for client in &mut slow {
        assert_eq!(client.response("GET").text(), PAGE);
    }
    for client in &mut dripping {
        client.send(&request[request.len() - 1..]);
        assert_eq!(client.response("GET").text(), PAGE);
    }
    for client in &mut unread {
        assert!(client.response("GET").body == large);
    }
}

/// Clients that ask all the time until the last of `changes` is made: none of their requests may fail.
fn while_clients_ask(edge: &Edge, changes: impl FnOnce()) -> usize {
    let stop = AtomicBool::new(false);
    let ask = || {
        let (mut served, mut client) = (0, Client::connect(edge.address()));
        while !stop.load(Ordering::Acquire) {
            assert_eq!(client.exchange(&Request::get("/")).text(), PAGE);
            served += 1;
            if served % 10 == 0 {
                client = Client::connect(edge.address());
            }
        }
        served
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        changes();
        stop.store(true, Ordering::Release);
        clients.into_iter().map(|client| client.join().expect("no request fails")).sum()
    })
}

#[test]
fn no_request_fails_while_the_configuration_is_read_again_and_again() {
    let (origin, edge) = plumber(|config| config);
    let served = while_clients_ask(&edge, || {
        for numbers in 1..8 {
            edge.reload(&Config::of(origin.address).numbers(numbers));
        }
    });
    assert!(served > 0);
}

#[test]
fn who_was_let_in_before_the_end_is_answered_under_traffic() {
    let (origin, mut edge) = plumber(|config| config.server("drain = \"1h\""));
    let steps = origin.steps("/slow");
    let mut slow = Visitor::at(&edge).begin(&Request::get("/slow"));
    steps.arrived();
    // Requests that have been sent when the signal comes.
    let mut sent: Vec<_> = (0..50).map(|_| Client::connect(edge.address())).collect();
    sent.iter_mut().for_each(|client| client.send(Request::get("/").to_bytes()));
    edge.terminate();
    for client in &mut sent {
        assert_eq!(client.response("GET").text(), PAGE);
    }
    steps.send(Answer::html(PAGE).to_bytes(false));
    assert_eq!(slow.response("GET").text(), PAGE);
    drop(steps);
    assert_eq!(edge.ended().code(), Some(0));
}
