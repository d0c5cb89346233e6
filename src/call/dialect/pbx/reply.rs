//! What a telephone system is answered: a form of a few fields. What it can't be told is left out of the plan, never the caller.

use std::fmt::Write;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::{Answer, LONGEST_RING, Script};
use crate::call::plan::{Dial, Recording, Step};

/// Bytes that stand for themselves. A space is `%20`, which every dial plan decodes, and not `+`; a comma, between destinations,
/// would end a value for Kamailio's `{param.value}`.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Characters of what visitors had a say in.
const LONGEST_WHISPER: usize = 40;

/// The plan as fields; 404 and nothing more where nobody is to be dialled.
pub fn answer(script: &Script<'_>) -> Answer {
    let steps = script.plan.steps.get(script.step..).unwrap_or_default();
    let dials = dials(steps);
    let voicemail = steps.iter().find_map(|step| match step {
        Step::Voicemail { say } => Some(say.as_str()),
        _ => None,
    });
    let is_refused = matches!(steps.first(), Some(Step::Reject(_)));
    if is_refused || (dials.is_empty() && voicemail.is_none()) {
        return Answer::empty(404);
    }
    let mut body = Fields::default();
    body.put("dest", &numbers(&dials).join(","));
    body.put("timeout", &timeout(&dials).as_secs().to_string());
    body.put("how", if matches!(dials[..], [dial] if dial.to.len() > 1) { "together" } else { "order" });
    body.put("record", flag(dials.iter().any(|dial| script.records(dial))));
    if let Some(dial) = dials.first() {
        let whisper = plain(dial.whisper.as_deref().unwrap_or_default());
        body.put_some("whisper", &whisper.chars().take(LONGEST_WHISPER).collect::<String>());
        if dial.screen {
            body.put("screen", "1");
        }
        body.put_some("callerid", dial.caller_id.as_deref().unwrap_or(script.from));
    }
    before(&mut body, steps, &dials);
    if let Some(greeting) = voicemail {
        body.put("voicemail", "1");
        body.put_some("greeting", &plain(greeting));
    }
    Answer { status: 200, content_type: "application/x-www-form-urlencoded", body: body.0.into() }
}

/// What is said and asked before it rings.
fn before(body: &mut Fields, steps: &[Step], dials: &[&Dial]) {
    let said: Vec<&str> = steps
        .iter()
        .map_while(|step| match step {
            Step::Dial(_) | Step::Voicemail { .. } => None,
            Step::Say(text) => Some(text.as_str()),
            _ => Some(""),
        })
        .collect();
    body.put_some("announce", &plain(&said.join(" ")));
    let may_record = dials.iter().any(|dial| dial.record == Recording::IfConsented);
    for step in steps {
        match step {
            Step::Consent { say } if may_record => body.put("consent", &plain(say)),
            Step::Challenge { say, key } => {
                body.put("challenge", &plain(say));
                body.put("challenge_key", &key.to_string());
            }
            _ => {}
        }
    }
}

/// All that are dialled, one after the other. A telephone system has menus of its own: where nothing but one of ours leads to a
/// telephone, its first choice does.
fn dials(steps: &[Step]) -> Vec<&Dial> {
    let dialled: Vec<&Dial> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Dial(dial) => Some(dial),
            _ => None,
        })
        .collect();
    if !dialled.is_empty() {
        return dialled;
    }
    let chosen = steps.iter().find_map(|step| match step {
        Step::Menu { keys, .. } => keys.values().next(),
        _ => None,
    });
    chosen.into_iter().collect()
}

/// Each once, where it comes first.
fn numbers<'a>(dials: &[&'a Dial]) -> Vec<&'a str> {
    let mut numbers: Vec<&str> = Vec::new();
    for to in dials.iter().flat_map(|dial| &dial.to) {
        if !numbers.contains(&to.as_str()) {
            numbers.push(to);
        }
    }
    numbers
}

/// There is one for all: the longest, so that none rings shorter than it should.
fn timeout(dials: &[&Dial]) -> Duration {
    let longest = dials.iter().map(|dial| dial.timeout).max();
    longest.unwrap_or_default().clamp(Duration::from_secs(1), LONGEST_RING)
}

/// Letters, digits and single spaces: a dial plan would act on more than that.
fn plain(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn flag(is: bool) -> &'static str {
    if is { "1" } else { "0" }
}

/// A form in the making.
#[derive(Default)]
struct Fields(String);

impl Fields {
    fn put(&mut self, name: &str, value: &str) {
        let between = if self.0.is_empty() { "" } else { "&" };
        // Writing to a String never fails.
        let _ = write!(self.0, "{between}{name}={}", utf8_percent_encode(value, &ESCAPED));
    }

    fn put_some(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.put(name, value);
        }
    }
}
