//! What a pool promises, in plain code of its own: who may be given which number, whose a number stays, and what the ledger knows.
//!
//! Where nodes share a database, when something happened is known only as lying between two instants, and what one node saw
//! may not have been written yet: then nothing is demanded that depends on it.

mod number;
mod turn;

use std::time::Duration;

use super::super::under::{Kind, Row, session};
use crate::clock::Timestamp;
use crate::ledger::How;
use crate::pool::{Network, Terms};
use number::{Lease, Number, State, remember};

/// What a database adds to a hold, in milliseconds; and what a file's pool adds to what was written, after a restart.
const FLOOR: i64 = 1000;

/// What is wrong.
pub type Verdict = Result<(), String>;

/// An instant that lies between these two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// Somebody who wants a number.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    pub who: usize,
    pub node: usize,
    pub source: usize,
    pub is_confirmed: bool,
    /// It is later than when their session began.
    pub is_later: bool,
    pub network: Option<Network>,
    pub may_lease: bool,
}

/// What they were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Number(usize, How),
    Full,
    Crowded,
    None,
}

#[derive(Debug)]
pub struct Reference {
    kind: Kind,
    terms: Terms,
    takes_oldest: bool,
    numbers: Vec<Number>,
    visitors: Vec<Visitor>,
}

/// What the ledger knows of who shows a cookie.
#[derive(Clone, Debug, Default)]
struct Visitor {
    is_confirmed: bool,
    is_written: bool,
    knowing: Vec<bool>,
}

impl Reference {
    pub fn new(
        kind: Kind,
        terms: Terms,
        takes_oldest: bool,
        nodes: usize,
        numbers: usize,
        visitors: usize,
    ) -> Self {
        let state = State {
            holder: None,
            source: usize::MAX,
            seen: None,
            written: None,
            pending: vec![None; nodes],
            is_confirmed: Some(false),
            knowing: vec![false; nodes],
            network: None,
            lease: None,
        };
        let number = || Number { state: state.clone(), before: Vec::new(), leases: Vec::new() };
        let visitor = Visitor { knowing: vec![false; nodes], ..Visitor::default() };
        Reference {
            kind,
            terms,
            takes_oldest,
            numbers: (0..numbers).map(|_| number()).collect(),
            visitors: vec![visitor; visitors],
        }
    }

    pub fn numbers(&self) -> usize {
        self.numbers.len()
    }

    /// Somebody asked for a number, and was told this.
    pub fn asked(&mut self, asker: &Asker, now: Span, told: Told) -> Verdict {
        if asker.is_confirmed {
            self.showed_cookie(asker.who, asker.node, asker.is_later);
        }
        match self.own(asker.who) {
            Some(own) => {
                ensure(told == Told::Number(own, How::Sticky), || {
                    format!("{} has {own}, which nobody has had since", asker.who)
                })?;
                self.saw(own, asker.node, now);
                let lease = self.current(own);
                lease.is_touched = true;
                lease.in_hand[asker.node] += 1;
            }
            None if !asker.may_lease => {
                ensure(told == Told::None, || format!("{} has none, and may not be given one", asker.who))?;
            }
            None => {
                self.judge(asker, now, told)?;
                if let Told::Number(number, _) = told {
                    self.give(asker, now, number);
                }
            }
        }
        Ok(())
    }

    /// The number that was last given to them, if it is theirs still.
    fn own(&self, who: usize) -> Option<usize> {
        let theirs = (0..self.numbers.len()).filter(|number| self.numbers[*number].state.holder == Some(who));
        theirs.max_by_key(|number| {
            let number = &self.numbers[*number];
            number.state.lease.map(|lease| number.leases[lease].started.from)
        })
    }

    fn current(&mut self, number: usize) -> &mut Lease {
        let number = &mut self.numbers[number];
        &mut number.leases[number.state.lease.expect("somebody has it")]
    }

