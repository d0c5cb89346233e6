//! No pool number reaches a visitor before its lease is on disk. After `kill -9` at any instant every pool number that
//! anyone saw is in the ledger, with the session it was shown to.

use std::collections::BTreeSet;
use std::sync::mpsc::{Sender, channel};

use crate::support::{
    AD, Answer, GOOGLEBOT, GUARD, Ledger, PAGE, Request, Visitor, contains, number_on, plumber, session_of,
    tracking,
};

/// Somebody saw a number.
struct Sighting {
    cookie: String,
    number: String,
}

/// A page long enough to be cut off in its middle, with the number in four places.
fn long_page() -> String {
    let filler = "<p>Pipes, drains and boilers, mended on the same day.</p>\n".repeat(600);
    let numbers = "<p>Call <a href=\"tel:+12125550100\">(212) 555-0100</a>.</p>\n";
    [numbers, &filler, numbers, &filler, numbers, &filler, numbers].concat()
}

/// The numbers in a page, or in as much of it as came.
fn numbers_in(page: &[u8]) -> BTreeSet<String> {
    let page = String::from_utf8_lossy(page);
    let links = page.split("tel:").skip(1).filter_map(|link| link.get(..12)).map(str::to_owned);
    let texts = page.split('(').skip(1).filter_map(|text| text.get(..13));
    let texts = texts.map(|text| text.chars().filter(char::is_ascii_digit).collect::<String>());
    let whole = |number: &String| number.len() == 12 && number[1..].bytes().all(|b| b.is_ascii_digit());
    links.chain(texts.map(|digits| format!("+1{digits}"))).filter(whole).collect()
}

/// Visits until the proxy is dead, and tells of every number that came, in pages cut off too.
fn visit_until_it_dies(stranger: &Visitor, tell: &Sender<Sighting>) {
    for visit in 0.. {
        let mut visitor = stranger.clone();
        for target in [AD, "/long", "/"] {
            let request = Request::navigation(if visit % 2 == 0 { target } else { "/long?gad_source=1" });
            let Some(mut client) = visitor.try_begin(&request) else { return };
            let Some(head) = client.try_head("GET") else { return };
            visitor.keep_cookies(&head);
            let (body, ended) = client.rest();
            for number in numbers_in(&body) {
                tell.send(Sighting { cookie: visitor.session().to_owned(), number }).unwrap();
            }
            if ended.is_err() {
                return;
            }
        }
    }
}

#[test]
fn after_kill_9_every_number_that_anyone_saw_is_in_the_ledger_with_its_session() {
    let (origin, mut edge) = plumber(|config| config.numbers(100).pool("hold = \"0s\""));
    origin.answers("/long", Answer::html(long_page()));
    let mut seen = 0;
    for round in 0..5 {
        let (tell, told) = channel();
        let mut sightings: Vec<Sighting> = Vec::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let (tell, stranger) = (tell.clone(), Visitor::at(&edge));
                scope.spawn(move || visit_until_it_dies(&stranger, &tell));
            }
            drop(tell);
            for _ in 0..20 + 7 * round {
                sightings.push(told.recv_timeout(GUARD).expect("somebody sees a number"));
            }
            edge.kill_9();
            sightings.extend(told.iter());
        });
        let ledger = Ledger::of(&edge);
        for Sighting { cookie, number } in &sightings {
            assert!(number.starts_with("+1646555"), "hold is short, so there is always one: {number}");
            assert!(
                ledger.knows(number, session_of(edge.folder(), cookie)),
                "round {round}: {number} was seen"
            );
        }
        seen += sightings.len();
        edge.start_again();
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn nothing_that_shows_a_number_is_sent_before_its_lease_is_on_disk() {
    let (origin, edge) = plumber(|config| config);
    let ledger = Ledger::of(&edge);
    let (steps, mut visitor) = (origin.steps("/slow"), Visitor::at(&edge));
    let mut client = visitor.begin(&Request::navigation("/slow?gad_source=1"));
    steps.arrived();
    ledger.hold();
    steps.begin("Content-Type: text/html\r\n");
    steps.chunk("<p>Call</p>");
    visitor.keep_cookies(&client.head("GET"));
    client.read_until("<p>Call</p>");
    steps.chunk("<p>212-555-0100</p>");
    // While others are served, nothing of the number comes.
    for _ in 0..5 {
        let crawler = Request::navigation("/").with("User-Agent", GOOGLEBOT);
        assert_eq!(Visitor::at(&edge).send(&crawler).text(), PAGE);
        assert!(!contains(&client.come_by_now(), b"55"), "not on disk, and shown all the same");
    }
    assert!(ledger.leases().is_empty());
    ledger.let_go();
    client.read_until("646-555-0000");
    assert!(ledger.knows(&tracking(0), session_of(edge.folder(), visitor.session())));
}

#[test]
fn what_stands_before_a_number_does_not_wait_for_its_lease() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/", Answer::html(format!("<h1>Pipes</h1>{PAGE}")));
    let ledger = Ledger::of(&edge);
    ledger.hold();
    let mut client = Visitor::at(&edge).begin(&Request::navigation(AD));
    client.head("GET");
    client.read_until("<h1>Pipes</h1>");
    ledger.let_go();
    client.read_until("(646) 555-0000");
}

#[test]
fn a_page_goes_on_with_the_canonical_number_when_the_disk_is_too_slow() {
    let (_origin, edge) = plumber(|config| config.numbers(1).timeout("lease", "200ms"));
    let ledger = Ledger::of(&edge);
    ledger.hold();
    let mut late = Visitor::at(&edge);
    assert_eq!(late.open(AD).text(), PAGE);
    ledger.let_go();
    ledger.wait_until("the late lease counts as never shown", |ledger| {
        ledger.leases().iter().map(|lease| lease.shown).collect::<Vec<_>>() == [false]
    });
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0), "and its number is free");
    assert_eq!(late.open("/").text(), PAGE, "so that it is not the late one's any more");
}

#[test]
fn all_of_a_response_is_canonical_once_a_part_of_it_was() {
    let (origin, edge) = plumber(|config| config.timeout("lease", "200ms"));
    let ledger = Ledger::of(&edge);
    let (steps, visitor) = (origin.steps("/slow"), Visitor::at(&edge));
    let mut client = visitor.begin(&Request::navigation("/slow?gad_source=1"));
    steps.arrived();
    ledger.hold();
    steps.begin("Content-Type: text/html\r\n");
    steps.chunk("<p>212-555-0100</p>");
    client.head("GET");
    client.read_until("<p>212-555-0100</p>");
    ledger.let_go();
    ledger.wait_until("the late lease", |ledger| !ledger.leases().is_empty());
    steps.chunk("<i>212-555-0100</i>");
    steps.chunk("");
    let (rest, ended) = client.rest();
    assert!(ended.is_ok());
    assert_eq!(String::from_utf8_lossy(&rest), "<i>212-555-0100</i>");
}
