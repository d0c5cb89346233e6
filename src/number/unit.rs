//! The unit of matching: one character as a reader sees it, whatever bytes spell it.
//!
//! Owns the reading of raw bytes into units: plain characters, character references (HTML Standard §13.5) and,
//! in links, percent-encoded bytes (RFC 3986 §2.1). It doesn't know what a number looks like.

use super::charset::{Charset, Decoded};
use super::multibyte::MultiByte;

/// What a character is to a telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Digit {
        value: u8,
        form: DigitForm,
    },
    /// A letter behind digits that may spell a number's other digits.
    Letter(char),
    Plus,
    Open,
    /// Joins groups of digits.
    Separator(Joint),
    /// Takes no room and means nothing: zero-width space, soft hyphen, direction marks.
    Transparent,
    /// The border of an inline element.
    Edge,
    /// Ends a number.
    Other(char),
}

impl Class {
    pub fn begins_number(self) -> bool {
        matches!(self, Class::Digit { .. } | Class::Plus | Class::Open)
    }

    /// Whether it may stand between the groups of a number and means nothing by itself.
    pub fn is_between(self) -> bool {
        matches!(self, Class::Separator(_) | Class::Transparent | Class::Edge)
    }
}

/// How a separator joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// It parts words: a space, a closing parenthesis.
    Blank,
    /// It parts words, or a date's parts.
    Slash,
    /// It ties what it joins into one word, and so do the others.
    Dot,
    Dash,
}

impl Joint {
    pub fn parts_words(self) -> bool {
        matches!(self, Joint::Blank | Joint::Slash)
    }
}

/// How a digit is spelled, so that another can be spelled the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitForm {
    /// A character of the script with this zero, in UTF-8 where it is not ASCII.
    Char(char),
    /// The same in a charset that has it as several bytes.
    Bytes(char, MultiByte),
    /// `&#50;`, of the script with this zero.
    DecimalReference { zero: char, semicolon: bool },
    /// `&#x32;`, likewise.
    HexReference { zero: char, semicolon: bool },
    /// `%32`
    Percent,
}

/// A unit and where it stands, in bytes of the whole page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub class: Class,
    pub start: usize,
    pub len: u8,
}

impl Unit {
    pub fn end(&self) -> usize {
        self.start + usize::from(self.len)
    }
}

/// What the next bytes spell.
pub(super) enum Next {
    Unit(Class, usize),
    /// More bytes are needed to tell.
    Incomplete,
}

/// Character references are longest at `&NonBreakingSpace;`; a longer name means nothing here.
const LONGEST_REFERENCE: usize = 20;

/// Zeros of the scripts whose decimal digits pages write numbers in: ASCII, Arabic-Indic, Extended Arabic-Indic,
/// Devanagari, Bengali, fullwidth (Unicode general category Nd).
const ZEROS: [char; 6] = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{ff10}'];

/// Reads units out of text, or out of a link's value.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub charset: Charset,
    pub percent: bool,
}

impl Reader {
    /// The unit at the start of `bytes`, which are not empty. `last`: no bytes follow.
    pub fn next(&self, bytes: &[u8], last: bool) -> Next {
        match bytes[0] {
            b'0'..=b'9' => Next::Unit(ascii_digit(bytes[0]), 1),
            b'&' => reference(bytes, self.percent, last),
            b'%' if self.percent => percent(bytes, last),
            _ => match self.charset.decode(bytes) {
                Decoded::Char(c, len) => Next::Unit(classify(c, |zero| self.form(zero)), usize::from(len)),
                Decoded::Incomplete if last => Next::Unit(Class::Other('\u{fffd}'), 1),
                Decoded::Incomplete => Next::Incomplete,
                Decoded::Invalid(len) => Next::Unit(Class::Other('\u{fffd}'), usize::from(len)),
            },
        }
    }

    /// How the charset spells the digits of the script with this zero.
    fn form(&self, zero: char) -> DigitForm {
        match self.charset {
            Charset::MultiByte(charset) => DigitForm::Bytes(zero, charset),
            Charset::Utf8 | Charset::SingleByte(_) => DigitForm::Char(zero),
        }
    }
}

impl Reader {
    /// The first byte that a number may begin with.
    pub fn beginning(&self, text: &[u8]) -> Option<usize> {
        let encoded = if self.percent { memchr::memchr(b'%', text) } else { None };
        let plain = self.charset.beginning(&text[..encoded.unwrap_or(text.len())]);
        plain.or(encoded)
    }

    /// The units of a text that is whole.
    pub fn units<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Class> + 'a {
        let mut rest = text;
        std::iter::from_fn(move || {
            let Next::Unit(class, len) = self.next(rest.first().map(|_| rest)?, true) else { return None };
            rest = &rest[len..];
            Some(class)
        })
    }
}

fn ascii_digit(byte: u8) -> Class {
    Class::Digit { value: byte - b'0', form: DigitForm::Char('0') }
}

