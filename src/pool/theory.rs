//! How many numbers, by queueing theory: what a pool does in the mean, without chance.
//!
//! Sessions push numbers round a ring. Who calls after the number has gone to somebody else is taken for somebody else.

use std::time::Duration;

use super::choice::SAME_SOURCE;
use super::traffic::{DAY, Traffic, days};

/// Hours of the day that the means are taken over, and delays of calls.
const HOURS: usize = 24;
const DELAYS: usize = 96;

/// Where the search for a number of numbers gives up.
const MOST: u64 = 10_000_000;

/// The share of sessions that find so many numbers taken, where so many would be in use: Erlang's formula B.
pub fn blocked(numbers: u64, load: f64) -> f64 {
    (1..=numbers).fold(1.0, |blocked, n| load * blocked / (n as f64 + load * blocked))
}

/// Numbers with which at most this share of the busiest hour's sessions finds all on hold.
pub fn without_overflow(traffic: &Traffic, hold: Duration, share: f64) -> u64 {
    let load = traffic.at_peak(traffic.stay + hold);
    let (mut numbers, mut blocked) = (0, 1.0);
    while blocked > share && numbers < MOST {
        numbers += 1;
        blocked = load * blocked / (numbers as f64 + load * blocked);
    }
    numbers
}

/// The fewest numbers with which `accuracy`, which grows with them, reaches `target`; none where ten million don't.
pub fn numbers_for(target: f64, accuracy: impl Fn(u64) -> f64) -> Option<u64> {
    let (mut few, mut many) = (0, 1);
    while accuracy(many) < target {
        (few, many) = (many, 2 * many);
        if many > MOST {
            return None;
        }
    }
    while many - few > 1 {
        let middle = few + (many - few) / 2;
        if accuracy(middle) < target { few = middle } else { many = middle }
    }
    Some(many)
}

/// The share of calls that come before the session's number has gone to somebody else, if the number not seen for longest
/// goes first: 1 − S(A) in the mean, where so many sessions arrive within A as there are numbers not in use.
pub fn session_accuracy(traffic: &Traffic, numbers: u64) -> f64 {
    mean_over_day(traffic, |at| {
        let idle = numbers as f64 - traffic.present(at);
        let until = time_of(traffic, at, idle);
        1.0 - traffic.delays.survival(until)
    })
}

/// The share of calls whose number was last shown to somebody from the same source, if same sources count fivefold.
///
/// A number is free for its own source once it has been unseen for a fifth of T, the time after which it goes to anybody. In
/// between it waits in a line for the source's next sessions, as many as numbers enter: so its wait is uniform, its source
/// fails to take it with probability 1 / (1 + λτ), τ being four fifths of T, and T is as long as the numbers suffice for. Time
/// is counted in sessions, so that the hour doesn't matter.
pub fn source_accuracy(traffic: &Traffic, numbers: u64) -> f64 {
    let shares = &traffic.shares;
    let delays = delays(traffic);
    mean_over_day(traffic, |at| {
        let idle = numbers as f64 - traffic.present(at);
        let longest = longest_unseen(shares, idle);
        let own = |share: &f64| Own::of(*share, longest);
        let lines: Vec<_> = shares.iter().map(own).collect();
        let kept = |sessions: f64| {
            let kept = |(share, own): (&f64, &Own)| {
                let kept = own.kept(sessions, longest);
                // In the long run a number is as often a source's as its sessions are.
                share * (kept + (1.0 - kept) * share)
            };
            shares.iter().zip(&lines).map(kept).sum::<f64>()
        };
        delays.iter().map(|(delay, weight)| weight * kept(traffic.arriving(at, at + delay))).sum()
    })
}

/// What becomes of the numbers of a source.
struct Own {
    /// That the next session to get the number comes from the same source.
    stays: f64,
    /// Sessions until the number goes to somebody, in the mean.
    lifetime: f64,
}

impl Own {
    fn of(share: f64, longest: f64) -> Self {
        let soonest = longest / SAME_SOURCE as f64;
        let patience = longest - soonest;
        let expected = share * patience;
        let wait = patience * (expected / 2.0 + 1.0) / (1.0 + expected);
        // Who takes it in the end may be from the same source after all.
        let stays = 1.0 - (1.0 - share) / (1.0 + expected);
        Own { stays, lifetime: soonest + wait }
    }

    /// That no other source has had the number when so many sessions have arrived.
    fn kept(&self, sessions: f64, longest: f64) -> f64 {
        match sessions - longest {
            after if after < 0.0 => 1.0,
            after => self.stays * (-after * (1.0 - self.stays) / self.lifetime).exp(),
        }
    }
}

/// Sessions after which a number goes to anybody: all sources' numbers are as many as there are.
fn longest_unseen(shares: &[f64], numbers: f64) -> f64 {
    if numbers <= 0.0 {
        return 0.0;
    }
    let in_use = |longest| shares.iter().map(|share| share * Own::of(*share, longest).lifetime).sum::<f64>();
    // A lifetime is at least a fifth of the longest.
    bisect(0.0, numbers * SAME_SOURCE as f64, |longest| in_use(longest) < numbers)
}

