//! Which number for this session: decided in memory, shown once it is on disk.
//!
//! A [`NumberPool`] owns its numbers' state; the policy is in [`choice`]. It asks the ledger to record each new lease,
//! and hands out [`Lease`]s, which tell when that is done and see to it that a number nobody was shown goes back.

mod ages;
pub mod attribution;
mod choice;
pub mod day;
pub mod delay;
mod handover;
mod lease;
mod network;
pub mod rates;
pub mod simulation;
pub mod theory;
pub mod traffic;
mod usage;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::Timestamp;
use crate::config::Overflow;
use crate::ledger::{self, History, How, LeaseRecord, Ledger, Seen};
use crate::number::Shown;
use crate::visit::{Session, SessionHash};

pub use ages::Ages;
pub use choice::{Affinity, Asker, Choice, Held, Terms, choose};
pub use handover::hand_over;
pub use lease::Lease;
use lease::Showing;
pub use network::{Addresses, Network};
use usage::Alarm;
pub use usage::{Usage, recorded};

/// After a crash a number counts as seen this much later than was written: last page views are written that often.
const FLUSH: Duration = Duration::from_secs(1);

/// A pool of numbers, on the terms of one configuration.
pub struct NumberPool {
    site: Arc<str>,
    name: Arc<str>,
    line_name: Arc<str>,
    /// Place of the line in the site's.
    pub line: usize,
    terms: Terms,
    pub overflow: Overflow,
    /// Shared with the pools of this name in the configurations before and after: a request that is under way on other terms
    /// sees which numbers there are now, and who has them.
    state: Arc<Mutex<State>>,
    ledger: Ledger,
}

#[derive(Clone)]
struct Number {
    shown: Shown,
    e164: Arc<str>,
}

#[derive(Default)]
struct State {
    numbers: Vec<Number>,
    /// One for each number, and so are the records.
    held: Vec<Held>,
    records: Vec<Record>,
    /// Times that none was left, which the ledger doesn't know of.
    overflowed: i64,
    alarm: Alarm,
}

/// What a number's lease is, beside what the choice looks at.
struct Record {
    epoch: i64,
    /// When any lease last began.
    latest: Timestamp,
    showing: Arc<Showing>,
    /// The last page view isn't written yet.
    unwritten: bool,
    before: Option<Before>,
}

/// What was, in case nobody is shown the number.
struct Before {
    held: Held,
    showing: Arc<Showing>,
}

/// What a session was given.
pub enum Answer {
    Number(Lease),
    /// All numbers are on hold.
    Full(Overflow),
    /// The visitor's network has as many as it may, before any of them has shown its cookie again. Never `oldest`.
    Crowded(Overflow),
}

/// A visit for which a number is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    pub now: Timestamp,
    /// The session has shown its cookie.
    pub is_confirmed: bool,
    /// Where it comes from; none where that network needs no cap.
    pub network: Option<Network>,
}

impl NumberPool {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives a session its number, or a new one.
    pub fn lease(self: &Arc<Self>, session: &Arc<Session>, asking: Asking) -> Answer {
        let Asking { now, is_confirmed, network } = asking;
        let affinity = Affinity::of(&session.source.source, &session.source.medium);
        let asker = Asker { session: session.hash, affinity, is_confirmed, network };
        let mut state = self.state.lock();
        if state.held.is_empty() {
            // The pool has left the configuration while this request was under way.
            return Answer::Full(self.overflow);
        }
        let choice = choose(&state.held, &asker, &self.terms, now);
        state.overflowed += i64::from(matches!(choice, Choice::Full { .. }));
        let (number, how) = match choice {
            Choice::Own(number) => {
                state.held[number].affinity = affinity;
                state.held[number].is_confirmed |= is_confirmed;
                return Answer::Number(self.renew(&mut state, number, now));
            }
            Choice::Free(number) => (number, How::Fresh),
            Choice::Full { oldest } if self.overflow == Overflow::Oldest => (oldest, How::Overflow),
            Choice::Full { .. } => return Answer::Full(self.overflow),
            Choice::Crowded => return Answer::Crowded(self.overflow),
        };
        Answer::Number(self.give(&mut state, number, session, how, asking))
    }

    /// The session has shown its cookie: what it holds is on hold for longer.
    pub fn confirm_session(&self, session: SessionHash) {
        let mut state = self.state.lock();
        for held in state.held.iter_mut().filter(|held| held.holder == Some(session)) {
            held.is_confirmed = true;
        }
    }

    /// A session's number, if nobody has had it since; nothing is leased.
    pub fn holding(self: &Arc<Self>, session: SessionHash, now: Timestamp) -> Option<Lease> {
        let mut state = self.state.lock();
        let number = state.held.iter().position(|held| held.holder == Some(session))?;
        Some(self.renew(&mut state, number, now))
    }

    /// Whether a number is this session's, without counting as seen by it.
    pub fn is_held_by(&self, session: SessionHash) -> bool {
        self.state.lock().held.iter().any(|held| held.holder == Some(session))
    }

    fn renew(self: &Arc<Self>, state: &mut State, number: usize, now: Timestamp) -> Lease {
        state.held[number].last_seen = state.held[number].last_seen.max(now);
        let record = &mut state.records[number];
        record.unwritten = true;
        Lease::new(self, &state.numbers[number], How::Sticky, &record.showing)
    }

