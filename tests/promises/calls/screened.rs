//! Whoever answers is asked whether they take the call, by carriers that don't say whether the two were put through.

use serde_json::json;

use super::{CALLER, plumber_called};
use crate::support::{Bandwidth, FLYER, the_call};

/// The first in order, then the second, both asked.
const SCREENED: &str = r#"
[[site.line.route]]
when = {}
to = ["+12125550101", "+12125550102"]
screen = true
"#;

#[test]
fn who_refuses_a_call_is_passed_over_and_who_takes_it_is_the_last() {
    let (_origin, edge) = plumber_called(|config| config.routes(SCREENED));
    let bandwidth = Bandwidth(&edge);
    let first = bandwidth.rings("c-1", CALLER, FLYER);
    assert!(first.contains("+12125550101") && !first.contains("+12125550102"), "{first}");
    let asked = |answer: &str, leg: &str, digits: &str| {
        let answered = json!({ "eventType": "transferAnswer", "callId": leg, "parentCallId": "c-1" });
        let prompt = bandwidth.comes_back(answer, "transferAnswerUrl", &answered);
        let pressed =
            json!({ "eventType": "gather", "callId": leg, "parentCallId": "c-1", "digits": digits });
        bandwidth.comes_back(&prompt, "gatherUrl", &pressed)
    };
    assert!(asked(&first, "c-2", "2").contains("<Hangup/>"));
    let over = json!({ "eventType": "transferComplete", "callId": "c-1", "cause": "hangup" });
    let second = bandwidth.comes_back(&first, "transferCompleteUrl", &over);
    assert!(second.contains("+12125550102"), "{second}");
    assert!(!asked(&second, "c-3", "1").contains("<Hangup/>"));
    let ended = json!({
        "eventType": "transferDisconnect", "callId": "c-3", "parentCallId": "c-1", "cause": "hangup", "transferTo": "+12125550102",
        "answerTime": "2026-11-28T15:00:06Z", "endTime": "2026-11-28T15:00:47Z",
    });
    bandwidth.comes_back(&second, "transferDisconnectUrl", &ended);
    let end = bandwidth.comes_back(&second, "transferCompleteUrl", &over);
    assert!(!end.contains("<Transfer"), "{end}");
    let call = the_call(&edge, |call| call["outcome"] == "answered");
    assert_eq!((&call["business_phone_number"], &call["talk_time"]), (&"+12125550102".into(), &41.into()));
}

#[test]
fn where_nobody_is_asked_whoever_answers_has_the_call() {
    let (_origin, edge) = plumber_called(|config| config.routes(&SCREENED.replace("screen = true", "")));
    let bandwidth = Bandwidth(&edge);
    let first = bandwidth.rings("c-1", CALLER, FLYER);
    let over = json!({ "eventType": "transferComplete", "callId": "c-1", "cause": "hangup" });
    let end = bandwidth.comes_back(&first, "transferCompleteUrl", &over);
    assert!(!end.contains("<Transfer"), "{end}");
    the_call(&edge, |call| call["outcome"] == "answered");
}

#[test]
fn telephones_that_a_carrier_does_not_ring_at_once_ring_after_the_others() {
    let to: Vec<String> = (1..=10).map(|last| format!("\"+121255501{last:02}\"")).collect();
    let together =
        format!("[[site.line.route]]\nwhen = {{}}\nto = [{}]\nhow = \"together\"\n", to.join(", "));
    let (_origin, edge) = plumber_called(|config| config.routes(&together));
    let bandwidth = Bandwidth(&edge);
    let first = bandwidth.rings("c-1", CALLER, FLYER);
    assert_eq!(first.matches("<PhoneNumber").count(), 8, "{first}");
    let nobody = json!({ "eventType": "transferComplete", "callId": "c-1", "cause": "timeout" });
    let second = bandwidth.comes_back(&first, "transferCompleteUrl", &nobody);
    assert_eq!(second.matches("<PhoneNumber").count(), 2, "{second}");
}