/// The time in which so many sessions arrive.
fn time_of(traffic: &Traffic, at: f64, sessions: f64) -> Duration {
    if sessions <= 0.0 {
        return Duration::ZERO;
    }
    let most = sessions / traffic.sessions_per_day + 1.0;
    DAY.mul_f64(bisect(0.0, most, |time| traffic.arriving(at, at + time) < sessions))
}

fn bisect(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if is_below(middle) { low = middle } else { high = middle }
    }
    high
}

/// Over a day's sessions: each hour counts by how many it has.
fn mean_over_day(traffic: &Traffic, of_hour: impl Fn(f64) -> f64) -> f64 {
    let hour = |hour| (hour as f64 + 0.5) / HOURS as f64;
    (0..HOURS).map(hour).map(|at| traffic.day.intensity(at) * of_hour(at)).sum::<f64>() / HOURS as f64
}

/// Delays of calls in days, each with the share of calls it stands for: from four seconds to three years.
fn delays(traffic: &Traffic) -> Vec<(f64, f64)> {
    let edge = |place: usize| Duration::from_secs_f64((2.0 + place as f64 / 4.0).exp2());
    let survival = |place: usize| if place == 0 { 1.0 } else { traffic.delays.survival(edge(place)) };
    let delay = |place: usize| (days(edge(place)) + days(edge(place + 1))) / 2.0;
    (0..DELAYS).map(|place| (delay(place), survival(place) - survival(place + 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::day::Day;
    use crate::pool::delay::Mix;
    use crate::pool::traffic::usual_shares;

    const HOLD: Duration = Duration::from_secs(300);

    fn traffic(sessions_per_day: f64, delays: Mix) -> Traffic {
        let stay = Duration::from_secs(150);
        Traffic { sessions_per_day, day: Day::Usual, stay, delays, shares: usual_shares(8) }
    }

    fn is_near(figure: u64, reference: u64) -> bool {
        figure.abs_diff(reference) * 10 <= reference
    }

    #[test]
    fn erlangs_formula_gives_the_tables_figures() {
        assert!((blocked(1, 1.0) - 0.5).abs() < 1e-12);
        assert!((blocked(10, 5.0) - 0.018_385).abs() < 1e-6);
    }

    #[test]
    fn no_overflow_takes_as_many_numbers_as_were_measured() {
        for (sessions, short, long) in
            [(100.0, 6, 12), (300.0, 10, 25), (1000.0, 21, 61), (10_000.0, 124, 466)]
        {
            let traffic = traffic(sessions, Mix::BASE);
            let figures = [HOLD, 6 * HOLD].map(|hold| without_overflow(&traffic, hold, 0.001));
            assert!(is_near(figures[0], short) && is_near(figures[1], long), "{sessions}: {figures:?}");
        }
    }

    #[test]
    fn the_right_session_takes_as_many_numbers_as_were_measured() {
        for (sessions, references) in [
            (100.0, [8, 90, 356]),
            (300.0, [24, 268, 1066]),
            (1000.0, [77, 891, 3553]),
            (10_000.0, [770, 8_900, 36_000]),
        ] {
            for (mix, reference) in [Mix::MOBILE, Mix::BASE, Mix::CONSIDERED].into_iter().zip(references) {
                let traffic = traffic(sessions, mix);
                let figure = numbers_for(0.95, |numbers| session_accuracy(&traffic, numbers)).unwrap();
                // A number more or less is much where there are eight.
                assert!(
                    is_near(figure, reference) || figure.abs_diff(reference) <= 1,
                    "{sessions}: {figure} {reference}"
                );
            }
        }
        let accuracy = [50, 77].map(|numbers| session_accuracy(&traffic(1000.0, Mix::BASE), numbers));
        assert!((accuracy[0] - 0.83).abs() < 0.01 && (accuracy[1] - 0.855).abs() < 0.01, "{accuracy:?}");
    }

    #[test]
    fn the_right_source_takes_far_fewer() {
        for (sources, few, many) in [(8, 20, 100), (100, 60, 200)] {
            let traffic = Traffic { shares: usual_shares(sources), ..traffic(1000.0, Mix::BASE) };
            let accuracy = [few, many].map(|numbers| source_accuracy(&traffic, numbers));
            assert!(accuracy[0] < 0.95 && accuracy[1] > 0.95, "{sources}: {accuracy:?}");
        }
        let alone = Traffic { shares: usual_shares(1), ..traffic(1000.0, Mix::BASE) };
        assert!(source_accuracy(&alone, 50) > 0.97);
    }

    #[test]
    fn what_cant_be_reached_has_no_number() {
        assert_eq!(numbers_for(0.9, |_| 0.5), None);
        assert_eq!(numbers_for(0.9, |numbers| numbers as f64 / 1000.0), Some(900));
        assert_eq!(session_accuracy(&traffic(1e6, Mix::BASE), 1), 0.0);
    }
}
