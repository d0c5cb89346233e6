use std::time::Duration;

use super::super::form::Form;
use super::super::tests::{answers, form_to, full_dial, plans, script, text};
use super::super::{Address, Answer, Meaning, Script};
use super::*;
use crate::call::event::{Attestation, Caller, Level, Ring, Status, Transcribed, Verified, What};
use crate::call::plan::{Dial, Plan, Recording, Rejection, Step};

fn rings(body: &str) -> Ring {
    match read(&form_to(Address::Ring, "", body)).expect("it can be read").meaning {
        Meaning::Rings(ring) => ring,
        other => panic!("{other:?}"),
    }
}

fn happened(body: &str) -> Vec<What> {
    match read(&form_to(Address::Status, "", body)).expect("it can be read").meaning {
        Meaning::Happened(happened) => happened,
        other => panic!("{other:?}"),
    }
}

/// A field as Kamailio's `{param.value,NAME,&}` finds it, still encoded.
fn param<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// What is answered, which reads the same to both kinds of reader.
fn told(answer: &Answer) -> Form {
    assert_eq!((answer.status, answer.content_type), (200, "application/x-www-form-urlencoded"));
    let body = text(answer);
    let form = Form::of(body.as_bytes());
    for pair in body.split('&') {
        let (name, _) = pair.split_once('=').expect("a name and a value");
        let raw = param(body, name).expect("it is there");
        let decoded = percent_encoding::percent_decode_str(raw).decode_utf8().expect("UTF-8");
        assert_eq!(form.get(name).unwrap_or_default(), decoded, "{name}");
        assert!(!raw.contains([',', '+', ' ', '$', '{', '"', '\'', ';', '`']), "{raw}");
    }
    form
}

fn answered(steps: &[Step]) -> Form {
    told(&answer(&script(&Plan { steps: steps.to_vec() }, 0)))
}

#[test]
fn it_rings() {
    let ring = rings(
        "CallSid=1732806000.1&From=%2B12125550123&To=+12125550110&CallerName=Ann+Example&CallerPres=allowed_passed_screen\
         &StirVerstat=TN-Validation-Passed-C&Diversion=%3Csip%3A%2B12125550190%40pbx.example.com%3E%3Breason%3Dunconditional",
    );
    let expected = Ring {
        to: "+12125550110".to_owned(),
        from: Caller::Number("+12125550123".to_owned()),
        name: Some("Ann Example".to_owned()),
        city: None,
        state: None,
        country: None,
        forwarded_from: Some("+12125550190".to_owned()),
        attestation: Attestation { level: Some(Level::C), verified: Verified::Passed },
    };
    assert_eq!(ring, expected);
    assert!(
        read(&form_to(Address::Ring, "", "CallSid=1&From=%2B12125550123")).is_err(),
        "nothing was dialled"
    );
}

#[test]
fn a_number_that_is_there_and_withheld_is_withheld() {
    for pres in ["prohib", "prohib_passed_screen", "PROHIB_NOT_SCREENED"] {
        let ring =
            rings(&format!("CallSid=1&To=%2B1212&From=%2B12125550123&CallerName=Ann&CallerPres={pres}"));
        assert_eq!((ring.from, ring.name), (Caller::Withheld, None), "{pres}");
    }
    for pres in ["", "ü", "allowed", "unavailable"] {
        let ring = rings(&format!("CallSid=1&To=%2B1212&From=%2B12125550123&CallerPres={pres}"));
        assert_eq!(ring.from, Caller::Number("+12125550123".to_owned()), "{pres}");
    }
    assert_eq!(rings("CallSid=1&To=%2B1212&From=sip%3Aanonymous%40anonymous.invalid").from, Caller::Withheld);
    assert_eq!(rings("CallSid=1&To=%2B1212&From=%2B12125550123&Privacy=id").from, Caller::Withheld);
}

