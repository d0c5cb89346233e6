use super::super::parsed::Parsed;
use super::super::tests::{answers, example, full_dial, json_to, judged_by, plans, script};
use super::super::{Address, Login, Meaning, Script, Told};
use super::*;
use crate::Timestamp;
use crate::call::carrier::CarrierName;
use crate::call::event::{
    Attestation, By, Caller, Leg, Level, Pressed, Progress, Recorded, Ring, Status, Verified, What,
};
use crate::call::plan::{Plan, Rejection, Step};

const EXAMPLES: &str = include_str!("../../../../fixtures/calls/bandwidth.json");
const VOCABULARY: &str = include_str!("../../../../fixtures/calls/bxml-vocabulary.json");
const CALL: &str = "c-15ac29a2-1331029c-2cb0-4a07-b215-b22865662d85";
const LEG: &str = "c-95ac8d6e-1a31c52e-b38f-4198-93c1-51633ec68f8d";

fn told(address: Address, query: &str, name: &str) -> Told {
    let told = read(&json_to(address, query, &example(EXAMPLES, name).to_string())).expect("it can be read");
    assert_eq!(told.call, CALL);
    told
}

fn happened(address: Address, query: &str, name: &str) -> Vec<What> {
    match told(address, query, name).meaning {
        Meaning::Happened(happened) => happened,
        other => panic!("{other:?}"),
    }
}

fn progress(status: Status, time: &str, duration: Option<u32>, cause: Option<&str>) -> Progress {
    let (time, cause) = (Timestamp::parse(time), cause.map(str::to_owned));
    Progress { status, sequence: None, time, duration, cause }
}

fn replied(plan: &Plan, step: usize) -> Parsed {
    judged_by(VOCABULARY, &answer(&script(plan, step)))
}

