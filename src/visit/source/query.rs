//! What a landing page's query string says about the visit: `utm_*` parameters and click ids,
//! decoded, cleaned and cut to size. It owns the reading and refuses to judge.
//!
//! Form encoding (WHATWG URL, application/x-www-form-urlencoded): `+` is a space, broken UTF-8
//! becomes U+FFFD. Of a parameter that is repeated the first value that is not empty counts.
//! Names count in any case, as people type them.

use super::click_id::{ClickId, Meaning};

/// Bytes of the query that are read; what comes later is not looked at.
const LONGEST_QUERY: usize = 16 * 1024;
/// Characters of a value that are kept.
const LONGEST_VALUE: usize = 256;
/// A character takes at most four bytes, each written with three: more is never kept.
const LONGEST_RAW_VALUE: usize = LONGEST_VALUE * 12;
/// `utm_source_platform` is the longest name that anybody reads.
const LONGEST_NAME: usize = 24;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) source: Option<String>,
    pub(super) medium: Option<String>,
    pub(super) campaign: Option<String>,
    pub(super) term: Option<String>,
    pub(super) content: Option<String>,
    /// In the order of the query, each name once.
    pub(super) click_ids: Vec<ClickId>,
    /// `gclsrc=ds` or `3p.ds`: Search Ads 360 issued the `gclid`, and the click may have been on
    /// another engine (Search Ads 360 help 7342044).
    pub(super) is_search_ads_360: bool,
}

impl Query {
    pub(super) fn read(raw: &str) -> Query {
        let mut rest = &raw.as_bytes()[..raw.len().min(LONGEST_QUERY)];
        let mut query = Query::default();
        while !rest.is_empty() {
            let end = memchr::memchr(b'&', rest).unwrap_or(rest.len());
            query.take(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        query
    }

    fn take(&mut self, parameter: &[u8]) {
        let Some(equals) = memchr::memchr(b'=', parameter) else { return };
        let (name, value) = (&parameter[..equals], &parameter[equals + 1..]);
        let mut lower = [0; LONGEST_NAME];
        let Some(name) = lower_name(name, &mut lower) else { return };
        match name {
            b"utm_source" => keep_first(&mut self.source, value),
            b"utm_medium" => keep_first(&mut self.medium, value),
            b"utm_campaign" => keep_first(&mut self.campaign, value),
            b"utm_term" => keep_first(&mut self.term, value),
            b"utm_content" => keep_first(&mut self.content, value),
            b"gclsrc" => self.is_search_ads_360 |= matches!(value, b"ds" | b"3p.ds"),
            _ => self.take_click_id(name, value),
        }
    }

    fn take_click_id(&mut self, name: &[u8], raw: &[u8]) {
        let Some(meaning) = Meaning::of(name) else { return };
        if self.click_ids.iter().any(|id| id.name == meaning.name) {
            return;
        }
        if let Some(value) = decode(raw) {
            self.click_ids.push(ClickId { name: meaning.name.into(), value });
        }
    }
}

fn keep_first(field: &mut Option<String>, raw: &[u8]) {
    if field.is_none() {
        *field = decode(raw);
    }
}

/// The name decoded and in lower case; `None` for one that is longer than any we read.
fn lower_name<'b>(raw: &[u8], buffer: &'b mut [u8; LONGEST_NAME]) -> Option<&'b [u8]> {
    let mut length = raw.len();
    if is_plain(raw) {
        buffer.get_mut(..length)?.copy_from_slice(raw);
    } else {
        length = 0;
        for byte in DecodedBytes(raw) {
            *buffer.get_mut(length)? = byte;
            length += 1;
        }
    }
    let name = &mut buffer[..length];
    name.make_ascii_lowercase();
    Some(name)
}

/// The value decoded, without control characters and surrounding space; `None` where nothing is
/// left of it.
fn decode(raw: &[u8]) -> Option<String> {
    let raw = &raw[..raw.len().min(LONGEST_RAW_VALUE)];
    if raw.len() <= LONGEST_VALUE && is_plain(raw) {
        let plain = str::from_utf8(raw).ok().filter(|plain| !plain.is_empty());
        return plain.map(str::to_owned);
    }
    let mut decoded = Vec::with_capacity(raw.len());
    decoded.extend(DecodedBytes(raw));
    if decoded.len() <= LONGEST_VALUE && decoded.iter().all(|b| matches!(b, b' '..=b'~')) {
        let value = decoded.trim_ascii();
        return str::from_utf8(value).ok().filter(|value| !value.is_empty()).map(str::to_owned);
    }
    let clean: String = String::from_utf8_lossy(&decoded)
        .trim()
        .chars()
        .filter(|character| !character.is_control())
        .take(LONGEST_VALUE)
        .collect();
    let value = clean.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// Whether the bytes are text that nothing is encoded in. Looks at all of them: compilers do that many at a time.
fn is_plain(raw: &[u8]) -> bool {
    raw.iter().fold(true, |all, b| all & b.is_ascii_graphic() & (*b != b'%') & (*b != b'+'))
}

/// Bytes behind `+` and `%41`; a percent sign that encodes nothing stands for itself.
struct DecodedBytes<'r>(&'r [u8]);

