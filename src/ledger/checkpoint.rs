//! Checkpoints, on a thread of their own: what the write-ahead log holds is carried over into the ledger's file, and no lease
//! waits for it.
//!
//! A lease is on disk once the log is. The log begins anew when all of it was carried over at the moment somebody writes
//! next, which may never come while many write: past a length the writer is kept out for the little that is left then
//! (SQLite, "Write-Ahead Logging", "Avoiding Excessively Large WAL Files"). It grows for longer only while somebody reads an
//! old state of it, as a backup does, and is cut back afterwards.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use rusqlite::Connection;

use super::{Commit, OpenError, schema};

/// Rows that are written between one checkpoint and the next.
const ROWS: u64 = if cfg!(test) { 50 } else { 1000 };

/// Pages of the log past which it is made to begin anew: 16 MB.
const LONG: i64 = if cfg!(test) { 64 } else { 4096 };

/// The log's file is cut back to this size, in bytes, when it begins anew.
pub(super) const LARGEST: i64 = 2 * 4096 * LONG;

/// How long the writer may be kept out by somebody who reads an old state.
const PATIENCE: Duration = Duration::from_millis(20);

/// The writer's side: it tells how much it writes. Clones speak to the same thread.
#[derive(Clone)]
pub(super) struct Checkpoints {
    orders: Sender<Order>,
    /// Whose turn it is to write to the log.
    turn: Arc<Mutex<()>>,
}

enum Order {
    /// The log has grown.
    CarryOver,
    /// Nothing is to be left in the log.
    Empty(Commit),
    End,
}

impl Checkpoints {
    /// Starts the thread, for the ledger at `path`.
    ///
    /// # Errors
    /// [`OpenError`] where it can't be started, or the ledger can't be opened once more.
    pub fn start(path: &Path) -> Result<(Self, JoinHandle<()>), OpenError> {
        let failed = |error| OpenError::Sqlite(path.to_owned(), error);
        let turn = Arc::new(Mutex::new(()));
        let (orders, wanted) = channel();
        let connection = connect(path).map_err(failed)?;
        let checkpointer =
            Checkpointer { path: path.to_owned(), connection, turn: Arc::clone(&turn), is_failing: false };
        let thread = std::thread::Builder::new()
            .name("checkpoints".to_owned())
            .spawn(move || checkpointer.run(&wanted))
            .map_err(OpenError::Thread)?;
        Ok((Checkpoints { orders, turn }, thread))
    }

    /// Writes to the log, and has it carried over from time to time; after a failure too, for that may make room.
    pub fn write(
        &self,
        connection: &mut Connection,
        uncounted: &mut u64,
        commit: impl FnOnce(&mut Connection) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let turn = self.turn.lock();
        let before = connection.total_changes();
        let outcome = commit(connection);
        // Whoever waits for its turn has it now: it would hardly come between two commits otherwise.
        MutexGuard::unlock_fair(turn);
        *uncounted += connection.total_changes().saturating_sub(before);
        if *uncounted >= ROWS || outcome.is_err() {
            *uncounted = 0;
            self.order(Order::CarryOver);
        }
        outcome
    }

    /// Carries all over and leaves an empty log: no copy of what was removed stays there. Says whether that was possible:
    /// while somebody reads an old state, it is not.
    pub async fn empty(&self) -> bool {
        let emptied = Commit::pending();
        self.order(Order::Empty(emptied.clone()));
        emptied.durable().await
    }

    /// Carries over what is left, once nobody writes any more, and ends the thread.
    pub fn end(&self) {
        self.order(Order::End);
    }

    fn order(&self, order: Order) {
        if let Err(unheard) = self.orders.send(order)
            && let Order::Empty(emptied) = unheard.0
        {
            emptied.finish(false);
        }
    }
}

/// The thread's side.
struct Checkpointer {
    path: PathBuf,
    connection: Connection,
    turn: Arc<Mutex<()>>,
    is_failing: bool,
}

impl Checkpointer {
    /// Until it is told to end, or nobody is left who could tell it.
    fn run(mut self, wanted: &Receiver<Order>) {
        while let Ok(first) = wanted.recv() {
            let orders: Vec<Order> = std::iter::once(first).chain(wanted.try_iter()).collect();
            let ends = orders.iter().any(|order| matches!(order, Order::End));
            let empty = ends || orders.iter().any(|order| matches!(order, Order::Empty(_)));
            let outcome = self.carry_over(empty);
            for order in &orders {
                if let Order::Empty(emptied) = order {
                    emptied.finish(matches!(outcome, Ok(true)));
                }
            }
            self.report(&outcome);
            if ends {
                break;
            }
        }
    }

