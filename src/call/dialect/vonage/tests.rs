use serde_json::Value;

use super::super::tests::{answers, example, full_dial, json_to, plans, script, text};
use super::super::{Address, Answer, Meaning, Message, Script, Told};
use super::*;
use crate::Timestamp;
use crate::call::carrier::CarrierName;
use crate::call::event::{By, Caller, Dialled, Leg, Pressed, Progress, Recorded, Ring, Status, What};
use crate::call::plan::{Dial, Plan, Rejection, Step};

const EXAMPLES: &str = include_str!("../../../../fixtures/calls/vonage.json");
const VOCABULARY: &str = include_str!("../../../../fixtures/calls/ncco-vocabulary.json");
const CALL: &str = "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab";
const LEG: &str = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab";

fn told(address: Address, query: &str, event: &Value) -> Told {
    let told = read(&json_to(address, query, &event.to_string())).expect("it can be read");
    assert_eq!(told.call, CALL);
    told
}

/// One of its events, with another status.
fn event(status: &str, direction: &str) -> Value {
    let mut event = example(EXAMPLES, "event_completed");
    event["status"] = status.into();
    event["direction"] = direction.into();
    event
}

fn actions(answer: &Answer) -> Vec<Value> {
    assert_eq!((answer.status, answer.content_type), (200, "application/json"));
    let vocabulary: Value = serde_json::from_str(VOCABULARY).expect("JSON");
    let actions: Vec<Value> = serde_json::from_str(text(answer)).expect("an array");
    for action in &actions {
        let name = action["action"].as_str().expect("a name");
        let known = vocabulary["actions"][name].as_array().expect("a known action");
        for option in action.as_object().expect("an object").keys() {
            assert!(known.iter().any(|known| known == option), "{name} {option}");
        }
        assert!(action.get("eventUrl").is_none_or(Value::is_array), "{action}");
    }
    actions
}

fn replied(steps: &[Step], step: usize) -> Vec<Value> {
    actions(&answer(&script(&Plan { steps: steps.to_vec() }, step)))
}

fn names(actions: &[Value]) -> Vec<&str> {
    actions.iter().filter_map(|action| action["action"].as_str()).collect()
}

#[test]
fn it_rings_by_get_and_by_post() {
    let ring = |to: &str, from: &str| {
        let (to, from) = (to.to_owned(), Caller::Number(from.to_owned()));
        Told { call: CALL.to_owned(), meaning: Meaning::Rings(Ring { to, from, ..Ring::default() }) }
    };
    let query = example(EXAMPLES, "answer_get");
    let query = query.as_str().expect("a query");
    let get = Message { address: Address::Ring, query, content_type: "", body: b"" };
    assert_eq!(read(&get).expect("it can be read"), ring("+442079460000", "+447700900000"));
    let post = told(Address::Ring, "", &example(EXAMPLES, "answer_post"));
    assert_eq!(post, ring("+447700900000", "+442079460000"));
}

#[test]
fn the_callers_leg_and_the_dialled_one_are_told_apart() {
    let progress = Progress {
        status: Status::Completed,
        sequence: None,
        time: Timestamp::parse("2020-01-01T12:00:00Z"),
        duration: Some(2),
        cause: None,
    };
    let inbound = told(Address::Status, "", &event("completed", "inbound"));
    assert_eq!(inbound.meaning, Meaning::Happened(vec![What::Caller(progress.clone())]));
    let outbound = told(Address::Status, "", &event("completed", "outbound"));
    let leg = Leg { id: LEG.to_owned(), to: Some("+447700900000".to_owned()), progress };
    assert_eq!(outbound.meaning, Meaning::Happened(vec![What::Leg(leg)]));
    for unknown in ["human", "machine", "levitating"] {
        assert_eq!(told(Address::Status, "", &event(unknown, "inbound")).meaning, Meaning::Happened(vec![]));
    }
}

#[test]
fn only_the_end_of_a_connect_asks_how_to_go_on() {
    for status in ["started", "ringing", "answered"] {
        let told = told(Address::Next, "step=1", &event(status, "outbound"));
        assert!(matches!(told.meaning, Meaning::Happened(happened) if happened.len() == 1), "{status}");
    }
    let human = told(Address::Next, "step=1", &event("human", "outbound"));
    assert_eq!(human.meaning, Meaning::Happened(vec![]));
    for (written, status, talk, caller_gone) in [
        ("completed", Status::Completed, 2, false),
        ("busy", Status::Busy, 0, false),
        ("unanswered", Status::NoAnswer, 0, false),
        ("timeout", Status::NoAnswer, 0, false),
        ("cancelled", Status::Canceled, 0, true),
        ("rejected", Status::Failed, 0, false),
        ("failed", Status::Failed, 0, false),
    ] {
        let told = told(Address::Next, "step=1&dialled=%2B442079460000", &event(written, "outbound"));
        let Meaning::Next { step: 1, happened, to } = told.meaning else { panic!("it goes on") };
        assert_eq!(to.as_deref(), Some("+442079460000"));
        let [What::Leg(_), What::Dialled(dialled)] = &happened[..] else { panic!("{happened:?}") };
        let expected = Dialled {
            step: Some(1),
            status,
            leg: Some(LEG.to_owned()),
            talk: Some(talk),
            bridged: Some(status == Status::Completed),
            caller_gone,
            duration: None,
            cause: None,
        };
        assert_eq!(*dialled, expected, "{written}");
    }
}

#[test]
fn the_documented_event_of_one_who_did_not_answer_says_why() {
    let mut event = example(EXAMPLES, "event_unanswered");
    event["conversation_uuid"] = CALL.into();
    event["uuid"] = LEG.into();
    let Meaning::Happened(happened) = told(Address::Status, "", &event).meaning else {
        panic!("it happened")
    };
    let [What::Leg(leg)] = &happened[..] else { panic!("{happened:?}") };
    assert_eq!((leg.progress.status, leg.progress.cause.as_deref()), (Status::NoAnswer, Some("unavailable")));
}

