//! What earlier calls teach of a site: how long after their last page view its visitors call, and how often those of each source do.
//!
//! It is read from the ledger apart from everything else, when the program starts and then every hour, one site after the other with
//! a rest between them. When a phone rings, what was learned is in memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use tokio::time::MissedTickBehavior;

use super::Calls;
use super::event::What;
use super::seal::Seal;
use crate::clock::Timestamp;
use crate::ledger::{Candidate, ReadError, Records, Rung, View};
use crate::pool::Affinity;
use crate::pool::attribution::{How, delay};
use crate::pool::delay::{Delays, Mix};
use crate::pool::rates::Rates;
use crate::visit::Described;

/// How far back is looked, and at how many of a site's calls: the latest.
const REACH: Duration = Duration::from_secs(90 * 24 * 60 * 60);
const CALLS: usize = 1000;

/// Of all sites' leases the latest are counted, and of these the latest looked at page by page.
const LEASES: usize = 500_000;
const VIEWED: usize = 20_000;

const AGAIN: Duration = Duration::from_secs(60 * 60);

/// After each site as many times as long as it took.
const REST: u32 = 4;

/// What is known of a site's callers; of one that nothing is known of, what is expected of any.
#[derive(Clone, Debug)]
pub struct Learned {
    pub delays: Delays,
    rates: Rates,
    /// Calls that taught when people call.
    pub calls: usize,
}

/// How many sessions each site's numbers were shown to, from where, and how these went on.
pub struct Shown(HashMap<String, ShownOfSite>);

#[derive(Default)]
struct ShownOfSite {
    classes: Vec<(Affinity, u64)>,
    /// Leases that were looked at page by page, and the times from each page to the next.
    viewed: u64,
    returns: Vec<Duration>,
}

/// A call that teaches something.
struct Lesson {
    number: String,
    started: Timestamp,
    how: How,
    candidates: Vec<Candidate>,
}

impl Default for Learned {
    fn default() -> Self {
        Learned { delays: Delays::new(Mix::BASE), rates: Rates::default(), calls: 0 }
    }
}

impl Learned {
    /// What the ledger's calls of a site teach until then.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn of(
        site: &str,
        records: &Records,
        seal: &Seal,
        shown: &Shown,
        until: Timestamp,
    ) -> Result<Self, ReadError> {
        let mut learned = Learned::default();
        if let Some(shown) = shown.0.get(site) {
            learned.saw(shown);
        }
        let mut lessons = Vec::new();
        let rung = records.rung(site, until.minus(REACH), until, CALLS).await?;
        for rung in rung.into_iter().rev() {
            let Some(how) = teaches(&rung, seal) else { continue };
            let candidates = records.candidates(rung.event.call).await?;
            let all: f64 = candidates.iter().map(|candidate| candidate.probability).sum();
            for candidate in &candidates {
                let class = Affinity::of_source(&candidate.source);
                learned.rates.saw_call(class, candidate.probability / all.max(f64::MIN_POSITIVE));
            }
            lessons.push(Lesson { number: rung.number, started: rung.started, how, candidates });
        }
        for lesson in lessons {
            learned.take(&lesson, records).await?;
        }
        learned.delays = learned.delays.settled();
        Ok(learned)
    }

    /// How often sessions of a source call, in any unit.
    pub fn rate(&self, source: &Described) -> f64 {
        self.rates.rate(Affinity::of_source(source))
    }

    fn saw(&mut self, shown: &ShownOfSite) {
        shown.classes.iter().for_each(|(class, sessions)| self.rates.saw_sessions(*class, *sessions));
        (0..shown.viewed).for_each(|_| self.delays.saw_session());
        shown.returns.iter().for_each(|after| self.delays.saw_return(*after));
    }

    /// Learns when a call came.
    async fn take(&mut self, lesson: &Lesson, records: &Records) -> Result<(), ReadError> {
        let Lesson { number, started, how, candidates } = lesson;
        match how {
            How::Tap => {
                let Some(last_seen) = candidates.first().and_then(|first| first.last_seen) else {
                    return Ok(());
                };
                self.delays.saw_call([(delay(*started, last_seen), 1.0)]);
            }
            // All who were shown it, for late callers are many of whom each is unlikely.
            How::Posterior => {
                let holders = records.holders(number, *started).await?;
                let delays: Vec<_> = holders
                    .iter()
                    .map(|holding| (delay(*started, holding.last_seen), self.rate(&holding.source)))
                    .collect();
                self.delays.saw_call(delays);
            }
            // Whoever has called before calls again for reasons of their own.
            How::Caller | How::Static | How::Unshown => return Ok(()),
        }
        self.calls += 1;
        Ok(())
    }
}

/// By what a call was told to be somebody's; none where it teaches nothing: spam, and what was not leased to anybody.
fn teaches(rung: &Rung, seal: &Seal) -> Option<How> {
    match seal.open(&rung.event)?.what {
        What::Rang(_, decision) if !decision.spam => {
            let is_leased = matches!(decision.how, How::Caller | How::Tap | How::Posterior);
            is_leased.then_some(decision.how)
        }
        _ => None,
    }
}

impl Shown {
    /// Until then.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn until(until: Timestamp, records: &Records) -> Result<Self, ReadError> {
        let from = until.minus(REACH);
        let mut sites = HashMap::<String, ShownOfSite>::new();
        for class in records.classes(from, until, LEASES).await? {
            let shown = sites.entry(class.site).or_default();
            shown.classes.push((Affinity::of_source(&class.source), class.sessions));
        }
        let views = records.views(from, until, VIEWED).await?;
        for of_lease in views.chunk_by(|one, next| one.lease == next.lease) {
            let Some(View { site, .. }) = of_lease.first() else { continue };
            let shown = sites.entry(site.clone()).or_default();
            shown.viewed += 1;
            let pages = || of_lease.iter().filter_map(|view| view.time);
            shown.returns.extend(pages().zip(pages().skip(1)).map(|(page, next)| next.since(page)));
        }
        Ok(Shown(sites))
    }
}

/// By site.
#[derive(Default)]
pub(super) struct Lessons(RwLock<HashMap<String, Arc<Learned>>>);

impl Lessons {
    pub fn of(&self, site: &str) -> Arc<Learned> {
        self.0.read().get(site).cloned().unwrap_or_default()
    }
}

impl Calls {
    /// Learns from what the ledger knows, again and again, for as long as the process runs. Calls are answered meanwhile.
    pub async fn learn(self: Arc<Self>) {
        let mut again = tokio::time::interval(AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            again.tick().await;
            if let Err(error) = self.learn_once().await {
                tracing::warn!(
                    "what earlier calls teach can't be read, and what was learned before is used: {error}"
                );
            }
        }
    }

    async fn learn_once(&self) -> Result<(), ReadError> {
        let (until, records) = (Timestamp::now(), self.archive.ledger.records().apart().await?);
        let shown = Shown::until(until, &records).await?;
        let setup = self.setup();
        for site in setup.numbers.sites() {
            let begun = Instant::now();
            let learned = Learned::of(&site.name, &records, &self.archive.seal, &shown, until).await?;
            self.lessons.0.write().insert(site.name.clone(), Arc::new(learned));
            tokio::time::sleep(begun.elapsed() * REST).await;
        }
        Ok(())
    }
}
