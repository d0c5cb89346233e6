//! `attribute`: who called a number.

use std::path::Path;

use serde_json::{Value, json};

use super::{File, command, hex, told};
use crate::support::{
    CANONICAL, CARRIERS, Config, Edge, FLYER, Ledger, Origin, Pbx, Visitor, calls, number_on, plumber, run,
    session_of, tracking,
};

/// Where a visitor from a campaign lands.
const SPRING: &str = "/?utm_source=google&utm_medium=cpc&utm_campaign=spring";

/// The radio's number, of the plumber.
const RADIO: &str = r#"
[[site.static]]
name = "radio"
line = "main"
number = "+12125550191"
source = { channel = "Offline", medium = "radio", campaign = "spring" }
"#;

/// A site of another country.
const BAKER: &str = r#"
[[site]]
name = "baker"
hosts = ["baker.example"]
origin = "http://127.0.0.1:9"
country = "DE"
[[site.line]]
name = "main"
canonical = "+49 30 23125100"
"#;

fn attribute(edge: &Edge, number: &str, more: &[&str]) -> Value {
    told(&command("attribute", edge, &[&[number, "--json"], more].concat()))
}

fn session_at(visitor: &Visitor, edge: &Edge) -> [u8; 16] {
    session_of(edge.folder(), visitor.session())
}

/// An instant so many hours ago.
fn ago(hours: i64) -> String {
    let now = dni_edge::Timestamp::now();
    dni_edge::Timestamp(now.0 - hours * 60 * 60 * 1000).to_string()
}

fn rewrite(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from));
    std::fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn the_one_who_was_shown_a_number_has_called_it() {
    let (_origin, edge) = plumber(|config| config);
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.open(SPRING).text());
    let answer = attribute(&edge, &number, &[]);
    let candidate = &answer["candidates"][0];
    for (key, value) in [
        ("session", json!(hex(session_at(&visitor, &edge)))),
        ("probability", json!(1.0)),
        ("source", json!("google")),
        ("medium", json!("cpc")),
        ("campaign", json!("spring")),
        ("channel", json!("Paid Search")),
    ] {
        assert_eq!(candidate[key], value, "{key} of {answer}");
    }
    let last_seen = dni_edge::Timestamp::parse(candidate["last_seen"].as_str().unwrap()).unwrap();
    assert!(dni_edge::Timestamp::now().since(last_seen).as_secs() < 600);
    let told = [&answer["number"], &answer["how"], &answer["confidence"]];
    assert_eq!(told, [&json!(number), &json!("posterior"), &json!(1.0)]);
    assert!(answer["time"].as_str().unwrap().ends_with('Z'));
    let national = attribute(&edge, &format!("({}) {}-{}", &number[2..5], &number[5..8], &number[8..]), &[]);
    // When they were last seen may have been written in between.
    assert_eq!(national["candidates"][0]["session"], candidate["session"]);
    let table = command("attribute", &edge, &[&number]);
    for words in
        ["posterior, confidence 1.00", "probability", "100.0 %", "google / cpc", "spring", "Paid Search"]
    {
        assert!(table.text().contains(words), "{words}: {}", table.text());
    }
}

#[test]
fn of_two_who_were_shown_it_the_later_is_the_likelier_and_at_an_earlier_time_it_was_the_first() {
    let (_origin, edge) = plumber(|config| config.numbers(1).pool("hold = \"0s\""));
    let mut visitors = [Visitor::at(&edge), Visitor::at(&edge)];
    for (visitor, source) in visitors.iter_mut().zip(["google", "bing"]) {
        let landing = format!("/?utm_source={source}&utm_medium=cpc");
        assert_eq!(number_on(&visitor.open(&landing).text()), tracking(0));
    }
    let [first, second] = visitors.map(|visitor| session_at(&visitor, &edge));
    Ledger::of(&edge).make_older(first, 2);
    let answer = attribute(&edge, &tracking(0), &[]);
    let sources = ["0", "1"].map(|place| answer["candidates"].pointer(&format!("/{place}/source")).unwrap());
    assert_eq!(sources, ["bing", "google"]);
    assert_eq!(answer["candidates"][0]["session"], hex(second));
    let confidence = answer["confidence"].as_f64().unwrap();
    assert!(confidence > 0.95 && confidence < 1.0, "{answer}");
    let earlier = attribute(&edge, &tracking(0), &["--at", &ago(24)]);
    assert_eq!(
        (&earlier["confidence"], &earlier["candidates"][0]["session"]),
        (&json!(1.0), &json!(hex(first)))
    );
    assert_eq!(earlier["candidates"][0]["channel"], "Paid Search");
    assert_eq!(attribute(&edge, &tracking(0), &["--at", &ago(72)])["how"], "unshown");
}

