//! What is shown follows what the request says: page, device, language, country, cookies and shares.

use crate::support::{CANONICAL, Request, Visitor, number_on, plumber};

/// A static number for each condition, so that the number tells which one held.
fn rules(conditions: &[&str]) -> String {
    let mut tables = String::new();
    for (place, condition) in conditions.iter().enumerate() {
        tables += &format!("[[site.static]]\nname = \"n{place}\"\nnumber = \"+1 917 555 {place:04}\"\n");
        tables += &format!("[[site.rule]]\nwhen = {{ {condition} }}\nshow = [\"static:n{place}\"]\n");
    }
    tables
}

fn nth(place: usize) -> String {
    format!("+1917555{place:04}")
}

#[test]
fn each_condition_holds_for_the_visits_that_it_names() {
    let (origin, edge) = plumber(|config| {
        let cdn = "[site.cdn]\ncountry = \"CF-IPCountry\"\n";
        config.server("trusted_proxies = [\"127.0.0.1\"]").rules(
            &(cdn.to_owned()
                + &rules(&[
                    "landing_path = \"/lp/*\"",
                    "referrer_host = \"*.example.org\"",
                    "query = { plan = \"pro*\" }",
                    "cookie = { tier = [\"gold\", \"{*}\"] }",
                    "country = [\"CA\", \"MX\"]",
                    "language = \"fr*\"",
                    "device = \"mobile\", landing_host = \"www.*\"",
                    "between = [2020-01-01, 2021-01-01]",
                ])),
        )
    });
    origin.answers("/lp/boiler", crate::support::Answer::html(crate::support::PAGE));
    let page = || Request::navigation("/");
    for (request, shown) in [
        (Request::navigation("/lp/boiler"), nth(0)),
        (page().with("Referer", "https://blog.example.org/"), nth(1)),
        (Request::navigation("/?Plan=pro%2Bplus"), nth(2)),
        (page().with("Cookie", "tier=gold"), nth(3)),
        (page().with("Cookie", "tier=%7B%22a%22%7D"), nth(3)),
        (page().with("CF-IPCountry", "ca"), nth(4)),
        (page().with("CF-IPCountry", "US"), CANONICAL.to_owned()),
        (page().with("Accept-Language", "en;q=0.4, fr-CA, de;q=0.5"), nth(5)),
        (
            page().with("User-Agent", "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"),
            nth(6),
        ),
        (page().with("Sec-CH-UA-Mobile", "?1"), nth(6)),
        (page(), CANONICAL.to_owned()),
    ] {
        assert_eq!(number_on(&Visitor::at(&edge).send(&request).text()), shown, "{request:?}");
    }
}

#[test]
fn a_country_is_believed_from_a_trusted_proxy_only() {
    let (_origin, edge) = plumber(|config| {
        config.rules(&("[site.cdn]\ncountry = \"CF-IPCountry\"\n".to_owned() + &rules(&["country = \"CA\""])))
    });
    let request = Request::navigation("/").with("CF-IPCountry", "CA");
    assert_eq!(number_on(&Visitor::at(&edge).send(&request).text()), CANONICAL);
}

#[test]
fn a_rule_decided_when_a_session_began_stays_with_it() {
    let (origin, edge) =
        plumber(|config| config.rules(&rules(&["landing_path = \"/lp/*\"", "percent = 50"])));
    origin.answers("/lp/boiler", crate::support::Answer::html(crate::support::PAGE));
    let mut landed = Visitor::at(&edge);
    assert_eq!(number_on(&landed.open("/lp/boiler").text()), nth(0));
    assert_eq!(number_on(&landed.open("/").text()), nth(0));
    let mut shown = std::collections::BTreeSet::new();
    for _ in 0..64 {
        let mut visitor = Visitor::at(&edge);
        let first = number_on(&visitor.open("/").text());
        assert_eq!(number_on(&visitor.open("/").text()), first, "the share that a session is in");
        shown.insert(first);
    }
    assert_eq!(
        shown.into_iter().collect::<Vec<_>>(),
        [CANONICAL.to_owned(), nth(1)],
        "half of them, by chance"
    );
}
