//! No caller is dropped: whatever fails, an authentic carrier is told to connect to the business; and every call is in the log,
//! once, with the visitor whose it is.

mod demo;
mod kamailio;
mod ledger_away;
mod logged;
mod noted;
mod recordings;
mod refused;
mod reported;
mod routed;
mod screened;
mod soak;
mod taps;

use crate::support::{AD, CARRIERS, Config, Edge, Origin, Visitor, number_on, plumber};

/// Somebody who calls.
const CALLER: &str = "+13055550123";

/// A plumber whose calls come through carriers.
fn plumber_called(change: impl FnOnce(Config) -> Config) -> (Origin, Edge) {
    plumber(|config| change(config.more(CARRIERS)))
}

/// As the log names a session.
fn hex(session: [u8; 16]) -> String {
    session.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A visitor from an ad, and the number that they read.
fn visitor_from_ad(edge: &Edge) -> (Visitor, String) {
    let mut visitor = Visitor::at(edge);
    let number = number_on(&visitor.open(AD).text());
    visitor.open("/");
    (visitor, number)
}
