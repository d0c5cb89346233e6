//! What is known of a call from one message, whoever sent it, in our words: the carriers' dialects are left behind here.
//!
//! Events are stored as they came in, and never changed. Each has a key, by which a message that comes twice is one event: see
//! [`Event::key`]. In which order they come says nothing, and any of them may never come.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::carrier::CarrierName;
use super::decision::Decision;
use crate::clock::Timestamp;
use crate::ledger::{CallId, RANG};

/// Bytes of an event's key: it stands in an index.
const LONGEST_KEY: usize = 200;

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it came in, by our clock.
    pub received: Timestamp,
    pub what: What,
}

/// What it says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The phone rings; what was decided then stands.
    Rang(Box<Ring>, Box<Decision>),
    /// How the caller's own leg goes.
    Caller(Progress),
    /// How a leg goes that was dialled for it.
    Leg(Leg),
    /// How the dialling went as a whole.
    Dialled(Dialled),
    /// The caller, or whoever was called, pressed keys.
    Pressed(Pressed),
    Recorded(Recorded),
    Transcribed(Transcribed),
    /// A recording was fetched from the carrier, and is kept here.
    Fetched(Fetched),
    /// What was fetched was kept for as long as it was to be, and is gone.
    Removed {
        /// The recording's.
        id: String,
    },
    /// By hand.
    Noted(Note),
}

/// A call that comes in, as its carrier tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// What was dialled, in E.164 where it can be read so.
    pub to: String,
    pub from: Caller,
    pub name: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub country: Option<String>,
    /// It was not dialled directly: who sent it on.
    pub forwarded_from: Option<String>,
    pub attestation: Attestation,
}

/// Who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// E.164
    Number(String),
    /// All who withhold their number are one class, and never one person.
    #[default]
    Withheld,
    /// A SIP address, or what else is no number.
    Other(String),
}

/// What the network says of the caller's number (ATIS-1000074, "SHAKEN").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    pub level: Option<Level>,
    pub verified: Verified,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Level {
    A,
    B,
    C,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verified {
    Passed,
    Failed,
    #[default]
    None,
}

/// How far a leg has come. Those from `Completed` on are final, and nothing that comes later takes them back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Initiated,
    Ringing,
    Answered,
    Completed,
    Busy,
    NoAnswer,
    /// Whoever called gave up first.
    Canceled,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub status: Status,
    /// The carrier's count of its messages.
    pub sequence: Option<u64>,
    /// When it was so, by the carrier's clock.
    pub time: Option<Timestamp>,
    /// Seconds of the whole leg.
    pub duration: Option<u32>,
    /// The carrier's word for why it ended, or Q.850's number.
    pub cause: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// The carrier's id of this leg.
    pub id: String,
    /// Who was called, in E.164 where it can be read so.
    pub to: Option<String>,
    pub progress: Progress,
}

/// The end of one step of the plan that dials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialled {
    /// By its place in the plan; none where the carrier dials on its own.
    pub step: Option<usize>,
    pub status: Status,
    /// The leg that was answered, where the carrier says which.
    pub leg: Option<String>,
    /// Seconds that the two talked. None: not said; no talk at all is 0.
    pub talk: Option<u32>,
    /// Whether caller and called were put through to each other, where the carrier says so.
    pub bridged: Option<bool>,
    /// The caller was gone by then.
    pub caller_gone: bool,
    /// Seconds of the whole call, where it is said.
    pub duration: Option<u32>,
    pub cause: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pressed {
    pub by: By,
    /// The step of the plan that asked for it.
    pub step: Option<usize>,
    /// Nothing where nothing was pressed in time.
    pub keys: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    Caller,
    /// Whoever was called: press 1 to take the call.
    Called,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub id: String,
    /// Where the carrier, or the PBX's folder, has it; none while it is not ready.
    pub place: Option<String>,
    /// Seconds.
    pub duration: Option<u32>,
    pub channels: Option<u8>,
    pub is_voicemail: bool,
    /// The carrier says that there is none after all.
    pub failed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcribed {
    pub id: String,
    pub recording: Option<String>,
    /// None where it failed.
    pub text: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// The recording's.
    pub id: String,
    /// Relative to the folder of recordings.
    pub path: String,
    pub bytes: u64,
    /// Of all bytes, in hexadecimal digits.
    pub sha256: String,
}

/// What somebody wrote to a call: each part that is there replaces what was there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// Unlike that of any other.
    pub id: String,
    #[serde(default)]
    pub add: Vec<String>,
    #[serde(default)]
    pub remove: Vec<String>,
    pub note: Option<String>,
    /// Of the currency that reports are in: a decimal.
    pub value: Option<String>,
    pub lead: Option<Lead>,
    /// It is spam, or it is none, whatever the score says.
    #[serde(default)]
    pub spam: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lead {
    Good,
    Bad,
    Unsure,
}

/// What a call is known by: made from its carrier and the carrier's own id of it, so that every message about it leads there.
pub fn id_of(carrier: CarrierName, call: &str) -> CallId {
    let hash = Sha256::new().chain_update(carrier.name()).chain_update([0]).chain_update(call).finalize();
    CallId(std::array::from_fn(|index| hash[index]))
}

impl Status {
    pub fn is_final(self) -> bool {
        self >= Status::Completed
    }
}

impl Dialled {
    /// Whether caller and called were put through: an answer alone doesn't say so, for whoever answered may have refused the call.
    pub fn is_connected(&self) -> bool {
        let was_answered = matches!(self.status, Status::Answered | Status::Completed);
        was_answered && self.bridged.unwrap_or(self.talk.is_some_and(|talk| talk > 0))
    }
}

impl Recorded {
    /// Whether it can be fetched.
    pub fn is_ready(&self) -> bool {
        self.place.is_some() && !self.failed
    }
}

impl Event {
    /// What two messages have in common that say the same: of one call, no two events have one key.
    pub fn key(&self) -> String {
        let key = self.words();
        match key.len() {
            0..=LONGEST_KEY => key,
            // A carrier's ids are as long as it likes.
            _ => Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    fn words(&self) -> String {
        match &self.what {
            What::Rang(..) => RANG.to_owned(),
            What::Caller(progress) => format!("caller {}", progress.key()),
            What::Leg(Leg { id, progress, .. }) => format!("leg {id} {}", progress.key()),
            What::Dialled(dialled) => {
                let step = dialled.step.map(|step| step.to_string()).unwrap_or_default();
                format!("dialled {step} {:?}", dialled.status)
            }
            What::Pressed(Pressed { by, step, keys }) => {
                let step = step.map(|step| step.to_string()).unwrap_or_default();
                format!("pressed {by:?} {step} {keys}")
            }
            // It may be said first that it is on its way, then where it is, and then how long it is.
            What::Recorded(recorded) => {
                let [place, duration] = [recorded.place.is_some(), recorded.duration.is_some()].map(u8::from);
                format!("recorded {} {place}{duration}", recorded.id)
            }
            What::Transcribed(transcribed) => {
                format!("transcribed {} {}", transcribed.id, u8::from(transcribed.text.is_some()))
            }
            What::Fetched(fetched) => format!("fetched {}", fetched.id),
            What::Removed { id } => format!("removed {id}"),
            What::Noted(note) => format!("noted {}", note.id),
        }
    }
}

impl Progress {
    fn key(&self) -> String {
        let sequence = self.sequence.map(|sequence| sequence.to_string()).unwrap_or_default();
        format!("{:?} {sequence}", self.status)
    }
}
