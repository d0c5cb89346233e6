//! A number that is shown in another's place, and what it can be used for.

use std::sync::Arc;

use super::phone::PhoneNumber;

/// What a number can receive: a link that would lead into nothing keeps the business's own number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Carries {
    pub voice: bool,
    pub sms: bool,
    pub whatsapp: bool,
}

impl Carries {
    pub const VOICE: Carries = Carries { voice: true, sms: false, whatsapp: false };
    pub const EVERYTHING: Carries = Carries { voice: true, sms: true, whatsapp: true };
}

/// A number that a line shows instead of its own.
#[derive(Clone, Debug)]
pub struct Shown {
    pub number: Arc<PhoneNumber>,
    pub carries: Carries,
}
