//! An end in order: who is being answered is answered to the end, and nobody new is let in.

use crate::support::{Answer, Client, PAGE, Request, Visitor, plumber};

#[test]
fn an_answer_that_begins_after_the_signal_says_that_the_connection_ends_with_it() {
    let (origin, mut edge) = plumber(|config| config);
    let (steps, visitor) = (origin.steps("/slow"), Visitor::at(&edge));
    let mut client = visitor.begin(&Request::get("/slow"));
    steps.arrived();
    edge.terminate();
    while Client::try_connect(edge.address()).is_some() {}
    steps.send(Answer::html(PAGE).to_bytes(false));
    let response = client.response("GET");
    assert_eq!((response.header("Connection"), response.text().as_str()), (Some("close"), PAGE));
    assert!(client.is_closed());
    drop(steps);
    assert_eq!(edge.ended().code(), Some(0));
}

#[test]
fn connections_that_are_kept_for_nothing_are_closed_at_once() {
    let (origin, mut edge) = plumber(|config| config.server("drain = \"1h\""));
    let steps = origin.steps("/slow");
    let mut busy = Visitor::at(&edge).begin(&Request::get("/slow"));
    steps.arrived();
    let mut kept = Client::connect(edge.address());
    assert_eq!(kept.exchange(&Request::get("/")).text(), PAGE);
    edge.terminate();
    assert!(kept.is_closed());
    steps.send(Answer::html(PAGE).to_bytes(false));
    assert_eq!(busy.response("GET").text(), PAGE);
    drop(steps);
    assert_eq!(edge.ended().code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once_and_in_order() {
    let (origin, mut edge) = plumber(|config| config.server("drain = \"1h\""));
    let steps = origin.steps("/slow");
    let mut client = Visitor::at(&edge).begin(&Request::get("/slow"));
    steps.arrived();
    edge.terminate();
    while Client::try_connect(edge.address()).is_some() {}
    edge.terminate();
    edge.says("told to end once more");
    assert_eq!(edge.ended().code(), Some(0));
    assert!(client.try_head("GET").is_none());
}

#[test]
fn who_has_come_before_the_signal_is_answered_though_nobody_had_looked_yet() {
    let (origin, mut edge) = plumber(|config| config.server("limits.connections = 1"));
    let steps = origin.steps("/slow");
    let mut first = Visitor::at(&edge).begin(&Request::get("/slow"));
    steps.arrived();
    // It waits to be let in.
    let mut second = Visitor::at(&edge).begin(&Request::get("/"));
    edge.terminate();
    assert_eq!(second.response("GET").text(), PAGE);
    steps.send(Answer::html(PAGE).to_bytes(false));
    assert_eq!(first.response("GET").text(), PAGE);
    drop(steps);
    assert_eq!(edge.ended().code(), Some(0));
}
