//! How long ago a pool's numbers were last seen: for so long a caller still dials the number that they saw.

use std::time::Duration;

use super::choice::{Affinity, Asker, Choice, Held, Terms, choose};
use crate::clock::Timestamp;
use crate::visit::SessionHash;

/// Shares of the numbers that were ever used.
pub const QUANTILES: [f64; 4] = [0.0, 0.5, 0.9, 1.0];

/// Times since the numbers' last page views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ages {
    /// The longest time that each of these shares of the used numbers was unseen for (nearest rank); none where no number was
    /// ever used.
    pub quantiles: Option<[Duration; QUANTILES.len()]>,
    /// Of the number whose turn comes next; none where that was never used.
    pub next: Option<Duration>,
}

impl Ages {
    pub(super) fn of(numbers: &[Held], terms: &Terms, now: Timestamp) -> Self {
        let age = |held: &Held| (held.last_seen != Timestamp::NEVER).then(|| now.since(held.last_seen));
        let mut used: Vec<_> = numbers.iter().filter_map(age).collect();
        used.sort_unstable();
        let rank = |share: f64| ((share * used.len() as f64).ceil() as usize).saturating_sub(1);
        let quantiles = (!used.is_empty()).then(|| QUANTILES.map(|share| used[rank(share)]));
        Ages { quantiles, next: next(numbers, terms, now).and_then(age) }
    }
}

/// The number that somebody new would get; where all are on hold, the one seen longest ago.
fn next<'n>(numbers: &'n [Held], terms: &Terms, now: Timestamp) -> Option<&'n Held> {
    if numbers.is_empty() {
        return None;
    }
    // No session and no source are known by these.
    let affinity = Affinity::of("\0", "\0");
    let somebody = Asker { session: SessionHash([0; 16]), affinity, is_confirmed: true, network: None };
    match choose(numbers, &somebody, terms, now) {
        Choice::Own(number) | Choice::Free(number) | Choice::Full { oldest: number } => numbers.get(number),
        Choice::Crowded => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const TERMS: Terms = Terms {
        hold: Duration::from_secs(300),
        provisional_hold: Duration::from_secs(30),
        provisional_per_network: 0,
    };

    fn seen(seconds_ago: u64) -> Held {
        let last_seen = NOW.minus(Duration::from_secs(seconds_ago));
        Held { last_seen, holder: Some(SessionHash([7; 16])), is_confirmed: true, ..Held::NEVER_USED }
    }

    fn ages(numbers: &[Held]) -> Ages {
        Ages::of(numbers, &TERMS, NOW)
    }

    #[test]
    fn a_quantile_is_an_age_that_some_number_has() {
        let quantiles = |seconds: &[u64]| {
            let numbers: Vec<_> = seconds.iter().copied().map(seen).collect();
            ages(&numbers).quantiles.unwrap().map(|age| age.as_secs())
        };
        assert_eq!(quantiles(&[40, 10, 30, 20]), [10, 20, 40, 40]);
        assert_eq!(quantiles(&[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]), [2, 6, 10, 11]);
        assert_eq!(quantiles(&[5]), [5; 4]);
    }

    #[test]
    fn numbers_never_used_have_no_age_and_their_turn_comes_first() {
        let some = ages(&[seen(400), Held::NEVER_USED]);
        assert_eq!((some.quantiles, some.next), (Some([Duration::from_secs(400); 4]), None));
        assert_eq!(ages(&[Held::NEVER_USED]), Ages::default());
        assert_eq!(ages(&[]), Ages::default());
    }

    #[test]
    fn next_is_whose_turn_it_is_or_who_was_seen_longest_ago() {
        let next = |numbers: &[Held]| ages(numbers).next.map(|age| age.as_secs());
        assert_eq!(next(&[400, 900, 10].map(seen)), Some(900));
        assert_eq!(next(&[10, 40].map(seen)), Some(40), "all are on hold");
        let provisional = Held { is_confirmed: false, ..seen(60) };
        assert_eq!(next(&[seen(900), provisional]), Some(60), "whose holder showed no cookie");
    }
}
