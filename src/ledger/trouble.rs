//! What is wrong with the ledger's file, for whoever can do something about it.

use std::fmt;

use rusqlite::ErrorCode;

/// An error of SQLite's, with the remedy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trouble<'e>(pub &'e rusqlite::Error);

impl fmt::Display for Trouble<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.0, self.remedy())
    }
}

impl Trouble<'_> {
    /// What SQLite's result codes mean here (SQLite, "Result and Error Codes").
    fn remedy(self) -> &'static str {
        match self.0.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "make room on its disk",
            Some(ErrorCode::SystemIoFailure) => {
                "see to its disk: the system's log says more; a quota, or a limit to the size of files, counts as one"
            }
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                "who runs dni-edge must be allowed to write the file, those named alike beside it, and new ones in its folder"
            }
            Some(ErrorCode::DatabaseCorrupt) => {
                "it is damaged: keep it aside, with its -wal and -shm, and put a backup in its place"
            }
            Some(ErrorCode::NotADatabase) => {
                "it is no SQLite file, or is damaged: name another file as [server] ledger, or put a backup in its place"
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another program holds it: end that one"
            }
            _ => "it must have been made by dni-edge, and lie on a disk that can be written",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    #[test]
    fn each_trouble_comes_with_what_to_do() {
        for (code, words) in [
            (ffi::SQLITE_FULL, "make room"),
            (ffi::SQLITE_IOERR_WRITE, "the system's log"),
            (ffi::SQLITE_IOERR_SHMSIZE, "the system's log"),
            (ffi::SQLITE_READONLY_DIRECTORY, "allowed to write"),
            (ffi::SQLITE_CANTOPEN, "allowed to write"),
            (ffi::SQLITE_CORRUPT_INDEX, "put a backup in its place"),
            (ffi::SQLITE_NOTADB, "name another file"),
            (ffi::SQLITE_BUSY, "another program holds it"),
            (ffi::SQLITE_MISMATCH, "made by dni-edge"),
        ] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            let said = Trouble(&error).to_string();
            assert!(said.contains(words) && said.contains(&error.to_string()), "{code}: {said}");
        }
    }
}
