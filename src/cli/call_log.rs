//! The calls that a ledger keeps, as commands read and note them.

use super::Stop;
use crate::Timestamp;
use crate::call::event::Note;
use crate::call::log::Call;
use crate::config::Config;

/// Calls that began from then on and before then, in any order.
pub(super) async fn calls(
    _config: &Config,
    _from: Option<Timestamp>,
    _to: Option<Timestamp>,
) -> Result<Vec<Call>, Stop> {
    Err(nothing_is_kept())
}

/// Adds a note to the call with this id, and tells the call as it is then.
pub(super) async fn note(_config: &Config, _id: &str, _note: Note) -> Result<Call, Stop> {
    Err(nothing_is_kept())
}

fn nothing_is_kept() -> Stop {
    Stop::Other("the ledger keeps no calls yet".to_owned())
}
