//! A link that a telephone number is behind: where in its address the number stands, and what may stand beside it.
//!
//! Owns the forms of such addresses. It reads them as the page writes them, character references and percent-encoding
//! included; what the digits mean is the matcher's to say.

use std::ops::Range;

use super::charset::Charset;
use super::found::Found;
use super::matcher::Matcher;
use super::scanner::Scanner;
use super::shown::Carries;
use super::unit::{Class, Reader, numeric};

/// What a link does with the number behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkScheme {
    /// `tel:` (RFC 3966), and `callto:`, which came before it.
    Tel,
    /// `sms:` (RFC 5724) and `smsto:`
    Sms,
    /// `wa.me/`, `api.whatsapp.com/send?phone=` and `whatsapp://send?phone=`: international digits, with or without plus.
    WhatsApp,
}

impl LinkScheme {
    /// Whether such a link reaches a number that receives no more than this.
    pub fn reaches(self, carries: Carries) -> bool {
        match self {
            LinkScheme::Tel => carries.voice,
            LinkScheme::Sms => carries.sms,
            LinkScheme::WhatsApp => carries.whatsapp,
        }
    }
}

const SCHEMES: [(&str, LinkScheme); 4] = [
    ("tel:", LinkScheme::Tel),
    ("callto:", LinkScheme::Tel),
    ("sms:", LinkScheme::Sms),
    ("smsto:", LinkScheme::Sms),
];

impl Matcher {
    /// Finds the number behind a link. `value` is the attribute's value as the page writes it, character references
    /// and all, and stands at byte `at` of the page. None where the link leads elsewhere, or says more than one number.
    pub fn find_in_link(&self, value: &[u8], at: usize, charset: &Charset) -> Option<(LinkScheme, Found)> {
        let (scheme, place) = number_in(value)?;
        let mut scanner = Scanner::for_link(charset.clone());
        let mut found = Vec::new();
        scanner.feed(self, &value[place.clone()], at + place.start, &mut found);
        scanner.end(self, &mut found);
        let found = found.pop().filter(|_| found.is_empty())?;
        let [segment] = &found.segments[..] else { return None };
        let reader = Reader { charset: charset.clone(), percent: true };
        let nothing_before = reader.units(&value[place.start..segment.start - at]).all(|class| {
            matches!(class, Class::Separator(_) | Class::Transparent | Class::Open | Class::Plus)
        });
        let after = plainly(&reader, &value[segment.end - at..place.end]);
        let alone = match scheme {
            LinkScheme::WhatsApp => after.trim().is_empty() && found.is_international(),
            LinkScheme::Tel | LinkScheme::Sms => ends_number(&after),
        };
        (nothing_before && alone).then_some((scheme, found))
    }
}

/// What a link dials, whoever's number it is: the part of its value, as the page writes it, that begins with the number.
pub(crate) fn dialled(value: &str) -> Option<(LinkScheme, &str)> {
    let (scheme, place) = number_in(value.as_bytes())?;
    Some((scheme, value.get(place)?))
}

/// The scheme of a link's value, and where in it the number is to stand. White space before it is no part of a URL
/// (URL Standard §4.4).
fn number_in(value: &[u8]) -> Option<(LinkScheme, Range<usize>)> {
    let url = value.trim_ascii_start();
    let place = |rest: &[u8]| value.len() - rest.len()..value.len();
    let plain = SCHEMES.iter().find_map(|(word, scheme)| Some((*scheme, place(behind(url, word)?))));
    plain.or_else(|| {
        let (rest, len) = whatsapp(url)?;
        let start = place(rest).start;
        Some((LinkScheme::WhatsApp, start..start + len))
    })
}

/// The rest of a WhatsApp link from its number on, and the number's length.
fn whatsapp(url: &[u8]) -> Option<(&[u8], usize)> {
    if let Some(query) = behind(url, "whatsapp://send") {
        return phone_parameter(query);
    }
    let host = ["https://", "http://", "//"].iter().find_map(|word| behind(url, word))?;
    let host = behind(host, "www.").unwrap_or(host);
    if let Some(path) = behind(host, "wa.me/") {
        return Some((path, part(path, b"?#")));
    }
    let send = ["api.whatsapp.com/send", "web.whatsapp.com/send", "whatsapp.com/send"];
    phone_parameter(send.iter().find_map(|word| behind(host, word))?)
}

/// The parameter `phone` of a query, which may stand anywhere among others.
fn phone_parameter(query: &[u8]) -> Option<(&[u8], usize)> {
    let query = query.strip_prefix(b"/").unwrap_or(query);
    let mut rest = query.strip_prefix(b"?")?;
    loop {
        let len = part(rest, b"#");
        if let Some(number) = behind(rest, "phone=") {
            return Some((number, part(number, b"#")));
        }
        let parameters = rest[len..].strip_prefix(b"&")?;
        rest = behind_ampersand(parameters).unwrap_or(parameters);
    }
}