#[test]
fn a_recording_is_known_by_its_conversation() {
    let mut event = example(EXAMPLES, "record");
    event["end_time"] = "2020-01-01T12:00:17.600Z".into();
    let recorded = |is_voicemail| {
        Meaning::Happened(vec![What::Recorded(Recorded {
            id: LEG.to_owned(),
            place: Some("https://api.nexmo.com/v1/files/bbbbbbbb-aaaa-cccc-dddd-0123456789ab".to_owned()),
            duration: Some(18),
            channels: None,
            is_voicemail,
            failed: false,
        })])
    };
    assert_eq!(told(Address::Recording, "", &event).meaning, recorded(false));
    assert_eq!(told(Address::Status, "", &event).meaning, recorded(false));
    assert_eq!(told(Address::Recording, "voicemail=1", &event).meaning, recorded(true));
}

#[test]
fn keys_are_read_in_either_form() {
    for (body, keys) in [
        (r#"{"conversation_uuid":"CON-1","dtmf":{"digits":"2","timed_out":false}}"#, "2"),
        (r#"{"conversation_uuid":"CON-1","dtmf":{"digits":null,"timed_out":true}}"#, ""),
        (r#"{"conversation_uuid":"CON-1","dtmf":"2","timed_out":false}"#, "2"),
    ] {
        let told = read(&json_to(Address::Menu, "step=0", body)).expect("it can be read");
        let pressed = Pressed { by: By::Caller, step: Some(0), keys: keys.to_owned() };
        assert_eq!(
            told.meaning,
            Meaning::Next { step: 0, happened: vec![What::Pressed(pressed)], to: None },
            "{body}"
        );
    }
}

#[test]
fn a_whisper_is_asked_for_by_get() {
    let query = "step=1&call=CON-0&dialled=%2B442079460000&to=447700900001&from=442079460000&uuid=u-2&conversation_uuid=CON-2";
    let told = read(&Message { address: Address::Whisper, query, content_type: "", body: b"" })
        .expect("it can be read");
    assert_eq!(told.call, "CON-0");
    let Meaning::Whispers { step: 1, happened } = told.meaning else { panic!("it whispers") };
    let [What::Leg(leg)] = &happened[..] else { panic!("{happened:?}") };
    assert_eq!((leg.id.as_str(), leg.to.as_deref()), ("u-2", Some("+447700900001")));
}

#[test]
fn every_reply_is_made_of_actions_that_vonage_knows() {
    for answer in answers(CarrierName::Vonage).iter().filter(|answer| answer.status != 204) {
        actions(answer);
    }
}

#[test]
fn a_connect_records_whispers_and_shows_a_number_of_vonages() {
    let actions = replied(&[Step::Say("Hello".to_owned()), Step::Dial(full_dial())], 0);
    assert_eq!(names(&actions), ["talk", "record", "connect"]);
    let connect = &actions[2];
    assert_eq!((&connect["from"], &connect["timeout"]), (&"12125550110".into(), &20.into()));
    assert_eq!(connect["eventType"], "synchronous");
    assert!(connect["eventUrl"][0].as_str().is_some_and(|url| url.contains("/next?step=1")));
    let endpoint = &connect["endpoint"][0];
    assert_eq!(endpoint["number"], "12125550100");
    assert!(endpoint["onAnswer"]["url"].as_str().is_some_and(|url| url.contains("/whisper?step=1")));
    let plain = replied(&[Step::Dial(Dial::plain("+12125550100"))], 0);
    assert_eq!(plain[0]["from"], "12125550110", "the caller's own would be shown as unknown");
    assert!(plain[0]["endpoint"][0].get("onAnswer").is_none());
    let again = replied(&[Step::Dial(full_dial()), Step::Dial(full_dial())], 1);
    assert_eq!(names(&again), ["connect"], "it is being recorded already");
}

#[test]
fn nobody_is_told_to_press_what_is_not_waited_for() {
    let plan = plans().swap_remove(4);
    let said = actions(&super::super::whisper(CarrierName::Vonage, &script(&plan, 0)));
    assert_eq!(said[0]["text"], "Call from Google Ads,  spring  & campaign");
    assert!(!super::super::can_screen(CarrierName::Vonage));
}

#[test]
fn steps_that_wait_come_back_to_us() {
    let asked = replied(&[Step::Challenge { say: "Press 5.".to_owned(), key: '5' }], 0);
    assert_eq!(names(&asked), ["talk", "input"]);
    assert_eq!(asked[0]["bargeIn"], true);
    assert!(asked[1]["eventUrl"][0].as_str().is_some_and(|url| url.contains("/menu?step=0")));
    let voicemail = replied(&[Step::Voicemail { say: "Please.".to_owned() }], 0);
    assert_eq!(names(&voicemail), ["talk", "record"]);
    assert!(voicemail[1]["eventUrl"][0].as_str().is_some_and(|url| url.contains("/recording?voicemail=1")));
    assert!(replied(&[Step::Reject(Rejection::Unknown)], 0).is_empty());
    assert!(actions(&answer(&Script { step: 9, ..script(&Plan::default(), 0) })).is_empty());
}

#[test]
fn what_is_said_is_text_and_as_long_as_may_be() {
    let long = format!("<speak>{}</speak>", "a".repeat(2000));
    let said = replied(&[Step::Say(long)], 0);
    let text = said[0]["text"].as_str().expect("text");
    assert_eq!(text.len(), 1500);
    assert!(!text.contains('<'));
}