    fn give(&mut self, asker: &Asker, now: Span, number: usize) {
        let latest = self.numbers[number].leases.iter().map(|lease| lease.started).max_by_key(|at| at.to);
        // A lease is known by when it began.
        let started = latest.map_or(now, |latest| Span {
            from: now.from.max(Timestamp(latest.from.0 + 1)),
            to: now.to.max(Timestamp(latest.to.0 + 1)),
        });
        let seen = if self.kind == Kind::File { now } else { started };
        let number = &mut self.numbers[number];
        let nodes = number.state.pending.len();
        let next = State {
            holder: Some(asker.who),
            source: asker.source,
            seen: Some(seen),
            written: Some(started),
            pending: vec![None; nodes],
            is_confirmed: Some(asker.is_confirmed),
            knowing: vec![false; nodes],
            network: asker.network,
            lease: Some(number.leases.len()),
        };
        let mut was = std::mem::replace(&mut number.state, next);
        if self.kind == Kind::File {
            was.flushed(Kind::File, asker.node, Duration::ZERO, true);
        }
        if self.kind == Kind::Database {
            number.before.push(was);
        } else if was.lease.is_none_or(|lease| number.leases[lease].counts()) {
            number.before = vec![was];
        }
        let mut in_hand = vec![0; nodes];
        in_hand[asker.node] = 1;
        number.leases.push(Lease {
            who: asker.who,
            source: asker.source,
            started,
            asked: now.from,
            is_provisional: !asker.is_confirmed,
            in_hand,
            is_shown: false,
            is_shown_to: (0..nodes).map(|node| node != asker.node).collect(),
            is_touched: false,
            is_orphan: false,
            is_given_back: false,
        });
    }

    /// A page view of whoever has the number.
    fn saw(&mut self, number: usize, node: usize, now: Span) {
        let kind = self.kind;
        let number = &mut self.numbers[number];
        let state = &mut number.state;
        let seen = state.seen.unwrap_or(now);
        state.seen = Some(match kind {
            Kind::File => Span { from: seen.from.max(now.from), to: seen.to.max(now.to) },
            // Who asked the database is known to it at once, others with the next flush.
            Kind::Database => Span { to: seen.to.max(now.to), ..seen },
        });
        // What nobody was shown wasn't seen.
        let lease = &number.leases[number.state.lease.expect("somebody has it")];
        if kind == Kind::File || lease.is_shown_to[node] {
            number.state.pending[node] = Some(now);
        }
    }

    /// The place of the lease that a number has, for whoever was just given it.
    pub fn lease(&self, number: usize) -> usize {
        self.numbers[number].state.lease.expect("somebody has it")
    }

    /// The ledger knows of a cookie by the session's having been seen since it began.
    pub fn showed_cookie(&mut self, who: usize, node: usize, is_later: bool) {
        self.visitors[who].is_confirmed = true;
        self.visitors[who].knowing[node] |= is_later;
        let kind = self.kind;
        for number in &mut self.numbers {
            for before in number.before.iter_mut().filter(|before| before.holder == Some(who)) {
                before.is_confirmed = before.is_confirmed.filter(|is_confirmed| *is_confirmed);
            }
            let state = &mut number.state;
            if state.holder == Some(who) {
                match kind {
                    Kind::File => state.is_confirmed = Some(true),
                    Kind::Database if state.is_confirmed == Some(false) => state.is_confirmed = None,
                    Kind::Database => {}
                }
                state.knowing[node] = true;
            }
        }
    }

    /// Whether a lease was shown, that was to be.
    pub fn showed(
        &mut self,
        number: usize,
        lease: usize,
        node: usize,
        now: Span,
        was_shown: bool,
    ) -> Verdict {
        let is_current = self.numbers[number].state.lease == Some(lease);
        if !was_shown {
            let least = now.to.0 - self.numbers[number].leases[lease].asked.0;
            let must = is_current && (self.kind == Kind::File || least < self.provisional_hold());
            return ensure(!must, || format!("{number} is theirs, and was not shown"));
        }
        let may = is_current || self.kind == Kind::Database && self.takes_oldest;
        ensure(may, || format!("{number} was shown to somebody, and is somebody else's"))?;
        let shown = &mut self.numbers[number].leases[lease];
        shown.is_shown = true;
        shown.is_shown_to[node] = true;
        if is_current {
            self.saw(number, node, now);
        }
        Ok(())
    }

    /// A page ended. The ledger is looked at where it alone can tell.
    pub fn dropped(&mut self, number: usize, lease: usize, node: usize, row: &Row) -> Verdict {
        let of = &mut self.numbers[number].leases[lease];
        of.in_hand[node] -= 1;
        if of.is_shown || of.is_orphan || of.is_given_back || of.in_hand.iter().any(|pages| *pages > 0) {
            return Ok(());
        }
        let may_stay = self.kind == Kind::Database && of.is_touched;
        ensure(!row.shown || may_stay, || format!("nobody was shown {number}, and the ledger says so"))?;
        of.is_given_back = !row.shown;
        if of.is_given_back {
            let of = &mut self.numbers[number];
            of.before.retain(|before| before.lease != Some(lease));
            if of.state.lease == Some(lease) {
                self.restore(number);
            }
        }
        Ok(())
    }

