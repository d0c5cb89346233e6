//! What proves where a visit came from: the click id that speaks for it, the referrer, and how they
//! fill up what was tagged. It owns that precedence and refuses to name channels.

use super::because::Because;
use super::click_id::{ClickId, Meaning, Proof, SEARCH_ADS_360};
use super::ga4_channel;
use super::hosts::{self, Kind};
use super::query::Query;
use super::referrer::Referrer;

const NOT_SET: &str = "(not set)";

/// What click ids and the referrer say, before anybody asks what was tagged.
pub(super) struct Evidence<'a> {
    pub(super) click: Option<&'static Meaning>,
    /// Source and medium by the click id, and the source's kind.
    by_click: Option<Named<'a>>,
    /// The same by the referrer.
    by_referrer: Option<Named<'a>>,
    pub(super) referrer_kind: Option<Kind>,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(
        query: &Query,
        referrer: Option<&'a Referrer<'a>>,
        ids_count: bool,
        because: &mut Because<'_>,
    ) -> Evidence<'a> {
        let by_referrer = referrer.map(Named::by_referrer);
        let referrer_kind = by_referrer.as_ref().and_then(|named| named.kind);
        if let Some(named) = &by_referrer {
            let what = referrer_kind.map_or("a website", Kind::name);
            because.say(|| format!("the referrer is {}, {what}", named.source));
        }
        if !ids_count && !query.click_ids.is_empty() {
            because.say(|| "the click id is that of a shared link and does not count".to_owned());
        }
        let click = if ids_count { id_that_speaks(query, by_referrer.as_ref(), because) } else { None };
        let by_click = click.map(|click| Named::by_click(click, by_referrer.as_ref()));
        if let (Some(click), Some(named)) = (click, &by_click) {
            because.say(|| format!("the click id `{}` says {} / {}", click.name, named.source, named.medium));
        }
        Evidence { click, by_click, by_referrer, referrer_kind }
    }
}

/// Of the query's click ids the one that speaks for the visit.
fn id_that_speaks(
    query: &Query,
    by_referrer: Option<&Named<'_>>,
    because: &mut Because<'_>,
) -> Option<&'static Meaning> {
    let is_foreign = |id: &&ClickId| query.is_search_ads_360 && id.name == "gclid";
    let strongest = Meaning::strongest(query.click_ids.iter().filter(|id| !is_foreign(id)));
    let has_foreign = query.click_ids.iter().any(|id| is_foreign(&id));
    match (strongest, by_referrer) {
        (Some(click), _) if click.proof != Proof::Link => Some(click),
        _ if has_foreign => Some(&SEARCH_ADS_360),
        (Some(click), Some(named)) if click.house_of(named.source).is_none() => {
            let id = click.name;
            because.say(|| format!("`{id}` stays in copied links: the referrer knows better"));
            None
        }
        (strongest, _) => strongest,
    }
}

/// A source with its medium.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) source: &'a str,
    pub(super) medium: &'a str,
    pub(super) kind: Option<Kind>,
}

impl<'a> Named<'a> {
    /// What was tagged, filled up from the evidence; `None` for a direct visit. A campaign alone
    /// is no source.
    pub(super) fn by(
        query: &'a Query,
        evidence: &Evidence<'a>,
        because: &mut Because<'_>,
    ) -> Option<Named<'a>> {
        let rest = evidence.by_click.or(evidence.by_referrer);
        match (query.source.as_deref(), query.medium.as_deref()) {
            (Some(source), Some(medium)) => {
                because.say(|| format!("the tags say {source} / {medium}"));
                Some(Named { source, medium, kind: hosts::of_source(source) })
            }
            (Some(source), None) => {
                let kind = hosts::of_source(source);
                let medium = Named::medium_beside(kind, evidence);
                because.say(|| format!("the tags say {source}; the medium is {medium}"));
                Some(Named { source, medium, kind })
            }
            (None, Some(medium)) => {
                let source = rest.map_or(NOT_SET, |named| named.source);
                because.say(|| format!("the tags say the medium {medium}; the source is {source}"));
                Some(Named { source, medium, kind: rest.and_then(|named| named.kind) })
            }
            (None, None) => rest,
        }
    }

    /// The medium beside a tagged source. Beyond the click id's there is but one: assistants tag
    /// their links with a source alone, and GA4 takes the medium from their referrer.
    fn medium_beside(kind: Option<Kind>, evidence: &Evidence<'a>) -> &'a str {
        match (evidence.by_click, evidence.by_referrer) {
            (Some(click), _) => click.medium,
            (None, Some(referrer))
                if kind == Some(Kind::Assistant) && referrer.kind == Some(Kind::Assistant) =>
            {
                referrer.medium
            }
            _ => NOT_SET,
        }
    }

    /// As GA4 reports it: an engine by its name and as organic, a website by its host and as a
    /// referral, an assistant that it recognises by a medium of its own.
    fn by_referrer(referrer: &'a Referrer<'a>) -> Named<'a> {
        let website = referrer.website();
        let known = referrer.known();
        let kind = known.map(|known| known.kind);
        match known.and_then(|known| known.engine) {
            Some(engine) => Named { source: engine, medium: "organic", kind },
            None if ga4_channel::recognises_assistant(website) => {
                Named { source: website, medium: ga4_channel::AI_ASSISTANT_MEDIUM, kind }
            }
            None => Named { source: website, medium: "referral", kind },
        }
    }

    /// Two owners of click ids are not the whole truth: what Facebook adds is added on Instagram
    /// and Threads too, and Search Ads 360 serves other engines than Google. The referrer tells.
    fn by_click(click: &'static Meaning, by_referrer: Option<&Named<'a>>) -> Named<'a> {
        let kind = hosts::of_source(click.source);
        let named = Named { source: click.source, medium: click.medium, kind };
        match by_referrer {
            Some(referrer) if click == &SEARCH_ADS_360 && referrer.kind == Some(Kind::Search) => {
                Named { source: referrer.source, kind: referrer.kind, ..named }
            }
            Some(referrer) => {
                let house = click.house_of(referrer.source);
                Named { source: house.unwrap_or(click.source), ..named }
            }
            None => named,
        }
    }
}
