//! What a landing page's query string says about the visit: `utm_*` parameters, Matomo's and the site's own, and click
//! ids, decoded, cleaned and cut to size. It owns the reading and refuses to judge.
//!
//! Form encoding (WHATWG URL, application/x-www-form-urlencoded): `+` is a space, broken UTF-8
//! becomes U+FFFD. Of a parameter that is repeated the first value that is not empty counts.
//! Names count in any case, as people type them. The order of the parameters means nothing.
//! A value stays as it is written until somebody asks for it: most requests say what is known already.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::click_id::{self, Meaning};

/// Bytes of the query that are read; what comes later is not looked at.
const LONGEST_QUERY: usize = 16 * 1024;
/// Characters of a value that are kept.
const LONGEST_VALUE: usize = 256;
/// A character takes at most four bytes, each written with three: more is never kept.
const LONGEST_RAW_VALUE: usize = LONGEST_VALUE * 12;
/// Bytes of a parameter's name: longer ones are not read.
pub const LONGEST_NAME: usize = 32;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query<'q> {
    pub(super) source: Tagged<'q>,
    pub(super) medium: Tagged<'q>,
    pub(super) campaign: Tagged<'q>,
    pub(super) term: Tagged<'q>,
    pub(super) content: Tagged<'q>,
    pub(super) campaign_id: Tagged<'q>,
    pub(super) source_platform: Tagged<'q>,
    pub(super) creative_format: Tagged<'q>,
    pub(super) marketing_tactic: Tagged<'q>,
    /// The stronger proof first, each name once. Google's automatic tagging sends up to four.
    pub(super) click_ids: SmallVec<[Brought<'q>; 4]>,
    /// `gclsrc=ds` or `3p.ds`: Search Ads 360 issued the `gclid`, and the click may have been on
    /// another engine (Search Ads 360 help 7342044).
    pub(super) is_search_ads_360: bool,
}

/// A click id that the query brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Brought<'q> {
    pub(super) meaning: &'static Meaning,
    value: Value<'q>,
}

impl<'q> Brought<'q> {
    pub(super) fn value(&self) -> Cow<'q, str> {
        self.value.read()
    }
}

/// A value as it is written, of which something is left when it is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Value<'q>(&'q str);

impl<'q> Value<'q> {
    fn of(raw: &'q str) -> Option<Value<'q>> {
        decode(raw).is_some().then_some(Value(raw))
    }

    fn read(self) -> Cow<'q, str> {
        decode(self.0).unwrap_or_default()
    }
}

/// Who makes up the names of tags. The first of these that says something is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    /// `utm_*` (Google Analytics help, answer 10917952).
    Utm,
    /// `mtm_*` (Matomo guide "Tracking campaigns").
    Matomo,
    /// `pk_*`, by Matomo's old name.
    Piwik,
    /// What a site reads as a source besides: `ref`, `source`.
    Own,
}

/// A value, and whose parameter said it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tagged<'q>(Option<(Family, Value<'q>)>);

impl<'q> Tagged<'q> {
    pub(super) fn value(&self) -> Option<Cow<'q, str>> {
        self.0.map(|(_, value)| value.read())
    }

    pub(super) fn to_owned(&self) -> Option<String> {
        self.value().map(Cow::into_owned)
    }

    /// Keeps a value that is not empty, unless something better was said.
    fn keep(&mut self, family: Family, raw: &'q str) {
        if self.0.is_none_or(|(known, _)| family < known)
            && let Some(value) = Value::of(raw)
        {
            self.0 = Some((family, value));
        }
    }
}

impl<'q> Query<'q> {
    /// Takes in what a query says. `own`: names, in lower case, of the parameters that name a source where no tag does.
    pub(super) fn read(&mut self, raw: &'q str, own: &[String]) {
        for parameter in parameters(raw) {
            self.take(parameter, own);
        }
    }

