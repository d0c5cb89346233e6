//! What is kept of calls: the ledger's rows, the seal on what they tell, and what waits for the ledger.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use prometheus::IntCounter;

use super::event::{Event, Note, What};
use super::fold::fold;
use super::log::Call;
use super::seal::Seal;
use super::spool::{Spool, Waiting};
use crate::clock::Timestamp;
use crate::config::{Config, Keys};
use crate::ledger::{CallId, Contents, EventRecord, Ledger, NotRemoved, Place, ReadError, Which};

/// Whoever keeps something waits for the disk so long at most.
const WRITE: Duration = Duration::from_secs(2);

pub struct Archive {
    pub(super) ledger: Ledger,
    pub(super) seal: Seal,
    pub(super) spool: Spool,
}

/// A note can't be put to a call.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    #[error("there is no call {0}; `calls` lists them")]
    NoCall(CallId),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the ledger can't be written, and nothing has changed; see to its disk, and try again")]
    NotWritten,
}

impl Archive {
    /// Of this ledger, with what an earlier process left in the spool. `dropped` counts what is lost.
    pub fn new(config: &Config, keys: &Keys, ledger: Ledger, dropped: IntCounter) -> Self {
        let spool = Spool::at(spool_of(config), config.server.spool, dropped);
        Archive { ledger, seal: Seal::new(keys), spool }
    }

    /// Of a process that answers no calls.
    pub fn beside(config: &Config, keys: &Keys, ledger: Ledger) -> Self {
        let uncounted = IntCounter::new("dropped", "dropped").expect("the name is one");
        Archive::new(config, keys, ledger, uncounted)
    }

    /// Keeps what happened to a call. It is on disk when this returns, where any disk takes it. Whether the ledger has it.
    pub(super) async fn keep(&self, call: CallId, received: Timestamp, happened: Vec<What>) -> bool {
        let seal = |what| self.seal.seal(call, &Event { received, what });
        let events: Vec<EventRecord> = happened.into_iter().map(seal).collect();
        if events.is_empty() {
            return true;
        }
        let commit = self.ledger.events(events.clone());
        let is_durable = tokio::time::timeout(WRITE, commit.durable()).await.unwrap_or(false);
        if !is_durable {
            events.into_iter().for_each(|event| self.spool.keep(Waiting::Event(event)));
        }
        is_durable
    }

    /// One call, as it is told; none where there is none.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn call(&self, id: CallId) -> Result<Option<Call>, ReadError> {
        let stored = self.ledger.records().calls(Which::One(id)).await?.pop();
        Ok(stored.map(|stored| fold(&stored, &self.seal, Timestamp::now())))
    }

    /// Puts a note to a call.
    ///
    /// # Errors
    /// [`NoteError`]; nothing has changed then.
    pub async fn note(&self, id: CallId, note: Note) -> Result<(), NoteError> {
        if self.call(id).await?.is_none() {
            return Err(NoteError::NoCall(id));
        }
        let event = Event { received: Timestamp::now(), what: What::Noted(note) };
        let commit = self.ledger.events(vec![self.seal.seal(id, &event)]);
        if commit.durable().await { Ok(()) } else { Err(NoteError::NotWritten) }
    }

    /// Removes all calls of a telephone, given its number in E.164, with what was told of them.
    ///
    /// # Errors
    /// [`NotRemoved`] where the ledger can't be written: it tells of them still, and is to be asked again.
    pub async fn erase_caller(&self, number: &str) -> Result<Contents, NotRemoved> {
        let caller = self.seal.caller(number);
        let calls = self.ledger.records().calls(Which::Of(caller)).await.map_err(|_| NotRemoved)?;
        let ids: Vec<_> = calls.iter().map(|call| call.record.id).collect();
        self.spool.remove(caller, &ids).map_err(|_| NotRemoved)?;
        self.ledger.erase_caller(caller).await
    }
}

/// Beside the ledger's file, or beside the configuration of a node.
fn spool_of(config: &Config) -> PathBuf {
    let beside = match &config.server.ledger {
        Place::Sqlite(path) => path,
        Place::Postgres(_) => &config.file,
    };
    let mut path = OsString::from(beside);
    path.push(".spool");
    PathBuf::from(path)
}
