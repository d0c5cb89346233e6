//! Charsets in which a character may be several bytes, the later of which may look like ASCII.
//!
//! Owns where a character ends in them, as browsers have it: encoding_rs is asked once for each two bytes, and for the few
//! characters that are longer. Their ASCII bytes below `0` are always characters of their own, those of markup among them.

use std::sync::OnceLock;

use encoding_rs::{BIG5, DecoderResult, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS};

use super::charset::Decoded;

/// A multi-byte charset (Encoding Standard §10 to §13), known by its place in [`ENCODINGS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultiByte(u8);

/// GBK is read as what GB18030 is read as (Encoding Standard §10.1.1).
static ENCODINGS: [&Encoding; 5] = [SHIFT_JIS, EUC_JP, EUC_KR, BIG5, GB18030];

static TABLES: [OnceLock<Table>; ENCODINGS.len()] = [const { OnceLock::new() }; ENCODINGS.len()];

/// Bytes of the longest character.
const LONGEST: usize = 4;

impl MultiByte {
    pub(super) fn of(encoding: &'static Encoding) -> Option<Self> {
        let read_as = if encoding == GBK { GB18030 } else { encoding };
        let place = ENCODINGS.iter().position(|known| *known == read_as)?;
        Some(MultiByte(place as u8))
    }

    fn encoding(self) -> &'static Encoding {
        ENCODINGS[usize::from(self.0)]
    }

    fn table(self) -> &'static Table {
        TABLES[usize::from(self.0)].get_or_init(|| Table::new(self.encoding()))
    }

    /// The character at the start of `bytes`, the first of which is not ASCII.
    #[inline(never)] // likewise below: other charsets' paths stay short
    pub(super) fn decode(self, bytes: &[u8]) -> Decoded {
        let (table, first) = (self.table(), usize::from(bytes[0] & 0x7f));
        match (table.firsts[first], bytes.get(1)) {
            (Decoded::Incomplete, Some(second)) => match table.pairs[first << 8 | usize::from(*second)] {
                Decoded::Incomplete => decode(self.encoding(), bytes),
                decoded => decoded,
            },
            (decoded, _) => decoded,
        }
    }

    /// The first place in the text, which begins with a whole character, at which ASCII is `likely` or another
    /// character `begins` a number. What is cut off may be one.
    #[inline(never)]
    pub(super) fn beginning(
        self,
        text: &[u8],
        likely: impl Fn(u8) -> bool,
        begins: impl Fn(char) -> bool,
    ) -> Option<usize> {
        let mut at = 0;
        loop {
            at += text[at..].iter().position(|byte| *byte >= 0x80 || likely(*byte))?;
            if text[at] < 0x80 {
                return Some(at);
            }
            match self.decode(&text[at..]) {
                Decoded::Char(c, len) if !begins(c) => at += usize::from(len),
                Decoded::Invalid(len) => at += usize::from(len),
                Decoded::Char(..) | Decoded::Incomplete => return Some(at),
            }
        }
    }

    /// The last characters of the text, which begins with a whole one, as far as they are in its last bytes or in one word with
    /// them, and those `before` it.
    #[inline(never)]
    pub(super) fn last_of<const N: usize>(self, text: &[u8], before: [char; N]) -> [char; N] {
        // From a byte on that is surely a character of its own, and not the last.
        let near = text.len().saturating_sub(N);
        let mut rest = &text[text[..near].iter().rposition(|byte| *byte < b'0').unwrap_or(0)..];
        let mut last_ones = before;
        while let [first, ..] = rest {
            let (c, len) = match *first {
                ascii @ ..0x80 => (ascii as char, 1),
                _ => match self.decode(rest) {
                    Decoded::Char(c, len) => (c, len),
                    Decoded::Invalid(len) => ('\u{fffd}', len),
                    Decoded::Incomplete => ('\u{fffd}', 1),
                },
            };
            last_ones.rotate_left(1);
            last_ones[N - 1] = c;
            rest = &rest[usize::from(len)..];
        }
        last_ones
    }

    /// Writes a character.
    pub(super) fn write(self, c: char, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.encoding().encode(c.encode_utf8(&mut [0; 4])).0);
    }
}

/// What the bytes mean; incomplete where more of them are needed to tell.
struct Table {
    /// By the first byte, less 0x80.
    firsts: [Decoded; 128],
    /// By the first two.
    pairs: Box<[Decoded]>,
}

