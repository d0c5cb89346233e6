//! The unit of matching: one character as a reader sees it, whatever bytes spell it.
//!
//! Owns the reading of raw bytes into units: plain characters, character references (HTML Standard §13.5) and,
//! in links, percent-encoded bytes (RFC 3986 §2.1). It doesn't know what a number looks like.

use super::charset::{Charset, Decoded};

/// What a character is to a telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Digit {
        value: u8,
        form: DigitForm,
    },
    Plus,
    Open,
    /// Joins groups of digits. A tight one, such as a hyphen, ties what it joins into one word.
    Separator {
        tight: bool,
    },
    /// Takes no room and means nothing: zero-width space, soft hyphen, direction marks.
    Transparent,
    /// The border of an inline element.
    Edge,
    /// Ends a number.
    Other(char),
}

/// How a digit is spelled, so that another can be spelled the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitForm {
    /// A character of the script with this zero.
    Char(char),
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
            b'&' => reference(bytes, last),
            b'%' if self.percent => percent(bytes, last),
            _ => match self.charset.decode(bytes) {
                Decoded::Char(c, len) => Next::Unit(classify(c, DigitForm::Char), len),
                Decoded::Incomplete if last => Next::Unit(Class::Other('\u{fffd}'), 1),
                Decoded::Incomplete => Next::Incomplete,
                Decoded::Invalid => Next::Unit(Class::Other('\u{fffd}'), 1),
            },
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
        | '/'
        | ')'
        | '\u{a0}'
        | '\u{2000}'..='\u{200a}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{3000}'
        | '\u{ff09}'
        | '\u{ff0f}' => Class::Separator { tight: false },
        '-'
        | '.'
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
        | '\u{ff0e}'
        | '\u{ff5e}' => Class::Separator { tight: true },
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
fn reference(bytes: &[u8], last: bool) -> Next {
    let window = &bytes[1..bytes.len().min(LONGEST_REFERENCE)];
    let body = window.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'#').count();
    let ended = window.get(body);
    if ended.is_none() && !last && bytes.len() < LONGEST_REFERENCE {
        return Next::Incomplete;
    }
    let semicolon = ended == Some(&b';');
    let len = 1 + body + usize::from(semicolon);
    match numeric(&window[..body], semicolon).or_else(|| named(&window[..body], semicolon)) {
        Some(class) => Next::Unit(class, len),
        None => Next::Unit(Class::Other('&'), 1),
    }
}

fn numeric(body: &[u8], semicolon: bool) -> Option<Class> {
    let digits = body.strip_prefix(b"#")?;
    let hex = digits.first().is_some_and(|b| b.eq_ignore_ascii_case(&b'x'));
    let (digits, radix) = if hex { (&digits[1..], 16) } else { (digits, 10) };
    let code = u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()?;
    let c = char::from_u32(code)?;
    Some(classify(c, |zero| match hex {
        true => DigitForm::HexReference { zero, semicolon },
        false => DigitForm::DecimalReference { zero, semicolon },
    }))
}

fn named(name: &[u8], semicolon: bool) -> Option<Class> {
    let c = match name {
        b"nbsp" => '\u{a0}',
        b"shy" => '\u{ad}',
        b"middot" => '\u{b7}',
        _ if !semicolon => return None,
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
        _ => return None,
    };
    Some(classify(c, DigitForm::Char))
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
            assert_eq!(read(spelled, false), (Class::Separator { tight: true }, spelled.len()));
        }
        for spelled in ["\u{a0}", "&nbsp;", "&nbsp", "&#160;", "&#xA0"] {
            assert_eq!(read(spelled, false), (Class::Separator { tight: false }, spelled.len()));
        }
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
        assert_eq!(read("%20", true), (Class::Separator { tight: false }, 3));
        assert_eq!(read("%E2%80%8B", true), (Class::Transparent, 9));
        assert_eq!(read("%20", false), (Class::Other('%'), 1));
        assert_eq!(read("%zz", true), (Class::Other('%'), 1));
    }

    #[test]
    fn a_cut_reference_waits_for_the_rest() {
        let reader = Reader { charset: Charset::Utf8, percent: false };
        assert!(matches!(reader.next(b"&#82", false), Next::Incomplete));
        assert!(matches!(reader.next(b"&#82", true), Next::Unit(..)));
        assert!(matches!(reader.next(b"&nothingofthekindhere", false), Next::Unit(Class::Other('&'), 1)));
    }
}
