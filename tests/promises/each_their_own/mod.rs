//! Each visitor keeps a number of their own, and nobody sees another's.

mod by_place;
mod by_request;
mod by_source;
mod cookies;
mod full_pool;
mod shared_links;
mod strangers;

use std::collections::BTreeSet;

use crate::support::{AD, Answer, Edge, GOOGLEBOT, PAGE, Request, Visitor, number_on, plumber, tracking};

#[test]
fn visitors_at_the_same_time_see_one_number_each_and_never_anothers() {
    let (origin, edge) = plumber(|config| config.numbers(8));
    origin.answers("/contact", Answer::html(PAGE).packed("gzip"));
    let read = |edge: &Edge| {
        let mut visitor = Visitor::at(edge);
        let mut numbers = BTreeSet::from([number_on(&visitor.open(AD).text())]);
        for _ in 0..10 {
            numbers.insert(number_on(&visitor.open("/").text()));
            let zipped = Request::navigation("/contact").with("Accept-Encoding", "gzip");
            numbers.insert(number_on(&visitor.send(&zipped).text()));
        }
        numbers.into_iter().collect::<Vec<_>>()
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let visitors: Vec<_> = (0..8).map(|_| scope.spawn(|| read(&edge))).collect();
        visitors.into_iter().map(|visitor| visitor.join().unwrap()).collect()
    });
    assert!(all.iter().all(|numbers| numbers.len() == 1), "one number each: {all:?}");
    let different: BTreeSet<_> = all.into_iter().flatten().collect();
    assert_eq!(different, (0..8).map(tracking).collect());
}

#[test]
fn a_page_that_is_still_arriving_keeps_to_its_visitors_number() {
    let (origin, edge) = plumber(|config| config);
    let (steps, slow) = (origin.steps("/slow"), Visitor::at(&edge));
    let mut client = slow.begin(&Request::navigation("/slow?gad_source=1"));
    steps.arrived();
    steps.begin("Content-Type: text/html\r\n");
    steps.chunk("<p>212-555-0100</p>");
    client.head("GET");
    let first_half = client.read_until("</p>");
    let other = number_on(&Visitor::at(&edge).open(AD).text());
    steps.chunk("<i>212-555-0100</i>");
    steps.chunk("");
    let (second_half, ended) = client.rest();
    assert!(ended.is_ok());
    assert_eq!(String::from_utf8_lossy(&first_half), "<p>646-555-0000</p>");
    assert_eq!(String::from_utf8_lossy(&second_half), "<i>646-555-0000</i>");
    assert_eq!(other, tracking(1));
}

#[test]
fn two_first_pages_of_one_visitor_at_once_show_one_number() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/van", Answer::html("no number"));
    let mut visitor = Visitor::at(&edge);
    visitor.open("/van?gad_source=1");
    let open = || number_on(&visitor.clone().open("/").text());
    let numbers: BTreeSet<_> = std::thread::scope(|scope| {
        let pages: Vec<_> = (0..6).map(|_| scope.spawn(open)).collect();
        pages.into_iter().map(|page| page.join().unwrap()).collect()
    });
    assert_eq!(numbers.len(), 1, "{numbers:?}");
}

#[test]
fn a_number_stays_with_its_visitor_from_page_to_page() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/contact", Answer::html(PAGE));
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.open(AD).text());
    let cookie = visitor.session().to_owned();
    Visitor::at(&edge).open(AD);
    assert_eq!(number_on(&visitor.open("/contact").text()), number);
    assert_eq!(number_on(&visitor.follow("http://www.example.com/contact", "/").text()), number);
    assert_eq!(visitor.session(), cookie);
}

#[test]
fn a_number_stays_with_its_visitor_when_the_proxy_is_killed_or_stopped_and_starts_again() {
    let (_origin, mut edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.open(AD).text());
    edge.kill_9();
    edge.start_again();
    visitor.returns_to(&edge);
    let other = number_on(&Visitor::at(&edge).open(AD).text());
    assert_ne!(other, number, "nobody else is given it");
    assert_eq!(number_on(&visitor.open("/").text()), number, "killed");
    edge.terminate();
    assert!(edge.ended().success());
    edge.start_again();
    visitor.returns_to(&edge);
    assert_eq!(number_on(&visitor.open("/").text()), number, "stopped");
}

#[test]
fn requests_that_open_no_page_are_answered_from_what_the_session_holds() {
    let (_origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.open(AD).text());
    let post = Request::navigation("/?gclid=other").method("POST").body(b"name=x");
    assert_eq!(number_on(&visitor.send(&post).text()), number, "a form's answer");
    let prefetch = Request::navigation("/").with("Sec-Purpose", "prefetch");
    assert_eq!(number_on(&visitor.send(&prefetch).text()), number, "a page fetched ahead");
    let script = Request::navigation("/").with("Sec-Fetch-Dest", "empty").with("Sec-Fetch-Mode", "cors");
    assert_eq!(number_on(&visitor.send(&script).text()), number, "a part of a page that a script asks for");
}

#[test]
fn a_visitor_never_sees_the_number_of_a_page_that_a_crawler_was_sent_before() {
    let (_origin, edge) = plumber(|config| config);
    Visitor::at(&edge).send(&Request::navigation(AD).with("User-Agent", GOOGLEBOT));
    let (first, second) = (Visitor::at(&edge).open(AD), Visitor::at(&edge).open(AD));
    assert_eq!([number_on(&first.text()), number_on(&second.text())], [tracking(0), tracking(1)]);
}
