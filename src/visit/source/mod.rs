//! Where a visit came from: source, medium, campaign and channel, out of the landing page's query
//! and the referrer. It owns the precedence between the two and refuses all memory: what an earlier
//! visit said, and whether a click id is new, is for the session to weigh.
//!
//! `utm_*` parameters describe, click ids prove, and the referrer is what is left.

mod because;
mod channel;
mod click_id;
mod described;
mod evidence;
mod ga4_channel;
mod hosts;
mod lower;
mod matchers;
mod query;
mod referrer;

pub use channel::{Channel, UnknownChannel};
pub use click_id::ClickId;
pub use described::Described;
pub use ga4_channel::Ga4Channel;
pub use query::LONGEST_NAME as LONGEST_PARAMETER;

pub(super) use query::parameter;
pub(super) use referrer::referring_host;

use because::Because;
use channel::Facts;
use evidence::{Evidence, Named};
use query::Query;
use referrer::Referrer;
use serde::{Deserialize, Serialize};

/// Where a visit came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub channel: Channel,
    /// GA4's default channel group for the same source, medium and campaign.
    pub ga4_channel: Ga4Channel,
    /// As tagged, else an engine's name, a click id's owner or the referring host without `www.`;
    /// `(direct)` where there is none, `(not set)` where only a medium is known.
    pub source: String,
    /// As tagged, else `cpc`, `organic`, `referral` and the like; `(none)` for a direct visit,
    /// `(not set)` where only a source is known.
    pub medium: String,
    pub campaign: Option<String>,
    pub term: Option<String>,
    pub content: Option<String>,
    /// `utm_id`, or Matomo's `mtm_cid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<String>,
    /// `utm_source_platform`: where the campaign is run from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_platform: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creative_format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketing_tactic: Option<String>,
    /// Every click id of the query, the stronger proof first, those that do not count included.
    pub click_ids: Vec<ClickId>,
}

/// What the request says about its origin: raw, as received.
#[derive(Clone, Copy, Debug, Default)]
pub struct Landing<'a> {
    /// The query string without `?`.
    pub query: Option<&'a str>,
    /// The `Referer` header.
    pub referrer: Option<&'a str>,
    /// The site's own hosts, in lower case and without port.
    pub own_hosts: &'a [String],
    /// Parameters of the query, in lower case, that name the source where no `utm_source` does.
    pub source_parameters: &'a [String],
    /// Hosts, in lower case, that send visitors back and never bring any, besides the payment gateways that are known.
    pub ignored_referrers: &'a [String],
}

impl Source {
    /// No source at all: a bookmark, an address typed in, a referrer withheld.
    pub fn direct() -> Source {
        Source {
            channel: Channel::Direct,
            ga4_channel: Ga4Channel::Direct,
            source: "(direct)".to_owned(),
            medium: "(none)".to_owned(),
            campaign: None,
            term: None,
            content: None,
            campaign_id: None,
            source_platform: None,
            creative_format: None,
            marketing_tactic: None,
            click_ids: Vec::new(),
        }
    }

    pub fn is_direct(&self) -> bool {
        self.channel == Channel::Direct
    }

    /// The source of a visit that lands like this. `because`, where given, receives a sentence for
    /// each step: which fact, and what it matched.
    pub fn of(landing: &Landing<'_>, because: Option<&mut Vec<String>>) -> Source {
        decide(landing, true, &mut Because::new(because))
    }

    /// The same for a link whose click id somebody else brought first: the ids are kept, and do
    /// not count. The visit is what its `utm_*` parameters, else its referrer, say.
    pub fn of_shared_link(landing: &Landing<'_>, because: Option<&mut Vec<String>>) -> Source {
        decide(landing, false, &mut Because::new(because))
    }
}

fn decide(landing: &Landing<'_>, ids_count: bool, because: &mut Because<'_>) -> Source {
    let query = landing.query.map(|raw| Query::read(raw, landing.source_parameters)).unwrap_or_default();
    let referrer = landing.referrer.and_then(|raw| outside_referrer(raw, landing, because));
    let evidence = Evidence::of(&query, referrer.as_ref(), ids_count, because);
    let Some(named) = Named::by(&query, &evidence, because) else {
        because.say(|| "nothing names a source: the visit is direct".to_owned());
        return described(query, (Channel::Direct, Ga4Channel::Direct), ("(direct)", "(none)"));
    };
    let facts = Facts {
        source: named.source,
        medium: named.medium,
        campaign: query.campaign.as_deref(),
        kind: named.kind,
        category: hosts::ga4_category(named.source),
        referrer: evidence.referrer_kind,
        click: evidence.click,
    };
    let (channel, why) = Channel::of(&facts);
    because.say(|| format!("{} / {} is {channel}: {why}", facts.source, facts.medium));
    let (ga4_channel, why) = Ga4Channel::of(facts.source, facts.medium, facts.campaign, facts.category);
    because.say(|| format!("GA4 calls it {ga4_channel}: {why}"));
    let (source, medium) = (named.source.to_owned(), named.medium.to_owned());
    described(query, (channel, ga4_channel), (source, medium))
}

/// The source with what else was tagged.
fn described(
    query: Query,
    (channel, ga4_channel): (Channel, Ga4Channel),
    (source, medium): (impl Into<String>, impl Into<String>),
) -> Source {
    Source {
        channel,
        ga4_channel,
        source: source.into(),
        medium: medium.into(),
        campaign: query.campaign.into_value(),
        term: query.term.into_value(),
        content: query.content.into_value(),
        campaign_id: query.campaign_id.into_value(),
        source_platform: query.source_platform.into_value(),
        creative_format: query.creative_format.into_value(),
        marketing_tactic: query.marketing_tactic.into_value(),
        click_ids: query.click_ids,
    }
}

/// The referrer, unless it is the site itself or a gateway that sends a buyer back.
fn outside_referrer<'r>(
    raw: &'r str,
    landing: &Landing<'_>,
    because: &mut Because<'_>,
) -> Option<Referrer<'r>> {
    let Some(referrer) = Referrer::read(raw) else {
        let start = raw.chars().take(80);
        because.say(|| format!("the referrer {:?} names no website", start.collect::<String>()));
        return None;
    };
    if referrer.is_one_of(landing.own_hosts) {
        because.say(|| format!("the referrer {} is the site itself", referrer.website()));
        return None;
    }
    if referrer.is_below_one_of(landing.ignored_referrers) {
        because.say(|| format!("the referrer {} is one that the site ignores", referrer.website()));
        return None;
    }
    if referrer.is_gateway() {
        because.say(|| format!("the referrer {} is a payment gateway", referrer.website()));
        return None;
    }
    Some(referrer)
}

#[cfg(test)]
mod tests;
