//! Where a visit came from: source, medium, campaign and channel, out of the landing page's query
//! and the referrer. It owns the precedence between the two and refuses all memory: what an earlier
//! visit said, and whether a click id is new, is for the session to weigh.
//!
//! `utm_*` parameters describe, click ids prove, and the referrer is what is left.

mod because;
mod channel;
mod click_id;
mod evidence;
mod ga4_channel;
mod hosts;
mod lower;
mod matchers;
mod query;
mod referrer;

pub use channel::{Channel, UnknownChannel};
pub use click_id::ClickId;
pub use ga4_channel::Ga4Channel;

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
    /// Every click id of the query in its order, those that do not count included.
    pub click_ids: Vec<ClickId>,
}

/// What the request says about its origin: raw, as received.
pub struct Landing<'a> {
    /// The query string without `?`.
    pub query: Option<&'a str>,
    /// The `Referer` header.
    pub referrer: Option<&'a str>,
    /// The site's own hosts, in lower case and without port.
    pub own_hosts: &'a [String],
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
    let query = landing.query.map(Query::read).unwrap_or_default();
    let referrer = landing.referrer.and_then(|raw| outside_referrer(raw, landing, because));
    let evidence = Evidence::of(&query, referrer.as_ref(), ids_count, because);
    let Some(named) = Named::by(&query, &evidence, because) else {
        because.say(|| "nothing names a source: the visit is direct".to_owned());
        return Source {
            campaign: query.campaign,
            term: query.term,
            content: query.content,
            click_ids: query.click_ids,
            ..Source::direct()
        };
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
    Source {
        channel,
        ga4_channel,
        source: named.source.to_owned(),
        medium: named.medium.to_owned(),
        campaign: query.campaign,
        term: query.term,
        content: query.content,
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
    if referrer.is_gateway() {
        because.say(|| format!("the referrer {} is a payment gateway", referrer.website()));
        return None;
    }
    Some(referrer)
}

#[cfg(test)]
mod tests;