fn classify(c: char, form: impl Fn(char) -> DigitForm) -> Class {
    let value = |zero: char| (c as u32).wrapping_sub(zero as u32);
    if let Some(zero) = ZEROS.into_iter().find(|zero| value(*zero) < 10) {
        return Class::Digit { value: value(zero) as u8, form: form(zero) };
    }
    match c {
        '+' | '\u{ff0b}' => Class::Plus,
        '(' | '\u{ff08}' => Class::Open,
        ' '
        | '\t'
        | '\n'
        | '\r'
        | '\u{c}'
        | ')'
        | '\u{a0}'
        | '\u{2000}'..='\u{200a}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{3000}'
        | '\u{ff09}' => Class::Separator(Joint::Blank),
        '/' | '\u{ff0f}' => Class::Separator(Joint::Slash),
        '.' | '\u{ff0e}' => Class::Separator(Joint::Dot),
        '-'
        | '_'
        | '~'
        | '\u{b7}'
        | '\u{2010}'..='\u{2015}'
        | '\u{2022}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{30fb}'
        | '\u{30fc}'
        | '\u{fe63}'
        | '\u{ff0d}'
        | '\u{ff5e}' => Class::Separator(Joint::Dash),
        '\u{ad}'
        | '\u{34f}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => Class::Transparent,
        _ => Class::Other(c),
    }
}

/// A character reference. What isn't one is an ampersand.
fn reference(bytes: &[u8], in_attribute: bool, last: bool) -> Next {
    let window = &bytes[1..bytes.len().min(LONGEST_REFERENCE)];
    let body = window.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'#').count();
    let ended = window.get(body);
    if ended.is_none() && !last && bytes.len() < LONGEST_REFERENCE {
        return Next::Incomplete;
    }
    let meaning = match window.strip_prefix(b"#") {
        Some(digits) => numeric(digits).map(|(class, len)| (class, len + 1)),
        None => named(&window[..body], ended.copied(), in_attribute),
    };
    match meaning {
        Some((class, len)) => Next::Unit(class, 1 + len + usize::from(window.get(len) == Some(&b';'))),
        None => Next::Unit(Class::Other('&'), 1),
    }
}

/// What a numeric reference means, and its length from behind `&#` up to its semicolon.
pub(super) fn numeric(body: &[u8]) -> Option<(Class, usize)> {
    let hex = body.first().is_some_and(|b| b.eq_ignore_ascii_case(&b'x'));
    let (digits, radix) = if hex { (&body[1..], 16) } else { (body, 10) };
    let len = digits.iter().take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let code = u32::from_str_radix(std::str::from_utf8(&digits[..len]).ok()?, radix).ok()?;
    let c = match u8::try_from(code) {
        Ok(byte @ 0x80..=0x9f) => control(byte),
        _ => char::from_u32(code)?,
    };
    let len = usize::from(hex) + len;
    let semicolon = body.get(len) == Some(&b';');
    let class = classify(c, |zero| match hex {
        true => DigitForm::HexReference { zero, semicolon },
        false => DigitForm::DecimalReference { zero, semicolon },
    });
    Some((class, len))
}

/// References to control characters mean what the byte means in windows-1252 (HTML Standard §13.2.5.80).
fn control(byte: u8) -> char {
    let text = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.into_owned();
    text.chars().next().unwrap_or('\u{fffd}')
}

/// References that need no semicolon, and mean themselves at the beginning of a longer name too (HTML Standard §13.2.5.73).
const WITHOUT_SEMICOLON: [(&str, char); 8] = [
    ("nbsp", '\u{a0}'),
    ("shy", '\u{ad}'),
    ("middot", '\u{b7}'),
    ("pound", '£'),
    ("yen", '¥'),
    ("cent", '¢'),
    ("curren", '¤'),
    ("deg", '°'),
];

/// What a named reference means, and its length up to its semicolon; `next` is the byte behind its name.
fn named(name: &[u8], next: Option<u8>, in_attribute: bool) -> Option<(Class, usize)> {
    let whole = if next == Some(b';') { named_whole(name) } else { None };
    let (c, len) = whole.map(|c| (c, name.len())).or_else(|| {
        let (word, c) = WITHOUT_SEMICOLON.iter().find(|(word, _)| name.starts_with(word.as_bytes()))?;
        let is_parameter = in_attribute && (word.len() < name.len() || next == Some(b'='));
        (!is_parameter).then_some((*c, word.len()))
    })?;
    Some((classify(c, DigitForm::Char), len))
}

