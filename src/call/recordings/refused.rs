//! Why a recording isn't here: refused for good, or failed for now.

use std::io;
use std::time::Duration;

use http::StatusCode;

/// A recording is not fetched, and asking again would change nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("its place is no https address of a host")]
    NoAddress,
    #[error("its address leads to {0}, which is none of the carrier's hosts")]
    Elsewhere(String),
    #[error("{0} has no public address")]
    NotPublic(String),
    #[error("it leads on more than {0} times")]
    Redirects(usize),
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    #[error("its place {0:?} is no plain file below [carrier.pbx] files, or a link is on the way")]
    NoFile(String),
}

/// A recording has not come; it may come later.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the carrier's host {host} can't be reached: {because}")]
    Unreachable { host: String, because: String },
    #[error("the carrier keeps silent for {0:?}")]
    Silent(Duration),
    #[error("the carrier answers {0}")]
    Status(StatusCode),
    #[error("the carrier sends {0:?}, which is no recording")]
    NoRecording(String),
    #[error("the carrier broke off: {0}")]
    BrokeOff(String),
    #[error("the carrier sent {came} bytes of {wanted}")]
    Length { came: u64, wanted: u64 },
    #[error("the file is being written still")]
    Growing,
    #[error("another process fetches it")]
    TakenUp,
    #[error("the account can't be used: {0}")]
    Account(String),
    #[error("it can't be kept: {0}")]
    Disk(#[from] io::Error),
    #[error("the ledger can't be read, or doesn't know the call yet")]
    Ledger,
    #[error("it is not wanted any more")]
    Stopped,
}
