//! Telephone numbers: what one is, how a page writes one, and how to find one in raw bytes.
//!
//! The lowest room of the house. It knows no HTML beyond character references, and no HTTP.

mod amount;
mod area;
mod candidate;
mod charset;
mod claim;
mod decoy;
mod found;
mod label;
mod legible;
mod link;
mod matcher;
mod multibyte;
mod phone;
mod print;
mod rendition;
mod row;
mod scanner;
mod shown;
mod spelling;
mod unit;
mod vanity;
mod vicinity;

#[cfg(test)]
mod countries_tests;

pub use area::{Area, AreaError};
pub use charset::Charset;
pub use found::{Found, Segment};
pub(crate) use legible::Legible;
pub use link::LinkScheme;
pub(crate) use link::dialled;
pub use matcher::Matcher;
pub use phone::{Country, PhoneNumber, PhoneNumberError, is_e164};
pub use rendition::Rendition;
pub use scanner::Scanner;
pub use shown::{Carries, Shown};
pub use vanity::{FEWEST_BEFORE_LETTERS, Vanity, VanityError};
pub use vicinity::BEHIND;
