//! `demo`: a sample business with a website and the proxy before it, with one command.

use crate::support::{Client, GOOGLEBOT, Program, Request, Response};

/// The demo, and the addresses of proxy and website.
fn start() -> (Program, String, String) {
    let demo = Program::start(&["demo", "--port", "0", "--admin-port", "0"]);
    let host_in =
        |line: String| line.trim().trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let proxy = host_in(demo.says("as a visitor from an ad"));
    let website = host_in(demo.says("the website itself"));
    let admin = host_in(demo.says("what is counted"));
    let counted = get(&admin, Request::navigation("/metrics")).text();
    assert!(counted.contains("dni_requests_total{site=\"harbor-and-pine\"} 0"), "{counted}");
    demo.says("Visits, as they happen");
    (demo, proxy, website)
}

fn get(address: &str, request: Request) -> Response {
    Client::connect(address.parse().unwrap()).exchange(&request.with("Host", address))
}

#[test]
fn it_serves_its_pages_and_tells_of_each_visit() {
    let (mut demo, proxy, website) = start();
    let original = get(&website, Request::navigation("/")).text();
    assert!(original.contains("(503) 555-0100") && original.contains("tel:+15035550100"));

    let ad =
        get(&proxy, Request::navigation("/?utm_source=google&utm_medium=cpc&utm_campaign=spring")).text();
    assert!(ad.contains("tel:+15035550110") && !ad.contains("href=\"tel:+15035550100"), "{ad}");
    let told = demo.says("person /?utm_source=google");
    for words in ["google / cpc", "Paid Search", "rule 2", "+15035550110 from pool:ads"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    demo.says("because");

    let crawler = get(&proxy, Request::navigation("/").with("User-Agent", GOOGLEBOT)).text();
    assert_eq!(crawler, original, "a crawler reads the website's own bytes");
    let told = demo.says("crawler /");
    assert!(told.contains("no tracking number"), "{told}");

    let search = Request::navigation("/contact.html").with("Referer", "https://www.google.com/");
    assert!(get(&proxy, search).text().contains("tel:+15035550120"));
    assert!(demo.says("person /contact.html").contains("+15035550120 from pool:search"));

    let zipped = Request::navigation("/services.html?gclid=demo").with("Accept-Encoding", "gzip");
    let services = get(&proxy, zipped);
    assert_eq!(services.header("Content-Encoding"), Some("gzip"));
    assert!(services.text().contains("555-0111"), "{}", services.text());
    demo.says("person /services.html");

    let listing = Request::navigation("/about.html?utm_source=google&utm_campaign=gbp");
    get(&proxy, listing);
    demo.says("person /about.html");
    demo.terminate();
    assert_eq!(demo.ended().code(), Some(0));
}

#[test]
fn what_it_says_to_try_works() {
    let demo = Program::start(&["demo", "--port", "0"]);
    let mut tried = 0;
    loop {
        let line = demo.says("");
        if line.contains("Visits, as they happen") {
            break;
        }
        tried += usize::from(line.trim().starts_with("curl "));
    }
    assert_eq!(tried, 5, "an ad, a search, a listing, a crawler, a compressed page");
}

#[test]
fn a_page_in_a_visitors_words_does_not_speak_to_the_terminal() {
    let (demo, proxy, _website) = start();
    get(&proxy, Request::navigation("/?utm_source=%1b%5B31mred&utm_medium=cpc"));
    let told = demo.says("person /");
    assert!(!told.contains('\u{1b}'), "{told:?}");
}
