//! A request's id: one for it in all logs.

use super::{line, logging};
use crate::support::{Answer, Config, Edge, Origin, PAGE, Request, Visitor, plumber};

/// The id that the website was sent, and the one that was logged.
fn ids(origin: &Origin, edge: &Edge, request: &Request) -> (String, String) {
    Visitor::at(edge).send(request);
    let logged = line(edge, "\"path\":\"/\"")["request_id"].as_str().unwrap().to_owned();
    let sent = origin.last("/").head.value("X-Request-ID").expect("there is an id").to_owned();
    (sent, logged)
}

#[test]
fn the_website_is_sent_the_id_that_is_logged() {
    let (origin, edge) = plumber(logging("json"));
    let (sent, logged) = ids(&origin, &edge, &Request::navigation("/"));
    assert_eq!(sent, logged);
    let (next, _) = ids(&origin, &edge, &Request::navigation("/"));
    assert_ne!(next, sent);
    // A stranger gives it no id, and has none deleted.
    let theirs = Request::navigation("/").with("X-Request-ID", "theirs").with("Connection", "X-Request-ID");
    let (sent, logged) = ids(&origin, &edge, &theirs);
    assert_eq!(sent, logged);
    assert_ne!(sent, "theirs");
}

#[test]
fn a_trusted_proxys_id_is_kept_where_it_is_one() {
    let trusting = |config: Config| logging("json")(config.server("trusted_proxies = [\"127.0.0.1\"]"));
    let (origin, edge) = plumber(trusting);
    let given = |id: &str| ids(&origin, &edge, &Request::navigation("/").with("X-Request-ID", id));
    let kept = "7f3c0a51-9a3e-4a0e-8f2c-1d2e3f405162".to_owned();
    assert_eq!(given(&kept), (kept.clone(), kept));
    let (sent, logged) = given("not an id");
    assert_eq!(sent, logged);
    assert_ne!(sent, "not an id");
}

#[test]
fn it_is_sent_without_a_log_too_and_no_answer_carries_one_but_the_websites() {
    let (origin, edge) = plumber(|config| config);
    let answer = Visitor::at(&edge).open("/");
    assert!(!answer.head.has("X-Request-ID"), "a cache would repeat it");
    assert_eq!(origin.last("/").head.value("X-Request-ID").map(str::len), Some(32));
    origin.answers("/theirs", Answer::html(PAGE).with(&["X-Request-ID: theirs"]));
    assert_eq!(Visitor::at(&edge).open("/theirs").header("X-Request-ID"), Some("theirs"));
}
