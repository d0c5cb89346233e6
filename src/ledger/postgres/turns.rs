//! Who of those who ask at once gets which number: they take turns, and each finds the pool as those before left it.
//!
//! The database says in which order numbers are given to somebody, each class after the other, and what a pool's visitors hold.
//! The rest of `pool::choice` is said here: what may be given of a class, and to whom.

use std::collections::{HashMap, HashSet};

use super::PoolId;
use super::leases::Asked;
use crate::ledger::How;
use crate::visit::SessionHash;

/// How a pool stood before anybody took a turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub numbers: usize,
    /// The networks of provisional sessions, for each number on hold for one.
    pub provisional: Vec<Option<i64>>,
    /// Who of those who ask has a number already, by its key.
    pub own: HashMap<SessionHash, i64>,
}

/// A number that is this transaction's to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// Its key.
    pub number: i64,
    /// It was a confirmed session's.
    pub was_confirmed: bool,
    /// It is on hold for a provisional session of this network, or of none that is known.
    pub on_hold_for: Option<Option<i64>>,
}

/// All that is known of the pools.
#[derive(Debug, Default)]
pub(super) struct Pools<'a> {
    pub states: HashMap<PoolId, State>,
    /// Numbers off hold, whose turn it is first comes first, as it is for a source and a medium. As many as may be wanted, or all.
    pub free: HashMap<(PoolId, &'a str, &'a str), Vec<Turn>>,
    /// Those seen longest ago, where they are wanted.
    pub oldest: HashMap<PoolId, Vec<Turn>>,
}

/// What somebody gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// By its key.
    Number(i64, How),
    Full,
    Crowded,
    None,
    /// The number seen longest ago, which isn't known yet.
    Oldest,
    /// What is known doesn't tell: to be asked anew, once what was decided is done.
    Again,
}

impl Pools<'_> {
    /// Whether somebody has no number, and may be given one.
    pub fn is_wanted_by(&self, asked: &Asked) -> bool {
        self.states.get(&asked.pool).is_some_and(|state| {
            !state.own.contains_key(&asked.session.hash) && asked.may_lease && !state.is_crowded_for(asked)
        })
    }

    /// Decides for each who asks, in their order. Those who have a number, as the states know it, keep it.
    pub fn decide(&self, asked: &[&Asked]) -> Vec<Decision> {
        let mut standing = self.states.clone();
        let mut taken = HashSet::new();
        let mut decide = |asked: &&Asked| match standing.get_mut(&asked.pool) {
            Some(state) => self.decide_for(asked, state, &mut taken),
            None => Decision::Full,
        };
        asked.iter().map(&mut decide).collect()
    }

    fn decide_for(&self, asked: &Asked, state: &mut State, taken: &mut HashSet<i64>) -> Decision {
        if let Some(own) = state.own.get(&asked.session.hash) {
            return Decision::Number(*own, How::Sticky);
        }
        if !asked.may_lease {
            return Decision::None;
        }
        if state.is_crowded_for(asked) {
            return Decision::Crowded;
        }
        if !self.is_wanted_by(asked) {
            // A neighbour's number was the oldest, and is somebody else's now.
            return Decision::Again;
        }
        let (turn, how) = match self.free(asked, state, taken) {
            Some(turn) => (turn, How::Fresh),
            None if !asked.may_take_oldest => return Decision::Full,
            None => {
                let Some(oldest) = self.oldest.get(&asked.pool) else { return Decision::Oldest };
                match oldest.iter().find(|turn| !taken.contains(&turn.number)) {
                    Some(turn) => (*turn, How::Overflow),
                    // It is one that was given away just now.
                    None if oldest.iter().any(|turn| taken.contains(&turn.number)) => return Decision::Again,
                    None => return Decision::Full,
                }
            }
        };
        taken.insert(turn.number);
        state.is_given(&turn, asked);
        Decision::Number(turn.number, how)
    }

    fn free(&self, asked: &Asked, state: &State, taken: &HashSet<i64>) -> Option<Turn> {
        let source = &asked.session.source;
        let turns = self.free.get(&(asked.pool, &*source.source, &*source.medium))?;
        let next = turns.iter().find(|turn| !taken.contains(&turn.number))?;
        let may_be_given = !next.was_confirmed || state.provisional.len() < (state.numbers / 4).max(1);
        may_be_given.then_some(*next)
    }
}

impl State {
    /// Whether the network of who asks has as many numbers as it may.
    pub fn is_crowded_for(&self, asked: &Asked) -> bool {
        let neighbours =
            self.provisional.iter().filter(|network| network.is_some() && **network == asked.network);
        !asked.is_confirmed && asked.cap > 0 && neighbours.count() >= asked.cap
    }

