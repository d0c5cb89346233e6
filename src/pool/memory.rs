//! A pool whose numbers this process alone gives out: their state is in memory, and each new lease is recorded.

mod handover;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::choice::{Asker, Choice, Held, choose};
use super::lease::Showing;
use super::{Affinity, Ages, Alarm, Answer, Asking, Lease, Number, NumberPool, Usage};
use crate::clock::Timestamp;
use crate::config::Overflow;
use crate::ledger::{History, How, LeaseRecord, Seen};
use crate::visit::{Session, SessionHash};

pub(super) use handover::hand_over;

/// After a crash a number counts as seen this much later than was written: last page views are written that often.
const FLUSH: Duration = Duration::from_secs(1);

/// What is known of a pool's numbers. The pools of one name in configurations that follow one another share it: a request that
/// is under way on other terms sees which numbers there are now, and who has them.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<State>>);

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

impl Memory {
    /// Gives a session its number, or a new one.
    pub fn lease(&self, pool: &Arc<NumberPool>, session: &Arc<Session>, asking: Asking) -> Answer {
        let Asking { now, is_confirmed, network } = asking;
        let affinity = Affinity::of(&session.source.source, &session.source.medium);
        let asker = Asker { session: session.hash, affinity, is_confirmed, network };
        let mut state = self.0.lock();
        if state.held.is_empty() {
            // The pool has left the configuration while this request was under way.
            return Answer::Full(pool.overflow);
        }
        let choice = choose(&state.held, &asker, &pool.terms, now);
        state.overflowed += i64::from(matches!(choice, Choice::Full { .. }));
        let (number, how) = match choice {
            Choice::Own(number) => {
                state.held[number].affinity = affinity;
                state.held[number].is_confirmed |= is_confirmed;
                return Answer::Number(state.renew(pool, number, session.hash, now));
            }
            Choice::Free(number) => (number, How::Fresh),
            Choice::Full { oldest } if pool.overflow == Overflow::Oldest => (oldest, How::Overflow),
            Choice::Full { .. } => return Answer::Full(pool.overflow),
            Choice::Crowded => return Answer::Crowded(pool.overflow),
        };
        Answer::Number(state.give(pool, number, session, how, asking))
    }

    /// The session has shown its cookie: what it holds is on hold for longer.
    pub fn confirm_session(&self, session: SessionHash) {
        let mut state = self.0.lock();
        for held in state.held.iter_mut().filter(|held| held.holder == Some(session)) {
            held.is_confirmed = true;
        }
    }

    /// Forgets whose the numbers of this session were.
    pub fn erase(&self, session: SessionHash) {
        let mut state = self.0.lock();
        let State { held, records, .. } = &mut *state;
        let before =
            records.iter_mut().filter_map(|record| record.before.as_mut()).map(|before| &mut before.held);
        for held in held.iter_mut().chain(before).filter(|held| held.holder == Some(session)) {
            *held = Held { holder: None, affinity: Affinity::of("", ""), network: None, ..*held };
        }
    }

    /// A session's number, if nobody has had it since; nothing is leased.
    pub fn holding(&self, pool: &Arc<NumberPool>, session: SessionHash, now: Timestamp) -> Option<Lease> {
        let mut state = self.0.lock();
        let number = state.held.iter().position(|held| held.holder == Some(session))?;
        Some(state.renew(pool, number, session, now))
    }

    /// Whether a number is this session's, without counting as seen by it.
    pub fn is_held_by(&self, session: SessionHash) -> bool {
        self.0.lock().held.iter().any(|held| held.holder == Some(session))
    }

    /// Whether a lease is still its number's; then it is seen now.
    pub fn confirm(&self, showing: &Arc<Showing>, now: Timestamp) -> bool {
        let mut state = self.0.lock();
        let Some(number) = state.number_of(showing) else { return false };
        showing.mark_shown();
        state.held[number].last_seen = state.held[number].last_seen.max(now);
        state.records[number].unwritten = true;
        true
    }

    /// Nobody was shown this lease of a number: the number is as it was before.
    pub fn give_back(&self, pool: &NumberPool, number: &Number, showing: &Arc<Showing>) {
        let mut state = self.0.lock();
        if !showing.is_abandoned() {
            return;
        }
        pool.ledger.unshown(Arc::clone(&number.e164), showing.started);
        if let Some(number) = state.number_of(showing) {
            state.take_back(number);
        }
    }

