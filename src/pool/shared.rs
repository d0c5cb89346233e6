//! A pool whose numbers the database gives out, to this node and to others.
//!
//! What a node was told it remembers: while a number is on hold for a session, by what is durable, nobody else can have got it,
//! and the session's next page need not ask. Last page views are handed to the ledger a moment later.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dashmap::DashMap;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::lease::Showing;
use super::{Affinity, Ages, Alarm, Answer, Asking, Lease, Number, NumberPool, Reply, Usage};
use crate::clock::Timestamp;
use crate::config::{self, Overflow};
use crate::ledger::postgres::{Asked, Database, DatabaseError, Given, Giving, Leases, PoolId, Wanted};
use crate::ledger::{Commit, Confirmed, How, Seen};
use crate::visit::{Proven, Session, SessionHash};

/// A number stays on hold in the database for so much longer, so that last page views get there in time.
const FLOOR: Duration = Duration::from_secs(1);

/// A pool that this node shares.
pub(super) struct Shared {
    id: PoolId,
    leases: Leases,
    /// The pools of one name in configurations that follow one another share it.
    memory: Arc<Memory>,
}

/// What this node knows of it.
#[derive(Default)]
struct Memory {
    /// Who has which number. It may be one that has left the configuration.
    own: DashMap<SessionHash, Own>,
    /// Those of them whose last page view the ledger doesn't know.
    unwritten: Mutex<Vec<SessionHash>>,
    /// Last page views that are on their way to the ledger.
    on_their_way: Mutex<Vec<OnItsWay>>,
    known: Mutex<Known>,
}

/// A session's number.
struct Own {
    number: Number,
    epoch: i64,
    showing: Arc<Showing>,
    affinity: Affinity,
    /// The last page view; and when the last that is durable was, by a clock that nobody sets.
    last_seen: Timestamp,
    seen_at: Instant,
    durable: Instant,
    /// The session has shown its cookie; and that is durable.
    is_confirmed: bool,
    is_confirmed_durably: bool,
    is_unwritten: bool,
}

struct OnItsWay {
    commit: Commit,
    seen: Vec<(SessionHash, Instant, Seen)>,
}

#[derive(Default)]
struct Known {
    standing: Option<(Usage, Ages)>,
    overflowed: i64,
    alarm: Alarm,
}

impl Shared {
    /// Tells the database which numbers the pool has; `before` is the same pool in the configuration before.
    ///
    /// # Errors
    /// [`DatabaseError`] where it can't be told.
    pub async fn configure(
        site: &config::Site,
        pool: &config::Pool,
        database: &Database,
        leases: &Leases,
        before: Option<&Shared>,
    ) -> Result<Self, DatabaseError> {
        let numbers: Vec<&str> = pool.numbers.iter().map(|shown| shown.number.e164()).collect();
        let wanted = Wanted { site: &site.name, name: &pool.name, numbers: &numbers };
        Ok(Shared {
            id: database.configure(wanted).await?,
            leases: leases.clone(),
            memory: before.map(|before| Arc::clone(&before.memory)).unwrap_or_default(),
        })
    }

    /// A session's number: at once where it is known to be on hold for it, else what the database says.
    pub fn lease(
        &self,
        pool: &Arc<NumberPool>,
        session: &Arc<Session>,
        asking: Asking,
        may_lease: bool,
    ) -> Reply {
        if let Some(lease) = self.known_lease(pool, session, asking) {
            return Reply::Now(Answer::Number(lease));
        }
        let Asking { is_confirmed, network, .. } = asking;
        let is_capped = !is_confirmed && network.is_some();
        let asked = Asked {
            pool: self.id,
            site: Arc::clone(&pool.site),
            name: Arc::clone(&pool.name),
            line: Arc::clone(&pool.line_name),
            session: Arc::clone(session),
            is_confirmed,
            network: network.map(|network| network.bits()),
            hold: pool.terms.hold,
            provisional_hold: pool.terms.provisional_hold,
            cap: if is_capped { pool.terms.provisional_per_network } else { 0 },
            may_take_oldest: pool.overflow == Overflow::Oldest,
            may_lease,
        };
        let (tell, told) = oneshot::channel();
        let (asker, of, at) = (Arc::clone(session), Arc::clone(pool), Instant::now());
        let told_of = move |giving| {
            if let Some(shared) = of.shared() {
                // Where nobody waits for it any more, the lease ends here, and its number goes back.
                let _ = tell.send(shared.answer(&of, &asker, giving, at));
            }
        };
        match self.leases.ask(asked, told_of) {
            Ok(()) => Reply::Later(Coming { told, overflow: pool.overflow }),
            Err(_) => Reply::Now(Answer::Away(pool.overflow)),
        }
    }

