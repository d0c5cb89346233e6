//! The tables, and the opening of the file that holds them.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use super::sqlite::Store;

/// The version of the tables that this program writes; kept in SQLite's `user_version`.
const VERSION: i64 = 1;

/// The ledger can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the ledger {0} is in use by another dni-edge; stop that one first, or give this one a ledger of its own"
    )]
    Locked(PathBuf),
    #[error("the lock {0} can't be made: {1}; the ledger's folder must exist and be writable")]
    LockFile(PathBuf, #[source] std::io::Error),
    #[error(
        "the ledger {0} can't be opened: {1}; it must be a SQLite file that dni-edge made, on a disk that can be written"
    )]
    Sqlite(PathBuf, #[source] rusqlite::Error),
    #[error(
        "the ledger {0} was written by a newer dni-edge (tables {1}, this one knows {VERSION}); start that version"
    )]
    Newer(PathBuf, i64),
    #[error(
        "the ledger {0} was made with another secret; start with the secret it was made with, or give this \
         installation a new ledger"
    )]
    OtherSecret(PathBuf),
    #[error("the ledger's thread can't be started: {0}")]
    Thread(#[source] std::io::Error),
}

const TABLES: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE session (
        id BLOB NOT NULL,
        site TEXT NOT NULL,
        started INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        channel TEXT NOT NULL,
        source TEXT NOT NULL,
        medium TEXT NOT NULL,
        campaign TEXT,
        touch TEXT NOT NULL,
        landing_page TEXT NOT NULL,
        referring_page TEXT,
        rule INTEGER,
        shows TEXT NOT NULL,
        PRIMARY KEY (id, started)
    ) WITHOUT ROWID;
    CREATE TABLE lease (
        id INTEGER PRIMARY KEY,
        number TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        site TEXT NOT NULL,
        pool TEXT NOT NULL,
        line TEXT NOT NULL,
        session BLOB NOT NULL,
        session_started INTEGER NOT NULL,
        source TEXT NOT NULL,
        medium TEXT NOT NULL,
        started INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        how TEXT NOT NULL,
        shown INTEGER NOT NULL DEFAULT 1
    );
    CREATE INDEX lease_number ON lease (number, started);
";

/// Tables that ledgers of an earlier program don't have: it never asks for them.
const ADDED: &str = "
    CREATE TABLE IF NOT EXISTS page (
        session BLOB NOT NULL,
        session_started INTEGER NOT NULL,
        time INTEGER NOT NULL,
        page TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS page_session ON page (session, session_started);
    CREATE TABLE IF NOT EXISTS click (id BLOB PRIMARY KEY, session BLOB NOT NULL) WITHOUT ROWID;
";

/// Opens the file, makes what isn't there, and sees that it is ours.
pub(super) fn open(path: &Path, fingerprint: &[u8; 16]) -> Result<Store, OpenError> {
    let failed = |error| OpenError::Sqlite(path.to_owned(), error);
    let mut connection = connect(path).map_err(failed)?;
    let version: i64 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    match version {
        0 => make(&mut connection, fingerprint).map_err(failed)?,
        VERSION => {}
        newer => return Err(OpenError::Newer(path.to_owned(), newer)),
    }
    let known: Option<Vec<u8>> = connection
        .query_row("SELECT value FROM meta WHERE key = 'secret'", [], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    match known.as_deref() == Some(fingerprint) {
        true => {
            connection.execute_batch(ADDED).map_err(failed)?;
            Ok(Store::new(path.to_owned(), connection))
        }
        false => Err(OpenError::OtherSecret(path.to_owned())),
    }
}

/// A connection that a commit of is on disk when it returns (SQLite's `synchronous=FULL` in WAL mode).
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

fn make(connection: &mut Connection, fingerprint: &[u8; 16]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.execute("INSERT INTO meta VALUES ('secret', ?1)", params![fingerprint.as_slice()])?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}
