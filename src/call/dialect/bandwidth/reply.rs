//! What Bandwidth is answered (dev.bandwidth.com/docs/voice/bxml): the steps of a plan, up to the first whose end must be known.

use super::super::scene::{Scene, Then};
use super::super::xml::Element;
use super::super::{Answer, LONGEST_VOICEMAIL, Login, Script, WAIT_FOR_KEY};
use super::MOST_AT_ONCE;
use crate::call::plan::Dial;

pub fn answer(script: &Script<'_>) -> Answer {
    let mut response = Element::new("Response");
    let Scene { said, here, then } = Scene::of(script);
    if script.was_recorded() {
        // It would go on through all that follows.
        response.add(Element::new("StopRecording"));
    }
    said.into_iter().for_each(|text| response.add(speak(text)));
    match then {
        Then::Asks { say, .. } => response.add(gather(&here, here.menu(), say)),
        Then::Dials(dial) => transfer(&mut response, &here, dial),
        Then::Records { say } => voicemail(&mut response, &here, say),
        // There is no other word for refusing a call.
        Then::Refuses(_) | Then::Ends => response.add(Element::new("Hangup")),
    }
    Answer::xml(&response)
}

pub fn whisper(script: &Script<'_>, dial: &Dial) -> Answer {
    let said = dial.announcement();
    let told = if dial.screen { gather(script, script.screening(), &said) } else { speak(&said) };
    Answer::xml(&Element::new("Response").child(told))
}

/// At the end of an empty document, the two are put through.
pub fn screened(accepted: bool) -> Answer {
    let mut response = Element::new("Response");
    if !accepted {
        response.add(Element::new("Hangup"));
    }
    Answer::xml(&response)
}

fn speak(text: &str) -> Element {
    Element::new("SpeakSentence").text(text)
}

/// With what Bandwidth must name at the addresses that stand beside it.
fn with_login(element: Element, script: &Script<'_>) -> Element {
    match script.login {
        Some(Login { user, password }) => element.with("username", user).with("password", password),
        None => element,
    }
}

/// Tells of no key, too.
fn gather(script: &Script<'_>, url: String, text: &str) -> Element {
    let gather = Element::new("Gather")
        .with("gatherUrl", url)
        .with("maxDigits", "1")
        .with("firstDigitTimeout", WAIT_FOR_KEY.to_string());
    with_login(gather, script).child(speak(text))
}

fn transfer(response: &mut Element, script: &Script<'_>, dial: &Dial) {
    if script.records(dial) {
        let recording = Element::new("StartRecording")
            .with("recordingAvailableUrl", script.recording())
            .with("multiChannel", "true");
        response.add(with_login(recording, script));
    }
    let transfer = Element::new("Transfer")
        .with("transferCompleteUrl", script.next())
        .with("callTimeout", dial.seconds(1..=300))
        .with_some("transferCallerId", dial.caller_id.as_deref());
    let mut transfer = with_login(transfer, script);
    for to in dial.to.iter().take(MOST_AT_ONCE) {
        let number = Element::new("PhoneNumber")
            .with_some("transferAnswerUrl", dial.is_announced().then(|| script.whispering()))
            .with("transferDisconnectUrl", script.leg_status());
        transfer.add(with_login(number, script).text(to));
    }
    response.add(transfer);
}

fn voicemail(response: &mut Element, script: &Script<'_>, text: &str) {
    response.add(speak(text));
    let record = Element::new("Record")
        .with("recordCompleteUrl", script.next())
        .with("recordingAvailableUrl", script.voicemail())
        .with("maxDuration", LONGEST_VOICEMAIL.to_string());
    response.add(with_login(record, script));
}
