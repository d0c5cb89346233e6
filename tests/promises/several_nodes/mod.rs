//! Several nodes share a ledger: a visitor's number is theirs on each of them, and nothing shown is lost.

mod away;
mod calls;
mod commands;
mod nothing_is_lost;
mod reached;
mod reload;

use std::collections::BTreeSet;

use tempfile::TempDir;

use crate::support::{
    AD, Answer, Config, Edge, GUARD, Ledger, NUMBERLESS, Origin, PAGE, Postgres, Request, Visitor, number_on,
    session_of, tracking,
};

/// Nodes before one website, and their ledger.
struct Nodes {
    origin: Origin,
    edges: Vec<Edge>,
    ledger: Ledger,
    config: Config,
    folder: TempDir,
}

impl Nodes {
    fn start(count: usize, database: &str, change: impl FnOnce(Config) -> Config) -> Self {
        let origin = Origin::start();
        origin.answers("/", Answer::html(PAGE));
        origin.answers("/numberless", Answer::html(NUMBERLESS));
        let folder = tempfile::tempdir().unwrap();
        let config = Config::of(origin.address).ledger(database).secret(&folder.path().join("secret"));
        let config = change(config);
        let edges: Vec<_> = (0..count).map(|_| Edge::start(&config)).collect();
        let ledger = Ledger::of(&edges[0]);
        Nodes { origin, edges, ledger, config, folder }
    }

    fn session_of(&self, visitor: &Visitor) -> [u8; 16] {
        session_of(self.folder.path(), visitor.session())
    }

    /// What a visitor is shown by a node.
    fn shown(&self, visitor: &mut Visitor, node: usize, target: &str) -> String {
        visitor.returns_to(&self.edges[node]);
        number_on(&visitor.open(target).text())
    }
}

fn two(change: impl FnOnce(Config) -> Config) -> Nodes {
    Nodes::start(2, &Postgres::shared().database(), change)
}

#[test]
fn a_file_that_brings_a_cookie_is_kept_by_no_cache() {
    let nodes = two(|config| config);
    let file = Answer::of("200 OK", "application/pdf", "%PDF").with(&["Cache-Control: public, max-age=60"]);
    nodes.origin.answers("/prices.pdf", file);
    let mut visitor = Visitor::at(&nodes.edges[0]);
    nodes.shown(&mut visitor, 0, AD);
    let answer = visitor.open("/prices.pdf");
    assert!(answer.header("Set-Cookie").is_some(), "it proves their number");
    assert_eq!(answer.header("Cache-Control"), Some("private, no-store"));
    let again = visitor.open("/prices.pdf");
    assert_eq!(
        (again.header("Set-Cookie"), again.header("Cache-Control")),
        (None, Some("public, max-age=60"))
    );
}

#[test]
fn a_visitor_keeps_their_number_on_whichever_node_they_land() {
    let nodes = two(|config| config);
    let mut visitor = Visitor::at(&nodes.edges[0]);
    let number = nodes.shown(&mut visitor, 0, AD);
    assert!(number.starts_with("+1646555"));
    for round in 0..6 {
        assert_eq!(nodes.shown(&mut visitor, (round + 1) % 2, "/"), number, "{round}");
    }
    assert_eq!(nodes.ledger.leases().len(), 1);
    assert!(nodes.ledger.knows(&number, nodes.session_of(&visitor)));
}

#[test]
fn a_tap_is_told_to_whichever_node_it_reaches() {
    let nodes = two(|config| config);
    let mut visitor = Visitor::at(&nodes.edges[0]);
    let number = nodes.shown(&mut visitor, 0, AD);
    visitor.returns_to(&nodes.edges[1]);
    assert_eq!(visitor.send(&Request::tap(&format!("tel:{number}"))).status(), "204");
    assert_eq!(nodes.ledger.taps(1), [(number, nodes.session_of(&visitor))]);
}

#[test]
fn no_number_is_given_to_two_sessions_within_the_hold() {
    let nodes = two(|config| config.numbers(20).pool("hold = \"1h\"\nprovisional_hold = \"1h\""));
    let shown: Vec<String> = std::thread::scope(|scope| {
        let visitors = (0..40).map(|n| {
            let nodes = &nodes;
            scope.spawn(move || nodes.shown(&mut Visitor::at(&nodes.edges[n % 2]), n % 2, AD))
        });
        visitors.collect::<Vec<_>>().into_iter().map(|visitor| visitor.join().unwrap()).collect()
    });
    let tracked: Vec<_> = shown.iter().filter(|number| number.starts_with("+1646555")).collect();
    assert_eq!(tracked.len(), 20, "{shown:?}");
    assert_eq!(tracked.into_iter().cloned().collect::<BTreeSet<_>>(), (0..20).map(tracking).collect());
    assert_eq!(nodes.ledger.leases().len(), 20);
}

