use super::super::parsed::Parsed;
use super::super::tests::{answers, example, form_to, judged_by, plans, posted, script};
use super::super::{Address, Answer, Meaning, Message, Script, Told, answer, read, screened, whisper};
use super::*;
use crate::Timestamp;
use crate::call::event::{
    By, Caller, Dialled, Leg, Level, Pressed, Progress, Recorded, Ring, Status, Transcribed, Verified, What,
};
use crate::call::plan::{Dial, Plan, Rejection, Step};

const TWILIO: &str = include_str!("../../../../fixtures/calls/twilio.json");
const SIGNALWIRE: &str = include_str!("../../../../fixtures/calls/signalwire.json");
const TELNYX: &str = include_str!("../../../../fixtures/calls/telnyx.json");
const VOCABULARY: &str = include_str!("../../../../fixtures/calls/twiml-vocabulary.json");

const CALL: &str = "CA11111111111111111111111111111111";
const ALL: [CarrierName; 3] = [CarrierName::Twilio, CarrierName::SignalWire, CarrierName::Telnyx];

fn told(carrier: CarrierName, message: &Message<'_>) -> Told {
    read(carrier, message).unwrap_or_else(|error| panic!("{error}: {message:?}"))
}

fn twilio(address: Address, query: &str, name: &str) -> Told {
    told(CarrierName::Twilio, &form_to(address, query, &posted(&example(TWILIO, name))))
}

fn happened(told: Told) -> (String, Vec<What>) {
    match told.meaning {
        Meaning::Happened(happened) => (told.call, happened),
        other => panic!("{other:?}"),
    }
}

fn time(written: &str) -> Option<Timestamp> {
    Some(Timestamp::parse(written).expect("a time"))
}

#[test]
fn twilio_rings() {
    let ring = Ring {
        to: "+12125550110".to_owned(),
        from: Caller::Number("+12125550123".to_owned()),
        name: Some("ANN EXAMPLE".to_owned()),
        city: Some("NEW YORK".to_owned()),
        state: Some("NY".to_owned()),
        country: Some("US".to_owned()),
        forwarded_from: Some("+12125550190".to_owned()),
        attestation: Attestation { level: Some(Level::B), verified: Verified::Passed },
    };
    let expected = Told { call: CALL.to_owned(), meaning: Meaning::Rings(ring) };
    assert_eq!(twilio(Address::Ring, "", "voice"), expected);
    let asked = posted(&example(TWILIO, "voice"));
    let get = Message { address: Address::Ring, query: &asked, content_type: "", body: b"" };
    assert_eq!(told(CarrierName::Twilio, &get), expected, "by GET");
}

#[test]
fn a_caller_who_withholds_the_number_has_no_name_either() {
    for body in [
        "CallSid=CA1&To=%2B12125550110&From=%2B266696687&CallerName=ANN",
        "CallSid=CA1&To=%2B12125550110&From=anonymous&CallerName=ANN",
        "CallSid=CA1&To=%2B12125550110&From=%2B12125550123&CallerName=ANN&SipHeader_Privacy=id",
    ] {
        let told = told(CarrierName::Twilio, &form_to(Address::Ring, "", body));
        let Meaning::Rings(ring) = told.meaning else { panic!("it rings") };
        assert_eq!((ring.from, ring.name), (Caller::Withheld, None), "{body}");
    }
}

#[test]
fn a_dialled_leg_is_its_parents_call() {
    let leg = Leg {
        id: "CA22222222222222222222222222222222".to_owned(),
        to: Some("+12125550100".to_owned()),
        progress: Progress {
            status: Status::Completed,
            sequence: Some(3),
            time: time("2026-11-28T15:00:45Z"),
            duration: Some(41),
            cause: None,
        },
    };
    let (call, what) = happened(twilio(Address::Status, "leg=1", "leg"));
    assert_eq!((call.as_str(), what), (CALL, vec![What::Leg(leg)]));
    let (call, _) = happened(twilio(Address::Status, "leg=1&call=CA0", "leg"));
    assert_eq!(call, "CA0", "our own address knows best");
}

