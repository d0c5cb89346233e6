//! Visitors of whom nothing is kept: those whom a site does not count, and those who have not consented.

use http::Method;

use super::{Visit, facts};
use crate::proxy::inbound::{Inbound, Opening};
use crate::proxy::{Edge, SiteState, cookies};
use crate::visit::Rule;

impl Edge {
    /// Somebody who has not consented: nothing is kept of them, and what they are shown is decided for this request alone. A
    /// cookie from before is taken back.
    pub(super) async fn stay_unknown(
        &self,
        site: &SiteState,
        inbound: &Inbound,
        opening: Option<Opening<'_>>,
        why: &'static str,
        visit: &mut Visit,
        mut told: Option<&mut Vec<String>>,
    ) {
        if let Some(told) = told.as_deref_mut() {
            told.push(why.to_owned());
        }
        if cookies::find(inbound.headers(), &site.site.cookie, inbound.hop.tls).next().is_some() {
            visit.set_cookie = cookies::expire(&site.site.cookie, inbound.hop.tls);
            visit.begins = true;
        }
        let asks_head = visit.visitor.is_person() && visit.document && *inbound.method() == Method::HEAD;
        visit.without_consent = Some(Vec::new());
        let Some(opening) = opening.filter(|_| visit.opens_page || asks_head) else { return };
        let source = self.source(site, opening, None, told).await.into_source();
        let facts = facts(site, inbound, opening, &source, None, visit.now);
        let shows = site.site.without_consent(Rule::first(&site.site.rules, &facts), &source);
        visit.would_fill = asks_head && !shows.is_empty();
        visit.without_consent = Some(shows);
    }
}

/// Why a visitor is not to be known again; none where they may be.
pub(super) fn withheld(site: &SiteState, inbound: &Inbound) -> Option<&'static str> {
    site.site.consent.as_ref()?.withheld(inbound.headers())
}
