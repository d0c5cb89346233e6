//! How a page's bytes mean characters, for as much of it as numbers need.
//!
//! Owns the decoding of one character at a byte position. A charset in which the bytes of markup may be something else
//! can't be represented: [`Charset::of`] gives none for it, and its pages pass untouched.

use std::ops::Range;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};

use super::multibyte::MultiByte;

/// A charset that numbers can be found in.
#[derive(Clone, Debug)]
pub enum Charset {
    Utf8,
    /// One byte, one character: what the bytes from 0x80 mean.
    SingleByte(Arc<[char; 128]>),
    /// A character is one to four bytes, and only the first is sure not to look like another.
    MultiByte(MultiByte),
}

/// What stands at a byte position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// A character, and its length in bytes.
    Char(char, u8),
    /// The bytes end inside a character.
    Incomplete,
    /// So many bytes that are no character in this charset.
    Invalid(u8),
}

impl Charset {
    /// The charset for an encoding of the WHATWG Encoding Standard; none for UTF-16, ISO-2022-JP and `replacement`.
    pub fn of(encoding: &'static Encoding) -> Option<Self> {
        if encoding == UTF_8 {
            return Some(Charset::Utf8);
        }
        if !encoding.is_ascii_compatible() || !encoding.is_single_byte() {
            return MultiByte::of(encoding).map(Charset::MultiByte);
        }
        let mut high = ['\u{fffd}'; 128];
        for (index, slot) in high.iter_mut().enumerate() {
            let byte = [index as u8 | 0x80];
            if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(&byte) {
                *slot = text.chars().next().unwrap_or('\u{fffd}');
            }
        }
        Some(Charset::SingleByte(Arc::new(high)))
    }

    /// The character at the start of `bytes`, which are not empty.
    pub(super) fn decode(&self, bytes: &[u8]) -> Decoded {
        let first = bytes[0];
        if first < 0x80 {
            return Decoded::Char(first as char, 1);
        }
        match self {
            Charset::SingleByte(high) => match high[usize::from(first & 0x7f)] {
                '\u{fffd}' => Decoded::Invalid(1),
                c => Decoded::Char(c, 1),
            },
            Charset::Utf8 => decode_utf8(bytes),
            Charset::MultiByte(charset) => charset.decode(bytes),
        }
    }

    /// Whether it must be known where a text begins to tell its characters apart.
    pub fn is_multi_byte(&self) -> bool {
        matches!(self, Charset::MultiByte(_))
    }

    /// The first byte of the text, which begins with a whole character, that a number may begin with. What comes before it
    /// needs no look.
    pub fn beginning(&self, text: &[u8]) -> Option<usize> {
        match self {
            Charset::Utf8 => beginning(text, &IN_UTF8, from_ascii_or_lead, begins_in_utf8),
            Charset::SingleByte(_) => beginning(text, &IN_ASCII, from_ascii, |_| true),
            Charset::MultiByte(charset) => {
                charset.beginning(text, |byte| IN_ASCII[usize::from(byte)], begins)
            }
        }
    }

    /// The last characters of the text, which holds whole ones, and of those `before` it. Those that are not ASCII count as U+FFFD
    /// or as themselves.
    pub(super) fn last_of<const N: usize>(&self, text: &[u8], mut before: [char; N]) -> [char; N] {
        match self {
            Charset::MultiByte(charset) => charset.last_of(text, before),
            _ => {
                for byte in &text[text.len().saturating_sub(N)..] {
                    before.rotate_left(1);
                    before[N - 1] = if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' };
                }
                before
            }
        }
    }
}

/// Bytes that are looked at at once: compilers make a few instructions of each block.
const BLOCK: usize = 16;