    /// Nothing but the operator's word takes a number that is on hold, so there it is asked for every time.
    fn known_lease(&self, pool: &Arc<NumberPool>, session: &Session, asking: Asking) -> Option<Lease> {
        if pool.overflow == Overflow::Oldest {
            return None;
        }
        let mut own = self.memory.own.get_mut(&session.hash)?;
        let is_same = own.affinity == Affinity::of(&session.source.source, &session.source.medium);
        if !is_same || !own.is_on_hold(pool) {
            return None;
        }
        own.see();
        own.is_confirmed |= asking.is_confirmed;
        let lease = Lease::new(pool, &own.number, session.hash, How::Sticky, &own.showing);
        self.is_unwritten(&mut own, session.hash);
        Some(lease)
    }

    /// What the database has given, from here on known.
    fn answer(&self, pool: &Arc<NumberPool>, session: &Session, giving: Giving, at: Instant) -> Answer {
        match giving {
            Giving::Number(given) => match pool.place_of(&given.number) {
                Some(place) => {
                    let number = pool.numbers[place].clone();
                    Answer::Number(self.remember(pool, session, number, &given, at))
                }
                // Another node's configuration has it, and this one's not yet, or no more.
                None => {
                    if given.how != How::Sticky {
                        pool.ledger.unshown(given.number, given.started);
                    }
                    Answer::Full(pool.overflow)
                }
            },
            Giving::Full => {
                self.memory.known.lock().overflowed += 1;
                Answer::Full(pool.overflow)
            }
            Giving::Crowded => Answer::Crowded(pool.overflow),
            Giving::None => Answer::None,
        }
    }

    fn remember(
        &self,
        pool: &Arc<NumberPool>,
        session: &Session,
        number: Number,
        given: &Given,
        at: Instant,
    ) -> Lease {
        let known = self.memory.own.get(&session.hash).filter(|own| own.showing.started == given.started);
        let showing = known.map(|own| Arc::clone(&own.showing)).unwrap_or_else(|| {
            Arc::new(match given.how {
                How::Sticky => Showing::known(given.started),
                How::Fresh | How::Overflow => Showing::new(Commit::done(), given.started),
            })
        });
        let lease = Lease::new(pool, &number, session.hash, given.how, &showing);
        let own = Own {
            number,
            epoch: given.epoch,
            showing,
            affinity: Affinity::of(&session.source.source, &session.source.medium),
            last_seen: Timestamp::now(),
            // When it was asked for, and not later: what the database holds is no older.
            seen_at: at,
            durable: at,
            is_confirmed: given.is_confirmed,
            is_confirmed_durably: given.is_confirmed,
            is_unwritten: false,
        };
        self.memory.own.insert(session.hash, own);
        lease
    }

    /// Whether a number is known to be on hold for this session.
    pub fn is_held_by(&self, pool: &NumberPool, session: SessionHash) -> bool {
        self.memory.own.get(&session).is_some_and(|own| own.is_on_hold(pool))
    }

    /// The session has shown its cookie.
    pub fn confirm_session(&self, pool: &NumberPool, session: SessionHash) {
        if let Some(mut own) = self.memory.own.get_mut(&session) {
            own.is_confirmed = true;
            self.is_unwritten(&mut own, session);
        }
        // Another node may have given it another number since.
        pool.ledger.confirmed(Confirmed { session, pool: self.id });
    }

    /// Whether a lease is still the session's; then it is seen now.
    pub fn confirm(&self, pool: &NumberPool, session: SessionHash, showing: &Arc<Showing>) -> bool {
        let Some(mut own) = self.memory.own.get_mut(&session) else { return false };
        // A page may have been arriving for so long that the number is somebody else's by now.
        if !Arc::ptr_eq(&own.showing, showing) || own.durable.elapsed() >= own.durable_hold(pool).max(FLOOR) {
            return false;
        }
        showing.mark_shown();
        own.see();
        self.is_unwritten(&mut own, session);
        true
    }

    fn is_unwritten(&self, own: &mut Own, session: SessionHash) {
        if !std::mem::replace(&mut own.is_unwritten, true) {
            self.memory.unwritten.lock().push(session);
        }
    }

    /// Nobody was shown this lease.
    pub fn give_back(&self, pool: &NumberPool, lease: &Lease) {
        let Lease { number, session, showing, .. } = lease;
        let is_it = |own: &Own| Arc::ptr_eq(&own.showing, showing);
        self.memory.own.remove_if(session, |_, own| is_it(own) && showing.is_abandoned());
        // Where it is known no more, nobody can have come to share it.
        let is_known = self.memory.own.get(session).is_some_and(|own| is_it(&own));
        if !is_known && showing.is_abandoned() {
            pool.ledger.unshown(Arc::clone(&number.e164), showing.started);
        }
    }

    /// Forgets what number a session has.
    pub fn erase(&self, session: SessionHash) {
        self.memory.own.remove(&session);
    }

