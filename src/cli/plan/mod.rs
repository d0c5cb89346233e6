//! `plan`: how many numbers a site needs, and what those it has achieve: by queueing theory, and as simulated.

mod chart;
mod simulated;

use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use super::{CallsAfter, Plan, Stop};
use crate::pool::delay::Mix;
use crate::pool::theory;
use crate::pool::traffic::Traffic;
use simulated::Point;

/// How long a number goes to nobody else: the pools' default.
const HOLD: Duration = Duration::from_secs(300);

/// The share of the busiest hour's sessions that may find no number.
const OVERFLOW: f64 = 0.001;

const TARGETS: [f64; 3] = [0.8, 0.9, 0.95];

#[derive(Debug, Serialize)]
struct Answer {
    sessions_per_day: f64,
    minutes: f64,
    calls_after: &'static str,
    sources: usize,
    #[serde(flatten)]
    theory: Needs,
    simulated: Needs,
}

/// Numbers needed, and what the present ones achieve.
#[derive(Debug, Serialize)]
struct Needs {
    no_overflow: Option<u64>,
    session: Targets,
    source: Targets,
    /// Null where nobody said how many there are.
    present: Option<Present>,
}

/// Numbers for 80, 90 and 95 % accuracy; null where no number tried is enough.
#[derive(Debug, Serialize)]
struct Targets {
    #[serde(rename = "80")]
    eighty: Option<u64>,
    #[serde(rename = "90")]
    ninety: Option<u64>,
    #[serde(rename = "95")]
    ninety_five: Option<u64>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Present {
    numbers: u64,
    /// From 0 to 1: sessions that find all numbers on hold; by theory, of the busiest hour's.
    overflow: f64,
    session: f64,
    source: f64,
}

pub(super) fn run(plan: &Plan) -> Result<ExitCode, Stop> {
    let traffic = Traffic {
        sessions_per_day: plan.sessions_per_day,
        stay: Duration::from_secs_f64(60.0 * plan.minutes),
        delays: plan.calls_after.mix(),
        sources: plan.sources as usize,
    };
    let theory = Needs::by_theory(&traffic, plan.numbers);
    let points = simulated::points(&traffic, &theory);
    let answer = Answer {
        sessions_per_day: plan.sessions_per_day,
        minutes: plan.minutes,
        calls_after: plan.calls_after.name(),
        sources: traffic.sources,
        simulated: Needs::as_simulated(&traffic, &points, plan.numbers),
        theory,
    };
    if let Some(path) = &plan.svg {
        let chart = chart::draw(&traffic, &points);
        std::fs::write(path, chart)
            .map_err(|error| Stop::Other(format!("{} can't be written: {error}", path.display())))?;
    }
    match plan.json {
        true => println!("{}", serde_json::to_string(&answer).map_err(Stop::because)?),
        false => print(&answer),
    }
    Ok(ExitCode::SUCCESS)
}

impl CallsAfter {
    fn mix(self) -> Mix {
        match self {
            CallsAfter::Mobile => Mix::MOBILE,
            CallsAfter::Base => Mix::BASE,
            CallsAfter::Considered => Mix::CONSIDERED,
        }
    }

    fn name(self) -> &'static str {
        match self {
            CallsAfter::Mobile => "mobile",
            CallsAfter::Base => "base",
            CallsAfter::Considered => "considered",
        }
    }
}

impl Needs {
    fn by_theory(traffic: &Traffic, present: Option<u32>) -> Self {
        let session = |numbers| theory::session_accuracy(traffic, numbers);
        let source = |numbers| theory::source_accuracy(traffic, numbers);
        Needs {
            no_overflow: Some(theory::without_overflow(traffic, HOLD, OVERFLOW)),
            session: Targets::of(|target| theory::numbers_for(target, session)),
            source: Targets::of(|target| theory::numbers_for(target, source)),
            present: present.map(u64::from).map(|numbers| Present {
                numbers,
                overflow: theory::blocked(numbers, traffic.at_peak(traffic.stay + HOLD)),
                session: session(numbers),
                source: source(numbers),
            }),
        }
    }

    fn as_simulated(traffic: &Traffic, points: &[Point], present: Option<u32>) -> Self {
        let fits = |point: &&Point| point.overflow <= OVERFLOW;
        Needs {
            no_overflow: points.iter().find(fits).map(|point| point.numbers),
            session: Targets::of(|target| simulated::reached(points, target, |point| point.session)),
            source: Targets::of(|target| simulated::reached(points, target, |point| point.source)),
            present: present.and_then(|numbers| simulated::point(traffic, u64::from(numbers))).map(|point| {
                Present {
                    numbers: point.numbers,
                    overflow: point.overflow,
                    session: point.session,
                    source: point.source,
                }
            }),
        }
    }
}

impl Targets {
    fn of(numbers: impl Fn(f64) -> Option<u64>) -> Self {
        let [eighty, ninety, ninety_five] = TARGETS.map(numbers);
        Targets { eighty, ninety, ninety_five }
    }

    fn all(&self) -> [Option<u64>; 3] {
        [self.eighty, self.ninety, self.ninety_five]
    }
}

fn print(answer: &Answer) {
    let Answer { theory, simulated, .. } = answer;
    println!(
        "{} sessions a day of {} minutes from {} sources, calls as {}\n",
        answer.sessions_per_day, answer.minutes, answer.sources, answer.calls_after
    );
    let row = |what: &str, by_theory: String, simulated: String| {
        println!("{what:<34} {by_theory:>10} {simulated:>10}");
    };
    let count = |numbers: Option<u64>| numbers.map_or("-".to_owned(), |numbers| numbers.to_string());
    row("numbers needed for", "theory".to_owned(), "simulated".to_owned());
    row("no overflow", count(theory.no_overflow), count(simulated.no_overflow));
    for (name, theory, simulated) in
        [("session", &theory.session, &simulated.session), ("source", &theory.source, &simulated.source)]
    {
        for ((target, theory), simulated) in TARGETS.into_iter().zip(theory.all()).zip(simulated.all()) {
            let what = format!("the right {name} of {:.0} % of calls", 100.0 * target);
            row(&what, count(theory), count(simulated));
        }
    }
    let Some(present) = theory.present else { return };
    println!();
    row(&format!("{} numbers achieve", present.numbers), "theory".to_owned(), "simulated".to_owned());
    let percent =
        |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{:.1} %", 100.0 * share));
    let shares = |present: Present| [present.overflow, present.session, present.source];
    let simulated = simulated.present.map(shares);
    let names = ["sessions that find none free", "right session", "right source"];
    for (place, (what, share)) in names.into_iter().zip(shares(present)).enumerate() {
        row(what, percent(Some(share)), percent(simulated.map(|shares| shares[place])));
    }
}
