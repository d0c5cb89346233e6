//! Which numbers one response shows: decided line by line, when the page turns out to print one.

mod script;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use url::Url;

use super::csp::Permit;
use super::identify::Visit;
use super::inbound::{Inbound, Page};
use super::known::LineSet;
use super::report::{ShownLine, VisitReport};
use super::{Edge, SiteState, coding};
use crate::config::{Hydration, Overflow};
use crate::ledger::How;
use crate::number::LinkScheme;
use crate::page::{Carries, Declared, Filling, Outcome, Piece, Place, Reading, Shown};
use crate::pool::{Answer, Asking, Coming, Lease, Reply};
use crate::visit::{Proven, Session, Show};

/// What one response shows.
pub(super) struct Showing {
    edge: Arc<Edge>,
    site: Arc<SiteState>,
    session: Option<Arc<Session>>,
    /// What the visitor's cookie proves, in case the ledger can't tell.
    proven: Vec<Proven>,
    /// A number may be leased; otherwise only one that the session holds is shown.
    may_lease: bool,
    /// A rule shows something to who opens this page.
    opens_personal_page: bool,
    asking: Asking,
    lines: Vec<LineState>,
    filling: Filling,
    printed: LineSet,
    takes_gzip: bool,
    /// The script's element is to be written, if the visitor has or may get a number.
    script: Option<Permit>,
    /// The page's policy lets it ask for numbers that the page brought none of.
    script_may_ask: bool,
    /// So is that of the script that tells of taps, beside it.
    tap_script: Option<Permit>,
    /// The page is the same for everybody.
    is_everybodys: bool,
    /// The page's address, where it matters to its policy.
    address: Option<Url>,
    /// It is known what the page printed when it was last read.
    page_is_known: bool,
    /// To be set where a number is shown.
    is_noted: Option<Arc<AtomicBool>>,
    report: Option<VisitReport>,
}

/// How far a line's number is.
enum LineState {
    Canonical,
    /// To be decided when the page prints it.
    Open(Show),
    /// Asked for at the database, of this pool.
    Coming(Coming, usize),
    /// Given; it may be on its way to the disk.
    Asked(Lease),
    /// Its number is in the filling. A lease stays in hand until the response has ended.
    Shown(#[expect(dead_code, reason = "held, not read")] Option<Lease>),
}

impl Showing {
    pub fn new(edge: Arc<Edge>, site: Arc<SiteState>, visit: &Visit) -> Self {
        let mut lines: Vec<LineState> = site.site.lines.iter().map(|_| LineState::Canonical).collect();
        for show in visit.shows() {
            lines[site.site.line_of(*show)] = LineState::Open(*show);
        }
        for proven in visit.proofs() {
            let pool = site.pools.iter().position(|pool| pool.proven(proven, visit.now).is_some());
            if let Some(pool) = pool {
                lines[site.pools[pool].line] = LineState::Open(Show::Pool(pool));
            }
        }
        Showing {
            session: visit.session.clone(),
            proven: visit.proven.clone(),
            may_lease: visit.opens_page,
            opens_personal_page: visit.would_fill || visit.opens_page && !visit.shows().is_empty(),
            asking: Asking { now: visit.now, is_confirmed: visit.is_confirmed, network: visit.network },
            lines,
            filling: Filling::canonical(),
            printed: LineSet::default(),
            takes_gzip: false,
            script: None,
            script_may_ask: false,
            tap_script: None,
            is_everybodys: false,
            address: None,
            page_is_known: false,
            is_noted: visit.shown.clone(),
            report: None,
            edge,
            site,
        }
    }

    /// What is shown to everybody, whoever asks: the business's own numbers, and our script beside them.
    pub fn to_everybody(edge: Arc<Edge>, site: Arc<SiteState>, inbound: &Inbound, visit: &Visit) -> Self {
        let mut showing = Showing::new(edge, site, visit);
        showing.takes_gzip = coding::accepts_gzip(inbound.headers());
        showing.address = inbound.address();
        showing.is_everybodys = true;
        showing
    }

    pub fn is_everybodys(&self) -> bool {
        self.is_everybodys
    }

