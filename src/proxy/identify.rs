//! Who is asking: the session that a request belongs to, or begins, and what it is to be shown.

use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderValue, Method};

use super::inbound::{Inbound, Opening};
use super::{Edge, SiteState, cookies};
use crate::clock::Timestamp;
use crate::ledger::ReadError;
use crate::pool::Network;
use crate::visit::{
    ClickHash, Facts, Landing, Navigation, Rule, SeenAgain, Session, SessionHash, SessionId, Show, Source,
    Touch, Visitor,
};

/// Pages that a session's record keeps are cut to this length, in bytes.
const LONGEST_PAGE: usize = 2048;

/// A request, once it is known whose it is.
pub(super) struct Visit {
    pub visitor: Visitor,
    /// None: nobody who may hold a number.
    pub session: Option<Arc<Session>>,
    /// The request opens a page: only then a number may be leased.
    pub opens_page: bool,
    /// The response is a document, whoever asks: its bytes may depend on the visitor.
    pub document: bool,
    /// A session begins with this request, or takes on another source: no cache may answer it for somebody else.
    pub begins: bool,
    /// The answer to a GET of this page would be filled: the answer to a HEAD has its headers (RFC 9110 §9.3.2).
    pub would_fill: bool,
    /// What somebody is shown of whom nothing is kept, since they have not consented.
    pub without_consent: Option<Vec<Show>>,
    /// Sets the cookie of a session that has just begun, or takes one back.
    pub set_cookie: Option<HeaderValue>,
    /// The visitor has shown a cookie of ours.
    pub is_confirmed: bool,
    /// Where the visitor comes from; none where that network needs no cap.
    pub network: Option<Network>,
    /// The sentences that explain it; empty unless somebody is told.
    pub because: Vec<String>,
    pub now: Timestamp,
}

impl Visit {
    fn of(visitor: Visitor, now: Timestamp) -> Self {
        Visit {
            visitor,
            session: None,
            opens_page: false,
            document: false,
            begins: false,
            would_fill: false,
            without_consent: None,
            set_cookie: None,
            is_confirmed: false,
            network: None,
            because: Vec::new(),
            now,
        }
    }

    /// What the session's rule shows.
    pub fn shows<'a>(&'a self, site: &'a SiteState) -> &'a [Show] {
        if let Some(shows) = &self.without_consent {
            return shows;
        }
        let rule = self.session.as_ref().and_then(|session| session.rule);
        rule.and_then(|rule| site.site.rules.get(rule)).map(|rule| &rule.show[..]).unwrap_or_default()
    }

    /// Whether the response may differ from one visitor to the next, so that no cache may answer in our place.
    pub fn is_personal_document(&self, site: &SiteState) -> bool {
        self.document && (self.would_fill || !self.shows(site).is_empty())
    }
}

impl Edge {
    /// Finds out who makes a request. A session begins, or changes its source, only where a person opens a page.
    pub(super) async fn identify(&self, site: &SiteState, inbound: &Inbound) -> Visit {
        let now = Timestamp::now();
        let mut because = Vec::new();
        let mut told = self.reports.is_some().then_some(&mut because);
        let visitor = self.visitor(site, inbound, told.as_deref_mut());
        let mut visit = Visit { document: is_document(inbound), ..Visit::of(visitor, now) };
        if (visitor.is_person() || visitor == Visitor::Prefetch)
            && let Some(why) = withheld(site, inbound)
        {
            visit.opens_page =
                visitor.is_person() && Navigation::of(inbound.method(), inbound.headers()) != Navigation::No;
            self.stay_unknown(site, inbound, Some(inbound.opening()), why, &mut visit, told);
        } else if visitor.is_person() || visitor == Visitor::Prefetch {
            let shown = match self.session_of(site, inbound, &mut visit).await {
                Ok(shown) => shown,
                Err(error) => {
                    // Nothing is begun, and nothing overwritten: this page is canonical, and the next one may be right.
                    tracing::warn!(%error, "a session can't be looked up");
                    return visit;
                }
            };
            visit.opens_page =
                visitor.is_person() && Navigation::of(inbound.method(), inbound.headers()) != Navigation::No;
            match visit.opens_page {
                true => {
                    let opening = inbound.opening();
                    let source = self.source(site, opening, shown.as_ref(), told).await;
                    self.open_page(site, inbound, (opening, source), shown, &mut visit);
                }
                false => {
                    visit.session = shown.and_then(|shown| shown.session).map(|(session, _)| session);
                    visit.would_fill = visitor.is_person() && self.head_of_filled(site, inbound, &visit);
                }
            }
        }
        visit.because = because;
        visit
    }

