//! The visit flow: from a request to the response that its visitor is to see.
//!
//! [`Edge::handle`] is the whole of it, top to bottom; each step has a file of its own. Whatever of ours fails on the
//! way, the visitor gets the origin's page.

mod arrivals;
mod body;
mod claims;
mod coding;
mod cookies;
mod counts;
mod csp;
mod erase;
mod failure;
mod filled;
mod forwarded;
mod identify;
mod inbound;
mod judge;
mod known;
mod own;
mod report;
mod showing;
mod upstream;

use std::sync::Arc;

use http::uri::Authority;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::sync::mpsc::UnboundedSender;

use crate::clock::Timestamp;
use crate::config::{Config, Keys, Site};
use crate::ledger::{Ledger, ReadError};
use crate::pool::{Addresses, NumberPool};
use crate::visit::{self, Clicks, Sessions};

pub(crate) use csp::{Permit, Policies};
pub(crate) use judge::is_html;
pub(crate) use own::{SCRIPT, VISIT};

pub use body::{Body, BodyError};
pub use inbound::Peer;
pub use report::{ShownLine, VisitReport};

use arrivals::Arrivals;
use claims::Claims;
use counts::{Counts, SiteCounts};
use failure::Failure;
use identify::Visit;
use inbound::Inbound;
use judge::Judgement;
use known::Known;
use showing::Showing;
use upstream::Upstream;

/// The proxy: what all requests share.
pub struct Edge {
    config: Config,
    keys: Keys,
    ledger: Ledger,
    sites: Vec<Arc<SiteState>>,
    sessions: Sessions,
    addresses: Addresses,
    clicks: Clicks,
    arrivals: Arrivals,
    claims: Claims,
    counts: Counts,
    known: Known,
    upstream: Upstream,
    reports: Option<UnboundedSender<VisitReport>>,
}

/// A site and what it has in hand.
pub(crate) struct SiteState {
    site: Arc<Site>,
    name: Arc<str>,
    origin: Authority,
    pools: Vec<Arc<NumberPool>>,
    counts: SiteCounts,
}

