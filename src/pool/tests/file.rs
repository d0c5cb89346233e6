//! What a ledger in a file refuses.

use super::under::FINGERPRINT;
use crate::ledger::{Ledger, OpenError};

#[test]
fn a_second_process_another_secret_and_a_newer_version_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = Ledger::open(&path, &FINGERPRINT).unwrap();
    assert!(matches!(Ledger::open(&path, &FINGERPRINT), Err(OpenError::Locked(_))));
    ledger.close();
    assert!(matches!(Ledger::open(&path, &[8; 16]), Err(OpenError::OtherSecret(_))));
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Ledger::open(&path, &FINGERPRINT), Err(OpenError::Newer(_, 99))));
    let path = folder.path().join("other.db");
    std::fs::write(&path, "not a database, but long enough to have a header of its own, as it were").unwrap();
    assert!(matches!(Ledger::open(&path, &FINGERPRINT), Err(OpenError::Sqlite(..))));
}
