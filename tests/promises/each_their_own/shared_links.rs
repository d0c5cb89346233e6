//! A link that somebody passes on is no new click.

use crate::support::{CANONICAL, Edge, Ledger, Visitor, number_on, plumber, session_of, tracking};

/// A visitor from an ad who has come back: the click is theirs.
fn first(edge: &Edge, target: &str) -> Visitor {
    let mut visitor = Visitor::at(edge);
    assert_eq!(number_on(&visitor.open(target).text()), tracking(0));
    visitor.open("/");
    visitor
}

#[test]
fn who_opens_a_link_that_was_passed_on_comes_from_where_they_say() {
    let (_origin, edge) = plumber(|config| config);
    let mut owner = first(&edge, "/?gclid=one");
    assert_eq!(number_on(&owner.open("/?gclid=one").text()), tracking(0), "one's own link again");
    let other = |target: &str| number_on(&Visitor::at(&edge).open(target).text());
    assert_eq!(other("/?gclid=one"), CANONICAL);
    assert_eq!(other("/?utm_source=bing&utm_medium=cpc&gclid=one"), tracking(1), "tags count");
    assert_eq!(other("/?gclid=two"), tracking(2), "another click");
    assert_eq!(other("/?gad_source=1"), tracking(3), "what is said of every click is none's own");
}

#[test]
fn a_rule_that_asks_for_a_click_id_is_not_met_by_a_link_that_was_passed_on() {
    let rule = "[[site.rule]]\nwhen = { click_id = \"gclid\" }\nshow = [\"pool:ads\"]\n";
    let (_origin, edge) = plumber(|config| config.rules(rule));
    first(&edge, "/?gclid=one");
    assert_eq!(number_on(&Visitor::at(&edge).open("/?gclid=one").text()), CANONICAL);
    assert_eq!(number_on(&Visitor::at(&edge).open("/?gclid=two").text()), tracking(1));
}

#[test]
fn a_click_that_nobody_confirmed_is_nobodys() {
    let (_origin, edge) = plumber(|config| config);
    Visitor::at(&edge).open("/?gclid=one");
    assert_eq!(
        number_on(&Visitor::at(&edge).open("/?gclid=one").text()),
        tracking(1),
        "a scanner may have come first"
    );
}

#[test]
fn whose_a_click_is_outlives_the_proxy_and_the_id_is_not_kept_for_it() {
    let (_origin, mut edge) = plumber(|config| config);
    let owner = first(&edge, "/?msclkid=only-once-in-the-session");
    let session = session_of(edge.folder(), owner.session());
    Ledger::of(&edge).wait_until("the click", |ledger| ledger.clicks() == [session]);
    edge.kill_9();
    edge.start_again();
    let shown = number_on(&Visitor::at(&edge).open("/?msclkid=only-once-in-the-session").text());
    assert_eq!(shown, CANONICAL);
}

#[test]
fn the_pages_of_a_visit_are_kept_in_their_order() {
    let (_origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    for target in ["/?gclid=one", "/contact", "/?page=2"] {
        visitor.open(target);
    }
    let session = session_of(edge.folder(), visitor.session());
    let pages = ["www.example.com/?gclid=one", "www.example.com/contact", "www.example.com/?page=2"];
    Ledger::of(&edge).wait_until("the journey", |ledger| ledger.journey_of(session) == pages);
}