impl Iterator for DecodedBytes<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        match (first, rest) {
            (b'+', _) => Some(b' '),
            (b'%', [high, low, after @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    self.0 = after;
                    Some(high << 4 | low)
                }
                _ => Some(b'%'),
            },
            _ => Some(*first),
        }
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(raw: &str) -> Option<String> {
        Query::read(raw).source
    }

    #[test]
    fn values_are_decoded_as_forms_are() {
        let query = Query::read(
            "utm_source=news%20letter&utm_medium=e+mail&utm_campaign=%C3%BCber&utm_term=a%2Bb&utm_content=c",
        );
        assert_eq!(query.source.as_deref(), Some("news letter"));
        assert_eq!(query.medium.as_deref(), Some("e mail"));
        assert_eq!(query.campaign.as_deref(), Some("über"));
        assert_eq!(query.term.as_deref(), Some("a+b"));
        assert_eq!(query.content.as_deref(), Some("c"));
    }

    #[test]
    fn names_count_in_any_case_and_encoded() {
        assert_eq!(source("UTM_Source=a").as_deref(), Some("a"));
        assert_eq!(source("utm%5Fsource=a").as_deref(), Some("a"));
        assert_eq!(source("xutm_source=a"), None);
        assert_eq!(source("utm_source_platform=a"), None);
    }

    #[test]
    fn the_first_value_that_is_not_empty_counts() {
        assert_eq!(source("utm_source=&utm_source=%20&utm_source=b&utm_source=c").as_deref(), Some("b"));
        assert_eq!(source("utm_source"), None);
        assert_eq!(source("=x&&utm_source=a=b&").as_deref(), Some("a=b"));
        let ids = Query::read("gclid=&GCLID=Ab&gclid=c").click_ids;
        assert_eq!(ids, [ClickId { name: "gclid".into(), value: "Ab".into() }]);
    }

    #[test]
    fn broken_encodings_do_no_harm() {
        assert_eq!(source("utm_source=%ff%fe").as_deref(), Some("\u{fffd}\u{fffd}"));
        assert_eq!(source("utm_source=100%&utm_medium=x").as_deref(), Some("100%"));
        assert_eq!(source("utm_source=%4").as_deref(), Some("%4"));
        assert_eq!(source("utm_source=%zz%41").as_deref(), Some("%zzA"));
        assert_eq!(source("utm_source=%é1").as_deref(), Some("%é1"));
    }

    #[test]
    fn control_characters_are_dropped() {
        assert_eq!(source("utm_source=a%0d%0aSet-Cookie:%00b%C2%85").as_deref(), Some("aSet-Cookie:b"));
        assert_eq!(source("utm_source=%09%0a"), None);
    }

    #[test]
    fn a_value_is_cut_at_256_characters_and_never_inside_one() {
        let plain = format!("utm_source={}", "a".repeat(5000));
        assert_eq!(source(&plain).map(|value| value.len()), Some(256));
        let wide = format!("utm_source={}", "%F0%9F%93%9E".repeat(300));
        assert_eq!(source(&wide), Some("\u{1f4de}".repeat(256)));
    }

    #[test]
    fn only_the_first_16_kilobytes_are_read() {
        let padding = "a".repeat(16 * 1024 - 10);
        assert_eq!(source(&format!("{padding}&utm_source=late")), None);
        let padding = "a".repeat(16 * 1024 - 14);
        assert_eq!(source(&format!("{padding}&utm_source=ab")).as_deref(), Some("ab"));
    }

    #[test]
    fn search_ads_360_is_told_from_google_ads() {
        assert!(Query::read("gclid=a&gclsrc=ds").is_search_ads_360);
        assert!(Query::read("gclid=a&gclsrc=3p.ds").is_search_ads_360);
        assert!(!Query::read("gclid=a&gclsrc=aw.ds").is_search_ads_360);
    }
}