    /// Carries over what the log holds, beside whoever writes; for what comes in meanwhile the writer is kept out where the log
    /// is to be emptied, or is long. Says whether there is nothing left to be carried over.
    fn carry_over(&mut self, empty: bool) -> rusqlite::Result<bool> {
        let (pages, carried) = self.checkpoint("PASSIVE")?;
        let mode = match empty {
            true => "TRUNCATE",
            false if pages > LONG => "RESTART",
            false => return Ok(pages == carried),
        };
        let _turn = self.turn.lock();
        let (pages, carried) = self.checkpoint(mode)?;
        Ok(pages == carried)
    }

    /// The pages that the log has, and how many of them have been carried over so far. After `TRUNCATE` none, unless somebody
    /// is in the way.
    fn checkpoint(&self, mode: &str) -> rusqlite::Result<(i64, i64)> {
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        self.connection.query_row(&sql, [], |row| Ok((row.get(1)?, row.get(2)?)))
    }

    /// Says once that it fails, and once that it works again. The connection may not have survived.
    fn report(&mut self, outcome: &rusqlite::Result<bool>) {
        match (outcome, self.is_failing) {
            (Err(error), false) => {
                tracing::error!(
                    "what is in the ledger's log can't be carried over: {error}; it stays in the log"
                )
            }
            (Ok(_), true) => tracing::info!("what is in the ledger's log can be carried over again"),
            _ => {}
        }
        self.is_failing = outcome.is_err();
        if self.is_failing
            && let Ok(connection) = connect(&self.path)
        {
            self.connection = connection;
        }
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = schema::connect(path)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Writer {
        connection: Connection,
        checkpoints: Checkpoints,
        rows: u64,
        folder: tempfile::TempDir,
    }

    impl Writer {
        fn start() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("ledger.db");
            Connection::open(&path).unwrap();
            let connection = schema::connect(&path).unwrap();
            let (checkpoints, _) = Checkpoints::start(&path).unwrap();
            let mut writer = Writer { connection, checkpoints, rows: 0, folder };
            writer.write("CREATE TABLE row (it)");
            writer
        }

        fn write(&mut self, sql: &str) {
            self.checkpoints
                .write(&mut self.connection, &mut self.rows, |connection| connection.execute_batch(sql))
                .unwrap();
        }

        /// Four pages more.
        fn grow(&mut self) {
            self.write("INSERT INTO row VALUES (zeroblob(16000))");
        }

        /// Somebody who reads the ledger as it is now, until he is dropped.
        fn reader(&self) -> Connection {
            let reader = schema::connect(&self.folder.path().join("ledger.db")).unwrap();
            reader.execute_batch("BEGIN; SELECT count(*) FROM row").unwrap();
            reader
        }

        /// The log's length, in bytes.
        fn log(&self) -> i64 {
            std::fs::metadata(self.folder.path().join("ledger.db-wal")).unwrap().len().try_into().unwrap()
        }
    }

    #[tokio::test]
    async fn an_emptied_log_holds_nothing_unless_somebody_reads_an_old_state() {
        let mut writer = Writer::start();
        writer.grow();
        let reader = writer.reader();
        writer.grow();
        assert!(!writer.checkpoints.empty().await);
        assert!(writer.log() > 0);
        writer.grow();
        drop(reader);
        assert!(writer.checkpoints.empty().await);
        assert_eq!(writer.log(), 0);
        let rows: i64 =
            writer.connection.query_row("SELECT count(*) FROM row", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 3);
    }

    #[test]
    fn a_log_that_somebody_kept_from_beginning_anew_is_cut_back_afterwards() {
        let mut writer = Writer::start();
        writer.grow();
        let reader = writer.reader();
        while writer.log() <= 2 * LARGEST {
            writer.grow();
        }
        drop(reader);
        // Checkpoints come beside the writing, and each is asked for after so many rows.
        let commits = (0..100 * ROWS).find(|_| {
            writer.grow();
            writer.log() <= LARGEST
        });
        assert!(commits.is_some(), "{}", writer.log());
    }

    #[test]
    fn the_thread_ends_when_it_is_told_to_or_nobody_is_left_to_tell_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        Connection::open(&path).unwrap();
        let (checkpoints, thread) = Checkpoints::start(&path).unwrap();
        checkpoints.end();
        thread.join().unwrap();
        let (checkpoints, thread) = Checkpoints::start(&path).unwrap();
        drop(checkpoints);
        thread.join().unwrap();
    }
}