/// The first place that `begins` accepts; only where some byte is `likely` to be one is each looked at. `distance` is 0 for the
/// same bytes.
#[inline]
fn beginning(
    text: &[u8],
    likely: &[bool; 256],
    distance: impl Fn(u8) -> u8,
    begins: impl Fn(&[u8]) -> bool,
) -> Option<usize> {
    // Most texts between tags are a line's end or a word.
    if text.len() < BLOCK / 2 {
        let is_dull = !text.iter().any(|byte| likely[usize::from(*byte)]);
        return if is_dull { None } else { first(text, 0..text.len(), likely, &begins) };
    }
    beginning_in_blocks(text, &distance, |places| first(text, places, likely, &begins))
}

#[inline]
fn first(
    text: &[u8],
    places: Range<usize>,
    likely: &[bool; 256],
    begins: impl Fn(&[u8]) -> bool,
) -> Option<usize> {
    for at in places {
        if likely[usize::from(text[at])] && begins(&text[at..]) {
            return Some(at);
        }
    }
    None
}

#[inline(never)]
fn beginning_in_blocks(
    text: &[u8],
    distance: impl Fn(u8) -> u8,
    first: impl Fn(Range<usize>) -> Option<usize>,
) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        at += dull::<{ 4 * BLOCK }>(&text[at..], &distance);
        at += dull::<BLOCK>(&text[at..], &distance);
        if text.len() - at < BLOCK && is_end_dull(text, at, &distance) {
            return None;
        }
        let close = at..text.len().min(at + BLOCK);
        at = close.end;
        if let Some(place) = first(close) {
            return Some(place);
        }
    }
    None
}

/// Whether nothing is likely in what the blocks leave. Some bytes are looked at twice, rather than these one by one.
fn is_end_dull(text: &[u8], at: usize, distance: impl Fn(u8) -> u8) -> bool {
    const HALF: usize = BLOCK / 2;
    if let Some(last) = text.last_chunk::<BLOCK>() {
        return is_dull(last, distance);
    }
    let rest = &text[at..];
    let Some((front, back)) = rest.first_chunk::<HALF>().zip(rest.last_chunk::<HALF>()) else {
        return false;
    };
    let mut both = [0; BLOCK];
    both[..HALF].copy_from_slice(front);
    both[HALF..].copy_from_slice(back);
    is_dull(&both, distance)
}

/// Bytes in front in which nothing is likely, in whole blocks.
fn dull<const SIZE: usize>(text: &[u8], distance: impl Fn(u8) -> u8) -> usize {
    let (blocks, _) = text.as_chunks::<SIZE>();
    SIZE * blocks.iter().take_while(|block| is_dull(block, &distance)).count()
}

fn is_dull<const SIZE: usize>(block: &[u8; SIZE], distance: impl Fn(u8) -> u8) -> bool {
    block.iter().fold(u8::MAX, |nearest, byte| least(nearest, distance(*byte))) > 0
}

/// How far a byte is from those that a number begins with in every charset: a digit, a plus, a parenthesis, a character
/// reference. Of a distance compilers make a quarter of the instructions that they make of comparisons.
const fn from_ascii(byte: u8) -> u8 {
    let digit = byte.wrapping_sub(b'0').saturating_sub(9);
    least(least(digit, byte ^ b'&'), least(byte ^ b'(', byte ^ b'+'))
}

/// In UTF-8, the digits of other scripts begin with four more: 0xd9 and 0xdb, 0xe0, 0xef.
const fn from_ascii_or_lead(byte: u8) -> u8 {
    let lead = least((byte | 2) ^ 0xdb, least(byte ^ 0xe0, byte ^ 0xef));
    least(from_ascii(byte), lead)
}

const fn least(one: u8, other: u8) -> u8 {
    if one < other { one } else { other }
}

/// Whether a byte is one of them.
static IN_ASCII: [bool; 256] = likely(false);
static IN_UTF8: [bool; 256] = likely(true);

const fn likely(is_utf8: bool) -> [bool; 256] {
    let mut likely = [false; 256];
    let mut byte = 0;
    while byte < likely.len() {
        let distance = if is_utf8 { from_ascii_or_lead(byte as u8) } else { from_ascii(byte as u8) };
        likely[byte] = distance == 0;
        byte += 1;
    }
    likely
}

