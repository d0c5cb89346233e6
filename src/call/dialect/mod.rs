//! The carriers' languages: what their messages mean, and how they are told what to do.

mod bandwidth;
mod callback;
mod caller;
mod form;
#[cfg(test)]
mod parsed;
mod pbx;
mod plivo;
mod scene;
mod stir;
#[cfg(test)]
mod tests;
mod twiml;
mod vonage;
mod xml;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::carrier::CarrierName;
use super::event::{Ring, What};
use super::plan::{Dial, Plan, Recording, Step};
use xml::Element;

/// An address of ours that a carrier sends something to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// The phone rings: `/.dni/calls/<carrier>`.
    Ring,
    /// `/status`
    Status,
    /// `/recording`
    Recording,
    /// `/transcription`
    Transcription,
    /// `/next?step=N`: step N of the plan has come to its end.
    Next,
    /// `/whisper?step=N`: somebody has answered, and is told who calls.
    Whisper,
    /// `/menu?step=N`: keys were pressed, by the caller, or (with `called=1`) by whoever answered.
    Menu,
}

/// A carrier's message, to be read.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub address: Address,
    /// Without the question mark.
    pub query: &'a str,
    /// As in Content-Type; empty where there is none.
    pub content_type: &'a str,
    pub body: &'a [u8],
}

/// What a message means.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The carrier's own id of the call that it is about: of the caller's leg.
    pub call: String,
    pub meaning: Meaning,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// The phone rings: what is to be done?
    Rings(Ring),
    /// Nobody waits for more than that it was taken note of. None: it says nothing of interest.
    Happened(Vec<What>),
    /// A step has come to its end, and the carrier asks how to go on. Whom the message says was called, in case all else is
    /// forgotten.
    Next { step: usize, happened: Vec<What>, to: Option<String> },
    /// Somebody has answered what a step dialled, and is to be told who calls.
    Whispers { step: usize, happened: Vec<What> },
    /// Whoever answered was to press 1, and has, or has not.
    Screened { step: usize, accepted: bool, happened: Vec<What> },
}

/// A message that can't be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it is not in the form that {0} sends: {1}")]
    Form(CarrierName, Cow<'static, str>),
    #[error("it has no {0}")]
    Missing(&'static str),
}

/// An answer, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Empty: the answer has no body.
    pub content_type: &'static str,
    pub body: Bytes,
}

/// What an answer to a carrier is made from.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    pub plan: &'a Plan,
    /// The step that is to be done now.
    pub step: usize,
    /// The caller has pressed 1 to be recorded.
    pub consented: bool,
    /// What follows `/.dni/calls/<carrier>` is put behind this: `https://www.example.com/.dni/calls/twilio`.
    pub base: &'a str,
    /// The carrier's own id of the call, as in [`Told::call`].
    pub call: &'a str,
    /// Who calls, in E.164; empty where that was withheld, or is no number.
    pub from: &'a str,
    /// What was dialled, in E.164.
    pub to: &'a str,
    /// What the carrier is to come back with, where it has to be told that each time.
    pub login: Option<Login<'a>>,
}

/// User and password of a carrier that signs nothing: Bandwidth.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    pub user: &'a str,
    pub password: &'a str,
}

impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// The longest that any telephone rings.
pub const LONGEST_RING: Duration = Duration::from_secs(120);

/// Said to whoever must press 1 to take a call, behind the whisper.
const PRESS_ONE: &str = "Press 1 to take this call.";

/// How long a voicemail may be, in seconds: no longer ones are transcribed.
const LONGEST_VOICEMAIL: u32 = 120;

/// How long a key is waited for once all was said, in seconds.
const WAIT_FOR_KEY: u32 = 8;

/// Reads a carrier's message.
///
/// # Errors
/// [`Unreadable`] where it does not say which call it is about, or is in another form altogether. What is in it and not known
/// here is passed over.
pub fn read(carrier: CarrierName, message: &Message<'_>) -> Result<Told, Unreadable> {
    match carrier {
        CarrierName::Twilio | CarrierName::SignalWire | CarrierName::Telnyx => twiml::read(carrier, message),
        CarrierName::Plivo => plivo::read(message),
        CarrierName::Vonage => vonage::read(message),
        CarrierName::Bandwidth => bandwidth::read(message),
        CarrierName::Pbx => pbx::read(message),
    }
}

/// Tells a carrier what to do from a step of the plan on.
pub fn answer(carrier: CarrierName, script: &Script<'_>) -> Answer {
    match carrier {
        CarrierName::Twilio | CarrierName::SignalWire | CarrierName::Telnyx => twiml::answer(carrier, script),
        CarrierName::Plivo => plivo::answer(script),
        CarrierName::Vonage => vonage::answer(script),
        CarrierName::Bandwidth => bandwidth::answer(script),
        CarrierName::Pbx => pbx::answer(script),
    }
}