#[test]
fn the_end_of_a_dial_says_how_it_went() {
    let told = twilio(Address::Next, "step=2", "dial_action");
    let dialled = Dialled {
        step: Some(2),
        status: Status::Completed,
        leg: Some("CA22222222222222222222222222222222".to_owned()),
        talk: Some(41),
        bridged: Some(true),
        caller_gone: false,
        duration: None,
        cause: None,
    };
    let Meaning::Next { step, happened, to } = told.meaning else { panic!("it goes on") };
    assert_eq!((told.call.as_str(), step, to.as_deref()), (CALL, 2, Some("+12125550110")));
    let [What::Dialled(said), What::Recorded(recorded)] = &happened[..] else { panic!("{happened:?}") };
    assert_eq!(*said, dialled);
    assert_eq!(recorded.id, "RE33333333333333333333333333333333");
    assert!(!recorded.is_voicemail);
}

#[test]
fn who_answered_and_was_not_put_through_has_not_talked() {
    for (fields, status, talk, caller_gone) in [
        ("DialCallStatus=completed&DialBridged=false&DialCallDuration=9", Status::Completed, Some(0), false),
        ("DialCallStatus=completed&DialCallDuration=9", Status::Completed, Some(9), false),
        ("DialCallStatus=completed", Status::Completed, None, false),
        ("DialCallStatus=answered&DialCallDuration=9", Status::Completed, Some(9), false),
        ("DialCallStatus=no-answer", Status::NoAnswer, Some(0), false),
        ("DialCallStatus=busy&CallStatus=in-progress", Status::Busy, Some(0), false),
        ("DialCallStatus=failed&CallStatus=ringing", Status::Failed, Some(0), false),
        ("DialCallStatus=canceled&CallStatus=completed", Status::Canceled, Some(0), true),
        ("DialCallStatus=no-answer&CallStatus=canceled", Status::NoAnswer, Some(0), true),
    ] {
        let body = format!("CallSid=CA1&{fields}");
        let told = told(CarrierName::Twilio, &form_to(Address::Next, "step=0", &body));
        let Meaning::Next { happened, .. } = told.meaning else { panic!("it goes on") };
        let [What::Dialled(said)] = &happened[..] else { panic!("{happened:?}") };
        assert_eq!((said.status, said.talk, said.caller_gone), (status, talk, caller_gone), "{fields}");
    }
}

#[test]
fn whether_whoever_was_asked_took_the_call_is_not_known_by_its_length() {
    let body = "CallSid=CA1&DialCallStatus=completed&DialCallDuration=9";
    for (query, bridged) in [("step=0", Some(true)), ("step=0&screened=1", None)] {
        let told = told(CarrierName::SignalWire, &form_to(Address::Next, query, body));
        let Meaning::Next { happened, .. } = told.meaning else { panic!("it goes on") };
        let [What::Dialled(said)] = &happened[..] else { panic!("{happened:?}") };
        assert_eq!(said.bridged, bridged, "{query}");
    }
}

#[test]
fn keys_are_the_callers_or_of_whoever_was_called() {
    let told = twilio(Address::Menu, "step=1", "gather_action");
    let pressed = |by, keys: &str| vec![What::Pressed(Pressed { by, step: Some(1), keys: keys.to_owned() })];
    let to = Some("+12125550110".to_owned());
    assert_eq!(told.meaning, Meaning::Next { step: 1, happened: pressed(By::Caller, "2"), to });
    for (body, keys, accepted) in [("Digits=1", "1", true), ("Digits=2", "2", false), ("", "", false)] {
        let body = format!("CallSid=CA2&ParentCallSid=CA1&{body}");
        let told = self::told(CarrierName::Twilio, &form_to(Address::Menu, "step=1&called=1", &body));
        assert_eq!(told.call, "CA1");
        assert_eq!(
            told.meaning,
            Meaning::Screened { step: 1, accepted, happened: pressed(By::Called, keys) }
        );
    }
}

#[test]
fn a_whisper_is_asked_for_by_the_leg_that_was_answered() {
    let body = "CallSid=CA2&ParentCallSid=CA1&CallStatus=in-progress&To=%2B12125550100";
    let told = told(CarrierName::Twilio, &form_to(Address::Whisper, "step=1", body));
    let Meaning::Whispers { step: 1, happened } = told.meaning else { panic!("it whispers") };
    let [What::Leg(leg)] = &happened[..] else { panic!("{happened:?}") };
    assert_eq!((told.call.as_str(), leg.id.as_str(), leg.progress.status), ("CA1", "CA2", Status::Answered));
}

