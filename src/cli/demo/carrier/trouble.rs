//! What keeps a carrier from obeying. A real one would say to the caller that an application error has occurred, and hang up.

use http::StatusCode;

use super::super::post::NotAnswered;
use super::twiml::NotTwiml;

/// Each with the address that it is about.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("{0}: {1}")]
    Unreachable(String, #[source] NotAnswered),
    #[error("{0} is no address of the customer, and nobody else is asked")]
    Elsewhere(String),
    #[error("{0} answers {1} with {2}, where TwiML is wanted")]
    Answered(String, StatusCode, String),
    #[error("{0} has not taken what it was told: {1}")]
    Refused(String, StatusCode),
    #[error("what {0} answers can't be obeyed: {1}")]
    NotTwiml(String, #[source] NotTwiml),
    #[error("{0} can't be said to whoever answers")]
    InWhisper(&'static str),
    #[error("one answer led to the next {0} times, and to no end")]
    Endless(usize),
}
