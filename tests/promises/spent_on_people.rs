//! A number is spent only on a person reading a page that prints one.

use crate::support::{
    AD, Answer, Config, Edge, GOOGLEBOT, Ledger, NUMBERLESS, Origin, PAGE, Request, Visitor, number_on,
    page_with, plumber, session_of, tracking,
};

/// A session that is written after everything that came before it: the ledger is written in order.
fn a_visitor_with_a_number(edge: &Edge) -> [u8; 16] {
    let mut visitor = Visitor::at(edge);
    number_on(&visitor.open(AD).text());
    session_of(edge.folder(), visitor.session())
}

#[test]
fn a_page_that_prints_no_number_costs_none() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/van", Answer::html(NUMBERLESS));
    for _ in 0..2 {
        assert_eq!(Visitor::at(&edge).open("/van?gad_source=1").text(), NUMBERLESS);
    }
    let person = a_visitor_with_a_number(&edge);
    let leases = Ledger::of(&edge).leases();
    assert_eq!(leases.iter().map(|lease| lease.session).collect::<Vec<_>>(), [person]);
}

#[test]
fn crawlers_prefetches_and_images_cost_none_and_get_no_cookie() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/logo.png", Answer::of("200 OK", "image/png", [0x89, b'P', b'N', b'G']));
    let ad = || Request::navigation(AD);
    let image = |target| {
        Request::navigation(target).with("Sec-Fetch-Dest", "image").with("Sec-Fetch-Mode", "no-cors")
    };
    for request in [
        ad().with("User-Agent", GOOGLEBOT),
        ad().with("User-Agent", "WhatsApp/2.23.20.0"),
        ad().with("User-Agent", "curl/8.5.0"),
        ad().with("Sec-Purpose", "prefetch"),
        ad().method("HEAD"),
        ad().method("POST").body(b""),
        ad().with("Sec-Fetch-Mode", "cors").with("Sec-Fetch-Dest", "empty"),
        image(AD),
        image("/logo.png?gad_source=1"),
    ] {
        let mut visitor = Visitor::at(&edge);
        let response = visitor.send(&request);
        assert!(visitor.cookies.is_empty(), "{request:?}");
        assert!(!response.head.has("Set-Cookie"));
    }
    let person = a_visitor_with_a_number(&edge);
    let ledger = Ledger::of(&edge);
    assert_eq!(ledger.leases().iter().map(|lease| lease.session).collect::<Vec<_>>(), [person]);
    assert_eq!(ledger.sessions(), [person]);
}

#[test]
fn a_page_that_is_not_given_ahead_counts_when_a_person_opens_it() {
    let (origin, edge) = plumber(|config| config.site("prefetch = \"refuse\""));
    origin.answers("/style.css", Answer::of("200 OK", "text/css", b"p {}"));
    let ahead = |target: &str| Request::navigation(target).with("Sec-Purpose", "prefetch");
    let mut visitor = Visitor::at(&edge);
    for request in [ahead(AD), ahead(AD).with("Sec-Fetch-Dest", "empty").with("Sec-Fetch-Mode", "no-cors")] {
        let refused = visitor.send(&request);
        assert_eq!(refused.head.second_word(), "503");
        assert_eq!(refused.head.value("Cache-Control"), Some("no-store"));
        assert!(visitor.cookies.is_empty(), "{request:?}");
    }
    let style = ahead("/style.css").with("Sec-Fetch-Dest", "style").with("Sec-Fetch-Mode", "no-cors");
    assert_eq!(visitor.send(&style).head.second_word(), "200");
    let number = number_on(&visitor.open(AD).text());
    assert_eq!(number, tracking(0));
    assert_eq!(
        number_on(&visitor.send(&ahead("/")).text()),
        number,
        "whoever is known is shown their number"
    );
    assert_eq!(Visitor::at(&edge).send(&Request::navigation("/")).head.second_word(), "200");
}

