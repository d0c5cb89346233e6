//! What holds of every carrier, and what the carriers' own tests have in common.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;

use super::parsed::Parsed;
use super::*;
use crate::call::plan::Rejection;

pub const ADDRESSES: [Address; 7] = [
    Address::Ring,
    Address::Status,
    Address::Recording,
    Address::Transcription,
    Address::Next,
    Address::Whisper,
    Address::Menu,
];

/// A form as it is posted, from the fields of a documented example.
pub fn posted(fields: &Value) -> String {
    let fields = fields.as_object().expect("an example");
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields.iter().map(|(name, value)| (name.as_str(), text(value))))
        .finish()
}

pub fn form_to<'a>(address: Address, query: &'a str, body: &'a str) -> Message<'a> {
    Message { address, query, content_type: "application/x-www-form-urlencoded", body: body.as_bytes() }
}

pub fn json_to<'a>(address: Address, query: &'a str, body: &'a str) -> Message<'a> {
    Message { address, query, content_type: "application/json", body: body.as_bytes() }
}

/// Everything that a dial may want.
pub fn full_dial() -> Dial {
    Dial {
        to: vec!["+12125550100".to_owned(), "+12125550101".to_owned()],
        timeout: Duration::from_secs(20),
        caller_id: Some("+12125550110".to_owned()),
        whisper: Some("Call from Google Ads, <spring> & campaign".to_owned()),
        screen: true,
        record: Recording::Record,
    }
}

/// Each kind of step, alone and behind others.
pub fn plans() -> Vec<Plan> {
    let keys = BTreeMap::from([('1', Dial::plain("+12125550102")), ('#', full_dial())]);
    let whispering = Dial { screen: false, record: Recording::IfConsented, ..full_dial() };
    let steps = [
        Step::Say("This call may be recorded.".to_owned()),
        Step::Challenge { say: "Press 5.".to_owned(), key: '5' },
        Step::Consent { say: "Press 1 to be recorded.".to_owned() },
        Step::Menu { say: "For service press 1.".to_owned(), keys },
        Step::Dial(full_dial()),
        Step::Dial(whispering),
        Step::Dial(Dial::plain("+12125550103")),
        Step::Voicemail { say: "Please leave a message.".to_owned() },
        Step::Reject(Rejection::Unknown),
        Step::Reject(Rejection::Blocked),
    ];
    let alone = steps.iter().map(|step| Plan { steps: vec![step.clone()] });
    alone.chain([Plan::default(), Plan { steps: steps.to_vec() }]).collect()
}

pub fn script(plan: &Plan, step: usize) -> Script<'_> {
    Script {
        plan,
        step,
        consented: false,
        base: "https://www.example.com/.dni/calls/carrier",
        call: "call-1",
        from: "+12125550123",
        to: "+12125550110",
        login: None,
    }
}

pub fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).expect("UTF-8")
}

/// All that is said to anyone, from every place of every plan.
pub fn answers(carrier: CarrierName) -> Vec<Answer> {
    let mut answers = vec![screened(carrier, true), screened(carrier, false)];
    for plan in &plans() {
        for step in 0..=plan.steps.len() {
            for consented in [false, true] {
                let script = Script { consented, ..script(plan, step) };
                answers.extend([answer(carrier, &script), whisper(carrier, &script)]);
            }
        }
    }
    answers
}

/// One of the documented messages of a fixture.
pub fn example(examples: &str, name: &str) -> Value {
    let examples: Value = serde_json::from_str(examples).expect("JSON");
    examples[name].clone()
}

/// An answer in XML, which has only words that the carrier's own library would write.
pub fn judged_by(vocabulary: &str, answer: &Answer) -> Parsed {
    assert_eq!((answer.status, answer.content_type), (200, "text/xml; charset=utf-8"));
    let vocabulary: Value = serde_json::from_str(vocabulary).expect("JSON");
    let root = Parsed::of(text(answer));
    assert_eq!(root.name, "Response");
    judge(&root, &vocabulary["elements"]);
    root
}