impl Table {
    fn new(encoding: &'static Encoding) -> Self {
        let pair = |pair: u16| decode(encoding, &(pair | 0x8000).to_be_bytes());
        Table {
            firsts: std::array::from_fn(|first| decode(encoding, &[first as u8 | 0x80])),
            pairs: (0..0x8000).map(pair).collect(),
        }
    }
}

/// The character at the start of `bytes`, by the Encoding Standard's decoder. Where that puts bytes back after an error, they
/// are for the next character (§4.1).
fn decode(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (mut decoder, mut text) = (encoding.new_decoder_without_bom_handling(), [0; 16]);
    for (byte, len) in bytes.chunks(1).take(LONGEST).zip(1..) {
        let (result, _, written) = decoder.decode_to_utf8_without_replacement(byte, &mut text, false);
        if let DecoderResult::Malformed(len, _) = result {
            return Decoded::Invalid(len);
        }
        // Of the few that mean two characters in Big5, the first will do.
        if let Some(c) = std::str::from_utf8(&text[..written]).ok().and_then(|text| text.chars().next()) {
            return Decoded::Char(c, len);
        }
    }
    Decoded::Incomplete
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn charset(encoding: &'static Encoding) -> MultiByte {
        MultiByte::of(encoding).expect("it has several bytes a character")
    }

    /// The text as browsers have it, from the places where its characters are found to end.
    fn read(encoding: &'static Encoding, mut bytes: &[u8]) -> String {
        let mut text = String::new();
        while let [first, ..] = bytes {
            let decoded = match first {
                0x80.. => charset(encoding).decode(bytes),
                _ => Decoded::Char(*first as char, 1),
            };
            let (Decoded::Char(_, len) | Decoded::Invalid(len)) = decoded else { break };
            let (character, rest) = bytes.split_at(usize::from(len));
            match decoded {
                Decoded::Char(..) => text += &encoding.decode_without_bom_handling(character).0,
                _ => text.push('\u{fffd}'),
            }
            bytes = rest;
        }
        text
    }

    #[test]
    fn a_digit_may_be_part_of_a_character() {
        assert_eq!(charset(GB18030).decode(b"\x94\x39\xbc\x38010"), Decoded::Char('\u{1f382}', 4));
        assert_eq!(charset(GBK).decode(b"\x94\x39\xbc"), Decoded::Incomplete);
        assert_eq!(charset(GB18030).decode(b"\x94\x39A"), Decoded::Invalid(1));
        assert_eq!(charset(SHIFT_JIS).decode(b"\x822"), Decoded::Invalid(1));
    }

    #[test]
    fn the_last_two_characters_are_told_from_the_last_two_bytes() {
        let (written, _, _) = SHIFT_JIS.encode("電話：ソA-表");
        let two = |upto: usize| charset(SHIFT_JIS).last_of(&written[..upto], ['x', 'y']);
        assert_eq!(two(0), ['x', 'y']);
        assert_eq!(two(2), ['y', '電']);
        assert_eq!(two(6), ['話', '：']);
        assert_eq!(two(9), ['ソ', 'A']);
        assert_eq!(two(10), ['A', '-']);
        assert_eq!(two(12), ['-', '表']);
    }

    #[test]
    fn digits_are_written_as_the_charset_has_them() {
        for (encoding, written) in
            [(SHIFT_JIS, b"\x82\x51"), (EUC_JP, b"\xa3\xb2"), (EUC_KR, b"\xa3\xb2"), (BIG5, b"\xa2\xb1")]
        {
            let mut out = Vec::new();
            charset(encoding).write('２', &mut out);
            assert_eq!(out, written, "{encoding:?}");
            assert_eq!(charset(encoding).decode(&out), Decoded::Char('２', 2));
        }
        let mut arabic = Vec::new();
        charset(GBK).write('٢', &mut arabic);
        assert_eq!(charset(GBK).decode(&arabic), Decoded::Char('٢', 4));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Characters end where browsers have them end, whatever the bytes are.
        #[test]
        fn every_text_is_read_as_browsers_read_it(
            place in 0..ENCODINGS.len(),
            bytes in prop::collection::vec(prop_oneof![0x30..0x3au8, 0x40..0x7fu8, 0x80..=0xffu8], 0..40),
        ) {
            let encoding = ENCODINGS[place];
            // Letters of no charset's last bytes end what is cut off.
            let bytes = [&bytes[..], b"    "].concat();
            let text = encoding.decode_without_bom_handling(&bytes).0;
            prop_assert_eq!(read(encoding, &bytes), text);
        }
    }
}