impl Edge {
    /// A proxy for these sites, with what the ledger knows of their numbers. `reports`, where given, is told of each visit.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn new(
        config: Config,
        keys: Keys,
        ledger: Ledger,
        reports: Option<UnboundedSender<VisitReport>>,
    ) -> Result<Arc<Self>, ReadError> {
        let counts = Counts::new(ledger.health());
        let mut sites = Vec::new();
        for site in &config.sites {
            sites.push(SiteState::load(site, &ledger, &counts).await?);
        }
        let upstream = Upstream::new(&config.server);
        Ok(Arc::new(Edge {
            config,
            keys,
            ledger,
            sites,
            sessions: Sessions::default(),
            addresses: Addresses::default(),
            clicks: Clicks::default(),
            arrivals: Arrivals::default(),
            claims: Claims::default(),
            counts,
            known: Known::default(),
            upstream,
            reports,
        }))
    }

    /// Answers a request. Never fails: what went wrong is a response too.
    pub async fn handle(self: Arc<Self>, peer: Peer, request: Request<Incoming>) -> Response<Body> {
        self.visit(peer, request).await.unwrap_or_else(Failure::into_response)
    }

    /// A visit, from its request to its response.
    async fn visit(
        self: &Arc<Self>,
        peer: Peer,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Failure> {
        let inbound = Inbound::accept(request, peer, &self.config.server.trusted_proxies)?;
        let site = self.site(&inbound.host)?;
        site.counts.requests.inc();
        if inbound.is_for_us() {
            return self.own(site, inbound).await;
        }
        // Who is asking, where from, and which rule that meets.
        let mut visit = self.identify(site, &inbound).await;
        self.count(site, &inbound, &visit);
        if visit.is_refused(site, &inbound) {
            return Err(Failure::FetchedAhead);
        }
        // A page known to print numbers has its leases on their way to the disk while the origin answers.
        let mut showing = Showing::new(Arc::clone(self), Arc::clone(site), &visit);
        showing.ask_early(&inbound, &visit);
        let (method, tls) = (inbound.method().clone(), inbound.hop.tls);
        let page = inbound.page();
        let answer = self.upstream.send(site, inbound, &visit).await?;
        // Where nodes share the ledger, the visitor's next request may reach another.
        visit.is_recorded(self.config.server.lease_timeout).await;
        self.prove(site, &showing, tls, &mut visit);
        // What the response may become is decided at its head.
        let response = match Judgement::of(&method, &showing, &answer) {
            Judgement::Fill(how) => {
                showing.hydrate(answer.headers(), visit.document && !how.head_only);
                filled::fill(answer, how, showing, page)
            }
            Judgement::Pass => answer.map(Body::Origin),
        };
        Ok(forwarded::answer(response, &visit))
    }

    /// Has the visitor's cookie prove which numbers are theirs, in case the ledger is away when they come again.
    fn prove(&self, site: &SiteState, showing: &Showing, tls: bool, visit: &mut Visit) {
        let Some(id) = visit.id.filter(|_| visit.opens_page) else { return };
        let proofs = showing.proofs();
        if !proofs.is_empty() && (visit.set_cookie.is_some() || !visit.is_proven(&proofs)) {
            let value = visit::signed(id, &site.name, &proofs, &self.keys);
            visit.set_cookie = cookies::set(&site.site.cookie, &value, tls);
        }
    }

    fn count(&self, site: &Arc<SiteState>, inbound: &Inbound, visit: &Visit) {
        if visit.document {
            site.counts.visit(visit.visitor);
            if let Some(claim) = visit.claim(inbound) {
                self.claims.note(site, claim, self.client(site, inbound));
            }
        }
    }

    fn site(&self, host: &str) -> Result<&Arc<SiteState>, Failure> {
        let served = |state: &&Arc<SiteState>| state.site.hosts.iter().any(|served| served == host);
        self.sites.iter().find(served).ok_or_else(|| Failure::UnknownHost(host.to_owned()))
    }

    /// Hands to the ledger what it is told of late: last page views. To be called at least once a second.
    pub fn flush(&self) {
        for site in &self.sites {
            for pool in &site.pools {
                pool.flush();
                site.warn_of(pool);
            }
        }
        let news = self.sessions.news();
        if !news.sessions.is_empty() {
            self.ledger.sessions(news.sessions);
        }
        if !news.seen.is_empty() {
            self.ledger.sessions_seen(news.seen);
        }
        if !news.opened.is_empty() {
            self.ledger.opened(news.opened);
        }
    }

    /// Forgets visitors who left long ago; the ledger remembers them. To be called every minute or so.
    pub fn tidy(&self) {
        self.sites.iter().flat_map(|site| &site.pools).for_each(|pool| pool.tidy());
        let idle = self.config.sites.iter().map(|site| site.idle).max().unwrap_or_default();
        self.sessions.forget_idle(idle, Timestamp::now());
    }

    /// Takes note of what other nodes did, where they share the ledger. To be called every few seconds.
    pub async fn refresh(&self) {
        let pools: Vec<&NumberPool> =
            self.sites.iter().flat_map(|site| &site.pools).map(|pool| &**pool).collect();
        NumberPool::refresh(&pools, &self.ledger).await;
    }

    /// What has been counted, in Prometheus's text format.
    pub fn metrics(&self) -> String {
        let now = Timestamp::now();
        for site in &self.sites {
            for pool in &site.pools {
                if let Some(usage) = pool.usage(now) {
                    self.counts.pool(&site.name, pool.name(), usage);
                }
            }
        }
        self.counts.text()
    }

    /// Checks whether crawlers are whose they say they are, for as long as the proxy runs. That is counted, and nothing more.
    pub async fn check_claims(&self) {
        self.claims.check().await;
    }

    /// Why the ledger can't be used; none where it can.
    pub fn trouble(&self) -> Option<String> {
        self.ledger.trouble()
    }

    pub fn config(&self) -> &Config {
        &self.config
    }
}

impl SiteState {
    async fn load(site: &Arc<Site>, ledger: &Ledger, counts: &Counts) -> Result<Arc<Self>, ReadError> {
        let mut pools = Vec::new();
        for pool in &site.pools {
            pools.push(NumberPool::load(site, pool, ledger).await?);
        }
        let (name, origin) = (site.name.as_str().into(), site.origin.authority.clone());
        let counts = counts.of(site);
        Ok(Arc::new(SiteState { site: Arc::clone(site), name, origin, pools, counts }))
    }

    /// Says that a pool is running out, before visitors have to do without.
    fn warn_of(&self, pool: &NumberPool) {
        let Some(usage) = pool.running_out(Timestamp::now()) else { return };
        tracing::warn!(
            "pool {:?} of site {:?} is running out: {} of {} numbers are on hold, {} of them for visitors who have \
             shown no cookie yet; more numbers would help, or a shorter hold",
            pool.name(),
            self.name,
            usage.held,
            usage.numbers,
            usage.provisional
        );
    }
}
