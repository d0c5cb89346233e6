//! A carrier on this machine, in Twilio's place: somebody calls a tracking number, the program is asked what to do, signed as Twilio
//! signs, and what it answers is obeyed to the letter; then it is told how the call went. It shares nothing with the call flow,
//! which it is there to judge.
//!
//! Time is simulated: what takes minutes is told at once, with the minutes that it would have taken.

mod account;
mod dial;
mod obey;
mod people;
mod recording;
#[cfg(test)]
mod tests;
mod trouble;
mod twiml;
mod xml;

use std::net::SocketAddr;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use account::Account;
use obey::Call;
use people::Strangers;
use recording::Recordings;

pub use people::Ending;

/// What a caller is sent as who withholds the number (twilio.com/docs/voice/twiml: "anonymous", as keys of a telephone).
const ANONYMOUS: &str = "+266696687";

pub(super) struct Carrier {
    account: Account,
    recordings: Recordings,
    /// Where recordings are fetched.
    files: SocketAddr,
    strangers: Strangers,
}

/// A call that is to be placed.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// E.164, as `from`.
    pub to: String,
    pub from: From,
    pub ending: Ending,
    /// Seconds that the two talk, where they do.
    pub talk: u32,
}

/// Who calls.
#[derive(Clone, Debug)]
pub(super) enum From {
    /// E.164
    Number(String),
    /// Somebody who hasn't called before.
    Stranger,
    Anonymous,
}

/// A call that was placed.
#[derive(Debug)]
pub(super) struct Placed {
    /// The carrier's own id of it.
    pub sid: String,
    pub steps: Vec<Step>,
    /// What kept the carrier from obeying.
    pub trouble: Option<String>,
    /// Something was recorded, and the words of it written down.
    pub is_recorded: bool,
    pub is_transcribed: bool,
}

/// What happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Step {
    /// Seconds since it began to ring.
    pub at: u32,
    pub what: String,
}

impl Carrier {
    /// With a customer who is reached at `public`, scheme and host, where the proxy's address answers, and who knows the token.
    /// Its recordings are fetched from `files`: see [`Carrier::recording`].
    pub fn new(token: &str, public: &str, proxy: SocketAddr, files: SocketAddr) -> Self {
        Carrier {
            account: Account::new(token, public, proxy),
            recordings: Recordings::default(),
            files,
            strangers: Strangers::default(),
        }
    }

    /// Places a call, and does all that it leads to.
    pub async fn place(&self, wanted: Wanted) -> Placed {
        let from = match &wanted.from {
            From::Number(number) => number.clone(),
            From::Stranger => self.strangers.next(),
            From::Anonymous => ANONYMOUS.to_owned(),
        };
        Call::new(self, wanted, from).run().await
    }

    /// A recording as a WAV file, by the path of its address.
    pub fn recording(&self, path: &str) -> Option<Bytes> {
        let id = path.strip_prefix(&self.recordings_path())?;
        self.recordings.wav(id.strip_suffix(".wav").unwrap_or(id))
    }

    fn recording_address(&self, id: &str) -> String {
        format!("http://{}{}{id}", self.files, self.recordings_path())
    }

    /// As Twilio has it, with a slash at its end.
    fn recordings_path(&self) -> String {
        format!("/2010-04-01/Accounts/{}/Recordings/", self.account.sid)
    }
}
