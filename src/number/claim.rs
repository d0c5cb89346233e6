//! Another country's code before digits: `+44 212 555 0100`, `0044 212 555 0100`. What follows it is that country's number.
//!
//! Owns what begins such a code, and how far it reaches. Which number stands behind it doesn't matter here.

use smallvec::SmallVec;

use super::candidate::{Candidate, digit};
use super::matcher::Form;
use super::unit::{Class, Joint, Unit};
use super::vicinity::BEFORE;

/// Digits that a number has at least behind its plus (ITU-T E.164 leaves them to each country; none has fewer).
const FEWEST_BEHIND_PLUS: usize = 7;

/// A plus, or a prefix for dialling abroad, and how many digits were read behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    digits: usize,
    is_plus: bool,
}

impl Candidate<'_> {
    /// Whether the group goes on with a number behind a plus or prefix further in front, of which too little stands before it
    /// to be whole. Some countries dial abroad with longer prefixes (0011): behind those its own code makes it a number.
    pub fn is_claimed(&self, form: Form, from: usize) -> bool {
        claim(self.claim, &self.before, &self.units[..self.groups[from].start]).is_some_and(|claim| {
            (1..FEWEST_BEHIND_PLUS).contains(&claim.digits) && (claim.is_plus || !form.international)
        })
    }
}

/// What claims the digits behind these units. `former`: what claimed theirs.
pub(super) fn claim(former: Option<Claim>, before: &[char; BEFORE], units: &[Unit]) -> Option<Claim> {
    let mut claim = former;
    for (index, unit) in units.iter().enumerate() {
        if unit.class == Class::Plus {
            claim = Some(Claim { digits: 0, is_plus: true });
        } else if let Some(value) = digit(unit) {
            // No country's code begins with a zero.
            let is_code = |claim: &Claim| claim.is_plus || claim.digits > 0 || value > 0;
            claim = claim.filter(is_code).map(|claim| Claim { digits: claim.digits + 1, ..claim });
        }
        if matches!(digit(unit), Some(0 | 1)) && ends_prefix(before, &units[..=index]) {
            claim = Some(Claim { digits: 0, is_plus: false });
        }
    }
    claim
}

/// Whether 00 or 011 ends here, with which most countries and North America dial abroad. Behind other digits it is no prefix
/// but a further group of theirs, as in `020 7946 0012`.
fn ends_prefix(before: &[char; BEFORE], read: &[Unit]) -> bool {
    let prefix = match read.iter().rev().map_while(digit).take(4).collect::<SmallVec<[u8; 4]>>()[..] {
        [0, 0] => 2,
        [1, 1, 0] => 3,
        _ => return false,
    };
    let is_blank = |class| matches!(class, Class::Separator(Joint::Blank) | Class::Transparent | Class::Edge);
    let mut front = read[..read.len() - prefix].iter().rev().map(|unit| unit.class);
    match front.find(|class| !is_blank(*class)) {
        Some(class) => matches!(class, Class::Open | Class::Plus | Class::Separator(Joint::Slash)),
        None => begins_row(before),
    }
}

/// Whether digits behind this text are the first of their row.
fn begins_row(before: &[char; BEFORE]) -> bool {
    let mut front = before.iter().rev().skip_while(|c| c.is_whitespace());
    let is_of_row = |c: &char| c.is_ascii_digit() || *c == ')';
    match front.next() {
        Some(':' | '.' | ',' | '-') if !before[BEFORE - 1].is_whitespace() => {
            !front.next().is_some_and(is_of_row)
        }
        c => !c.is_some_and(is_of_row),
    }
}