#[test]
fn how_it_went_is_read_from_asterisks_words_and_twilios() {
    for (fields, status, talk, bridged, caller_gone) in [
        ("DialCallStatus=ANSWER&DialCallDuration=61", Status::Completed, 61, true, false),
        ("DialCallStatus=ANSWER&DialCallDuration=0", Status::Completed, 0, true, false),
        // Who refuses a call that they screen has answered it.
        ("DialCallStatus=ANSWER&DialCallDuration=", Status::Completed, 0, false, false),
        ("DialCallStatus=ANSWER", Status::Completed, 0, false, false),
        ("DialCallStatus=BUSY", Status::Busy, 0, false, false),
        ("DialCallStatus=NOANSWER", Status::NoAnswer, 0, false, false),
        ("DialCallStatus=CANCEL&HangupCause=127", Status::Canceled, 0, false, true),
        ("DialCallStatus=CHANUNAVAIL", Status::Failed, 0, false, false),
        ("DialCallStatus=CONGESTION&DialCallDuration=5", Status::Failed, 0, false, false),
        ("DialCallStatus=completed&DialCallDuration=61", Status::Completed, 61, true, false),
        ("DialCallStatus=no-answer", Status::NoAnswer, 0, false, false),
        ("SipCode=200&DialCallDuration=61", Status::Completed, 61, true, false),
        ("SipCode=486", Status::Busy, 0, false, false),
        ("SipCode=408", Status::NoAnswer, 0, false, false),
        ("SipCode=487", Status::Canceled, 0, false, true),
        ("SipCode=503", Status::Failed, 0, false, false),
    ] {
        let what = happened(&format!("CallSid=1&CallStatus=completed&CallDuration=70&{fields}"));
        let [What::Caller(leg), What::Dialled(dialled)] = &what[..] else { panic!("{fields}: {what:?}") };
        assert_eq!((leg.status, leg.duration), (Status::Completed, Some(70)), "{fields}");
        let read = (dialled.status, dialled.talk, dialled.bridged, dialled.caller_gone);
        assert_eq!(read, (status, Some(talk), Some(bridged), caller_gone), "{fields}");
    }
}

#[test]
fn who_took_it_is_told_of_whoever_was_put_through() {
    let ended = "CallSid=1&CallStatus=completed&DialCallTo=+12125550101&DialCallStatus";
    let what = happened(&format!("{ended}=ANSWER&DialCallDuration=61"));
    let [What::Caller(_), What::Leg(leg), What::Dialled(dialled)] = &what[..] else { panic!("{what:?}") };
    assert_eq!((leg.to.as_deref(), leg.progress.duration), (Some("+12125550101"), Some(61)));
    assert_eq!(dialled.leg.as_ref(), Some(&leg.id));
    let refused = happened(&format!("{ended}=ANSWER"));
    assert!(matches!(refused[..], [What::Caller(_), What::Dialled(_)]), "{refused:?}");
}

#[test]
fn how_it_went_is_not_known_before_it_is_over() {
    for fields in
        ["CallStatus=ringing", "CallStatus=answered&DialCallStatus=ANSWER", "CallStatus=ringing&SipCode=180"]
    {
        let what = happened(&format!("CallSid=1&{fields}"));
        assert!(matches!(what[..], [What::Caller(_)]), "{fields}: {what:?}");
    }
    for fields in ["CallStatus=completed&DialCallStatus=DONTKNOW", "CallStatus=completed&SipCode=100"] {
        let what = happened(&format!("CallSid=1&{fields}"));
        assert!(matches!(what[..], [What::Caller(_)]), "{fields}: {what:?}");
    }
    assert_eq!(happened("CallSid=1&CallStatus=levitating"), vec![]);
}

#[test]
fn files_are_named_below_their_folder() {
    let what = happened("CallSid=1&Voicemail=default%2F100%2Fmsg0001.wav&RecordingFile=2026%2F11%2F1.wav");
    let [What::Recorded(voicemail), What::Recorded(recording)] = &what[..] else { panic!("{what:?}") };
    assert_eq!((voicemail.place.as_deref(), voicemail.is_voicemail), (Some("default/100/msg0001.wav"), true));
    assert_eq!((recording.place.as_deref(), recording.is_voicemail), (Some("2026/11/1.wav"), false));
    for name in [
        "/etc/passwd",
        "../secret.wav",
        "a/../../b.wav",
        "a/..",
        ".",
        "a//b",
        "a\\b",
        "..\\b",
        "C:b",
        "a%00b",
        "a/./b",
    ] {
        assert_eq!(happened(&format!("CallSid=1&RecordingFile={name}")), vec![], "{name}");
    }
}

#[test]
fn a_transcript_is_of_its_recording() {
    let message =
        form_to(Address::Transcription, "", "CallSid=1&RecordingFile=1.wav&TranscriptionText=Hello");
    let Meaning::Happened(what) = read(&message).expect("it can be read").meaning else {
        panic!("it happened")
    };
    let id = "1.wav".to_owned();
    let transcribed = Transcribed { recording: Some(id.clone()), id, text: Some("Hello".to_owned()) };
    assert!(what.contains(&What::Transcribed(transcribed)));
}

