//! Plivo's XML and forms. It writes numbers without their plus sign, asks whoever is called for a key by itself, and records as a
//! step of its own.

mod message;
mod reply;
#[cfg(test)]
mod tests;

pub use message::read;
pub use reply::{answer, silence, whisper};

/// Telephones that one `Dial` lets ring: Plivo tells of no limit, so as many as of its kind.
pub const MOST_AT_ONCE: usize = 10;
