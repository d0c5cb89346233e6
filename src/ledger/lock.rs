//! The lock beside the ledger: one process keeps numbers in memory, so one may write. Its file tells the others where that one
//! is asked to.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::OpenError;

/// Held for as long as it lives; the operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// # Errors
    /// [`OpenError::Locked`] where another process has it.
    pub fn take(ledger: &Path) -> Result<Self, OpenError> {
        let path = beside(ledger);
        let failed = |error| OpenError::LockFile(path.clone(), error);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {
                // Whoever had it before is not asked any more.
                file.set_len(0).map_err(failed)?;
                Ok(Lock { file })
            }
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked(ledger.to_owned())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
    /// Lets others know where the process that has the ledger answers operators.
    pub fn tell_address(&self, admin: SocketAddr) -> io::Result<()> {
        (&self.file).write_all(format!("{admin}\n").as_bytes())
    }
}

/// Where the process that has this ledger answers operators; none where it doesn't, or isn't ready to.
pub fn admin_of(ledger: &Path) -> Option<SocketAddr> {
    let told = std::fs::read_to_string(beside(ledger)).ok()?;
    told.strip_suffix('\n')?.parse().ok()
}

/// The lock's file: beside the ledger itself, wherever a link to it stands.
fn beside(ledger: &Path) -> PathBuf {
    let ledger = ledger.canonicalize().unwrap_or_else(|_| ledger.to_owned());
    let mut name = ledger.into_os_string();
    name.push(".lock");
    PathBuf::from(name)
}
