//! The numbers that a pool needs, and what those that it has are good for: by theory, and as simulated.

use std::time::Duration;

use serde::Serialize;

use super::simulated::{self, Point};
use crate::pool::theory;
use crate::pool::traffic::Traffic;

/// The share of the busiest hour's sessions that may find no number.
const OVERFLOW: f64 = 0.001;

pub(super) const TARGETS: [f64; 3] = [0.8, 0.9, 0.95];

/// What a plan is made for.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    pub traffic: Traffic,
    /// What the traffic's delays are called.
    pub calls_after: &'static str,
    /// How long a number that was seen goes to nobody else.
    pub hold: Duration,
    /// A session that finds all numbers on hold gets the oldest all the same.
    pub takes_oldest: bool,
    /// Numbers there are.
    pub numbers: Option<u32>,
}

/// Numbers needed, and what the present ones achieve.
#[derive(Debug, Serialize)]
pub(super) struct Needs {
    pub no_overflow: Option<u64>,
    pub session: Targets,
    pub source: Targets,
    /// Null where nobody said how many there are.
    pub present: Option<Present>,
}

/// Numbers for 80, 90 and 95 % accuracy; null where no number tried is enough.
#[derive(Debug, Serialize)]
pub(super) struct Targets {
    #[serde(rename = "80")]
    eighty: Option<u64>,
    #[serde(rename = "90")]
    ninety: Option<u64>,
    #[serde(rename = "95")]
    ninety_five: Option<u64>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Present {
    pub numbers: u64,
    /// From 0 to 1: sessions that find all numbers on hold; by theory, of the busiest hour's.
    pub overflow: f64,
    pub session: f64,
    pub source: f64,
}

impl Needs {
    pub fn by_theory(demand: &Demand) -> Self {
        let traffic = &demand.traffic;
        let session = |numbers| theory::session_accuracy(traffic, numbers);
        let source = |numbers| theory::source_accuracy(traffic, numbers);
        Needs {
            no_overflow: Some(theory::without_overflow(traffic, demand.hold, OVERFLOW)),
            session: Targets::of(|target| theory::numbers_for(target, session)),
            source: Targets::of(|target| theory::numbers_for(target, source)),
            present: demand.numbers.map(u64::from).map(|numbers| Present {
                numbers,
                overflow: theory::blocked(numbers, traffic.at_peak(traffic.stay + demand.hold)),
                session: session(numbers),
                source: source(numbers),
            }),
        }
    }

    pub fn as_simulated(demand: &Demand, points: &[Point]) -> Self {
        let fits = |point: &&Point| point.overflow <= OVERFLOW;
        let present = demand.numbers.and_then(|numbers| simulated::point(demand, u64::from(numbers)));
        Needs {
            no_overflow: points.iter().find(fits).map(|point| point.numbers),
            session: Targets::of(|target| simulated::reached(points, target, |point| point.session)),
            source: Targets::of(|target| simulated::reached(points, target, |point| point.source)),
            present: present.map(|point| Present {
                numbers: point.numbers,
                overflow: point.overflow,
                session: point.session,
                source: point.source,
            }),
        }
    }
}

impl Targets {
    fn of(numbers: impl Fn(f64) -> Option<u64>) -> Self {
        let [eighty, ninety, ninety_five] = TARGETS.map(numbers);
        Targets { eighty, ninety, ninety_five }
    }

    pub fn all(&self) -> [Option<u64>; 3] {
        [self.eighty, self.ninety, self.ninety_five]
    }
}