    /// Finds out whose page a script asks from. With `opening` the script says that a person opened it.
    pub(super) async fn identify_script(
        &self,
        site: &SiteState,
        inbound: &Inbound,
        opening: Option<Opening<'_>>,
    ) -> Visit {
        let now = Timestamp::now();
        let mut because = Vec::new();
        let mut told = self.reports.is_some().then_some(&mut because);
        let mut visit = Visit::of(self.visitor(site, inbound, told.as_deref_mut()), now);
        if !visit.visitor.is_person() {
            return visit;
        }
        if let Some(why) = withheld(site, inbound) {
            visit.opens_page = opening.is_some();
            self.stay_unknown(site, inbound, opening, why, &mut visit, told);
            visit.because = because;
            return visit;
        }
        match (self.session_of(site, inbound, &mut visit).await, opening) {
            (Ok(shown), Some(opening)) => {
                visit.opens_page = true;
                let source = self.source(site, opening, shown.as_ref(), told).await;
                self.open_page(site, inbound, (opening, source), shown, &mut visit);
            }
            (Ok(shown), None) => {
                visit.session = shown.and_then(|shown| shown.session).map(|(session, _)| session);
            }
            (Err(error), _) => tracing::warn!(%error, "a session can't be looked up"),
        }
        visit.because = because;
        visit
    }

    /// Who makes the request, by its headers and by what the site says of its own people.
    fn visitor(&self, site: &SiteState, inbound: &Inbound, mut told: Option<&mut Vec<String>>) -> Visitor {
        let visitor = Visitor::of(inbound.headers(), told.as_deref_mut());
        if !visitor.is_person() && visitor != Visitor::Prefetch {
            return visitor;
        }
        match site.site.exclusion.reason(inbound.headers(), self.client(site, inbound)) {
            Some(reason) => {
                if let Some(told) = told {
                    told.push(reason);
                }
                Visitor::Excluded
            }
            None => visitor,
        }
    }

    /// Somebody who has not consented: nothing is kept of them, and what they are shown is decided for this request alone. A
    /// cookie from before is taken back.
    fn stay_unknown(
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
        let source = Source::of(&landing(site, opening), told);
        let facts = facts(site, inbound, opening, &source, None, visit.now);
        let shows = site.site.without_consent(Rule::first(&site.site.rules, &facts), &source);
        visit.would_fill = asks_head && !shows.is_empty();
        visit.without_consent = Some(shows);
    }

    /// The session that the request's cookie shows: its id, and what is known of it. A forged cookie is none.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger would have to tell, and can't.
    async fn session_of(
        &self,
        site: &SiteState,
        inbound: &Inbound,
        visit: &mut Visit,
    ) -> Result<Option<Shown>, ReadError> {
        let network = Network::of(self.client(site, inbound));
        visit.network = (!self.networks.is_trusted(network)).then_some(network);
        let mut values = cookies::find(inbound.headers(), &site.site.cookie, inbound.hop.tls);
        let Some(id) = values.find_map(|value| SessionId::verify(value, &site.name, &self.keys)) else {
            return Ok(None);
        };
        visit.is_confirmed = true;
        let hash = id.hash(&self.keys);
        let seen = match self.sessions.see(hash, visit.now) {
            Some(seen) => Some(seen),
            None => self.recall(site, inbound, hash, visit.now).await?,
        };
        if let Some(seen) = seen.as_ref().filter(|seen| seen.is_first) {
            site.pools.iter().for_each(|pool| pool.confirm_session(hash));
            self.networks.confirm(network);
            self.note_clicks(site, &seen.session);
        }
        Ok(Some(Shown { id, hash, session: seen.map(|seen| (seen.session, seen.before)) }))
    }

    /// The visitor's address, as far as it can be known.
    fn client(&self, site: &SiteState, inbound: &Inbound) -> IpAddr {
        inbound.client(&self.config.server.trusted_proxies, site.site.cdn.client.as_ref())
    }

