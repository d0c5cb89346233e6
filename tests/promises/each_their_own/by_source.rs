//! What is shown follows where the visitor came from.

use crate::support::{
    AD, CANONICAL, Edge, Ledger, Origin, Request, Visitor, number_on, plumber, session_of, tracking,
};

/// A number for each rule, so that the number tells which one matched.
const RULES: &str = r#"
[[site.static]]
name = "spring"
number = "+1 917 555 0001"
[[site.static]]
name = "click"
number = "+1 917 555 0002"
[[site.static]]
name = "paid"
number = "+1 917 555 0003"
[[site.static]]
name = "search"
number = "+1 917 555 0004"
[[site.static]]
name = "letter"
number = "+1 917 555 0005"
[[site.static]]
name = "referral"
number = "+1 917 555 0006"
[[site.rule]]
when = { campaign = ["spring*", "!spring-test"] }
show = ["static:spring"]
[[site.rule]]
when = { click_id = "fbclid", channel = "*Social" }
show = ["static:click"]
[[site.rule]]
when = { channel = "Paid Search" }
show = ["static:paid"]
[[site.rule]]
when = { channel = "Organic Search" }
show = ["static:search"]
[[site.rule]]
when = { medium = ["email", "e?mail"] }
show = ["static:letter"]
[[site.rule]]
when = { channel = "Referral", source = "*.example.org" }
show = ["static:referral"]
"#;

fn site() -> (Origin, Edge) {
    plumber(|config| config.rules(RULES))
}

#[test]
fn the_first_rule_that_the_source_matches_decides() {
    let (_origin, edge) = site();
    let google = "https://www.google.com/";
    for (referrer, target, number) in [
        ("", "/?utm_source=a&utm_medium=b&utm_campaign=Spring-2026", "+19175550001"),
        (google, "/?gclid=1&utm_campaign=spring", "+19175550001"),
        (google, "/?gclid=1&utm_campaign=spring-test", "+19175550003"),
        ("https://www.facebook.com/", "/?fbclid=1", "+19175550002"),
        (google, "/?gclid=1", "+19175550003"),
        ("", "/?utm_source=bing&utm_medium=cpc", "+19175550003"),
        (google, "/", "+19175550004"),
        ("https://duckduckgo.com/", "/?page=2", "+19175550004"),
        ("", "/?utm_source=april&utm_medium=E-Mail", "+19175550005"),
        ("https://blog.example.org/pipes", "/", "+19175550006"),
        ("https://blog.example.net/pipes", "/", CANONICAL),
        ("", "/", CANONICAL),
        ("https://www.example.com/contact", "/", CANONICAL),
    ] {
        let mut visitor = Visitor::at(&edge);
        let page = if referrer.is_empty() { visitor.open(target) } else { visitor.follow(referrer, target) };
        assert_eq!(number_on(&page.text()), number, "{target} from {referrer:?}");
    }
    assert!(Ledger::of(&edge).leases().is_empty(), "a static number is no lease");
}

#[test]
fn a_direct_visit_never_takes_a_source_away_and_a_new_source_does() {
    let (_origin, edge) = site();
    let mut visitor = Visitor::at(&edge);
    let mut shows = |referrer: &str, target: &str, number: &str| {
        let page = if referrer.is_empty() { visitor.open(target) } else { visitor.follow(referrer, target) };
        assert_eq!(number_on(&page.text()), number, "{target} from {referrer:?}");
        visitor.session().to_owned()
    };
    let cookie = shows("https://www.google.com/", "/?gclid=1", "+19175550003");
    shows("", "/", "+19175550003");
    shows("https://www.example.com/", "/", "+19175550003");
    shows("https://www.google.com/", "/", "+19175550004");
    shows("", "/", "+19175550004");
    assert_eq!(shows("", "/?utm_source=april&utm_medium=email&utm_campaign=x", "+19175550005"), cookie);
    let session = session_of(edge.folder(), &cookie);
    let source = ("april".to_owned(), "email".to_owned(), Some("x".to_owned()));
    Ledger::of(&edge)
        .wait_until("the last source", |ledger| ledger.source_of(session) == Some(source.clone()));
}

