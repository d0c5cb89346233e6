//! What a landing page's query string says about the visit: `utm_*` parameters, Matomo's and the site's own, and click
//! ids, decoded, cleaned and cut to size. It owns the reading and refuses to judge.
//!
//! Form encoding (WHATWG URL, application/x-www-form-urlencoded): `+` is a space, broken UTF-8
//! becomes U+FFFD. Of a parameter that is repeated the first value that is not empty counts.
//! Names count in any case, as people type them. The order of the parameters means nothing.
//! A value stays as it is written until somebody asks for it: most requests say what is known already.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::because::Because;
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
    /// `mtm_*` (Matomo guide "Tracking campaigns"); of two names for one thing, the shorter comes second.
    Matomo,
    MatomoShort,
    /// `pk_*`, by Matomo's old name.
    Piwik,
    PiwikShort,
    /// What a site reads as a source besides, `ref` or `source`, by its place in the site's list.
    Own(u8),
}

/// What a tag describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Source,
    Medium,
    Campaign,
    Term,
    Content,
    CampaignId,
    SourcePlatform,
    CreativeFormat,
    MarketingTactic,
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
        match tag_of(name, own) {
            Some((family, what)) => self.tagged(what).keep(family, value),
            None if name == b"gclsrc" => self.is_search_ads_360 |= matches!(value, "ds" | "3p.ds"),
            None => self.take_click_id(name, value),
        }
    }

    /// Tells of the tags in the query, which was read, that lost to another: to a better family's, or to their own first value.
    pub(super) fn tell_losers(&mut self, raw: &'q str, own: &[String], because: &mut Because<'_>) {
        self.tell_repeated_ids(raw, because);
        let said: Vec<_> = parameters(raw).filter_map(|(name, value)| self.said(name, value, own)).collect();
        for lost in said.iter().filter(|said| !said.counts) {
            let Some(best) = said.iter().find(|best| best.counts && best.what == lost.what) else { continue };
            if best.value == lost.value {
                continue;
            }
            because.say(|| match best.name == lost.name {
                true => format!("`{}` is said twice: the first that is not empty counts", best.name),
                false => format!("`{}` loses to `{}`, which is believed first", lost.name, best.name),
            });
        }
    }

    fn tell_repeated_ids(&self, raw: &'q str, because: &mut Because<'_>) {
        for (name, value) in parameters(raw) {
            let mut buffer = [0; LONGEST_NAME];
            let Some(meaning) = lower_name(name.as_bytes(), &mut buffer).and_then(click_id::meaning) else {
                continue;
            };
            let kept = self.click_ids.iter().find(|id| id.meaning == meaning).map(Brought::value);
            if Value::of(value).is_some_and(|value| kept.as_ref().is_some_and(|kept| *kept != value.read())) {
                because
                    .say(|| format!("`{}` is said twice: the first that is not empty counts", meaning.name));
            }
        }
    }

    /// A tag that says something.
    fn said(&mut self, name: &str, value: &'q str, own: &[String]) -> Option<Said<'q>> {
        let mut buffer = [0; LONGEST_NAME];
        let name = lower_name(name.as_bytes(), &mut buffer)?;
        let (_, what) = tag_of(name, own)?;
        let (best, value) = (self.tagged(what).0.as_ref()?.1, Value::of(value)?);
        Some(Said {
            what,
            counts: std::ptr::eq(best.0, value.0),
            name: String::from_utf8_lossy(name).into_owned(),
            value: value.read(),
        })
    }

    fn tagged(&mut self, what: What) -> &mut Tagged<'q> {
        match what {
            What::Source => &mut self.source,
            What::Medium => &mut self.medium,
            What::Campaign => &mut self.campaign,
            What::Term => &mut self.term,
            What::Content => &mut self.content,
            What::CampaignId => &mut self.campaign_id,
            What::SourcePlatform => &mut self.source_platform,
            What::CreativeFormat => &mut self.creative_format,
            What::MarketingTactic => &mut self.marketing_tactic,
        }
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

/// A tag, when it is told what became of it.
struct Said<'q> {
    what: What,
    counts: bool,
    name: String,
    value: Cow<'q, str>,
}

/// Whose tag this is, and what it describes, if the name, in lower case, is one's. Google and Matomo have names of their own for
/// some of it.
fn tag_of(name: &[u8], own: &[String]) -> Option<(Family, What)> {
    let (family, tag) = match name {
        [b'u', b't', b'm', b'_', tag @ ..] => (Family::Utm, tag),
        [b'm', b't', b'm', b'_', tag @ ..] => (Family::Matomo, tag),
        [b'p', b'k', b'_', tag @ ..] => (Family::Piwik, tag),
        _ => {
            let place = own.iter().position(|own| own.as_bytes() == name)?;
            return Some((Family::Own(u8::try_from(place).unwrap_or(u8::MAX)), What::Source));
        }
    };
    let is_utm = family == Family::Utm;
    let family = match (family, tag) {
        (Family::Matomo, b"kwd") => Family::MatomoShort,
        (Family::Piwik, b"kwd") => Family::PiwikShort,
        (family, _) => family,
    };
    let what = match tag {
        b"source" => What::Source,
        b"medium" => What::Medium,
        b"campaign" => What::Campaign,
        b"content" => What::Content,
        b"term" if is_utm => What::Term,
        b"keyword" | b"kwd" if !is_utm => What::Term,
        b"id" if is_utm => What::CampaignId,
        b"cid" if !is_utm => What::CampaignId,
        b"source_platform" if is_utm => What::SourcePlatform,
        b"creative_format" if is_utm => What::CreativeFormat,
        b"marketing_tactic" if is_utm => What::MarketingTactic,
        _ => return None,
    };
    Some((family, what))
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
    let mut rest = match query.len() {
        0..=LONGEST_QUERY => query,
        // What is cut through says nothing.
        _ => {
            let whole = &query[..query.floor_char_boundary(LONGEST_QUERY)];
            &whole[..whole.rfind('&').unwrap_or(0)]
        }
    };
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
#[path = "query_tests.rs"]
mod tests;
