use super::super::parsed::Parsed;
use super::super::tests::{answers, example, form_to, full_dial, judged_by, plans, posted, script};
use super::super::{Address, Answer, Meaning, Script, Told};
use super::*;
use crate::call::carrier::CarrierName;
use crate::call::event::{
    Attestation, By, Caller, Dialled, Leg, Level, Pressed, Progress, Recorded, Ring, Status, Transcribed,
    Verified, What,
};
use crate::call::plan::{Dial, Plan, Rejection, Step};

const EXAMPLES: &str = include_str!("../../../../fixtures/calls/plivo.json");
const VOCABULARY: &str = include_str!("../../../../fixtures/calls/plivo-vocabulary.json");
const CALL: &str = "97ceeb52-58b6-11e1-86da-77300b68f8bb";
const LEG: &str = "38098730-aed6-11e4-9915-075c56ad58a0";

fn told(address: Address, query: &str, name: &str) -> Told {
    let told = read(&form_to(address, query, &posted(&example(EXAMPLES, name)))).expect("it can be read");
    assert_eq!(told.call, CALL);
    told
}

fn happened(address: Address, query: &str, name: &str) -> Vec<What> {
    match told(address, query, name).meaning {
        Meaning::Happened(happened) => happened,
        other => panic!("{other:?}"),
    }
}

fn replied(step: Step) -> Parsed {
    judged_by(VOCABULARY, &answer(&script(&Plan { steps: vec![step] }, 0)))
}