#[test]
fn two_first_pages_of_a_session_at_once_on_two_nodes_end_in_one_lease() {
    let nodes = two(|config| config.numbers(40));
    for round in 1..=10 {
        let mut visitor = Visitor::at(&nodes.edges[0]);
        visitor.open("/numberless?utm_source=google&utm_medium=cpc");
        let shown: BTreeSet<String> = std::thread::scope(|scope| {
            let pages = [0, 1].map(|node| {
                let (mut visitor, nodes) = (visitor.clone(), &nodes);
                scope.spawn(move || nodes.shown(&mut visitor, node, "/"))
            });
            pages.map(|page| page.join().unwrap()).into_iter().collect()
        });
        assert_eq!(shown.len(), 1, "{shown:?}");
        let session = nodes.session_of(&visitor);
        let leases =
            nodes.ledger.leases().into_iter().filter(|lease| lease.session == session && lease.shown);
        assert_eq!(leases.count(), 1, "{round}");
    }
}

#[test]
fn a_number_off_hold_is_given_to_somebody_else_on_any_node() {
    let nodes = two(|config| config.numbers(1).pool("hold = \"1s\""));
    let mut first = Visitor::at(&nodes.edges[0]);
    let number = nodes.shown(&mut first, 0, AD);
    assert_eq!(nodes.shown(&mut first, 1, "/"), number);
    let begun = std::time::Instant::now();
    let mut strangers = 0;
    loop {
        let node = strangers % 2;
        let mut stranger = Visitor::at(&nodes.edges[node]);
        if nodes.shown(&mut stranger, node, AD) == number {
            break;
        }
        strangers += 1;
        assert!(begun.elapsed() < GUARD, "it was seen a second ago, and is never given away");
    }
    assert!(strangers > 0, "it was on hold");
    for node in [0, 1] {
        assert_eq!(nodes.shown(&mut first, node, "/"), "+12125550100", "somebody else has it now");
    }
}

#[test]
fn a_source_that_one_node_saw_is_known_to_the_other_at_once() {
    let nodes = two(|config| config);
    let mut visitor = Visitor::at(&nodes.edges[0]);
    assert_eq!(nodes.shown(&mut visitor, 0, "/"), "+12125550100", "a direct visit shows nothing");
    for round in 0..5 {
        visitor.returns_to(&nodes.edges[round % 2]);
        visitor.open(&format!("/numberless?utm_source=flyer{round}&utm_medium=print"));
        assert_eq!(nodes.shown(&mut visitor, (round + 1) % 2, "/"), "+12125550190", "{round}");
    }
    let source = nodes.ledger.source_of(nodes.session_of(&visitor)).unwrap();
    assert_eq!((source.0.as_str(), source.1.as_str()), ("flyer4", "print"));
}

#[test]
fn a_number_that_nobody_was_shown_goes_back() {
    let nodes = two(|config| config.numbers(1));
    // A page that printed a number when it was last read, and prints none now.
    let mut visitor = Visitor::at(&nodes.edges[0]);
    let number = nodes.shown(&mut visitor, 0, AD);
    nodes.ledger.execute("UPDATE number SET last_seen = last_seen - 3600000");
    nodes.origin.answers("/", Answer::html(NUMBERLESS));
    let mut other = Visitor::at(&nodes.edges[0]);
    assert_eq!(other.open(AD).text(), NUMBERLESS);
    nodes.ledger.wait_until("it counts as never shown", |ledger| {
        ledger.leases().iter().map(|lease| lease.shown).collect::<Vec<_>>() == [true, false]
    });
    nodes.origin.answers("/", Answer::html(PAGE));
    assert_eq!(nodes.shown(&mut visitor, 1, "/"), number, "it is the first visitor's as before");
}

#[test]
fn a_page_that_is_posted_to_another_node_shows_the_number_that_is_held_and_leases_none() {
    let nodes = two(|config| config);
    let mut visitor = Visitor::at(&nodes.edges[0]);
    let post = Request::navigation("/").method("POST").body(b"name=Ann");
    visitor.open("/numberless?utm_source=google&utm_medium=cpc");
    visitor.returns_to(&nodes.edges[1]);
    assert_eq!(number_on(&visitor.send(&post).text()), "+12125550100");
    assert!(nodes.ledger.leases().is_empty());
    let number = nodes.shown(&mut visitor, 0, "/");
    visitor.returns_to(&nodes.edges[1]);
    assert_eq!(number_on(&visitor.send(&post).text()), number);
    assert_eq!(nodes.ledger.leases().len(), 1);
}
