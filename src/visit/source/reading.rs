//! What one request says of where a visit came from: a `Source` whose words are still the request's own. It owns the
//! decision, and nothing else: most requests say what is known already, and cost no memory.

use std::borrow::Cow;

use super::because::Because;
use super::channel::Facts;
use super::evidence::{Evidence, Named};
use super::query::Query;
use super::referrer::Referrer;
use super::{Channel, ClickId, Ga4Channel, Landing, Source};

/// Where a visit came from, by its request alone.
#[derive(Debug)]
pub struct Reading<'a> {
    pub channel: Channel,
    pub ga4_channel: Ga4Channel,
    pub source: Cow<'a, str>,
    pub medium: Cow<'a, str>,
    query: Query<'a>,
    /// The query's click ids are somebody else's, if it has any.
    is_shared_link: bool,
}

impl<'a> Reading<'a> {
    /// What a visit's landing says. `because`, where given, receives a sentence for each step: which fact, what it matched,
    /// and what lost to it.
    pub fn of(landing: &Landing<'a>, because: Option<&mut Vec<String>>) -> Reading<'a> {
        decide(landing, true, &mut Because::new(because))
    }

    /// The same for a link whose click id somebody else brought first: the ids are kept, and do
    /// not count. The visit is what its `utm_*` parameters, else its referrer, say.
    pub fn of_shared_link(landing: &Landing<'a>, because: Option<&mut Vec<String>>) -> Reading<'a> {
        decide(landing, false, &mut Because::new(because))
    }

    pub fn is_direct(&self) -> bool {
        self.channel == Channel::Direct
    }

    pub fn campaign(&self) -> Option<Cow<'a, str>> {
        self.query.campaign.value()
    }

    pub fn term(&self) -> Option<Cow<'a, str>> {
        self.query.term.value()
    }

    pub fn content(&self) -> Option<Cow<'a, str>> {
        self.query.content.value()
    }

    /// Every click id of the query, the stronger proof first, those that do not count included.
    pub fn click_ids(&self) -> impl Iterator<Item = ClickId<'a>> {
        let brought = self.query.click_ids.iter();
        brought.map(|id| ClickId { name: id.meaning.name.into(), value: id.value() })
    }

    pub fn into_source(self) -> Source {
        let Reading { channel, ga4_channel, source, medium, query, is_shared_link } = self;
        let brought = query.click_ids.into_iter();
        let click_ids: Vec<_> = brought
            .map(|id| ClickId { name: id.meaning.name.into(), value: Cow::Owned(id.value().into_owned()) })
            .collect();
        Source {
            channel,
            ga4_channel,
            source: source.into_owned(),
            medium: medium.into_owned(),
            campaign: query.campaign.to_owned(),
            term: query.term.to_owned(),
            content: query.content.to_owned(),
            campaign_id: query.campaign_id.to_owned(),
            source_platform: query.source_platform.to_owned(),
            creative_format: query.creative_format.to_owned(),
            marketing_tactic: query.marketing_tactic.to_owned(),
            is_shared_link: is_shared_link && !click_ids.is_empty(),
            click_ids,
        }
    }
}

fn decide<'a>(landing: &Landing<'a>, ids_count: bool, because: &mut Because<'_>) -> Reading<'a> {
    let mut query = Query::default();
    let raw = landing.query.unwrap_or_default();
    query.read(raw, landing.source_parameters);
    if because.is_heard() {
        query.tell_losers(raw, landing.source_parameters, because);
    }
    let referrer = landing.referrer.and_then(|raw| outside_referrer(raw, landing, because));
    let evidence = Evidence::of(&query, referrer.as_ref(), ids_count, because);
    let Some(named) = Named::by(&query, &evidence, because) else {
        if query.campaign.value().is_some() {
            because.say(|| "a campaign alone is no source".to_owned());
        }
        because.say(|| "nothing names a source: the visit is direct".to_owned());
        let (channel, ga4_channel) = (Channel::Direct, Ga4Channel::Direct);
        let (source, medium) = ("(direct)".into(), "(none)".into());
        return Reading { channel, ga4_channel, source, medium, query, is_shared_link: !ids_count };
    };
    let (campaign, (kind, category)) = (query.campaign.value(), named.listed());
    let facts = Facts {
        source: &named.source,
        medium: &named.medium,
        campaign: campaign.as_deref(),
        kind,
        category,
        referrer: evidence.referrer_kind,
        click: evidence.click,
    };
    let ga4 = Ga4Channel::of(facts.source, facts.medium, facts.campaign, facts.category);
    let (channel, why) = Channel::of(&facts, ga4);
    because.say(|| format!("{named} is {channel}: {why}"));
    because.say(|| format!("GA4 calls it {}: {}", ga4.0, ga4.1));
    let (source, medium) = (named.source, named.medium);
    Reading { channel, ga4_channel: ga4.0, source, medium, query, is_shared_link: !ids_count }
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
    let reason = if referrer.is_one_of(landing.own_hosts) {
        "the site itself"
    } else if referrer.is_below_one_of(landing.ignored_referrers) {
        "one that the site ignores"
    } else if referrer.is_gateway() {
        "a payment gateway"
    } else {
        return Some(referrer);
    };
    because.say(|| format!("the referrer {} is {reason}", referrer.website()));
    None
}
