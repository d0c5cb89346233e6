//! What proves where a visit came from: the click id that speaks for it, the referrer, and how they
//! fill up what was tagged. It owns that precedence and refuses to name channels.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use super::because::Because;
use super::click_id::{Meaning, Proof, SEARCH_ADS_360};
use super::ga4_channel;
use super::hosts::{self, Category, Kind};
use super::query::{Brought, Query};
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
        query: &Query<'a>,
        referrer: Option<&Referrer<'a>>,
        ids_count: bool,
        because: &mut Because<'_>,
    ) -> Evidence<'a> {
        let by_referrer = referrer.map(Named::by_referrer);
        let referrer_kind = referrer.and_then(Referrer::known).map(|known| known.kind);
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
            because.say(|| format!("the click id `{}` says {named}", click.name));
        }
        Evidence { click, by_click, by_referrer, referrer_kind }
    }

    /// What speaks where nothing is tagged: an id proves a click, and a referrer may be left over from a redirect.
    fn strongest(&self, because: &mut Because<'_>) -> Option<&Named<'a>> {
        match (&self.by_click, &self.by_referrer) {
            (Some(click), Some(referrer)) if !click.says_the_same(referrer) => {
                because.say(|| format!("the referrer's {referrer} loses to it: a click id proves more"));
                Some(click)
            }
            (Some(named), _) | (None, Some(named)) => Some(named),
            (None, None) => None,
        }
    }
}

/// Of the query's click ids the one that speaks for the visit.
fn id_that_speaks(
    query: &Query<'_>,
    by_referrer: Option<&Named<'_>>,
    because: &mut Because<'_>,
) -> Option<&'static Meaning> {
    let is_foreign = |id: &Brought<'_>| query.is_search_ads_360 && id.meaning.name == "gclid";
    let strongest = query.click_ids.iter().find(|id| !is_foreign(id)).map(|id| id.meaning);
    let click = match (strongest, by_referrer) {
        (Some(click), _) if click.proof != Proof::Link => Some(click),
        _ if query.click_ids.iter().any(is_foreign) => {
            because.say(|| "`gclsrc` says that Search Ads 360 made the gclid: the click may have been on another engine".to_owned());
            Some(&SEARCH_ADS_360)
        }
        (Some(click), Some(named)) if click.house_of(&named.source).is_none() => {
            let id = click.name;
            because.say(|| format!("`{id}` stays in copied links: the referrer knows better"));
            None
        }
        (strongest, _) => strongest,
    }?;
    for other in query.click_ids.iter().filter(|id| id.meaning.name != click.name) {
        because.say(|| {
            format!("the click id `{}` loses to `{}`, which proves more", other.meaning.name, click.name)
        });
    }
    Some(click)
}

/// A source with its medium.
#[derive(Clone)]
pub(super) struct Named<'a> {
    pub(super) source: Cow<'a, str>,
    pub(super) medium: Cow<'a, str>,
    by: By,
}

/// What names a source.
#[derive(Clone, Copy)]
enum By {
    Tag,
    Click(&'static Meaning),
    /// The kind that our tables say it is.
    Referrer(Option<Kind>),
}

impl<'a> Named<'a> {
    /// What was tagged, filled up from the evidence; `None` for a direct visit. A campaign alone
    /// is no source.
    pub(super) fn by(
        query: &Query<'a>,
        evidence: &Evidence<'a>,
        because: &mut Because<'_>,
    ) -> Option<Named<'a>> {
        let rest = evidence.strongest(because);
        match (query.source.value(), query.medium.value()) {
            (None, None) => rest.cloned(),
            (Some(source), Some(medium)) => {
                let named = Named { source, medium, by: By::Tag };
                because.say(|| format!("the tags say {named}"));
                if let Some(rest) = rest.filter(|rest| !rest.says_the_same(&named)) {
                    because.say(|| format!("{rest} loses to them: tags are what somebody meant to say"));
                }
                Some(named)
            }
            (Some(source), None) => {
                let medium = Named::medium_beside(&source, evidence);
                because.say(|| format!("the tags say {source}; the medium is {medium}"));
                if let Some(rest) = rest.filter(|rest| rest.source != source) {
                    because.say(|| {
                        format!(
                            "{} loses to it as the source: tags are what somebody meant to say",
                            rest.source
                        )
                    });
                }
                Some(Named { source, medium, by: By::Tag })
            }
            (None, Some(medium)) => {
                let (source, by) =
                    rest.map_or((Cow::Borrowed(NOT_SET), By::Tag), |named| (named.source.clone(), named.by));
                because.say(|| format!("the tags say the medium {medium}; the source is {source}"));
                if let Some(rest) = rest.filter(|rest| rest.medium != medium) {
                    because.say(|| {
                        format!(
                            "{} loses to it as the medium: tags are what somebody meant to say",
                            rest.medium
                        )
                    });
                }
                Some(Named { source, medium, by })
            }
        }
    }

