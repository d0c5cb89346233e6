//! The policy: whose turn a number is.
//!
//! A session is provisional until it shows its cookie again: a client that keeps no cookie would ask for a number with
//! every page. In this order:
//!
//! 1. the session's own number, while nobody has had it since;
//! 2. a number that was never used;
//! 3. one off hold whose last holder stayed provisional;
//! 4. one off hold of a confirmed session, but only while few numbers are held by provisional ones.
//!
//! Of several the one not seen for longest, where time counts fivefold if its last holder came from the same source and
//! medium: late callers then still count for the right source.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::network::Network;
use crate::clock::Timestamp;
use crate::visit::{Described, SessionHash};

/// How much longer a number counts as unseen where its last holder came from the same source.
pub(super) const SAME_SOURCE: i64 = 5;

/// What the choice knows of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub last_seen: Timestamp,
    pub holder: Option<SessionHash>,
    pub affinity: Affinity,
    /// The holder has shown its cookie again.
    pub is_confirmed: bool,
    /// Where a provisional holder came from.
    pub network: Option<Network>,
}

/// Source and medium, as far as equality goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Affinity(u64);

/// Who asks for a number.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    pub session: SessionHash,
    pub affinity: Affinity,
    /// The session has shown its cookie.
    pub is_confirmed: bool,
    /// Where it comes from; none where that network needs no cap.
    pub network: Option<Network>,
}

/// A pool's terms.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// A number seen within this time is not given to someone else.
    pub hold: Duration,
    /// The same where its holder is provisional: no longer than the hold.
    pub provisional_hold: Duration,
    /// Numbers on hold that provisional sessions of one network may have; 0: any.
    pub provisional_per_network: usize,
}

/// Whose turn it is, by place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Own(usize),
    Free(usize),
    /// All are on hold, or kept for whoever has shown a cookie; this one was seen longest ago.
    Full {
        oldest: usize,
    },
    /// The asker's network has enough of them.
    Crowded,
}

impl Held {
    pub const NEVER_USED: Held = Held {
        last_seen: Timestamp::NEVER,
        holder: None,
        affinity: Affinity(0),
        is_confirmed: false,
        network: None,
    };

    /// Whether it goes to nobody else now.
    pub fn is_on_hold(&self, terms: &Terms, now: Timestamp) -> bool {
        let hold = if self.is_confirmed { terms.hold } else { terms.hold.min(terms.provisional_hold) };
        now.since(self.last_seen) < hold
    }
}

impl Affinity {
    pub fn of(source: &str, medium: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        (source, medium).hash(&mut hasher);
        Affinity(hasher.finish())
    }

    /// Of a source as far as it is known.
    pub fn of_source(source: &Described) -> Self {
        Affinity::of(
            source.source.as_deref().unwrap_or_default(),
            source.medium.as_deref().unwrap_or_default(),
        )
    }
}

/// Chooses among at least one number, in time linear in their count. `now` and what was seen are times of this era, so that
/// five times what lies between them can be counted.
pub fn choose(numbers: &[Held], asker: &Asker, terms: &Terms, now: Timestamp) -> Choice {
    let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let hold = millis(terms.hold);
    let provisional_hold = millis(terms.provisional_hold).min(hold);
    let key = u128::from_ne_bytes(asker.session.0);
    let is_own = |held: &Held| held.holder.is_some_and(|holder| u128::from_ne_bytes(holder.0) == key);
    let (mut best, mut best_turn, mut provisional, mut neighbours) = (0, ON_HOLD, 0, 0);
    for (place, held) in numbers.iter().enumerate() {
        if is_own(held) {
            return Choice::Own(place);
        }
        let age = now.0.wrapping_sub(held.last_seen.0);
        if age < if held.is_confirmed { hold } else { provisional_hold } {
            if !held.is_confirmed {
                provisional += 1;
                neighbours += usize::from(held.network == asker.network);
            }
            continue;
        }
        let turn = turn(held, age, held.affinity == asker.affinity);
        if turn > best_turn {
            (best, best_turn) = (place, turn);
        }
    }
    let is_capped = !asker.is_confirmed && asker.network.is_some() && terms.provisional_per_network > 0;
    match best_turn {
        _ if is_capped && neighbours >= terms.provisional_per_network => Choice::Crowded,
        PROVISIONAL.. => Choice::Free(best),
        0.. if provisional < (numbers.len() / 4).max(1) => Choice::Free(best),
        _ => Choice::Full { oldest: oldest(numbers) },
    }
}

/// Turns of numbers whose last holder stayed provisional come before all others, and those of numbers never used before
/// these: they were last seen longer ago than any number of this era.
const PROVISIONAL: i64 = 1 << 55;
const ON_HOLD: i64 = -1;

const _: () = assert!(-Timestamp::NEVER.0 > 2 * PROVISIONAL && -Timestamp::NEVER.0 < i64::MAX / 8);

/// Whose turn it is: the number with the largest.
fn turn(held: &Held, age: i64, is_same_source: bool) -> i64 {
    let more = if is_same_source { (SAME_SOURCE - 1).wrapping_mul(age) } else { 0 };
    let class = if held.is_confirmed { 0 } else { PROVISIONAL };
    age.wrapping_add(more).wrapping_add(class)
}

