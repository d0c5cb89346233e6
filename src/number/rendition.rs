//! A number as one place of a page writes it, and the writing of another number in the same form.

use bytes::Bytes;
use smallvec::SmallVec;

use super::link::LinkScheme;
use super::phone::PhoneNumber;
use super::spelling::Spelling;
use super::unit::DigitForm;

/// One place where a page writes a number: the page's own bytes, and where in them its digits stand.
///
/// A number that runs over several tags is several renditions, each with its own share of the digits.
#[derive(Clone, Debug)]
pub struct Rendition {
    pub(super) raw: Bytes,
    pub(super) places: SmallVec<[Place; 12]>,
    /// How many of the number's digits stand before this rendition.
    pub(super) before: u8,
    /// How many digits the page writes before the national significant number: country code, trunk prefix.
    pub(super) lead: u8,
    /// Whether those digits name the country.
    pub(super) international: bool,
    pub(super) spelling: Spelling,
    /// It stands in an attribute without quotes, which a blank would end.
    pub(super) unquoted: bool,
    /// The link that it stands in.
    pub(super) link: Option<LinkScheme>,
}

/// Where a digit stands in a rendition's bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub at: u16,
    pub len: u8,
    pub form: DigitForm,
}

impl Rendition {
    /// The page's own bytes.
    pub fn as_written(&self) -> &Bytes {
        &self.raw
    }

    /// How the page writes the number here, in words.
    pub fn manner(&self) -> &'static str {
        match (self.before, self.spelling, self.lead) {
            (1.., ..) => "a further part of the line's number, which runs through tags",
            (0, Spelling::WithoutAreaCode(_), _) => "the line's number without its area code",
            (0, Spelling::Letters, _) => "the line's number in letters",
            (0, Spelling::Digits | Spelling::Mobile(_), 0) => "the line's national number",
            (0, _, 1..) => "the line's number with its country code or trunk prefix",
        }
    }

    /// Whether it goes on with a number that began in the rendition before it.
    pub fn goes_on(&self) -> bool {
        self.before > 0
    }

    /// The same rendition of bytes that read the same.
    pub fn of_same_bytes(self, raw: Bytes) -> Self {
        debug_assert_eq!(self.raw, raw);
        Rendition { raw, ..self }
    }

    /// Whether the number stands here from its first digit to its last.
    pub fn is_whole(&self, canonical: &PhoneNumber) -> bool {
        let digits = usize::from(self.lead) + canonical.national_digits().len();
        self.before == 0 && self.places.len() >= digits
    }

    /// Writes `shown` to `out` as the page writes `canonical` here: digit for digit where lengths and country
    /// agree, otherwise, and for letters, in a format of the shown number's own country (E.164 in a link, RFC 3966
    /// §5.1.4). A number without area code stays where digits don't agree.
    pub fn write(&self, canonical: &PhoneNumber, shown: &PhoneNumber, out: &mut Vec<u8>) {
        let same_country = canonical.country_code() == shown.country_code();
        if shown.has_form_of(canonical) && self.keeps_form(canonical, shown) {
            return self.write_digits(
                canonical.national_digits().as_bytes(),
                shown.national_digits().as_bytes(),
                out,
            );
        }
        if matches!(self.spelling, Spelling::WithoutAreaCode(_)) {
            return out.extend_from_slice(&self.raw);
        }
        if self.before > 0 {
            return; // the first rendition of the split number has it all
        }
        let format = match self.link {
            Some(LinkScheme::WhatsApp) => &shown.e164()[1..],
            Some(_) => shown.e164(),
            None if self.international && self.spelling != Spelling::Letters || !same_country => {
                shown.international_format()
            }
            None => shown.national_format(),
        };
        // What is opened here and closed behind the number is no part of its form.
        let has = |bracket: &str| memchr::memmem::find(&self.raw, bracket.as_bytes()).is_some();
        let opened = BRACKETS.iter().find(|(open, _)| self.raw.starts_with(open.as_bytes()));
        if let Some((open, _)) = opened.filter(|(_, close)| !has(close)) {
            out.extend_from_slice(open.as_bytes());
        }
        match self.unquoted {
            true => out.extend_from_slice(format.replace(' ', "&#32;").as_bytes()),
            false => out.extend_from_slice(format.as_bytes()),
        }
    }

    /// Whether the shown number's digits can stand where the canonical ones do: the token of a mobile is at the same place in both.
    fn keeps_form(&self, canonical: &PhoneNumber, shown: &PhoneNumber) -> bool {
        match self.spelling {
            Spelling::Digits | Spelling::WithoutAreaCode(_) => true,
            Spelling::Mobile(_) => canonical.area_before_token() == shown.area_before_token(),
            Spelling::Letters => false,
        }
    }

    fn write_digits(&self, own: &[u8], national: &[u8], out: &mut Vec<u8>) {
        let base = out.len();
        out.extend_from_slice(&self.raw);
        for (index, place) in self.places.iter().enumerate() {
            let digit = self.digit(index, own, national);
            match (place.form, digit) {
                (_, None) => {}
                (DigitForm::Char('0'), Some(digit)) => out[base + usize::from(place.at)] = digit,
                _ => {
                    out.truncate(base);
                    return self.spell_digits(own, national, out);
                }
            }
        }
    }

    fn spell_digits(&self, own: &[u8], national: &[u8], out: &mut Vec<u8>) {
        let mut copied = 0;
        for (index, place) in self.places.iter().enumerate() {
            let Some(digit) = self.digit(index, own, national) else { continue };
            let at = usize::from(place.at);
            out.extend_from_slice(&self.raw[copied..at]);
            spell(digit - b'0', place.form, out);
            copied = at + usize::from(place.len);
        }
        out.extend_from_slice(&self.raw[copied..]);
    }

    /// The new digit at a place; none where the page's own stays.
    fn digit(&self, index: usize, own: &[u8], national: &[u8]) -> Option<u8> {
        let place = (usize::from(self.before) + index).checked_sub(usize::from(self.lead))?;
        let position = self.spelling.digit_at(place)?;
        national.get(position).copied().filter(|digit| own.get(position) != Some(digit))
    }
}

/// How pages write the brackets around an area code, or around a number.
const BRACKETS: [(&str, &str); 4] =
    [("(", ")"), ("\u{ff08}", "\u{ff09}"), ("&lpar;", "&rpar;"), ("&#40;", "&#41;")];

fn spell(value: u8, form: DigitForm, out: &mut Vec<u8>) {
    let digit = |zero: char| zero as u32 + u32::from(value);
    let char = |zero: char| char::from_u32(digit(zero)).unwrap_or('0');
    let end = |semicolon| if semicolon { ";" } else { "" };
    match form {
        DigitForm::Char(zero) => out.extend_from_slice(char(zero).encode_utf8(&mut [0; 4]).as_bytes()),
        DigitForm::Bytes(zero, charset) => charset.write(char(zero), out),
        DigitForm::DecimalReference { zero, semicolon } => {
            out.extend_from_slice(format!("&#{}{}", digit(zero), end(semicolon)).as_bytes());
        }
        DigitForm::HexReference { zero, semicolon } => {
            out.extend_from_slice(format!("&#x{:x}{}", digit(zero), end(semicolon)).as_bytes());
        }
        DigitForm::Percent => out.extend_from_slice(format!("%3{value}").as_bytes()),
    }
}
