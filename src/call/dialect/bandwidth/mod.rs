//! Bandwidth's BXML, and the JSON that it reports in. It signs nothing: each address that it is handed comes with the user and
//! password that it must name there.

mod message;
mod reply;
#[cfg(test)]
mod tests;

pub use message::read;
pub use reply::{answer, screened, whisper};

/// Telephones that one `Transfer` lets ring (dev.bandwidth.com/docs/voice/bxml/transfer).
pub const MOST_AT_ONCE: usize = 8;
