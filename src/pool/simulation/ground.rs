//! The truth that a simulation is made of: who comes when, from where, for how long, and who calls.

use std::f64::consts::TAU;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::pool::day::Day;
use crate::pool::delay::Mix;
use crate::pool::traffic::{DAY, Traffic};
use crate::visit::Described;

/// When simulations begin, at a day's beginning.
pub const EPOCH: Timestamp = Timestamp(1_800_000_000_000);

/// Pages of a session, in the mean.
const PAGES: f64 = 2.6;

/// How often sessions of the first, second, third and fourth source call, relative to the mean; and so on in turn.
const EAGERNESS: [f64; 4] = [1.0, 0.6, 1.5, 0.9];

/// How often sessions of the source at this place call, relative to the mean.
pub fn eagerness(place: usize) -> f64 {
    EAGERNESS[place % EAGERNESS.len()]
}

/// A session as it will be, and the number it saw last.
#[derive(Clone, Debug)]
pub struct Visit {
    pub source: usize,
    /// How long after the last page; nearly nobody calls twice.
    pub calls_after: Vec<Duration>,
    pub number: Option<usize>,
}

/// Sessions one after the other.
pub struct Visits {
    random: Random,
    /// Sessions so far, in days' worth.
    worth: f64,
    per_day: f64,
    day: Day,
    gap: f64,
    delays: Mix,
    calls: f64,
    /// Shares of the sources up to each, itself included.
    shares: Vec<f64>,
}

impl Visits {
    pub fn new(traffic: &Traffic, calls: f64, random: Random) -> Self {
        let mut up_to = 0.0;
        let add = |share| {
            up_to += share;
            up_to
        };
        Visits {
            random,
            worth: 0.0,
            per_day: traffic.sessions_per_day,
            day: traffic.day.clone(),
            gap: traffic.stay.as_secs_f64() / (PAGES - 1.0),
            delays: traffic.delays,
            calls,
            shares: traffic.shares.iter().map(add).collect(),
        }
    }

    /// When the next session arrives.
    pub fn arrival(&mut self) -> Timestamp {
        self.worth += self.random.exponential() / self.per_day;
        EPOCH.plus(DAY.mul_f64(self.day.arrival(self.worth).max(0.0)))
    }

    pub fn next(&mut self) -> Visit {
        let share = self.random.uniform();
        let source = self.shares.partition_point(|up_to| *up_to <= share).min(self.shares.len() - 1);
        let mut calls_after = Vec::new();
        // As many as arrive in so much time where one arrives in a unit of it: that a session has called says nothing of
        // whether it calls.
        let mut left = self.calls * eagerness(source) - self.random.exponential();
        while left > 0.0 {
            let (kind, uniform, normal) =
                (self.random.uniform(), self.random.uniform(), self.random.normal());
            calls_after.push(self.delays.sample(kind, uniform, normal));
            left -= self.random.exponential();
        }
        Visit { source, calls_after, number: None }
    }

    /// How long until a session's next page; none where this was the last.
    pub fn stays(&mut self) -> Option<Duration> {
        let goes = self.random.uniform() < 1.0 / PAGES;
        (!goes).then(|| Duration::from_secs_f64(self.gap * self.random.exponential()))
    }
}

/// The source of this place among all.
pub fn source(place: usize) -> Described {
    Described { source: Some(place.to_string()), ..Described::default() }
}

/// The place of a source.
pub fn place(source: &Described) -> usize {
    let name = source.source.as_deref().and_then(|name| name.parse().ok());
    name.expect("a simulated source is named by its place")
}

/// SplitMix64 (Steele, Lea and Flood, 2014): a seed gives the same numbers in every version of every library.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// From 0 to below 1.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Of mean 1.
    fn exponential(&mut self) -> f64 {
        -(1.0 - self.uniform()).ln()
    }

    /// Of mean 0 and deviation 1: Box and Muller.
    fn normal(&mut self) -> f64 {
        (2.0 * self.exponential()).sqrt() * (TAU * self.uniform()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::traffic::{days, usual_shares};

    #[test]
    fn sessions_are_as_many_as_long_and_from_where_the_traffic_says() {
        let stay = Duration::from_secs(150);
        let (day, shares) = (Day::Usual, usual_shares(8));
        let traffic = Traffic { sessions_per_day: 1000.0, day, stay, delays: Mix::BASE, shares };
        let mut visits = Visits::new(&traffic, 0.2, Random::new(7));
        let [mut pages, mut stayed, mut first, mut calls, mut at_once] = [0.0_f64; 5];
        let mut arrival = EPOCH;
        for _ in 0..20_000 {
            arrival = visits.arrival();
            let visit = visits.next();
            first += f64::from(u8::from(visit.source == 0));
            calls += visit.calls_after.len() as f64;
            at_once += visit.calls_after.iter().filter(|after| **after < 2 * stay).count() as f64;
            pages += 1.0;
            while let Some(gap) = visits.stays() {
                pages += 1.0;
                stayed += gap.as_secs_f64();
            }
        }
        assert!((days(arrival.since(EPOCH)) - 20.0).abs() < 0.5);
        assert!((pages / 20_000.0 - 2.6).abs() < 0.05 && (stayed / 20_000.0 - 150.0).abs() < 5.0);
        assert!((first / 20_000.0 - traffic.shares[0]).abs() < 0.01);
        assert!((calls / 20_000.0 - 0.2).abs() < 0.02, "{calls}");
        assert!((at_once / calls - 1.0 + Mix::BASE.survival(2 * stay)).abs() < 0.02);
    }
}