/// Bytes before an ampersand, or one of `ends`. A character reference that means anything else is no end.
fn part(text: &[u8], ends: &[u8]) -> usize {
    let ends_here = |at: usize| match text[at] {
        b'&' => match text[at + 1..] {
            [b'#', ..] => behind_ampersand(&text[at + 1..]).is_some(),
            _ => behind(&text[at + 1..], "plus;").is_none(),
        },
        b'#' => ends.contains(&b'#') && (at == 0 || text[at - 1] != b'&'),
        byte => ends.contains(&byte),
    };
    (0..text.len()).find(|at| ends_here(*at)).unwrap_or(text.len())
}

/// What follows the rest of a reference that means an ampersand: `amp;`, `#038;`.
fn behind_ampersand(text: &[u8]) -> Option<&[u8]> {
    behind(text, "amp;").or_else(|| match numeric(text.strip_prefix(b"#")?)? {
        (Class::Other('&'), len) => text[1 + len..].strip_prefix(b";"),
        _ => None,
    })
}

/// What follows a word, in any case.
fn behind<'a>(text: &'a [u8], word: &str) -> Option<&'a [u8]> {
    let (front, rest) = text.split_at_checked(word.len())?;
    front.eq_ignore_ascii_case(word.as_bytes()).then_some(rest)
}

/// A text as far as it matters behind a number: digits are 0, separators blanks. What takes no room is left out, and so are
/// bytes that are no characters.
fn plainly(reader: &Reader, text: &[u8]) -> String {
    let plain = |class| match class {
        Class::Digit { .. } => Some('0'),
        Class::Separator(_) => Some(' '),
        Class::Plus => Some('+'),
        Class::Open => Some('('),
        Class::Other('\u{fffd}') | Class::Transparent | Class::Edge => None,
        Class::Other(c) | Class::Letter(c) => Some(c.to_ascii_lowercase()),
    };
    reader.units(text).filter_map(plain).collect()
}

/// Whether this may follow the number in a link: parameters (RFC 3966 §3, RFC 5724 §2), an extension, a pause and what is
/// dialled behind it.
fn ends_number(after: &str) -> bool {
    let after = after.trim();
    let is_parameter =
        |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase() || matches!(c, '?' | '&'));
    match after.chars().next() {
        None | Some('?' | '&') => true,
        Some(';') if is_parameter(&after[1..]) || after.len() == 1 => true,
        Some(_) => ["extension", "ext", "x", "p", "w", "#", ",", ";"]
            .iter()
            .filter_map(|word| after.strip_prefix(word))
            .any(is_extension),
    }
}

