//! The carriers' languages: what their messages mean, and how they are told what to do.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;

use super::carrier::CarrierName;
use super::event::{Ring, What};
use super::plan::Plan;

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
    /// Who calls, as the carrier wrote it, and what was dialled, in E.164.
    pub from: &'a str,
    pub to: &'a str,
}

/// The longest that any telephone rings.
pub const LONGEST_RING: Duration = Duration::from_secs(120);