    /// Hands the last page views that aren't written yet to the ledger.
    pub fn flush(&self, pool: &NumberPool) {
        let mut seen = Vec::new();
        let mut state = self.0.lock();
        let State { numbers, held, records, overflowed, .. } = &mut *state;
        let overflowed = std::mem::take(overflowed);
        for ((number, held), record) in numbers.iter().zip(held).zip(records) {
            if std::mem::take(&mut record.unwritten) {
                let number = Arc::clone(&number.e164);
                let Held { last_seen, is_confirmed, .. } = *held;
                seen.push(Seen { number, started: record.showing.started, last_seen, is_confirmed });
            }
        }
        drop(state);
        if !seen.is_empty() {
            pool.ledger.seen(seen);
        }
        if overflowed > 0 {
            pool.record_overflow(overflowed);
        }
    }

    /// How the numbers stand.
    pub fn usage(&self, pool: &NumberPool, now: Timestamp) -> Usage {
        Usage::of(&self.0.lock().held, &pool.terms, now)
    }

    /// How long ago they were last seen.
    pub fn ages(&self, pool: &NumberPool, now: Timestamp) -> Ages {
        let held = self.0.lock().held.clone();
        Ages::of(&held, &pool.terms, now)
    }

    /// How they stand where few are left, and that was not told for an hour.
    pub fn running_out(&self, pool: &NumberPool, now: Timestamp) -> Option<Usage> {
        let mut state = self.0.lock();
        let usage = Usage::of(&state.held, &pool.terms, now);
        state.alarm.rings(usage, now).then_some(usage)
    }
}

impl State {
    fn renew(
        &mut self,
        pool: &Arc<NumberPool>,
        number: usize,
        session: SessionHash,
        now: Timestamp,
    ) -> Lease {
        self.held[number].last_seen = self.held[number].last_seen.max(now);
        let record = &mut self.records[number];
        record.unwritten = true;
        Lease::new(pool, &self.numbers[number], session, How::Sticky, &record.showing)
    }

    fn give(
        &mut self,
        pool: &Arc<NumberPool>,
        number: usize,
        session: &Arc<Session>,
        how: How,
        Asking { now, is_confirmed, network }: Asking,
    ) -> Lease {
        let State { numbers, held, records, .. } = self;
        let (number, held, record) = (&numbers[number], &mut held[number], &mut records[number]);
        if record.unwritten {
            // It was taken from somebody who had just seen it.
            let Held { last_seen, is_confirmed, .. } = *held;
            let (e164, started) = (Arc::clone(&number.e164), record.showing.started);
            pool.ledger.seen(vec![Seen { number: e164, started, last_seen, is_confirmed }]);
        }
        // A lease is known by when it began: never twice the same for one number.
        let started = now.max(Timestamp(record.latest.0.saturating_add(1)));
        let commit = pool.ledger.lease(LeaseRecord {
            number: Arc::clone(&number.e164),
            epoch: record.epoch + 1,
            site: Arc::clone(&pool.site),
            pool: Arc::clone(&pool.name),
            line: Arc::clone(&pool.line_name),
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
        Lease::new(pool, number, session.hash, how, &record.showing)
    }

    /// The number whose lease this is; none where somebody else has it by now, or it has left the pool.
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

/// What is to be known of a number, by what the ledger tells.
pub(super) fn held(history: &History) -> Held {
    history.holder.as_ref().map_or(Held::NEVER_USED, |holder| Held {
        last_seen: holder.last_seen.plus(FLUSH),
        holder: holder.session,
        affinity: Affinity::of(&holder.source, &holder.medium),
        is_confirmed: holder.is_confirmed,
        network: None,
    })
}

fn remember(history: History) -> (Held, Record) {
    let started = history.holder.as_ref().map_or(Timestamp::NEVER, |holder| holder.started);
    let latest = history.latest.unwrap_or(Timestamp::NEVER);
    let showing = Arc::new(Showing::known(started));
    (held(&history), Record { epoch: history.epoch, latest, showing, unwritten: false, before: None })
}
