//! What is answered (twilio.com/docs/voice/twiml): the steps of a plan, up to the first whose end must be known.

use super::super::scene::{Scene, Then};
use super::super::xml::Element;
use super::super::{Answer, LONGEST_VOICEMAIL, Script, WAIT_FOR_KEY};
use super::{MOST_AT_ONCE, ringing};
use crate::call::carrier::CarrierName;
use crate::call::plan::{Dial, Rejection};

pub fn answer(carrier: CarrierName, script: &Script<'_>) -> Answer {
    let mut response = Element::new("Response");
    let Scene { said, here, then } = Scene::of(script);
    said.into_iter().for_each(|text| response.add(say(text)));
    match then {
        Then::Asks { say, keys } => ask(&mut response, &here, say, &keys),
        Then::Dials(dial) => response.add(self::dial(carrier, &here, dial)),
        Then::Records { say } => voicemail(carrier, &mut response, &here, say),
        Then::Refuses(rejection) => response.add(reject(rejection)),
        Then::Ends => response.add(Element::new("Hangup")),
    }
    Answer::xml(&response)
}

pub fn whisper(script: &Script<'_>, dial: &Dial) -> Answer {
    let mut response = Element::new("Response");
    let said = say(&dial.announcement());
    if dial.screen {
        let gather = gather(&script.screening(), &['1']).child(said);
        response.add(gather);
        // No key is told as well: not every carrier says of a call that it was answered and not put through.
        response.add(redirect(&script.screening()));
    } else {
        response.add(said);
    }
    Answer::xml(&response)
}

/// At the end of an empty document, the two are put through.
pub fn screened(accepted: bool) -> Answer {
    let mut response = Element::new("Response");
    if !accepted {
        response.add(Element::new("Hangup"));
    }
    Answer::xml(&response)
}

fn say(text: &str) -> Element {
    Element::new("Say").text(text)
}

/// Asks the caller for a key. Where none is pressed, the document goes on behind `Gather`, and we are told so at the same address.
fn ask(response: &mut Element, script: &Script<'_>, text: &str, keys: &[char]) {
    response.add(gather(&script.menu(), keys).child(say(text)));
    response.add(redirect(&script.menu()));
}

fn gather(action: &str, keys: &[char]) -> Element {
    let gather = Element::new("Gather")
        .with("numDigits", "1")
        .with("timeout", WAIT_FOR_KEY.to_string())
        .with("action", action)
        .with("method", "POST");
    // `#` ends what is pressed, and is no key, unless nothing does.
    if keys.contains(&'#') { gather.with("finishOnKey", "") } else { gather }
}

fn redirect(address: &str) -> Element {
    Element::new("Redirect").with("method", "POST").text(address)
}

fn dial(carrier: CarrierName, script: &Script<'_>, dial: &Dial) -> Element {
    // A caller who has no number can't be shown: networks refuse such calls (Twilio, error 13214).
    let shown = dial.caller_id.as_deref();
    let shown = shown.or_else(|| Some(script.to).filter(|to| script.from.is_empty() && !to.is_empty()));
    let mut element = Element::new("Dial")
        .with("action", script.next())
        .with("method", "POST")
        .with("timeout", dial.seconds(ringing(carrier)))
        // The caller hears it ring, and is not charged, until somebody takes the call.
        .with("answerOnBridge", "true")
        .with_some("callerId", shown);
    if script.records(dial) {
        element = element
            .with("record", "record-from-answer-dual")
            .with("recordingStatusCallback", script.recording())
            .with("recordingStatusCallbackEvent", "completed");
    }
    for to in dial.to.iter().take(MOST_AT_ONCE) {
        element.add(
            Element::new("Number")
                .with_some("url", dial.is_announced().then(|| script.whispering()))
                .with("statusCallback", script.leg_status())
                .with("statusCallbackEvent", "initiated ringing answered completed")
                .text(to),
        );
    }
    element
}

/// Where nothing was recorded, `Record` asks nobody, and the document goes on.
fn voicemail(carrier: CarrierName, response: &mut Element, script: &Script<'_>, text: &str) {
    // Telnyx has names of its own for these ("TeXML verbs", Record).
    let (transcribes, transcription) = match carrier {
        CarrierName::Telnyx => ("transcription", "transcriptionCallback"),
        _ => ("transcribe", "transcribeCallback"),
    };
    response.add(say(text));
    response.add(
        Element::new("Record")
            .with("action", script.next())
            .with("method", "POST")
            .with("maxLength", LONGEST_VOICEMAIL.to_string())
            .with("playBeep", "true")
            .with("recordingStatusCallback", script.voicemail())
            .with("recordingStatusCallbackEvent", "completed")
            .with(transcribes, "true")
            .with(transcription, script.transcription()),
    );
    response.add(redirect(&script.next()));
}

fn reject(rejection: Rejection) -> Element {
    let reason = match rejection {
        Rejection::Unknown => "rejected",
        Rejection::Blocked => "busy",
    };
    Element::new("Reject").with("reason", reason)
}
