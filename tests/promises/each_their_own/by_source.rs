//! What is shown follows where the visitor came from.

use crate::support::{
    AD, CANONICAL, Edge, Ledger, Origin, Visitor, number_on, plumber, session_of, tracking,
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
