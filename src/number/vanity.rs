//! Numbers in letters, as a telephone's keypad spells them.
//!
//! Owns the keypad, and the parsing of what an operator says his number is also written as. Letters count behind digits
//! only: a page's words are no numbers.

use super::candidate::Candidate;
use super::unit::Class;

/// Digits that a number has before its letters.
pub const FEWEST_BEFORE_LETTERS: usize = 3;

/// Keys that a vanity form has: more than any number's digits, for words go on beyond them (1-800-MATTRESS).
const KEYS: std::ops::RangeInclusive<usize> = 7..=20;

/// Another way in which a business writes its number: `1-800-FLOWERS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vanity {
    /// The keys that dial it, as ASCII digits.
    keys: Box<[u8]>,
}

impl Vanity {
    /// Reads digits and, behind at least three of them, letters.
    ///
    /// # Errors
    /// [`VanityError`] where the text is something else.
    pub fn parse(written: &str) -> Result<Self, VanityError> {
        let mut keys = Vec::new();
        let mut letters = 0;
        for c in written.chars() {
            match c {
                '0'..='9' => keys.push(c as u8),
                c if c.is_ascii_alphabetic() && keys.len() >= FEWEST_BEFORE_LETTERS => {
                    letters += 1;
                    keys.extend(key(c).map(|key| b'0' + key));
                }
                c if c.is_ascii_alphabetic() => return Err(VanityError::LettersFirst),
                '+' | '(' | ')' | '-' | '.' | '/' | ' ' => {}
                stranger => return Err(VanityError::Stranger(stranger)),
            }
        }
        match keys.len() {
            _ if letters == 0 => Err(VanityError::NoLetters),
            len if KEYS.contains(&len) => Ok(Vanity { keys: keys.into() }),
            len => Err(VanityError::Length(len)),
        }
    }

    pub(super) fn keys(&self) -> &[u8] {
        &self.keys
    }
}

/// Why a text is no vanity form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VanityError {
    #[error("holds {0:?}, which is no part of a number")]
    Stranger(char),
    #[error("has letters before its third digit, and pages' words are not read as numbers")]
    LettersFirst,
    #[error("has no letters; numbers in digits are found in every form")]
    NoLetters,
    #[error("has {0} digits and letters, and such a number has 7 to 20")]
    Length(usize),
}

/// The key that a letter is on (ITU-T E.161).
pub(super) fn key(letter: char) -> Option<u8> {
    Some(match letter.to_ascii_uppercase() {
        'A'..='C' => 2,
        'D'..='F' => 3,
        'G'..='I' => 4,
        'J'..='L' => 5,
        'M'..='O' => 6,
        'P'..='S' => 7,
        'T'..='V' => 8,
        'W'..='Z' => 9,
        _ => return None,
    })
}

impl Candidate<'_> {
    /// The letter that a group begins with, if it is one of letters.
    pub fn letter(&self, group: usize) -> Option<char> {
        match self.units[self.groups[group].start].class {
            Class::Letter(c) => Some(c),
            _ => None,
        }
    }

    /// Whether some of these groups are letters.
    pub fn has_letters(&self, from: usize, to: usize) -> bool {
        (from..=to).any(|group| self.letter(group).is_some())
    }

    /// Whether these groups, if some are letters, begin with enough digits.
    pub fn may_be_spelled(&self, from: usize, to: usize) -> bool {
        let letters = (from..=to).find(|group| self.letter(*group).is_some());
        letters
            .is_none_or(|group| self.groups[group].before - self.groups[from].before >= FEWEST_BEFORE_LETTERS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_the_keys_they_stand_on() {
        let keys = |written: &str| Vanity::parse(written).map(|vanity| vanity.keys().to_vec());
        assert_eq!(keys("1-800-FLOWERS"), Ok(b"18003569377".to_vec()));
        assert_eq!(keys("+1 (888) Lutron1"), Ok(b"18885887661".to_vec()));
        assert_eq!(keys("CALL-212-555"), Err(VanityError::LettersFirst));
        assert_eq!(keys("1-800-356-9377"), Err(VanityError::NoLetters));
        assert_eq!(keys("1-800-GO"), Err(VanityError::Length(6)));
        assert_eq!(keys("1-800-FLÖWERS"), Err(VanityError::Stranger('Ö')));
    }
}
