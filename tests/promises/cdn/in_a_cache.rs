//! A real cache before the proxy, which keeps what it may.

use super::{by_script, kept};
use crate::support::{
    AD, Answer, Browser, Client, GOOGLEBOT, Ledger, Nginx, PAGE, Request, contains, number_on, page_with,
    plumber, tracking,
};

/// The digits of a tracking number, as no page of the website has them.
const TRACKING: &[u8] = b"646";

#[test]
fn two_visitors_from_two_sources_see_their_own_numbers_on_the_same_kept_page() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = by_script(|config| config);
    let Some(nginx) = Nginx::before(&edge) else { return };
    let (_, [first]) = browser.follow(nginx.address(), "/?gclid=one", [("see", "(646) 555-0000")]);
    nginx.answered("GET / MISS");
    nginx.answered("POST /.dni/visit -");
    // Nothing else would show the session's cookie, so that the number stays the visitor's.
    nginx.answered("GET /.dni/numbers MISS");
    let (_, [second]) = browser.follow(nginx.address(), "/?msclkid=two", [("see", "(646) 555-0001")]);
    nginx.answered("GET / HIT");
    for (n, seen) in [first, second].iter().enumerate() {
        assert_eq!(seen.tapped, [format!("tel:{}", tracking(n))]);
        assert_eq!(seen.copied, [format!("Call (646) 555-000{n} today.")]);
    }
    let (_, [flyer]) =
        browser.follow(nginx.address(), "/?utm_source=flyer&utm_medium=print", [("see", "0190")]);
    assert_eq!(flyer.tapped, ["tel:+12125550190"]);
    let unscripted = browser.open(nginx.address(), "/?gclid=three", false);
    assert_eq!(
        (&*unscripted.tapped, unscripted.read.as_str()),
        (&["tel:+12125550100".to_owned()][..], "Call (212) 555-0100 today.")
    );
    assert_eq!(
        origin.received().iter().filter(|request| request.head.second_word().starts_with("/?")).count(),
        1
    );
    assert!(!nginx.kept().is_empty() && nginx.kept().iter().all(|file| !contains(file, TRACKING)));
    let ledger = Ledger::of(&edge);
    assert_eq!(ledger.leases().len(), 2);
    let source = |n: usize| ledger.source_of(ledger.leases()[n].session).map(|(source, ..)| source);
    assert_eq!([source(0), source(1)], ["google", "bing"].map(|source| Some(source.to_owned())));
}

#[test]
fn where_numbers_are_in_the_stream_a_cache_keeps_canonical_pages_alone() {
    let (origin, edge) = plumber(|config| config.server("trusted_proxies = [\"127.0.0.0/8\"]"));
    let told = ["Surrogate-Control: max-age=600", "CDN-Cache-Control: max-age=600", "X-Accel-Expires: 600"];
    origin.answers("/", kept(Answer::html(PAGE)).with(&told));
    let Some(nginx) = Nginx::before(&edge) else { return };
    let ask = |request: &Request| Client::connect(nginx.address()).exchange(request);
    for n in 0..2 {
        let page = ask(&Request::navigation(AD));
        assert_eq!(page.text(), page_with(&tracking(n)));
        assert_eq!(page.header("Cache-Control"), Some("private, no-store"));
        assert!(!told.iter().any(|line| page.head.has(line.split(':').next().unwrap())), "{:?}", page.head);
        assert_eq!(page.header("X-Cache"), Some("MISS"));
    }
    assert!(nginx.kept().is_empty());
    let crawler = Request::navigation("/").with("User-Agent", GOOGLEBOT);
    for cache in ["MISS", "HIT"] {
        let page = ask(&crawler);
        assert_eq!((page.text().as_str(), page.header("X-Cache")), (PAGE, Some(cache)));
    }
    // Of which `check` warns.
    let page = ask(&Request::navigation(AD));
    assert_eq!((number_on(&page.text()).as_str(), page.header("X-Cache")), ("+12125550100", Some("HIT")));
    assert!(nginx.kept().iter().all(|file| !contains(file, TRACKING)));
    assert_eq!(Ledger::of(&edge).leases().len(), 2);
}
