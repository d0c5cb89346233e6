//! Where callers are at home, by the digits that their numbers begin with.
//!
//! An area code is North America's, or whatever a country's national numbers begin with. It says where a number was given out, and
//! no longer where whoever calls is: people keep their numbers when they move.

use std::fmt;

use super::super::event::Caller;
use crate::number::{Area, Country};

/// An area code with its country: what numbers from there begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerArea {
    /// With the plus sign: `+1212`.
    prefix: Box<str>,
}

/// Why a text is no area that callers could be from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallerAreaError {
    #[error("is no area code")]
    NoCode,
    /// NANPA: area codes are three digits, of which the first is 2 to 9.
    #[error("is no area code of North America: those have three digits, and begin with 2 to 9")]
    NorthAmerica,
    #[error("is no beginning of a number in E.164")]
    NoPrefix,
}

impl CallerArea {
    /// Reads an area code of `country`, with its trunk prefix or without; or with a plus sign what numbers in E.164 begin with, of
    /// whatever country.
    ///
    /// # Errors
    /// [`CallerAreaError`] where no number could begin so.
    pub fn parse(written: &str, country: Country) -> Result<Self, CallerAreaError> {
        if let Some(rest) = written.trim().strip_prefix('+') {
            let digits: String = rest.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
            let is_prefix = (1..=14).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if !is_prefix || digits.starts_with('0') {
                return Err(CallerAreaError::NoPrefix);
            }
            return Ok(CallerArea { prefix: format!("+{digits}").into() });
        }
        let area = Area::parse(written, country).map_err(|_| CallerAreaError::NoCode)?;
        let (code, digits) = (country.calling_code(), area.digits());
        if code == 1 && !(digits.len() == 3 && digits.starts_with(|first| ('2'..='9').contains(&first))) {
            return Err(CallerAreaError::NorthAmerica);
        }
        Ok(CallerArea { prefix: format!("+{code}{digits}").into() })
    }

    /// Whether the caller's number is from there. Who withholds it is from nowhere.
    pub fn has(&self, caller: &Caller) -> bool {
        matches!(caller, Caller::Number(number) if number.starts_with(&*self.prefix))
    }

    /// Whether all numbers from the other are from here.
    pub fn covers(&self, other: &CallerArea) -> bool {
        other.prefix.starts_with(&*self.prefix)
    }
}

/// What its numbers begin with.
impl fmt::Display for CallerArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(written: &str, country: &str) -> Result<CallerArea, CallerAreaError> {
        CallerArea::parse(written, country.parse().unwrap())
    }

    fn number(e164: &str) -> Caller {
        Caller::Number(e164.to_owned())
    }

    #[test]
    fn an_area_has_the_callers_whose_numbers_begin_so() {
        let manhattan = area("212", "US").unwrap();
        assert!(manhattan.has(&number("+12125550123")));
        for other in ["+16465550123", "+442125550123", "+21255501234"] {
            assert!(!manhattan.has(&number(other)), "{other}");
        }
        assert!(area("030", "DE").unwrap().has(&number("+493023125100")));
        assert_eq!(area("30", "DE"), area("(030)", "DE"));
        assert!(area("06", "IT").unwrap().has(&number("+390655501234")), "an Italian zero stays");
        assert!(area("+44 20", "US").unwrap().has(&number("+442079460100")));
        assert_eq!(area("416", "CA").unwrap().to_string(), "+1416");
    }

    #[test]
    fn who_withholds_their_number_is_from_nowhere() {
        let anywhere = area("+1", "US").unwrap();
        assert!(!anywhere.has(&Caller::Withheld));
        assert!(!anywhere.has(&Caller::Other("sip:+12125550123@example.com".to_owned())));
    }

    #[test]
    fn what_no_number_begins_with_is_refused() {
        for written in ["21", "2125", "112", "012", "1"] {
            assert!(area(written, "US").is_err(), "{written}");
        }
        assert_eq!(area("New York", "US"), Err(CallerAreaError::NoCode));
        assert_eq!(area("+0", "US"), Err(CallerAreaError::NoPrefix));
        assert_eq!(area("+", "US"), Err(CallerAreaError::NoPrefix));
        assert!(area("+1", "US").unwrap().covers(&area("212", "US").unwrap()));
        assert!(!area("212", "US").unwrap().covers(&area("646", "US").unwrap()));
    }
}
