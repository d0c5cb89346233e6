//! A visit: who is asking, where they came from, and which rule that meets.

mod clicks;
mod consent;
pub mod cookie;
mod exclusion;
mod proof;
mod rule;
mod session;
mod sessions;
mod source;
mod text;
mod visitor;

pub use clicks::{ClickHash, Clicks};
pub use consent::{Answer, Consent, Without};
pub use exclusion::Exclusion;
pub use proof::{Proven, signed, verify};
pub use rule::{
    Condition, Device, Facts, Field, Near, Nearness, Pattern, Rule, Share, Show, Whereabouts, take_in,
    take_in_any,
};
pub use session::{NoSessionHash, Session, SessionHash, SessionId, Touch};
pub use sessions::{News, PageView, SeenAgain, Sessions};
pub use source::{
    Channel, ClickId, Described, Ga4Channel, LONGEST_PARAMETER, Landing, Reading, Source, UnknownChannel,
    known_source, referrer,
};
pub use text::is_of_domain;
pub use visitor::{Address, Claim, Navigation, Visitor, names_pages};
