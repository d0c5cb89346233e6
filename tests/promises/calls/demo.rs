//! The demo rings: a simulated carrier signs as Twilio does, obeys what it is answered, and judges it; the call is told at once.

use serde_json::{Value, json};

use crate::support::{Browser, Demo, Request, get, hrefs};

const AD: &str = "/?utm_source=google&utm_medium=cpc&utm_campaign=spring";

/// What the website prints, and the telephone on the business's counter.
const CANONICAL: &str = "+15035550100";
const BUSINESS: &str = "+15035550107";

/// What a visitor from an ad reads.
fn number_from_ad(demo: &Demo) -> String {
    let page = demo.page(AD);
    let number = hrefs(&page).into_iter().find_map(|href| href.strip_prefix("tel:").map(str::to_owned));
    let number = number.unwrap_or_else(|| panic!("{page}"));
    number.replace('-', "")
}

#[test]
fn who_reads_a_number_and_calls_it_is_put_through_and_told_of() {
    let demo = Demo::start();
    let number = number_from_ad(&demo);
    assert_ne!(number, CANONICAL);
    let outcome = demo.call(&number, &["--talk", "125", "--from", "+1 305 555 0123"]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let told = outcome.text();
    let mut rest = told;
    for words in [
        "0:00  +13055550123 calls +15035550110",
        "the caller hears: This call is recorded.",
        "+15035550107 rings",
        "+15035550107 answers",
        "+15035550107 hears: Call from google, campaign spring",
        "put through",
        "talked for 125 s",
        "a recording of 125 s",
        "call +15035550110 from +13055550123 · google / cpc (Paid Search) · answered by +15035550107 · talk 2:05",
    ] {
        let at = rest.find(words).unwrap_or_else(|| panic!("{words:?} in this order: {told}"));
        rest = &rest[at + words.len()..];
    }
    let line = demo.says("call +15035550110");
    for words in
        ["google / cpc (Paid Search)", "answered by +15035550107", "2:05", "confidence 1.00", "qualified"]
    {
        assert!(line.contains(words), "{words}: {line}");
    }
    // To call was no visit: what comes next is the next one.
    demo.page("/about.html");
    let next = std::iter::repeat_with(|| demo.says("")).find(|line| !line.starts_with("      because"));
    assert!(next.as_deref().is_some_and(|line| line.starts_with("person /about.html")), "{next:?}");
}

#[test]
fn the_call_is_as_calls_tells_it_and_its_recording_can_be_heard() {
    let demo = Demo::start();
    let number = number_from_ad(&demo);
    let call = demo.called(&number, &[]);
    for (key, value) in [
        ("tracking_phone_number", json!(number)),
        ("business_phone_number", json!(BUSINESS)),
        ("outcome", json!("answered")),
        ("talk_time", json!(95)),
        ("first_call", json!(true)),
        ("source", json!("google")),
        ("medium", json!("cpc")),
        ("campaign", json!("spring")),
        ("carrier", json!("twilio")),
        ("attestation", json!("A")),
        ("customer_state", json!("OR")),
        ("recording_duration", json!(95)),
        ("tags", json!(["qualified"])),
        ("spam", json!(false)),
    ] {
        assert_eq!(call[key], value, "{key}: {call:#}");
    }
    assert_eq!(call["attribution"]["how"], "posterior");
    assert!(call["duration"].as_u64() > Some(95), "{call:#}");
    let recording = call["recording"].as_str().unwrap().strip_prefix("http://").unwrap();
    let (address, path) = recording.split_once('/').unwrap();
    for name in [format!("/{path}"), format!("/{path}.wav")] {
        let wav = get(address, Request::get(&name));
        assert_eq!((wav.status(), wav.header("Content-Type")), ("200", Some("audio/wav")));
        assert_eq!((&wav.body[..4], wav.body.len()), (&b"RIFF"[..], 44 + 95 * 8_000));
    }
    assert_eq!(get(address, Request::get(&format!("/{path}0"))).status(), "404");
}

#[test]
fn every_way_in_which_a_call_may_end_is_told_as_it_is() {
    let demo = Demo::start();
    let number = number_from_ad(&demo);
    for ending in ["answered", "busy", "missed", "abandoned", "voicemail"] {
        let call = demo.called(&number, &["--as", ending]);
        let talked = ending == "answered";
        assert_eq!(
            (&call["outcome"], &call["answered"], &call["source"]),
            (&json!(ending), &json!(talked), &json!("google")),
            "{call:#}"
        );
        assert_eq!(call["talk_time"].as_u64() > Some(0), talked);
        let is_recorded = talked || ending == "voicemail";
        assert_eq!(call["recording"].is_string(), is_recorded, "{call:#}");
        let line = demo.says(&format!("call {number}"));
        assert!(line.contains(&format!("· {ending}")), "{line}");
    }
}

#[test]
fn a_message_that_is_left_is_recorded_and_written_down() {
    let demo = Demo::start();
    let call = demo.called(&number_from_ad(&demo), &["--as", "voicemail"]);
    assert_eq!((&call["voicemail"], &call["tags"]), (&json!(true), &json!(["urgent"])), "{call:#}");
    let words = call["transcription"].as_str().unwrap();
    assert!(words.contains("A pipe has burst"), "{words}");
    assert!(call["recording_duration"].as_u64() > Some(0), "{call:#}");
}

#[test]
fn a_number_that_nobody_was_shown_is_connected_and_says_so() {
    let demo = Demo::start();
    // One of the pool's, one that was never ours, and the business's own.
    for number in ["(503) 555-0112", "212 555 0142", "+1 503 555 0100"] {
        let call = demo.called(number, &[]);
        assert_eq!((&call["outcome"], &call["source"]), (&json!("answered"), &Value::Null), "{call:#}");
        assert_eq!(call["business_phone_number"], BUSINESS);
        assert_eq!(call["attribution"]["how"], "unshown", "{call:#}");
    }
    let listing = demo.called("(503) 555-0190", &[]);
    assert_eq!((&listing["source"], &listing["medium"]), (&json!("google"), &json!("listing")));
    assert_eq!(listing["attribution"]["how"], "static");
}

#[test]
fn who_calls_again_is_known_and_who_withholds_the_number_is_not() {
    let demo = Demo::start();
    let number = number_from_ad(&demo);
    for prior in [0, 1] {
        let call = demo.called(&number, &["--from", "(305) 555-0123"]);
        assert_eq!((&call["prior_calls"], &call["first_call"]), (&json!(prior), &json!(prior == 0)));
        let anonymous = demo.called(&number, &["--from", "anonymous"]);
        assert_eq!(
            (&anonymous["customer_phone_number"], &anonymous["prior_calls"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(demo.called(&number, &[])["first_call"], true, "somebody else each time");
    }
}

#[test]
fn a_button_beside_the_number_in_the_browser_calls_it() {
    let Some(browser) = Browser::start() else { return };
    let demo = Demo::start();
    let steps = [("press", "button.call"), ("see", "answered by")];
    let (page, [_, called]) = browser.follow_at("127.0.0.1", demo.proxy.parse().unwrap(), AD, steps);
    assert!(page.tapped.contains(&"tel:+15035550110".to_owned()), "{page:#?}");
    assert!(page.read.contains("Call this number"), "{page:#?}");
    let told = "call +15035550110 from +19715550123 · google / cpc (Paid Search) · answered by +15035550107";
    assert!(called.read.contains(told), "{called:#?}");
    assert_eq!(called.errors, [""; 0]);
    assert!(demo.says("call +15035550110").contains(told));
}
