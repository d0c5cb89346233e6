//! What has a number's digits and is an amount of money: `$2125550100`, `NOK 22 123 456`, `22 123 456,-`.
//!
//! Owns the currencies that say so, before the digits or behind them, and how such digits are grouped.

use super::candidate::Candidate;
use super::unit::{Class, Joint, Unit};

/// Codes of currencies (ISO 4217) that prices are written with. Turkey's is a word, too.
const CODES: [&str; 29] = [
    "AED", "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR",
    "JPY", "KRW", "MXN", "NOK", "NZD", "PLN", "RON", "RUB", "SAR", "SEK", "SGD", "THB", "USD", "ZAR",
];

/// What currencies are called beside an amount, where that is no code.
const WORDS: [&str; 10] = ["kr", "Kr", "KR", "kroner", "kronor", "Rs", "zł", "Kč", "Ft", "lei"];

/// What stands behind an amount without hundredths, and each digit a zero, behind one with them.
const ENDINGS: [&str; 2] = [",-", ",00"];

impl Candidate<'_> {
    /// A currency sign before or behind, with a blank between at most; a currency's code or a word for one, with a blank; hundredths,
    /// or a dash for them, behind a comma. But by a sign, only digits in one piece or in thousands are an amount: `CAD 212-555-0100`
    /// is Canada's number.
    pub fn is_amount(&self, from: usize, to: usize, next: Option<char>) -> bool {
        let is_plain = || from == to || self.is_in_thousands(from, to);
        let is_beside_word = || self.is_amount && self.ends_candidate(to) || self.is_behind_word(from);
        self.is_behind_sign(from)
            || self.is_before_sign(to, next) && (self.bare(from) || is_plain())
            || is_beside_word() && is_plain()
    }

    fn is_behind_sign(&self, from: usize) -> bool {
        let before = match self.before {
            [.., sign, ' ' | '\u{a0}' | '\u{202f}'] | [.., sign] => sign,
        };
        self.groups[from].start == 0 && is_currency(before)
    }

    fn is_before_sign(&self, to: usize, next: Option<char>) -> bool {
        self.ends_candidate(to) && next.is_some_and(is_currency)
    }

    /// Whether nothing but a blank is behind the group in the candidate.
    fn ends_candidate(&self, to: usize) -> bool {
        match self.units[self.groups[to].end..] {
            [] => true,
            [unit] => unit.class == Class::Separator(Joint::Blank),
            _ => false,
        }
    }

    fn is_behind_word(&self, from: usize) -> bool {
        let [text @ .., ' ' | '\u{a0}' | '\u{202f}'] = &self.before[..] else { return false };
        let text = text.strip_suffix(&['.']).unwrap_or(text);
        let start = text.iter().rposition(|c| !c.is_alphanumeric()).map_or(0, |place| place + 1);
        let word = || text[start..].iter().copied();
        let is_word = || CODES.iter().chain(&WORDS).any(|known| known.chars().eq(word()));
        self.groups[from].start == 0 && start > 0 && is_word()
    }

    /// Whether the groups are thousands: one to three digits, then three by three, parted all the same.
    fn is_in_thousands(&self, from: usize, to: usize) -> bool {
        let len = |group: usize| self.digits(group, group).len();
        let joint = self.joint(from).filter(|joint| matches!(joint, Joint::Blank | Joint::Dot));
        len(from) <= 3
            && joint.is_some()
            && (from..to).all(|group| self.joint(group) == joint && len(group + 1) == 3)
    }
}

/// Whether `class` goes on with what stands behind an amount. `tail`: what has come of it.
pub(super) fn may_end_amount(tail: &[Unit], class: Class) -> bool {
    let Some(c) = plain(class) else { return false };
    let so_far: String = tail.iter().filter_map(|unit| plain(unit.class)).chain([c]).collect();
    ends().any(|end| end.starts_with(&so_far))
}

/// Whether that is whole, with `next` behind it.
pub(super) fn ends_amount(tail: &[Unit], next: Class) -> bool {
    let tail: String = tail.iter().filter_map(|unit| plain(unit.class)).collect();
    ends().any(|end| end == tail) && !plain(next).is_some_and(char::is_alphanumeric)
}

/// What makes an amount of digits in front of it.
fn ends() -> impl Iterator<Item = &'static str> {
    ENDINGS.iter().chain(&CODES).chain(&WORDS).copied()
}

/// A character, digits as zeros and dashes as hyphens; none for what separates otherwise.
fn plain(class: Class) -> Option<char> {
    match class {
        Class::Digit { .. } => Some('0'),
        Class::Separator(Joint::Dash) => Some('-'),
        Class::Other(c) | Class::Letter(c) => Some(c),
        _ => None,
    }
}

/// Currency signs that stand beside amounts (Unicode general category Sc).
fn is_currency(c: char) -> bool {
    matches!(c, '$' | '\u{a2}'..='\u{a5}' | '\u{e3f}' | '\u{20a0}'..='\u{20cf}' | '\u{ff04}' | '\u{ffe0}' | '\u{ffe1}' | '\u{ffe5}' | '\u{ffe6}')
}
