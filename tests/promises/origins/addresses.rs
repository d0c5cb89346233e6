//! The website's own address is none that visitors could use.

use crate::support::{AD, Answer, Client, GOOGLEBOT, PAGE, Request, Visitor, plumber};

#[test]
fn a_redirect_to_the_websites_own_address_leads_to_the_one_that_the_visitor_came_by() {
    let (origin, edge) = plumber(|config| config.server("trusted_proxies = [\"127.0.0.1\"]"));
    let own = format!("http://{}", origin.address);
    origin.answers(
        "/old",
        Answer::of("302 Found", "text/plain", "").with(&[
            &format!("Location: {own}/new?from={own}"),
            &format!("Content-Location: {own}/old"),
            &format!("Refresh: 5; url={own}/new"),
            "Set-Cookie: a=1; Path=/; Domain=127.0.0.1",
            "Set-Cookie: b=2; Domain=example.com",
        ]),
    );
    let request = Request::get("/old");
    for (request, visitors) in [
        (request.clone(), "http://www.example.com"),
        (request.clone().with("X-Forwarded-Proto", "https"), "https://www.example.com"),
        (request.with("Host", "www.example.com:8080"), "http://www.example.com:8080"),
    ] {
        let response = Client::connect(edge.address()).exchange(&request);
        assert_eq!(response.header("Location"), Some(&*format!("{visitors}/new?from={own}")));
        assert_eq!(response.header("Content-Location"), Some(&*format!("{visitors}/old")));
        assert_eq!(response.header("Refresh"), Some(&*format!("5; url={visitors}/new")));
        let cookies = response.head.all("Set-Cookie");
        assert_eq!(cookies, ["a=1; Path=/; Domain=www.example.com", "b=2; Domain=example.com"]);
    }
}

#[test]
fn addresses_of_others_stay_as_the_website_wrote_them() {
    let (origin, edge) = plumber(|config| config);
    let lines = ["Location: http://127.0.0.1:1/x", "Content-Location: //www.example.com/y", "Refresh: 5"];
    origin.answers("/", Answer::html(PAGE).with(&lines));
    for request in [Request::navigation(AD), Request::navigation("/").with("User-Agent", GOOGLEBOT)] {
        let response = Visitor::at(&edge).send(&request);
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            assert_eq!(response.header(name), Some(value));
        }
    }
}
