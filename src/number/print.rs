//! How a country prints a number so short that other figures have its digits, too: `13 12 21`.
//!
//! Owns the groups of such a number, and what stands between them.

use smallvec::SmallVec;

use super::candidate::Candidate;
use super::phone::PhoneNumber;
use super::unit::Joint;

/// National numbers shorter than this are only looked for as their country prints them, or with a prefix.
const FEWEST_DIGITS: usize = 7;

/// The groups of a short number.
#[derive(Debug)]
pub(super) struct Print {
    /// Digits of each group.
    groups: SmallVec<[usize; 4]>,
    joint: Option<Joint>,
}

impl Print {
    /// None for numbers long enough to be known however their digits are parted.
    pub fn of(number: &PhoneNumber) -> Option<Self> {
        if number.national_digits().len() >= FEWEST_DIGITS {
            return None;
        }
        let groups = number.national_format().split(|c: char| !c.is_ascii_digit()).filter(|g| !g.is_empty());
        let joint = number.national_format().chars().find_map(|c| match c {
            ' ' => Some(Joint::Blank),
            '.' => Some(Joint::Dot),
            '-' => Some(Joint::Dash),
            _ => None,
        });
        Some(Print { groups: groups.map(str::len).collect(), joint })
    }
}

impl Candidate<'_> {
    /// Whether these groups are those of the print.
    pub fn is_printed(&self, print: &Print, from: usize, to: usize) -> bool {
        (from..=to).map(|group| self.digits(group, group).len()).eq(print.groups.iter().copied())
    }

    /// Whether they are parted as there, too.
    pub fn is_joined(&self, print: &Print, from: usize, to: usize) -> bool {
        self.is_printed(print, from, to) && (from..to).all(|group| self.joint(group) == print.joint)
    }
}
