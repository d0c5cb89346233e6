//! Who calls and what was dialled, as carriers write it: read as a number where it surely is one, and never guessed.

use crate::call::event::Caller;
use crate::number::{Country, PhoneNumber};

/// What networks send in place of a number that is withheld: words, spelled on a telephone's keys.
const SPELLED: [&str; 5] = [
    "266696687",   // ANONYMOUS
    "7378742833",  // RESTRICTED
    "2562533",     // BLOCKED
    "8656696",     // UNKNOWN
    "86282452253", // UNAVAILABLE
];

/// The same, as they are.
const WORDS: [&str; 7] =
    ["anonymous", "restricted", "private", "unavailable", "unknown", "blocked", "withheld"];

/// Digits of a number in E.164: the shortest that are given out have 7, and none has more than 15.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Reads who calls. Without a plus sign it is no number: whose country it is of is not known, see [`Caller::at_home`] and
/// [`with_plus`].
pub fn caller(written: &str) -> Caller {
    let user = user(written);
    let digits = user.strip_prefix('+').unwrap_or(user);
    let is_withheld = user.is_empty()
        || SPELLED.contains(&digits)
        || WORDS.iter().any(|word| word.eq_ignore_ascii_case(user))
        || host(written).is_some_and(|host| host.eq_ignore_ascii_case("anonymous.invalid"));
    if is_withheld {
        return Caller::Withheld;
    }
    match number(user) {
        Some(number) => Caller::Number(number),
        // What is no number is kept whole, but for the digits of one that lacks its country.
        None if is_dialled(user) => Caller::Other(user.to_owned()),
        None => Caller::Other(written.trim().to_owned()),
    }
}

/// Reads what was dialled: in E.164 where it is so written, otherwise as it was.
pub fn dialled(written: &str) -> String {
    let user = user(written);
    number(user).unwrap_or_else(|| user.to_owned())
}

/// A number of carriers that leave the plus sign out, with it.
pub fn with_plus(written: &str) -> String {
    let is_bare = DIGITS.contains(&written.len())
        && !written.starts_with('0')
        && written.bytes().all(|byte| byte.is_ascii_digit());
    if is_bare { format!("+{written}") } else { written.to_owned() }
}

/// Whether `Privacy` (RFC 3323, 4.2; RFC 3325, 9.3) asks that the number is not shown.
pub fn is_private(privacy: &str) -> bool {
    let wants =
        |part: &str| ["id", "user", "header"].iter().any(|word| word.eq_ignore_ascii_case(part.trim()));
    privacy.split([';', ',']).any(wants)
}

impl Caller {
    /// Reads a number that lacks its country as one of the telephone system's own country.
    pub fn at_home(self, country: Country) -> Self {
        match self {
            Caller::Other(written) if is_dialled(&written) => match PhoneNumber::parse(&written, country) {
                Ok(number) if number.is_possible() => Caller::Number(number.e164().to_owned()),
                _ => Caller::Other(written),
            },
            caller => caller,
        }
    }
}

/// E.164 with its plus sign; separators are taken out.
fn number(written: &str) -> Option<String> {
    let digits = written.strip_prefix('+')?;
    if !digits.chars().all(|c| c.is_ascii_digit() || is_separator(c)) {
        return None;
    }
    let number: String = std::iter::once('+').chain(digits.chars().filter(char::is_ascii_digit)).collect();
    (DIGITS.contains(&(number.len() - 1)) && !number.starts_with("+0")).then_some(number)
}

fn is_dialled(written: &str) -> bool {
    written.starts_with(|c: char| c.is_ascii_digit() || c == '(')
        && written.chars().all(|c| c.is_ascii_digit() || is_separator(c))
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '(' | ')')
}

/// The user part of a SIP or tel address (RFC 3261, 19.1; RFC 3966), with or without a name before it; otherwise all of it.
fn user(written: &str) -> &str {
    let address = address(written);
    let Some(rest) = without_scheme(address) else { return address };
    rest.split(['@', ';', '?']).next().unwrap_or(rest)
}

