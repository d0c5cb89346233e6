//! The opening of the file that holds the tables: whose it is, and of which version.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::backup::{self, BackupError};
use super::sqlite::SqliteStore;
use super::tables::{self, VERSION};
use crate::clock::Timestamp;

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
    #[error("there is no ledger {0}; serve makes it when it first starts")]
    Absent(PathBuf),
    #[error(
        "the ledger {0} was written by a newer dni-edge (tables {1}, this one knows {VERSION}); start that version"
    )]
    Newer(PathBuf, i64),
    #[error(
        "the ledger {0} was written by an older dni-edge (tables {1}, this one reads {VERSION}); serve brings it up to \
         date when it starts"
    )]
    Older(PathBuf, i64),
    #[error("the ledger {0} is to be brought up to date, and is copied first: {1}")]
    Backup(PathBuf, #[source] BackupError),
    #[error(
        "the ledger {0} was made with another secret; start with the secret it was made with, or give this \
         installation a new ledger"
    )]
    OtherSecret(PathBuf),
    #[error("the ledger's thread can't be started: {0}")]
    Thread(#[source] std::io::Error),
}

/// Opens the file, makes what isn't there, sees that it is ours, and brings it up to date.
pub(super) fn open(path: &Path, fingerprint: &[u8; 16]) -> Result<SqliteStore, OpenError> {
    let failed = |error| OpenError::Sqlite(path.to_owned(), error);
    let mut connection = connect(path).map_err(failed)?;
    let version = match version(&connection).map_err(failed)? {
        0 => {
            tables::make(&mut connection, fingerprint).map_err(failed)?;
            VERSION
        }
        newer if newer > VERSION => return Err(OpenError::Newer(path.to_owned(), newer)),
        version => version,
    };
    let known: Option<Vec<u8>> = connection
        .query_row("SELECT value FROM meta WHERE key = 'secret'", [], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    if known.as_deref() != Some(fingerprint) {
        return Err(OpenError::OtherSecret(path.to_owned()));
    }
    if version < VERSION {
        let backup = name_of_backup(path, version);
        backup::copy(&connection, &backup).map_err(|error| OpenError::Backup(path.to_owned(), error))?;
        tables::migrate(&mut connection, version).map_err(failed)?;
        tracing::info!(
            "the ledger was brought from tables {version} to {VERSION}; as it was it stays in {}",
            backup.display()
        );
    }
    Ok(SqliteStore::new(path.to_owned(), connection))
}

/// A connection that a commit of is on disk when it returns (SQLite's `synchronous=FULL` in WAL mode).
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// A connection beside whoever writes, to a ledger that is there, and no newer than this program. With its version.
pub(super) fn beside(path: &Path) -> Result<(Connection, i64), OpenError> {
    if !path.exists() {
        return Err(OpenError::Absent(path.to_owned()));
    }
    let failed = |error| OpenError::Sqlite(path.to_owned(), error);
    // Readers of a WAL write too: to the index that they share with the writer.
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(failed)?;
    match version(&connection).map_err(failed)? {
        newer if newer > VERSION => Err(OpenError::Newer(path.to_owned(), newer)),
        version => Ok((connection, version)),
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Beside the ledger: `dni-edge.db.tables-1.20260109T134120.123Z.backup`.
fn name_of_backup(ledger: &Path, version: i64) -> PathBuf {
    let mut name = OsString::from(ledger);
    let now = Timestamp::now().to_string().replace([':', '-'], "");
    name.push(format!(".tables-{version}.{now}.backup"));
    PathBuf::from(name)
}
