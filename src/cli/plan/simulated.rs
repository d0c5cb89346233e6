//! Pools of several sizes, simulated; those that would take too long are left out.

use super::needs::{Demand, Needs};
use crate::pool::simulation::Simulation;

/// Sizes of pools between none and the most that is asked for.
const POINTS: u32 = 10;

/// Sessions of a simulation, and looks at a number that their choices may take: a second at most.
const MOST_SESSIONS: f64 = 2e5;
const MOST_LOOKS: f64 = 1e8;

/// Sessions that are counted, if they come within so many days.
const SESSIONS: f64 = 15_000.0;
const DAYS: (f64, f64) = (3.0, 150.0);

/// Days before anything is counted.
const WARM_UP: u32 = 14;

/// What a pool of this size achieves. Shares are from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub numbers: u64,
    pub overflow: f64,
    pub session: f64,
    pub source: f64,
}

/// Pools up to a third beyond the largest that theory asks for, the smallest first, at equal ratios; and the one that it says
/// doesn't overflow.
pub(super) fn points(demand: &Demand, theory: &Needs) -> Vec<Point> {
    let asked = theory.session.all().into_iter().chain(theory.source.all()).chain([theory.no_overflow]);
    let most = 1.33 * asked.flatten().max().unwrap_or(100) as f64;
    let size = |place: u32| most.powf(f64::from(place) / f64::from(POINTS)).round() as u64;
    let mut sizes: Vec<_> = (1..=POINTS).map(size).chain(theory.no_overflow).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes.into_iter().filter_map(|numbers| point(demand, numbers)).collect()
}

/// A pool of this size; none where it would take too long.
pub(super) fn point(demand: &Demand, numbers: u64) -> Option<Point> {
    let traffic = &demand.traffic;
    let days = (SESSIONS / traffic.sessions_per_day).clamp(DAYS.0, DAYS.1).ceil();
    let sessions = (f64::from(WARM_UP) + days) * traffic.sessions_per_day;
    let takes_long = sessions > MOST_SESSIONS || sessions * numbers as f64 > MOST_LOOKS;
    // A pool that is hardly turned over in the time tells nothing.
    if takes_long || numbers as f64 > sessions / 2.0 {
        return None;
    }
    let simulation = Simulation {
        traffic: traffic.clone(),
        numbers: usize::try_from(numbers).ok()?,
        hold: demand.hold,
        takes_oldest: demand.takes_oldest,
        warm_up: WARM_UP,
        days: days as u32,
        calls: 0.2,
        remembered: 30,
        seed: 1,
    };
    let outcome = simulation.run();
    Some(Point {
        numbers,
        overflow: outcome.overflow(),
        session: outcome.session(),
        source: outcome.source(),
    })
}

/// Between which sizes the accuracy reaches a target, and where between them, if it is even on a logarithmic scale.
pub(super) fn reached(points: &[Point], target: f64, accuracy: impl Fn(&Point) -> f64) -> Option<u64> {
    let place = points.iter().position(|point| accuracy(point) >= target)?;
    let above = &points[place];
    let Some(below) = place.checked_sub(1).map(|place| &points[place]) else { return Some(above.numbers) };
    let part = (target - accuracy(below)) / (accuracy(above) - accuracy(below));
    let (few, many) = (below.numbers as f64, above.numbers as f64);
    Some((few * (many / few).powf(part)).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_lies_between_the_pools_that_miss_and_reach_it() {
        let point = |numbers, session| Point { numbers, overflow: 0.0, session, source: session };
        let points = [point(10, 0.7), point(40, 0.9)];
        let reached = |target| reached(&points, target, |point| point.session);
        assert_eq!([0.5, 0.8, 0.9, 0.95].map(reached), [Some(10), Some(20), Some(40), None]);
    }
}
