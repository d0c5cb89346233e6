//! The durable record: which session was shown which number, and when.
//!
//! Everything is written by one thread, many writes to a commit; whoever must know that something is on disk waits for
//! its [`Commit`]. What it is kept in is a [`Store`](writer::Store): a SQLite file of one process, or a PostgreSQL database that nodes
//! share. Who gets which number is the pool's to say; where nodes share the ledger, its own statement of it is [`postgres`]'s.

mod backup;
mod calls;
mod checkpoint;
mod classes;
mod commit;
mod erased;
mod health;
mod holders;
mod lock;
mod place;
pub mod postgres;
mod reader;
mod records;
mod removal;
mod schema;
mod sqlite;
mod tables;
mod touches;
mod trouble;
mod visits;
mod writer;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use parking_lot::Mutex;

use crate::clock::Timestamp;
use crate::visit::{ClickHash, PageView, Session, SessionHash};

pub use backup::{BackupError, Contents, back_up};
pub use calls::{
    CallId, CallRecord, CallerHash, Candidate, EarlierCall, EventRecord, Home, Kind, Landing, NoCallId, RANG,
    RingRecord, Rung, StoredCall, Tap, Viewer, Visited, Which,
};
use checkpoint::Checkpoints;
pub use classes::{Class, View};
pub use commit::Commit;
pub use health::Health;
pub use holders::Holding;
use lock::Lock;
pub use lock::admin_of;
pub use place::Place;
use postgres::{ConnectError, Database, DatabaseError, Leases, PoolId, PostgresStore};
pub use reader::Reader;
pub use records::Records;
use records::look;
pub use removal::NotRemoved;
use removal::Removal;
pub use schema::OpenError;
use sqlite::SqliteStore;
use trouble::Trouble;
pub use visits::Visits;
use writer::Write;

/// Writes that may wait for the disk. Beyond it, they fail at once: pages go on unfilled.
const QUEUE: usize = 1 << 16;

/// A handle to the ledger; clones are the same ledger.
#[derive(Clone)]
pub struct Ledger {
    writes: SyncSender<Write>,
    kept: Kept,
    health: Health,
    running: Arc<Mutex<Option<Running>>>,
}

/// What the ledger is read from.
#[derive(Clone)]
enum Kept {
    File(Arc<Mutex<Reader>>, Checkpoints),
    Database(Database, Leases),
}

/// What ends with the ledger.
struct Running {
    writer: JoinHandle<()>,
    /// The thread that makes checkpoints, and the lock.
    of_file: Option<(JoinHandle<()>, Lock)>,
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
    /// The session has shown its cookie.
    pub is_confirmed: bool,
}

/// A session that has shown its cookie, whatever number it has of this pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmed {
    pub session: SessionHash,
    pub pool: PoolId,
}

/// How often a pool had no number left, of all the times since then that one was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow {
    pub times: i64,
    pub since: Timestamp,
}

