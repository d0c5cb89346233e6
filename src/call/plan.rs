//! What is to be done with a call, step by step, until somebody has spoken with the caller.
//!
//! A carrier is told of the steps up to the first whose end must be known before it goes on, and asks again then; a PBX is told
//! of all that it can do by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The steps of a call, in their order. After the last one the call ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Said to the caller.
    Say(String),
    /// Said to the caller, who is to press this key; who does not is gone.
    Challenge { say: String, key: char },
    /// Said to the caller, who may press 1 to be recorded from there on.
    Consent { say: String },
    /// The caller chooses who is dialled in place of the next step; who chooses nothing is led on to it.
    Menu { say: String, keys: BTreeMap<char, Dial> },
    /// Once it was answered, the plan has come to its end.
    Dial(Dial),
    /// What the caller leaves is recorded.
    Voicemail { say: String },
    /// The call is refused before it is answered: nobody pays for it.
    Reject(Rejection),
}

/// Telephones that ring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dial {
    /// All at once, E.164; the first that answers has the call. Never empty.
    pub to: Vec<String>,
    /// How long they ring.
    pub timeout: Duration,
    /// What the called are shown: the caller's number (none), or this one of ours.
    pub caller_id: Option<String>,
    /// Said to whoever answers, before they are put through.
    pub whisper: Option<String>,
    /// Whoever answers must press 1 to be put through.
    pub screen: bool,
    pub record: Recording,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recording {
    #[default]
    None,
    Record,
    /// Where the caller has pressed 1.
    IfConsented,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// The number was never ours.
    Unknown,
    /// The caller is blocked.
    Blocked,
}

impl Plan {
    /// The one that loses no caller: this telephone rings.
    pub fn connect(to: &str) -> Self {
        Plan { steps: vec![Step::Dial(Dial::plain(to))] }
    }

    pub fn is_rejection(&self) -> bool {
        matches!(self.steps.first(), Some(Step::Reject(_)))
    }
}

impl Dial {
    /// Nothing is said, nothing recorded, and the caller's number is shown.
    pub fn plain(to: &str) -> Self {
        Dial {
            to: vec![to.to_owned()],
            timeout: Duration::from_secs(30),
            caller_id: None,
            whisper: None,
            screen: false,
            record: Recording::None,
        }
    }
}
