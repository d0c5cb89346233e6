//! A copy of the ledger as it is at one instant, taken while others go on writing.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{OpenError, schema};

/// The copy can't be made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Open(Box<OpenError>),
    #[error("{0} is there already; name a file that isn't")]
    Exists(PathBuf),
    #[error("the backup {0} can't be written: {1}")]
    File(PathBuf, #[source] io::Error),
    #[error("the ledger can't be copied to {0}: {1}")]
    Sqlite(PathBuf, #[source] rusqlite::Error),
}

/// What a copy holds, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Contents {
    pub sessions: i64,
    pub leases: i64,
    pub pages: i64,
    pub clicks: i64,
    pub calls: i64,
    pub events: i64,
    pub taps: i64,
    /// Files beside the ledger, which no copy of it holds.
    #[serde(default)]
    pub recordings: i64,
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Contents { sessions, leases, pages, clicks, calls, events, taps, recordings } = self;
        write!(f, "{sessions} sessions, {leases} leases, {pages} pages, {clicks} clicks, {taps} taps, ")?;
        write!(f, "{calls} calls, {events} events of calls, {recordings} recordings")
    }
}

/// Copies the ledger, which may be in use, to a file that isn't there yet.
///
/// # Errors
/// [`BackupError`]; there is no such file then.
pub fn back_up(ledger: &Path, to: &Path) -> Result<Contents, BackupError> {
    let (ledger, _) = schema::beside(ledger).map_err(|error| BackupError::Open(Box::new(error)))?;
    copy(&ledger, to)?;
    let counted = schema::beside(to).map_err(|error| BackupError::Open(Box::new(error)))?;
    contents(&counted.0).map_err(|error| BackupError::Sqlite(to.to_owned(), error))
}

/// Copies a ledger to a file that isn't there yet, and is there only once it is whole and on disk. Its owner alone may read
/// it, as the ledger's own file should be.
pub(super) fn copy(from: &Connection, to: &Path) -> Result<(), BackupError> {
    let failed = |error| BackupError::File(to.to_owned(), error);
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let folder = match to.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let copy = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    // SQLite fills an empty file; what it writes there is not yet on disk (SQLite, "VACUUM INTO").
    from.execute("VACUUM INTO ?1", params![copy.path().to_string_lossy()])
        .map_err(|error| BackupError::Sqlite(to.to_owned(), error))?;
    copy.as_file().sync_all().map_err(failed)?;
    copy.persist_noclobber(to).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
        _ => failed(error.error),
    })?;
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Counts what a ledger of any version holds.
fn contents(ledger: &Connection) -> rusqlite::Result<Contents> {
    let count = |table: &str| {
        let known = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        match ledger.query_row(known, [table], |row| row.get(0))? {
            0_i64 => Ok(0),
            _ => ledger.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)),
        }
    };
    Ok(Contents {
        sessions: count("session")?,
        leases: count("lease")?,
        pages: count("page")?,
        clicks: count("click")?,
        calls: count("call")?,
        events: count("event")?,
        taps: count("tap")?,
        recordings: 0,
    })
}
