//! A visit: who is asking, where they came from, and which rule that meets.

mod rule;
mod session;
mod sessions;
mod source;
mod visitor;

pub use rule::{Condition, Field, Pattern, Rule, Show};
pub use session::{Session, SessionHash, SessionId};
pub use sessions::{News, Sessions};
pub use source::{Channel, ClickId, Ga4Channel, LONGEST_PARAMETER, Landing, Source, UnknownChannel};
pub use visitor::{Navigation, Visitor};
