//! A cookie that was not signed for this visitor's site is no cookie.

use crate::support::{AD, Answer, Config, Edge, Origin, PAGE, Request, Visitor, number_on, plumber};

/// Opens a page with this for a cookie; says the number, and whether a new cookie came.
fn open_with(edge: &Edge, cookie: &str) -> (String, bool) {
    let response = Visitor::at(edge).send(&Request::navigation(AD).with("Cookie", cookie));
    (number_on(&response.text()), response.head.has("Set-Cookie"))
}

#[test]
fn a_forged_cookie_is_no_cookie() {
    let (_origin, edge) = plumber(|config| config.numbers(20));
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.open(AD).text());
    let value = visitor.session().to_owned();
    assert_eq!(open_with(&edge, &format!("dni={value}")), (number.clone(), false));
    let swapped = |place: usize| {
        let mut bytes = value.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let last = value.len() - 1;
    for forged in [
        swapped(0),
        swapped(last / 2),
        swapped(last),
        value[..last].to_owned(),
        format!("{value}A"),
        format!("{value}="),
        "x".to_owned(),
        String::new(),
    ] {
        let (other, invited) = open_with(&edge, &format!("dni={forged}"));
        assert!(invited && other != number, "{forged}");
    }
    for other_name in ["__Host-dni", "xdni", "DNI"] {
        let (other, invited) = open_with(&edge, &format!("{other_name}={value}"));
        assert!(invited && other != number, "{other_name}");
    }
}

#[test]
fn a_forged_cookie_beside_a_true_one_does_no_harm() {
    let (_origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.open(AD).text());
    let value = visitor.session();
    for cookie in [format!("dni=planted; dni={value}"), format!("a=b; dni={value}; dni=planted")] {
        assert_eq!(open_with(&edge, &cookie), (number.clone(), false), "{cookie}");
    }
}

const BAKER: &str = r#"
name = "baker"
hosts = ["baker.example.com"]
country = "US"
[[site.line]]
name = "main"
canonical = "+1 212 555 0100"
[[site.pool]]
name = "ads"
numbers = ["+1 646 555 0500", "+1 646 555 0501"]
[[site.rule]]
show = ["pool:ads"]
"#;

#[test]
fn a_cookie_of_another_site_is_no_cookie() {
    let origin = Origin::start();
    origin.answers("/", Answer::html(PAGE));
    let baker = format!("[[site]]\norigin = \"http://{}\"\n{BAKER}", origin.address);
    let edge = Edge::start(&Config::of(origin.address).more(&baker));
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.open(AD).text());
    let at_baker = Request::navigation("/").with("Host", "baker.example.com");
    let response = visitor.clone().send(&at_baker);
    assert!(response.head.has("Set-Cookie"), "the baker does not know them");
    let mut other = Visitor::at(&edge);
    other.send(&at_baker);
    let (plumbers, invited) = open_with(&edge, &format!("dni={}", other.session()));
    assert!(invited && plumbers != number, "nor does the plumber know the baker's visitors");
    assert_eq!(number_on(&visitor.open("/").text()), number);
}

#[test]
fn a_cookie_signed_with_another_secret_is_no_cookie() {
    let (_elsewhere, other) = plumber(|config| config);
    let mut visitor = Visitor::at(&other);
    visitor.open(AD);
    let (_origin, edge) = plumber(|config| config);
    assert!(open_with(&edge, &format!("dni={}", visitor.session())).1);
}