fn judge(element: &Parsed, elements: &Value) {
    let allowed = &elements[&element.name];
    let allows = |kind: &str, name: &str| {
        allowed[kind].as_array().expect("a known element").iter().any(|known| known == name)
    };
    for name in element.attributes.keys() {
        assert!(allows("attributes", name), "{} {name}", element.name);
    }
    assert!(element.text.trim().is_empty() || allowed["text"] == true, "text in {}", element.name);
    for child in &element.children {
        assert!(allows("children", &child.name), "{} in {}", child.name, element.name);
        judge(child, elements);
    }
}

#[test]
fn json_where_a_form_is_wanted_is_said_to_be_so() {
    let message = json_to(Address::Ring, "", "{\"data\":{}}");
    let error = read(CarrierName::Telnyx, &message).expect_err("it is JSON");
    assert_eq!(
        error.to_string(),
        "it is not in the form that telnyx sends: a form is wanted, and it is JSON"
    );
}

#[test]
fn more_telephones_than_a_carrier_rings_at_once_are_not_told_to_it() {
    let many: Vec<String> = (0..12).map(|last| format!("+1212555{:04}", 100 + last)).collect();
    let plan = Plan { steps: vec![Step::Dial(Dial { to: many, ..full_dial() })] };
    for carrier in CarrierName::ALL {
        let answer = answer(carrier, &script(&plan, 0));
        let told = text(&answer).matches("12125550").count();
        // The number that is shown, or whom to ask about, is one of them.
        let others = text(&answer).matches("12125550110").count();
        assert_eq!((told - others).min(11), most_at_once(carrier).min(11), "{carrier}: {}", text(&answer));
    }
}

#[test]
fn what_does_not_say_which_call_it_is_about_is_unreadable() {
    for carrier in CarrierName::ALL {
        for address in ADDRESSES {
            for message in
                [form_to(address, "step=0", "From=%2B12125550123"), json_to(address, "step=0", "{}")]
            {
                assert!(read(carrier, &message).is_err(), "{carrier} {message:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_sent_nothing_breaks(
        query in "(step=[0-9-]{0,22}&|call=.{0,9}&|leg=1&|called=1&|voicemail=1&)*.{0,30}",
        body in prop::collection::vec(any::<u8>(), 0..200),
        fields in prop::collection::vec(
            (
                prop::sample::select(vec![
                    "CallSid", "From", "To", "CallStatus", "DialCallStatus", "RecordingUrl", "Voicemail", "Timestamp",
                    "CallUUID", "DialStatus", "uuid", "conversation_uuid", "status", "callId", "eventType", "from", "to",
                    "DialBridged", "CallDuration", "StirVerstat", "SipCode", "duration", "startTime",
                ]),
                ".{0,20}|completed|\\+?[0-9]{0,17}|transferComplete",
            ),
            0..8,
        ),
    ) {
        let named = Value::Object(
            fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect(),
        );
        let (form, json) = (posted(&named), named.to_string());
        for carrier in CarrierName::ALL {
            for address in ADDRESSES {
                for content_type in ["", "application/json", "application/x-www-form-urlencoded"] {
                    let _ = read(carrier, &Message { address, query: &query, content_type, body: &body });
                }
                let _ = read(carrier, &form_to(address, &query, &form));
                let _ = read(carrier, &json_to(address, &query, &json));
            }
        }
    }

    #[test]
    fn whatever_is_to_be_said_the_answer_can_be_read(said: String) {
        let dial = Dial { whisper: Some(said.clone()), ..full_dial() };
        let plan = Plan {
            steps: vec![Step::Say(said.clone()), Step::Dial(dial.clone()), Step::Voicemail { say: said.clone() }],
        };
        for carrier in CarrierName::ALL {
            let answers =
                (0..3).flat_map(|step| [answer(carrier, &script(&plan, step)), whisper(carrier, &script(&plan, step))]);
            for answer in answers {
                match answer.content_type {
                    "text/xml; charset=utf-8" => drop(Parsed::of(text(&answer))),
                    "application/json" => drop(serde_json::from_slice::<Value>(&answer.body).expect("JSON")),
                    _ => {}
                }
            }
        }
    }
}
