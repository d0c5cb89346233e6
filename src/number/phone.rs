//! A telephone number of the public network, as the configuration names it.
//!
//! Owns the parsing of what an operator wrote into E.164 and the two usual formats of a number. Refuses
//! whatever can't be a subscriber's number; it doesn't ask whether somebody answers there.

use std::fmt;
use std::str::FromStr;

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use phonenumber::{Metadata, Mode};

/// Digits that E.164 allows behind the plus sign (ITU-T E.164 §6: at most 15).
const E164_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A country of libphonenumber's metadata, by its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country(Id);

impl Country {
    /// The digits that are dialled before a national number inside the country: `0` in Germany, `1` in the
    /// United States, none in Singapore.
    pub fn trunk_prefix(self) -> Option<&'static str> {
        self.metadata().and_then(Metadata::national_prefix)
    }

    /// What numbers of the country begin with behind the plus sign: `1`, `49`, `971`.
    pub fn calling_code(self) -> u16 {
        self.metadata().map_or(0, Metadata::country_code)
    }

    fn metadata(self) -> Option<&'static Metadata> {
        DATABASE.by_id(self.0.as_ref())
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(code: &str) -> Result<Self, UnknownCountry> {
        let id = Id::from_str(code).map_err(|_| UnknownCountry)?;
        let country = Country(id);
        country.metadata().map(|_| country).ok_or(UnknownCountry)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref())
    }
}

/// The code names no country that numbers are known of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no country code of ISO 3166-1 alpha-2, such as US, GB or DE")]
pub struct UnknownCountry;

/// Whether a text is written as E.164 has numbers: a plus sign and 7 to 15 digits, of which the first is none of 0 (ITU-T E.164 §6).
pub fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    E164_DIGITS.contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number in E.164, with the two formats that it is shown in where a page's own form doesn't fit.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber {
    /// With the plus sign.
    e164: Box<str>,
    /// Length of the country calling code in `e164`, 1 to 3.
    code_len: u8,
    trunk: Option<&'static str>,
    national: Box<str>,
    international: Box<str>,
    length: Length,
}

/// How a number's length compares with those its country gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Length {
    Possible,
    /// A digit more or less than any number of the country.
    OffByOne,
    Impossible,
}

impl PhoneNumber {
    /// Reads a number written in E.164 (`+` and separators allowed), or nationally as in `country`.
    ///
    /// A length that no number of the country has is accepted here, see [`PhoneNumber::is_possible`].
    ///
    /// # Errors
    /// [`PhoneNumberError`] where the text isn't one number of 7 to 15 digits with a known country code.
    pub fn parse(written: &str, country: Country) -> Result<Self, PhoneNumberError> {
        if let Some(stranger) = written.chars().find(|c| !is_number_punctuation(*c)) {
            return Err(PhoneNumberError::Stranger(stranger));
        }
        let country = own_country(written).unwrap_or(country);
        let parsed =
            phonenumber::parse(Some(country.0), written.trim()).map_err(|_| PhoneNumberError::NotANumber)?;
        let code = parsed.country().code().to_string();
        let national_digits = parsed.national().to_string();
        let digits = code.len() + national_digits.len();
        if !E164_DIGITS.contains(&digits) {
            return Err(PhoneNumberError::Length(digits));
        }
        let metadata = parsed
            .country()
            .id()
            .and_then(|id| DATABASE.by_id(id.as_ref()))
            .or_else(|| Some(*DATABASE.by_code(&parsed.country().code())?.first()?))
            .ok_or(PhoneNumberError::UnknownCode)?;
        Ok(PhoneNumber {
            e164: format!("+{code}{national_digits}").into(),
            code_len: code.len() as u8,
            trunk: metadata.national_prefix(),
            national: parsed.format().mode(Mode::National).to_string().into(),
            international: parsed.format().mode(Mode::International).to_string().into(),
            length: length_in(metadata, national_digits.len()),
        })
    }

    /// `+12125550100`
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The country calling code's digits: `1`, `49`, `971`.
    pub fn country_code(&self) -> &str {
        &self.e164[1..=usize::from(self.code_len)]
    }

    /// The country that the number is of, where several share a calling code too; none for what no country gives out.
    pub fn country(&self) -> Option<Country> {
        phonenumber::parse(None, self.e164()).ok()?.country().id().map(Country)
    }

    /// The national significant number, without any trunk prefix: `2125550100`.
    pub fn national_digits(&self) -> &str {
        &self.e164[1 + usize::from(self.code_len)..]
    }

    /// The trunk prefix of the number's own country.
    pub fn trunk_prefix(&self) -> Option<&str> {
        self.trunk
    }

    /// `(212) 555-0100`
    pub fn national_format(&self) -> &str {
        &self.national
    }

    /// `+1 212-555-0100`
    pub fn international_format(&self) -> &str {
        &self.international
    }

    /// Digits of a mobile's area code, behind which its own country writes a token: Argentina writes `011 15-2345-6789` for
    /// 9 11 2345 6789. None where there is no such token.
    pub(super) fn area_before_token(&self) -> Option<usize> {
        let mobile = self.national_digits().strip_prefix('9').filter(|_| self.country_code() == "54")?;
        let (area, _) = self.national.strip_prefix('0')?.split_once(" 15-")?;
        mobile.starts_with(area).then_some(area.len())
    }

