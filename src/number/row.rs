//! A longer row of digits, of which a number is only a part: `01 22 12 34 56`, `DE12 6123 4567 8901 2345 67`.
//!
//! Owns what stands a blank before a number and a blank behind it, as far as it is digits.

use super::candidate::Candidate;
use super::matcher::{Form, Matcher};
use super::unit::Joint;

/// Numbers of no more digits than this are other figures' parts as often as not.
const MOST_DIGITS: usize = 8;

/// Digits of a group that two sides of a number have in common by more than chance.
const FEWEST_BETWEEN: usize = 3;

/// Digits of a group in a row: one of more is a number by itself, if not of ours.
const MOST_IN_ROW: usize = 6;

impl Candidate<'_> {
    /// Whether a number that shows neither code nor trunk prefix goes on with digits grouped like its own, or stands in one
    /// piece between two groups of one length. What is a number itself is no part of a row.
    pub fn is_in_row(&self, matcher: &Matcher, form: Form, from: usize, to: usize) -> bool {
        if form.lead > 0 || self.has_letters(from, to) {
            return false;
        }
        let of_row = |len: Option<usize>| len.filter(|len| *len <= MOST_IN_ROW);
        let before = of_row(self.len_before(from)).filter(|_| !self.behind_number);
        let behind = of_row(self.len_behind(matcher, to));
        let is_like = |len: Option<usize>, group: usize| len == Some(self.digits(group, group).len());
        let is_short = self.digits(from, to).len() <= MOST_DIGITS;
        let is_between = from == to && before == behind && before.is_some_and(|len| len >= FEWEST_BETWEEN);
        is_short && (is_like(before, from) || is_like(behind, to)) || is_between
    }

    /// Digits of the group a blank before this one.
    fn len_before(&self, group: usize) -> Option<usize> {
        if let Some(front) = group.checked_sub(1) {
            let cut = if front == 0 { self.forgotten } else { 0 };
            let is_row = self.letter(front).is_none() && self.joint(front) == Some(Joint::Blank);
            return is_row.then(|| self.digits(front, front).len() + cut);
        }
        let [text @ .., ' '] = &self.before[..] else { return None };
        let digits = text.iter().rev().take_while(|c| c.is_ascii_digit()).count();
        (self.groups[group].start == 0 && digits > 0).then_some(digits)
    }

    /// Digits of the group a blank behind this one, where no number begins.
    fn len_behind(&self, matcher: &Matcher, group: usize) -> Option<usize> {
        let next = group + 1;
        let is_row = next < self.groups.len()
            && self.letter(next).is_none()
            && self.joint(group) == Some(Joint::Blank);
        let begins = || {
            let mut groups = self.within(next, matcher.longest());
            groups.any(|to| self.form(matcher, next, to).is_some())
        };
        (is_row && !begins()).then(|| self.digits(next, next).len())
    }
}
