//! Who is asking: the session that a request belongs to, or begins, and what it is to be shown.

mod known;
mod unknown;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use http::{HeaderValue, Method, header};

use super::inbound::{Inbound, Opening};
use super::{Edge, SiteState};
use crate::clock::Timestamp;
use crate::config::Prefetch;
use crate::ledger::{Commit, ReadError};
use crate::observe::Trail;
use crate::pool::Network;
use crate::visit::{
    Claim, Facts, Landing, Navigation, Proven, Rule, Session, SessionHash, SessionId, Show, Source, Visitor,
};
use unknown::withheld;

/// A cookie that proves a number is set anew once it could prove it for so much longer.
const PROVEN_AGAIN: Duration = Duration::from_secs(60);

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
    /// The session's id, by the cookie that the visitor has or gets, and the numbers that the one proves that they have.
    pub id: Option<SessionId>,
    pub proven: Vec<Proven>,
    /// What the ledger knows of the visitor can't be read.
    pub is_ledger_away: bool,
    /// A session that other nodes must know of by the visitor's next request is on its way to the ledger.
    pub recorded: Option<Commit>,
    /// Sets the cookie of a session that has just begun, or takes one back.
    pub set_cookie: Option<HeaderValue>,
    /// The visitor has shown a cookie of ours.
    pub is_confirmed: bool,
    /// Where the visitor comes from; none where that network needs no cap.
    pub network: Option<Network>,
    /// To be set once the response shows a tracking number, where operators are told of that.
    pub shown: Option<Arc<AtomicBool>>,
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
            id: None,
            proven: Vec::new(),
            is_ledger_away: false,
            recorded: None,
            set_cookie: None,
            is_confirmed: false,
            network: None,
            shown: None,
            because: Vec::new(),
            now,
        }
    }

    /// Tells operators who it is, and learns whether they are to be told that a number was shown.
    pub fn note(&mut self, trail: &mut Trail) {
        let channel = self.session.as_ref().map(|session| session.source.channel.name());
        trail.visitor(self.visitor.name(), channel);
        self.shown = trail.shown();
    }

    /// What the session's rule shows.
    pub fn shows(&self) -> &[Show] {
        match (&self.without_consent, &self.session) {
            (Some(shows), _) => shows,
            (None, Some(session)) => &session.shown,
            (None, None) => &[],
        }
    }

    /// Whether a browser is to wait with this page until a person opens it. It fetches the page then that it didn't get ahead
    /// (Chromium, "Prefetch", and web-platform-tests pin it for a status of 503).
    pub fn is_refused(&self, site: &SiteState, inbound: &Inbound) -> bool {
        self.visitor == Visitor::Prefetch
            && self.session.is_none()
            && site.site.prefetch == Prefetch::Refuse
            && Navigation::may_become(inbound.method(), inbound.headers())
    }

    /// Whose crawler the visitor says to be, if they are no person.
    pub fn claim(&self, inbound: &Inbound) -> Option<Claim> {
        let user_agent = inbound.headers().get(header::USER_AGENT)?;
        if self.visitor.may_have_session() { None } else { Claim::of(user_agent.as_bytes()) }
    }

    /// Whether the response may differ from one visitor to the next, so that no cache may answer in our place.
    pub fn is_personal_document(&self) -> bool {
        self.document && (self.would_fill || !self.shows().is_empty() || !self.proofs().is_empty())
    }

    /// What stands in for the ledger's word while that is away.
    pub fn proofs(&self) -> &[Proven] {
        if self.is_ledger_away { &self.proven } else { &[] }
    }

    /// Whether the cookie proves these already, and for about as long.
    pub fn is_proven(&self, proofs: &[Proven]) -> bool {
        let is_proven = |proof: &Proven| {
            let mut same = self
                .proven
                .iter()
                .filter(|known| known.number == proof.number && known.started == proof.started);
            same.any(|known| proof.until.since(known.until) < PROVEN_AGAIN)
        };
        self.proven.len() == proofs.len() && proofs.iter().all(is_proven)
    }

    /// Waits until other nodes can know of the session, but no longer than this.
    pub async fn is_recorded(&mut self, patience: Duration) {
        if let Some(commit) = self.recorded.take() {
            let _ = tokio::time::timeout(patience, commit.durable()).await;
        }
    }

    /// Nothing is begun, and nothing overwritten: this page shows what the cookie proves, and the next one may be right.
    fn goes_on_without(&mut self, error: &ReadError) {
        self.is_ledger_away = true;
        tracing::debug!(%error, "a session can't be looked up");
    }
}

