//! The durable record: which session was shown which number, and when.
//!
//! Everything is written by one thread, many writes to a commit; whoever must know that something is on disk waits for
//! its [`Commit`]. It knows nothing of who gets which number: that is the pool's.

mod backup;
mod commit;
mod lock;
mod reader;
mod removal;
mod schema;
mod sqlite;
mod tables;
mod visits;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use parking_lot::Mutex;

use crate::clock::Timestamp;
use crate::visit::{ClickHash, PageView, Session, SessionHash};

pub use backup::{BackupError, Contents, back_up};
pub use commit::Commit;
use lock::Lock;
pub use reader::Reader;
pub use removal::NotRemoved;
use removal::Removal;
pub use schema::OpenError;
pub use visits::Visits;
use writer::Write;

/// Writes that may wait for the disk. Beyond it, they fail at once: pages go on unfilled.
const QUEUE: usize = 1 << 16;

/// A handle to the ledger; clones are the same ledger.
#[derive(Clone)]
pub struct Ledger {
    writes: SyncSender<Write>,
    reader: Arc<Mutex<Reader>>,
    running: Arc<Mutex<Option<Running>>>,
}

/// What ends with the ledger.
struct Running {
    writer: JoinHandle<()>,
    lock: Lock,
}

/// A number given to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseRecord {
    /// E.164
    pub number: Arc<str>,
    /// Counts the leases of this number.
    pub epoch: i64,
    pub site: Arc<str>,
    pub pool: Arc<str>,
    pub line: Arc<str>,
    /// Recorded with the lease, as one.
    pub session: Arc<Session>,
    pub started: Timestamp,
    pub how: How,
    /// The session had not shown its cookie yet.
    pub is_provisional: bool,
}

/// How a session came by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Fresh,
    /// Its own, which nobody has had since: the lease that it has goes on.
    Sticky,
    /// Taken although it was on hold, since all were.
    Overflow,
}

impl How {
    pub fn name(self) -> &'static str {
        match self {
            How::Fresh => "fresh",
            How::Sticky => "sticky",
            How::Overflow => "overflow",
        }
    }
}

/// A lease as it stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// None where it was erased.
    pub session: Option<SessionHash>,
    pub source: String,
    pub medium: String,
    pub started: Timestamp,
    pub last_seen: Timestamp,
    /// The session was seen again after it had begun, by its cookie.
    pub is_confirmed: bool,
}

/// What the ledger knows of a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Of the latest lease, shown or not; 0: none.
    pub epoch: i64,
    /// When the latest lease began, shown or not.
    pub latest: Option<Timestamp>,
    /// Who was last shown it.
    pub holder: Option<Holder>,
}

/// A number's last page view, for the lease that began at `started`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub number: Arc<str>,
    pub started: Timestamp,
    pub last_seen: Timestamp,
}

/// How often a pool had no number left, of all the times since then that one was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow {
    pub times: i64,
    pub since: Timestamp,
}

