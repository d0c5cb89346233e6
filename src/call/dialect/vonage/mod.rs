//! Vonage's NCCO, and the events that it sends as JSON or in a query. It writes numbers without their plus sign, rings one telephone
//! at a time, shows it one of its own numbers only, and can't hang up on whoever answers.

mod message;
mod reply;
#[cfg(test)]
mod tests;

pub use message::read;
pub use reply::{answer, whisper};

/// Telephones that one `connect` lets ring (developer.vonage.com/voice/voice-api/ncco-reference).
pub const MOST_AT_ONCE: usize = 1;
