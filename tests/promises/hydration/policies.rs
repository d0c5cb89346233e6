//! What pages' own policies allow: held against a real browser, which enforces them.

use super::hydrating;
use crate::support::{AD, Answer, Browser, Edge, HOST, NUMBERLESS, Origin, PAGE, Request, Visitor};

/// A page that asks the browser for the script itself, too, so that the console tells of it where the policy forbids that.
const ASKING_ITSELF: &str = r#"<!doctype html>
<html lang="en"><head><title>Plumber</title><link rel="icon" href="data:,"></head><body>
<p>Call (212) 555-0100</p>
<script src="/.dni/swap.js?by-the-page" data-lines="[]"></script><script src="/app.js"></script>
</body></html>
"#;

const NUMBERS_BY_SCRIPT_ONLY: &str = r#"<!doctype html>
<html lang="en"><head><title>Plumber</title><link rel="icon" href="data:,"></head><body>
<p>Call us</p>
<script src="/app.js"></script>
</body></html>
"#;

const WRITES: &str = "document.body.append('Or 212-555-0100');";

/// A site with a number for each of so many visitors.
fn site(visitors: usize) -> (Origin, Edge) {
    let (origin, edge) = hydrating("observe", |config| config.numbers(visitors));
    origin.answers("/app.js", Answer::of("200 OK", "text/javascript", WRITES));
    (origin, edge)
}

/// The policy, in which `PORT` is the proxy's.
fn policy(edge: &Edge, policy: &str) -> String {
    let port = edge.address().port().to_string();
    format!("Content-Security-Policy: {}", policy.replace("PORT", &port))
}

/// Policies, and whether our script runs under them.
const POLICIES: &[(&str, bool)] = &[
    ("script-src 'self'", true),
    ("script-src *", true),
    ("script-src http:", true),
    ("default-src www.example.com:PORT data:", true),
    ("default-src 'none'; img-src data:; script-src http://www.example.com:PORT", true),
    ("script-src *.example.com:*", true),
    ("script-src http://*:PORT/.dni/ http://*:PORT/app.js", true),
    ("script-src *:*/%2Edni/swap.js *:*/app.js", true),
    ("script-src 'none'; script-src-elem *.com:PORT", true),
    ("script-src www.example.com:*/app.js", false),
    ("script-src www.example.com:*/app.js www.example.com", false),
    ("script-src *:*/app.js *:*/.dni", false),
    ("script-src *:*/app.js *.www.example.com:*", false),
    ("script-src *:*/app.js https: ws:", false),
    ("script-src *; script-src-elem *:*/app.js", false),
    ("default-src *; script-src *:*/app.js", false),
    // It makes nothing that such types are for.
    ("require-trusted-types-for 'script'; trusted-types 'none'", true),
];

#[test]
fn the_script_is_on_the_page_wherever_a_browser_would_run_it_and_nowhere_else() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = site(POLICIES.len());
    for (says, runs) in POLICIES {
        let header = policy(&edge, says);
        origin.answers("/app", Answer::html(ASKING_ITSELF).with(&[&header]));
        let seen = browser.open(edge.address(), "/app?gad_source=1", true);
        assert_eq!(seen.errors.is_empty(), *runs, "the browser's word on {header}: {seen:#?}");
        let written = if *runs { "Or 646-555-00" } else { "Or 212-555-0100" };
        assert!(
            seen.read.contains("Call (646) 555-00") && seen.read.contains(written),
            "{header}: {seen:#?}"
        );
    }
}

#[test]
fn the_script_asks_for_a_number_where_a_browser_would_let_it_and_nowhere_else() {
    let Some(browser) = Browser::start() else { return };
    let policies = ["connect-src www.example.com:PORT/.dni/", "default-src http: data:", "connect-src *"];
    let (origin, edge) = site(policies.len());
    for says in policies {
        let header = policy(&edge, says);
        origin.answers("/app", Answer::html(NUMBERS_BY_SCRIPT_ONLY).with(&[&header]));
        let (_, [seen]) = browser.follow(edge.address(), "/app?gad_source=1", [("see", "Or 646-555-")]);
        assert!(seen.errors.is_empty(), "{header}: {seen:#?}");
    }
    for says in
        ["connect-src 'none'", "connect-src *:*/api/", "default-src 'none'; img-src data:; script-src *"]
    {
        let header = policy(&edge, says);
        origin.answers("/app", Answer::html(NUMBERS_BY_SCRIPT_ONLY).with(&[&header]));
        let seen = browser.open(edge.address(), "/app?gad_source=1", true);
        assert!(seen.errors.is_empty(), "nothing is tried in vain, {header}: {seen:#?}");
        assert!(seen.read.contains("Or 212-555-0100"), "{header}: {seen:#?}");
    }
}