    /// Asks for the numbers that this page printed when it was last read.
    pub fn ask_early(&mut self, inbound: &Inbound, visit: &Visit) {
        self.takes_gzip = coding::accepts_gzip(inbound.headers());
        if self.site.site.hydration != Hydration::None {
            self.address = inbound.address();
        }
        if visit.document && self.edge.reports.is_some() {
            let page = inbound.request.uri().path_and_query();
            self.begin_report(page.map(ToString::to_string).unwrap_or_default(), visit);
        }
        if !self.may_lease {
            return;
        }
        let known = self.site.edition.known.printed(&self.site.name, inbound.page());
        self.page_is_known = known.is_some();
        let printed = known.unwrap_or_default();
        for line in 0..self.lines.len() {
            if printed.contains(line) {
                self.ask(line);
            }
        }
    }

    /// Whether the response may show anything but canonical numbers. Where a page is opened, its rule alone decides: that all
    /// numbers are on hold just now makes the page no fitter for a cache.
    pub fn may_show(&self) -> bool {
        let may = |line: &LineState| match line {
            LineState::Canonical => false,
            LineState::Open(Show::Pool(pool)) => self.may_hold(*pool),
            LineState::Open(Show::Static(_))
            | LineState::Coming(..)
            | LineState::Asked(_)
            | LineState::Shown(_) => true,
        };
        self.opens_personal_page || self.lines.iter().any(may) || self.is_everybodys && self.script.is_some()
    }

    /// Whether the visitor may have a number of this pool.
    fn may_hold(&self, pool: usize) -> bool {
        match &self.session {
            Some(session) => self.site.pools[pool].may_be_held_by(session.hash),
            None => self.proven(pool).is_some(),
        }
    }

    /// Whether it is known that they have one.
    fn holds(&self, pool: usize) -> bool {
        self.session.as_ref().is_some_and(|session| self.site.pools[pool].is_held_by(session.hash))
    }

    pub fn lease_timeout(&self) -> Duration {
        self.site.edition.server.timeouts.lease
    }

    pub fn page_bytes(&self) -> u64 {
        self.site.edition.server.limits.page_bytes
    }

    pub fn visitor_takes_gzip(&self) -> bool {
        self.takes_gzip
    }

    /// Whether the piece shows a number that isn't on disk yet. Asks for the number.
    pub fn must_wait_for(&mut self, piece: &Piece) -> bool {
        let (Some(line), Some(place)) = (piece.line(), piece.place()) else { return false };
        if !self.can_be_shown(piece, line, place) {
            return false;
        }
        self.ask(line);
        self.take_what_came(line);
        match &self.lines[line] {
            LineState::Coming(..) => true,
            LineState::Asked(lease) => !lease.is_durable(),
            LineState::Canonical | LineState::Open(_) | LineState::Shown(_) => false,
        }
    }

    /// Writes a piece as this visitor reads it. The first slot of a line, or what accompanies it, waits for the number to be
    /// on disk.
    pub async fn write(&mut self, piece: &Piece, out: &mut Vec<u8>) {
        if let (Some(line), Some(place)) = (piece.line(), piece.place()) {
            if matches!(place, Place::Text | Place::Link(LinkScheme::Tel)) && self.is_open(piece, place) {
                self.printed.insert(line);
            }
            if self.can_be_shown(piece, line, place) {
                self.decide(line).await;
            }
        }
        self.filling.write(piece, &self.site.site.page_lines, out);
    }

    /// A number that couldn't be reached through this kind of link is not spent on it.
    fn can_be_shown(&self, piece: &Piece, line: usize, place: Place) -> bool {
        self.is_open(piece, place)
            && !self.filling.withholds(line, place)
            && self.may_carry(line).is_some_and(|carries| place.reaches(carries))
    }

    /// What the number receives that a line may yet show.
    fn may_carry(&self, line: usize) -> Option<Carries> {
        match &self.lines[line] {
            LineState::Open(Show::Pool(pool)) | LineState::Coming(_, pool) => {
                self.site.site.pools[*pool].numbers.first().map(|shown| shown.carries)
            }
            LineState::Open(Show::Static(number)) => Some(self.site.site.statics[*number].shown.carries),
            LineState::Asked(lease) => Some(lease.number().carries),
            LineState::Canonical | LineState::Shown(_) => None,
        }
    }

