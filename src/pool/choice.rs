//! The policy: whose turn a number is.
//!
//! The session's own number, while nobody has had it since. Else one that was never used; else, of those that have not
//! been seen within the hold, the one not seen for longest, where time counts fivefold if its last holder came from the
//! same source: late callers then still count for the right source.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::visit::SessionHash;

/// How much longer a number counts as unseen where its last holder came from the same source.
const SAME_SOURCE: i64 = 5;

/// What the choice knows of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub last_seen: Timestamp,
    pub holder: Option<SessionHash>,
    pub affinity: Affinity,
}

/// Source and medium, as far as equality goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affinity(u64);

/// Whose turn it is, by place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Own(usize),
    Free(usize),
    /// All are on hold; this one was seen longest ago.
    Full {
        oldest: usize,
    },
}

impl Held {
    pub const NEVER_USED: Held = Held { last_seen: Timestamp::NEVER, holder: None, affinity: Affinity(0) };
}

impl Affinity {
    pub fn of(source: &str, medium: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        (source, medium).hash(&mut hasher);
        Affinity(hasher.finish())
    }
}

/// Chooses among at least one number, in time linear in their count. `now` and what was seen are times of this era, so that
/// five times what lies between them can be counted.
pub fn choose(
    numbers: &[Held],
    session: SessionHash,
    affinity: Affinity,
    hold: Duration,
    now: Timestamp,
) -> Choice {
    let hold = i64::try_from(hold.as_millis()).unwrap_or(i64::MAX);
    if let Some(own) = numbers.iter().position(|held| held.holder == Some(session)) {
        return Choice::Own(own);
    }
    let age = |held: &Held| now.0.wrapping_sub(held.last_seen.0);
    let (mut best, mut best_age) = (0, i64::MIN);
    for (place, held) in numbers.iter().enumerate().filter(|(_, held)| age(held) >= hold) {
        let weight = if held.affinity == affinity { SAME_SOURCE } else { 1 };
        let weighted = age(held).wrapping_mul(weight);
        if weighted > best_age {
            (best, best_age) = (place, weighted);
        }
    }
    match best_age {
        i64::MIN => Choice::Full { oldest: oldest(numbers) },
        _ => Choice::Free(best),
    }
}

/// The number seen longest ago.
fn oldest(numbers: &[Held]) -> usize {
    numbers.iter().enumerate().min_by_key(|(_, held)| held.last_seen).map_or(0, |(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLD: Duration = Duration::from_secs(300);
    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn held(seconds_ago: i64, session: u8, source: &str) -> Held {
        let last_seen = Timestamp(NOW.0 - 1000 * seconds_ago);
        Held { last_seen, holder: Some(SessionHash([session; 16])), affinity: Affinity::of(source, "cpc") }
    }

    fn choice(numbers: &[Held], session: u8, source: &str) -> Choice {
        choose(numbers, SessionHash([session; 16]), Affinity::of(source, "cpc"), HOLD, NOW)
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
}
