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
mod sites;
mod upstream;

use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use parking_lot::RwLock;
use tokio::sync::mpsc::UnboundedSender;

use crate::clock::Timestamp;
use crate::config::{Config, Keys, Server};
use crate::ledger::{Ledger, ReadError};
use crate::pool::Addresses;
use crate::visit::{Clicks, Sessions};

pub(crate) use csp::{Permit, Policies};
pub(crate) use judge::is_html;
pub(crate) use own::{SCRIPT, VISIT};

pub use body::{Body, BodyError};
pub use inbound::Peer;
pub use report::{ShownLine, VisitReport};

use arrivals::Arrivals;
use claims::Claims;
use counts::Counts;
use failure::Failure;
use identify::Visit;
use inbound::Inbound;
use judge::Judgement;
use showing::Showing;
use sites::{SiteState, Sites};
use upstream::Upstream;

/// The proxy: what all requests share, whatever the configuration is when they come.
pub struct Edge {
    /// As configured now.
    sites: RwLock<Arc<Sites>>,
    keys: Keys,
    ledger: Ledger,
    sessions: Sessions,
    addresses: Addresses,
    clicks: Clicks,
    arrivals: Arrivals,
    claims: Claims,
    counts: Counts,
    upstream: Upstream,
    reports: Option<UnboundedSender<VisitReport>>,
}

impl Edge {
    /// A proxy for these sites, with what the ledger knows of their numbers. `reports`, where given, is told of each visit.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn new(
        config: Config,
        keys: Keys,
        ledger: Ledger,
        reports: Option<UnboundedSender<VisitReport>>,
    ) -> Result<Arc<Self>, ReadError> {
        let counts = Counts::new();
        let upstream = Upstream::new(&config.server);
        let sites = Sites::first(config, &ledger, &counts)?;
        Ok(Arc::new(Edge {
            sites: RwLock::new(Arc::new(sites)),
            keys,
            ledger,
            sessions: Sessions::default(),
            addresses: Addresses::default(),
            clicks: Clicks::default(),
            arrivals: Arrivals::default(),
            claims: Claims::default(),
            counts,
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
        let sites = self.sites();
        let inbound = Inbound::accept(request, peer, &sites.edition.server.trusted_proxies)?;
        let site = sites.serving(&inbound.host)?;
        site.counts.requests.inc();
        if inbound.is_for_us() {
            return self.own(site, inbound).await;
        }
        // Who is asking, where from, and which rule that meets.
        let visit = self.identify(site, &inbound).await;
        self.count(site, &inbound, &visit);
        if visit.is_refused(site, &inbound) {
            return Err(Failure::FetchedAhead);
        }
        // A page known to print numbers has its leases on their way to the disk while the origin answers.
        let mut showing = Showing::new(Arc::clone(self), Arc::clone(site), &visit);
        showing.ask_early(&inbound, &visit);
        let method = inbound.method().clone();
        let page = inbound.page();
        let answer = self.upstream.send(site, inbound, &visit).await?;
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

    fn count(&self, site: &Arc<SiteState>, inbound: &Inbound, visit: &Visit) {
        if visit.document {
            site.counts.visit(visit.visitor);
            if let Some(claim) = visit.claim(inbound) {
                self.claims.note(site, claim, self.client(site, inbound));
            }
        }
    }

    fn sites(&self) -> Arc<Sites> {
        Arc::clone(&self.sites.read())
    }

    /// Serves as this configuration says, from the next request on; those under way end as they began. What can't change while
    /// the process runs stays as it is: its keys are told. Reads the disk: not for a thread that others wait for. What was written
    /// before must have come through: see [`Edge::settled`].
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read: all goes on as it was.
    pub fn reconfigure(&self, mut config: Config) -> Result<Vec<&'static str>, ReadError> {
        // Nobody else may do the same meanwhile; requests may come.
        let mut sites = self.sites.upgradable_read();
        let (server, kept) = config.server.in_place_of(&sites.edition.server);
        config.server = Arc::new(server);
        let next = sites.followed_by(config, &self.ledger, &self.counts)?;
        sites.with_upgraded(|sites| *sites = Arc::new(next));
        Ok(kept)
    }

    /// Waits until the ledger knows what there is to know by now.
    pub async fn settled(&self) {
        self.flush();
        self.ledger.settled().await;
    }

    /// Hands to the ledger what it is told of late: last page views. To be called at least once a second.
    pub fn flush(&self) {
        for site in &self.sites().all {
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
        let idle = self.sites().all.iter().map(|site| site.site.idle).max().unwrap_or_default();
        self.sessions.forget_idle(idle, Timestamp::now());
    }

    /// What has been counted, in Prometheus's text format.
    pub fn metrics(&self) -> String {
        let now = Timestamp::now();
        let sites = self.sites();
        let pools = sites.all.iter().flat_map(|site| site.pools.iter().map(move |pool| (&*site.name, pool)));
        self.counts.text(pools.map(|(site, pool)| (site, pool.name(), pool.usage(now), pool.ages(now))))
    }

    /// Checks whether crawlers are whose they say they are, for as long as the proxy runs. That is counted, and nothing more.
    pub async fn check_claims(&self) {
        self.claims.check().await;
    }

    /// As configured now.
    pub fn server(&self) -> Arc<Server> {
        Arc::clone(&self.sites.read().edition.server)
    }
}
