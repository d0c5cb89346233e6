//! A site's visits in the mean: how many a day, at what time of the day, from where, and when they call.

use std::f64::consts::TAU;
use std::time::Duration;

use super::delay::Mix;

pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The busiest hour has 1.85 times the mean's sessions, and the night's quietest 0.15 times.
const SWING: f64 = 0.85;

/// What a plan is made for.
#[derive(Clone, Copy, Debug)]
pub struct Traffic {
    pub sessions_per_day: f64,
    /// Mean time from a session's first page view to its last.
    pub stay: Duration,
    pub delays: Mix,
    /// Sources that sessions come from, at least one; the second brings half as many as the first, the third a third.
    pub sources: usize,
}

impl Traffic {
    /// Sessions that arrive within `time` at the busiest hour.
    pub fn at_peak(&self, time: Duration) -> f64 {
        self.sessions_per_day * (1.0 + SWING) * days(time)
    }

    /// Sessions that are on the site at this hour, in the mean; the time in days since the quietest hour.
    pub fn present(&self, at: f64) -> f64 {
        self.sessions_per_day * intensity(at) * days(self.stay)
    }

    /// Sessions that arrive between these times, in days since a quietest hour.
    pub fn arriving(&self, from: f64, to: f64) -> f64 {
        self.sessions_per_day * (cumulated(to) - cumulated(from))
    }

    /// Each source's share of the sessions; they add up to 1.
    pub fn shares(&self) -> Vec<f64> {
        let total: f64 = (1..=self.sources).map(|place| 1.0 / place as f64).sum();
        (1..=self.sources).map(|place| 1.0 / place as f64 / total).collect()
    }
}

/// Sessions at this hour, relative to the mean.
pub fn intensity(at: f64) -> f64 {
    1.0 - SWING * (TAU * at).cos()
}

/// When so many days' worth of sessions have arrived, in days.
pub fn arrival(worth: f64) -> f64 {
    let (mut early, mut late) = (worth - 1.0, worth + 1.0);
    for _ in 0..40 {
        let middle = (early + late) / 2.0;
        if cumulated(middle) < worth { early = middle } else { late = middle }
    }
    late
}

pub fn days(time: Duration) -> f64 {
    time.as_secs_f64() / DAY.as_secs_f64()
}

/// Integral of the intensity since a quietest hour.
fn cumulated(at: f64) -> f64 {
    at - SWING * (TAU * at).sin() / TAU
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_sessions_most_of_them_at_noon() {
        let stay = Duration::from_secs(144);
        let traffic = Traffic { sessions_per_day: 1000.0, stay, delays: Mix::BASE, sources: 4 };
        assert!((traffic.arriving(0.3, 1.3) - 1000.0).abs() < 1e-6);
        assert!((traffic.present(0.5) * 86_400.0 / 144_000.0 - 1.85).abs() < 1e-9);
        assert!((traffic.at_peak(stay) - traffic.present(0.5)).abs() < 1e-9);
        assert!(traffic.arriving(0.4, 0.6) > 300.0 && traffic.arriving(0.9, 1.1) < 80.0);
        assert!((cumulated(arrival(3.3)) - 3.3).abs() < 1e-9);
        let shares = traffic.shares();
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 && shares[0] > 1.99 * shares[1]);
    }
}