#[test]
fn a_nonce_lets_the_script_run_where_trust_is_passed_on_by_scripts_alone() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = site(1);
    let page =
        ASKING_ITSELF.replace("<script src=\"/app.js\"", "<script nonce=\"r4nd+0m==\" src=\"/app.js\"");
    let policy = "Content-Security-Policy: script-src 'nonce-r4nd+0m==' 'strict-dynamic'; base-uri 'none'";
    origin.answers("/app", Answer::html(page).with(&[policy]));
    let seen = browser.open(edge.address(), "/app?gad_source=1", true);
    assert_eq!(seen.errors.len(), 1, "the page's own has no nonce: {seen:#?}");
    assert!(seen.read.contains("Or 646-555-0000"), "{seen:#?}");
}

#[test]
fn where_scripts_must_have_a_hash_the_script_stays_away() {
    let Some(browser) = Browser::start() else { return };
    let policies =
        [("(script)", false), ("(script), sources=(inline)", false), ("(script), sources=()", true)];
    let (origin, edge) = site(policies.len());
    let inline = "</script><script>document.body.append(' Here 212-555-0100')</script>";
    let page = NUMBERS_BY_SCRIPT_ONLY.replace("<p>Call us", "<p>212-555-0100").replace("</script>", inline);
    for (destinations, runs) in policies {
        let header = format!("Integrity-Policy: blocked-destinations={destinations}");
        origin.answers("/app", Answer::html(&page).with(&[&header]));
        let seen = browser.open(edge.address(), "/app?gad_source=1", true);
        assert_eq!(seen.read.contains("Or "), runs, "the browser's word on {header}: {seen:#?}");
        let here = if runs { "Here 646-555-00" } else { "Here 212-555-0100" };
        assert!(seen.read.starts_with("646-555-00") && seen.read.contains(here), "{header}: {seen:#?}");
        assert!(seen.errors.is_empty(), "{header}: {seen:#?}");
    }
}

#[test]
fn a_script_that_could_only_ask_and_may_not_is_not_sent() {
    let (origin, edge) = hydrating("observe", |config| config);
    let policy = "Content-Security-Policy: connect-src https://api.example.com";
    origin.answers("/van", Answer::html(NUMBERLESS).with(&[policy]));
    assert_eq!(Visitor::at(&edge).open("/van?gad_source=1").text(), NUMBERLESS);
    origin.answers("/", Answer::html(PAGE).with(&[policy]));
    assert!(Visitor::at(&edge).open(AD).text().contains("/.dni/swap.js"), "what it was told needs no asking");
}

#[test]
fn taps_are_told_where_the_policy_lets_a_script_do_so_and_by_its_nonce() {
    let (origin, edge) = hydrating("observe", |config| config.numbers(8));
    for (policy, element) in [
        ("script-src 'self'; connect-src 'self'", Some("<script src=\"/.dni/tap.js\"></script>")),
        ("script-src 'nonce-abc'", Some("<script src=\"/.dni/tap.js\" nonce=\"abc\"></script>")),
        ("connect-src 'none'", None),
        ("connect-src www.example.com:*/.dni/visit", None),
        ("script-src www.example.com:*/.dni/swap.js", None),
    ] {
        origin.answers("/", Answer::html(PAGE).with(&[&format!("Content-Security-Policy: {policy}")]));
        let page = Visitor::at(&edge).open(AD).text();
        assert!(page.contains("/.dni/swap.js"), "{policy}: {page}");
        match element {
            Some(element) => assert!(page.contains(&format!("</script>{element}")), "{policy}: {page}"),
            None => assert!(!page.contains("/.dni/tap.js"), "nothing is tried in vain, {policy}: {page}"),
        }
    }
}

#[test]
fn behind_a_trusted_proxy_the_pages_scheme_is_the_visitors() {
    let (origin, edge) =
        hydrating("observe", |config| config.numbers(8).server("trusted_proxies = [\"127.0.0.1\"]"));
    let has_script = |policy: &str, request: &Request| {
        origin.answers("/", Answer::html(PAGE).with(&[&format!("Content-Security-Policy: {policy}")]));
        Visitor::at(&edge).send(request).text().contains("/.dni/swap.js")
    };
    let plain = Request::navigation(AD);
    let secure = plain.clone().with("X-Forwarded-Proto", "https");
    for policy in ["script-src https:", &format!("script-src https://{HOST}"), "script-src *.example.com:443"]
    {
        assert!(has_script(policy, &secure) && !has_script(policy, &plain), "{policy}");
    }
    assert!(has_script(&format!("script-src {HOST}"), &plain) && has_script("script-src http:", &secure));
}
