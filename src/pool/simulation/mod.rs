//! A site's sessions and calls, made up from a seed, on a pool under the policy as it is: what comes of so many numbers.
//!
//! Who called is known here, and only here: attribution sees what it would see in earnest, and learns as it goes. Everybody
//! keeps the cookie, and nobody's telephone is known. The same seed gives the same figures everywhere.

mod ground;
mod outcome;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::attribution::{Attribution, Candidate, Holder, Known, delay};
use super::choice::{Affinity, Asker, Choice, Held, Terms, choose};
use super::delay::{Delays, Mix};
use super::rates::Rates;
use super::traffic::{DAY, Traffic};
use crate::clock::Timestamp;
use crate::visit::{Described, SessionHash};
use ground::{Random, Visit, Visits};
pub use outcome::{Outcome, Tenth};

/// A simulation's terms.
#[derive(Clone, Debug)]
pub struct Simulation {
    pub traffic: Traffic,
    /// At least one.
    pub numbers: usize,
    pub hold: Duration,
    /// Whether a session that finds all numbers on hold takes the oldest; otherwise it is shown the canonical number.
    pub takes_oldest: bool,
    /// Days before anything counts, so that late callers are among those who call.
    pub warm_up: u32,
    /// Days that count.
    pub days: u32,
    /// Calls a session in the mean. They don't wear a pool: the more, the steadier the figures.
    pub calls: f64,
    /// Of those who held a number, the last so many are told to attribution. Few suffice to find the likeliest; for its
    /// confidence to be true they must reach back for weeks.
    pub remembered: usize,
    pub seed: u64,
}

/// What happens next, and to which session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Page,
    Call,
}

/// What happens on a day that counts, as it is told.
#[derive(Clone, Copy, Debug)]
pub enum Happened<'a> {
    /// A session from this source wanted a number, and has it now unless all were on hold.
    Shown { session: SessionHash, source: &'a Described, number: Option<usize>, time: Timestamp },
    /// A session viewed a further page with the number that it was shown then.
    Viewed { session: SessionHash, number: usize, started: Timestamp, time: Timestamp },
    /// A session from this source called its number, and this is whose call it was told to be.
    Called { source: &'a Described, number: usize, time: Timestamp, attribution: &'a Attribution<'a> },
}

/// A session's time with a number.
#[derive(Clone, Copy, Debug)]
struct Holding {
    session: usize,
    started: Timestamp,
    last_seen: Timestamp,
}

struct Site<'a> {
    terms: Terms,
    takes_oldest: bool,
    remembered: usize,
    sources: &'a [Described],
    affinities: Vec<Affinity>,
    held: Vec<Held>,
    history: Vec<VecDeque<Holding>>,
    visits: Vec<Visit>,
    delays: Delays,
    rates: Rates,
}

impl Simulation {
    pub fn run(&self) -> Outcome {
        self.tell(|_| {})
    }