    /// Whether anything could be shown there at all.
    fn is_open(&self, piece: &Piece, place: Place) -> bool {
        match piece {
            Piece::Slot(slot) => self.filling.is_open(slot, &self.site.site.page_lines),
            Piece::Aside(aside) => self.filling.is_accompanied(aside),
            Piece::Origin(_) | Piece::Head(_) => self.filling.is_open_at(place),
        }
    }

    /// Settles what every line shows.
    pub async fn decide_all(&mut self) {
        for line in 0..self.lines.len() {
            self.decide(line).await;
        }
    }

    /// What a line shows instead of its own number.
    pub fn shown(&self, line: usize) -> Option<&Shown> {
        self.filling.shown(line)
    }

    /// Settles what a line shows in this response, once and for all.
    async fn decide(&mut self, line: usize) {
        self.ask(line);
        self.take_what_comes(line).await;
        let lease = match std::mem::replace(&mut self.lines[line], LineState::Canonical) {
            LineState::Asked(lease) => lease,
            settled => {
                self.lines[line] = settled;
                return;
            }
        };
        match tokio::time::timeout(self.lease_timeout(), lease.show()).await {
            Ok(Some(shown)) => {
                let how = if lease.how() == How::Overflow { ", although on hold" } else { "" };
                self.tell(line, &shown.number.to_string(), &format!("pool:{}{how}", lease.pool().name()));
                self.filling.show(line, shown.clone());
                self.lines[line] = LineState::Shown(Some(lease));
            }
            Ok(None) => self.explain("the ledger can't record the lease, so the number stays canonical"),
            Err(_) => self.explain("the lease was not on disk in time, so the number stays canonical"),
        }
    }

    /// Asks for a line's number, if that hasn't been done.
    fn ask(&mut self, line: usize) {
        match self.lines[line] {
            LineState::Open(Show::Static(number)) => self.show_static(line, number),
            LineState::Open(Show::Pool(pool)) => self.ask_pool(line, pool),
            LineState::Canonical | LineState::Coming(..) | LineState::Asked(_) | LineState::Shown(_) => {}
        }
    }

    /// Takes what the database has given, if it is here.
    fn take_what_came(&mut self, line: usize) {
        if let LineState::Coming(coming, pool) = &mut self.lines[line]
            && let Some(answer) = coming.here()
        {
            let pool = *pool;
            self.take(line, pool, answer);
        }
    }

    /// Waits for what the database gives, as long as it may be waited for.
    async fn take_what_comes(&mut self, line: usize) {
        if !matches!(self.lines[line], LineState::Coming(..)) {
            return;
        }
        let LineState::Coming(coming, pool) = std::mem::replace(&mut self.lines[line], LineState::Canonical)
        else {
            return;
        };
        match tokio::time::timeout(self.lease_timeout(), coming.answer()).await {
            Ok(answer) => self.take(line, pool, answer),
            Err(_) => self.take(line, pool, Answer::Away(self.site.pools[pool].overflow)),
        }
    }

    fn ask_pool(&mut self, line: usize, pool: usize) {
        self.lines[line] = LineState::Canonical;
        let Some(session) = &self.session else {
            self.show_proven(line, pool);
            return;
        };
        let reply = match self.may_lease {
            true => self.site.pools[pool].lease(session, self.asking),
            false => self.site.pools[pool].holding(session, self.asking),
        };
        match reply {
            Reply::Now(answer) => self.take(line, pool, answer),
            Reply::Later(coming) => self.lines[line] = LineState::Coming(coming, pool),
        }
    }