fn named_whole(name: &[u8]) -> Option<char> {
    Some(match name {
        b"NonBreakingSpace" => '\u{a0}',
        b"Tab" => '\t',
        b"NewLine" => '\n',
        b"ensp" | b"emsp" | b"numsp" | b"puncsp" | b"thinsp" | b"ThinSpace" | b"hairsp"
        | b"VeryThinSpace" | b"emsp13" | b"emsp14" | b"MediumSpace" => '\u{2009}',
        b"hyphen" | b"dash" => '\u{2010}',
        b"ndash" => '\u{2013}',
        b"mdash" => '\u{2014}',
        b"horbar" => '\u{2015}',
        b"minus" => '\u{2212}',
        b"centerdot" | b"CenterDot" => '\u{b7}',
        b"bull" | b"bullet" => '\u{2022}',
        b"hybull" => '\u{2043}',
        b"period" => '.',
        b"lowbar" | b"UnderBar" => '_',
        b"sol" => '/',
        b"plus" => '+',
        b"lpar" => '(',
        b"rpar" => ')',
        b"zwj" | b"zwnj" | b"lrm" | b"rlm" | b"NoBreak" | b"ZeroWidthSpace" => '\u{200b}',
        b"dollar" => '$',
        b"euro" => '€',
        b"comma" => ',',
        _ => return None,
    })
}

/// A percent-encoded character, in UTF-8 as URLs are (URL Standard §1.3).
fn percent(bytes: &[u8], last: bool) -> Next {
    let mut decoded = [0u8; 4];
    let mut count = 0;
    while count < 4 {
        let at = 3 * count;
        let byte = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(hex_byte);
        let Some(byte) = byte else { break };
        decoded[count] = byte;
        count += 1;
        if let Ok(text) = std::str::from_utf8(&decoded[..count])
            && let Some(c) = text.chars().next()
        {
            return Next::Unit(classify(c, |_| DigitForm::Percent), 3 * count);
        }
    }
    match bytes.len() < 3 && !last {
        true => Next::Incomplete,
        false => Next::Unit(Class::Other('%'), 1),
    }
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    digits.iter().try_fold(0, |byte, digit| Some(byte << 4 | char::from(*digit).to_digit(16)? as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, percent: bool) -> (Class, usize) {
        let reader = Reader { charset: Charset::Utf8, percent };
        match reader.next(text.as_bytes(), true) {
            Next::Unit(class, len) => (class, len),
            Next::Incomplete => panic!("{text} is whole"),
        }
    }

    #[test]
    fn a_separator_is_one_however_it_is_spelled() {
        for spelled in ["\u{2011}", "&#8209;", "&#x2011;", "&hyphen;", "-"] {
            assert_eq!(read(spelled, false), (Class::Separator(Joint::Dash), spelled.len()));
        }
        for spelled in ["\u{a0}", "&nbsp;", "&nbsp", "&#160;", "&#xA0"] {
            assert_eq!(read(spelled, false), (Class::Separator(Joint::Blank), spelled.len()));
        }
    }

    #[test]
    fn a_reference_may_lack_its_semicolon() {
        let reader = |percent| Reader { charset: Charset::Utf8, percent };
        for (text, len) in [("&nbsp555", 5), ("&#xA0g", 5), ("&nbsp;5", 6)] {
            let first = reader(false).next(text.as_bytes(), true);
            assert!(matches!(first, Next::Unit(_, read) if read == len), "{text}");
        }
        assert!(matches!(read("&nbsp555", true), (Class::Other('&'), 1)), "a parameter of that name");
        assert_eq!(read("&#150;", false), (Class::Separator(Joint::Dash), 6));
        assert_eq!(read("&euro;", false), (Class::Other('€'), 6));
        assert_eq!(read("&centerdot;", false), (Class::Separator(Joint::Dash), 11));
    }

    #[test]
    fn digits_of_other_scripts_remember_their_zero() {
        let form = |zero| DigitForm::Char(zero);
        assert_eq!(read("\u{ff12}", false), (Class::Digit { value: 2, form: form('\u{ff10}') }, 3));
        assert_eq!(read("\u{669}", false), (Class::Digit { value: 9, form: form('\u{660}') }, 2));
        let form = DigitForm::HexReference { zero: '0', semicolon: true };
        assert_eq!(read("&#x32;", false), (Class::Digit { value: 2, form }, 6));
    }

    #[test]
    fn percent_signs_mean_something_in_links_only() {
        assert_eq!(read("%20", true), (Class::Separator(Joint::Blank), 3));
        assert_eq!(read("%E2%80%8B", true), (Class::Transparent, 9));
        assert_eq!(read("%20", false), (Class::Other('%'), 1));
        assert_eq!(read("%zz", true), (Class::Other('%'), 1));
        assert_eq!(read("%+9", true), (Class::Other('%'), 1));
    }

    #[test]
    fn a_cut_reference_waits_for_the_rest() {
        let reader = Reader { charset: Charset::Utf8, percent: false };
        assert!(matches!(reader.next(b"&#82", false), Next::Incomplete));
        assert!(matches!(reader.next(b"&#82", true), Next::Unit(..)));
        assert!(matches!(reader.next(b"&nothingofthekindhere", false), Next::Unit(Class::Other('&'), 1)));
    }
}
