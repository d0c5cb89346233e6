//! The opening of the file that holds the tables: whose it is, and of which version.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, MAIN_DB, OpenFlags, OptionalExtension};

use super::backup::{self, BackupError};
use super::checkpoint::LARGEST;
use super::tables::{self, VERSION};
use super::trouble::Trouble;
use crate::clock::Timestamp;

/// How long somebody else's transaction is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pages of the file that a connection keeps at most, in KiB: a session's row may stand anywhere, and so may a number's.
const CACHE: i64 = 16 * 1024;

/// The ledger can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the ledger {0} is in use by another dni-edge; stop that one first, or give this one a ledger of its own"
    )]
    Locked(PathBuf),
    #[error("the lock {0} can't be made: {1}; the ledger's folder must exist and be writable")]
    LockFile(PathBuf, #[source] std::io::Error),
    #[error("the ledger {0} can't be used: {trouble}", trouble = Trouble(.1))]
    Sqlite(PathBuf, #[source] rusqlite::Error),
    #[error(
        "the ledger {0} can't be written: who runs dni-edge must be allowed to write it, and new files in its folder"
    )]
    ReadOnly(PathBuf),
    #[error(
        "{0} is a database of another program, and is left as it is; name another file as [server] ledger"
    )]
    Foreign(PathBuf),
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

/// Opens the file, makes what isn't there, sees that it is ours and can be written, and brings it up to date.
pub(super) fn open(path: &Path, fingerprint: &[u8; 16]) -> Result<Connection, OpenError> {
    let failed = |error| OpenError::Sqlite(path.to_owned(), error);
    let mut connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let version = version_of(&connection, path)?;
    // SQLite opens what it may not write for reading, and says nothing.
    if connection.is_readonly(MAIN_DB).map_err(failed)? {
        return Err(OpenError::ReadOnly(path.to_owned()));
    }
    prepare(&connection).map_err(failed)?;
    let version = match version {
        0 => {
            tables::make(&mut connection, fingerprint).map_err(failed)?;
            VERSION
        }
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
    probe(&connection).map_err(failed)?;
    Ok(connection)
}

/// A further connection to a ledger that has been opened.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    prepare(&connection)?;
    Ok(connection)
}

/// What is committed is on disk when the commit returns (SQLite's `synchronous=FULL` in WAL mode); checkpoints have a thread of
/// their own.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // Below zero these are KiB.
    connection.pragma_update(None, "cache_size", -CACHE)?;
    connection.pragma_update(None, "journal_size_limit", LARGEST)
}

/// Writes what is there already, so that it shows whether the disk takes it.
pub(super) fn probe(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", VERSION)
}

/// A connection beside whoever writes, to a ledger that is there, and no newer than this program. With its version.
pub(super) fn beside(path: &Path) -> Result<(Connection, i64), OpenError> {
    if !path.exists() {
        return Err(OpenError::Absent(path.to_owned()));
    }
    let failed = |error| OpenError::Sqlite(path.to_owned(), error);
    // Readers of a WAL write too: to the index that they share with the writer.
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let version = version_of(&connection, path)?;
    Ok((connection, version))
}

/// The version of a ledger's tables, this program's at most; 0: there are none yet.
fn version_of(connection: &Connection, path: &Path) -> Result<i64, OpenError> {
    let failed = |error| OpenError::Sqlite(path.to_owned(), error);
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let sql =
        "SELECT count(*), count(*) FILTER (WHERE name IN ('meta', 'session', 'lease')) FROM sqlite_schema";
    let (all, ours): (i64, i64) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
    match version {
        0 if all == 0 => Ok(0),
        newer if ours == 3 && newer > VERSION => Err(OpenError::Newer(path.to_owned(), newer)),
        1.. if ours == 3 => Ok(version),
        _ => Err(OpenError::Foreign(path.to_owned())),
    }
}

/// Beside the ledger: `dni-edge.db.tables-1.20260109T134120.123Z.backup`.
fn name_of_backup(ledger: &Path, version: i64) -> PathBuf {
    let mut name = OsString::from(ledger);
    let now = Timestamp::now().to_string().replace([':', '-'], "");
    name.push(format!(".tables-{version}.{now}.backup"));
    PathBuf::from(name)
}