/// The number seen longest ago.
fn oldest(numbers: &[Held]) -> usize {
    numbers.iter().enumerate().min_by_key(|(_, held)| held.last_seen).map_or(0, |(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms {
        hold: Duration::from_secs(300),
        provisional_hold: Duration::from_secs(30),
        provisional_per_network: 2,
    };
    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn held(seconds_ago: i64, session: u8, source: &str) -> Held {
        let last_seen = Timestamp(NOW.0 - 1000 * seconds_ago);
        Held {
            last_seen,
            holder: Some(SessionHash([session; 16])),
            affinity: Affinity::of(source, "cpc"),
            is_confirmed: true,
            network: None,
        }
    }

    fn provisional(seconds_ago: i64, session: u8, network: &str) -> Held {
        Held { is_confirmed: false, network: Some(of(network)), ..held(seconds_ago, session, "google") }
    }

    fn of(network: &str) -> Network {
        Network::of(network.parse().unwrap())
    }

    fn choice(numbers: &[Held], session: u8, source: &str) -> Choice {
        choose(numbers, &asker(session, source, true), &TERMS, NOW)
    }

    fn asker(session: u8, source: &str, is_confirmed: bool) -> Asker {
        let network = Some(of("192.0.2.1"));
        Asker {
            session: SessionHash([session; 16]),
            affinity: Affinity::of(source, "cpc"),
            is_confirmed,
            network,
        }
    }

    #[test]
    fn a_session_keeps_its_number_however_long_ago() {
        let numbers = [held(900, 1, "google"), held(100_000, 2, "google"), Held::NEVER_USED];
        assert_eq!(choice(&numbers, 2, "bing"), Choice::Own(1));
    }

    #[test]
    fn a_number_never_used_comes_first() {
        assert_eq!(choice(&[held(90_000_000, 1, "google"), Held::NEVER_USED], 9, "google"), Choice::Free(1));
    }

    #[test]
    fn the_longest_unseen_comes_next_and_the_same_source_counts_fivefold() {
        let numbers = [held(400, 1, "google"), held(1900, 2, "bing"), held(1999, 3, "bing")];
        assert_eq!(choice(&numbers, 9, "bing"), Choice::Free(2));
        assert_eq!(choice(&numbers, 9, "google"), Choice::Free(0), "5 × 400 is more than 1999");
        assert_eq!(choice(&numbers, 9, "yahoo"), Choice::Free(2));
    }

    #[test]
    fn a_number_on_hold_is_nobody_elses() {
        let numbers = [held(299, 1, "google"), held(10, 2, "google")];
        assert_eq!(choice(&numbers, 9, "google"), Choice::Full { oldest: 0 });
        assert_eq!(choice(&[held(300, 1, "google")], 9, "google"), Choice::Free(0));
    }

    #[test]
    fn who_stayed_provisional_gives_the_number_back_first() {
        let numbers = [
            held(90_000, 1, "google"),
            provisional(30, 2, "198.51.100.1"),
            provisional(60, 3, "198.51.100.1"),
        ];
        assert_eq!(choice(&numbers, 9, "google"), Choice::Free(2));
        assert_eq!(choice(&numbers[..2], 9, "google"), Choice::Free(1), "off its short hold");
        assert_eq!(
            choice(&[numbers[0], provisional(29, 2, "198.51.100.1")], 9, "x"),
            Choice::Full { oldest: 0 }
        );
    }

    #[test]
    fn a_confirmed_sessions_number_goes_only_while_few_are_provisional() {
        let mut numbers = vec![held(400, 1, "google"); 8];
        numbers[..1].fill(provisional(5, 2, "198.51.100.1"));
        assert_eq!(choice(&numbers, 9, "google"), Choice::Free(1), "one of eight");
        numbers[..2].fill(provisional(5, 2, "198.51.100.1"));
        assert_eq!(choice(&numbers, 9, "google"), Choice::Full { oldest: 2 }, "two of eight");
        numbers[7] = Held::NEVER_USED;
        assert_eq!(choice(&numbers, 9, "google"), Choice::Free(7));
    }

    #[test]
    fn a_network_has_so_many_provisional_numbers_and_no_more() {
        let numbers = [provisional(5, 1, "192.0.2.9"), provisional(29, 2, "192.0.2.8"), Held::NEVER_USED];
        let ask = |asker: Asker| choose(&numbers, &asker, &TERMS, NOW);
        assert_eq!(ask(asker(9, "google", false)), Choice::Crowded);
        assert_eq!(ask(asker(9, "google", true)), Choice::Free(2), "whoever has shown a cookie");
        assert_eq!(ask(Asker { network: None, ..asker(9, "google", false) }), Choice::Free(2));
        assert_eq!(
            ask(Asker { network: Some(of("192.0.3.1")), ..asker(9, "google", false) }),
            Choice::Free(2)
        );
        assert_eq!(ask(asker(1, "google", false)), Choice::Own(0));
        let later = choose(&numbers, &asker(9, "google", false), &TERMS, NOW.plus(Duration::from_secs(1)));
        assert_eq!(later, Choice::Free(2), "one is off hold");
        let any = Terms { provisional_per_network: 0, ..TERMS };
        assert_eq!(choose(&numbers, &asker(9, "google", false), &any, NOW), Choice::Free(2));
    }
}
