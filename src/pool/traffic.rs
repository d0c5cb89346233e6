//! A site's visits in the mean: how many a day, at what time of the day, from where, and when they call.

use std::time::Duration;

use super::day::Day;
use super::delay::Mix;

pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a plan is made for.
#[derive(Clone, Debug)]
pub struct Traffic {
    pub sessions_per_day: f64,
    pub day: Day,
    /// Mean time from a session's first page view to its last.
    pub stay: Duration,
    pub delays: Mix,
    /// Each source's share of the sessions: at least one, and they add up to 1.
    pub shares: Vec<f64>,
}

impl Traffic {
    /// Sessions that arrive within `time` at the busiest hour.
    pub fn at_peak(&self, time: Duration) -> f64 {
        self.sessions_per_day * self.day.peak() * days(time)
    }

    /// Sessions that are on the site at this time of the day, in the mean.
    pub fn present(&self, at: f64) -> f64 {
        self.sessions_per_day * self.day.intensity(at) * days(self.stay)
    }

    /// Sessions that arrive between these times, in days.
    pub fn arriving(&self, from: f64, to: f64) -> f64 {
        self.sessions_per_day * (self.day.cumulated(to) - self.day.cumulated(from))
    }
}

/// The shares of so many sources, at least one, as is expected of any site: the second brings half as many sessions as the
/// first, the third a third.
pub fn usual_shares(sources: usize) -> Vec<f64> {
    shares_of((1..=sources).map(|place| 1.0 / place as f64))
}

/// The shares of sources that bring so many sessions.
pub fn shares_of(sessions: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let total: f64 = sessions.clone().sum();
    sessions.map(|sessions| sessions / total).collect()
}

pub fn days(time: Duration) -> f64 {
    time.as_secs_f64() / DAY.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_sessions_most_of_them_at_noon() {
        let stay = Duration::from_secs(144);
        let shares = usual_shares(4);
        let traffic = Traffic { sessions_per_day: 1000.0, day: Day::Usual, stay, delays: Mix::BASE, shares };
        assert!((traffic.arriving(0.3, 1.3) - 1000.0).abs() < 1e-6);
        assert!((traffic.present(0.5) * 86_400.0 / 144_000.0 - 1.85).abs() < 1e-9);
        assert!((traffic.at_peak(stay) - traffic.present(0.5)).abs() < 1e-9);
        assert!(traffic.arriving(0.4, 0.6) > 300.0 && traffic.arriving(0.9, 1.1) < 80.0);
        let shares = &traffic.shares;
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 && shares[0] > 1.99 * shares[1]);
    }
}
