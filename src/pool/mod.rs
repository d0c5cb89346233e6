//! Which number for this session: shown once that is on disk.
//!
//! The policy is in [`choice`]. Where one process has the ledger to itself, it is decided in [`memory`] and recorded; where nodes
//! share a database, that gives the numbers out, and what was given is known in [`shared`]. Either way a [`NumberPool`] hands out
//! [`Lease`]s, which tell when they may be shown and see to it that a number nobody was shown goes back.

mod ages;
pub mod attribution;
mod choice;
pub mod credit;
pub mod day;
pub mod delay;
mod handover;
mod lease;
mod memory;
mod network;
pub mod rates;
mod shared;
pub mod simulation;
pub mod theory;
pub mod traffic;
mod usage;

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::config::Overflow;
use crate::ledger::{self, Ledger};
use crate::number::Shown;
use crate::visit::{Proven, Session, SessionHash};

pub use ages::{Ages, QUANTILES};
pub use choice::{Affinity, Asker, Choice, Held, Terms, choose};
pub use handover::hand_over;
pub use lease::Lease;
use memory::Memory;
pub use network::{Addresses, Network};
pub use shared::Coming;
use shared::Shared;
use usage::Alarm;
pub use usage::Usage;

/// A pool of numbers, on the terms of one configuration.
pub struct NumberPool {
    site: Arc<str>,
    name: Arc<str>,
    line_name: Arc<str>,
    /// Place of the line in the site's.
    pub line: usize,
    terms: Terms,
    pub overflow: Overflow,
    /// As configured.
    numbers: Vec<Number>,
    ledger: Ledger,
    turns: Turns,
}

#[derive(Clone)]
struct Number {
    shown: Shown,
    e164: Arc<str>,
}

/// Who says whose turn a number is.
enum Turns {
    Memory(Memory),
    Shared(Box<Shared>),
}

/// What a session was given.
pub enum Answer {
    Number(Lease),
    /// All numbers are on hold.
    Full(Overflow),
    /// The visitor's network has as many as it may, before any of them has shown its cookie again. Never `oldest`.
    Crowded(Overflow),
    /// The database that gives numbers out can't be reached. Never `oldest`.
    Away(Overflow),
    /// The session has no number, and was not to be given one.
    None,
}

/// An answer, now or once the database has given it.
pub enum Reply {
    Now(Answer),
    Later(Coming),
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
    pub fn lease(self: &Arc<Self>, session: &Arc<Session>, asking: Asking) -> Reply {
        match &self.turns {
            Turns::Memory(memory) => Reply::Now(memory.lease(self, session, asking)),
            Turns::Shared(shared) => shared.lease(self, session, asking, true),
        }
    }

    /// Forgets whose the numbers of this session were. When they were last seen stays, and so they stay on hold.
    pub fn erase(&self, session: SessionHash) {
        match &self.turns {
            Turns::Memory(memory) => memory.erase(session),
            Turns::Shared(shared) => shared.erase(session),
        }
    }

    /// A session's number, if nobody has had it since; nothing is leased.
    pub fn holding(self: &Arc<Self>, session: &Arc<Session>, asking: Asking) -> Reply {
        match &self.turns {
            Turns::Memory(memory) => Reply::Now(
                memory.holding(self, session.hash, asking.now).map_or(Answer::None, Answer::Number),
            ),
            Turns::Shared(shared) => shared.lease(self, session, asking, false),
        }
    }

    /// The session has shown its cookie: what it holds is on hold for longer.
    pub fn confirm_session(&self, session: SessionHash) {
        match &self.turns {
            Turns::Memory(memory) => memory.confirm_session(session),
            Turns::Shared(shared) => shared.confirm_session(self, session),
        }
    }

    /// Whether a number is known to be this session's, without counting as seen by it.
    pub fn is_held_by(&self, session: SessionHash) -> bool {
        match &self.turns {
            Turns::Memory(memory) => memory.is_held_by(session),
            Turns::Shared(shared) => shared.is_held_by(self, session),
        }
    }

    /// Whether a number may be this session's: where nodes share them, another may have given it one.
    pub fn may_be_held_by(&self, session: SessionHash) -> bool {
        self.shared().is_some() || self.is_held_by(session)
    }