/// The ledger can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the ledger can't be read: {0}")]
pub struct ReadError(#[from] rusqlite::Error);

impl Ledger {
    /// Opens the ledger at `path`, or makes it, and locks it against a second process.
    ///
    /// # Errors
    /// [`OpenError`]; nothing has been changed then.
    pub fn open(path: &Path, fingerprint: &[u8; 16]) -> Result<Self, OpenError> {
        let lock = Lock::take(path)?;
        let store = schema::open(path, fingerprint)?;
        let reader = Reader::open(path).map_err(|error| OpenError::Sqlite(path.to_owned(), error))?;
        let (writes, queue) = sync_channel(QUEUE);
        let writer = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || writer::run(store, &queue))
            .map_err(OpenError::Thread)?;
        let running = Running { writer, lock };
        Ok(Ledger {
            writes,
            reader: Arc::new(Mutex::new(reader)),
            running: Arc::new(Mutex::new(Some(running))),
        })
    }

    /// Records a lease. It may be shown once the commit is durable, and not before.
    pub fn lease(&self, lease: LeaseRecord) -> Commit {
        let commit = Commit::pending();
        self.send(Write::Lease(lease, commit.clone()));
        commit
    }

    /// Records that nobody was shown this lease after all.
    pub fn unshown(&self, number: Arc<str>, started: Timestamp) {
        self.send(Write::Unshown { number, started });
    }

    /// Records last page views. Best effort: what is lost in a crash is at most what came since the last call.
    pub fn seen(&self, seen: Vec<Seen>) {
        self.send(Write::Seen(seen));
    }

    /// Records sessions that began, or whose source changed.
    pub fn sessions(&self, sessions: Vec<Arc<Session>>) {
        self.send(Write::Sessions(sessions));
    }

    /// Records when sessions were last seen. Best effort, as [`Ledger::seen`].
    pub fn sessions_seen(&self, seen: Vec<(SessionHash, Timestamp)>) {
        self.send(Write::SessionsSeen(seen));
    }

    /// Records pages that were opened. Best effort, as [`Ledger::seen`].
    pub fn opened(&self, pages: Vec<PageView>) {
        self.send(Write::Opened(pages));
    }

    /// Records whose these clicks are, unless that is known. Best effort, as [`Ledger::seen`].
    pub fn clicks(&self, clicks: Vec<ClickHash>, session: SessionHash) {
        self.send(Write::Clicks(clicks, session));
    }

    /// Counts times that a pool had no number left. Best effort, as [`Ledger::seen`].
    pub fn overflowed(&self, site: Arc<str>, pool: Arc<str>, overflow: Overflow) {
        self.send(Write::Overflowed { site, pool, overflow });
    }

    /// Removes what was last seen before then, except when numbers were last seen: as much as fits one transaction. Nothing
    /// is left to be removed once nothing was.
    ///
    /// # Errors
    /// [`NotRemoved`] where the ledger can't be written.
    pub async fn remove_before(&self, time: Timestamp) -> Result<Contents, NotRemoved> {
        self.remove(Removal::before(time)).await
    }

    /// Removes what is kept of a session, except when its numbers were last seen.
    ///
    /// # Errors
    /// [`NotRemoved`] where the ledger can't be written.
    pub async fn erase(&self, session: SessionHash) -> Result<Contents, NotRemoved> {
        self.remove(Removal::of_session(session)).await
    }

    async fn remove(&self, removal: Removal) -> Result<Contents, NotRemoved> {
        let removal = Arc::new(removal);
        self.send(Write::Remove(Arc::clone(&removal)));
        removal.done().await
    }

    /// Whose a click is. Reads the disk: not for a thread that others wait for.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn find_click(&self, click: ClickHash) -> Result<Option<SessionHash>, ReadError> {
        Ok(self.reader.lock().click(click)?)
    }

    /// What the ledger knows of a session. Reads the disk: not for a thread that others wait for.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn find_session(&self, site: &str, session: SessionHash) -> Result<Option<Session>, ReadError> {
        Ok(self.reader.lock().session(site, session)?)
    }

    /// What the ledger knows of a number. Reads the disk.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn history(&self, number: &str) -> Result<History, ReadError> {
        self.reader.lock().history(number)
    }

    /// Waits until everything that was asked for before is on disk, or has failed.
    pub async fn settled(&self) {
        let commit = Commit::pending();
        self.send(Write::Settle(commit.clone()));
        commit.durable().await;
    }

    /// Writes what is left, and gives the ledger up. A ledger that can't be written now is not waited for any longer than
    /// one commit takes to fail.
    pub fn close(&self) {
        let Some(running) = self.running.lock().take() else { return };
        let _ = self.writes.send(Write::Close);
        let _ = running.writer.join();
        drop(running.lock);
    }

    fn send(&self, write: Write) {
        match self.writes.try_send(write) {
            Ok(()) => {}
            Err(TrySendError::Full(write) | TrySendError::Disconnected(write)) => write.fail(),
        }
    }
}
