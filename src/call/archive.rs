//! What is kept of calls: the ledger's rows, the seal on what they tell, and what waits for the ledger.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use prometheus::IntCounter;

use super::event::{Event, Note, What};
use super::fold::fold;
use super::log::Call;
use super::recordings::folder::Folder;
use super::seal::Seal;
use super::spool::{Spool, Waiting};
use crate::clock::Timestamp;
use crate::config::{Config, Keys};
use crate::ledger::{CallId, Contents, EventRecord, Ledger, NotRemoved, Place, ReadError, StoredCall, Which};

/// Whoever keeps something waits for the disk so long at most.
const WRITE: Duration = Duration::from_secs(2);

pub struct Archive {
    pub(super) ledger: Ledger,
    pub(super) seal: Seal,
    pub(super) spool: Spool,
    pub(super) recordings: Folder,
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

/// A caller is not erased, or not all of them.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error(transparent)]
    Ledger(#[from] NotRemoved),
    #[error("the recordings of call {0} can't be removed: {1}; see to their folder, and try again")]
    Recordings(CallId, #[source] std::io::Error),
}

impl Archive {
    /// Of this ledger, with what an earlier process left in the spool. `dropped` counts what is lost.
    pub fn new(config: &Config, keys: &Keys, ledger: Ledger, dropped: IntCounter) -> Self {
        let spool = Spool::at(spool_of(config), config.server.spool, dropped);
        let recordings = Folder::at(&config.server.recordings.dir);
        Archive { ledger, seal: Seal::new(keys), spool, recordings }
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

    /// What was told of a call; none where there is none.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub(super) async fn told_of(&self, id: CallId) -> Result<Option<Vec<Event>>, ReadError> {
        let stored = self.ledger.records().calls(Which::One(id)).await?.pop();
        Ok(stored.map(|stored| self.open(&stored)))
    }

    pub(super) fn open(&self, stored: &StoredCall) -> Vec<Event> {
        stored.events.iter().filter_map(|event| self.seal.open(event)).collect()
    }

    /// Removes all calls of a telephone, given its number in E.164, with their recordings and what was told of them.
    ///
    /// # Errors
    /// [`EraseError`] where something of it can't be: the ledger tells of them still, and is to be asked again.
    pub async fn erase_caller(&self, number: &str) -> Result<Contents, EraseError> {
        let caller = self.seal.caller(number);
        let calls = self.ledger.records().calls(Which::Of(caller)).await.map_err(|_| NotRemoved)?;
        let ids: Vec<_> = calls.iter().map(|call| call.record.id).collect();
        // As long as the ledger knows whose they are, they can be found again.
        let recordings = self.remove_recordings(ids.clone()).await?;
        self.spool.remove(caller, &ids).map_err(|_| NotRemoved)?;
        let erased = self.ledger.erase_caller(caller).await?;
        Ok(Contents { recordings, ..erased })
    }

    /// Of these calls: how many there were.
    async fn remove_recordings(&self, calls: Vec<CallId>) -> Result<i64, EraseError> {
        let folder = self.recordings.clone();
        let removed = tokio::task::spawn_blocking(move || {
            let remove =
                |call: &CallId| folder.remove(*call).map_err(|error| EraseError::Recordings(*call, error));
            calls.iter().map(remove).sum()
        });
        // It is gone when the program ends.
        removed.await.unwrap_or(Err(NotRemoved.into()))
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