#[test]
fn recordings_and_transcriptions_are_read() {
    let url = "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000000/Recordings/RE";
    let of_dial = Recorded {
        id: format!("RE{}", "3".repeat(32)),
        place: Some(format!("{url}{}", "3".repeat(32))),
        duration: Some(41),
        channels: Some(2),
        is_voicemail: false,
        failed: false,
    };
    let recorded = happened(twilio(Address::Recording, "", "recording")).1;
    assert_eq!(recorded, vec![What::Recorded(of_dial.clone())]);
    let voicemail = happened(twilio(Address::Recording, "voicemail=1", "recording")).1;
    assert_eq!(voicemail, vec![What::Recorded(Recorded { is_voicemail: true, ..of_dial })]);
    let Meaning::Next { happened: left, .. } = twilio(Address::Next, "step=3", "record_action").meaning
    else {
        panic!("it goes on")
    };
    let [What::Recorded(left)] = &left[..] else { panic!("{left:?}") };
    assert_eq!((left.is_voicemail, left.duration), (true, Some(17)));
    let transcribed = Transcribed {
        id: format!("TR{}", "5".repeat(32)),
        recording: Some(format!("RE{}", "4".repeat(32))),
        text: Some("Hello, my boiler is leaking.".to_owned()),
    };
    let transcription = happened(twilio(Address::Transcription, "", "transcription")).1;
    assert_eq!(transcription, vec![What::Transcribed(transcribed)]);
}

#[test]
fn a_recording_that_there_is_none_of_has_no_place() {
    for (status, place, failed) in [
        ("in-progress", None, false),
        ("absent", None, true),
        ("failed", None, true),
        ("completed", Some("u/RE1"), false),
    ] {
        let body = format!("CallSid=CA1&RecordingSid=RE1&RecordingUrl=u/RE1&RecordingStatus={status}");
        let (_, what) = happened(told(CarrierName::Twilio, &form_to(Address::Recording, "", &body)));
        let [What::Recorded(recorded)] = &what[..] else { panic!("{what:?}") };
        assert_eq!((recorded.place.as_deref(), recorded.failed), (place, failed), "{status}");
    }
}

#[test]
fn signalwires_documented_examples_are_read() {
    let read = |address, query: &str, name| {
        told(CarrierName::SignalWire, &form_to(address, query, &posted(&example(SIGNALWIRE, name))))
    };
    let (call, what) = happened(read(Address::Status, "", "voice_status"));
    assert_eq!(call, "b3877c40-da60-4998-90ad-b792e98472pa");
    let [What::Leg(leg)] = &what[..] else { panic!("{what:?}") };
    assert_eq!(leg.progress.time, time("2024-04-04T18:32:15Z"));
    assert_eq!((leg.progress.sequence, leg.progress.duration), (Some(4), Some(94)));
    let (_, what) = happened(read(Address::Status, "", "inbound_number_status"));
    let [What::Caller(progress)] = &what[..] else { panic!("{what:?}") };
    assert_eq!((progress.status, progress.duration), (Status::Completed, Some(142)));
    let (_, what) = happened(read(Address::Recording, "", "recording_status"));
    let [What::Recorded(recorded)] = &what[..] else { panic!("{what:?}") };
    assert!(recorded.is_voicemail, "a Record verb made it");
    // The example names no call: our address does.
    let (call, what) = happened(read(Address::Transcription, "call=c1", "transcription"));
    assert_eq!((call.as_str(), what.len()), ("c1", 1));
}

#[test]
fn telnyx_documented_examples_are_read() {
    let read =
        |address, name| told(CarrierName::Telnyx, &form_to(address, "", &posted(&example(TELNYX, name))));
    let Meaning::Rings(ring) = read(Address::Ring, "initiated").meaning else { panic!("it rings") };
    assert_eq!(ring.from, Caller::Number("+35319605860".to_owned()));
    assert_eq!(ring.attestation, Attestation { level: Some(Level::A), verified: Verified::Passed });
    let (call, what) = happened(read(Address::Status, "completed"));
    assert_eq!(call, "v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg");
    let [What::Leg(leg)] = &what[..] else { panic!("{what:?}") };
    assert_eq!(leg.progress.cause.as_deref(), Some("normal_clearing"));
    assert_eq!((leg.progress.time, leg.progress.duration), (time("2024-01-15T10:30:00Z"), Some(45)));
    let (_, what) = happened(read(Address::Recording, "recording_completed"));
    let [What::Recorded(recorded)] = &what[..] else { panic!("{what:?}") };
    assert_eq!(recorded.place.as_deref(), Some("https://recording.com/your-recording-url"));
}

