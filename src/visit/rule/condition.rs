//! What a rule asks of a visit.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::facts::Facts;
use super::pattern::{Pattern, take_in_any};
use crate::clock::Timestamp;
use crate::visit::session::SessionHash;

/// Something asked of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The patterns take the field's value in.
    Matches { field: Field, patterns: Vec<Pattern> },
    /// The visit is at this time or later, and before the other.
    Between { from: Timestamp, to: Timestamp },
    /// The session is in a share of all.
    Percent(Share),
}

/// Something known of a visit, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    Channel,
    Source,
    Medium,
    Campaign,
    Term,
    Content,
    /// Holds where any of the visit's click ids does, by name.
    ClickId,
    /// Where the visit landed, without port.
    LandingHost,
    LandingPath,
    /// The host that linked here, without port.
    ReferrerHost,
    /// The language that the browser asks for first: `en-GB`.
    Language,
    /// ISO 3166-1, by what a CDN says.
    Country,
    /// `mobile` or `desktop`.
    Device,
    /// A parameter of the landing page's query.
    Query(Box<str>),
    Cookie(Box<str>),
}

/// A share of all sessions, drawn anew for each rule, and for each session always the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// In hundredths of a percent: 0 to 10,000.
    pub hundredths: u16,
    /// The rule that draws.
    pub rule: usize,
}

/// What a visit has in a field: none where the field is absent.
type Values<'a> = SmallVec<[Cow<'a, str>; 1]>;

impl Condition {
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Condition::Matches { field, patterns } => take_in_any(patterns, &field.read(facts)),
            Condition::Between { from, to } => (*from..*to).contains(&facts.now),
            Condition::Percent(share) => facts.session.is_none_or(|session| share.holds(session)),
        }
    }

    /// As the configuration calls it.
    pub fn key(&self) -> String {
        match self {
            Condition::Matches { field, .. } => field.key(),
            Condition::Between { .. } => "between".to_owned(),
            Condition::Percent(_) => "percent".to_owned(),
        }
    }

    /// What it asks for, for people.
    pub fn asked(&self) -> String {
        match self {
            Condition::Matches { patterns, .. } => {
                let written = |pattern: &Pattern| {
                    format!("\"{}{}\"", if pattern.negated { "!" } else { "" }, pattern.written())
                };
                patterns.iter().map(written).collect::<Vec<_>>().join(", ")
            }
            Condition::Between { from, to } => format!("{from} to {to}"),
            Condition::Percent(share) => format!("{} % of sessions", f64::from(share.hundredths) / 100.0),
        }
    }

    /// What the visit has, for people.
    pub fn read(&self, facts: &Facts<'_>) -> String {
        match self {
            Condition::Matches { field, .. } => match field.read(facts) {
                values if values.is_empty() => "absent".to_owned(),
                values => values.join(", "),
            },
            Condition::Between { .. } => facts.now.to_string(),
            Condition::Percent(_) => "in another share".to_owned(),
        }
    }
}