#[test]
fn a_known_page_has_its_lease_on_disk_while_the_website_still_thinks() {
    let (origin, edge) = plumber(|config| config);
    let first = number_on(&Visitor::at(&edge).open(AD).text());
    let (steps, visitor) = (origin.steps("/"), Visitor::at(&edge));
    let mut client = visitor.begin(&Request::navigation(AD));
    steps.arrived();
    Ledger::of(&edge).wait_until("two leases", |ledger| ledger.leases().len() == 2);
    steps.send(Answer::html(PAGE).to_bytes(false));
    let second = number_on(&client.response("GET").text());
    assert_ne!(first, second);
}

#[test]
fn what_was_asked_for_early_and_not_shown_goes_back() {
    let (origin, edge) = plumber(|config| config.numbers(2));
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0));
    origin.answers("/", Answer::html(NUMBERLESS));
    assert_eq!(Visitor::at(&edge).open(AD).text(), NUMBERLESS, "the page prints no number any more");
    Ledger::of(&edge).wait_until("the second lease is taken back", |ledger| {
        ledger.leases().iter().map(|lease| lease.shown).collect::<Vec<_>>() == [true, false]
    });
    origin.answers("/", Answer::html(PAGE));
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(1), "somebody else is given it");
}

#[test]
fn a_visitor_who_hangs_up_before_the_number_comes_costs_none() {
    let (origin, edge) = plumber(|config| config.numbers(2));
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0));
    let (steps, visitor) = (origin.steps("/"), Visitor::at(&edge));
    let client = visitor.begin(&Request::navigation(AD));
    steps.arrived();
    let ledger = Ledger::of(&edge);
    ledger.wait_until("two leases", |ledger| ledger.leases().len() == 2);
    drop(client);
    ledger.wait_until("the second lease is taken back", |ledger| !ledger.leases()[1].shown);
}

const TEXT_US: &str = "<!doctype html>\n<p><a href=\"sms:+12125550100\">Text us</a></p>\n";

#[test]
fn a_link_for_messages_keeps_its_number_unless_the_pool_carries_messages() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/text", Answer::html(TEXT_US));
    origin.answers("/both", Answer::html([TEXT_US, PAGE].concat()));
    assert_eq!(Visitor::at(&edge).open("/text?gad_source=1").text(), TEXT_US);
    assert_eq!(
        Visitor::at(&edge).open("/both?gad_source=1").text(),
        [TEXT_US, &page_with(&tracking(0))].concat()
    );
    assert_eq!(Ledger::of(&edge).leases().len(), 1, "the first page cost none");
}

#[test]
fn a_link_for_messages_shows_a_number_that_carries_messages() {
    let origin = Origin::start();
    origin.answers("/", Answer::html(TEXT_US));
    let edge = Edge::start(&Config::of(origin.address).pool("carries = [\"voice\", \"sms\"]"));
    let page = Visitor::at(&edge).open(AD).text();
    assert_eq!(page, TEXT_US.replace("+12125550100\"", "+16465550000\" data-nap=\"+12125550100\""));
}

#[test]
fn a_number_that_react_would_not_know_again_costs_none_in_structured_data_either() {
    let (origin, edge) = plumber(|config| config.site("hydration = \"react\""));
    let page = "<div vocab=\"https://schema.org/\" typeof=\"Plumber\"><b property=\"telephone\">212-555<!-- -->-0100</b></div>";
    origin.answers("/card", Answer::html(page));
    for _ in 0..2 {
        let shown = Visitor::at(&edge).open("/card?gad_source=1").text();
        assert!(shown.contains("212-555<!-- -->-0100") && !shown.contains("content="), "{shown}");
    }
    let person = a_visitor_with_a_number(&edge);
    let leases = Ledger::of(&edge).leases();
    assert_eq!(leases.iter().map(|lease| lease.session).collect::<Vec<_>>(), [person]);
}
