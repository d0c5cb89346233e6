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
mod everybody;
mod failure;
mod filled;
mod forwarded;
mod framing;
mod identify;
mod inbound;
mod judge;
mod known;
mod own;
mod renamed;
mod report;
mod showing;
mod sites;
mod tunnel;
mod upstream;

use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use parking_lot::RwLock;
use tokio::sync::mpsc::UnboundedSender;

use crate::clock::Timestamp;
use crate::config::{Config, Keys, Numbers, Server};
use crate::ledger::{Ledger, ReadError};
use crate::observe::Trail;
use crate::pool::{Addresses, NumberPool};
use crate::visit::{self, Clicks, Sessions};

pub(crate) use csp::{Permit, Policies};
pub(crate) use failure::chain;
pub(crate) use judge::is_html;
pub(crate) use own::{SCRIPT, TAP, TAP_SCRIPT, VISIT};
pub(crate) use upstream::{AskError, Route};

pub use body::{Body, BodyError};
pub use inbound::{Peer, Tls};
pub use report::{ShownLine, VisitReport};
pub use tunnel::Tunnels;

use arrivals::Arrivals;
use claims::Claims;
use counts::Counts;
use failure::Failure;
use identify::Visit;
use inbound::Inbound;
use judge::Judgement;
use own::Taps;
use showing::Showing;
use sites::{SiteState, Sites};
use upstream::Answered;

/// What was handed to the ledger may not be there yet for so long: who was here since is not looked for there.
const ON_ITS_WAY: Duration = Duration::from_secs(60);

