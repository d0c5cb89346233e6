//! Clients that keep no cookie take no number from those who do.

use crate::support::{AD, CANONICAL, FLYER, Request, Visitor, number_on, plumber, tracking};

/// A first visit from this address.
fn from(address: &str) -> Request {
    Request::navigation(AD).with("X-Forwarded-For", address)
}

#[test]
fn a_network_has_a_few_numbers_until_one_of_its_visitors_shows_a_cookie() {
    for (overflow, instead) in [("canonical", CANONICAL), ("static:flyer", FLYER), ("oldest", CANONICAL)] {
        let (_origin, edge) = plumber(|config| {
            let config = config.server("trusted_proxies = [\"127.0.0.1\"]").numbers(6);
            config.strangers(2).pool(&format!("overflow = {overflow:?}"))
        });
        let shown = |visitor: &mut Visitor, address| number_on(&visitor.send(&from(address)).text());
        let mut first = Visitor::at(&edge);
        assert_eq!(shown(&mut first, "198.51.100.1"), tracking(0));
        assert_eq!(shown(&mut Visitor::at(&edge), "198.51.100.2"), tracking(1));
        assert_eq!(
            shown(&mut Visitor::at(&edge), "198.51.100.3"),
            instead,
            "{overflow}: the third of a network"
        );
        assert_eq!(shown(&mut Visitor::at(&edge), "203.0.113.3"), tracking(2), "another network");
        assert_eq!(shown(&mut Visitor::at(&edge), "2001:db8::1"), tracking(3));
        // A style sheet is enough to be known by.
        let sheet = Request::get("/style.css").with("User-Agent", crate::support::BROWSER);
        first.send(&sheet.with("X-Forwarded-For", "198.51.100.1").with("Sec-Fetch-Dest", "style"));
        assert_eq!(
            shown(&mut Visitor::at(&edge), "198.51.100.4"),
            tracking(4),
            "{overflow}: one has come back"
        );
        assert_eq!(shown(&mut first, "198.51.100.1"), tracking(0));
    }
}

#[test]
fn who_shows_no_cookie_again_gives_the_number_back_first() {
    let (_origin, edge) = plumber(|config| config.numbers(2).pool("provisional_hold = \"0s\""));
    let mut known = Visitor::at(&edge);
    assert_eq!(number_on(&known.open(AD).text()), tracking(0));
    known.open("/");
    for _ in 0..3 {
        assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(1), "the stranger's before it");
    }
    assert_eq!(number_on(&known.open("/").text()), tracking(0));
}

#[test]
fn a_visitor_who_came_back_is_known_after_the_proxy_was_killed_and_started_again() {
    let (_origin, mut edge) = plumber(|config| config.numbers(2).pool("provisional_hold = \"0s\""));
    let mut known = Visitor::at(&edge);
    known.open(AD);
    known.open("/");
    let number = tracking(0);
    crate::support::Ledger::of(&edge).wait_until("the second page view is written", |ledger| {
        ledger.was_seen_again(crate::support::session_of(edge.folder(), known.session()))
    });
    edge.kill_9();
    edge.start_again();
    for _ in 0..3 {
        assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(1));
    }
    known.returns_to(&edge);
    assert_eq!(number_on(&known.open("/").text()), number);
}

#[test]
fn a_network_of_which_many_have_come_back_needs_no_cap() {
    let (_origin, edge) = plumber(|config| config.numbers(60).strangers(1));
    let known = || {
        let mut visitor = Visitor::at(&edge);
        visitor.open("/");
        visitor.open("/");
    };
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0));
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), CANONICAL, "the second of a network");
    (0..50).for_each(|_| known());
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(1));
}

#[test]
fn visitors_who_seem_to_come_from_one_place_make_the_log_name_the_proxy_to_trust() {
    let (_origin, edge) = plumber(|config| config);
    for _ in 0..200 {
        Visitor::at(&edge).open("/");
    }
    edge.says("trusted_proxies = [\"127.0.0.1\"]");
}
