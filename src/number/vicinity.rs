//! What stands before a candidate, as far as it matters to what the candidate is.
//!
//! Owns the characters before it, the country's code further off, and the number that was read last. It takes note of what is
//! passed over; what follows from it is the candidate's to say.

use smallvec::SmallVec;

use super::candidate::digit;
use super::charset::Decoded;
use super::claim::Claim;
use super::unit::{Class, Joint, Reader, Unit};

/// Bytes before a text that matter to it. A number that goes on another's without its area code begins nearer than that.
pub const BEHIND: usize = 16;

/// Characters before a candidate that matter to it: a word such as `mobile`, a mark, and what parts the word from another.
pub(super) const BEFORE: usize = 8;

/// Bytes that hold those of them that are no ASCII, as far as they matter.
const LAST_CHARACTERS: usize = 16;

/// What stands before a candidate.
#[derive(Debug)]
pub(super) struct Vicinity {
    /// The characters before it.
    pub before: [char; BEFORE],
    /// The first bytes of the character that goes on behind those.
    partly: SmallVec<[u8; 4]>,
    /// What claims the candidate for another country, where it was forgotten.
    pub claim: Option<Claim>,
    /// Digits that stood directly before the candidate's first, and were forgotten.
    pub forgotten: usize,
    /// The line whose number was read last, and where it ended, if nothing but tags and separators were read since.
    pub beside: Option<(u16, usize)>,
}

impl Default for Vicinity {
    fn default() -> Self {
        Vicinity { before: [' '; BEFORE], partly: SmallVec::new(), claim: None, forgotten: 0, beside: None }
    }
}

impl Vicinity {
    /// Text in which no number begins is passed over. With `begins`, one may begin behind it.
    pub fn pass(&mut self, text: &[u8], begins: bool, reader: &Reader) {
        if (self.claim.is_some() || self.beside.is_some()) && !reader.units(text).all(Class::is_between) {
            (self.claim, self.beside) = (None, None);
        }
        if reader.charset.is_multi_byte() {
            self.before = reader.charset.last_of(text, self.before);
            return;
        }
        let near = &text[text.len().saturating_sub(LAST_CHARACTERS)..];
        if near.len() == LAST_CHARACTERS {
            self.partly.clear();
        }
        self.pass_bytes(near, reader, |byte| byte);
        if begins && !std::mem::take(&mut self.partly).is_empty() {
            self.pass_character('\u{fffd}');
        }
    }

    /// A character has been read that is in no candidate.
    pub fn pass_character(&mut self, c: char) {
        self.before.rotate_left(1);
        self.before[BEFORE - 1] = c;
    }

    /// A candidate has been read; `next` is the character behind it. `is_number`: it ends with one that was found.
    pub fn pass_candidate(&mut self, units: &[Unit], is_number: bool, next: char) {
        match units.last().map(|unit| unit.class) {
            Some(Class::Digit { .. }) if is_number => self.pass_character(')'),
            Some(Class::Digit { .. }) => self.pass_figure(units, next),
            Some(Class::Letter(c)) => self.pass_character(c),
            Some(Class::Plus) => self.pass_character('+'),
            Some(_) => self.pass_character(' '),
            None => {}
        }
        self.pass_character(next);
    }

    /// The last group of a candidate has been read, which a border, or a blank, hides. Before anything else a digit stands for it, and
    /// before a comma a dot for its decimals.
    fn pass_figure(&mut self, units: &[Unit], next: char) {
        let front = units.iter().rposition(|unit| digit(unit).is_none());
        let has_decimals = front.is_some_and(|at| {
            let is_dot = units[at].class == Class::Separator(Joint::Dot);
            is_dot && at.checked_sub(1).is_some_and(|at| digit(&units[at]).is_some())
        });
        if has_decimals && next == ',' {
            self.pass_character('.');
        }
        self.pass_character(if next == ' ' { ' ' } else { '0' });
    }

    /// A group of so many digits and a blank have been read: the candidate goes on with their row.
    pub fn pass_group(&mut self, digits: usize) {
        (0..digits.min(BEFORE)).for_each(|_| self.pass_character('0'));
        self.pass_character(' ');
    }

    /// A candidate's first units are forgotten, but for the digit behind them.
    pub fn forget_digits(&mut self, units: &[Unit]) {
        let digits =
            units.iter().rev().filter(|unit| unit.class != Class::Transparent).map_while(digit).count();
        let is_one_group = units.iter().all(|unit| digit(unit).is_some() || unit.class == Class::Transparent);
        self.forgotten = if is_one_group { self.forgotten + digits } else { digits };
    }

    /// An element's border has been passed.
    pub fn pass_border(&mut self) {
        self.before = [' '; BEFORE];
    }

    /// So has a block's, behind which nothing goes on.
    pub fn pass_block(&mut self) {
        (self.before, self.claim) = ([' '; BEFORE], None);
    }

    /// A text begins that nothing was read before of; these are the last bytes that were not read, [`BEHIND`] at most. A
    /// tag's end parts.
    pub fn begin_behind(&mut self, unread: &[u8], reader: &Reader) {
        let is_any = self.claim.is_some() || self.beside.is_some();
        if is_any && (unread.len() == BEHIND || !is_only_tags(unread, reader)) {
            (self.claim, self.beside) = (None, None);
        }
        self.pass_bytes(unread, reader, |byte| if byte == b'>' { b' ' } else { byte });
    }

    fn pass_bytes(&mut self, bytes: &[u8], reader: &Reader, reads: impl Fn(u8) -> u8) {
        match bytes.last_chunk::<BEFORE>() {
            Some(last) if last.is_ascii() => {
                self.partly.clear();
                self.before = last.map(|byte| char::from(reads(byte)));
            }
            _ => bytes.iter().for_each(|byte| self.pass_byte(reads(*byte), reader)),
        }
    }

    fn pass_byte(&mut self, byte: u8, reader: &Reader) {
        self.partly.push(byte);
        while !self.partly.is_empty() {
            let (c, len) = match reader.charset.decode(&self.partly) {
                Decoded::Incomplete => return,
                Decoded::Char(c, len) => (c, len),
                Decoded::Invalid(len) => ('\u{fffd}', len),
            };
            self.partly.drain(..usize::from(len));
            self.pass_character(c);
        }
    }
}

/// Whether this is tags, with no more than separators between and behind them.
fn is_only_tags(markup: &[u8], reader: &Reader) -> bool {
    let mut rest = markup;
    while let Some(start) = memchr::memchr(b'<', rest) {
        // Anything else behind an angle bracket makes it text (HTML Standard §13.2.5.6).
        let begins = matches!(rest.get(start + 1), Some(b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!' | b'?'));
        let Some(len) = memchr::memchr(b'>', &rest[start..]).filter(|_| begins) else { return false };
        if !reader.units(&rest[..start]).all(Class::is_between) {
            return false;
        }
        rest = &rest[start + len + 1..];
    }
    reader.units(rest).all(Class::is_between)
}