    /// The kind that our tables say the source is, and the category in which GA4 lists it.
    pub(super) fn listed(&self) -> (Option<Kind>, Option<Category>) {
        match self.by {
            By::Click(click) if click.source != self.source => {
                (hosts::of_source(click.source).0, hosts::ga4_category(&self.source))
            }
            By::Tag | By::Click(_) => hosts::of_source(&self.source),
            // GA4 lists sources by name as well: a host without a dot only looks like one.
            By::Referrer(None) if !self.source.contains('.') => (None, None),
            By::Referrer(kind) => (kind, hosts::ga4_category(&self.source)),
        }
    }

    /// The medium beside a tagged source. Beyond the click id's there is but one: assistants tag
    /// their links with a source alone, and GA4 takes the medium from their referrer.
    fn medium_beside(source: &str, evidence: &Evidence<'a>) -> Cow<'a, str> {
        match (&evidence.by_click, &evidence.by_referrer) {
            (Some(click), _) => click.medium.clone(),
            (None, Some(referrer))
                if evidence.referrer_kind == Some(Kind::Assistant)
                    && hosts::of_source(source).0 == Some(Kind::Assistant) =>
            {
                referrer.medium.clone()
            }
            _ => Cow::Borrowed(NOT_SET),
        }
    }

    /// As GA4 reports it: an engine by its name and as organic, a website by its host and as a
    /// referral, an assistant that it recognises by a medium of its own.
    fn by_referrer(referrer: &Referrer<'a>) -> Named<'a> {
        let known = referrer.known();
        let (source, medium) = match known.and_then(|known| known.engine) {
            Some(engine) => (Cow::Borrowed(engine), "organic"),
            None if ga4_channel::recognises_assistant(referrer.website()) => {
                (referrer.website().clone(), ga4_channel::AI_ASSISTANT_MEDIUM)
            }
            None => (referrer.website().clone(), "referral"),
        };
        let by = By::Referrer(known.map(|known| known.kind));
        Named { source, medium: Cow::Borrowed(medium), by }
    }

    /// Two owners of click ids are not the whole truth: what Facebook adds is added on Instagram
    /// and Threads too, and Search Ads 360 serves other engines than Google. The referrer tells.
    fn by_click(click: &'static Meaning, by_referrer: Option<&Named<'a>>) -> Named<'a> {
        let (source, by) = match by_referrer {
            Some(Named { source, by: by @ By::Referrer(Some(Kind::Search)), .. })
                if click == &SEARCH_ADS_360 =>
            {
                (source.clone(), *by)
            }
            Some(referrer) => {
                let house = click.house_of(&referrer.source);
                (Cow::Borrowed(house.unwrap_or(click.source)), By::Click(click))
            }
            None => (Cow::Borrowed(click.source), By::Click(click)),
        };
        Named { source, medium: Cow::Borrowed(click.medium), by }
    }

    fn says_the_same(&self, other: &Named<'_>) -> bool {
        (&self.source, &self.medium) == (&other.source, &other.medium)
    }
}

/// As reports write it: `google / cpc`.
impl Display for Named<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.source, self.medium)
    }
}
