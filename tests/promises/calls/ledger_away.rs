//! The ledger can't be written: callers are connected all the same, and nothing that was told of them is lost.

use super::{CALLER, plumber_called, visitor_from_ad};
use crate::support::{CANONICAL, Pbx, Twilio, calls, the_call};

/// Somebody else keeps the ledger's file for himself.
fn lock(edge: &crate::support::Edge) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(edge.folder().join("ledger.db")).unwrap();
    other.busy_timeout(crate::support::GUARD).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

#[test]
fn what_is_told_meanwhile_waits_in_a_file_and_is_folded_in() {
    let (_origin, edge) = plumber_called(|config| config);
    let (_visitor, number) = visitor_from_ad(&edge);
    let other = lock(&edge);
    assert_eq!(Pbx(&edge).rings("C1", CALLER, &number)["dest"], CANONICAL);
    Pbx(&edge).tells(
        "C1",
        &[("DialCallStatus", "ANSWER"), ("DialCallDuration", "30"), ("CallStatus", "completed")],
    );
    let spool = edge.folder().join("ledger.db.spool");
    assert!(std::fs::metadata(&spool).unwrap().len() > 0);
    other.execute_batch("ROLLBACK").unwrap();
    let call = the_call(&edge, |call| call["outcome"] == "answered");
    assert_eq!(call["source"], "google");
}

#[test]
fn it_is_folded_in_by_the_next_process_where_this_one_dies() {
    let (_origin, mut edge) = plumber_called(|config| config);
    let (_visitor, number) = visitor_from_ad(&edge);
    let other = lock(&edge);
    assert!(Twilio(&edge).rings("CA1", CALLER, &number).text().contains(CANONICAL));
    edge.kill_9();
    drop(other);
    assert!(calls(&edge).is_empty());
    edge.start_again();
    let call = the_call(&edge, |call| call["carrier_call_id"] == "CA1");
    assert_eq!(call["source"], "google");
}