#[test]
fn it_is_told_whom_to_dial() {
    let body = answer(&script(&Plan::connect("+12125550100"), 0)).body;
    let expected = "dest=%2B12125550100&timeout=30&how=order&record=0&callerid=%2B12125550123";
    assert_eq!(std::str::from_utf8(&body), Ok(expected));
    let whole = [
        Step::Say("This call may be recorded.".to_owned()),
        Step::Dial(Dial { whisper: Some("Call from Google Ads, spring campaign".to_owned()), ..full_dial() }),
        Step::Voicemail { say: "Please leave a message.".to_owned() },
    ];
    let form = answered(&whole);
    for (name, value) in [
        ("dest", "+12125550100,+12125550101"),
        ("timeout", "20"),
        ("how", "together"),
        ("record", "1"),
        ("whisper", "Call from Google Ads spring campaign"),
        ("screen", "1"),
        ("callerid", "+12125550110"),
        ("announce", "This call may be recorded"),
        ("voicemail", "1"),
        ("greeting", "Please leave a message"),
    ] {
        assert_eq!(form.get(name), Some(value), "{name}");
    }
}

#[test]
fn several_dials_are_one_after_the_other() {
    let brief = Dial { timeout: Duration::from_secs(10), ..Dial::plain("+12125550102") };
    let form =
        answered(&[Step::Dial(full_dial()), Step::Dial(brief), Step::Dial(Dial::plain("+12125550100"))]);
    assert_eq!(form.get("dest"), Some("+12125550100,+12125550101,+12125550102"));
    assert_eq!((form.get("how"), form.get("timeout")), (Some("order"), Some("30")));
}

#[test]
fn what_visitors_had_a_say_in_is_letters_digits_and_spaces() {
    let hostile =
        "${SYSTEM(rm -rf /)},n,Hangup() \"&dest=+1\r\n\t\u{202e}Größe 7 and much more than may be said";
    let form = answered(&[Step::Dial(Dial { whisper: Some(hostile.to_owned()), ..full_dial() })]);
    let whisper = form.get("whisper").expect("it whispers");
    assert_eq!(whisper, "SYSTEM rm rf n Hangup dest 1 Größe 7 and");
    assert_eq!(form.get("dest"), Some("+12125550100,+12125550101"));
}

#[test]
fn a_caller_who_is_to_consent_is_not_recorded_before() {
    let dial = Dial { record: Recording::IfConsented, ..Dial::plain("+12125550100") };
    let steps = [Step::Consent { say: "Press 1 to be recorded.".to_owned() }, Step::Dial(dial)];
    let form = answered(&steps);
    assert_eq!((form.get("record"), form.get("consent")), (Some("0"), Some("Press 1 to be recorded")));
    let form = answered(&[Step::Challenge { say: "Press 5.".to_owned(), key: '5' }, steps[1].clone()]);
    assert_eq!((form.get("challenge"), form.get("challenge_key")), (Some("Press 5"), Some("5")));
}

#[test]
fn nobody_is_lost_in_a_menu() {
    let menu = Step::Menu { say: "Choose.".to_owned(), keys: [('1', Dial::plain("+12125550102"))].into() };
    assert_eq!(answered(std::slice::from_ref(&menu)).get("dest"), Some("+12125550102"));
    assert_eq!(answered(&[menu, Step::Dial(full_dial())]).get("dest"), Some("+12125550100,+12125550101"));
}

#[test]
fn what_was_never_ours_is_not_found() {
    for steps in [vec![Step::Reject(Rejection::Unknown)], vec![Step::Reject(Rejection::Blocked)], vec![]] {
        let answer = answer(&script(&Plan { steps }, 0));
        assert_eq!((answer.status, answer.body.len()), (404, 0));
    }
}

#[test]
fn a_caller_who_withholds_the_number_is_shown_none() {
    let plan = Plan::connect("+12125550100");
    let form = told(&answer(&Script { from: "", ..script(&plan, 0) }));
    assert_eq!(form.get("callerid"), None);
}

#[test]
fn every_answer_reads_the_same_to_every_dial_plan() {
    assert!(plans().len() > 9);
    for answer in answers(crate::call::carrier::CarrierName::Pbx).iter().filter(|answer| answer.status == 200)
    {
        told(answer);
    }
}
