//! Whoever holds no lease reads the website's bytes, and what machines read on a filled page stays as it was.

mod generated;
mod in_sight;
mod parsers;
mod ways;

use crate::support::{
    AD, Answer, BROWSER, Edge, GOOGLEBOT, Origin, Request, Visitor, number_on, plumber, tracking,
};

/// A page that tells its number to people and to machines.
const NAP: &str = r#"<!doctype html>
<html><head><title>Plumber, 212-555-0100</title>
<meta name="description" content="Call 212-555-0100">
<link rel="alternate" href="tel:+12125550100">
<script type="application/ld+json">{"@context":"https://schema.org","@type":"Plumber","telephone":"+1 212 555 0100"}</script>
<script>var phone = "212-555-0100";</script>
<style>.phone::after { content: "212-555-0100" }</style></head>
<body data-phone="212-555-0100"><!-- 212-555-0100 -->
<div itemscope itemtype="https://schema.org/Plumber"><b itemprop="name">Plumber</b>
<span itemprop="telephone">(212) 555-0100</span>, <a itemprop="telephone" href="tel:+12125550100">212-555-0100</a></div>
<div vocab="https://schema.org/" typeof="Plumber"><i property="telephone">212.555.0100</i></div>
<div class="vcard"><b class="fn">Plumber</b> <i class="tel">212-555-0100</i></div>
<div class="h-card"><b class="p-name">Plumber</b> <i class="p-tel">212-555-0100</i> <a class="u-tel" href="tel:+12125550100">call</a></div>
<p>Or call <b>+1 (212) 555-0100</b> now.</p></body></html>
"#;

/// What of the page's structured data becomes what.
const EDITS: [(&str, &str); 6] = [
    (
        r#"<span itemprop="telephone">(212) 555-0100<"#,
        r#"<span ><meta itemprop="telephone" content="(212) 555-0100"/>(646) 555-0000<"#,
    ),
    (
        r#"<a itemprop="telephone" href="tel:+12125550100">212-555-0100<"#,
        r#"<link itemprop="telephone" href="tel:+12125550100"/><a  href="tel:+16465550000" data-nap="+12125550100">646-555-0000<"#,
    ),
    (
        r#"<i property="telephone">212.555.0100<"#,
        r#"<i content="212.555.0100" property="telephone">646.555.0000<"#,
    ),
    (
        r#"<i class="tel">212-555-0100<"#,
        r#"<i class="tel"><span class="value-title" title="212-555-0100"></span>646-555-0000<"#,
    ),
    (
        r#"<i class="p-tel">212-555-0100<"#,
        r#"<i class="p-tel"><span class="value-title" title="212-555-0100"></span>646-555-0000<"#,
    ),
    (
        r#"<a class="u-tel" href="tel:+12125550100">"#,
        r#"<data class="u-tel" value="tel:+12125550100"></data><a  href="tel:+16465550000" data-nap="+12125550100">"#,
    ),
];

const HEADERS: [&str; 3] =
    ["ETag: \"nap\"", "Cache-Control: public, max-age=300", "Last-Modified: Mon, 02 Mar 2026 10:00:00 GMT"];

fn site() -> (Origin, Edge) {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/nap", Answer::html(NAP).with(&HEADERS));
    (origin, edge)
}

/// An advertisement's link to the page, asked for by whoever is no person that opens it.
fn requests_of_nobody() -> Vec<(&'static str, Request)> {
    let ad = || Request::navigation("/nap?gad_source=1");
    let script = || ad().with("Sec-Fetch-Dest", "empty").with("Sec-Fetch-Mode", "cors");
    let older = || Request::get("/nap?gad_source=1").with("User-Agent", BROWSER);
    vec![
        ("Googlebot", ad().with("User-Agent", GOOGLEBOT)),
        ("a crawler without Accept", Request::get("/nap?gad_source=1").with("User-Agent", "bingbot/2.0")),
        (
            "Slack's preview",
            ad().with("User-Agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"),
        ),
        ("Facebook's preview", ad().with("User-Agent", "facebookexternalhit/1.1")),
        ("WhatsApp's preview", ad().with("User-Agent", "WhatsApp/2.23.20.0")),
        (
            "an assistant's fetcher",
            ad().with("User-Agent", "Mozilla/5.0 AppleWebKit/537.36; compatible; GPTBot/1.2"),
        ),
        ("curl", older().with("User-Agent", "curl/8.5.0").with("Accept", "*/*")),
        ("nobody by name", older().without("User-Agent")),
        ("a prefetch", ad().with("Sec-Purpose", "prefetch")),
        ("a prerendering", ad().with("Sec-Purpose", "prefetch;prerender")),
        ("an older prefetch", ad().with("Purpose", "prefetch")),
        ("an older Firefox's prefetch", ad().with("X-Moz", "prefetch")),
        ("a script", script()),
        ("an older browser's script", older().with("X-Requested-With", "XMLHttpRequest")),
        ("an image", ad().with("Sec-Fetch-Dest", "image").with("Sec-Fetch-Mode", "no-cors")),
        ("an older browser's image", older().with("Accept", "image/avif,image/webp")),
        (
            "a frame of another site",
            ad().with("Sec-Fetch-Dest", "iframe").with("Sec-Fetch-Site", "cross-site"),
        ),
        ("a form", ad().method("POST").body(b"name=x")),
    ]
}