/// The ledger can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error(transparent)]
    File(#[from] OpenError),
    #[error(transparent)]
    Database(#[from] ConnectError),
}

/// The ledger can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("the ledger can't be read: {trouble}", trouble = Trouble(.0))]
    Sqlite(#[from] rusqlite::Error),
    #[error("the ledger can't be read: {0}")]
    Postgres(#[from] DatabaseError),
}

impl Ledger {
    /// The ledger where the configuration says that it is. In a runtime, which goes on until the ledger is closed.
    ///
    /// # Errors
    /// [`Unusable`]; nothing has been changed then.
    pub async fn at(place: &Place, fingerprint: &[u8; 16]) -> Result<Self, Unusable> {
        match place {
            Place::Sqlite(path) => Ok(Ledger::open(path, fingerprint)?),
            Place::Postgres(place) => Ok(Ledger::connect(place, fingerprint).await?),
        }
    }

    /// Opens the ledger at `path`, or makes it, and locks it against a second process.
    ///
    /// # Errors
    /// [`OpenError`]; nothing has been changed then.
    pub fn open(path: &Path, fingerprint: &[u8; 16]) -> Result<Self, OpenError> {
        let lock = Lock::take(path)?;
        let connection = schema::open(path, fingerprint)?;
        let reader = Reader::open(path).map_err(|error| OpenError::Sqlite(path.to_owned(), error))?;
        let (checkpoints, checkpointer) = Checkpoints::start(path)?;
        let store = SqliteStore::new(path.to_owned(), connection, checkpoints.clone());
        let kept = Kept::File(Arc::new(Mutex::new(reader)), checkpoints);
        Ledger::begin(store, kept, Health::new(), Some((checkpointer, lock))).map_err(OpenError::Thread)
    }

    /// Connects to the ledger in a database, or makes it there. In a runtime, which goes on until the ledger is closed.
    ///
    /// # Errors
    /// [`ConnectError`]; nothing has been changed then.
    pub async fn connect(place: &postgres::Place, fingerprint: &[u8; 16]) -> Result<Self, ConnectError> {
        let database = Database::open(place, fingerprint).await?;
        let health = Health::new();
        let leases = Leases::of(database.clone(), health.commits().clone());
        let kept = Kept::Database(database.clone(), leases);
        Ledger::begin(PostgresStore::new(database), kept, health, None).map_err(ConnectError::Thread)
    }

    fn begin(
        store: impl writer::Store + Send + 'static,
        kept: Kept,
        health: Health,
        of_file: Option<(JoinHandle<()>, Lock)>,
    ) -> std::io::Result<Self> {
        let (writes, queue) = sync_channel(QUEUE);
        let noted = health.clone();
        let thread = std::thread::Builder::new().name("ledger".to_owned());
        let writer = thread.spawn(move || writer::run(store, &queue, &noted))?;
        let running = Arc::new(Mutex::new(Some(Running { writer, of_file })));
        Ok(Ledger { writes, kept, health, running })
    }

    /// The database that gives out the numbers, and the way to ask it, where nodes share one.
    pub fn shared(&self) -> Option<(&Database, &Leases)> {
        match &self.kept {
            Kept::File(..) => None,
            Kept::Database(database, leases) => Some((database, leases)),
        }
    }

    /// Records a lease. It may be shown once the commit is durable, and not before. A database that nodes share takes none: it
    /// gives out the numbers itself.
    pub fn lease(&self, lease: LeaseRecord) -> Commit {
        let commit = Commit::pending();
        match &self.kept {
            Kept::File(..) => self.send(Write::Lease(lease, commit.clone())),
            Kept::Database(..) => commit.finish(false),
        }
        commit
    }

    /// Records that nobody was shown this lease after all.
    pub fn unshown(&self, number: Arc<str>, started: Timestamp) {
        self.send(Write::Unshown { number, started });
    }

    /// Records last page views. Best effort: what is lost in a crash is at most what came since the last call.
    pub fn seen(&self, seen: Vec<Seen>) -> Commit {
        let commit = Commit::pending();
        self.send(Write::Seen(seen, commit.clone()));
        commit
    }

    /// Records that a session has shown its cookie. Best effort, as [`Ledger::seen`].
    pub fn confirmed(&self, confirmed: Confirmed) {
        self.send(Write::Confirmed(confirmed));
    }

    /// Records sessions that began, or whose source changed.
    pub fn sessions(&self, sessions: Vec<Arc<Session>>) -> Commit {
        let commit = Commit::pending();
        self.send(Write::Sessions(sessions, commit.clone()));
        commit
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

    /// Removes what is kept of a session, except when its numbers were last seen. Nothing is written of it from here on, and
    /// nothing that was is left in the ledger's files, unless somebody is reading them as they were.
    ///
    /// # Errors
    /// [`NotRemoved`] where the ledger can't be written.
    pub async fn erase(&self, session: SessionHash) -> Result<Contents, NotRemoved> {
        let erased = self.remove(Removal::of_session(session)).await?;
        if let Kept::File(_, checkpoints) = &self.kept {
            checkpoints.empty().await;
        }
        Ok(erased)
    }

    /// Removes all calls of a telephone, with what was told of them. Nothing that was is left in the ledger's files, unless somebody is
    /// reading them as they were.
    ///
    /// # Errors
    /// [`NotRemoved`] where the ledger can't be written.
    pub async fn erase_caller(&self, caller: CallerHash) -> Result<Contents, NotRemoved> {
        let erased = self.remove(Removal::of_caller(caller)).await?;
        if let Kept::File(_, checkpoints) = &self.kept {
            checkpoints.empty().await;
        }
        Ok(erased)
    }

    async fn remove(&self, removal: Removal) -> Result<Contents, NotRemoved> {
        let removal = Arc::new(removal);
        self.send(Write::Remove(Arc::clone(&removal)));
        removal.done().await
    }

    /// Whose a click is.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn find_click(&self, click: ClickHash) -> Result<Option<SessionHash>, ReadError> {
        match &self.kept {
            Kept::File(reader, _) => look(reader, move |reader| Ok(reader.click(click)?)).await,
            Kept::Database(database, _) => Ok(database.click(click).await?),
        }
    }

    /// What the ledger knows of a session.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn find_session(
        &self,
        site: &Arc<str>,
        session: SessionHash,
    ) -> Result<Option<Session>, ReadError> {
        match &self.kept {
            Kept::File(reader, _) => {
                let site = Arc::clone(site);
                look(reader, move |reader| Ok(reader.session(&site, session)?)).await
            }
            Kept::Database(database, _) => Ok(database.session(site, session).await?),
        }
    }

    /// What the ledger knows of a number; in a database that nodes share, see [`Database::configure`]. Reads the disk.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn history(&self, number: &str) -> Result<History, ReadError> {
        match &self.kept {
            Kept::File(reader, _) => reader.lock().history(number),
            Kept::Database(..) => Ok(History::default()),
        }
    }

    /// Records a call that rings; one that is there already stays as it is. What fails is the caller's to keep.
    pub fn rang(&self, ring: RingRecord) -> Commit {
        let commit = Commit::pending();
        self.send(Write::Rang(Box::new(ring), commit.clone()));
        commit
    }

    /// Records messages about calls, each once. What fails is the caller's to keep.
    pub fn events(&self, events: Vec<EventRecord>) -> Commit {
        let commit = Commit::pending();
        self.send(Write::Events(events, commit.clone()));
        commit
    }

    /// Records a tap on a number. Best effort, as [`Ledger::seen`].
    pub fn tapped(&self, tap: Tap) {
        self.send(Write::Tapped(tap));
    }

    /// Records where numbers are at home. Best effort, as [`Ledger::seen`].
    pub fn homes(&self, homes: Vec<Home>) {
        self.send(Write::Homes(homes));
    }

    /// The same ledger, as it is read.
    pub fn records(&self) -> Records {
        match &self.kept {
            Kept::File(reader, _) => Records::File(Arc::clone(reader)),
            Kept::Database(database, _) => Records::Database(database.clone()),
        }
    }

    /// Waits until everything that was asked for before is on disk, or has failed.
    pub async fn settled(&self) {
        let commit = Commit::pending();
        self.send(Write::Settle(commit.clone()));
        commit.durable().await;
    }

    /// Lets other commands know where the process that has this ledger to itself answers operators.
    ///
    /// # Errors
    /// Where the lock's file can't be written.
    pub fn tell_address(&self, admin: SocketAddr) -> std::io::Result<()> {
        let running = self.running.lock();
        let of_file = running.as_ref().and_then(|running| running.of_file.as_ref());
        of_file.map_or(Ok(()), |(_, lock)| lock.tell_address(admin))
    }

    /// How the writing goes.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Why the ledger can't be used; none where it can, as far as is known.
    pub fn trouble(&self) -> Option<String> {
        let is_away = self.shared().is_some_and(|(database, _)| database.is_known_to_be_away());
        let away = is_away.then(|| DatabaseError::Away.to_string());
        away.or_else(|| self.health.trouble())
    }

    /// Writes what is left, and gives the ledger up. A ledger that can't be written now is not waited for any longer than
    /// one commit takes to fail.
    pub fn close(&self) {
        let Some(running) = self.running.lock().take() else { return };
        let _ = self.writes.send(Write::Close);
        let _ = running.writer.join();
        if let Kept::File(_, checkpoints) = &self.kept {
            checkpoints.end();
        }
        if let Some((checkpointer, lock)) = running.of_file {
            let _ = checkpointer.join();
            drop(lock);
        }
    }

    fn send(&self, write: Write) {
        match self.writes.try_send(write) {
            Ok(()) => {}
            Err(TrySendError::Full(write) | TrySendError::Disconnected(write)) => write.fail(),
        }
    }
}