#[test]
fn it_rings_with_numbers_that_lack_their_plus_sign() {
    let ring = Ring {
        to: "+15550001111".to_owned(),
        from: Caller::Number("+14155550123".to_owned()),
        forwarded_from: Some("+12125550100".to_owned()),
        ..Ring::default()
    };
    assert_eq!(told(Address::Ring, "", "answer").meaning, Meaning::Rings(ring));
    let body = "CallUUID=1&To=15550001111&From=anonymous&STIRVerification=Not+Verified&STIRAttestation=B";
    let Meaning::Rings(ring) = read(&form_to(Address::Ring, "", body)).expect("it can be read").meaning
    else {
        panic!("it rings")
    };
    let attestation = Attestation { level: Some(Level::B), verified: Verified::Passed };
    assert_eq!((ring.from, ring.attestation), (Caller::Withheld, attestation));
    let attested = |said: &str| {
        let body = format!("CallUUID=1&To=15550001111&From=14155550123&CallerName=%2B14155550123&{said}");
        match read(&form_to(Address::Ring, "", &body)).expect("it can be read").meaning {
            Meaning::Rings(ring) => (ring.name, ring.attestation.level, ring.attestation.verified),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(attested("stir_verification=Verified"), (None, Some(Level::A), Verified::Passed));
    assert_eq!(
        attested("STIRVerification=Not+Applicable&STIRAttestation=Not+Applicable"),
        (None, None, Verified::None)
    );
}

#[test]
fn the_callers_leg_and_the_dialled_one_are_told_apart() {
    let progress = |status, duration| Progress {
        status,
        sequence: None,
        // Its times are of a zone that nobody tells.
        time: None,
        duration: Some(duration),
        cause: Some("Normal Hangup".to_owned()),
    };
    let caller = What::Caller(progress(Status::Completed, 47));
    assert_eq!(happened(Address::Status, "", "hangup"), vec![caller]);
    let leg = Leg {
        id: LEG.to_owned(),
        to: Some("+15550009999".to_owned()),
        progress: progress(Status::Completed, 41),
    };
    assert_eq!(happened(Address::Status, "leg=1", "dial_callback"), vec![What::Leg(leg)]);
}

#[test]
fn a_leg_that_was_hung_up_was_answered_only_if_it_lasted() {
    for (fields, status) in [
        ("DialAction=answer", Some(Status::Answered)),
        ("DialAction=connected", Some(Status::Answered)),
        ("DialAction=hangup&DialBLegHangupCauseName=Busy Line", Some(Status::Busy)),
        ("DialAction=hangup&DialBLegHangupCause=NO_ANSWER", Some(Status::NoAnswer)),
        (
            "DialAction=hangup&DialBLegHangupCause=ORIGINATOR_CANCEL&DialBLegDuration=0",
            Some(Status::Canceled),
        ),
        ("DialAction=hangup&DialBLegHangupCause=USER_BUSY&DialBLegDuration=3", Some(Status::Completed)),
        ("DialAction=hangup", Some(Status::Failed)),
        ("DialAction=digits", None),
    ] {
        let body = format!("DialALegUUID=1&DialBLegUUID=2&{fields}");
        let told = read(&form_to(Address::Status, "leg=1", &body)).expect("it can be read");
        let Meaning::Happened(happened) = told.meaning else { panic!("it happened") };
        let read = happened.first().map(|what| match what {
            What::Leg(leg) => leg.progress.status,
            other => panic!("{other:?}"),
        });
        assert_eq!(read, status, "{fields}");
    }
}

#[test]
fn who_is_put_through_has_pressed_the_key_where_they_were_asked() {
    let body = "DialAction=connected&DialALegUUID=1&DialBLegUUID=2";
    let pressed = What::Pressed(Pressed { by: By::Called, step: Some(1), keys: "1".to_owned() });
    for (query, is_pressed) in [("leg=1&step=1&screened=1", true), ("leg=1&step=1", false)] {
        let Meaning::Happened(happened) =
            read(&form_to(Address::Status, query, body)).expect("readable").meaning
        else {
            panic!("it happened")
        };
        assert_eq!(happened.contains(&pressed), is_pressed, "{query}");
    }
}

#[test]
fn the_end_of_a_dial_says_how_it_went() {
    let dialled = Dialled {
        step: Some(1),
        status: Status::Completed,
        leg: Some(LEG.to_owned()),
        talk: None,
        bridged: Some(true),
        caller_gone: false,
        duration: None,
        cause: Some("NORMAL_CLEARING".to_owned()),
    };
    let to = Some("+15550001111".to_owned());
    let expected = Meaning::Next { step: 1, happened: vec![What::Dialled(dialled)], to };
    assert_eq!(told(Address::Next, "step=1", "dial_action").meaning, expected);
    for (written, status) in [
        ("busy", Status::Busy),
        ("failed", Status::Failed),
        ("cancel", Status::Canceled),
        ("timeout", Status::NoAnswer),
        ("no-answer", Status::NoAnswer),
    ] {
        let body = format!("CallUUID=1&DialStatus={written}&CallStatus=completed");
        let told = read(&form_to(Address::Next, "step=1", &body)).expect("it can be read");
        let Meaning::Next { happened, .. } = told.meaning else { panic!("it goes on") };
        let [What::Dialled(dialled)] = &happened[..] else { panic!("{happened:?}") };
        assert_eq!((dialled.status, dialled.talk, dialled.caller_gone), (status, Some(0), true), "{written}");
    }
}

#[test]
fn keys_recordings_and_transcriptions_are_read() {
    let pressed = Pressed { by: By::Caller, step: Some(0), keys: "2".to_owned() };
    let to = Some("+15550001111".to_owned());
    let expected = Meaning::Next { step: 0, happened: vec![What::Pressed(pressed)], to };
    assert_eq!(told(Address::Menu, "step=0", "input").meaning, expected);
    let id = "c2186400-1c8c-11e4-a664-0026b945b52x".to_owned();
    let recorded = Recorded {
        id: id.clone(),
        place: Some(format!("https://media.plivo.com/v1/Account/MA0000000000000000/Recording/{id}.mp3")),
        duration: Some(17),
        channels: None,
        is_voicemail: false,
        failed: false,
    };
    assert_eq!(happened(Address::Recording, "", "record"), vec![What::Recorded(recorded.clone())]);
    let voicemail = Recorded { is_voicemail: true, ..recorded };
    assert_eq!(
        happened(Address::Recording, "voicemail=1", "record"),
        vec![What::Recorded(voicemail.clone())]
    );
    let Meaning::Next { happened: left, .. } = told(Address::Next, "step=0", "record").meaning else {
        panic!("it goes on")
    };
    assert_eq!(left, vec![What::Recorded(voicemail)]);
    let transcribed = Transcribed {
        id: id.clone(),
        recording: Some(id),
        text: Some("Hello, my boiler is leaking.".to_owned()),
    };
    assert_eq!(happened(Address::Transcription, "", "transcription"), vec![What::Transcribed(transcribed)]);
}

#[test]
fn every_reply_is_made_of_words_that_plivo_knows() {
    for answer in answers(CarrierName::Plivo).iter().filter(|answer| answer.status != 204) {
        judged_by(VOCABULARY, answer);
    }
}

#[test]
fn a_dial_records_whispers_and_asks_for_a_key() {
    let reply = replied(Step::Dial(full_dial()));
    assert_eq!(reply.names(), ["Record", "Dial"]);
    let [record, dial] = &reply.children[..] else { panic!("two") };
    assert_eq!(record.attribute("startOnDialAnswer"), Some("true"));
    assert!(record.attribute("callbackUrl").is_some_and(|url| url.contains("/recording?")));
    assert_eq!(dial.attribute("callerId"), Some("12125550110"));
    assert!(dial.attribute("confirmSound").is_some_and(|url| url.contains("/whisper?step=0")));
    assert_eq!(dial.attribute("confirmKey"), Some("1"));
    assert!(dial.attribute("callbackUrl").is_some_and(|url| url.contains("/status?leg=1")));
    assert_eq!(dial.children[0].text, "12125550100");
    let plain = replied(Step::Dial(Dial::plain("+12125550100")));
    assert_eq!(plain.names(), ["Dial"]);
    let dial = &plain.children[0];
    assert_eq!(
        [dial.attribute("confirmSound"), dial.attribute("confirmKey"), dial.attribute("callerId")],
        [None; 3]
    );
    assert!(dial.attribute("action").is_some_and(|url| url.contains("/next?step=0")));
}

#[test]
fn what_is_whispered_is_only_said() {
    let plan = plans().swap_remove(4);
    let reply = judged_by(VOCABULARY, &super::super::whisper(CarrierName::Plivo, &script(&plan, 0)));
    assert_eq!(reply.names(), ["Speak"]);
    assert!(reply.children[0].text.ends_with("Press 1 to take this call."));
}

#[test]
fn steps_that_wait_come_back_to_us() {
    let reply = replied(Step::Challenge { say: "Press #.".to_owned(), key: '#' });
    assert_eq!(reply.names(), ["GetInput", "Redirect"]);
    assert_eq!(reply.children[0].attribute("finishOnKey"), Some("none"));
    assert_eq!(reply.children[0].attribute("action"), Some(reply.children[1].text.as_str()));
    let reply = replied(Step::Voicemail { say: "Please leave a message.".to_owned() });
    assert_eq!(reply.names(), ["Speak", "Record", "Redirect"]);
    assert!(reply.children[1].attribute("callbackUrl").is_some_and(|url| url.contains("voicemail=1")));
    assert!(
        reply.children[1].attribute("transcriptionUrl").is_some_and(|url| url.contains("/transcription?"))
    );
}

#[test]
fn a_call_is_refused_or_ended() {
    for (rejection, reason) in [(Rejection::Unknown, "rejected"), (Rejection::Blocked, "busy")] {
        assert_eq!(replied(Step::Reject(rejection)).children[0].attribute("reason"), Some(reason));
    }
    let ended: Answer = answer(&Script { step: 9, ..script(&Plan::default(), 0) });
    assert_eq!(judged_by(VOCABULARY, &ended).children[0].attribute("reason"), None);
}
