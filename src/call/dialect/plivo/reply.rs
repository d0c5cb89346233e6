//! What Plivo is answered (plivo.com/docs/voice/xml): the steps of a plan, up to the first whose end must be known.

use super::super::scene::{Scene, Then};
use super::super::xml::Element;
use super::super::{Answer, LONGEST_VOICEMAIL, Script, WAIT_FOR_KEY};
use super::MOST_AT_ONCE;
use crate::call::plan::{Dial, Rejection};

/// Seconds that a conversation may be recorded: as long as a call may last, instead of one minute.
const LONGEST_RECORDING: u32 = 14_400;

/// Digits, without the plus sign.
fn digits(number: &str) -> &str {
    number.trim_start_matches('+')
}

pub fn answer(script: &Script<'_>) -> Answer {
    let mut response = Element::new("Response");
    let Scene { said, here, then } = Scene::of(script);
    said.into_iter().for_each(|text| response.add(speak(text)));
    match then {
        Then::Asks { say, keys } => ask(&mut response, &here, say, &keys),
        Then::Dials(dial) => self::dial(&mut response, &here, dial),
        Then::Records { say } => voicemail(&mut response, &here, say),
        Then::Refuses(rejection) => response.add(Element::new("Hangup").with("reason", reason(rejection))),
        Then::Ends => response.add(Element::new("Hangup")),
    }
    Answer::xml(&response)
}

/// Played to whoever answered; for the key, `Dial` waits by itself.
pub fn whisper(dial: &Dial) -> Answer {
    Answer::xml(&Element::new("Response").child(speak(&dial.announcement())))
}

/// Whoever answered hears nothing.
pub fn silence() -> Answer {
    Answer::xml(&Element::new("Response"))
}

fn speak(text: &str) -> Element {
    Element::new("Speak").text(text)
}

/// Asks the caller for a key. Where none is pressed, the document goes on, and we are told so at the same address.
fn ask(response: &mut Element, script: &Script<'_>, text: &str, keys: &[char]) {
    let input = Element::new("GetInput")
        .with("action", script.menu())
        .with("method", "POST")
        .with("inputType", "dtmf")
        .with("numDigits", "1")
        .with("executionTimeout", WAIT_FOR_KEY.to_string())
        // `#` ends what is pressed, and is no key, unless nothing does.
        .with_some("finishOnKey", keys.contains(&'#').then_some("none"));
    response.add(input.child(speak(text)));
    response.add(redirect(&script.menu()));
}

fn redirect(address: &str) -> Element {
    Element::new("Redirect").with("method", "POST").text(address)
}

fn dial(response: &mut Element, script: &Script<'_>, dial: &Dial) {
    if script.records(dial) {
        // It begins when somebody answers what is dialled next.
        response.add(
            Element::new("Record")
                .with("startOnDialAnswer", "true")
                .with("redirect", "false")
                .with("maxLength", LONGEST_RECORDING.to_string())
                .with("recordChannelType", "stereo")
                .with("callbackUrl", script.recording())
                .with("callbackMethod", "POST"),
        );
    }
    let mut element = Element::new("Dial")
        .with("action", script.next())
        .with("method", "POST")
        .with("timeout", dial.seconds(5..=600))
        .with_some("callerId", dial.caller_id.as_deref().map(digits))
        .with("callbackUrl", script.leg_status())
        .with("callbackMethod", "POST")
        // Otherwise the caller hears nothing while it rings.
        .with("dialMusic", "real")
        .with_some("confirmSound", dial.is_announced().then(|| script.whispering()));
    if dial.screen {
        element = element.with("confirmKey", "1").with("confirmTimeout", (2 * WAIT_FOR_KEY).to_string());
    }
    for to in dial.to.iter().take(MOST_AT_ONCE) {
        element.add(Element::new("Number").text(digits(to)));
    }
    response.add(element);
}

fn voicemail(response: &mut Element, script: &Script<'_>, text: &str) {
    response.add(speak(text));
    response.add(
        Element::new("Record")
            .with("action", script.next())
            .with("method", "POST")
            .with("maxLength", LONGEST_VOICEMAIL.to_string())
            .with("playBeep", "true")
            .with("callbackUrl", script.voicemail())
            .with("callbackMethod", "POST")
            .with("transcriptionType", "auto")
            .with("transcriptionUrl", script.transcription()),
    );
    response.add(redirect(&script.next()));
}

fn reason(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::Unknown => "rejected",
        Rejection::Blocked => "busy",
    }
}
