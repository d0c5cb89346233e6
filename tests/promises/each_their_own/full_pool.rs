//! When all numbers of a pool are on hold, what is shown is what the configuration says.

use crate::support::{
    AD, Answer, FLYER, Ledger, NUMBERLESS, PAGE, Visitor, number_on, plumber, session_of, tracking,
};

#[test]
fn canonical_is_the_websites_page() {
    let (_origin, edge) = plumber(|config| config.numbers(1));
    let mut holder = Visitor::at(&edge);
    assert_eq!(number_on(&holder.open(AD).text()), tracking(0));
    for _ in 0..3 {
        assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE);
    }
    assert_eq!(number_on(&holder.open("/").text()), tracking(0), "who holds a number keeps it");
    assert_eq!(Ledger::of(&edge).leases().len(), 1);
}

#[test]
fn a_static_number_is_shown_to_everybody() {
    let (_origin, edge) = plumber(|config| config.numbers(1).pool("overflow = \"static:flyer\""));
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0));
    for _ in 0..3 {
        assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), FLYER);
    }
    assert_eq!(Ledger::of(&edge).leases().len(), 1);
}

#[test]
fn oldest_gives_away_the_number_seen_longest_ago_and_the_lease_says_so() {
    let (_origin, edge) = plumber(|config| config.numbers(2).pool("overflow = \"oldest\""));
    let mut first = Visitor::at(&edge);
    assert_eq!(number_on(&first.open(AD).text()), tracking(0));
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(1));
    // Page views are told apart by milliseconds.
    std::thread::sleep(std::time::Duration::from_millis(2));
    assert_eq!(number_on(&first.open("/").text()), tracking(0), "seen again, so that the other is older");
    let mut third = Visitor::at(&edge);
    assert_eq!(number_on(&third.open(AD).text()), tracking(1));
    let leases = Ledger::of(&edge).leases();
    assert_eq!(
        leases.iter().map(|lease| lease.how.as_str()).collect::<Vec<_>>(),
        ["fresh", "fresh", "overflow"]
    );
    assert_eq!(leases[2].session, session_of(edge.folder(), third.session()));
}

#[test]
fn a_number_off_hold_is_given_to_somebody_else() {
    let (_origin, edge) = plumber(|config| config.numbers(1).pool("hold = \"0s\""));
    let mut first = Visitor::at(&edge);
    assert_eq!(number_on(&first.open(AD).text()), tracking(0));
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0));
    let leases = Ledger::of(&edge).leases();
    assert_eq!(leases.iter().map(|lease| lease.how.as_str()).collect::<Vec<_>>(), ["fresh", "fresh"]);
    assert_ne!(leases[0].session, leases[1].session);
}

#[test]
fn a_lease_says_whether_its_session_had_shown_a_cookie() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/none", Answer::html(NUMBERLESS));
    let (mut stranger, mut regular) = (Visitor::at(&edge), Visitor::at(&edge));
    stranger.open(AD);
    regular.open("/none?gad_source=1");
    regular.open("/");
    // The number that each has goes on being theirs: no further lease.
    stranger.open("/");
    regular.open("/");
    let leases = Ledger::of(&edge).leases();
    let how: Vec<_> = leases.iter().map(|lease| (lease.how.as_str(), lease.provisional)).collect();
    assert_eq!(how, [("fresh", true), ("fresh", false)]);
}
