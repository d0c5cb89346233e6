//! Calls as the ledger keeps them: a row for each call, who may have made it, and its events, as they came. What an event says
//! is the call room's to know: here it is bytes, sealed so that the ledger alone tells nobody's telephone.

mod file;
mod home;
mod read;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::visit::{Described, SessionHash, Touch};

pub(super) use file::{insert_call, insert_event, insert_home, insert_tap};
pub use home::{Home, Kind};
pub(super) use read::Gathered;

/// Sessions that are looked at to find those that were shown a static number: the latest.
pub(super) const LOOKED_AT: i64 = 5000;

/// Of those, the latest that were.
pub(super) const VIEWERS: i64 = 200;

/// The key of the message that a phone rang.
pub const RANG: &str = "rang";

/// What a call is known by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId(pub [u8; 12]);

/// A keyed hash of a caller's number: the same for each of their calls.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallerHash(pub [u8; 16]);

/// What is known of a call when it rings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    pub id: CallId,
    pub carrier: String,
    /// The carrier's own id of it.
    pub carrier_call: String,
    /// None where the number was never ours.
    pub site: Option<String>,
    pub line: Option<String>,
    /// What was dialled: E.164.
    pub number: String,
    /// None where the number was withheld.
    pub caller: Option<CallerHash>,
    pub started: Timestamp,
}

/// Who may have called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// None where it was erased, and for the source of a static number.
    pub session: Option<SessionHash>,
    /// From 0 to 1.
    pub probability: f64,
    /// How often sessions of this source were taken to call, in any unit: the probability divided by it is how likely the call is
    /// theirs if all call alike.
    pub rate: f64,
    pub source: Described,
    pub last_seen: Option<Timestamp>,
}

/// A message about a call. No two of one call have one key: who comes second is not written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    pub call: CallId,
    pub key: String,
    pub received: Timestamp,
    /// Sealed.
    #[serde(with = "written")]
    pub body: Vec<u8>,
}

/// Bytes as base64: a spool of them is a third longer, and not four times as long.
mod written {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD_NO_PAD.decode(text).map_err(serde::de::Error::custom)
    }
}

/// A call that rings: written as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RingRecord {
    pub call: CallRecord,
    /// The likeliest first.
    pub candidates: Vec<Candidate>,
    pub event: EventRecord,
}

/// A tap on a number of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    pub session: SessionHash,
    /// E.164
    pub number: String,
    pub time: Timestamp,
}

/// A call, with all that the ledger knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredCall {
    pub record: CallRecord,
    /// The likeliest first.
    pub candidates: Vec<Candidate>,
    /// In the order in which they came.
    pub events: Vec<EventRecord>,
    /// Of the likeliest candidate.
    pub visit: Option<Visited>,
}

/// The visit that a call came from, until the call.
#[derive(Clone, Debug, PartialEq)]
pub struct Visited {
    pub first: Touch,
    pub last: Touch,
    pub landing_page: String,
    pub referring_page: Option<String>,
    /// In their order.
    pub pages: Vec<(Timestamp, String)>,
}

/// The visit of somebody who may have made a call: the latest until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    pub call: CallId,
    /// The candidate's, among those of the call.
    pub place: usize,
    pub term: Option<String>,
    pub page: String,
}

/// That the phone rang: a call's first message, and what was dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// E.164
    pub number: String,
    pub started: Timestamp,
    /// Names the call.
    pub event: EventRecord,
}

/// An earlier call of the same telephone.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlierCall {
    pub id: CallId,
    pub site: Option<String>,
    pub number: String,
    pub started: Timestamp,
    /// The likeliest.
    pub candidate: Option<Candidate>,
}

/// A session that was shown a static number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub session: SessionHash,
    pub started: Timestamp,
    /// Until the instant that was asked for.
    pub last_seen: Timestamp,
}

/// Which calls are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that began from then on, and before the other.
    Between(Timestamp, Timestamp),
    One(CallId),
    /// Of one telephone, whoever's it is.
    Of(CallerHash),
    /// The same: of those the latest, [`LATEST`] at most.
    LatestOf(CallerHash),
}

/// Calls of one telephone that are looked at as they went.
pub(super) const LATEST: i64 = 20;

/// What stands for a call's id isn't one.
#[derive(Debug, thiserror::Error)]
#[error("a call is named by 24 hexadecimal digits, as `calls` lists them")]
pub struct NoCallId;

impl FromStr for CallId {
    type Err = NoCallId;

    fn from_str(text: &str) -> Result<Self, NoCallId> {
        if text.len() != 24 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoCallId);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| NoCallId)?;
        let [_, _, _, _, id @ ..] = number.to_be_bytes();
        Ok(CallId(id))
    }
}

/// 24 hexadecimal digits.
impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for CallerHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calls_id_is_read_as_it_is_written() {
        let id = CallId(std::array::from_fn(|n| 0xf0 + n as u8));
        assert_eq!(id.to_string(), "f0f1f2f3f4f5f6f7f8f9fafb");
        assert_eq!(id.to_string().parse::<CallId>().unwrap(), id);
        for wrong in ["", "f0f1f2f3f4f5f6f7f8f9fa", "+0f1f2f3f4f5f6f7f8f9fafb", "x0f1f2f3f4f5f6f7f8f9fafb"] {
            assert!(wrong.parse::<CallId>().is_err(), "{wrong}");
        }
    }
}