    fn give(
        self: &Arc<Self>,
        state: &mut State,
        number: usize,
        session: &Arc<Session>,
        how: How,
        Asking { now, is_confirmed, network }: Asking,
    ) -> Lease {
        let State { numbers, held, records, .. } = state;
        let (number, held, record) = (&numbers[number], &mut held[number], &mut records[number]);
        // A lease is known by when it began: never twice the same for one number.
        let started = now.max(Timestamp(record.latest.0.saturating_add(1)));
        let commit = self.ledger.lease(LeaseRecord {
            number: Arc::clone(&number.e164),
            epoch: record.epoch + 1,
            site: Arc::clone(&self.site),
            pool: Arc::clone(&self.name),
            line: Arc::clone(&self.line_name),
            session: Arc::clone(session),
            started,
            how,
            is_provisional: !is_confirmed,
        });
        let affinity = Affinity::of(&session.source.source, &session.source.medium);
        let holder = Some(session.hash);
        let was = std::mem::replace(held, Held { last_seen: now, holder, affinity, is_confirmed, network });
        let showing = Arc::new(Showing::new(commit, started));
        let previous = std::mem::replace(&mut record.showing, Arc::clone(&showing));
        // A lease that nobody was shown is nothing to go back to; what was before it is.
        let before = match previous.is_shown() {
            true => Some(Before { held: was, showing: previous }),
            false => record.before.take(),
        };
        *record = Record { epoch: record.epoch + 1, latest: started, showing, unwritten: false, before };
        Lease::new(self, number, how, &record.showing)
    }

    /// Whether a lease is still its number's; then it is seen now.
    fn confirm(&self, showing: &Arc<Showing>, now: Timestamp) -> bool {
        let mut state = self.state.lock();
        let Some(number) = state.number_of(showing) else { return false };
        showing.mark_shown();
        state.held[number].last_seen = state.held[number].last_seen.max(now);
        state.records[number].unwritten = true;
        true
    }

    /// Nobody was shown this lease of a number: the number is as it was before.
    fn give_back(&self, number: &Number, showing: &Arc<Showing>) {
        let mut state = self.state.lock();
        if !showing.is_abandoned() {
            return;
        }
        self.ledger.unshown(Arc::clone(&number.e164), showing.started);
        if let Some(number) = state.number_of(showing) {
            state.take_back(number);
        }
    }

    /// Hands the last page views that aren't written yet to the ledger.
    pub fn flush(&self) {
        let mut seen = Vec::new();
        let mut state = self.state.lock();
        let State { numbers, held, records, overflowed, .. } = &mut *state;
        let overflowed = std::mem::take(overflowed);
        for ((number, held), record) in numbers.iter().zip(held).zip(records) {
            if std::mem::take(&mut record.unwritten) {
                let number = Arc::clone(&number.e164);
                seen.push(Seen { number, started: record.showing.started, last_seen: held.last_seen });
            }
        }
        drop(state);
        if !seen.is_empty() {
            self.ledger.seen(seen);
        }
        if overflowed > 0 {
            self.record_overflow(overflowed);
        }
    }

    fn record_overflow(&self, times: i64) {
        let overflow = ledger::Overflow { times, since: Timestamp::now() };
        self.ledger.overflowed(Arc::clone(&self.site), Arc::clone(&self.name), overflow);
    }

    /// How the numbers stand.
    pub fn usage(&self, now: Timestamp) -> Usage {
        Usage::of(&self.state.lock().held, &self.terms, now)
    }

    /// How long ago they were last seen.
    pub fn ages(&self, now: Timestamp) -> Ages {
        let held = self.state.lock().held.clone();
        Ages::of(&held, &self.terms, now)
    }

    /// How they stand where few are left, and that was not told for an hour.
    pub fn running_out(&self, now: Timestamp) -> Option<Usage> {
        let mut state = self.state.lock();
        let usage = Usage::of(&state.held, &self.terms, now);
        state.alarm.rings(usage, now).then_some(usage)
    }
}

impl State {
    /// The number whose lease this is; none where somebody else has it by now, or it is in this pool no more.
    fn number_of(&self, showing: &Arc<Showing>) -> Option<usize> {
        self.records.iter().position(|record| Arc::ptr_eq(&record.showing, showing))
    }

    /// Makes a number what it was before a lease that nobody was shown.
    fn take_back(&mut self, number: usize) {
        let State { held, records, .. } = self;
        let record = &mut records[number];
        let Some(before) = record.before.take() else { return };
        record.showing = before.showing;
        record.unwritten = false;
        held[number] = before.held;
        // Whoever had it may have come back in between, and have another now.
        let elsewhere =
            |(place, other): (usize, &Held)| place != number && other.holder == before.held.holder;
        if before.held.holder.is_some() && held.iter().enumerate().any(elsewhere) {
            held[number].holder = None;
        }
    }
}

fn remember(history: History) -> (Held, Record) {
    let (held, started) = match history.holder {
        Some(holder) => {
            let affinity = Affinity::of(&holder.source, &holder.medium);
            let last_seen = holder.last_seen.plus(FLUSH);
            let is_confirmed = holder.is_confirmed;
            (
                Held { last_seen, holder: holder.session, affinity, is_confirmed, network: None },
                holder.started,
            )
        }
        None => (Held::NEVER_USED, Timestamp::NEVER),
    };
    let latest = history.latest.unwrap_or(Timestamp::NEVER);
    let showing = Arc::new(Showing::known(started));
    (held, Record { epoch: history.epoch, latest, showing, unwritten: false, before: None })
}

#[cfg(test)]
mod tests;