/// Two visitors of one number, the one from Google two days before the one from Bing.
fn two_visitors() -> (Origin, Edge, [[u8; 16]; 2]) {
    let (origin, edge) = plumber(|config| config.numbers(1).pool("hold = \"0s\"").more(CARRIERS));
    let shown = ["google", "bing"].map(|source| {
        let mut visitor = Visitor::at(&edge);
        let landing = format!("/?utm_source={source}&utm_medium=cpc");
        assert_eq!(number_on(&visitor.open(&landing).text()), tracking(0));
        if source == "google" {
            // Before the other one came.
            Pbx(&edge).rings("first", CALLER, &tracking(0));
        }
        session_at(&visitor, &edge)
    });
    Ledger::of(&edge).make_older(shown[0], 2);
    (origin, edge, shown)
}

/// Somebody who has called before.
const CALLER: &str = "+13055550123";

#[test]
fn a_telephone_that_called_before_and_a_tap_tell_whose_a_call_is_as_they_do_when_the_phone_rings() {
    let (_origin, edge, [google, bing]) = two_visitors();
    let told = |more: &[&str]| {
        let answer = attribute(&edge, &tracking(0), more);
        (answer["how"].clone(), answer["candidates"][0]["session"].clone(), answer["confidence"].clone())
    };
    assert_eq!(told(&[]).1, hex(bing));
    assert_eq!(told(&["--from", "+13055550124"]).1, hex(bing), "nobody knows this telephone");
    let known = (json!("caller"), json!(hex(google)), json!(0.82));
    for caller in [CALLER, "(305) 555-0123"] {
        assert_eq!(told(&["--from", caller]), known);
    }
    Pbx(&edge).rings("second", CALLER, &tracking(0));
    let rang = calls(&edge).pop().unwrap()["attribution"].clone();
    assert_eq!(
        (rang["how"].clone(), rang["candidates"][0]["session"].clone(), rang["confidence"].clone()),
        known
    );
    let words = command("attribute", &edge, &[&tracking(0), "--from", CALLER]);
    assert!(words.text().contains("caller, confidence 0.82: the telephone is known from an earlier call"));

    let now = dni_edge::Timestamp::now();
    let tap = format!("INSERT INTO tap VALUES (x'{}', '{}', {})", hex(google), tracking(0), now.0 - 1000);
    Ledger::of(&edge).execute(&tap);
    assert_eq!(told(&[]), (json!("tap"), json!(hex(google)), json!(0.95)));
    assert_eq!(command("attribute", &edge, &[&tracking(0), "--from", "nobody"]).status, 1);
}

#[test]
fn the_calls_that_were_logged_teach_when_people_call() {
    let (_origin, edge, [google, bing]) = two_visitors();
    let ledger = Ledger::of(&edge);
    // The one left a day ago, the other twenty minutes before that.
    ledger.make_older(bing, 1);
    let started = ledger.rows("SELECT started FROM lease WHERE session = ?1", &[&bing.into()])[0][0].number();
    let of_google = format!("WHERE session = x'{}'", hex(google));
    ledger.execute(&format!("UPDATE lease SET last_seen = {started}, started = {started} - 1300000"));
    ledger.execute(&format!("UPDATE lease SET last_seen = {started} - 1200000 {of_google}"));
    ledger.execute(&format!(
        "DELETE FROM call; UPDATE lease SET started = {started} - 1000 WHERE last_seen = {started}"
    ));
    let call = dni_edge::Timestamp(started + 30_000);
    let late = || {
        let answer = attribute(&edge, &tracking(0), &["--at", &call.to_string()]);
        let candidates = answer["candidates"].as_array().unwrap().clone();
        let late = candidates.iter().find(|candidate| candidate["session"] == hex(google));
        late.map_or(0.0, |late| late["probability"].as_f64().unwrap())
    };
    let before = late();
    assert!((0.005..0.05).contains(&before), "{before}");
    for call in 0..40 {
        Pbx(&edge).rings(&format!("C{call}"), &format!("+1305555{call:04}"), &tracking(0));
    }
    ledger.execute(&format!("UPDATE call SET started = {}", call.0));
    let after = late();
    assert!(after < before / 2.0, "all forty called half a minute after the page: {before} {after}");
}