    /// The same, telling what happens.
    pub fn tell(&self, mut listener: impl FnMut(Happened<'_>)) -> Outcome {
        let sources: Vec<_> = (0..self.traffic.shares.len()).map(ground::source).collect();
        let mut site = Site {
            terms: Terms { hold: self.hold, provisional_hold: self.hold, provisional_per_network: 0 },
            takes_oldest: self.takes_oldest,
            remembered: self.remembered.max(1),
            affinities: (0..sources.len()).map(|place| Affinity::of(&place.to_string(), "cpc")).collect(),
            sources: &sources,
            held: vec![Held::NEVER_USED; self.numbers],
            history: vec![VecDeque::new(); self.numbers],
            visits: Vec::new(),
            // What a site's callers are like it has yet to learn.
            delays: Delays::new(Mix::BASE),
            rates: Rates::default(),
        };
        let mut visits = Visits::new(&self.traffic, self.calls, Random::new(self.seed));
        let counted = ground::EPOCH.plus(DAY * self.warm_up);
        let end = counted.plus(DAY * self.days);
        let mut outcome = Outcome::new(&self.traffic);
        let mut coming = BinaryHeap::from([Reverse((visits.arrival(), Event::Page, 0))]);
        while let Some(Reverse((now, event, session))) = coming.pop().filter(|Reverse((now, ..))| *now < end)
        {
            let outcome = Some(&mut outcome).filter(|_| now >= counted);
            let counts = outcome.is_some();
            if event == Event::Call {
                let Some((number, attribution)) = site.call(session, now, outcome) else { continue };
                let source = &sources[site.visits[session].source];
                listener(Happened::Called { source, number, time: now, attribution: &attribution });
                continue;
            }
            if session == site.visits.len() {
                site.visits.push(visits.next());
                coming.push(Reverse((visits.arrival(), Event::Page, session + 1)));
            }
            let has_been = site.page(session, now, outcome);
            if counts {
                let Visit { source, number, .. } = site.visits[session];
                let session = hash(session);
                listener(match has_been.zip(number) {
                    Some((started, number)) => Happened::Viewed { session, number, started, time: now },
                    None => Happened::Shown { session, source: &sources[source], number, time: now },
                });
            }
            match visits.stays() {
                Some(gap) => coming.push(Reverse((now.plus(gap), Event::Page, session))),
                None => {
                    let calls = &site.visits[session].calls_after;
                    coming
                        .extend(calls.iter().map(|after| Reverse((now.plus(*after), Event::Call, session))));
                }
            }
        }
        outcome
    }
}

impl<'a> Site<'a> {
    /// A session views a page, which shows it a number. Since when it has that, unless it was given one just now.
    fn page(&mut self, session: usize, now: Timestamp, outcome: Option<&mut Outcome>) -> Option<Timestamp> {
        let hash = hash(session);
        let own = self.visits[session].number.filter(|number| self.held[*number].holder == Some(hash));
        if let Some(number) = own {
            self.delays.saw_return(now.since(self.held[number].last_seen));
            self.held[number].last_seen = now;
            let holding = self.history[number].back_mut()?;
            holding.last_seen = now;
            return Some(holding.started);
        }
        let source = self.visits[session].source;
        let affinity = self.affinities[source];
        let asker = Asker { session: hash, affinity, is_confirmed: true, network: None };
        let (number, is_full) = match choose(&self.held, &asker, &self.terms, now) {
            Choice::Own(number) | Choice::Free(number) => (Some(number), false),
            Choice::Full { oldest } => (Some(oldest).filter(|_| self.takes_oldest), true),
            Choice::Crowded => (None, true),
        };
        if let Some(outcome) = outcome {
            outcome.count_lease(source, is_full);
        }
        self.visits[session].number = number;
        self.rates.saw_session(affinity);
        self.delays.saw_session();
        let number = number?;
        self.held[number] =
            Held { last_seen: now, holder: Some(hash), affinity, is_confirmed: true, network: None };
        let history = &mut self.history[number];
        if history.len() == self.remembered {
            history.pop_front();
        }
        history.push_back(Holding { session, started: now, last_seen: now });
        None
    }

    /// A session calls the number it saw last: that one, and whose call it is told to be.
    fn call(
        &mut self,
        session: usize,
        now: Timestamp,
        outcome: Option<&mut Outcome>,
    ) -> Option<(usize, Attribution<'a>)> {
        // The calls of a history that has only begun are all early ones: nothing is learned from them.
        let outcome = outcome?;
        let visit = &self.visits[session];
        let Some(number) = visit.number else {
            outcome.count_untracked();
            return None;
        };
        let rates: Vec<_> = self.affinities.iter().map(|source| self.rates.rate(*source)).collect();
        let holder = |holding: &Holding| self.holder(holding, &rates);
        let holders: Vec<_> = self.history[number].iter().map(holder).collect();
        let call = Known { time: now, caller: None, tapped: None };
        let attribution = Attribution::of(&call, &holders, &self.delays);
        let last = self.history[number].back().map(|holding| holding.session);
        outcome.count_call(&attribution, hash(session), visit.source, last == Some(session));
        let were_rates_alike = |candidate: &Candidate<'_>| {
            let source = ground::place(candidate.source);
            (source, candidate.probability / candidate.rate)
        };
        outcome.credit.saw_call(attribution.candidates.iter().map(were_rates_alike));
        self.delays.saw_call(holders.iter().map(|holder| (delay(now, holder.last_seen), holder.rate)));
        for candidate in &attribution.candidates {
            self.rates.saw_call(self.affinities[ground::place(candidate.source)], candidate.probability);
        }
        Some((number, attribution))
    }

    fn holder(&self, holding: &Holding, rates: &[f64]) -> Holder<'a> {
        let source = self.visits[holding.session].source;
        Holder {
            session: Some(hash(holding.session)),
            source: &self.sources[source],
            started: holding.started,
            last_seen: holding.last_seen,
            rate: rates[source],
        }
    }
}

fn hash(session: usize) -> SessionHash {
    SessionHash((session as u128).to_ne_bytes())
}

#[cfg(test)]
mod tests;
