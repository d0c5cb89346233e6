//! A call as it is told: to `calls`, in reports, and to whoever exports it. The fields' names are those that a user of CallRail's
//! exports knows, then our own.

use serde::Serialize;

use super::event::{Lead, Level};
use crate::clock::Timestamp;
use crate::ledger::Candidate;

/// One call, folded from its events and joined with the visit that it came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Call {
    /// 24 hexadecimal digits.
    pub id: String,
    pub site: Option<String>,
    pub line: Option<String>,
    /// RFC 3339, in UTC, as all times.
    pub start_time: String,
    /// Seconds of the whole call; `talk_time`: of which the two talked; `ring_time`: until it was answered, or they gave up.
    pub duration: u32,
    pub talk_time: u32,
    pub ring_time: u32,
    pub answered: bool,
    pub voicemail: bool,
    /// None where that can't be known, as of who withholds their number.
    pub first_call: Option<bool>,
    pub prior_calls: Option<u32>,
    pub tracking_phone_number: String,
    /// Where it was connected; who was dialled last, where it was not.
    pub business_phone_number: Option<String>,
    /// None where it was withheld.
    pub customer_phone_number: Option<String>,
    pub customer_name: Option<String>,
    pub customer_city: Option<String>,
    pub customer_state: Option<String>,
    pub customer_country: Option<String>,
    /// Below the folder of recordings once it was fetched; the carrier's address of it before.
    pub recording: Option<String>,
    pub recording_duration: Option<u32>,
    pub transcription: Option<String>,
    /// What the caller pressed, each time that keys were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keypresses: Vec<String>,
    pub source: Option<String>,
    pub medium: Option<String>,
    pub campaign: Option<String>,
    /// The visit's `utm_term`.
    pub keywords: Option<String>,
    pub channel: Option<String>,
    pub landing_page_url: Option<String>,
    pub referring_url: Option<String>,
    pub last_requested_url: Option<String>,
    pub gclid: Option<String>,
    pub fbclid: Option<String>,
    pub msclkid: Option<String>,
    pub tags: Vec<String>,
    pub note: Option<String>,
    /// A decimal, of the currency that reports are in.
    pub value: Option<String>,
    pub lead_status: Option<Lead>,
    pub spam: bool,
    /// From 0 to 1.
    pub spam_score: f64,
    /// None while it is going on.
    pub outcome: Option<Outcome>,
    pub answered_time: Option<String>,
    pub end_time: Option<String>,
    pub carrier: String,
    pub carrier_call_id: String,
    pub forwarded_from: Option<String>,
    pub attestation: Option<Level>,
    pub attribution: Attributed,
    pub first_touch: Option<Touched>,
    pub last_touch: Option<Touched>,
    pub journey: Vec<Opened>,
    pub decisions: Vec<String>,
    /// Tags that were taken off by hand, and that no rule puts back.
    #[serde(skip)]
    pub untagged: Vec<String>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Answered,
    /// Nobody took it in time.
    Missed,
    Busy,
    Failed,
    /// The caller hung up first.
    Abandoned,
    Voicemail,
    /// Whoever answered did not want it.
    Screened,
    /// The caller was refused.
    Blocked,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Attributed {
    /// static, caller, tap, posterior or unshown
    pub how: &'static str,
    pub confidence: f64,
    /// The likeliest first.
    pub candidates: Vec<Told>,
}

/// A candidate, with times as they are written.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Told {
    pub session: Option<String>,
    pub probability: f64,
    pub source: Option<String>,
    pub medium: Option<String>,
    pub campaign: Option<String>,
    pub channel: Option<String>,
    pub last_seen: Option<String>,
    /// How often sessions of its source were taken to call, in any unit.
    #[serde(skip)]
    pub rate: f64,
    /// The visit's `utm_term`, and where it landed, where these were asked for.
    #[serde(skip)]
    pub term: Option<String>,
    #[serde(skip)]
    pub landing_page: Option<String>,
}

/// A source, and when it brought the visitor.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Touched {
    pub time: String,
    pub source: String,
    pub medium: String,
    pub campaign: Option<String>,
    pub term: Option<String>,
    pub content: Option<String>,
    pub channel: String,
}

/// A page of the visit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Opened {
    pub time: String,
    pub page: String,
}

impl Call {
    /// When it began; before anything else where that was never written.
    pub fn started(&self) -> Timestamp {
        Timestamp::parse(&self.start_time).unwrap_or(Timestamp::NEVER)
    }
}

impl Outcome {
    pub const ALL: [Outcome; 8] = [
        Outcome::Answered,
        Outcome::Missed,
        Outcome::Busy,
        Outcome::Failed,
        Outcome::Abandoned,
        Outcome::Voicemail,
        Outcome::Screened,
        Outcome::Blocked,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Outcome::Answered => "answered",
            Outcome::Missed => "missed",
            Outcome::Busy => "busy",
            Outcome::Failed => "failed",
            Outcome::Abandoned => "abandoned",
            Outcome::Voicemail => "voicemail",
            Outcome::Screened => "screened",
            Outcome::Blocked => "blocked",
        }
    }
}

impl From<&Candidate> for Told {
    fn from(candidate: &Candidate) -> Self {
        let Candidate { session, probability, rate, source, last_seen } = candidate;
        Told {
            session: session.map(|session| session.to_string()),
            probability: *probability,
            source: source.source.clone(),
            medium: source.medium.clone(),
            campaign: source.campaign.clone(),
            channel: source.channel.map(|channel| channel.name().to_owned()),
            last_seen: last_seen.map(|last_seen| last_seen.to_string()),
            rate: *rate,
            term: None,
            landing_page: None,
        }
    }
}