    /// The number is as it was before.
    fn restore(&mut self, number: usize) {
        let Some(mut before) = self.numbers[number].before.pop() else { return };
        let has_another = |other: usize| {
            other != number && before.holder.is_some() && self.numbers[other].state.holder == before.holder
        };
        let holder = before.holder;
        if (0..self.numbers.len()).any(has_another) {
            before.holder = None;
        }
        if self.kind == Kind::Database {
            // What was not written before the oldest was taken is lost.
            before.pending.iter_mut().for_each(|view| *view = None);
            before.knowing.fill(false);
            before.network = None;
            before.seen = match (before.seen, before.written) {
                (Some(seen), Some(written)) => {
                    Some(Span { from: seen.from.min(written.from), to: seen.to.max(written.to) })
                }
                (seen, written) => seen.or(written),
            };
            before.is_confirmed = match holder.map(|who| &self.visitors[who]) {
                Some(visitor) if visitor.is_written => Some(true),
                Some(visitor) if visitor.is_confirmed || before.is_confirmed != Some(false) => None,
                Some(_) | None => Some(false),
            };
        }
        self.numbers[number].state = before;
    }

    /// A node wrote what it had not written.
    pub fn flushed(&mut self, node: usize, took: Duration) {
        let kind = self.kind;
        for number in &mut self.numbers {
            let past = number.before.iter_mut().map(|before| (before, true));
            for (state, is_past) in past.chain([(&mut number.state, false)]) {
                state.flushed(kind, node, took, is_past);
            }
        }
        for visitor in &mut self.visitors {
            visitor.is_written |= std::mem::take(&mut visitor.knowing[node]);
        }
    }

    /// A node is gone, and with it what it had not written.
    pub fn crashed(&mut self, node: usize) {
        for visitor in &mut self.visitors {
            visitor.knowing[node] = false;
            if self.kind == Kind::File {
                visitor.is_confirmed = visitor.is_written;
            }
        }
        for number in &mut self.numbers {
            for lease in &mut number.leases {
                lease.is_shown_to[node] = true;
                let was_in_hand = std::mem::take(&mut lease.in_hand[node]) > 0;
                lease.is_orphan |= was_in_hand && !lease.is_shown && !lease.is_given_back;
            }
            for state in number.before.iter_mut().chain([&mut number.state]) {
                state.pending[node] = None;
                state.knowing[node] = false;
            }
            if self.kind == Kind::File {
                remember(number, &self.visitors);
            }
        }
    }

    /// Who had a number then: none where it was given to somebody about then.
    pub fn holder_at(&self, number: usize, time: Timestamp) -> Option<Option<usize>> {
        let leases = &self.numbers[number].leases;
        if leases.iter().any(|lease| lease.started.from <= time && time < lease.started.to) {
            return None;
        }
        let mut earlier = leases.iter().filter(|lease| lease.started.to <= time && !lease.is_given_back);
        Some(earlier.next_back().map(|lease| lease.who))
    }

    /// When a number was given to somebody, in this order.
    pub fn times(&self, number: usize) -> impl Iterator<Item = Span> {
        self.numbers[number].leases.iter().map(|lease| lease.started)
    }

    /// Whether the ledger's rows tell of all leases, and of no others.
    pub fn are_recorded(&self, rows: &[Row]) -> Verdict {
        for (place, number) in self.numbers.iter().enumerate() {
            let digits = format!("{place:04}");
            let rows: Vec<_> = rows.iter().filter(|row| row.number == digits).collect();
            ensure(rows.len() == number.leases.len(), || {
                format!("{place} has {} leases: {rows:?}", number.leases.len())
            })?;
            for (row, lease) in rows.into_iter().zip(&number.leases) {
                let is_it = row.session == session(lease.who)
                    && row.shown != lease.is_given_back
                    && lease.started.from <= row.started
                    && row.started <= lease.started.to;
                ensure(is_it, || format!("{lease:?} is recorded as {row:?}"))?;
            }
        }
        Ok(())
    }
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise()) }
}
