//! What is kept of calls: the ledger's rows, the seal on what they tell, and what waits for the ledger.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use prometheus::IntCounter;
use sha2::{Digest, Sha256};

use super::event::{Event, Note, What};
use super::fold::fold;
use super::log::Call;
use super::recordings::folder::Folder;
use super::seal::Seal;
use super::spool::{Spool, Waiting};
use crate::clock::Timestamp;
use crate::config::{Config, Keys, Secret};
use crate::ledger::{CallId, Contents, EventRecord, Ledger, NotRemoved, Place, ReadError, StoredCall, Which};

/// Whoever keeps something waits for the disk so long at most.
const WRITE: Duration = Duration::from_secs(2);

pub struct Archive {
    pub(super) ledger: Ledger,
    pub(super) seal: Seal,
    pub(super) spool: Arc<Spool>,
    /// Held by whoever moves what waits, or takes something out of it.
    pub(super) moving: tokio::sync::Mutex<()>,
    /// No process that runs has this spool.
    is_spool_ours: bool,
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
        let spool = Arc::new(Spool::at(spool_of(config), config.server.spool, dropped));
        let recordings = Folder::at(&config.server.recordings.dir);
        let (seal, moving) = (Seal::new(keys), tokio::sync::Mutex::default());
        Archive { ledger, seal, spool, moving, is_spool_ours: true, recordings }
    }

    /// Of a process that answers no calls. A node that shares the ledger may run beside it.
    pub fn beside(config: &Config, keys: &Keys, ledger: Ledger) -> Self {
        let uncounted = IntCounter::new("dropped", "dropped").expect("the name is one");
        let is_spool_ours = ledger.shared().is_none();
        Archive { is_spool_ours, ..Archive::new(config, keys, ledger, uncounted) }
    }

    /// Says in the log where what waits for the ledger would not outlast this process.
    pub(super) fn probe(&self) {
        if let Err(error) = self.spool.probe() {
            tracing::warn!(
                "no file can be made beside {}: {error}; what is told of calls while the ledger is away is kept in memory, and lost \
                 with the process. Let this user write that folder",
                self.spool.path().display()
            );
        }
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
            for event in events {
                self.wait(Waiting::Event(event)).await;
            }
        }
        is_durable
    }

    /// Has it wait for the ledger. It is on disk when this returns, unless that takes too long: then it gets there later.
    pub(super) async fn wait(&self, waiting: Waiting) {
        let spool = Arc::clone(&self.spool);
        let kept = tokio::task::spawn_blocking(move || spool.keep(waiting));
        let _ = tokio::time::timeout(WRITE, kept).await;
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
        let _nobody_moves_it = self.moving.lock().await;
        if self.is_spool_ours {
            self.spool.remove(caller, &ids).map_err(|_| NotRemoved)?;
        }
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

/// Beside the ledger's file; of a node that shares one, in the folder of the secret's file, which it may write, by a name of its own.
fn spool_of(config: &Config) -> PathBuf {
    let beside = match (&config.server.ledger, &config.server.secret) {
        (Place::Sqlite(path), _) => path.clone(),
        (Place::Postgres(_), Secret::File(secret)) => {
            let node = Sha256::digest(config.file.as_os_str().as_encoded_bytes());
            let node: String = node.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            secret.parent().unwrap_or(Path::new(".")).join(format!("dni-edge-{node}"))
        }
        (Place::Postgres(_), Secret::Env(_)) => config.file.clone(),
    };
    let mut path = OsString::from(beside);
    path.push(".spool");
    PathBuf::from(path)
}