#[test]
fn whoever_holds_no_lease_reads_the_websites_bytes_and_headers() {
    let (_origin, edge) = site();
    for (who, request) in requests_of_nobody() {
        let mut visitor = Visitor::at(&edge);
        let response = visitor.send(&request);
        assert_eq!(response.text(), NAP, "{who}");
        assert_eq!(response.header("Content-Length"), Some(NAP.len().to_string().as_str()), "{who}");
        assert_eq!(response.header("ETag"), Some("\"nap\""), "{who}");
        assert_eq!(response.header("Cache-Control"), Some("public, max-age=300"), "{who}");
        assert!(visitor.cookies.is_empty(), "{who} gets no cookie");
    }
}

#[test]
fn head_of_a_page_that_nobody_is_shown_a_number_on_has_the_websites_headers() {
    let (_origin, edge) = site();
    for request in
        [Request::navigation("/nap"), Request::get("/nap?gad_source=1").with("User-Agent", GOOGLEBOT)]
    {
        let response = Visitor::at(&edge).send(&request.method("HEAD"));
        assert!(response.body.is_empty() && !response.head.has("Set-Cookie"));
        assert_eq!(response.header("Content-Length"), Some(NAP.len().to_string().as_str()));
        assert_eq!(response.header("ETag"), Some("\"nap\""));
        assert_eq!(response.header("Cache-Control"), Some("public, max-age=300"));
    }
}

#[test]
fn a_visitor_to_whom_no_rule_shows_a_number_reads_the_websites_bytes() {
    let (_origin, edge) = site();
    let mut visitor = Visitor::at(&edge);
    assert_eq!(visitor.open("/nap").text(), NAP);
    assert_eq!(visitor.follow("https://www.google.com/", "/nap").text(), NAP);
    assert!(!visitor.cookies.is_empty(), "though in a session");
}

#[test]
fn a_crawler_reads_the_websites_bytes_of_a_page_that_others_are_shown_numbers_on() {
    let (_origin, edge) = site();
    for _ in 0..2 {
        assert_ne!(Visitor::at(&edge).open("/nap?gad_source=1").text(), NAP);
        let crawler = Request::navigation("/nap?gad_source=1").with("User-Agent", GOOGLEBOT);
        assert_eq!(Visitor::at(&edge).send(&crawler).text(), NAP);
    }
}

#[test]
fn a_crawler_with_a_visitors_cookie_reads_the_websites_bytes() {
    let (_origin, edge) = site();
    let mut visitor = Visitor::at(&edge);
    visitor.open(AD);
    let crawler = Request::navigation("/nap").with("User-Agent", GOOGLEBOT);
    assert_eq!(visitor.send(&crawler).text(), NAP);
}

#[test]
fn on_a_filled_page_only_what_people_read_has_changed() {
    let (_origin, edge) = site();
    let page = Visitor::at(&edge).open("/nap?gad_source=1").text();
    let mut wanted = NAP.replace("+1 (212) 555-0100", "+1 (646) 555-0000");
    for (own, shown) in EDITS {
        assert_eq!(wanted.matches(own).count(), 1, "{own}");
        wanted = wanted.replace(own, shown);
    }
    assert_eq!(page, wanted);
}

#[test]
fn a_changed_link_keeps_the_canonical_number_beside_it_unless_told_otherwise() {
    let (_origin, edge) = plumber(|config| config);
    let page = Visitor::at(&edge).open(AD).text();
    assert!(page.contains("<a href=\"tel:+16465550000\" data-nap=\"+12125550100\">"), "{page}");
    let (_origin, edge) = plumber(|config| config.site("mark = false"));
    let page = Visitor::at(&edge).open(AD).text();
    assert!(page.contains("<a href=\"tel:+16465550000\">"), "{page}");
    assert_eq!(number_on(&page), tracking(0));
}
