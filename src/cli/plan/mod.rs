//! `plan`: how many numbers a pool needs, and what those it has achieve: by queueing theory, and as simulated. From what the
//! command says, or from what a configuration's ledger tells.

mod chart;
mod learned;
mod needs;
mod simulated;

use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::running::runtime;
use super::{CallsAfter, Plan, Stop};
use crate::pool::delay::Mix;
use learned::Learned;
use needs::{Demand, Needs, Present, TARGETS};

/// How long a number goes to nobody else: the pools' default.
const HOLD: Duration = Duration::from_secs(300);

/// From a session's first page view to its last, where nothing is known of it.
const STAY: Duration = Duration::from_secs(150);

/// Sources that are expected of any site.
const SOURCES: u32 = 8;

/// When people call is called so where the site's own calls tell it.
const HISTORY: &str = "history";

#[derive(Debug, Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    learned: Option<FromLedger<'a>>,
    sessions_per_day: f64,
    minutes: f64,
    calls_after: &'static str,
    sources: usize,
    /// Sessions of the busiest hour, relative to the mean.
    peak: f64,
    /// In seconds.
    hold: f64,
    #[serde(flatten)]
    theory: Needs,
    simulated: Needs,
}

/// What the answer rests on where a ledger was asked.
#[derive(Debug, Serialize)]
struct FromLedger<'a> {
    site: &'a str,
    pool: &'a str,
    /// Whole days that it was asked of, and the sessions of these days that were shown a number.
    days: u32,
    sessions: u64,
    /// Sessions a day that found none, about.
    found_none: f64,
    /// The site's calls that tell when people call.
    calls: usize,
}

pub(super) fn run(plan: &Plan) -> Result<ExitCode, Stop> {
    if let Some(path) = &plan.config {
        let config = super::configuration(path)?;
        let pools = runtime(1)?.block_on(learned::pools(plan, &config))?;
        return by_ledger(plan, &pools);
    }
    let sessions = plan.sessions_per_day.expect("clap wants one or the other");
    Answer::of(plan, &plan.demand(sessions), None)?.tell(plan)?;
    Ok(ExitCode::SUCCESS)
}

/// A plan for each pool, as soon as it is made. Fails where there is none for any.
fn by_ledger(plan: &Plan, pools: &[Learned<'_>]) -> Result<ExitCode, Stop> {
    let mut any = false;
    for learned in pools {
        match learned.demand(plan) {
            Ok(demand) => {
                any = true;
                Answer::of(plan, &demand, Some(learned))?.tell(plan)?;
            }
            Err(why) if plan.json => {
                let (days, sessions) = (learned.visits.days, learned.visits.sessions);
                let none = json!({ "site": learned.site, "pool": learned.pool.name, "days": days,
                    "sessions": sessions, "error": why });
                println!("{none}");
            }
            Err(why) => println!("pool {:?} of site {:?}: {why}\n", learned.pool.name, learned.site),
        }
    }
    Ok(if any { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl<'a> Answer<'a> {
    fn of(plan: &Plan, demand: &Demand, learned: Option<&'a Learned<'_>>) -> Result<Self, Stop> {
        let theory = Needs::by_theory(demand);
        let points = simulated::points(demand, &theory);
        if let Some(path) = &plan.svg {
            let chart = chart::draw(&demand.traffic, &points);
            std::fs::write(path, chart)
                .map_err(|error| Stop::Other(format!("{} can't be written: {error}", path.display())))?;
        }
        let traffic = &demand.traffic;
        Ok(Answer {
            learned: learned.map(|learned| FromLedger {
                site: learned.site,
                pool: &learned.pool.name,
                days: learned.visits.days,
                sessions: learned.visits.sessions,
                found_none: hundredths(learned.found_none()),
                calls: learned.calls,
            }),
            sessions_per_day: hundredths(traffic.sessions_per_day),
            minutes: hundredths(traffic.stay.as_secs_f64() / 60.0),
            calls_after: demand.calls_after,
            sources: traffic.shares.len(),
            peak: hundredths(traffic.day.peak()),
            hold: demand.hold.as_secs_f64(),
            simulated: Needs::as_simulated(demand, &points),
            theory,
        })
    }

    /// When people call, in words.
    fn when(&self) -> String {
        match &self.learned {
            Some(learned) if self.calls_after == HISTORY => {
                format!("calls as {} of the site's own came", learned.calls)
            }
            Some(learned) => {
                format!("calls as {}, while the ledger tells of {}", self.calls_after, learned.calls)
            }
            None => format!("calls as {}", self.calls_after),
        }
    }

    fn tell(&self, plan: &Plan) -> Result<(), Stop> {
        match plan.json {
            true => println!("{}", serde_json::to_string(self).map_err(Stop::because)?),
            false => print(self),
        }
        Ok(())
    }
}

/// As exact as anything is known here.
fn hundredths(figure: f64) -> f64 {
    (100.0 * figure).round() / 100.0
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

fn print(answer: &Answer<'_>) {
    let Answer { theory, simulated, .. } = answer;
    if let Some(learned) = &answer.learned {
        println!(
            "pool {:?} of site {:?}: {} sessions in {} days, and about {} a day that found no number",
            learned.pool, learned.site, learned.sessions, learned.days, learned.found_none
        );
    }
    println!(
        "{} sessions a day of {} minutes from {} sources, {} times as many in the busiest hour as in the mean, {}\n",
        answer.sessions_per_day,
        answer.minutes,
        answer.sources,
        answer.peak,
        answer.when()
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
    if answer.learned.is_some() {
        println!();
    }
}
