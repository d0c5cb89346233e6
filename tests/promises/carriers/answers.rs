//! What carriers are answered is what their own libraries would write: every answer that a call may come to, by whatever way.

use std::collections::BTreeSet;

use dni_edge::call::carrier::CarrierName;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::json;

use crate::support::{Client, Edge, FLYER, PUBLIC, Request, SECRET, Tool, form, plumber, post};

/// A route of each kind, by the caller's area.
const ROUTES: &str = r##"
[[site.line.route]]
when = { caller_area = "305" }
to = ["+12125550101", "+12125550102"]
sticky = true
whisper = "Call from {source}"
screen = true
announce = "This call is recorded."
record = "announce"
[[site.line.route]]
when = { caller_area = "917" }
to = ["+12125550101", "+12125550102"]
how = "together"
record = "press1"
caller_id = "tracking"
[[site.line.route]]
when = { caller_area = "718" }
menu = { say = "For service press 1, for sales press #.", keys = { 1 = ["+12125550101"], "#" = ["+12125550102"] } }
[[site.line.route]]
when = { caller_area = "646" }
voicemail = "Please leave a message."
"##;

/// Besides these, one whom no route suits, one who is blocked, and one who withholds the number.
const CALLERS: [&str; 7] =
    ["+13055550123", "+19175550123", "+17185550123", "+16465550123", "+14155550123", "+19005550123", ""];

/// How each step may end, for the carriers that say it in these words.
const ENDS: [&[(&str, &str)]; 4] = [
    &[("DialCallStatus", "no-answer"), ("DialStatus", "no-answer"), ("Digits", "")],
    &[("DialCallStatus", "completed"), ("DialBridged", "true"), ("DialStatus", "completed"), ("Digits", "1")],
    &[("DialCallStatus", "busy"), ("DialStatus", "busy"), ("Digits", "#")],
    &[("CallStatus", "completed"), ("Digits", "7")],
];

/// What is told of a recording, to whoever asks to be told.
const RECORDED: [(&str, &str); 9] = [
    ("RecordingSid", "RE1"),
    ("RecordingUrl", "https://api.twilio.com/RE1"),
    ("RecordingStatus", "completed"),
    ("RecordingDuration", "7"),
    ("RecordingID", "R1"),
    ("RecordUrl", "https://media.plivo.com/R1.mp3"),
    ("TranscriptionSid", "TR1"),
    ("TranscriptionText", "Hello"),
    ("transcription", "Hello"),
];

/// Answers are many, and there is an end to them.
const MOST: usize = 400;

const SPAM: &str = "[site.spam]\nblocked_callers = [\"+1 900*\"]\n";

/// A carrier's library, as the client that signs and as the judge of what it is answered.
struct Carrier {
    name: CarrierName,
    signs: Tool,
    judges: Tool,
}

impl Carrier {
    fn of(name: CarrierName) -> Option<Self> {
        let python = Tool::folder().join("carriers-venv/bin/python");
        let start = |script| Tool::start(python.to_str().unwrap(), script, &[], &[&python]);
        Some(Carrier { name, signs: start("sign.py")?, judges: start("judge.py")? })
    }

    /// Asks the program, and has the library judge what it says.
    fn asks(&mut self, edge: &Edge, target: &str, fields: &[(&str, &str)]) -> String {
        let body = form(fields);
        let question = json!({
            "carrier": self.name, "secret": SECRET, "method": "POST", "url": format!("{PUBLIC}{target}"), "body": body,
        });
        let signed = self.signs.ask(&question)["headers"].take();
        let request = signed
            .as_object()
            .unwrap()
            .iter()
            .fold(post(target, &body), |request: Request, (name, value)| {
                request.with(name, value.as_str().unwrap())
            });
        let answer = Client::connect(edge.address()).exchange(&request);
        assert!(matches!(answer.status(), "200" | "204"), "{target} {fields:?}: {}", answer.text());
        let text = answer.text();
        if !text.is_empty() {
            let verdict = self.judges.ask(&json!({ "carrier": self.name, "answer": text }));
            assert_eq!(verdict["accepted"], true, "{}: {text}", verdict["why"]);
        }
        text
    }
}

#[test]
fn whatever_twilio_is_answered_its_library_would_write() {
    all_is_judged(
        CarrierName::Twilio,
        &["Response", "Dial", "Gather", "Record", "Redirect", "Reject", "Hangup", "Say"],
    );
}

#[test]
fn whatever_plivo_is_answered_its_library_would_write() {
    all_is_judged(
        CarrierName::Plivo,
        &["Response", "Dial", "GetInput", "Record", "Redirect", "Hangup", "Speak"],
    );
}

/// Follows every address in every answer, until no new ones come.
fn all_is_judged(name: CarrierName, wanted: &[&str]) {
    let Some(mut carrier) = Carrier::of(name) else { return };
    let carriers = format!(
        "[carrier.{name}]\nauth_token = {{ file = \"carrier-secret\" }}\npublic_url = \"{PUBLIC}\"\n{}",
        if name == CarrierName::Plivo { "auth_id = \"MA0000000000000000\"\n" } else { "" }
    );
    let (_origin, edge) = plumber(|config| config.routes(ROUTES).more(SPAM).more(&carriers));
    let (mut elements, mut asked) = (BTreeSet::new(), BTreeSet::new());
    for (n, caller) in CALLERS.iter().enumerate() {
        for (m, end) in ENDS.iter().enumerate() {
            let call = format!("call-{n}-{m}");
            let base = [("CallSid", &*call), ("CallUUID", &call), ("From", caller), ("To", FLYER)];
            let base: Vec<_> = base.into_iter().chain(RECORDED).collect();
            let mut waiting = vec![format!("/.dni/calls/{name}")];
            while let Some(target) = waiting.pop() {
                if !asked.insert((call.clone(), target.clone())) || asked.len() > MOST {
                    continue;
                }
                let state = [("CallStatus", "ringing"), ("Event", "StartApp")];
                let of_end: Vec<_> = base.iter().copied().chain(end.iter().copied()).collect();
                let fields: Vec<_> = match target.ends_with(name.name()) {
                    true => base.iter().copied().chain(state).collect(),
                    false if of_end.iter().any(|(field, _)| *field == "CallStatus") => of_end,
                    false => of_end.into_iter().chain([("CallStatus", "in-progress")]).collect(),
                };
                let answer = carrier.asks(&edge, &target, &fields);
                waiting.extend(read(&answer, &mut elements));
            }
        }
    }
    assert!(asked.len() <= MOST, "there is no end to {}", asked.len());
    for element in wanted {
        assert!(elements.contains(*element), "no answer has {element}: {elements:?}");
    }
}

/// The addresses that an answer names, and its elements.
fn read(answer: &str, elements: &mut BTreeSet<String>) -> Vec<String> {
    let (mut reader, mut addresses) = (Reader::from_str(answer), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => {
                elements.insert(String::from_utf8(start.name().as_ref().to_vec()).unwrap());
                addresses.extend(values(&start));
            }
            Event::Text(text) => addresses.push(text.decode().unwrap().replace("&amp;", "&")),
            Event::Eof => break,
            _ => {}
        }
    }
    addresses.iter().filter_map(|address| Some(address.strip_prefix(PUBLIC)?.to_owned())).collect()
}

fn values(start: &BytesStart<'_>) -> Vec<String> {
    start
        .attributes()
        .map(|attribute| String::from_utf8(attribute.unwrap().value.to_vec()).unwrap().replace("&amp;", "&"))
        .collect()
}