/// The proxy: what all requests share, whatever the configuration is when they come.
pub struct Edge {
    /// As configured now.
    sites: RwLock<Arc<Sites>>,
    reconfiguring: tokio::sync::Mutex<()>,
    keys: Keys,
    ledger: Ledger,
    sessions: Sessions,
    addresses: Addresses,
    clicks: Clicks,
    arrivals: Arrivals,
    claims: Claims,
    taps: Taps,
    counts: Counts,
    tunnels: Arc<Tunnels>,
    reports: Option<UnboundedSender<VisitReport>>,
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
        let sites = Sites::first(config, &ledger, &counts).await?;
        Ok(Arc::new(Edge {
            sites: RwLock::new(Arc::new(sites)),
            reconfiguring: tokio::sync::Mutex::default(),
            keys,
            ledger,
            sessions: Sessions::default(),
            addresses: Addresses::default(),
            clicks: Clicks::default(),
            arrivals: Arrivals::default(),
            claims: Claims::default(),
            taps: Taps::default(),
            counts,
            tunnels: Arc::default(),
            reports,
        }))
    }

    /// Answers a request. Never fails: what went wrong is a response too. The trail is told what operators may see of it.
    pub async fn handle(
        self: Arc<Self>,
        peer: Peer,
        request: Request<Incoming>,
        trail: &mut Trail,
    ) -> Response<Body> {
        let version = request.version();
        self.visit(peer, request, trail).await.unwrap_or_else(|failure| {
            failure.note(trail);
            failure.into_response(version)
        })
    }

    /// A visit, from its request to its response.
    async fn visit(
        self: &Arc<Self>,
        peer: Peer,
        request: Request<Incoming>,
        trail: &mut Trail,
    ) -> Result<Response<Body>, Failure> {
        let sites = self.sites();
        let inbound = Inbound::accept(request, peer, &sites.edition.server.trusted_proxies)?;
        let site = sites.serving(&inbound.host, inbound.hop.peer.tls.as_ref())?;
        site.counts.requests.inc();
        trail.site(&site.name);
        trail.client(|| self.client(site, &inbound), inbound.hop.tls);
        if inbound.is_for_us() {
            return self.own(site, inbound).await;
        }
        if site.site.cdn.numbers == Numbers::Script {
            return self.same_for_everybody(site, inbound, trail).await;
        }
        // Who is asking, where from, and which rule that meets.
        let mut visit = self.identify(site, &inbound).await;
        self.count(site, &inbound, &visit);
        visit.note(trail);
        if visit.is_refused(site, &inbound) {
            return Err(Failure::FetchedAhead);
        }
        // A page known to print numbers has its leases on their way to the disk while the origin answers.
        let mut showing = Showing::new(Arc::clone(self), Arc::clone(site), &visit);
        showing.ask_early(&inbound, &visit);
        let (method, tls, version) = (inbound.method().clone(), inbound.hop.tls, inbound.hop.version);
        let page = inbound.page();
        let answer = self.ask(site, inbound, &visit, trail).await?;
        // Where nodes share the ledger, the visitor's next request may reach another.
        visit.is_recorded(site.edition.server.timeouts.lease).await;
        self.prove(site, &showing, tls, &mut visit);
        // What the response may become is decided at its head.
        let response = match Judgement::of(&method, &showing, &answer) {
            Judgement::Fill(how) => {
                showing.hydrate(answer.headers(), visit.document && !how.head_only);
                filled::fill(answer, how, showing, page)
            }
            Judgement::Pass => passed(&method, answer),
        };
        Ok(forwarded::answer(response, version, &visit))
    }

    /// Asks the website. Where both sides agree on another protocol, they speak it from here on.
    async fn ask(
        &self,
        site: &SiteState,
        mut inbound: Inbound,
        visit: &Visit,
        trail: &mut Trail,
    ) -> Result<Response<Answered>, Failure> {
        let visitor = hyper::upgrade::on(&mut inbound.request);
        inbound.hop.correlation = trail.asks_origin();
        let mut answer = upstream::send(site, inbound, visit).await?;
        trail.origin_answered(answer.body().origin(), answer.status());
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            let (website, tunnels) = (hyper::upgrade::on(&mut answer), Arc::clone(&self.tunnels));
            tokio::spawn(async move { tunnels.carry(visitor, website).await });
        }
        Ok(answer)
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

    fn sites(&self) -> Arc<Sites> {
        Arc::clone(&self.sites.read())
    }

    /// Serves as this configuration says, from the next request on; those under way end as they began. What can't change while
    /// the process runs stays as it is: its keys are told.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read: all goes on as it was.
    pub async fn reconfigure(&self, mut config: Config) -> Result<Vec<&'static str>, ReadError> {
        let _nobody_else = self.reconfiguring.lock().await;
        // What is known of numbers that come back is to be found there.
        self.flush();
        self.ledger.settled().await;
        let sites = self.sites();
        let (server, kept) = config.server.in_place_of(&sites.edition.server);
        config.server = Arc::new(server);
        let next = sites.followed_by(config, &self.ledger, &self.counts).await?;
        *self.sites.write() = Arc::new(next);
        Ok(kept)
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
        let sites = self.sites();
        sites.all.iter().flat_map(|site| &site.pools).for_each(|pool| pool.tidy());
        let idle = sites.all.iter().map(|site| site.site.idle).max().unwrap_or_default();
        self.sessions.forget_idle(idle.max(ON_ITS_WAY), Timestamp::now());
    }

    /// Takes note of what other nodes did, where they share the ledger. To be called every few seconds.
    pub async fn refresh(&self) {
        let sites = self.sites();
        let pools: Vec<&NumberPool> =
            sites.all.iter().flat_map(|site| &site.pools).map(|pool| &**pool).collect();
        NumberPool::refresh(&pools, &self.ledger).await;
    }

    /// What has been counted, in Prometheus's text format.
    pub fn metrics(&self) -> String {
        let now = Timestamp::now();
        let sites = self.sites();
        let pools = sites.all.iter().flat_map(|site| site.pools.iter().map(move |pool| (&*site.name, pool)));
        let stand =
            pools.filter_map(|(site, pool)| Some((site, pool.name(), pool.usage(now)?, pool.ages(now)?)));
        self.counts.tunnels(self.tunnels.open());
        let origins = sites.all.iter().flat_map(|site| {
            site.origins.standing().map(move |(origin, is_well)| (&*site.name, origin, is_well))
        });
        self.counts.origins.tell(origins);
        self.counts.text(stand)
    }

    /// The connections that are no longer HTTP's.
    pub fn tunnels(&self) -> &Tunnels {
        &self.tunnels
    }

    /// Checks whether crawlers are whose they say they are, for as long as the proxy runs. That is counted, and nothing more.
    pub async fn check_claims(&self) {
        self.claims.check().await;
    }

    /// Why the ledger can't be used; none where it can.
    pub fn trouble(&self) -> Option<String> {
        self.ledger.trouble()
    }

    /// Whether no origin of any site is thought well: no page could be had.
    pub fn is_cut_off(&self) -> bool {
        let sites = self.sites();
        sites.all.iter().all(|site| site.origins.standing().all(|(_, is_well)| !is_well))
    }

    /// As configured now.
    pub fn server(&self) -> Arc<Server> {
        Arc::clone(&self.sites.read().edition.server)
    }
}

/// The website's answer, as it is.
fn passed(method: &Method, answer: Response<Answered>) -> Response<Body> {
    match answer.status() {
        StatusCode::SWITCHING_PROTOCOLS => tunnel::agreed(answer),
        status if framing::is_bodiless(method, status) => framing::without_body(answer),
        _ => answer.map(Body::Origin),
    }
}