impl Share {
    /// Whether the session is in it. Its hash is as good as random; mixing in the rule's place makes the draws independent
    /// (SplitMix64's finaliser, Steele et al. 2014).
    fn holds(self, session: SessionHash) -> bool {
        let [first, ..] = session.0.as_chunks::<8>().0 else { return false };
        let mut mixed = u64::from_le_bytes(*first) ^ (self.rule as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % 10_000 < u64::from(self.hundredths)
    }
}

impl Field {
    /// What a visit has in this field.
    fn read<'a>(&self, facts: &Facts<'a>) -> Values<'a> {
        let source = facts.source;
        let word = |word: &'a Option<String>| word.as_deref().map(Cow::Borrowed);
        let one = match self {
            Field::Channel => Some(Cow::Borrowed(source.channel.name())),
            Field::Source => Some(Cow::Borrowed(&*source.source)),
            Field::Medium => Some(Cow::Borrowed(&*source.medium)),
            Field::Campaign => word(&source.campaign),
            Field::Term => word(&source.term),
            Field::Content => word(&source.content),
            Field::ClickId if source.is_shared_link => None,
            Field::ClickId => return source.click_ids.iter().map(|id| Cow::Borrowed(&*id.name)).collect(),
            Field::LandingHost => Some(Cow::Borrowed(facts.landing_host)),
            Field::LandingPath => Some(Cow::Borrowed(facts.landing_path)),
            Field::ReferrerHost => facts.referrer_host().map(Cow::Owned),
            Field::Language => facts.language().map(Cow::Borrowed),
            Field::Country => facts.country.map(Cow::Borrowed),
            Field::Device => Some(Cow::Borrowed(facts.device().name())),
            Field::Query(name) => facts.parameter(name),
            Field::Cookie(name) => return facts.cookie(name),
        };
        one.into_iter().collect()
    }

    /// Whether one visit may have several values of it.
    pub fn has_several(&self) -> bool {
        matches!(self, Field::ClickId | Field::Cookie(_))
    }

    /// As the configuration calls it.
    pub fn key(&self) -> String {
        let plain = match self {
            Field::Channel => "channel",
            Field::Source => "source",
            Field::Medium => "medium",
            Field::Campaign => "campaign",
            Field::Term => "term",
            Field::Content => "content",
            Field::ClickId => "click_id",
            Field::LandingHost => "landing_host",
            Field::LandingPath => "landing_path",
            Field::ReferrerHost => "referrer_host",
            Field::Language => "language",
            Field::Country => "country",
            Field::Device => "device",
            Field::Query(name) => return format!("query.{name}"),
            Field::Cookie(name) => return format!("cookie.{name}"),
        };
        plain.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;
    use crate::visit::{ClickId, Source};

    fn condition(field: Field, patterns: &[&str]) -> Condition {
        Condition::Matches { field, patterns: patterns.iter().map(|pattern| Pattern::new(pattern)).collect() }
    }

    fn facts<'a>(source: &'a Source, headers: &'a HeaderMap) -> Facts<'a> {
        Facts {
            source,
            landing_host: "shop.example.com",
            landing_path: "/lp/boiler",
            query: Some("Plan=pro%20max&plan=free"),
            referrer: Some("https://News.Example.org:8443/a?b"),
            headers,
            country: None,
            region: None,
            now: Timestamp(1_000),
            session: None,
        }
    }

    fn headers(said: &[(&'static str, &'static str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        said.iter().map(header).collect()
    }

    #[test]
    fn a_click_id_is_present_or_taken_out() {
        let mut source = Source::direct();
        source.click_ids =
            ["gclid", "fbclid"].map(|name| ClickId { name: name.into(), value: "1".into() }).into();
        let (direct, headers) = (Source::direct(), HeaderMap::new());
        let holds =
            |patterns: &[&str], source| condition(Field::ClickId, patterns).holds(&facts(source, &headers));
        assert!(holds(&["fbclid"], &source) && !holds(&["!gclid"], &source) && holds(&["!msclkid"], &source));
        assert!(!holds(&["*"], &direct) && holds(&["!*id"], &direct));
    }

    #[test]
    fn a_rule_asks_for_what_the_request_says() {
        let source = Source::direct();
        let headers = headers(&[
            ("accept-language", "de;q=0.7, en-GB, *;q=0.1"),
            ("cookie", "tier=gold; consent=%7Ba%7D; tier=iron"),
            ("sec-ch-ua-mobile", "?1"),
        ]);
        let facts = facts(&source, &headers);
        for (field, patterns, holds) in [
            (Field::LandingHost, &["shop.*"][..], true),
            (Field::LandingPath, &["/lp/*"], true),
            (Field::LandingPath, &["/LP/*", "!/lp/boiler"], false),
            (Field::ReferrerHost, &["*.example.org"], true),
            (Field::Language, &["en*"], true),
            (Field::Language, &["de*"], false),
            (Field::Country, &["US"], false),
            (Field::Country, &["!US"], true),
            (Field::Device, &["mobile"], true),
            (Field::Query("plan".into()), &["pro max"], true),
            (Field::Query("plan".into()), &["free"], false),
            (Field::Query("other".into()), &["*"], false),
            (Field::Cookie("tier".into()), &["iron"], true),
            (Field::Cookie("tier".into()), &["!iron"], false),
            (Field::Cookie("consent".into()), &["{a}"], true),
            (Field::Cookie("TIER".into()), &["*"], false),
        ] {
            assert_eq!(condition(field.clone(), patterns).holds(&facts), holds, "{field:?} {patterns:?}");
        }
        let between =
            |from, to| Condition::Between { from: Timestamp(from), to: Timestamp(to) }.holds(&facts);
        assert!(between(1_000, 1_001) && !between(999, 1_000) && !between(1_001, 2_000));
    }

    #[test]
    fn a_share_is_as_large_as_it_says_and_each_rule_draws_for_itself() {
        let sessions: Vec<_> = (0..20_000_u128)
            .map(|n| SessionHash(n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_le_bytes()))
            .collect();
        let share = |hundredths, rule| Share { hundredths, rule };
        let count = |shares: &[Share]| {
            sessions.iter().filter(|session| shares.iter().all(|share| share.holds(**session))).count()
        };
        assert_eq!((count(&[share(0, 1)]), count(&[share(10_000, 1)])), (0, 20_000));
        assert!((9_700..10_300).contains(&count(&[share(5_000, 0)])));
        assert!((4_700..5_300).contains(&count(&[share(5_000, 0), share(5_000, 1)])));
        assert_eq!(count(&[share(5_000, 3), share(5_000, 3)]), count(&[share(5_000, 3)]));
    }
}