#[test]
fn it_rings() {
    let ring = Ring {
        to: "+12125550110".to_owned(),
        from: Caller::Number("+12125550123".to_owned()),
        forwarded_from: Some("+12125550190".to_owned()),
        attestation: Attestation { level: Some(Level::A), verified: Verified::Passed },
        ..Ring::default()
    };
    assert_eq!(told(Address::Ring, "", "initiate").meaning, Meaning::Rings(ring));
    for from in ["Anonymous", "Private", "Restricted", "Unavailable"] {
        let body = format!(r#"{{"callId":"c-1","from":"{from}","to":"+12125550110"}}"#);
        let Meaning::Rings(ring) = read(&json_to(Address::Ring, "", &body)).expect("it can be read").meaning
        else {
            panic!("it rings")
        };
        assert_eq!(ring.from, Caller::Withheld, "{from}");
    }
}

#[test]
fn a_dialled_leg_lasts_from_when_it_was_answered() {
    let caller = progress(Status::Completed, "2026-11-28T15:00:48Z", Some(48), Some("hangup"));
    assert_eq!(happened(Address::Status, "", "disconnect"), vec![What::Caller(caller)]);
    let leg = |progress| What::Leg(Leg { id: LEG.to_owned(), to: Some("+12125550100".to_owned()), progress });
    let ended = progress(Status::Completed, "2026-11-28T15:00:47.4Z", Some(41), Some("hangup"));
    assert_eq!(happened(Address::Status, "leg=1", "transferDisconnect"), vec![leg(ended)]);
    let answered = progress(Status::Answered, "2026-11-28T15:00:00Z", None, None);
    let whispers = Meaning::Whispers { step: 1, happened: vec![leg(answered)] };
    assert_eq!(told(Address::Whisper, "step=1", "transferAnswer").meaning, whispers);
}

#[test]
fn the_end_of_a_transfer_says_how_it_went() {
    for (cause, status, talk, caller_gone) in [
        ("hangup", Status::Completed, None, false),
        ("busy", Status::Busy, Some(0), false),
        ("rejected", Status::Busy, Some(0), false),
        ("timeout", Status::NoAnswer, Some(0), false),
        ("cancel", Status::Canceled, Some(0), true),
        ("account-limit", Status::Failed, Some(0), false),
        ("something-new", Status::Failed, Some(0), false),
    ] {
        let mut event = example(EXAMPLES, "transferComplete");
        event["cause"] = cause.into();
        let told = read(&json_to(Address::Next, "step=2", &event.to_string())).expect("it can be read");
        let Meaning::Next { step: 2, happened, to } = told.meaning else { panic!("it goes on") };
        assert_eq!(to.as_deref(), Some("+12125550110"));
        let [What::Dialled(dialled)] = &happened[..] else { panic!("{happened:?}") };
        let read = (dialled.status, dialled.talk, dialled.caller_gone);
        assert_eq!(read, (status, talk, caller_gone), "{cause}");
    }
}

#[test]
fn keys_are_the_callers_or_of_whoever_was_called() {
    let pressed = |by| vec![What::Pressed(Pressed { by, step: Some(1), keys: "2".to_owned() })];
    let to = Some("+12125550110".to_owned());
    let next = Meaning::Next { step: 1, happened: pressed(By::Caller), to };
    assert_eq!(told(Address::Menu, "step=1", "gather").meaning, next);
    let screened = Meaning::Screened { step: 1, accepted: false, happened: pressed(By::Called) };
    assert_eq!(told(Address::Menu, "step=1&called=1", "gather").meaning, screened);
}

#[test]
fn recordings_are_read() {
    let event = example(EXAMPLES, "recordingAvailable");
    let recorded = Recorded {
        id: "r-fbe05094-9fd2afe9-bf5b-4c68-820a-41a01c1c5833".to_owned(),
        place: event["mediaUrl"].as_str().map(str::to_owned),
        duration: Some(14),
        channels: Some(2),
        is_voicemail: false,
        failed: false,
    };
    assert_eq!(
        happened(Address::Recording, "", "recordingAvailable"),
        vec![What::Recorded(recorded.clone())]
    );
    let Meaning::Next { happened: left, .. } = told(Address::Next, "step=0", "recordComplete").meaning else {
        panic!("it goes on")
    };
    let voicemail = Recorded { is_voicemail: true, channels: None, ..recorded.clone() };
    assert_eq!(left, vec![What::Recorded(voicemail)]);
    let failed = r#"{"callId":"c-1","recordingId":"r-1","mediaUrl":"https://x","status":"error"}"#;
    let told = read(&json_to(Address::Recording, "", failed)).expect("it can be read");
    let Meaning::Happened(happened) = told.meaning else { panic!("it happened") };
    assert!(matches!(&happened[..], [What::Recorded(Recorded { failed: true, place: None, .. })]));
}

#[test]
fn every_reply_is_made_of_words_that_bandwidth_knows() {
    for answer in answers(CarrierName::Bandwidth).iter().filter(|answer| answer.status != 204) {
        judged_by(VOCABULARY, answer);
    }
}

#[test]
fn a_transfer_records_whispers_and_is_to_come_back_with_a_password() {
    let plan = Plan { steps: vec![Step::Dial(full_dial()), Step::Voicemail { say: "Please.".to_owned() }] };
    let with_login = Script { login: Some(Login { user: "dni", password: "s3cret" }), ..script(&plan, 0) };
    let reply = judged_by(VOCABULARY, &answer(&with_login));
    assert_eq!(reply.names(), ["StartRecording", "Transfer"]);
    let [recording, transfer] = &reply.children[..] else { panic!("two") };
    assert_eq!(recording.attribute("multiChannel"), Some("true"));
    assert_eq!(transfer.attribute("transferCallerId"), Some("+12125550110"));
    assert_eq!(transfer.attribute("callTimeout"), Some("20"));
    assert!(transfer.attribute("transferCompleteUrl").is_some_and(|url| url.contains("/next?step=0")));
    let number = &transfer.children[0];
    assert_eq!(number.text, "+12125550100");
    assert!(number.attribute("transferAnswerUrl").is_some_and(|url| url.contains("/whisper?step=0")));
    assert!(number.attribute("transferDisconnectUrl").is_some_and(|url| url.contains("/status?leg=1")));
    for told in [recording, transfer, number] {
        assert_eq!([told.attribute("username"), told.attribute("password")], [Some("dni"), Some("s3cret")]);
    }
    assert_eq!(replied(&plan, 1).names(), ["StopRecording", "SpeakSentence", "Record"]);
}

#[test]
fn whoever_answers_is_asked_and_put_through_or_hung_up_on() {
    let plan = plans().swap_remove(4);
    let reply = judged_by(VOCABULARY, &whisper(&script(&plan, 0), &full_dial()));
    assert_eq!(reply.names(), ["Gather"]);
    assert!(
        reply.children[0].attribute("gatherUrl").is_some_and(|url| url.contains("/menu?step=0&called=1"))
    );
    assert_eq!(reply.children[0].names(), ["SpeakSentence"]);
    assert_eq!(judged_by(VOCABULARY, &screened(true)).names(), Vec::<&str>::new());
    assert_eq!(judged_by(VOCABULARY, &screened(false)).names(), ["Hangup"]);
}

#[test]
fn steps_that_wait_come_back_to_us() {
    let ask = Plan { steps: vec![Step::Consent { say: "Press 1.".to_owned() }] };
    assert!(
        replied(&ask, 0).children[0].attribute("gatherUrl").is_some_and(|url| url.contains("/menu?step=0"))
    );
    let voicemail = Plan { steps: vec![Step::Voicemail { say: "Please.".to_owned() }] };
    let reply = replied(&voicemail, 0);
    assert_eq!(reply.names(), ["SpeakSentence", "Record"]);
    assert!(reply.children[1].attribute("recordCompleteUrl").is_some_and(|url| url.contains("/next?step=0")));
    assert!(
        reply.children[1].attribute("recordingAvailableUrl").is_some_and(|url| url.contains("voicemail=1"))
    );
    let refused = Plan { steps: vec![Step::Reject(Rejection::Blocked)] };
    assert_eq!(replied(&refused, 0).names(), ["Hangup"]);
}