impl Edge {
    /// Finds out who makes a request. A session begins, or changes its source, only where a person opens a page.
    pub(super) async fn identify(&self, site: &SiteState, inbound: &Inbound) -> Visit {
        let now = Timestamp::now();
        let mut because = Vec::new();
        let mut told = self.reports.is_some().then_some(&mut because);
        let client = self.client(site, inbound);
        let visitor = site.site.exclusion.visitor(inbound.headers(), client, told.as_deref_mut());
        let mut visit = Visit { document: is_document(inbound), ..Visit::of(visitor, now) };
        if !visitor.may_have_session() {
            visit.because = because;
            return visit;
        }
        let opening = inbound.opening();
        let opens_page =
            visitor.is_person() && Navigation::of(inbound.method(), inbound.headers()) != Navigation::No;
        if let Some(why) = withheld(site, inbound) {
            visit.opens_page = opens_page;
            self.stay_unknown(site, inbound, Some(opening), why, &mut visit, told).await;
        } else {
            match self.session_of(site, inbound, opens_page, &mut visit).await {
                Ok(shown) if opens_page => {
                    visit.opens_page = true;
                    let source = self.source(site, opening, shown.as_ref(), told).await;
                    self.open_page(site, inbound, (opening, source), shown, &mut visit);
                }
                Ok(shown) => {
                    visit.session = shown.map(|shown| shown.session);
                    visit.would_fill = visitor.is_person() && self.head_of_filled(site, inbound, &visit);
                }
                Err(error) => visit.goes_on_without(&error),
            }
        }
        visit.because = because;
        visit
    }

    /// Finds out what kind of visitor asks, for an answer that is everybody's. A session that shows its cookie is a person's from
    /// then on, whatever it asks for.
    pub(super) async fn identify_kind(&self, site: &SiteState, inbound: &Inbound) -> Visit {
        let client = self.client(site, inbound);
        let visitor = site.site.exclusion.visitor(inbound.headers(), client, None);
        let mut visit = Visit::of(visitor, Timestamp::now());
        if visitor.may_have_session() && withheld(site, inbound).is_none() {
            let _ = self.session_of(site, inbound, false, &mut visit).await;
        }
        // Visits of people are counted as their scripts tell of them: a cache answers for us.
        visit.document = is_document(inbound) && !visitor.is_person();
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
        let client = self.client(site, inbound);
        let visitor = site.site.exclusion.visitor(inbound.headers(), client, told.as_deref_mut());
        let mut visit = Visit::of(visitor, now);
        if !visit.visitor.is_person() {
            visit.because = because;
            return visit;
        }
        if let Some(why) = withheld(site, inbound) {
            visit.opens_page = opening.is_some();
            self.stay_unknown(site, inbound, opening, why, &mut visit, told).await;
            visit.because = because;
            return visit;
        }
        match (self.session_of(site, inbound, opening.is_some(), &mut visit).await, opening) {
            (Ok(shown), Some(opening)) => {
                visit.opens_page = true;
                let source = self.source(site, opening, shown.as_ref(), told).await;
                self.open_page(site, inbound, (opening, source), shown, &mut visit);
            }
            (Ok(shown), None) => {
                visit.session = shown.map(|shown| shown.session);
            }
            (Err(error), _) => visit.goes_on_without(&error),
        }
        visit.because = because;
        visit
    }

    /// The visitor's address, as far as it can be known.
    pub(super) fn client(&self, site: &SiteState, inbound: &Inbound) -> IpAddr {
        inbound.client(&site.edition.server.trusted_proxies, site.site.cdn.client.as_ref())
    }

    /// Whether this is a HEAD request for a page that its GET would fill.
    fn head_of_filled(&self, site: &SiteState, inbound: &Inbound, visit: &Visit) -> bool {
        if *inbound.method() != Method::HEAD || !visit.document {
            return false;
        }
        let source = Source::of(&landing(site, inbound.opening()), None);
        match &visit.session {
            Some(_) if source.is_direct() => !visit.shows().is_empty(),
            _ => Rule::first(
                &site.site.rules,
                &facts(site, inbound, inbound.opening(), &source, None, visit.now),
            )
            .is_some_and(|rule| !site.site.rules[rule].show.is_empty()),
        }
    }
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
        region: inbound.told_by_cdn(site.site.cdn.region.as_ref()),
        now,
        session,
    }
}

fn landing<'a>(site: &'a SiteState, opening: Opening<'a>) -> Landing<'a> {
    site.site.landing(opening.query, opening.referrer)
}

/// Whether the request is for a document: a page that is opened, asked about with HEAD, or posted to.
pub(super) fn is_document(inbound: &Inbound) -> bool {
    let method = match *inbound.method() {
        Method::GET | Method::HEAD | Method::POST => &Method::GET,
        _ => return false,
    };
    Navigation::of(method, inbound.headers()) != Navigation::No
}
