//! The demo's telephone: a number is dialled, the simulated carrier does the rest, and the call is told of as the ledger has it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::carrier::{Carrier, Ending, From, Step, Wanted};
use super::line::Line;
use crate::call::event::id_of;
use crate::call::log::Call;
use crate::call::{Calls, CarrierName};
use crate::cli::call_log;
use crate::config::Config;
use crate::ledger::{CallId, ReadError};
use crate::number::PhoneNumber;

/// Where the website takes numbers that are to be dialled.
pub(super) const ADDRESS: &str = "/demo/call";

/// What was told of a call is in the ledger at once; while its disk is slow, within this.
const PATIENCE: Duration = Duration::from_secs(10);

const AGAIN: Duration = Duration::from_millis(50);

/// Seconds that two talk who were not asked to talk longer or shorter.
pub(super) const TALK: u32 = 95;

pub(super) struct Telephone {
    carrier: Carrier,
    calls: Arc<Calls>,
    /// As the proxy has it.
    config: Config,
}

/// What is asked of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// As a page shows it, or behind `tel:`.
    pub number: String,
    /// The number of who calls, or `anonymous`; somebody who hasn't called before by default.
    pub from: Option<String>,
    #[serde(default, rename = "as")]
    pub ending: Ending,
    /// Seconds.
    #[serde(default = "default_talk")]
    pub talk: u32,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told {
    pub steps: Vec<Step>,
    /// What kept the carrier from obeying.
    pub trouble: Option<String>,
    /// As `calls --json` has it; null where the ledger doesn't know of it.
    pub call: Value,
    /// The same in a few words.
    pub line: Option<String>,
}

/// It was not dialled.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotDialled {
    #[error("{0:?} is no number that could be called: {1}")]
    Number(String, crate::number::PhoneNumberError),
    #[error("they would talk for {0} s: an hour at most")]
    Talk(u32),
    #[error("the ledger can't be read: {0}")]
    Unread(#[source] ReadError),
}

impl Telephone {
    pub fn new(carrier: Carrier, calls: Arc<Calls>, config: Config) -> Self {
        Telephone { carrier, calls, config }
    }

    /// Dials, and tells what came of it.
    ///
    /// # Errors
    /// [`NotDialled`]; of a ledger that can't be read, though, only once it was dialled.
    pub async fn dial(&self, asked: Asked) -> Result<Told, NotDialled> {
        let placed = self.carrier.place(self.wanted(asked)?).await;
        let id = id_of(CarrierName::Twilio, &placed.sid);
        let is_whole = |call: &Call| {
            call.outcome.is_some()
                && (call.recording.is_some() || !placed.is_recorded)
                && (call.transcription.is_some() || !placed.is_transcribed)
        };
        let wait = if placed.trouble.is_none() { PATIENCE } else { Duration::ZERO };
        let call = self.logged(id, is_whole, wait).await.map_err(NotDialled::Unread)?;
        Ok(Told {
            steps: placed.steps,
            trouble: placed.trouble,
            call: serde_json::to_value(&call).unwrap_or_default(),
            line: call.as_ref().map(|call| Line(call).to_string()),
        })
    }

    /// A recording as a WAV file, by the path of its address.
    pub fn recording(&self, path: &str) -> Option<bytes::Bytes> {
        self.carrier.recording(path)
    }

    fn wanted(&self, asked: Asked) -> Result<Wanted, NotDialled> {
        if !(1..=3600).contains(&asked.talk) {
            return Err(NotDialled::Talk(asked.talk));
        }
        let from = match asked.from.as_deref() {
            None => From::Stranger,
            Some("anonymous") => From::Anonymous,
            Some(number) => From::Number(self.number(number)?),
        };
        Ok(Wanted { to: self.number(&asked.number)?, from, ending: asked.ending, talk: asked.talk })
    }

    /// E.164
    fn number(&self, written: &str) -> Result<String, NotDialled> {
        let number = written.strip_prefix("tel:").unwrap_or(written);
        let number = PhoneNumber::parse(number, self.config.sites[0].country);
        let number = number.map_err(|error| NotDialled::Number(written.to_owned(), error))?;
        Ok(number.e164().to_owned())
    }

    /// The call once it is whole; as far as it is known, where that takes too long.
    async fn logged(
        &self,
        id: CallId,
        is_whole: impl Fn(&Call) -> bool,
        wait: Duration,
    ) -> Result<Option<Call>, ReadError> {
        let end = Instant::now() + wait;
        loop {
            let call = self.calls.find_call(id).await?;
            let call = call.map(|call| call_log::tagged(&self.config, call));
            if call.as_ref().is_some_and(&is_whole) || Instant::now() >= end {
                return Ok(call);
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

fn default_talk() -> u32 {
    TALK
}