    /// Takes what a pool has answered.
    fn take(&mut self, line: usize, pool: usize, answer: Answer) {
        self.lines[line] = LineState::Canonical;
        let name = self.site.pools[pool].name();
        match &answer {
            Answer::Number(lease) => self.site.counts.lease(name, lease.how()),
            Answer::Full(_) => self.site.counts.lease(name, How::Overflow),
            Answer::Crowded(_) | Answer::Away(_) | Answer::None => {}
        }
        match answer {
            Answer::None => {}
            Answer::Number(lease) => self.lines[line] = LineState::Asked(lease),
            Answer::Away(_) if self.show_proven(line, pool) => {}
            Answer::Away(overflow) => {
                self.explain("the ledger is away, so no number can be leased");
                if let Overflow::Static(number) = overflow {
                    self.show_static(line, number);
                }
            }
            Answer::Full(Overflow::Static(number)) => {
                self.explain("all numbers of the pool are on hold");
                self.show_static(line, number);
            }
            Answer::Crowded(overflow) => {
                self.explain("too many visitors of this network have shown no cookie yet");
                if let Overflow::Static(number) = overflow {
                    self.show_static(line, number);
                }
            }
            Answer::Full(Overflow::Canonical | Overflow::Oldest) => {
                self.explain("all numbers of the pool are on hold, so the number stays canonical");
            }
        }
    }

    /// The number of a pool that the visitor's cookie proves to be theirs.
    fn proven(&self, pool: usize) -> Option<&Shown> {
        self.proven.iter().find_map(|proven| self.site.pools[pool].proven(proven, self.asking.now))
    }

    /// Shows that number, where there is one.
    fn show_proven(&mut self, line: usize, pool: usize) -> bool {
        let Some(shown) = self.proven(pool).cloned() else { return false };
        let from = format!("pool:{}, by the cookie's proof", self.site.pools[pool].name());
        self.tell(line, &shown.number.to_string(), &from);
        self.filling.show(line, shown);
        self.lines[line] = LineState::Shown(None);
        true
    }

    /// What the session's cookie is to prove from here on.
    pub fn proofs(&self) -> Vec<Proven> {
        let Some(session) = &self.session else { return Vec::new() };
        let shown = session.shown.iter().filter_map(|show| match show {
            Show::Pool(pool) => self.site.pools[*pool].proof(session.hash),
            Show::Static(_) => None,
        });
        shown.collect()
    }

    fn show_static(&mut self, line: usize, number: usize) {
        let known = &self.site.site.statics[number];
        let (shown, name) = (known.shown.clone(), format!("static:{}", known.name));
        self.tell(line, &shown.number.to_string(), &name);
        self.filling.show(line, shown);
        self.lines[line] = LineState::Shown(None);
    }

    /// The reading of the page that comes.
    pub fn reading(&self, page: &Page, declared: Declared) -> Reading {
        let remembered = self.site.edition.known.page(&self.site.name, page.clone(), declared);
        Reading::new(Arc::clone(&self.site.site.page_lines), declared, remembered)
    }

    /// The page has been read to its end, and all of it written: what it prints is known from here on.
    pub fn learn(&self, page: &Page, declared: Declared, outcome: Outcome) {
        self.site.edition.known.learn(&self.site.name, page.clone(), declared, self.printed, outcome);
    }

    fn tell(&mut self, line: usize, number: &str, from: &str) {
        if let Some(shown) = &self.is_noted {
            shown.store(true, Ordering::Relaxed);
        }
        let line = self.site.site.lines[line].name.clone();
        if let Some(report) = &mut self.report {
            report.shown.push(ShownLine { line, number: number.to_owned(), from: from.to_owned() });
        }
    }

    /// The visit of this page is told of, where anybody wants to know.
    pub fn begin_report(&mut self, page: String, visit: &Visit) {
        let session = visit.session.as_ref();
        self.report = self.edge.reports.as_ref().map(|_| VisitReport {
            site: self.site.name.to_string(),
            page,
            visitor: visit.visitor.name(),
            source: session.map(|session| format!("{} / {}", session.source.source, session.source.medium)),
            channel: session.map(|session| session.source.channel.name()),
            rule: session.and_then(|session| session.rule).map(|rule| rule + 1),
            shown: Vec::new(),
            because: visit.because.clone(),
        });
    }

    /// Adds a sentence to the visit's report.
    pub fn explain(&mut self, sentence: &str) {
        if let Some(report) = &mut self.report {
            report.because.push(sentence.to_owned());
        }
    }
}

impl Drop for Showing {
    fn drop(&mut self) {
        if let (Some(report), Some(reports)) = (self.report.take(), &self.edge.reports) {
            let _ = reports.send(report);
        }
    }
}
