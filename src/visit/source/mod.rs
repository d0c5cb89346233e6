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
mod reading;
mod referrer;

pub use channel::{Channel, UnknownChannel};
pub use click_id::ClickId;
pub use described::Described;
pub use ga4_channel::Ga4Channel;
pub use query::LONGEST_NAME as LONGEST_PARAMETER;
pub use reading::Reading;

pub use referrer::referrer;

pub(super) use query::parameter;
pub(super) use referrer::referring_host;

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
    pub click_ids: Vec<ClickId<'static>>,
    /// The click ids are those of a link that was passed on: they are kept, and count for nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_shared_link: bool,
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
            is_shared_link: false,
        }
    }

    pub fn is_direct(&self) -> bool {
        self.channel == Channel::Direct
    }

    /// The source of a visit that lands like this. `because`, where given, receives a sentence for
    /// each step: which fact, what it matched, and what lost to it.
    pub fn of(landing: &Landing<'_>, because: Option<&mut Vec<String>>) -> Source {
        Reading::of(landing, because).into_source()
    }
}

/// What our tables call a source that they know; no word of it is whoever's wrote the source.
pub fn known_source(source: &str) -> Option<&'static str> {
    hosts::name_of(source)
}

#[cfg(test)]
mod tests;