/// Digits, with pauses between them, up to the end or to parameters.
fn is_extension(rest: &str) -> bool {
    let digits = rest.trim_start_matches([' ', ':', '=', ',', ';', 'p', 'w']);
    let behind = digits.trim_start_matches(['0', ' ', ',', ';', 'p', 'w', '*', '#']);
    digits.starts_with(['0', '*'])
        && (behind.is_empty() || behind.starts_with(['?', '&']) || digits.contains(';'))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::number::PhoneNumber;

    /// The link with `shown` in place of 212-555-0100.
    fn fill_with(value: &[u8], shown: &str) -> Option<(LinkScheme, Vec<u8>)> {
        let number = |written| PhoneNumber::parse(written, "US".parse().unwrap()).unwrap();
        let (canonical, shown) = (number("+12125550100"), number(shown));
        let (scheme, found) = Matcher::new([&canonical]).find_in_link(value, 0, &Charset::Utf8)?;
        let segment = &found.segments[0];
        let mut out = value[..segment.start].to_vec();
        let raw = Bytes::copy_from_slice(&value[segment.start..segment.end]);
        segment.rendition(&found, raw, Some(scheme)).write(&canonical, &shown, &mut out);
        out.extend_from_slice(&value[segment.end..]);
        Some((scheme, out))
    }

    fn fill(value: &str) -> Option<(LinkScheme, String)> {
        let (scheme, filled) = fill_with(value.as_bytes(), "+12125550199")?;
        Some((scheme, String::from_utf8(filled).unwrap()))
    }

    #[test]
    fn a_link_holds_one_number_in_any_form() {
        for (scheme, value, becomes) in [
            (LinkScheme::Tel, "tel:+12125550100", "tel:+12125550199"),
            (LinkScheme::Tel, "TEL:212-555-0100", "TEL:212-555-0199"),
            (LinkScheme::Tel, " tel: (212)%20555%200100;ext=5", " tel: (212)%20555%200199;ext=5"),
            (LinkScheme::Tel, "tel:+1212%E2%80%8B5550100", "tel:+1212%E2%80%8B5550199"),
            (LinkScheme::Tel, "tel://2125550100", "tel://2125550199"),
            (LinkScheme::Tel, "CallTo:+1-212-555-0100", "CallTo:+1-212-555-0199"),
            (LinkScheme::Sms, "sms:2125550100?body=Hi", "sms:2125550199?body=Hi"),
            (LinkScheme::Sms, "smsto:+12125550100", "smsto:+12125550199"),
            (LinkScheme::WhatsApp, "https://wa.me/12125550100", "https://wa.me/12125550199"),
            (
                LinkScheme::WhatsApp,
                "//WWW.WA.ME/+1212%35550100/?text=0",
                "//WWW.WA.ME/+1212%35550199/?text=0",
            ),
            (LinkScheme::WhatsApp, "http://wa.me/%2B12125550100#x", "http://wa.me/%2B12125550199#x"),
            (
                LinkScheme::WhatsApp,
                "https://api.whatsapp.com/send/?text=Hi&amp;phone=&#43;1%20212-555-0100&amp;app_absent=0",
                "https://api.whatsapp.com/send/?text=Hi&amp;phone=&#43;1%20212-555-0199&amp;app_absent=0",
            ),
            (
                LinkScheme::WhatsApp,
                "whatsapp://send?phone=12125550100&text=Hi",
                "whatsapp://send?phone=12125550199&text=Hi",
            ),
        ] {
            assert_eq!(fill(value), Some((scheme, becomes.to_owned())), "{value}");
        }
    }

    #[test]
    fn extensions_and_parameters_may_follow() {
        for after in [
            "",
            " ",
            ";ext=103",
            "%3Bext=103",
            ";phone-context=+1",
            ";?&amp;body=Hello",
            "&body=1",
            "?body=2125550111",
            "ext.103",
            "%20x410",
            "x410",
            " ext: 4",
            ",103",
            ",,103#",
            "p103",
            "w 103",
            "#4",
            ";",
            ";103",
            "extension 5",
            "%E2%80%8B",
            ")",
            "/",
        ] {
            assert_eq!(
                fill(&format!("tel:2125550100{after}")).map(|(_, filled)| filled).as_deref(),
                Some(&*format!("tel:2125550199{after}"))
            );
        }
        for after in [
            "%",
            "%zz",
            "%+9",
            " or",
            "xtra",
            "p",
            "w",
            " please",
            "-99",
            "/6465550199",
            " 646 555 0199",
            "x",
            ", or 6465550111",
        ] {
            assert_eq!(fill(&format!("tel:2125550100{after}")), None, "{after}");
        }
    }

    #[test]
    fn bytes_that_are_no_characters_stay_behind_the_number() {
        assert_eq!(fill_with(b"tel:212-555-0100\xff", "+12125550199").unwrap().1, b"tel:212-555-0199\xff");
    }

    #[test]
    fn a_whatsapp_link_has_international_digits() {
        for value in
            ["https://wa.me/2125550100", "https://wa.me/012125550100", "whatsapp://send?phone=2125550100"]
        {
            assert_eq!(fill(value), None, "{value} reaches somebody else");
        }
        let abroad =
            |value: &str| String::from_utf8(fill_with(value.as_bytes(), "+493023125100").unwrap().1).unwrap();
        assert_eq!(abroad("https://wa.me/12125550100?text=Hi"), "https://wa.me/493023125100?text=Hi");
        assert_eq!(abroad("whatsapp://send?phone=+12125550100"), "whatsapp://send?phone=493023125100");
        assert_eq!(abroad("tel:2125550100"), "tel:+493023125100");
    }

    #[test]
    fn what_leads_elsewhere_or_says_more_than_a_number_is_left() {
        for value in [
            "tel:20 212-555-0100",
            "tel:2125550100 or 2125550111",
            "tel:call 2125550100",
            "mailto:2125550100",
            "tel:",
            "https://wa.me/?text=Call%20212-555-0100",
            "https://wa.me/16465550199?text=212-555-0100",
            "https://wa.me/message/12125550100",
            "https://wa.me.example/12125550100",
            "https://api.whatsapp.com/send?text=12125550100",
            "https://api.whatsapp.com/send?text=1&telephone=12125550100",
            "https://example.com/send?phone=12125550100",
            "sms:+16465550199?body=Is%20212-555-0100%20yours%3F",
        ] {
            assert_eq!(fill(value), None, "{value}");
        }
    }
}
