//! Whatever of ours fails, the visitor gets the website's page; and where that fails, a short word, or a page that does not
//! look whole.

mod broken_website;
mod odd_pages;

use crate::support::{AD, CANONICAL, Ledger, PAGE, Visitor, number_on, plumber, tracking};

#[test]
fn while_the_ledger_is_locked_pages_are_canonical_and_afterwards_they_show_numbers_again() {
    let (_origin, edge) = plumber(|config| config.timeout("lease", "200ms"));
    let ledger = Ledger::of(&edge);
    let mut holder = Visitor::at(&edge);
    assert_eq!(number_on(&holder.open(AD).text()), tracking(0));
    ledger.hold();
    for _ in 0..2 {
        let mut visitor = Visitor::at(&edge);
        let response = visitor.open(AD);
        assert_eq!((response.status(), response.text().as_str()), ("200", PAGE));
        assert!(!visitor.cookies.is_empty(), "their session begins all the same");
    }
    assert_eq!(number_on(&holder.open("/").text()), tracking(0), "what is on disk is shown");
    ledger.let_go();
    ledger.wait_until("the late leases", |ledger| ledger.leases().len() == 3);
    assert_ne!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0));
}

#[test]
fn while_a_table_of_the_ledger_is_gone_pages_are_canonical_and_afterwards_they_show_numbers_again() {
    let (_origin, edge) = plumber(|config| config);
    let ledger = Ledger::of(&edge);
    let table = ledger.definition_of("lease");
    ledger.execute("DROP TABLE lease");
    let mut visitor = Visitor::at(&edge);
    for target in [AD, "/"] {
        let response = visitor.open(target);
        assert_eq!((response.status(), response.text().as_str()), ("200", PAGE));
    }
    edge.says("the ledger can't be written");
    ledger.execute(&table);
    let number = number_on(&visitor.open("/").text());
    edge.says("the ledger can be written again");
    assert!(ledger.leases().iter().any(|lease| lease.number == number && lease.shown));
}

#[test]
fn a_visitor_whom_the_ledger_cannot_look_up_gets_the_page_and_later_their_number() {
    let (_origin, mut edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.open(AD).text());
    edge.terminate();
    assert!(edge.ended().success());
    edge.start_again();
    visitor.returns_to(&edge);
    let ledger = Ledger::of(&edge);
    ledger.execute("ALTER TABLE session RENAME TO away");
    let response = visitor.open("/");
    assert_eq!((response.status(), response.text().as_str()), ("200", PAGE));
    assert!(!response.head.has("Set-Cookie"), "their session is not lost");
    ledger.execute("ALTER TABLE away RENAME TO session");
    assert_eq!(number_on(&visitor.open("/").text()), number);
}

#[test]
fn a_session_that_began_while_the_ledger_was_away_is_known_after_a_restart() {
    let (_origin, mut edge) = plumber(|config| config);
    let ledger = Ledger::of(&edge);
    let table = ledger.definition_of("session");
    ledger.execute("DROP TABLE session");
    let mut visitor = Visitor::at(&edge);
    assert_eq!(visitor.open(AD).status(), "200");
    edge.says("the ledger can't be written");
    ledger.execute(&table);
    let number = number_on(&visitor.open("/").text());
    assert_ne!(number, CANONICAL);
    edge.terminate();
    assert!(edge.ended().success());
    edge.start_again();
    visitor.returns_to(&edge);
    assert_eq!(number_on(&visitor.open("/").text()), number);
}