#[test]
fn a_status_that_is_not_known_says_nothing() {
    let body = "CallSid=CA1&CallStatus=levitating";
    assert_eq!(happened(told(CarrierName::Twilio, &form_to(Address::Status, "", body))).1, vec![]);
}

/// The reply, which has only words that Twilio's own classes would write.
fn judged(answer: &Answer) -> Parsed {
    judged_by(VOCABULARY, answer)
}

fn replied(steps: &[Step], step: usize) -> Parsed {
    let plan = Plan { steps: steps.to_vec() };
    judged(&answer(CarrierName::Twilio, &script(&plan, step)))
}

#[test]
fn every_reply_is_made_of_words_that_twilio_knows() {
    for carrier in ALL {
        for answer in answers(carrier).iter().filter(|answer| answer.status != 204) {
            match carrier {
                // What Telnyx writes down it calls otherwise ("TeXML verbs", Record).
                CarrierName::Telnyx => judged(&as_twilio_has_it(answer)),
                _ => judged(answer),
            };
        }
    }
}

fn as_twilio_has_it(answer: &Answer) -> Answer {
    let body =
        String::from_utf8(answer.body.to_vec()).expect("UTF-8").replace(" transcription=", " transcribe=");
    let body = body.replace(" transcriptionCallback=", " transcribeCallback=");
    Answer { body: body.into(), ..answer.clone() }
}

#[test]
fn a_caller_who_cant_be_shown_is_shown_as_the_number_that_was_dialled() {
    let plan = Plan::connect("+12125550100");
    let dial = |from| {
        let reply = judged(&answer(CarrierName::Twilio, &Script { from, ..script(&plan, 0) }));
        reply.children[0].attribute("callerId").map(str::to_owned)
    };
    assert_eq!(dial(""), Some("+12125550110".to_owned()));
    assert_eq!(dial("+13055550123"), None);
}

#[test]
fn what_is_said_goes_before_the_first_step_that_waits() {
    let steps =
        [Step::Say("One".to_owned()), Step::Say("Two".to_owned()), Step::Dial(Dial::plain("+12125550100"))];
    let reply = replied(&steps, 0);
    assert_eq!(reply.names(), ["Say", "Say", "Dial"]);
    let dial = &reply.children[2];
    let next = "https://www.example.com/.dni/calls/carrier/next?step=2&call=call-1&dialled=%2B12125550110";
    assert_eq!(dial.attribute("action"), Some(next));
    assert_eq!(dial.attribute("timeout"), Some("30"));
    assert_eq!([dial.attribute("record"), dial.attribute("callerId")], [None, None]);
    assert_eq!(dial.children[0].text, "+12125550100");
    assert_eq!(dial.children[0].attribute("url"), None, "nothing is whispered");
    assert_eq!(replied(&steps, 1).names(), ["Say", "Dial"]);
    assert_eq!(replied(&steps, 3).names(), ["Hangup"], "the plan has come to its end");
    assert_eq!(replied(&steps[..1], 0).names(), ["Say", "Hangup"]);
}

#[test]
fn a_dial_records_whispers_and_shows_the_tracking_number_where_it_is_to() {
    let reply = replied(&[Step::Dial(super::super::tests::full_dial())], 0);
    let dial = &reply.children[0];
    assert_eq!(dial.names(), ["Number", "Number"]);
    assert_eq!(dial.attribute("record"), Some("record-from-answer-dual"));
    assert!(dial.attribute("recordingStatusCallback").is_some_and(|url| url.contains("/recording?")));
    assert_eq!(dial.attribute("callerId"), Some("+12125550110"));
    assert!(dial.children[1].attribute("url").is_some_and(|url| url.contains("/whisper?step=0")));
    assert!(dial.children[1].attribute("statusCallback").is_some_and(|url| url.contains("/status?leg=1")));
}

