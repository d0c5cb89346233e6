//! Where a call goes, as the routes of its line say.

use super::{CALLER, plumber_called};
use crate::support::{CANONICAL, FLYER, Pbx, Twilio, calls, the_call, tracking};

/// The first in order, then the second, then voicemail.
const ROUTE: &str = r#"
[[site.line.route]]
when = { caller_area = "305" }
to = ["+12125550101", "+12125550102"]
timeout = "15s"
whisper = "Call from {source}"
[[site.line.route]]
when = {}
voicemail = "Please leave a message."
"#;

#[test]
fn the_first_route_that_suits_says_who_is_called() {
    let (_origin, edge) = plumber_called(|config| config.routes(ROUTE));
    let answer = Pbx(&edge).rings("C1", CALLER, FLYER);
    assert_eq!(
        (&*answer["dest"], &*answer["timeout"], &*answer["how"]),
        ("+12125550101,+12125550102", "15", "order")
    );
    let other = Pbx(&edge).rings("C2", "+12125550177", FLYER);
    assert_eq!(other["voicemail"], "1");
}

#[test]
fn twilio_goes_from_one_step_to_the_next_until_somebody_answers() {
    let (_origin, edge) = plumber_called(|config| config.routes(ROUTE));
    let twilio = Twilio(&edge);
    let first = twilio.rings("CA1", CALLER, FLYER).text();
    assert!(first.contains("+12125550101") && !first.contains("+12125550102"), "{first}");
    let action = |text: &str| {
        let action = text.split("action=\"").nth(1).unwrap_or_else(|| panic!("{text}"));
        action.split('"').next().unwrap().replace("&amp;", "&")
    };
    let busy = [
        ("CallSid", "CA1"),
        ("CallStatus", "in-progress"),
        ("DialCallSid", "CA2"),
        ("DialCallStatus", "busy"),
    ];
    let second = twilio.posts(&action(&first), &busy).text();
    assert!(second.contains("+12125550102"), "{second}");
    let answered = [
        ("CallSid", "CA1"),
        ("CallStatus", "in-progress"),
        ("DialCallSid", "CA3"),
        ("DialCallStatus", "completed"),
        ("DialCallDuration", "61"),
        ("DialBridged", "true"),
    ];
    let end = twilio.posts(&action(&second), &answered).text();
    assert!(!end.contains("<Dial"), "{end}");
    let call = the_call(&edge, |call| call["outcome"] == "answered");
    assert_eq!((&call["business_phone_number"], &call["talk_time"]), (&"+12125550102".into(), &61.into()));
}

#[test]
fn a_number_that_left_the_configuration_connects_its_callers_for_ever() {
    let (origin, mut edge) = plumber_called(|config| config.numbers(4));
    let two = "[[site]]\nname = \"baker\"\nhosts = [\"baker.example\"]\norigin = \"http://127.0.0.1:9\"\n\
               [[site.line]]\nname = \"shop\"\ncanonical = \"+1 212 555 0900\"\n";
    let less = crate::support::Config::of(origin.address).numbers(2).more(two).more(crate::support::CARRIERS);
    edge.reload(&less);
    assert_eq!(Pbx(&edge).rings("C1", CALLER, &tracking(3))["dest"], CANONICAL);
    edge.stop();
    edge.start_again();
    assert_eq!(Pbx(&edge).rings("C2", CALLER, &tracking(3))["dest"], CANONICAL);
}

#[test]
fn a_number_that_was_never_ours_goes_to_the_only_line_and_among_several_to_none() {
    let (_origin, edge) = plumber_called(|config| config);
    assert_eq!(Pbx(&edge).rings("C1", CALLER, "+14155550123")["dest"], CANONICAL);
    let second = "[[site.line]]\nname = \"other\"\ncanonical = \"+1 212 555 0900\"\n";
    let (_origin, edge) = plumber_called(|config| config.more(second));
    let fields = [("CallSid", "C1"), ("From", CALLER), ("To", "+14155550123")];
    let answer = Pbx(&edge).posts("", &fields);
    assert_eq!((answer.status(), answer.body.len()), ("404", 0));
    assert_eq!(calls(&edge).len(), 1, "logged either way");
}

#[test]
fn a_blocked_caller_is_refused_and_told_of() {
    let blocked = format!("[site.spam]\nblocked_callers = [\"{CALLER}\"]\n");
    let (_origin, edge) = plumber_called(|config| config.more(&blocked));
    let answer = Twilio(&edge).rings("CA1", CALLER, FLYER).text();
    assert!(answer.contains("<Reject"), "{answer}");
    the_call(&edge, |call| call["outcome"] == "blocked");
}

#[test]
fn a_number_that_was_dialled_is_not_rung_for_it() {
    let (_origin, edge) = plumber_called(|config| config);
    let answer = Twilio(&edge).rings("CA1", CALLER, CANONICAL).text();
    assert!(answer.contains("<Reject"), "it would be this very call again, for ever: {answer}");
    let call = the_call(&edge, |call| call["outcome"] == "failed");
    assert!(call["decisions"].to_string().contains("give it a destination"), "{call:#}");
    let elsewhere = "destination = \"+1 212 555 0107\"\n";
    let (_origin, edge) = plumber_called(|config| config.routes(elsewhere));
    assert!(Twilio(&edge).rings("CA1", CALLER, CANONICAL).text().contains("+12125550107"));
}