#[test]
fn a_visitor_whose_new_source_leads_to_the_same_pool_keeps_their_number() {
    let (_origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    assert_eq!(number_on(&visitor.open(AD).text()), tracking(0));
    Visitor::at(&edge).open(AD);
    assert_eq!(number_on(&visitor.open("/?utm_source=bing&utm_medium=cpc").text()), tracking(0));
    assert_eq!(Ledger::of(&edge).leases().len(), 2);
}

#[test]
fn who_comes_back_directly_after_a_while_still_comes_from_where_they_last_came_from() {
    let (_origin, edge) = plumber(|config| config.site("session = { idle = \"0s\" }"));
    let mut visitor = Visitor::at(&edge);
    assert_eq!(number_on(&visitor.open(AD).text()), tracking(0));
    let session = session_of(edge.folder(), visitor.session());
    for _ in 0..2 {
        assert_eq!(number_on(&visitor.open("/").text()), tracking(0));
    }
    assert_eq!(session_of(edge.folder(), visitor.session()), session);
    let source = Ledger::of(&edge).source_of(session).map(|(source, medium, _)| [source, medium]);
    assert_eq!(source, Some(["google".to_owned(), "cpc".to_owned()]));
}

#[test]
fn the_first_touch_is_kept_and_the_cookie_lives_on_with_each_session() {
    let (_origin, edge) = plumber(|config| config.site("session = { idle = \"0s\" }"));
    let mut visitor = Visitor::at(&edge);
    visitor.open("/?utm_source=april&utm_medium=email");
    let cookie = visitor.session().to_owned();
    // Page views are told apart by milliseconds.
    std::thread::sleep(std::time::Duration::from_millis(2));
    let again = visitor.open(AD);
    assert!(again.header("Set-Cookie").is_some_and(|line| line.starts_with(&format!("dni={cookie};"))));
    let session = session_of(edge.folder(), &cookie);
    let ledger = Ledger::of(&edge);
    ledger.wait_until("the last touch", |ledger| {
        ledger.touches_of(session).is_some_and(|touches| touches["last"]["source"]["source"] == "google")
    });
    let touches = ledger.touches_of(session).unwrap();
    assert_eq!(touches["first"]["source"]["medium"], "email");
    assert!(touches["first"]["time"].as_i64() < touches["last"]["time"].as_i64(), "{touches}");
}

#[test]
fn a_referrer_that_is_no_text_behind_its_host_is_one() {
    let rule = "[[site.rule]]\nwhen = { channel = \"Organic Search\" }\nshow = [\"pool:ads\"]\n";
    let (_origin, edge) = plumber(|config| config.rules(rule));
    let request = Request::navigation("/").with("Referer", "https://www.google.com/search?q=é");
    assert_eq!(number_on(&Visitor::at(&edge).send(&request).text()), tracking(0));
}

#[test]
fn who_comes_from_a_source_once_more_was_there_last_now() {
    let (_origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.open(AD).text());
    let session = session_of(edge.folder(), visitor.session());
    visitor.open("/");
    assert_eq!(number_on(&visitor.open(AD).text()), number);
    Ledger::of(&edge).wait_until("a later touch", |ledger| {
        let touches = ledger.touches_of(session).unwrap();
        touches["last"]["time"].as_i64() > touches["first"]["time"].as_i64()
    });
}

#[test]
fn a_source_counts_while_the_cookies_life_has_lasted_since() {
    let (_origin, mut edge) =
        plumber(|config| config.site("session = { idle = \"0s\", cookie_life = \"1d\" }"));
    let mut visitor = Visitor::at(&edge);
    assert_eq!(number_on(&visitor.open(AD).text()), tracking(0));
    for (days, number) in [(0.9, tracking(0)), (1.1, CANONICAL.to_owned())] {
        edge.terminate();
        assert!(edge.ended().success());
        let millis = (days * 86_400_000.0) as i64;
        Ledger::of(&edge).execute(&format!(
            "UPDATE session SET touch = json_set(touch, '$.last.time', unixepoch() * 1000 - {millis})"
        ));
        edge.start_again();
        visitor.returns_to(&edge);
        assert_eq!(number_on(&visitor.open("/").text()), number, "after {days} days");
    }
}