    fn take(&mut self, (name, value): (&str, &'q str), own: &[String]) {
        let mut buffer = [0; LONGEST_NAME];
        let Some(name) = lower_name(name.as_bytes(), &mut buffer) else { return };
        let (family, tag) = match name {
            [b'u', b't', b'm', b'_', tag @ ..] => (Family::Utm, tag),
            [b'm', b't', b'm', b'_', tag @ ..] => (Family::Matomo, tag),
            [b'p', b'k', b'_', tag @ ..] => (Family::Piwik, tag),
            b"gclsrc" => {
                self.is_search_ads_360 |= matches!(value, "ds" | "3p.ds");
                return;
            }
            _ if own.iter().any(|own| own.as_bytes() == name) => (Family::Own, &b"source"[..]),
            _ => return self.take_click_id(name, value),
        };
        if let Some(tagged) = self.tagged(family, tag) {
            tagged.keep(family, value);
        }
    }

    /// What a tag describes. Google and Matomo have names of their own for some of it.
    fn tagged(&mut self, family: Family, tag: &[u8]) -> Option<&mut Tagged<'q>> {
        let is_utm = family == Family::Utm;
        Some(match tag {
            b"source" => &mut self.source,
            b"medium" => &mut self.medium,
            b"campaign" => &mut self.campaign,
            b"content" => &mut self.content,
            b"term" if is_utm => &mut self.term,
            b"keyword" | b"kwd" if !is_utm => &mut self.term,
            b"id" if is_utm => &mut self.campaign_id,
            b"cid" if !is_utm => &mut self.campaign_id,
            b"source_platform" if is_utm => &mut self.source_platform,
            b"creative_format" if is_utm => &mut self.creative_format,
            b"marketing_tactic" if is_utm => &mut self.marketing_tactic,
            _ => return None,
        })
    }

    fn take_click_id(&mut self, name: &[u8], raw: &'q str) {
        let Some(meaning) = click_id::meaning(name) else { return };
        let stronger = self.click_ids.iter().take_while(|id| id.meaning.rank < meaning.rank);
        let place = stronger.count();
        if self.click_ids.get(place).is_some_and(|id| id.meaning == meaning) {
            return;
        }
        if let Some(value) = Value::of(raw) {
            self.click_ids.push(Brought { meaning, value });
            self.click_ids[place..].rotate_right(1);
        }
    }
}

/// The first value of a parameter that is not empty, decoded. Its name counts in any case.
pub(in super::super) fn parameter<'q>(query: &'q str, name: &str) -> Option<Cow<'q, str>> {
    parameters(query).find_map(|(written, value)| {
        let mut buffer = [0; LONGEST_NAME];
        let is_it = lower_name(written.as_bytes(), &mut buffer)?.eq_ignore_ascii_case(name.as_bytes());
        if is_it { decode(value) } else { None }
    })
}

/// Names and values, as they are written. What has no `=` is no parameter of ours.
fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = &query[..query.floor_char_boundary(LONGEST_QUERY)];
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            // Names are short, and values need not be.
            let name_end = rest.bytes().position(|byte| matches!(byte, b'=' | b'&')).unwrap_or(rest.len());
            let (name, behind) = rest.split_at(name_end);
            let Some(value) = behind.strip_prefix('=') else {
                rest = behind.get(1..).unwrap_or_default();
                continue;
            };
            let end = memchr::memchr(b'&', value.as_bytes()).unwrap_or(value.len());
            rest = value.get(end + 1..).unwrap_or_default();
            return Some((name, &value[..end]));
        }
        None
    })
}

