//! What is sent a second time, and what never is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::support::{
    Answer, Client, Config, Edge, Exchange, GUARD, Origin, PAGE, Received, Request, Response, Visitor,
    plumber,
};

/// A website that answers the first request of each connection, and hangs up when a second one comes.
fn one_request_a_connection() -> Origin {
    let origin = Origin::start();
    let seen: Arc<Mutex<HashMap<usize, usize>>> = Arc::default();
    origin.script("/", move |exchange| {
        let mut seen = seen.lock().unwrap();
        let requests = seen.entry(exchange.request.connection).or_default();
        *requests += 1;
        match *requests {
            1 => exchange.answer(&Answer::html(PAGE)),
            _ => exchange.close(),
        }
    });
    origin
}

/// Sends requests one after another until one has come to a connection that the website then closed; the answer to that.
fn until_one_meets_the_end(
    origin: &Origin,
    edge: &Edge,
    request: impl Fn(usize) -> Request,
) -> (usize, Response) {
    let deadline = std::time::Instant::now() + GUARD;
    for n in 0.. {
        assert!(std::time::Instant::now() < deadline, "a connection is kept");
        let request = request(n);
        let response = Client::connect(edge.address()).exchange(&request);
        let all = origin.received();
        let met = |received: &Received| {
            all.iter().filter(|other| other.connection == received.connection).count() > 1
        };
        if all.iter().any(&met) {
            return (n, response);
        }
        assert_eq!(response.status(), "200");
    }
    unreachable!("the deadline comes first")
}

fn times_received(origin: &Origin, n: usize) -> usize {
    let target = format!("/?n={n}");
    origin.received().iter().filter(|received| received.head.second_word() == target).count()
}

#[test]
fn what_does_no_more_the_second_time_is_sent_again_where_a_kept_connection_was_closed() {
    for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
        let origin = one_request_a_connection();
        let edge = Edge::start(&Config::of(origin.address));
        let request = |n| Request::get(&format!("/?n={n}")).method(method);
        let (n, response) = until_one_meets_the_end(&origin, &edge, request);
        assert_eq!(response.status(), "200", "{method}");
        assert_eq!(times_received(&origin, n), 2, "{method}");
    }
}

#[test]
fn what_might_do_something_twice_is_never_sent_again() {
    for (method, body) in [("POST", "a=b"), ("POST", ""), ("PATCH", ""), ("PUT", "a=b"), ("DELETE", "a=b")] {
        let origin = one_request_a_connection();
        let edge = Edge::start(&Config::of(origin.address));
        let request = |n| Request::get(&format!("/?n={n}")).method(method).body(body.as_bytes());
        let (n, response) = until_one_meets_the_end(&origin, &edge, request);
        assert_eq!(response.status(), "502", "{method} {body}");
        assert_eq!(times_received(&origin, n), 1, "{method} {body}");
    }
}

#[test]
fn a_website_that_hangs_up_on_a_new_connection_is_not_asked_again() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/ends", Exchange::close);
    assert_eq!(Client::connect(edge.address()).exchange(&Request::get("/ends")).status(), "502");
    let asked = origin.received().iter().filter(|received| received.head.second_word() == "/ends").count();
    assert_eq!(asked, 1);
}

#[test]
fn where_one_hangs_up_another_is_asked_for_the_page() {
    let (one, other) = (Origin::start(), Origin::start());
    one.script("/", Exchange::close);
    other.answers("/", Answer::html(PAGE));
    for origin in [&one, &other] {
        origin.answers("/well", Answer::of("200 OK", "text/plain", "yes"));
    }
    let urls = [&one, &other].map(|origin| format!("http://{}", origin.address));
    let config =
        Config::of(one.address).origins(&urls).site("health = { path = \"/well\", every = \"60s\" }");
    let edge = Edge::start(&config);
    for _ in 0..20 {
        assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
    }
    assert!(!one.received().is_empty());
}

#[test]
fn what_changes_something_is_not_asked_of_another_once_one_may_have_done_it() {
    let (one, other) = (Origin::start(), Origin::start());
    one.script("/order", Exchange::close);
    other.answers("/order", Answer::of("200 OK", "text/plain", "gone"));
    for origin in [&one, &other] {
        origin.answers("/well", Answer::of("200 OK", "text/plain", "yes"));
    }
    let urls = [&one, &other].map(|origin| format!("http://{}", origin.address));
    let config =
        Config::of(one.address).origins(&urls).site("health = { path = \"/well\", every = \"60s\" }");
    let edge = Edge::start(&config);
    let delete = || Visitor::at(&edge).send(&Request::get("/order").method("DELETE")).status().to_owned();
    let answers: Vec<String> = (0..20).map(|_| delete()).collect();
    assert!(answers.iter().any(|status| status == "502") && answers.iter().any(|status| status == "200"));
    let asked = |origin: &Origin| {
        origin.received().iter().filter(|received| received.head.second_word() == "/order").count()
    };
    assert_eq!(asked(&one) + asked(&other), 20, "each once");
}