    /// A session that isn't in memory, from the ledger.
    async fn recall(
        &self,
        site: &SiteState,
        inbound: &Inbound,
        hash: SessionHash,
        now: Timestamp,
    ) -> Result<Option<SeenAgain>, ReadError> {
        let (ledger, name) = (self.ledger.clone(), Arc::clone(&site.name));
        let found = tokio::task::spawn_blocking(move || ledger.find_session(&name, hash)).await;
        let Some(mut session) = found.unwrap_or(Ok(None))? else { return Ok(None) };
        session.rule = rule_again(site, inbound, &session);
        self.sessions.recall(Arc::new(session));
        Ok(self.sessions.see(hash, now))
    }

    /// Where somebody comes from who opens a page. A click id that somebody else brought first is a link passed on.
    async fn source(
        &self,
        site: &SiteState,
        opening: Opening<'_>,
        shown: Option<&Shown>,
        told: Option<&mut Vec<String>>,
    ) -> Source {
        let landing = landing(site, opening);
        let source = Source::of(&landing, None);
        let clicks = self.clicks_of(site, &source);
        let own = shown.map(|shown| shown.hash);
        for click in clicks {
            if self.first_with(click).await.is_some_and(|first| Some(first) != own) {
                return Source::of_shared_link(&landing, told);
            }
        }
        match told {
            Some(_) => Source::of(&landing, told),
            None => source,
        }
    }

    fn clicks_of(&self, site: &SiteState, source: &Source) -> Vec<ClickHash> {
        let ids = source.click_ids.iter().filter(|id| id.is_of_one_click());
        ids.map(|id| ClickHash::of(&site.name, id, &self.keys)).collect()
    }

    /// The session that brought a click first. Where the ledger can't tell, nobody did.
    async fn first_with(&self, click: ClickHash) -> Option<SessionHash> {
        if let Some(first) = self.clicks.of(click) {
            return Some(first);
        }
        let ledger = self.ledger.clone();
        let found = tokio::task::spawn_blocking(move || ledger.find_click(click)).await;
        let first = found.ok()?.ok()??;
        self.clicks.note(click, first);
        Some(first)
    }

    /// A session that has shown its cookie has its clicks for its own.
    fn note_clicks(&self, site: &SiteState, session: &Session) {
        let mut clicks = self.clicks_of(site, &session.source);
        clicks.retain(|click| self.clicks.note(*click, session.hash));
        if !clicks.is_empty() {
            self.ledger.clicks(clicks, session.hash);
        }
    }

