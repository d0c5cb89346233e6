//! A tap on a number that a page shows tells whose call comes a moment later.

use serde_json::json;

use super::{CALLER, hex, plumber_called, visitor_from_ad};
use crate::support::{
    AD, CANONICAL, Edge, FLYER, GOOGLEBOT, HOST, Ledger, Pbx, Request, Response, Visitor, number_on,
    session_of, the_call, tracking,
};

fn session(edge: &Edge, visitor: &Visitor) -> [u8; 16] {
    session_of(edge.folder(), visitor.session())
}

/// The answer that everybody gets.
fn tells_nothing(answer: &Response) {
    assert_eq!((answer.status(), answer.text().as_str()), ("204", ""));
    assert_eq!(answer.header("Cache-Control"), Some("private, no-store"));
    assert!(!answer.head.has("Set-Cookie"));
}

#[test]
fn who_tapped_the_number_has_called_whoever_is_shown_it_by_then() {
    let (_origin, edge) = plumber_called(|config| config.numbers(1).pool("overflow = \"oldest\""));
    let (mut first, number) = visitor_from_ad(&edge);
    tells_nothing(&first.send(&Request::tap(&format!("tel:{number}"))));
    let tapped = Ledger::of(&edge).taps(1);
    assert_eq!(tapped, [(number.clone(), session(&edge, &first))]);
    let mut second = Visitor::at(&edge);
    assert_eq!(number_on(&second.open(AD).text()), number);
    // It isn't theirs any more.
    tells_nothing(&first.send(&Request::tap(&format!("tel:{number}"))));
    Pbx(&edge).rings("C1", CALLER, &number);
    let call = the_call(&edge, |_| true);
    let attribution = &call["attribution"];
    assert_eq!((&attribution["how"], &attribution["confidence"]), (&json!("tap"), &json!(0.95)));
    assert_eq!(attribution["candidates"][0]["session"], hex(session(&edge, &first)));
    assert_eq!(attribution["candidates"][1]["session"], hex(session(&edge, &second)));
    assert!(call["decisions"].to_string().contains("tapped on a page just before"), "{call}");
    tells_nothing(&second.send(&Request::tap(&format!("tel:{number}"))));
    assert_eq!(Ledger::of(&edge).taps(2), [tapped, vec![(number, session(&edge, &second))]].concat());
}

#[test]
fn a_tap_on_a_number_that_is_not_the_visitors_changes_nothing() {
    let (_origin, edge) = plumber_called(|config| config);
    let (mut first, number) = visitor_from_ad(&edge);
    let (mut second, another) = visitor_from_ad(&edge);
    let link = format!("tel:{another}");
    tells_nothing(&first.send(&Request::tap(&link)));
    tells_nothing(&Visitor::at(&edge).send(&Request::tap(&link)));
    for link in ["", "tel:", CANONICAL, &format!("tel:{CANONICAL}"), &format!("tel:{FLYER}")] {
        tells_nothing(&second.send(&Request::tap(link)));
    }
    tells_nothing(&second.send(&Request::tap(&another)));
    tells_nothing(&second.send(&Request::tap(&format!("sms:{another}"))));
    tells_nothing(&second.send(&Request::tap(&link).with("User-Agent", GOOGLEBOT)));
    // In another form it is the same.
    let number_of_first = format!("tel:({})%20{}-{};ext=5", &number[2..5], &number[5..8], &number[8..]);
    tells_nothing(&first.send(&Request::tap(&number_of_first)));
    assert_eq!(Ledger::of(&edge).taps(1), [(number, session(&edge, &first))]);
    Pbx(&edge).rings("C1", CALLER, &another);
    let call = the_call(&edge, |_| true);
    assert_eq!(call["attribution"]["how"], "posterior");
    assert_eq!(call["attribution"]["candidates"][0]["session"], hex(session(&edge, &second)));
}

#[test]
fn a_tap_on_a_static_number_tells_which_of_its_readers_called() {
    let (_origin, edge) = plumber_called(|config| config);
    let [mut first, mut second] = [(); 2].map(|()| Visitor::at(&edge));
    for visitor in [&mut first, &mut second] {
        assert_eq!(number_on(&visitor.open("/?utm_medium=print&utm_source=flyer").text()), FLYER);
    }
    tells_nothing(&first.send(&Request::tap(&format!("tel:{FLYER}"))));
    let (ledger, of_first) = (Ledger::of(&edge), session(&edge, &first));
    assert_eq!(ledger.taps(1), [(FLYER.to_owned(), of_first)]);
    ledger.wait_until("both sessions", |ledger| ledger.sessions().len() == 2);
    Pbx(&edge).rings("C1", CALLER, FLYER);
    let call = the_call(&edge, |_| true);
    assert_eq!(call["attribution"]["how"], "static");
    assert_eq!(call["attribution"]["candidates"][0]["session"], hex(of_first));
}

#[test]
fn only_pages_of_the_same_origin_tell_of_taps_and_only_by_post() {
    let (_origin, edge) = plumber_called(|config| config);
    let (mut visitor, number) = visitor_from_ad(&edge);
    let tap = Request::tap(&format!("tel:{number}"));
    for foreign in [
        tap.clone().with("Sec-Fetch-Site", "cross-site"),
        tap.clone().with("Sec-Fetch-Site", "same-site"),
        tap.clone().with("Origin", "https://evil.example"),
        tap.clone().with("Origin", "null"),
        tap.clone().with("Origin", &format!("http://{HOST}:8080")).without("Sec-Fetch-Site"),
        tap.clone().without("Sec-Fetch-Site").without("Origin"),
    ] {
        assert_eq!(visitor.send(&foreign).status(), "403", "{foreign:?}");
    }
    for method in ["GET", "HEAD", "PUT"] {
        let other = visitor.send(&Request::by_script(method, "/.dni/tap"));
        assert_eq!((other.status(), other.header("Allow")), ("405", Some("POST")), "{method}");
    }
    assert_eq!(visitor.send(&Request::tap(&format!("tel:{number};ext={}", "1".repeat(128)))).status(), "413");
    let (mut other, another) = visitor_from_ad(&edge);
    tells_nothing(&other.send(&Request::tap(&format!("tel:{another}"))));
    assert_eq!(Ledger::of(&edge).taps(1), [(another, session(&edge, &other))]);
}

#[test]
fn of_whoever_has_not_consented_no_tap_is_kept() {
    let consent = "[site.consent]\ncookie = \"consent\"\nallows = \"marketing\"\n";
    let (_origin, edge) = plumber_called(|config| config.rules(&format!("{consent}{RULE}")));
    let [mut first, mut second] = [(); 2].map(|()| Visitor::at(&edge));
    for visitor in [&mut first, &mut second] {
        visitor.cookies.insert("consent".to_owned(), "marketing".to_owned());
        visitor.open(AD);
    }
    let [of_first, of_second] = [&first, &second].map(|visitor| session(&edge, visitor));
    assert_ne!(of_first, of_second);
    first.cookies.insert("consent".to_owned(), "none".to_owned());
    let answer = first.send(&Request::tap(&format!("tel:{}", tracking(0))));
    assert_eq!((answer.status(), answer.text().as_str()), ("204", ""));
    assert!(answer.header("Set-Cookie").unwrap().contains("Max-Age=0"), "the cookie is taken back");
    tells_nothing(&second.send(&Request::tap(&format!("tel:{}", tracking(1)))));
    assert_eq!(Ledger::of(&edge).taps(1), [(tracking(1), of_second)]);
}

const RULE: &str = "[[site.rule]]\nwhen = { channel = [\"Paid Search\"] }\nshow = [\"pool:ads\"]\n";