    /// Hands last page views to the ledger, and takes note of those that are durable now.
    pub fn flush(&self, pool: &NumberPool) {
        self.memory.on_their_way.lock().retain(|on_its_way| match on_its_way.commit.outcome() {
            None => true,
            Some(is_durable) => {
                if is_durable {
                    on_its_way
                        .seen
                        .iter()
                        .for_each(|(session, at, seen)| self.is_durable(pool, *session, *at, seen));
                }
                false
            }
        });
        let mut seen = Vec::new();
        // One lock at a time: whoever adds to these holds a session's.
        let unwritten = std::mem::take(&mut *self.memory.unwritten.lock());
        for session in unwritten {
            let Some(mut own) = self.memory.own.get_mut(&session) else { continue };
            // It may have another number by now. And one that nobody was shown wasn't seen: it may yet go back.
            if !std::mem::replace(&mut own.is_unwritten, false) || !own.showing.is_shown() {
                continue;
            }
            let number = Arc::clone(&own.number.e164);
            let Own { last_seen, is_confirmed, .. } = *own;
            seen.push((
                session,
                own.seen_at,
                Seen { number, started: own.showing.started, last_seen, is_confirmed },
            ));
        }
        if !seen.is_empty() {
            let commit = pool.ledger.seen(seen.iter().map(|(_, _, seen)| seen.clone()).collect());
            self.memory.on_their_way.lock().push(OnItsWay { commit, seen });
        }
        let overflowed = std::mem::take(&mut self.memory.known.lock().overflowed);
        if overflowed > 0 {
            pool.record_overflow(overflowed);
        }
    }

    /// A page view that came to the database after the number was off hold there may have renewed nothing.
    fn is_durable(&self, pool: &NumberPool, session: SessionHash, at: Instant, seen: &Seen) {
        if let Some(mut own) = self.memory.own.get_mut(&session)
            && own.showing.started == seen.started
            && own.durable.elapsed() < own.durable_hold(pool) + FLOOR
        {
            own.durable = own.durable.max(at);
            own.is_confirmed_durably |= seen.is_confirmed;
        }
    }

    /// Forgets whose number may be somebody else's by now.
    pub fn tidy(&self, pool: &NumberPool) {
        self.memory.own.retain(|_, own| own.is_unwritten || own.showing.is_in_hand() || own.is_on_hold(pool));
    }

    /// Takes note of how all numbers stand.
    pub fn stands(&self, standing: (Usage, Ages)) {
        self.memory.known.lock().standing = Some(standing);
    }

    /// How they stood when that was last asked.
    pub fn usage(&self) -> Option<Usage> {
        self.memory.known.lock().standing.map(|(usage, _)| usage)
    }

    /// How long ago they had been seen then.
    pub fn ages(&self) -> Option<Ages> {
        self.memory.known.lock().standing.map(|(_, ages)| ages)
    }

    pub fn running_out(&self, now: Timestamp) -> Option<Usage> {
        let mut known = self.memory.known.lock();
        let (usage, _) = known.standing?;
        known.alarm.rings(usage, now).then_some(usage)
    }

    /// As if so much time had passed. What is on its way to the ledger is to get there before.
    #[cfg(test)]
    pub fn age(&self, time: Duration) {
        let back = |instant: Instant| instant.checked_sub(time).expect("instants go far back");
        for mut own in self.memory.own.iter_mut() {
            own.last_seen = own.last_seen.minus(time);
            own.seen_at = back(own.seen_at);
            own.durable = back(own.durable);
        }
        for on_its_way in self.memory.on_their_way.lock().iter_mut() {
            on_its_way.seen.iter_mut().for_each(|(_, at, _)| *at = back(*at));
        }
    }

    /// What a session can show for its number while the database is away.
    pub fn proof(&self, pool: &NumberPool, session: SessionHash) -> Option<Proven> {
        let own = self.memory.own.get(&session).filter(|own| own.is_of(pool))?;
        let left = own.durable_hold(pool).saturating_sub(own.durable.elapsed());
        Some(Proven {
            number: Arc::clone(&own.number.e164),
            started: own.showing.started,
            epoch: own.epoch,
            until: Timestamp::now().plus(left),
        })
    }
}

impl Own {
    /// How long after the last durable page view nobody else gets the number.
    fn durable_hold(&self, pool: &NumberPool) -> Duration {
        let terms = &pool.terms;
        if self.is_confirmed_durably { terms.hold } else { terms.hold.min(terms.provisional_hold) }
    }

    fn is_on_hold(&self, pool: &NumberPool) -> bool {
        self.is_of(pool) && self.durable.elapsed() < self.durable_hold(pool)
    }

    /// Whether the number is the pool's, as it is configured.
    fn is_of(&self, pool: &NumberPool) -> bool {
        pool.place_of(&self.number.e164).is_some()
    }

    fn see(&mut self) {
        self.last_seen = Timestamp::now();
        self.seen_at = Instant::now();
    }
}

/// An answer that the database owes.
pub struct Coming {
    told: oneshot::Receiver<Answer>,
    overflow: Overflow,
}

impl Coming {
    /// The answer, if it is here.
    pub fn here(&mut self) -> Option<Answer> {
        match self.told.try_recv() {
            Ok(answer) => Some(answer),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => Some(Answer::Away(self.overflow)),
        }
    }

    pub async fn answer(self) -> Answer {
        self.told.await.unwrap_or(Answer::Away(self.overflow))
    }
}
