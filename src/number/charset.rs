//! How a page's bytes mean characters, for as much of it as numbers need.
//!
//! Owns the decoding of one character at a byte position. A charset in which an ASCII byte may not be an ASCII
//! character can't be represented: [`Charset::of`] gives none for it, and its pages pass untouched.

use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};

/// A charset that numbers can be found in.
#[derive(Clone, Debug)]
pub enum Charset {
    Utf8,
    /// One byte, one character: what the bytes from 0x80 mean.
    SingleByte(Arc<[char; 128]>),
}

/// What stands at a byte position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// A character, and its length in bytes.
    Char(char, usize),
    /// The bytes end inside a character.
    Incomplete,
    /// One byte that is no character in this charset.
    Invalid,
}

impl Charset {
    /// The charset for an encoding of the WHATWG Encoding Standard; none where numbers can't be read in it yet.
    pub fn of(encoding: &'static Encoding) -> Option<Self> {
        if encoding == UTF_8 {
            return Some(Charset::Utf8);
        }
        if !encoding.is_ascii_compatible() || !encoding.is_single_byte() {
            return None;
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
                '\u{fffd}' => Decoded::Invalid,
                c => Decoded::Char(c, 1),
            },
            Charset::Utf8 => decode_utf8(bytes),
        }
    }

    /// Whether a byte may begin a number: anything else is passed over without a look.
    pub(super) fn may_begin_number(&self, byte: u8) -> bool {
        match byte {
            b'0'..=b'9' | b'+' | b'(' | b'&' => true,
            // Arabic-Indic, Devanagari and fullwidth digits begin with these bytes.
            0xd9 | 0xdb | 0xe0 | 0xef => matches!(self, Charset::Utf8),
            _ => false,
        }
    }
}

fn decode_utf8(bytes: &[u8]) -> Decoded {
    let len = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Decoded::Invalid,
    };
    let window = &bytes[..len.min(bytes.len())];
    match std::str::from_utf8(window) {
        Ok(text) => match text.chars().next() {
            Some(c) => Decoded::Char(c, len),
            None => Decoded::Invalid,
        },
        Err(error) if error.error_len().is_none() => Decoded::Incomplete,
        Err(_) => Decoded::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_with_stray_ascii_bytes_is_not_representable() {
        for label in ["utf-16le", "iso-2022-jp", "shift_jis", "gb18030"] {
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
    fn a_cut_character_is_incomplete_and_a_wrong_one_invalid() {
        assert_eq!(Charset::Utf8.decode(b"\xe2\x80"), Decoded::Incomplete);
        assert_eq!(Charset::Utf8.decode(b"\xe2\x80\x91"), Decoded::Char('\u{2011}', 3));
        assert_eq!(Charset::Utf8.decode(b"\xff"), Decoded::Invalid);
        assert_eq!(Charset::Utf8.decode(b"\xe2("), Decoded::Invalid);
    }
}