/// The name decoded and in lower case; `None` for one that is longer than any we read.
fn lower_name<'b>(raw: &'b [u8], buffer: &'b mut [u8; LONGEST_NAME]) -> Option<&'b [u8]> {
    if raw.len() <= LONGEST_NAME && raw.iter().all(|byte| matches!(byte, b'_' | b'a'..=b'z')) {
        return Some(raw);
    }
    let mut length = 0;
    for byte in DecodedBytes(raw) {
        *buffer.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    Some(&buffer[..length])
}

/// The value decoded, without control characters and surrounding space; `None` where nothing is
/// left of it.
fn decode(raw: &str) -> Option<Cow<'_, str>> {
    let raw = &raw[..raw.floor_char_boundary(LONGEST_RAW_VALUE)];
    if raw.len() <= LONGEST_VALUE && is_plain(raw.as_bytes()) {
        return (!raw.is_empty()).then_some(Cow::Borrowed(raw));
    }
    let mut decoded = Vec::with_capacity(raw.len());
    decoded.extend(DecodedBytes(raw.as_bytes()));
    if decoded.len() <= LONGEST_VALUE && decoded.iter().fold(true, |all, b| all & matches!(b, b' '..=b'~')) {
        let text = String::from_utf8(decoded).expect("ASCII");
        let value = text.trim_ascii();
        return match value.len() {
            0 => None,
            all if all == text.len() => Some(Cow::Owned(text)),
            _ => Some(Cow::Owned(value.to_owned())),
        };
    }
    let clean: String = String::from_utf8_lossy(&decoded)
        .trim()
        .chars()
        .filter(|character| !character.is_control())
        .take(LONGEST_VALUE)
        .collect();
    let value = clean.trim();
    (!value.is_empty()).then(|| Cow::Owned(value.to_owned()))
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

    fn read<'q>(raw: &'q str, own: &[String]) -> Query<'q> {
        let mut query = Query::default();
        query.read(raw, own);
        query
    }

    fn source(raw: &str) -> Option<String> {
        read(raw, &[]).source.to_owned()
    }

    #[test]
    fn values_are_decoded_as_forms_are() {
        let query = read(
            "utm_source=news%20letter&utm_medium=e+mail&utm_campaign=%C3%BCber&utm_term=a%2Bb&utm_content=c",
            &[],
        );
        assert_eq!(query.source.value().as_deref(), Some("news letter"));
        assert_eq!(query.medium.value().as_deref(), Some("e mail"));
        assert_eq!(query.campaign.value().as_deref(), Some("über"));
        assert_eq!(query.term.value().as_deref(), Some("a+b"));
        assert_eq!(query.content.value().as_deref(), Some("c"));
    }

    #[test]
    fn names_count_in_any_case_and_encoded() {
        assert_eq!(source("UTM_Source=a").as_deref(), Some("a"));
        assert_eq!(source("utm%5Fsource=a").as_deref(), Some("a"));
        assert_eq!(source("xutm_source=a"), None);
        assert_eq!(source("utm_source_platform=a"), None);
    }

    #[test]
    fn googles_newer_tags_are_kept_and_matomos_say_the_same() {
        let query = read(
            "utm_id=7&utm_source_platform=SA360&utm_creative_format=video&utm_marketing_tactic=prospecting",
            &[],
        );
        assert_eq!(query.campaign_id.value().as_deref(), Some("7"));
        assert_eq!(query.source_platform.value().as_deref(), Some("SA360"));
        assert_eq!(query.creative_format.value().as_deref(), Some("video"));
        assert_eq!(query.marketing_tactic.value().as_deref(), Some("prospecting"));
        for family in ["mtm", "pk", "PK", "Mtm"] {
            let query = "X_source=a&X_medium=b&X_campaign=c&X_kwd=d&X_content=e&X_cid=f".replace("X", family);
            let query = read(&query, &[]);
            let said = [
                &query.source,
                &query.medium,
                &query.campaign,
                &query.term,
                &query.content,
                &query.campaign_id,
            ];
            assert_eq!(
                said.map(Tagged::to_owned),
                ["a", "b", "c", "d", "e", "f"].map(|said| Some(said.to_owned())),
                "{family}"
            );
        }
        assert_eq!(read("pk_keyword=d", &[]).term.value().as_deref(), Some("d"));
        assert_eq!(read("utm_kwd=a&mtm_term=b&pk_id=c&mtm_source_platform=d", &[]), Query::default());
    }

    #[test]
    fn which_tag_counts_does_not_hang_on_their_order() {
        let own = ["ref".to_owned()];
        for query in
            ["ref=d&pk_source=c&mtm_source=b&utm_source=a", "utm_source=a&mtm_source=b&pk_source=c&ref=d"]
        {
            assert_eq!(read(query, &own).source.value().as_deref(), Some("a"), "{query}");
        }
        assert_eq!(read("Ref=d&pk_source=c&utm_source=", &own).source.value().as_deref(), Some("c"));
        assert_eq!(read("REF=d", &own).source.value().as_deref(), Some("d"));
        assert_eq!(read("ref=d", &[]).source.value().as_deref(), None, "only where a site asks for it");
        let names = |query| read(query, &[]).click_ids.iter().map(|id| id.meaning.name).collect::<Vec<_>>();
        assert_eq!(names("fbclid=1&msclkid=2&gclid=3&gclid=4"), ["gclid", "msclkid", "fbclid"]);
        assert_eq!(names("gclid=3&gclid=4&msclkid=2&fbclid=1"), ["gclid", "msclkid", "fbclid"]);
    }

    #[test]
    fn the_first_value_that_is_not_empty_counts() {
        assert_eq!(source("utm_source=&utm_source=%20&utm_source=b&utm_source=c").as_deref(), Some("b"));
        assert_eq!(source("utm_source"), None);
        assert_eq!(source("=x&&utm_source=a=b&").as_deref(), Some("a=b"));
        let query = read("gclid=&GCLID=Ab&gclid=c", &[]);
        let ids: Vec<_> = query.click_ids.iter().map(|id| (id.meaning.name, id.value())).collect();
        assert_eq!(ids, [("gclid", "Ab".into())]);
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
        assert!(read("gclid=a&gclsrc=ds", &[]).is_search_ads_360);
        assert!(read("gclid=a&gclsrc=3p.ds", &[]).is_search_ads_360);
        assert!(!read("gclid=a&gclsrc=aw.ds", &[]).is_search_ads_360);
    }
}