#[test]
fn a_static_number_is_its_sources_and_one_that_nobody_was_shown_is_unshown() {
    let config = File::with(&Config::of("127.0.0.1:9".parse().unwrap()).more(RADIO).to_toml());
    let attribute = |number: &str| {
        let line =
            ["attribute", "--config", config.path(), number, "--at", "2026-11-28T17:00:00+01:00", "--json"];
        told(&run(&line, b""))
    };
    let source = json!({"session": null, "probability": 1.0, "source": null, "medium": "radio", "campaign": "spring",
        "channel": "Offline", "last_seen": null});
    let answer = json!({"number": "+12125550191", "time": "2026-11-28T16:00:00Z", "how": "static", "confidence": 1.0,
        "candidates": [source]});
    assert_eq!(attribute("212-555-0191"), answer);
    assert_eq!(attribute(FLYER)["how"], "static");
    let (_origin, edge) = plumber(|config| config);
    let unshown = command("attribute", &edge, &[&tracking(3), "--json", "--at", "2026-11-28"]);
    let answer = json!({"number": tracking(3), "time": "2026-11-28T00:00:00Z", "how": "unshown", "confidence": 0.0, "candidates": []});
    assert_eq!(told(&unshown), answer);
    assert!(command("attribute", &edge, &[&tracking(3)]).text().contains("nobody was shown the number"));
}

#[test]
fn a_number_that_left_the_configuration_is_known_by_its_history_and_who_was_erased_is_nobody() {
    let (_origin, mut edge) = plumber(|config| config.numbers(1));
    let mut visitor = Visitor::at(&edge);
    assert_eq!(number_on(&visitor.open(SPRING).text()), tracking(0));
    edge.stop();
    rewrite(&edge.config(), &tracking(0), &tracking(1));
    assert_eq!(attribute(&edge, &tracking(0), &[])["candidates"][0]["campaign"], "spring");
    let session = hex(session_at(&visitor, &edge));
    told(&command("erase", &edge, &["--session", &session, "--json"]));
    let answer = attribute(&edge, &tracking(0), &[]);
    let candidate = &answer["candidates"][0];
    for key in ["session", "source", "medium", "campaign", "channel"] {
        assert!(candidate[key].is_null(), "{key} of {answer}");
    }
    assert_eq!((&candidate["probability"], candidate["last_seen"].is_string()), (&json!(1.0), true));
}

#[test]
fn what_nobody_can_be_told_by_is_an_error_that_says_what_to_do() {
    let origin = Origin::start();
    let edge = Edge::start(&Config::of(origin.address).more(BAKER));
    for (arguments, words) in [
        (&["+12125550142"][..], &["no number of the configuration", "nobody who was shown it", "digit"][..]),
        (&[CANONICAL], &["business's own number", "plumber"]),
        (&["+493023125100"], &["business's own number", "baker"]),
        (&["212 555 0110"], &["several countries", "--site NAME", "plumber, baker"]),
        (&["030 23125100", "--site", "baker"], &["business's own number", "baker"]),
        (&["+12125550110", "--site", "smith"], &["no site is called \"smith\"", "plumber, baker"]),
        (&["+1 call me"], &["\"+1 call me\"", "no part of a number"]),
    ] {
        let outcome = command("attribute", &edge, arguments);
        assert_eq!((outcome.status, outcome.text()), (1, ""), "{arguments:?}");
        assert!(words.iter().all(|word| outcome.stderr.contains(word)), "{arguments:?}: {}", outcome.stderr);
    }
    for wrong in ["yesterday", "2026-13-01", ""] {
        assert_eq!(command("attribute", &edge, &[&tracking(0), "--at", wrong]).status, 2, "{wrong}");
    }
}
