//! What has a number's digits and is something else by the look of it: coordinates, moments, addresses of machines.
//!
//! Owns the shapes of such figures. It looks only at what a candidate and the characters around it show.

use super::candidate::Candidate;
use super::print::Print;
use super::unit::{Class, Joint};

/// Decimals that a coordinate has at least, as maps give them.
const FEWEST_DECIMALS: usize = 5;

/// Degrees of longitude.
const MOST_DEGREES: u64 = 180;

impl Candidate<'_> {
    /// Whether the groups from `from` to `to`, which spell a number, are a figure of another kind. `print`: how the number is
    /// printed, if it is short. `next` is the character behind the candidate.
    pub fn is_decoy(&self, print: Option<&Print>, from: usize, to: usize, next: Option<char>) -> bool {
        !self.has_plus(from)
            && (self.is_amount(from, to, next)
                || self.is_coordinate(from, to, next)
                || self.is_moment(print, from, to, next)
                || self.is_machine(from, to)
                || self.is_thousands(from, to))
    }

    /// Degrees with decimals, as in `21.25550100, -157.81234567`: what follows the first of a pair, or what stands before the
    /// second, tells them from a number.
    fn is_coordinate(&self, from: usize, to: usize, next: Option<char>) -> bool {
        if to != from + 1 || self.joint(from) != Some(Joint::Dot) {
            return false;
        }
        let (degrees, decimals) = (self.digits(from, from), self.digits(to, to));
        let is_plain = degrees[0] != b'0' || degrees.len() == 1;
        let is_first = self.groups[to].end == self.units.len() && matches!(next, Some(',' | ';' | '°'));
        let is_second = || decimals.len() >= FEWEST_DECIMALS && value(degrees) <= MOST_DEGREES;
        is_plain
            && (is_first && degrees.len() < 3
                || is_second() && (self.is_negative(from) || self.is_behind_decimal(from)))
    }

    /// Whether a minus sign stands directly before the group, and nothing that it would join it to.
    fn is_negative(&self, from: usize) -> bool {
        let mut front = self.in_front(from);
        let is_minus = matches!(front.next(), Some('-' | '\u{2212}'));
        is_minus && front.next().is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '.' | '/'))
    }

    /// Whether a figure with decimals and a comma stand before the group.
    fn is_behind_decimal(&self, from: usize) -> bool {
        let front = self.in_front(from).skip_while(|c| *c == ' ');
        front.take(3).eq([',', '0', '.'])
    }

    /// The characters in front of a group, the nearest first; digits are zeros.
    fn in_front(&self, group: usize) -> impl Iterator<Item = char> {
        let units = self.units[..self.groups[group].start].iter().rev();
        let units = units.filter(|unit| unit.class != Class::Transparent).map(|unit| match unit.class {
            Class::Digit { .. } | Class::Letter(_) => '0',
            Class::Separator(Joint::Dash) => '-',
            Class::Separator(Joint::Dot) => '.',
            Class::Separator(Joint::Slash) => '/',
            _ => ' ',
        });
        units.chain(self.before.iter().rev().copied())
    }

    /// A date, as in `2026-03-04` and `22.12.2023`, or the beginning of a date with a time, as in `2026-03-04 21:25`.
    /// What its country prints like a date is a number.
    fn is_moment(&self, print: Option<&Print>, from: usize, to: usize, next: Option<char>) -> bool {
        let lens: Vec<_> = (from..=to).map(|group| self.digits(group, group).len()).collect();
        let is_tied = || {
            let joint = self.joint(from);
            joint.is_some_and(|joint| joint != Joint::Blank) && joint == self.joint(from + 1)
        };
        match lens[..] {
            [_, _, _] => {
                let is_printed = || print.is_some_and(|print| self.is_joined(print, from, to));
                is_tied() && self.is_date(from) && !is_printed()
            }
            [4, 2, 2, 2] | [2, 2, 4, 2] => {
                is_tied() && self.joint(from + 2) == Some(Joint::Blank) && next == Some(':')
            }
            _ => false,
        }
    }

    /// Whether three groups are day, month and year, in one of the orders that some country writes them in.
    fn is_date(&self, from: usize) -> bool {
        let [a, b, c] = [0, 1, 2].map(|part| {
            let digits = self.digits(from + part, from + part);
            (digits.len(), value(digits))
        });
        let upto = |(len, value): (usize, u64), most: u64| len <= 2 && (1..=most).contains(&value);
        let is_year = |(len, value): (usize, u64)| len == 2 || len == 4 && (1900..2100).contains(&value);
        is_year(a) && upto(b, 12) && upto(c, 31)
            || is_year(c) && (upto(a, 31) && upto(b, 12) || upto(a, 12) && upto(b, 31))
    }

    /// An address of the Internet Protocol. What ends with two pairs is how Spain and others write a number.
    fn is_machine(&self, from: usize, to: usize) -> bool {
        let parts: Vec<_> = (from..=to).map(|group| self.digits(group, group)).collect();
        parts.len() == 4
            && (from..to).all(|group| self.joint(group) == Some(Joint::Dot))
            && parts.iter().all(|part| value(part) < 256 && (part.len() == 1 || part[0] != b'0'))
            && !(parts[2].len() == 2 && parts[3].len() == 2)
    }

    /// Thousands parted by dots, as in `2.125.550.100`.
    fn is_thousands(&self, from: usize, to: usize) -> bool {
        let len = |group: usize| self.digits(group, group).len();
        to > from + 1
            && len(from) == 1
            && (from..to).all(|group| self.joint(group) == Some(Joint::Dot) && len(group + 1) == 3)
    }

    /// The one separator between a group and the next.
    pub fn joint(&self, group: usize) -> Option<Joint> {
        match self.units[self.groups[group].end..self.groups[group + 1].start] {
            [unit] => match unit.class {
                Class::Separator(joint) => Some(joint),
                _ => None,
            },
            _ => None,
        }
    }
}

fn value(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |value: u64, digit| value.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}