    fn is_given(&mut self, turn: &Turn, asked: &Asked) {
        let before = |network| self.provisional.iter().position(|held| *held == network);
        if let Some(place) = turn.on_hold_for.and_then(before) {
            self.provisional.swap_remove(place);
        }
        let is_held = !asked.provisional_hold.min(asked.hold).is_zero();
        if !asked.is_confirmed && is_held {
            self.provisional.push(asked.network);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::clock::Timestamp;
    use crate::visit::{Session, Source, Touch};

    const POOL: PoolId = PoolId(1);
    const HERE: Option<i64> = Some(7);

    fn session(n: u8) -> Session {
        let source = Source::direct();
        Session {
            hash: SessionHash([n; 16]),
            site: "plumber".into(),
            source: source.clone(),
            touched: Timestamp(1),
            first: Arc::new(Touch { source, time: Timestamp(1) }),
            edition: 0,
            rule: None,
            shown: Vec::new(),
            shows: String::new(),
            started: Timestamp(1),
            last_seen: Timestamp(1),
            landing_page: String::new(),
            referring_page: None,
        }
    }

    /// Somebody who has shown a cookie.
    fn confirmed(n: u8) -> Asked {
        Asked {
            pool: POOL,
            site: "plumber".into(),
            name: "ads".into(),
            line: "main".into(),
            session: Arc::new(session(n)),
            is_confirmed: true,
            network: HERE,
            hold: Duration::from_secs(300),
            provisional_hold: Duration::from_secs(30),
            cap: 0,
            may_take_oldest: false,
            may_lease: true,
        }
    }

    fn provisional(n: u8) -> Asked {
        Asked { is_confirmed: false, cap: 2, ..confirmed(n) }
    }

    fn turn(number: i64) -> Turn {
        Turn { number, was_confirmed: false, on_hold_for: None }
    }

    fn of_a_confirmed(number: i64) -> Turn {
        Turn { was_confirmed: true, ..turn(number) }
    }

    /// A pool of so many numbers, some of them held by provisional sessions of these networks, and some free for a direct visit.
    fn pools(numbers: usize, provisional: &[Option<i64>], free: &[Turn]) -> Pools<'static> {
        let state = State { numbers, provisional: provisional.to_vec(), own: HashMap::new() };
        let mut pools = Pools { states: HashMap::from([(POOL, state)]), ..Pools::default() };
        let source: &'static Source = Box::leak(Box::new(Source::direct()));
        pools.free.insert((POOL, &source.source, &source.medium), free.to_vec());
        pools
    }

    fn decide(pools: &Pools<'_>, asked: &[Asked]) -> Vec<Decision> {
        pools.decide(&asked.iter().collect::<Vec<_>>())
    }

    fn fresh(number: i64) -> Decision {
        Decision::Number(number, How::Fresh)
    }

    #[test]
    fn each_gets_the_next_number_and_who_has_one_keeps_it() {
        let mut pools = pools(4, &[], &[turn(1), turn(2)]);
        pools.states.get_mut(&POOL).unwrap().own.insert(SessionHash([2; 16]), 9);
        let asked = [
            confirmed(1),
            confirmed(2),
            Asked { may_lease: false, ..confirmed(3) },
            confirmed(4),
            confirmed(5),
        ];
        let kept = Decision::Number(9, How::Sticky);
        assert_eq!(decide(&pools, &asked), [fresh(1), kept, Decision::None, fresh(2), Decision::Full]);
    }

    #[test]
    fn what_some_were_given_counts_for_those_after_them() {
        // One of eight is held already: another, and confirmed sessions' numbers are kept for those who have shown a cookie.
        let pools = pools(8, &[None], &[turn(1), of_a_confirmed(2), of_a_confirmed(3)]);
        assert_eq!(
            decide(&pools, &[confirmed(1), confirmed(2), confirmed(3)]),
            [fresh(1), fresh(2), fresh(3)]
        );
        let asked = [confirmed(1), provisional(2), confirmed(3)];
        assert_eq!(decide(&pools, &asked), [fresh(1), fresh(2), Decision::Full]);
        let short = Asked { provisional_hold: Duration::ZERO, ..provisional(2) };
        assert_eq!(decide(&pools, &[confirmed(1), short, confirmed(3)]), [fresh(1), fresh(2), fresh(3)]);
    }

    #[test]
    fn a_network_has_so_many_and_no_more_of_those_who_ask_at_once() {
        let pools = pools(40, &[HERE, None], &[turn(1), turn(2), turn(3), turn(4)]);
        let elsewhere = Asked { network: Some(8), ..provisional(3) };
        let unknown = Asked { network: None, cap: 0, ..provisional(4) };
        let asked = [provisional(1), provisional(2), elsewhere, unknown, confirmed(5)];
        assert_eq!(decide(&pools, &asked), [fresh(1), Decision::Crowded, fresh(2), fresh(3), fresh(4)]);
    }

    #[test]
    fn the_oldest_goes_where_it_may_and_none_is_free() {
        let oldest = |n| Asked { may_take_oldest: true, ..confirmed(n) };
        let mut pools = pools(2, &[], &[turn(1)]);
        let asked = [oldest(1), oldest(2), oldest(3), oldest(4)];
        assert_eq!(decide(&pools, &asked[..2]), [fresh(1), Decision::Oldest]);
        pools.oldest.insert(POOL, vec![turn(1), of_a_confirmed(2)]);
        let taken = Decision::Number(2, How::Overflow);
        // Whose turn it is after that is one of those just given away.
        assert_eq!(decide(&pools, &asked), [fresh(1), taken, Decision::Again, Decision::Again]);
        pools.oldest.insert(POOL, Vec::new());
        assert_eq!(decide(&pools, &asked[..2]), [fresh(1), Decision::Full], "another node has them all");
    }

    #[test]
    fn whoever_loses_the_oldest_holds_it_no_longer() {
        let held = |number| Turn { on_hold_for: Some(HERE), ..turn(number) };
        let mut pools = pools(4, &[HERE, HERE], &[of_a_confirmed(1)]);
        pools.oldest.insert(POOL, vec![held(2), held(3), of_a_confirmed(1)]);
        let oldest = |n| Asked { may_take_oldest: true, ..confirmed(n) };
        let asked = [provisional(1), oldest(2), oldest(3), provisional(4), oldest(5)];
        let taken = |number| Decision::Number(number, How::Overflow);
        assert_eq!(
            decide(&pools, &asked),
            [Decision::Crowded, taken(2), taken(3), Decision::Again, fresh(1)]
        );
    }
}
