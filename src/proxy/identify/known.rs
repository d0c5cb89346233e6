//! Visitors who may be known again: the session that a cookie shows, and the one that begins.

use std::sync::Arc;

use super::{Visit, facts, landing};
use crate::clock::Timestamp;
use crate::ledger::ReadError;
use crate::pool::Network;
use crate::proxy::inbound::{Inbound, Opening};
use crate::proxy::{Edge, SiteState, cookies};
use crate::visit::{
    ClickHash, ClickId, Facts, Reading, Rule, SeenAgain, Session, SessionHash, SessionId, Show, Source, Touch,
};

/// Pages that a session's record keeps are cut to this length, in bytes.
const LONGEST_PAGE: usize = 2048;

/// A session that a valid cookie shows.
pub(super) struct Shown {
    pub id: SessionId,
    pub hash: SessionHash,
    /// What is known of it.
    pub session: Arc<Session>,
    /// When it was seen before.
    pub before: Timestamp,
}

impl Edge {
    /// The session that the request's cookie shows: its id, and what is known of it. A forged cookie is none, and neither is one
    /// of a session that nobody knows of any more, such as one that was erased.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger would have to tell, and can't; the cookie's proofs are the visit's then.
    pub(super) async fn session_of(
        &self,
        site: &SiteState,
        inbound: &Inbound,
        opens_page: bool,
        visit: &mut Visit,
    ) -> Result<Option<Shown>, ReadError> {
        let client = self.client(site, inbound);
        visit.network = (!self.addresses.is_trusted(client)).then(|| Network::of(client));
        let mut values = cookies::find(inbound.headers(), &site.site.cookie, inbound.hop.tls);
        let verified = values.find_map(|value| crate::visit::verify(value, &site.name, &self.keys));
        let Some((id, proven)) = verified else { return Ok(None) };
        visit.proven = proven;
        let hash = id.hash(&self.keys);
        // Where nodes share the ledger, another may have seen the visitor since.
        let is_known = !(opens_page && self.ledger.shared().is_some());
        let seen = match is_known.then(|| self.sessions.see(hash, visit.now)).flatten() {
            Some(seen) => Some(seen),
            None => self.recall(site, inbound, hash, visit.now).await?,
        };
        let Some(seen) = seen else { return Ok(None) };
        visit.id = Some(id);
        visit.is_confirmed = true;
        if seen.is_first {
            site.pools.iter().for_each(|pool| pool.confirm_session(hash));
            self.addresses.confirm(client);
            self.note_clicks(site, &seen.session);
        }
        Ok(Some(Shown { id, hash, session: seen.session, before: seen.before }))
    }

    /// A session from the ledger. What memory knows stands in for a ledger that is away.
    async fn recall(
        &self,
        site: &SiteState,
        inbound: &Inbound,
        hash: SessionHash,
        now: Timestamp,
    ) -> Result<Option<SeenAgain>, ReadError> {
        match self.ledger.find_session(&site.name, hash).await {
            Ok(Some(mut session)) => {
                (session.rule, session.shown) = rule_again(site, inbound, &session);
                self.sessions.recall(Arc::new(session));
            }
            Ok(None) => self.sessions.forget(hash),
            Err(error) => return self.sessions.see(hash, now).map(Some).ok_or(error),
        }
        Ok(self.sessions.see(hash, now))
    }

