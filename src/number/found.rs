//! A number that was found, and where its parts stand.

use bytes::Bytes;
use smallvec::SmallVec;

use super::link::LinkScheme;
use super::rendition::{Place, Rendition};
use super::spelling::Spelling;
use super::unit::DigitForm;

/// A number of the business in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Place of the number in the matcher's list.
    pub line: u16,
    pub(super) lead: u8,
    pub(super) international: bool,
    pub(super) spelling: Spelling,
    /// It stands in an attribute's value.
    pub in_attribute: bool,
    /// The attribute has no quotes, so that a blank would end it.
    pub unquoted: bool,
    /// Its parts in the order of the text: one, unless inline tags run through the number.
    pub segments: SmallVec<[Segment; 1]>,
}

impl Found {
    /// Whether the country's code is written with it.
    pub(super) fn is_international(&self) -> bool {
        self.international
    }
}

/// A part of a number without a tag in it, in bytes of the whole page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub start: usize,
    pub end: usize,
    pub(super) before: u8,
    pub(super) places: SmallVec<[PlaceAt; 12]>,
}

/// Where a digit stands in the page, how long it is, and how it is spelled.
pub(super) type PlaceAt = (usize, u8, DigitForm);

impl Segment {
    /// The rendition of this part, whose bytes are `raw`.
    pub fn rendition(&self, found: &Found, raw: Bytes, link: Option<LinkScheme>) -> Rendition {
        debug_assert_eq!(raw.len(), self.end - self.start);
        let place = |&(at, len, form): &PlaceAt| Place { at: (at - self.start) as u16, len, form };
        Rendition {
            raw,
            places: self.places.iter().map(place).collect(),
            before: self.before,
            lead: found.lead,
            international: found.international,
            spelling: found.spelling,
            unquoted: found.unquoted,
            link,
        }
    }
}
