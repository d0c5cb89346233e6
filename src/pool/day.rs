//! At what time of the day sessions come: as is expected of any site, or as they came. Times are in days, and a day begins at
//! whatever hour it does where the sessions were counted.

use std::f64::consts::TAU;

const HOURS: usize = 24;

/// The busiest hour has 1.85 times the mean's sessions, and the night's quietest 0.15 times.
const SWING: f64 = 0.85;

/// The shape of a day.
#[derive(Clone, Debug, PartialEq)]
pub enum Day {
    /// That of a site of which nothing is known. It begins at the quietest hour, and is busiest at noon.
    Usual,
    /// Sessions of each hour, relative to the mean, which is 1.
    Hours([f64; HOURS]),
}

impl Day {
    /// The shape of days that had so many sessions in each hour. An hour counts half, its neighbours a quarter each: what
    /// a few days show by the hour is chance for a good part. Without any session it is the usual day.
    pub fn of(counts: &[u64; HOURS]) -> Self {
        let total = counts.iter().sum::<u64>() as f64;
        if total == 0.0 {
            return Day::Usual;
        }
        let count = |hour: usize| counts[hour % HOURS] as f64;
        let smooth = |hour| (count(hour + HOURS - 1) + 2.0 * count(hour) + count(hour + 1)) / 4.0;
        Day::Hours(std::array::from_fn(|hour| smooth(hour) * HOURS as f64 / total))
    }

    /// Sessions of the busiest hour, relative to the mean.
    pub fn peak(&self) -> f64 {
        match self {
            Day::Usual => 1.0 + SWING,
            Day::Hours(hours) => hours.iter().copied().fold(1.0, f64::max),
        }
    }

    /// Sessions at this time, relative to the mean.
    pub fn intensity(&self, at: f64) -> f64 {
        match self {
            Day::Usual => 1.0 - SWING * (TAU * at).cos(),
            Day::Hours(hours) => hours[((at - at.floor()) * HOURS as f64) as usize % HOURS],
        }
    }

    /// Days' worth of sessions that have come by this time: the integral of the intensity.
    pub fn cumulated(&self, at: f64) -> f64 {
        match self {
            Day::Usual => at - SWING * (TAU * at).sin() / TAU,
            Day::Hours(hours) => {
                let (day, time) = (at.floor(), (at - at.floor()) * HOURS as f64);
                let whole = (time as usize).min(HOURS - 1);
                let hours_worth = hours[..whole].iter().sum::<f64>() + hours[whole] * (time - whole as f64);
                day + hours_worth / HOURS as f64
            }
        }
    }

    /// When so many days' worth of sessions have come.
    pub fn arrival(&self, worth: f64) -> f64 {
        let (mut early, mut late) = (worth - 1.0, worth + 1.0);
        for _ in 0..40 {
            let middle = (early + late) / 2.0;
            if self.cumulated(middle) < worth { early = middle } else { late = middle }
        }
        late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A business that is looked up from nine to five.
    fn office() -> Day {
        Day::of(&std::array::from_fn(|hour| if (9..17).contains(&hour) { 100 } else { 4 }))
    }

    #[test]
    fn a_day_has_a_days_worth_of_sessions_and_each_hour_its_own() {
        for day in [Day::Usual, office()] {
            assert!((day.cumulated(1.3) - day.cumulated(0.3) - 1.0).abs() < 1e-9);
            for worth in [0.01, 0.5, 3.3, 9.999] {
                assert!((day.cumulated(day.arrival(worth)) - worth).abs() < 1e-9);
            }
            let (from, to) = (12.2 / 24.0, 12.8 / 24.0);
            let mean = (day.cumulated(to) - day.cumulated(from)) / (to - from);
            assert!((mean - day.intensity(12.5 / 24.0)).abs() < 0.01);
            assert!(day.peak() > mean - 1e-9);
        }
    }

    #[test]
    fn a_day_is_as_busy_as_it_was_seen_to_be() {
        let day = office();
        let mean = (8.0 * 100.0 + 16.0 * 4.0) / 24.0;
        assert!((day.peak() - 100.0 / mean).abs() < 1e-9 && day.peak() > Day::Usual.peak());
        assert!((day.intensity(3.5 / 24.0) - 4.0 / mean).abs() < 1e-9);
        assert_eq!(Day::of(&[7; 24]).peak(), 1.0);
        assert_eq!(Day::of(&[0; 24]), Day::Usual);
    }

    #[test]
    fn one_busy_hour_is_chance_for_a_good_part() {
        let mut counts = [10; 24];
        counts[8] = 30;
        assert!((Day::of(&counts).peak() - 20.0 * 24.0 / 260.0).abs() < 1e-9);
    }
}
