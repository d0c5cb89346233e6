//! What Vonage is answered (developer.vonage.com/voice/voice-api/ncco-reference): the steps of a plan, up to the first whose end
//! must be known. At the end of what it is told, a call ends.

use serde_json::{Value, json};

use super::super::scene::{Scene, Then};
use super::super::{Answer, LONGEST_VOICEMAIL, Script, WAIT_FOR_KEY};
use crate::call::plan::Dial;

/// Characters that one `talk` takes.
const LONGEST_TALK: usize = 1500;

pub fn answer(script: &Script<'_>) -> Answer {
    let Scene { said, here, then } = Scene::of(script);
    let mut actions: Vec<Value> = said.into_iter().map(talk).collect();
    match then {
        Then::Asks { say, .. } => actions.extend(ask(&here, say)),
        Then::Dials(dial) => actions.extend(connect(&here, dial)),
        Then::Records { say } => actions.extend(voicemail(&here, say)),
        Then::Refuses(_) | Then::Ends => {}
    }
    ncco(actions)
}

/// Said to whoever answered, who is put through then, whether they should be asked first or not.
pub fn whisper(dial: &Dial) -> Answer {
    ncco(dial.whisper.as_deref().map(talk).into_iter().collect())
}

fn ncco(actions: Vec<Value>) -> Answer {
    Answer { status: 200, content_type: "application/json", body: Value::Array(actions).to_string().into() }
}

/// In angle brackets it would be SSML.
fn talk(text: &str) -> Value {
    let text: String = text.replace(['<', '>'], " ").chars().take(LONGEST_TALK).collect();
    json!({ "action": "talk", "text": text })
}

/// Tells of no key, too.
fn ask(script: &Script<'_>, text: &str) -> [Value; 2] {
    let mut said = talk(text);
    said["bargeIn"] = true.into();
    let input = json!({
        "action": "input",
        "type": ["dtmf"],
        "dtmf": { "maxDigits": 1, "timeOut": WAIT_FOR_KEY },
        "eventUrl": [script.menu()],
    });
    [said, input]
}

/// What is recorded is recorded from here on, until the call ends: once is enough.
fn connect(script: &Script<'_>, dial: &Dial) -> Vec<Value> {
    let mut actions = Vec::new();
    if script.records(dial) && !script.was_recorded() {
        actions.push(json!({
            "action": "record",
            "split": "conversation",
            "channels": 2,
            "eventUrl": [script.recording()],
        }));
    }
    // Another number than one of Vonage's own would be shown as unknown.
    let shown = dial.caller_id.as_deref().unwrap_or(script.to);
    for to in dial.to.iter().take(super::MOST_AT_ONCE) {
        let mut endpoint = json!({ "type": "phone", "number": digits(to) });
        if dial.whisper.is_some() {
            endpoint["onAnswer"] = json!({ "url": script.whispering() });
        }
        actions.push(json!({
            "action": "connect",
            "from": digits(shown),
            "timeout": dial.timeout.as_secs().clamp(1, 120),
            "eventType": "synchronous",
            "eventUrl": [script.next()],
            "endpoint": [endpoint],
        }));
    }
    actions
}

fn voicemail(script: &Script<'_>, text: &str) -> [Value; 2] {
    let record = json!({
        "action": "record",
        "beepStart": true,
        "endOnKey": "#",
        "timeOut": LONGEST_VOICEMAIL,
        "eventUrl": [script.voicemail()],
    });
    [talk(text), record]
}

fn digits(number: &str) -> &str {
    number.trim_start_matches('+')
}