/// What is said to whoever answered what `script.step` dialled, before they are put through, and whether they are asked first.
/// Where the step dials nobody, they are put through.
pub fn whisper(carrier: CarrierName, script: &Script<'_>) -> Answer {
    let Some(dial) = script.dial() else { return silence(carrier) };
    match carrier {
        CarrierName::Twilio | CarrierName::SignalWire | CarrierName::Telnyx => twiml::whisper(script, dial),
        CarrierName::Plivo => plivo::whisper(dial),
        CarrierName::Vonage => vonage::whisper(dial),
        CarrierName::Bandwidth => bandwidth::whisper(script, dial),
        CarrierName::Pbx => nothing(),
    }
}

/// Whoever answered has pressed 1, and is put through, or has not, and is hung up on.
pub fn screened(carrier: CarrierName, accepted: bool) -> Answer {
    match carrier {
        CarrierName::Twilio | CarrierName::SignalWire | CarrierName::Telnyx => twiml::screened(accepted),
        CarrierName::Bandwidth => bandwidth::screened(accepted),
        // Plivo asks for the key by itself, and Vonage can't; a PBX was told to ask.
        CarrierName::Plivo | CarrierName::Vonage | CarrierName::Pbx => nothing(),
    }
}

/// It was taken note of, and there is nothing to be done: of every carrier, 204.
pub fn nothing() -> Answer {
    Answer::empty(204)
}

/// Whether whoever answers can be asked to press 1. Where not, they hear who calls, and are put through.
pub fn can_screen(carrier: CarrierName) -> bool {
    carrier != CarrierName::Vonage
}

/// Whether a caller can be asked for a key, and what is done hang on it.
pub fn can_ask(carrier: CarrierName) -> bool {
    carrier != CarrierName::Pbx
}

/// Whether what is said into a voicemail is written down by the carrier, or may be told by whom it posts to us.
pub fn can_transcribe(carrier: CarrierName) -> bool {
    !matches!(carrier, CarrierName::Vonage | CarrierName::Bandwidth)
}

/// Whoever answered hears nothing, and is put through.
pub fn silence(carrier: CarrierName) -> Answer {
    match carrier {
        CarrierName::Plivo => plivo::silence(),
        CarrierName::Vonage | CarrierName::Pbx => nothing(),
        _ => screened(carrier, true),
    }
}

/// How many telephones a carrier lets ring at once. What is beyond is not dialled: such a step is to be made of several.
pub fn most_at_once(carrier: CarrierName) -> usize {
    match carrier {
        CarrierName::Twilio | CarrierName::SignalWire | CarrierName::Telnyx => twiml::MOST_AT_ONCE,
        CarrierName::Plivo => plivo::MOST_AT_ONCE,
        CarrierName::Vonage => vonage::MOST_AT_ONCE,
        CarrierName::Bandwidth => bandwidth::MOST_AT_ONCE,
        CarrierName::Pbx => usize::MAX,
    }
}

impl Answer {
    fn empty(status: u16) -> Self {
        Answer { status, content_type: "", body: Bytes::new() }
    }

    fn xml(response: &Element) -> Self {
        Answer { status: 200, content_type: "text/xml; charset=utf-8", body: response.document().into() }
    }
}

impl<'a> Script<'a> {
    /// What is dialled at this step, if anything is.
    fn dial(&self) -> Option<&'a Dial> {
        match self.plan.steps.get(self.step) {
            Some(Step::Dial(dial)) => Some(dial),
            _ => None,
        }
    }

    /// Whether a step before this one began a recording.
    fn was_recorded(&self) -> bool {
        let before = self.plan.steps.get(..self.step).unwrap_or(&self.plan.steps);
        before.iter().any(|step| matches!(step, Step::Dial(dial) if self.records(dial)))
    }

    fn records(&self, dial: &Dial) -> bool {
        match dial.record {
            Recording::None => false,
            Recording::Record => true,
            Recording::IfConsented => self.consented,
        }
    }
}

impl Dial {
    /// Whether whoever answers is told something before they are put through.
    fn is_announced(&self) -> bool {
        self.whisper.is_some() || self.screen
    }

    /// What they are told.
    fn announcement(&self) -> String {
        let whisper = self.whisper.as_deref().unwrap_or_default();
        match self.screen {
            true if whisper.is_empty() => PRESS_ONE.to_owned(),
            true => format!("{}. {PRESS_ONE}", whisper.trim_end_matches(['.', ' '])),
            false => whisper.to_owned(),
        }
    }

    /// How long it rings, in seconds, within what a carrier allows.
    fn seconds(&self, allowed: std::ops::RangeInclusive<u64>) -> String {
        self.timeout.as_secs().clamp(*allowed.start(), *allowed.end()).to_string()
    }
}
