//! A call is in the log once, as it went, with the visitor whose it is.

use serde_json::{Value, json};

use super::{CALLER, hex, plumber_called, visitor_from_ad};
use crate::support::{CANONICAL, FLYER, Pbx, Twilio, calls, contains, session_of, the_call};

#[test]
fn a_visitor_from_an_ad_who_calls_is_connected_and_told_of() {
    let (_origin, edge) = plumber_called(|config| config);
    let (visitor, number) = visitor_from_ad(&edge);
    let pbx = Pbx(&edge);
    let answer = pbx.rings("C1", CALLER, &number);
    assert_eq!(answer["dest"], CANONICAL);
    pbx.tells("C1", &[("CallStatus", "answered")]);
    pbx.tells(
        "C1",
        &[
            ("DialCallStatus", "ANSWER"),
            ("DialCallDuration", "65"),
            ("CallDuration", "80"),
            ("CallStatus", "completed"),
        ],
    );
    let call = the_call(&edge, |call| call["outcome"] == "answered");
    assert_eq!((&call["talk_time"], &call["duration"]), (&json!(65), &json!(80)));
    assert_eq!(call["tracking_phone_number"], json!(number));
    assert_eq!(call["business_phone_number"], CANONICAL);
    assert_eq!(call["customer_phone_number"], CALLER);
    assert_eq!(
        (&call["source"], &call["medium"], &call["channel"]),
        (&json!("google"), &json!("cpc"), &json!("Paid Search"))
    );
    assert_eq!((&call["first_call"], &call["prior_calls"]), (&json!(true), &json!(0)));
    assert_eq!(
        (&call["site"], &call["line"], &call["carrier"]),
        (&json!("plumber"), &json!("main"), &json!("pbx"))
    );
    let attribution = &call["attribution"];
    assert_eq!(attribution["how"], "posterior");
    let session = session_of(edge.folder(), visitor.session());
    assert_eq!(attribution["candidates"][0]["session"], hex(session));
    assert_eq!(call["tags"], json!(["qualified"]));
    assert_eq!(call["landing_page_url"], "www.example.com/?utm_source=google&utm_medium=cpc");
    assert!(!call["decisions"].as_array().unwrap().is_empty());
}

#[test]
fn a_static_number_brings_its_own_source() {
    let (_origin, edge) = plumber_called(|config| config);
    let pbx = Pbx(&edge);
    assert_eq!(pbx.rings("C1", CALLER, FLYER)["dest"], CANONICAL);
    let call = the_call(&edge, |_| true);
    assert_eq!(call["attribution"]["how"], "static");
    assert_eq!(call["outcome"], Value::Null, "it is going on");
}

#[test]
fn a_number_is_dialled_in_whichever_way_the_country_writes_it() {
    let (_origin, edge) = plumber_called(|config| config);
    for (call, to) in
        [("C1", "2125550190"), ("C2", "12125550190"), ("C3", "(212) 555-0190"), ("C4", " 12125550190")]
    {
        Pbx(&edge).rings(call, CALLER, to);
    }
    for call in calls(&edge) {
        assert_eq!(
            (&call["tracking_phone_number"], &call["attribution"]["how"]),
            (&json!(FLYER), &json!("static"))
        );
    }
}

#[test]
fn a_number_that_nobody_was_shown_says_so_and_is_connected() {
    let (_origin, edge) = plumber_called(|config| config);
    assert_eq!(Pbx(&edge).rings("C1", CALLER, "+16465550000")["dest"], CANONICAL);
    let call = the_call(&edge, |_| true);
    assert_eq!((&call["attribution"]["how"], &call["source"]), (&json!("unshown"), &Value::Null));
}

#[test]
fn a_carrier_that_asks_again_is_told_the_same_and_it_is_one_call() {
    let (_origin, mut edge) = plumber_called(|config| config);
    let (_visitor, number) = visitor_from_ad(&edge);
    let first = Pbx(&edge).rings("C1", CALLER, &number);
    assert_eq!(Pbx(&edge).rings("C1", CALLER, &number), first);
    edge.stop();
    edge.start_again();
    assert_eq!(Pbx(&edge).rings("C1", CALLER, &number), first);
    for _ in 0..3 {
        Pbx(&edge).tells("C1", &[("DialCallStatus", "BUSY"), ("CallStatus", "completed")]);
    }
    the_call(&edge, |call| call["outcome"] == "busy");
}

#[test]
fn a_telephone_that_called_before_is_known_again() {
    let (_origin, edge) = plumber_called(|config| config);
    let (visitor, number) = visitor_from_ad(&edge);
    let (_other, another) = visitor_from_ad(&edge);
    assert_ne!(number, another);
    Pbx(&edge).rings("C1", CALLER, &number);
    the_call(&edge, |_| true);
    Pbx(&edge).rings("C2", CALLER, &another);
    let calls = calls(&edge);
    let second = calls.iter().find(|call| call["carrier_call_id"] == "C2").unwrap();
    assert_eq!((&second["first_call"], &second["prior_calls"]), (&json!(false), &json!(1)));
    assert_eq!(second["attribution"]["how"], "caller");
    let session = hex(session_of(edge.folder(), visitor.session()));
    assert_eq!(second["attribution"]["candidates"][0]["session"], session);
}

#[test]
fn who_withholds_the_number_is_nobody_twice() {
    let (_origin, edge) = plumber_called(|config| config);
    for call in ["C1", "C2"] {
        Pbx(&edge).rings(call, "anonymous", FLYER);
    }
    let calls = calls(&edge);
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!((&call["customer_phone_number"], &call["first_call"]), (&Value::Null, &Value::Null));
    }
}

#[test]
fn no_file_of_the_ledger_tells_who_called() {
    let (_origin, mut edge) = plumber_called(|config| config);
    Pbx(&edge).rings("C1", CALLER, FLYER);
    Pbx(&edge).tells("C1", &[("DialCallStatus", "NOANSWER"), ("CallStatus", "completed")]);
    the_call(&edge, |call| call["outcome"] == "missed");
    edge.stop();
    for file in std::fs::read_dir(edge.folder()).unwrap() {
        let path = file.unwrap().path();
        assert!(!contains(&std::fs::read(&path).unwrap(), &CALLER.as_bytes()[1..]), "{}", path.display());
    }
}

#[test]
fn twilio_is_told_to_dial_and_its_messages_make_the_call() {
    let (_origin, edge) = plumber_called(|config| config);
    let (_visitor, number) = visitor_from_ad(&edge);
    let twilio = Twilio(&edge);
    let answer = twilio.rings("CA1", CALLER, &number);
    assert_eq!((answer.status(), answer.header("Content-Type")), ("200", Some("text/xml; charset=utf-8")));
    let text = answer.text();
    assert!(text.contains("<Dial") && text.contains(CANONICAL), "{text}");
    let action = text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let ended = [
        ("CallSid", "CA1"),
        ("CallStatus", "in-progress"),
        ("DialCallSid", "CA2"),
        ("DialCallStatus", "no-answer"),
    ];
    let next = twilio.posts(&action, &ended);
    assert_eq!(next.status(), "200");
    assert!(!next.text().contains("<Dial"), "there is nobody left to be called: {}", next.text());
    the_call(&edge, |call| call["outcome"] == "missed" && call["carrier"] == "twilio");
}
