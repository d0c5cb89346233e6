//! The database is away: nobody waits for it, who has a number keeps it, and nobody need restart anything.

use super::Nodes;
use crate::support::{AD, Answer, FLYER, PAGE, Postgres, Visitor, number_on, readiness, wait_until_ready};

/// Nodes whose visitors wait for a lease as long as anybody does, and see the flyer's number where there is none.
fn nodes(database: &Postgres) -> Nodes {
    Nodes::start(2, &database.database(), |config| {
        config.timeout("lease", "1s").pool("overflow = \"static:flyer\"")
    })
}

/// A visitor whose cookie proves a number.
fn regular(nodes: &Nodes) -> (Visitor, String) {
    let mut visitor = Visitor::at(&nodes.edges[0]);
    let number = nodes.shown(&mut visitor, 0, AD);
    assert_eq!(nodes.shown(&mut visitor, 0, "/"), number);
    assert!(visitor.session().contains('.'), "the cookie proves it: {}", visitor.session());
    (visitor, number)
}

fn goes_on_without(nodes: &Nodes, known: &mut Visitor, number: &str) {
    for node in [0, 1, 0, 1] {
        assert_eq!(nodes.shown(known, node, "/"), number, "who has a number keeps it, on node {node}");
        let mut stranger = Visitor::at(&nodes.edges[node]);
        assert_eq!(nodes.shown(&mut stranger, node, AD), FLYER, "others see what overflow shows");
    }
    for edge in &nodes.edges {
        let (status, why) = readiness(edge);
        assert!(status == "503" && why.contains("the database is away"), "{status} {why}");
    }
    // A proof that isn't ours proves nothing.
    let mut forger = known.clone();
    let forged = forger
        .session()
        .split_once('.')
        .map(|(session, proof)| format!("{session}.{}", proof.to_lowercase()));
    forger.cookies.insert("dni".to_owned(), forged.unwrap());
    forger.returns_to(&nodes.edges[1]);
    assert_eq!(forger.open("/").text(), PAGE);
}

fn recovers(nodes: &Nodes, known: &mut Visitor, number: &str) {
    for edge in &nodes.edges {
        edge.says("the ledger can be reached again");
        wait_until_ready(edge);
    }
    for node in [0, 1] {
        assert_eq!(nodes.shown(known, node, "/"), number);
        let mut stranger = Visitor::at(&nodes.edges[node]);
        let fresh = nodes.shown(&mut stranger, node, AD);
        assert!(fresh.starts_with("+1646555") && fresh != number, "{fresh}");
        assert!(nodes.ledger_again().knows(&fresh, nodes.session_of(&stranger)));
    }
}

impl Nodes {
    /// The test's own connection may not have survived.
    fn ledger_again(&self) -> crate::support::Ledger {
        crate::support::Ledger::of(&self.edges[0])
    }
}

#[test]
fn a_database_that_stops_takes_no_number_from_who_has_one_and_comes_back_by_itself() {
    let database = Postgres::start();
    let nodes = nodes(&database);
    let (mut known, number) = regular(&nodes);
    database.stop();
    goes_on_without(&nodes, &mut known, &number);
    database.start_again();
    recovers(&nodes, &mut known, &number);
}

#[test]
fn a_database_that_hangs_is_not_waited_for_by_one_visitor_after_the_other() {
    let database = Postgres::start();
    let nodes = nodes(&database);
    let (mut known, number) = regular(&nodes);
    database.pause();
    goes_on_without(&nodes, &mut known, &number);
    database.resume();
    recovers(&nodes, &mut known, &number);
}

#[test]
fn a_session_that_began_without_the_database_is_written_when_it_is_back() {
    let database = Postgres::start();
    let nodes = nodes(&database);
    database.stop();
    let mut visitor = Visitor::at(&nodes.edges[0]);
    assert_eq!(nodes.shown(&mut visitor, 0, AD), FLYER);
    database.start_again();
    nodes.edges[0].says("the ledger can be reached again");
    let ledger = nodes.ledger_again();
    ledger.wait_until("the session is there", |ledger| ledger.sessions() == [nodes.session_of(&visitor)]);
    let number = nodes.shown(&mut visitor, 1, "/");
    assert!(number.starts_with("+1646555"), "its source is known on the other node: {number}");
}

#[test]
fn pages_without_a_number_go_through_as_they_are() {
    let database = Postgres::start();
    let nodes = nodes(&database);
    database.stop();
    nodes.origin.answers("/plain", Answer::html("<p>Nothing to see.</p>"));
    for node in [0, 1, 0, 1] {
        let mut visitor = Visitor::at(&nodes.edges[node]);
        assert_eq!(visitor.open(&AD.replace("/?", "/plain?")).text(), "<p>Nothing to see.</p>");
        assert_eq!(number_on(&visitor.open("/").text()), FLYER);
    }
}