    /// What a session can show for its number while a shared ledger is away.
    pub fn proof(&self, session: SessionHash) -> Option<Proven> {
        self.shared()?.proof(self, session)
    }

    /// The number that a session can show a proof of, if it is one of this pool's.
    pub fn proven(&self, proven: &Proven, now: Timestamp) -> Option<&Shown> {
        let number = self.place_of(&proven.number).filter(|_| now < proven.until)?;
        Some(&self.numbers[number].shown)
    }

    /// Hands what the ledger is told of late to it: last page views.
    pub fn flush(&self) {
        match &self.turns {
            Turns::Memory(memory) => memory.flush(self),
            Turns::Shared(shared) => shared.flush(self),
        }
    }

    /// Forgets what need not be known any more.
    pub fn tidy(&self) {
        if let Some(shared) = self.shared() {
            shared.tidy(self);
        }
    }

    /// Takes note of how the numbers of these pools stand, where other nodes give them out too.
    pub async fn refresh(pools: &[&NumberPool], ledger: &Ledger) {
        let Some((database, _)) = ledger.shared() else { return };
        if let Ok(standing) =
            Usage::shared(pools.iter().map(|pool| (&*pool.site, &*pool.name, pool.terms)), database).await
        {
            for (shared, standing) in pools.iter().filter_map(|pool| pool.shared()).zip(standing) {
                shared.stands(standing);
            }
        }
    }

    /// How the numbers stand; none where that isn't known yet.
    pub fn usage(&self, now: Timestamp) -> Option<Usage> {
        match &self.turns {
            Turns::Memory(memory) => Some(memory.usage(self, now)),
            Turns::Shared(shared) => shared.usage(),
        }
    }

    /// How long ago they were last seen; none where that isn't known yet.
    pub fn ages(&self, now: Timestamp) -> Option<Ages> {
        match &self.turns {
            Turns::Memory(memory) => Some(memory.ages(self, now)),
            Turns::Shared(shared) => shared.ages(),
        }
    }

    /// How they stand where few are left, and that was not told for an hour.
    pub fn running_out(&self, now: Timestamp) -> Option<Usage> {
        match &self.turns {
            Turns::Memory(memory) => memory.running_out(self, now),
            Turns::Shared(shared) => shared.running_out(now),
        }
    }

    /// Whether a lease is still the session's; then it is seen now.
    fn confirm(&self, lease: &Lease, now: Timestamp) -> bool {
        match &self.turns {
            Turns::Memory(memory) => memory.confirm(&lease.showing, now),
            Turns::Shared(shared) => shared.confirm(self, lease.session, &lease.showing),
        }
    }

    /// Nobody was shown this lease: the number is as it was before.
    fn give_back(&self, lease: &Lease) {
        match &self.turns {
            Turns::Memory(memory) => memory.give_back(self, &lease.number, &lease.showing),
            Turns::Shared(shared) => shared.give_back(self, lease),
        }
    }

    fn memory(&self) -> Option<&Memory> {
        match &self.turns {
            Turns::Memory(memory) => Some(memory),
            Turns::Shared(_) => None,
        }
    }

    /// As if so much time had passed for what this node remembers of numbers that nodes share.
    #[cfg(test)]
    fn age(&self, time: std::time::Duration) {
        if let Some(shared) = self.shared() {
            shared.age(time);
        }
    }

    fn shared(&self) -> Option<&Shared> {
        match &self.turns {
            Turns::Memory(_) => None,
            Turns::Shared(shared) => Some(shared),
        }
    }

    fn place_of(&self, e164: &str) -> Option<usize> {
        self.numbers.iter().position(|number| *number.e164 == *e164)
    }

    fn record_overflow(&self, times: i64) {
        let overflow = ledger::Overflow { times, since: Timestamp::now() };
        self.ledger.overflowed(Arc::clone(&self.site), Arc::clone(&self.name), overflow);
    }
}

impl Number {
    fn of(shown: &Shown) -> Self {
        Number { shown: shown.clone(), e164: shown.number.e164().into() }
    }
}

#[cfg(test)]
mod tests;