    /// A person opens a page: their session begins, goes on, or takes on a new source.
    fn open_page(
        &self,
        site: &SiteState,
        inbound: &Inbound,
        (opening, source): (Opening<'_>, Source),
        shown: Option<Shown>,
        visit: &mut Visit,
    ) {
        self.begin_or_go_on(site, inbound, (opening, source), shown, visit);
        if let Some(session) = &visit.session {
            self.sessions.open(session.hash, || page_of(inbound, opening), visit.now);
            if visit.begins && visit.is_confirmed {
                self.note_clicks(site, session);
            }
        }
    }

    fn begin_or_go_on(
        &self,
        site: &SiteState,
        inbound: &Inbound,
        (opening, source): (Opening<'_>, Source),
        shown: Option<Shown>,
        visit: &mut Visit,
    ) {
        let known = shown.as_ref().and_then(|shown| shown.session.clone());
        let session = match known {
            Some((session, seen)) if visit.now.since(seen) <= site.site.idle => {
                match source.is_direct() || source == session.source {
                    true => {
                        visit.session = Some(session);
                        return;
                    }
                    false => Session { source, touched: visit.now, ..Session::clone(&session) },
                }
            }
            known => {
                // The cookie lives on from here.
                let hash = match &shown {
                    Some(shown) => {
                        self.set_cookie(site, inbound, shown.id, visit);
                        shown.hash
                    }
                    None => self.invite(site, inbound, visit),
                };
                let known = known.map(|(session, _)| session);
                begin(hash, site, source, known.as_deref(), inbound, opening, visit.now)
            }
        };
        let facts = facts(site, inbound, opening, &session.source, Some(session.hash), visit.now);
        let rule = Rule::first(&site.site.rules, &facts);
        let shows = names(site, rule);
        let session = Arc::new(Session { rule, shows, last_seen: visit.now, ..session });
        // A lease takes its session to the disk with it; for others the next flush is soon enough.
        self.sessions.remember(Arc::clone(&session), visit.is_confirmed);
        visit.session = Some(session);
        visit.begins = true;
    }

    /// Whether this is a HEAD request for a page that its GET would fill.
    fn head_of_filled(&self, site: &SiteState, inbound: &Inbound, visit: &Visit) -> bool {
        if *inbound.method() != Method::HEAD || !visit.document {
            return false;
        }
        let source = Source::of(&landing(site, inbound.opening()), None);
        match &visit.session {
            Some(_) if source.is_direct() => !visit.shows(site).is_empty(),
            _ => Rule::first(
                &site.site.rules,
                &facts(site, inbound, inbound.opening(), &source, None, visit.now),
            )
            .is_some_and(|rule| !site.site.rules[rule].show.is_empty()),
        }
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
        let value = id.signed(&site.name, &self.keys);
        visit.set_cookie = cookies::set(&site.site.cookie, &value, inbound.hop.tls);
    }
}

/// A session that a valid cookie shows.
struct Shown {
    id: SessionId,
    hash: SessionHash,
    /// What is known of it, and when it was last seen.
    session: Option<(Arc<Session>, Timestamp)>,
}

/// The rule that a session was given, in the configuration as it is now: the one in its place if it still shows the same,
/// else the first that does, else whichever matches.
fn rule_again(site: &SiteState, inbound: &Inbound, session: &Session) -> Option<usize> {
    let shows = |rule: Option<usize>| names(site, rule) == session.shows;
    let rules = 0..site.site.rules.len();
    let whichever = || {
        let (host, path, query) = parts_of(&session.landing_page);
        let opening = Opening { path, query, referrer: session.referring_page.as_deref() };
        let facts = facts(site, inbound, opening, &session.source, Some(session.hash), session.started);
        Rule::first(&site.site.rules, &Facts { landing_host: host, ..facts })
    };
    match session.rule {
        Some(place) if rules.contains(&place) && shows(Some(place)) => Some(place),
        Some(_) => rules.into_iter().find(|place| shows(Some(*place))).or_else(whichever),
        None => whichever(),
    }
}

/// Host, path and query of a page as a session's record has it.
fn parts_of(page: &str) -> (&str, &str, Option<&str>) {
    let (page, query) = page.split_once('?').map_or((page, None), |(page, query)| (page, Some(query)));
    let path = page.find('/').unwrap_or(page.len());
    (&page[..path], &page[path..], query)
}

/// What rules may ask of a visit that opens this page.
fn facts<'a>(
    site: &'a SiteState,
    inbound: &'a Inbound,
    opening: Opening<'a>,
    source: &'a Source,
    session: Option<SessionHash>,
    now: Timestamp,
) -> Facts<'a> {
    Facts {
        source,
        landing_host: &inbound.host,
        landing_path: opening.path,
        query: opening.query,
        referrer: opening.referrer,
        headers: inbound.headers(),
        country: inbound.told_by_cdn(site.site.cdn.country.as_ref()),
        now,
        session,
    }
}

/// Why a visitor is not to be known again; none where they may be.
fn withheld(site: &SiteState, inbound: &Inbound) -> Option<&'static str> {
    site.site.consent.as_ref()?.withheld(inbound.headers())
}

fn landing<'a>(site: &'a SiteState, opening: Opening<'a>) -> Landing<'a> {
    site.site.landing(opening.query, opening.referrer)
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
        shows: String::new(),
        started: now,
        last_seen: now,
        landing_page: page_of(inbound, opening),
        referring_page: opening.referrer.map(cut),
    }
}

/// What a rule shows, by name.
fn names(site: &SiteState, rule: Option<usize>) -> String {
    let shows =
        rule.and_then(|rule| site.site.rules.get(rule)).map(|rule| &rule.show[..]).unwrap_or_default();
    let name = |show: &Show| match show {
        Show::Pool(pool) => format!("pool:{}", site.site.pools[*pool].name),
        Show::Static(number) => format!("static:{}", site.site.statics[*number].name),
    };
    shows.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Whether the request is for a document: a page that is opened, asked about with HEAD, or posted to.
fn is_document(inbound: &Inbound) -> bool {
    let method = match *inbound.method() {
        Method::GET | Method::HEAD | Method::POST => &Method::GET,
        _ => return false,
    };
    Navigation::of(method, inbound.headers()) != Navigation::No
}

/// A page as a session's record keeps it: host, path and query.
fn page_of(inbound: &Inbound, opening: Opening<'_>) -> String {
    let query = opening.query.map(|query| format!("?{query}")).unwrap_or_default();
    cut(&format!("{}{}{query}", inbound.host, opening.path))
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST_PAGE)].to_owned()
}