    /// Where somebody comes from who opens a page. A click id that somebody else brought first is a link passed on.
    pub(super) async fn source<'a>(
        &self,
        site: &'a SiteState,
        opening: Opening<'a>,
        shown: Option<&Shown>,
        told: Option<&mut Vec<String>>,
    ) -> Reading<'a> {
        let landing = landing(site, opening);
        let reading = Reading::of(&landing, None);
        let own = shown.map(|shown| shown.hash);
        for click in self.clicks_of(site, reading.click_ids()) {
            if self.first_with(click).await.is_some_and(|first| Some(first) != own) {
                return Reading::of_shared_link(&landing, told);
            }
        }
        match told {
            Some(_) => Reading::of(&landing, told),
            None => reading,
        }
    }

    fn clicks_of<'i>(&self, site: &SiteState, ids: impl Iterator<Item = ClickId<'i>>) -> Vec<ClickHash> {
        ids.filter(ClickId::is_of_one_click).map(|id| ClickHash::of(&site.name, &id, &self.keys)).collect()
    }

    /// The session that brought a click first. Where the ledger can't tell, nobody did.
    async fn first_with(&self, click: ClickHash) -> Option<SessionHash> {
        if let Some(first) = self.clicks.of(click) {
            return Some(first);
        }
        let first = self.ledger.find_click(click).await.ok()??;
        self.clicks.note(click, first);
        Some(first)
    }

    /// A session that has shown its cookie has its clicks for its own.
    fn note_clicks(&self, site: &SiteState, session: &Session) {
        let mut clicks = self.clicks_of(site, session.source.click_ids.iter().cloned());
        clicks.retain(|click| self.clicks.note(*click, session.hash));
        if !clicks.is_empty() {
            self.ledger.clicks(clicks, session.hash);
        }
    }

    /// A person opens a page: their session begins, goes on, or takes on a new source.
    pub(super) fn open_page(
        &self,
        site: &SiteState,
        inbound: &Inbound,
        (opening, reading): (Opening<'_>, Reading<'_>),
        shown: Option<Shown>,
        visit: &mut Visit,
    ) {
        let session = match &shown {
            Some(Shown { session, before, .. }) if visit.now.since(*before) <= site.site.idle => {
                match (!reading.is_direct()).then(|| reading.into_source()) {
                    Some(source) if source != session.source => {
                        Session { source, touched: visit.now, ..Session::clone(session) }
                    }
                    again => {
                        let session = again.map_or(Arc::clone(session), |_| self.touch_again(session, visit));
                        self.sessions.open(session.hash, || page_of(inbound, opening), visit.now);
                        visit.session = Some(session);
                        return;
                    }
                }
            }
            known => {
                // The cookie lives on from here.
                let hash = match known {
                    Some(shown) => {
                        self.set_cookie(site, inbound, shown.id, visit);
                        shown.hash
                    }
                    None => self.invite(site, inbound, visit),
                };
                let known = known.as_ref().map(|shown| &*shown.session);
                begin(hash, site, reading.into_source(), known, inbound, opening, visit.now)
            }
        };
        let facts = facts(site, inbound, opening, &session.source, Some(session.hash), visit.now);
        let rule = Rule::first(&site.site.rules, &facts);
        let shown = rule.map(|rule| site.site.shown_by(rule, &facts).into_vec()).unwrap_or_default();
        let shows = site.site.names_of(&shown);
        let session = Arc::new(Session { rule, shown, shows, last_seen: visit.now, ..session });
        // A lease takes its session to the disk with it; for others the next flush is soon enough.
        self.sessions.remember(Arc::clone(&session), visit.is_confirmed);
        if self.ledger.shared().is_some() {
            visit.recorded = Some(self.ledger.sessions(vec![Arc::clone(&session)]));
        }
        self.sessions.open(session.hash, || page_of(inbound, opening), visit.now);
        if visit.is_confirmed {
            self.note_clicks(site, &session);
        }
        visit.session = Some(session);
        visit.begins = true;
    }

    /// Who comes from the same source once more was there last now.
    fn touch_again(&self, session: &Session, visit: &Visit) -> Arc<Session> {
        let session = Arc::new(Session { touched: visit.now, ..Session::clone(session) });
        self.sessions.remember(Arc::clone(&session), visit.is_confirmed);
        session
    }

    /// A visitor without a session of ours gets a cookie.
    fn invite(&self, site: &SiteState, inbound: &Inbound, visit: &mut Visit) -> SessionHash {
        let id = SessionId::random();
        if self.config.server.trusted_proxies.is_empty()
            && let Some(addresses) = self.arrivals.note(self.client(site, inbound))
        {
            let said: Vec<_> = addresses.iter().map(|address| format!("{:?}", address.to_string())).collect();
            tracing::warn!(
                "nearly all visitors come from {0}: if that is a proxy or a CDN of yours, add under [server]: \
                 trusted_proxies = [{0}]",
                said.join(", ")
            );
        }
        self.set_cookie(site, inbound, id, visit);
        id.hash(&self.keys)
    }

    fn set_cookie(&self, site: &SiteState, inbound: &Inbound, id: SessionId, visit: &mut Visit) {
        visit.id = Some(id);
        let value = id.signed(&site.name, &self.keys);
        visit.set_cookie = cookies::set(&site.site.cookie, &value, inbound.hop.tls);
    }
}

/// The rule that a session was given, and what it shows, in the configuration as it is now: the one in its place if it still
/// shows the same, else the first that does, else whichever matches.
fn rule_again(site: &SiteState, inbound: &Inbound, session: &Session) -> (Option<usize>, Vec<Show>) {
    let (site, of) = (&site.site, site);
    let whichever = || {
        let (host, path, query) = parts_of(&session.landing_page);
        let opening = Opening { path, query, referrer: session.referring_page.as_deref() };
        let facts = facts(of, inbound, opening, &session.source, Some(session.hash), session.started);
        let facts = Facts { landing_host: host, ..facts };
        let rule = Rule::first(&site.rules, &facts);
        (rule, rule.map(|rule| site.shown_by(rule, &facts).into_vec()).unwrap_or_default())
    };
    let (Some(place), Some(shown)) = (session.rule, site.named(&session.shows)) else { return whichever() };
    let mut places = [place].into_iter().chain(0..site.rules.len());
    let rule = places.find(|place| *place < site.rules.len() && site.offers(*place, &shown));
    rule.map_or_else(whichever, |rule| (Some(rule), shown.into_vec()))
}

/// Host, path and query of a page as a session's record has it.
fn parts_of(page: &str) -> (&str, &str, Option<&str>) {
    let (page, query) = page.split_once('?').map_or((page, None), |(page, query)| (page, Some(query)));
    let path = page.find('/').unwrap_or(page.len());
    (&page[..path], &page[path..], query)
}

/// A session that begins. Who comes back directly still comes from where they last came from, while the cookie's life has
/// lasted since.
fn begin(
    hash: SessionHash,
    site: &SiteState,
    source: Source,
    known: Option<&Session>,
    inbound: &Inbound,
    opening: Opening<'_>,
    now: Timestamp,
) -> Session {
    let still = known.filter(|known| source.is_direct() && now.since(known.touched) <= site.site.cookie.life);
    let first = known.map(|known| Arc::clone(&known.first));
    let first = first.unwrap_or_else(|| Arc::new(Touch { source: source.clone(), time: now }));
    let (source, touched) = match still {
        Some(known) => (known.source.clone(), known.touched),
        None => (source, now),
    };
    Session {
        hash,
        site: Arc::clone(&site.name),
        source,
        touched,
        first,
        rule: None,
        shown: Vec::new(),
        shows: String::new(),
        started: now,
        last_seen: now,
        landing_page: page_of(inbound, opening),
        referring_page: opening.referrer.map(cut),
    }
}

/// A page as a session's record keeps it: host, path and query.
fn page_of(inbound: &Inbound, opening: Opening<'_>) -> String {
    let query = opening.query.map(|query| format!("?{query}")).unwrap_or_default();
    cut(&format!("{}{}{query}", inbound.host, opening.path))
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST_PAGE)].to_owned()
}
