//! `demo`: a sample business with a website and the proxy before it, with one command.

use crate::support::{Demo, GOOGLEBOT, Program, Request, get, run};

#[test]
fn it_serves_its_pages_and_tells_of_each_visit() {
    let mut demo = Demo::start();
    let counted = get(&demo.admin, Request::navigation("/metrics")).text();
    assert!(counted.contains("dni_requests_total{site=\"harbor-and-pine\"} 0"), "{counted}");
    let (proxy, website) = (demo.proxy.clone(), demo.website.clone());
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
        if line.contains("as they happen") {
            break;
        }
        tried +=
            usize::from(line.trim().starts_with("curl ") || line.trim().starts_with("dni-edge demo call "));
    }
    assert_eq!(tried, 6, "an ad, a search, a listing, a crawler, a compressed page, a call");
}

#[test]
fn a_page_in_a_visitors_words_does_not_speak_to_the_terminal() {
    let demo = Demo::start();
    get(&demo.proxy, Request::navigation("/?utm_source=%1b%5B31mred&utm_medium=cpc"));
    let told = demo.says("person /");
    assert!(!told.contains('\u{1b}'), "{told:?}");
}

#[test]
fn a_call_to_no_number_or_to_no_demo_says_what_to_do() {
    let demo = Demo::start();
    for (number, said) in [("call-me", "\"call-me\" is no number"), ("911", "\"911\"")] {
        let refused = demo.call(number, &[]);
        assert!(refused.status == 1 && refused.stderr.contains(said), "{refused:?}");
    }
    let admin = demo.admin.rsplit(':').next().unwrap();
    let other = run(&["demo", "call", "(503) 555-0110", "--port", admin], b"");
    assert!(other.status == 1 && other.stderr.contains("is no demo"), "{other:?}");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = run(&["demo", "call", "(503) 555-0110", "--port", &port.to_string()], b"");
    assert!(nobody.status == 1 && nobody.stderr.contains("start `dni-edge demo`"), "{nobody:?}");
    for wrong in [&["--as", "angry"][..], &["--talk", "0"], &["--port", "0"]] {
        assert_eq!(run(&[&["demo", "call", "+15035550110"], wrong].concat(), b"").status, 2, "{wrong:?}");
    }
}

#[test]
fn no_other_websites_page_has_its_telephone_ring() {
    let demo = Demo::start();
    let asked = r#"{"number":"+15035550110"}"#;
    let post = |kind: &str| {
        let post = Request::get("/demo/call").method("POST").with("Content-Type", kind);
        post.body(asked.as_bytes())
    };
    for address in [&demo.proxy, &demo.website] {
        assert_eq!(get(address, post("text/plain")).status(), "403");
        let cross_site = post("application/json").with("Sec-Fetch-Site", "cross-site");
        assert_eq!(get(address, cross_site).status(), "403");
        assert_eq!(get(address, Request::get("/demo/call")).status(), "403");
        let asked_first =
            Request::get("/demo/call").method("OPTIONS").with("Origin", "https://other.example");
        assert_eq!(get(address, asked_first).status(), "403");
        assert_eq!(get(address, post("application/json")).status(), "200");
    }
}