fn host(written: &str) -> Option<&str> {
    let (_, host) = without_scheme(address(written))?.split_once('@')?;
    host.split([';', ':', '?']).next()
}

fn without_scheme(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once(':')?;
    ["sip", "sips", "tel"].iter().any(|known| known.eq_ignore_ascii_case(scheme)).then_some(rest)
}

/// Without a name before it and parameters behind: `"Ann" <sip:ann@example.com>;tag=1`.
fn address(written: &str) -> &str {
    let bare = written.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    bare.map_or(written, |(address, _)| address).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_only_where_it_surely_is_one() {
        let number = |written: &str| Caller::Number(written.to_owned());
        let other = |written: &str| Caller::Other(written.to_owned());
        for (written, read) in [
            ("+12125550123", number("+12125550123")),
            ("+1 (212) 555-0123", number("+12125550123")),
            ("sip:+12125550123@pbx.example.com;user=phone", number("+12125550123")),
            ("\"Ann\" <sip:+12125550123@pbx.example.com>;tag=a1", number("+12125550123")),
            ("tel:+1-212-555-0123;ext=4", number("+12125550123")),
            ("2125550123", other("2125550123")),
            ("sip:2125550123@pbx.example.com", other("2125550123")),
            ("sip:ann@example.com", other("sip:ann@example.com")),
            ("client:ann", other("client:ann")),
            ("+123", other("+123")),
            ("+1234567890123456", other("+1234567890123456")),
            ("+0000000000", other("+0000000000")),
            ("+12125550123;drop", other("+12125550123;drop")),
            ("<", other("<")),
            (">+<", other(">+<")),
        ] {
            assert_eq!(caller(written), read, "{written}");
        }
    }

    #[test]
    fn all_who_withhold_their_number_are_one_class() {
        for written in [
            "+266696687",
            "266696687",
            "+7378742833",
            "+2562533",
            "+8656696",
            "+86282452253",
            "Anonymous",
            "RESTRICTED",
            "private",
            "unavailable",
            "Unknown",
            "blocked",
            "withheld",
            "",
            "  ",
            "sip:anonymous@anonymous.invalid",
            "\"Anonymous\" <sip:anonymous@anonymous.invalid>",
            "sip:+12125550123@anonymous.invalid",
        ] {
            assert_eq!(caller(written), Caller::Withheld, "{written}");
        }
    }

    #[test]
    fn carriers_that_leave_the_plus_sign_out_are_understood() {
        assert_eq!(with_plus("14155550123"), "+14155550123");
        for written in ["02125550123", "anonymous", "+14155550123", "911", "sip:a@b", ""] {
            assert_eq!(with_plus(written), written);
        }
    }

    #[test]
    fn a_number_without_country_is_read_as_one_of_ones_own() {
        let us: Country = "US".parse().expect("a country");
        for (written, read) in [
            ("2125550123", Caller::Number("+12125550123".to_owned())),
            ("12125550123", Caller::Number("+12125550123".to_owned())),
            ("100", Caller::Other("100".to_owned())),
            ("sip:ann@example.com", Caller::Other("sip:ann@example.com".to_owned())),
            ("anonymous", Caller::Withheld),
        ] {
            assert_eq!(caller(written).at_home(us), read, "{written}");
        }
    }

    #[test]
    fn what_was_dialled_is_kept_as_it_was_where_it_is_no_number() {
        assert_eq!(dialled("+1 212 555 0110"), "+12125550110");
        assert_eq!(dialled("sip:+12125550110@edge.example.com"), "+12125550110");
        assert_eq!(dialled("sip:sales@edge.example.com"), "sales");
        assert_eq!(dialled("2125550110"), "2125550110");
    }

    #[test]
    fn privacy_is_honoured() {
        for (privacy, withheld) in
            [("id", true), ("user;id", true), ("header, critical", true), ("none", false), ("", false)]
        {
            assert_eq!(is_private(privacy), withheld, "{privacy}");
        }
    }
}