/// Whether a number may begin with this likely byte: of what begins so, only digits, plus and parenthesis of the scripts
/// Arabic-Indic, Extended Arabic-Indic, Devanagari, Bengali and fullwidth matter, and no ampersand. What is cut off may be
/// one.
fn begins_in_utf8(text: &[u8]) -> bool {
    match *text {
        [b'&', b'a', b'm', ..] => false,
        [0xd9, next, ..] => matches!(next, 0xa0..=0xa9),
        [0xdb, next, ..] => matches!(next, 0xb0..=0xb9),
        [0xe0, next, last, ..] => matches!(next, 0xa5 | 0xa7) && matches!(last, 0xa6..=0xaf),
        [0xef, next, last, ..] => next == 0xbc && matches!(last, 0x88 | 0x8b | 0x90..=0x99),
        _ => true,
    }
}

/// The same of a character that is not ASCII.
fn begins(c: char) -> bool {
    matches!(c, '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' | '\u{966}'..='\u{96f}' | '\u{9e6}'..='\u{9ef}'
        | '\u{ff10}'..='\u{ff19}' | '\u{ff08}' | '\u{ff0b}')
}

fn decode_utf8(bytes: &[u8]) -> Decoded {
    let len = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Decoded::Invalid(1),
    };
    let window = &bytes[..len.min(bytes.len())];
    match std::str::from_utf8(window) {
        Ok(text) => match text.chars().next() {
            Some(c) => Decoded::Char(c, len as u8),
            None => Decoded::Invalid(1),
        },
        Err(error) if error.error_len().is_none() => Decoded::Incomplete,
        Err(_) => Decoded::Invalid(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_in_which_markup_may_be_something_else_is_not_representable() {
        for label in ["utf-16le", "iso-2022-jp", "iso-2022-kr", "hz-gb-2312"] {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            assert!(Charset::of(encoding).is_none(), "{label}");
        }
        assert!(matches!(Charset::of(UTF_8), Some(Charset::Utf8)));
    }

    #[test]
    fn one_byte_is_a_no_break_space_in_windows_1252() {
        let charset = Charset::of(encoding_rs::WINDOWS_1252).unwrap();
        assert_eq!(charset.decode(b"\xa0"), Decoded::Char('\u{a0}', 1));
        assert_eq!(charset.decode(b"\x96"), Decoded::Char('\u{2013}', 1));
    }

    #[test]
    fn text_is_passed_over_up_to_what_a_number_may_begin_with() {
        let begins = |text: &str| Charset::Utf8.beginning(text.as_bytes());
        let dull = "नमस्ते, привет, مرحبا, Straße — 「東京」！ ".repeat(9);
        assert_eq!(begins(&dull), None);
        for written in ["2", "+1", "(2)", "&#50;", "٢", "۲", "२", "২", "２", "＋", "（"] {
            assert_eq!(begins(&format!("{dull}{written}{dull}2")), Some(dull.len()), "{written}");
        }
        let latin = Charset::of(encoding_rs::WINDOWS_1252).unwrap();
        assert_eq!(latin.beginning(b"\xef\xbc\x92 \xd9 2"), Some(6), "those bytes are letters here");
    }

    #[test]
    fn a_cut_character_is_incomplete_and_a_wrong_one_invalid() {
        assert_eq!(Charset::Utf8.decode(b"\xe2\x80"), Decoded::Incomplete);
        assert_eq!(Charset::Utf8.decode(b"\xe2\x80\x91"), Decoded::Char('\u{2011}', 3));
        assert_eq!(Charset::Utf8.decode(b"\xff"), Decoded::Invalid(1));
        assert_eq!(Charset::Utf8.decode(b"\xe2("), Decoded::Invalid(1));
    }
}
