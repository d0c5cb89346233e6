//! What a certificate says of itself: for whom it is, and how long (RFC 5280). Owns the reading of these two; whether the
//! rest of it is right is for those who verify it.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::clock::Timestamp;

/// Tags of what is read (X.690 §8.1.2).
const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const BOOLEAN: u8 = 0x01;
const OCTET_STRING: u8 = 0x04;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// Of `TBSCertificate`: `[0] version` and `[3] extensions`.
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// Of `GeneralName`: `[2] dNSName` and `[7] iPAddress`.
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

/// 2.5.29.17.
const SUBJECT_ALT_NAME: [u8; 3] = [0x55, 0x1d, 0x11];

/// For whom a certificate is, and from when until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Hosts, in lower case; `*.` may stand for one label. Addresses as they are written in URLs, without brackets.
    pub names: Vec<String>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

/// Reads a certificate; none where it is none.
pub(super) fn read(certificate: &[u8]) -> Option<Said> {
    let mut outer = Elements(certificate);
    let mut tbs = Elements(Elements(outer.of(SEQUENCE)?).of(SEQUENCE)?);
    tbs.optional(VERSION);
    let [_serial, _algorithm, _issuer] = [tbs.any()?, tbs.any()?, tbs.any()?];
    let mut validity = Elements(tbs.of(SEQUENCE)?);
    let [not_before, not_after] = [time(validity.any()?)?, time(validity.any()?)?];
    let extensions = std::iter::from_fn(|| tbs.any()).find(|(tag, _)| *tag == EXTENSIONS);
    let names = extensions.map_or(Some(Vec::new()), |(_, all)| names(Elements(all).of(SEQUENCE)?));
    Some(Said { names: names?, not_before, not_after })
}

/// The subject's alternative names among extensions; the common name is no name any more (RFC 9525 §6.3).
fn names(extensions: &[u8]) -> Option<Vec<String>> {
    let mut extensions = Elements(extensions);
    while let Some((SEQUENCE, extension)) = extensions.any() {
        let mut extension = Elements(extension);
        if extension.of(OBJECT_IDENTIFIER)? == SUBJECT_ALT_NAME {
            extension.optional(BOOLEAN);
            let mut names = Elements(Elements(extension.of(OCTET_STRING)?).of(SEQUENCE)?);
            return Some(std::iter::from_fn(|| names.any()).filter_map(name).collect());
        }
    }
    Some(Vec::new())
}

fn name((tag, value): (u8, &[u8])) -> Option<String> {
    match tag {
        DNS_NAME => std::str::from_utf8(value).ok().map(str::to_ascii_lowercase),
        IP_ADDRESS => match value.len() {
            4 => <[u8; 4]>::try_from(value).ok().map(|bytes| Ipv4Addr::from(bytes).to_string()),
            _ => <[u8; 16]>::try_from(value).ok().map(|bytes| Ipv6Addr::from(bytes).to_string()),
        },
        _ => None,
    }
}

/// `YYMMDDHHMMSSZ` until 2049, or `YYYYMMDDHHMMSSZ` (§4.1.2.5).
fn time((tag, value): (u8, &[u8])) -> Option<Timestamp> {
    let text = std::str::from_utf8(value).ok().filter(|text| text.is_ascii())?;
    let text = match tag {
        UTC_TIME => format!("{}{text}", if text.get(..2)? < "50" { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text.get(from..to);
    let (date, clock) =
        ((part(0, 4)?, part(4, 6)?, part(6, 8)?), (part(8, 10)?, part(10, 12)?, part(12, 15)?));
    Timestamp::parse(&format!("{}-{}-{}T{}:{}:{}", date.0, date.1, date.2, clock.0, clock.1, clock.2))
}

/// One element behind another.
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// The next element's tag and content; none at the end, and where there is no element.
    fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], rest) = self.0.split_first_chunk::<2>()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // So many bytes tell the length; no certificate is longer than four of them can tell (X.690 §8.1.3.5).
            0x81..=0x84 => {
                let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    fn of(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.any().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }

    /// Passes over the next element, where it has this tag.
    fn optional(&mut self, tag: u8) {
        if self.0.first() == Some(&tag) {
            self.any();
        }
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn certificate(names: &[&str], until: i32) -> Vec<u8> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2024, 2, 29);
        params.not_after = date_time_ymd(until, 12, 31);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn names_and_dates_are_as_they_were_written() {
        let said =
            read(&certificate(&["WWW.Example.com", "*.example.org", "192.0.2.1", "2001:db8::1"], 2026));
        let said = said.unwrap();
        assert_eq!(said.names, ["www.example.com", "*.example.org", "192.0.2.1", "2001:db8::1"]);
        assert_eq!(Some(said.not_before), Timestamp::parse("2024-02-29T00:00:00Z"));
        assert_eq!(Some(said.not_after), Timestamp::parse("2026-12-31T00:00:00Z"));
        assert_eq!(read(&certificate(&[], 2026)).unwrap().names, [""; 0]);
    }

    #[test]
    fn a_date_after_2049_has_four_digits_of_its_year() {
        let until = read(&certificate(&["a.example"], 2060)).unwrap().not_after;
        assert_eq!(Some(until), Timestamp::parse("2060-12-31T00:00:00Z"));
    }

    #[test]
    fn what_is_cut_off_or_damaged_is_no_certificate_and_does_no_harm() {
        let whole = certificate(&["www.example.com"], 2026);
        for len in 0..whole.len() {
            assert_eq!(read(&whole[..len]), None);
        }
        for place in 0..whole.len() {
            for value in [0, 0x7f, 0x80, 0x84, 0xff] {
                let mut damaged = whole.clone();
                damaged[place] = value;
                let _ = read(&damaged);
            }
        }
    }
}
