//! How the digits that a page writes follow from those of a number.
//!
//! Owns which digit of the number stands at which place. It doesn't know how a digit is spelled.

/// How a page's digits behind what is dialled in front follow from the national significant number's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// One by one.
    Digits,
    /// One by one, without so many in front: the area code.
    WithoutAreaCode(u8),
    /// With a token behind the area code that says it is a mobile, as Argentina writes 15.
    Mobile(Token),
    /// In letters, for which another number is written as a whole.
    Letters,
}

/// Where a page writes what says that a number is a mobile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// How many digits of the national significant number are left out in front, for which the token stands.
    pub omitted: u8,
    /// How many of its digits stand before the token.
    pub before: u8,
    pub len: u8,
}

impl Spelling {
    /// Which digit of the national significant number stands at a place behind what is dialled in front.
    pub fn digit_at(self, place: usize) -> Option<usize> {
        match self {
            Spelling::Digits => Some(place),
            Spelling::WithoutAreaCode(omitted) => Some(place + usize::from(omitted)),
            Spelling::Mobile(Token { omitted, before, len }) => {
                let (before, len) = (usize::from(before), usize::from(len));
                if (before..before + len).contains(&place) {
                    return None;
                }
                let written = if place < before { place } else { place - len };
                Some(written + usize::from(omitted))
            }
            Spelling::Letters => None,
        }
    }
}