    /// Whether one is written in place of the other digit by digit: country and length are the same.
    pub fn has_form_of(&self, other: &PhoneNumber) -> bool {
        self.country_code() == other.country_code()
            && self.national_digits().len() == other.national_digits().len()
    }

    /// Whether numbers of this length are given out in the number's country (libphonenumber's
    /// `possibleLengths`, of any kind of line). Numbers set aside for fiction, such as 555-0100, are possible.
    pub fn is_possible(&self) -> bool {
        self.length == Length::Possible
    }

    /// Whether the number is in a range that its country gives out, by libphonenumber's patterns.
    pub fn is_valid(&self) -> bool {
        phonenumber::parse(None, self.e164()).is_ok_and(|number| number.is_valid())
    }

    /// Whether the length is at most one digit off what its country gives out: pages do print such numbers.
    pub fn is_nearly_possible(&self) -> bool {
        self.length != Length::Impossible
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.e164)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.e164)
    }
}

/// Why a text is no telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    #[error("holds {0:?}, which is no part of a number")]
    Stranger(char),
    #[error("is no telephone number")]
    NotANumber,
    #[error("has {0} digits with its country code, and a number has 7 to 15")]
    Length(usize),
    #[error("starts with no country calling code")]
    UnknownCode,
}

/// The country whose code a number begins with, where it is written with one. A number must not be read with another
/// country's trunk prefix: the 1 of `+44 1625` isn't North America's.
fn own_country(written: &str) -> Option<Country> {
    let digits: String = written.trim().strip_prefix('+')?.chars().filter(char::is_ascii_digit).collect();
    let countries = (1..=3).find_map(|len| DATABASE.by_code(&digits.get(..len)?.parse().ok()?))?;
    let main = countries.iter().find(|metadata| metadata.is_main_country_for_code()).or(countries.first())?;
    Some(Country(Id::from_str(main.id()).ok()?))
}

fn is_number_punctuation(c: char) -> bool {
    c.is_ascii_digit()
        || matches!(c, '+' | '(' | ')' | '-' | '.' | '/' | ' ' | '\u{a0}' | '\u{2010}'..='\u{2015}')
}

fn length_in(metadata: &Metadata, digits: usize) -> Length {
    let kinds = metadata.descriptors();
    let kinds = [
        kinds.fixed_line(),
        kinds.mobile(),
        kinds.toll_free(),
        kinds.shared_cost(),
        kinds.premium_rate(),
        kinds.voip(),
        kinds.uan(),
        kinds.personal_number(),
    ];
    let lengths = kinds.into_iter().flatten().flat_map(|kind| kind.possible_length());
    match lengths.map(|length| usize::from(*length).abs_diff(digits)).min() {
        Some(0) | None => Length::Possible,
        Some(1) => Length::OffByOne,
        Some(_) => Length::Impossible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(written: &str, country: &str) -> PhoneNumber {
        PhoneNumber::parse(written, country.parse().unwrap()).unwrap()
    }

    #[test]
    fn international_and_national_writing_mean_the_same_number() {
        for written in ["+1 212 555 0100", "(212) 555-0100", "1-212-555-0100", "212.555.0100"] {
            assert_eq!(number(written, "US").e164(), "+12125550100", "{written}");
        }
        assert_eq!(number("030 23125 100", "DE").e164(), "+493023125100");
    }

    #[test]
    fn a_significant_zero_stays_in_the_number() {
        let italian = number("+39 06 5550 1234", "US");
        assert_eq!(italian.national_digits(), "0655501234");
        assert_eq!(italian.country_code(), "39");
    }

    #[test]
    fn a_number_with_its_country_code_is_read_the_same_everywhere() {
        for (written, national) in [
            ("+44 1625 856500", "1625856500"),
            ("+33 1 42 68 53 00", "142685300"),
            ("+39 0474 492390", "0474492390"),
            ("+49 30 23125 100", "3023125100"),
        ] {
            for country in ["US", "GB", "DE", "IT", "RU", "SG"] {
                assert_eq!(number(written, country).national_digits(), national, "{written} in {country}");
            }
        }
    }

    #[test]
    fn formats_are_those_of_the_numbers_own_country() {
        assert_eq!(number("+12125550100", "DE").national_format(), "(212) 555-0100");
        assert_eq!(number("+442079460100", "US").national_format(), "020 7946 0100");
        assert_eq!(number("+442079460100", "US").international_format(), "+44 20 7946 0100");
    }

    #[test]
    fn numbers_of_fiction_are_possible_and_a_missing_digit_is_noticed() {
        assert!(number("+1 212 555 0100", "US").is_possible());
        let short = number("+1 212 555 010", "US");
        assert!(!short.is_possible() && short.is_nearly_possible());
        assert!(!number("+1 212 555", "US").is_nearly_possible());
    }

    #[test]
    fn what_is_no_number_is_refused_with_the_reason() {
        let us = "US".parse().unwrap();
        assert_eq!(PhoneNumber::parse("call me", us), Err(PhoneNumberError::Stranger('c')));
        assert_eq!(PhoneNumber::parse("", us), Err(PhoneNumberError::NotANumber));
        assert!(PhoneNumber::parse("12", us).is_err());
        assert!("Germany".parse::<Country>().is_err());
    }
}