#[test]
fn who_has_not_consented_is_not_recorded() {
    let plan = plans().swap_remove(5);
    for consented in [false, true] {
        let script = Script { consented, ..script(&plan, 0) };
        let reply = judged(&answer(CarrierName::Twilio, &script));
        assert_eq!(reply.children[0].attribute("record").is_some(), consented);
    }
}

#[test]
fn telephones_ring_as_long_as_the_carrier_lets_them() {
    for (carrier, seconds, rings) in [
        (CarrierName::Twilio, 2, "5"),
        (CarrierName::SignalWire, 700, "600"),
        (CarrierName::Telnyx, 700, "120"),
    ] {
        let timeout = std::time::Duration::from_secs(seconds);
        let plan = Plan { steps: vec![Step::Dial(Dial { timeout, ..Dial::plain("+12125550100") })] };
        let reply = judged(&answer(carrier, &script(&plan, 0)));
        assert_eq!(reply.children[0].attribute("timeout"), Some(rings), "{carrier}");
    }
}

#[test]
fn a_caller_who_is_asked_for_a_key_is_heard_of_either_way() {
    for step in [
        Step::Challenge { say: "Press 5.".to_owned(), key: '5' },
        Step::Consent { say: "Press 1.".to_owned() },
        Step::Menu { say: "Press 1.".to_owned(), keys: [('1', Dial::plain("+12125550100"))].into() },
    ] {
        let reply = replied(&[step, Step::Dial(Dial::plain("+12125550100"))], 0);
        assert_eq!(reply.names(), ["Gather", "Redirect"]);
        let gather = &reply.children[0];
        assert_eq!(gather.attribute("action"), Some(reply.children[1].text.as_str()));
        assert!(gather.attribute("action").is_some_and(|url| url.contains("/menu?step=0")));
        assert_eq!(gather.names(), ["Say"]);
        assert_eq!(gather.attribute("finishOnKey"), None);
    }
    let keyed = Step::Challenge { say: "Press #.".to_owned(), key: '#' };
    assert_eq!(replied(&[keyed], 0).children[0].attribute("finishOnKey"), Some(""));
}

#[test]
fn a_voicemail_is_recorded_and_written_down() {
    let reply = replied(&[Step::Voicemail { say: "Please leave a message.".to_owned() }], 0);
    assert_eq!(reply.names(), ["Say", "Record", "Redirect"]);
    let record = &reply.children[1];
    assert!(
        record.attribute("recordingStatusCallback").is_some_and(|url| url.contains("/recording?voicemail=1"))
    );
    assert!(record.attribute("transcribeCallback").is_some_and(|url| url.contains("/transcription?")));
}

#[test]
fn a_call_is_refused_only_while_it_is_not_answered() {
    for (rejection, reason) in [(Rejection::Unknown, "rejected"), (Rejection::Blocked, "busy")] {
        let reply = replied(&[Step::Reject(rejection)], 0);
        assert_eq!(reply.children[0].attribute("reason"), Some(reason));
    }
    let late = [Step::Say("Goodbye".to_owned()), Step::Reject(Rejection::Blocked)];
    assert_eq!(replied(&late, 0).names(), ["Say", "Hangup"]);
}

#[test]
fn whoever_answers_hears_who_calls_and_is_asked_where_they_are_to_be() {
    let screened_plan = plans().swap_remove(4);
    let reply = judged(&whisper(CarrierName::Twilio, &script(&screened_plan, 0)));
    assert_eq!(reply.names(), ["Gather", "Redirect"]);
    let said = &reply.children[0].children[0].text;
    assert_eq!(said, "Call from Google Ads, <spring> & campaign. Press 1 to take this call.");
    assert!(reply.children[1].text.contains("/menu?step=0&called=1"));
    let plain_plan = plans().swap_remove(5);
    let reply = judged(&whisper(CarrierName::Twilio, &script(&plain_plan, 0)));
    assert_eq!(reply.names(), ["Say"]);
    assert_eq!(judged(&screened(CarrierName::Twilio, true)).names(), Vec::<&str>::new());
    assert_eq!(judged(&screened(CarrierName::Twilio, false)).names(), ["Hangup"]);
    let nobody = Plan::default();
    let silence = judged(&whisper(CarrierName::Twilio, &script(&nobody, 0)));
    assert_eq!(silence.names(), Vec::<&str>::new(), "they are put through");
}
