//! What a configuration and its ledger tell of a pool: its terms, its numbers, the visitors that it had, and when these called.

use std::time::Duration;

use super::super::beside::Beside;
use super::super::{CallsAfter, Plan, Stop};
use super::HISTORY;
use super::needs::Demand;
use crate::Timestamp;
use crate::call::learned::{self, Shown};
use crate::call::seal::Seal;
use crate::config::{Config, Keys, Overflow, Pool, Site};
use crate::ledger::Visits;
use crate::pool::day::Day;
use crate::pool::delay::Mix;
use crate::pool::traffic::{Traffic, shares_of, usual_shares};

/// Sessions that tell enough, if they came in a day or more.
const ENOUGH: u64 = 50;

/// Calls that tell when people call.
const ENOUGH_CALLS: usize = 200;

/// Sources that are told apart: theory and simulation take their time for each. Those beyond it bring next to nobody.
const MOST_SOURCES: usize = 1000;

/// A pool to plan for.
pub(super) struct Learned<'c> {
    pub site: &'c str,
    pub pool: &'c Pool,
    pub visits: Visits,
    /// Calls of the site that were attributed, and when these came.
    pub calls: usize,
    delays: Mix,
}

/// The pools that the plan is for, with what the ledger tells of them.
pub(super) async fn pools<'c>(plan: &Plan, config: &'c Config) -> Result<Vec<Learned<'c>>, Stop> {
    let is_meant = |site: &Site, pool: &Pool| {
        plan.site.as_ref().is_none_or(|name| *name == site.name)
            && plan.pool.as_ref().is_none_or(|name| *name == pool.name)
    };
    let all: Vec<_> =
        config.sites.iter().flat_map(|site| site.pools.iter().map(move |pool| (&**site, pool))).collect();
    let meant: Vec<_> = all.iter().copied().filter(|(site, pool)| is_meant(site, pool)).collect();
    let names = |pools: &[(&Site, &Pool)]| {
        let name = |(site, pool): &(&Site, &Pool)| format!("--site {:?} --pool {:?}", site.name, pool.name);
        pools.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    if meant.is_empty() {
        return Err(Stop::Other(match all.is_empty() {
            true => "the configuration has no pool to plan for".to_owned(),
            false => format!("there is no such pool; there are {}", names(&all)),
        }));
    }
    if plan.svg.is_some() && meant.len() > 1 {
        return Err(Stop::Other(format!("a chart is of one pool: say which, {}", names(&meant))));
    }
    let ledger = Beside::at(&config.server.ledger).await?;
    let (now, records) = (Timestamp::now(), ledger.records());
    let seal = Seal::new(&Keys::load(&config.server.secret).map_err(Stop::because)?);
    let shown = Shown::until(now, records).await.map_err(Stop::because)?;
    let mut learned = Vec::new();
    for (site, pool) in meant {
        let visits = ledger.visits(site, pool, config.server.keep).await.map_err(Stop::because)?;
        let callers = learned::Learned::of(&site.name, records, &seal, &shown, now).await;
        let callers = callers.map_err(Stop::because)?;
        let (calls, delays) = (callers.calls, callers.delays.mix());
        learned.push(Learned { site: &site.name, pool, visits, calls, delays });
    }
    Ok(learned)
}

impl Learned<'_> {
    /// What the plan is to be made for: as the ledger tells, unless the command says otherwise.
    ///
    /// # Errors
    /// Where the ledger tells too little, and the command doesn't say how many sessions there are: a sentence on that.
    pub fn demand(&self, plan: &Plan) -> Result<Demand, String> {
        let visits = Some(&self.visits).filter(|visits| visits.days > 0 && visits.sessions >= ENOUGH);
        let sessions_per_day = match (plan.sessions_per_day, visits) {
            (Some(sessions), _) => sessions,
            (None, Some(visits)) => visits.sessions as f64 / f64::from(visits.days) + self.found_none(),
            (None, None) => return Err(self.too_little()),
        };
        let stay = plan.stay().or(visits.map(|visits| visits.stay));
        let shares = match (plan.sources, visits) {
            (None, Some(visits)) => {
                shares_of(visits.sources.iter().take(MOST_SOURCES).map(|sessions| *sessions as f64))
            }
            (sources, _) => usual_shares(sources.unwrap_or(super::SOURCES) as usize),
        };
        let told_by_calls = self.calls >= ENOUGH_CALLS;
        let calls_after = plan.calls_after.or((!told_by_calls).then_some(CallsAfter::Base));
        Ok(Demand {
            traffic: Traffic {
                sessions_per_day,
                day: visits.map_or(Day::Usual, |visits| Day::of(&visits.hours)),
                stay: stay.unwrap_or(super::STAY),
                delays: calls_after.map_or(self.delays, CallsAfter::mix),
                shares,
            },
            calls_after: calls_after.map_or(HISTORY, CallsAfter::name),
            hold: self.pool.terms.hold,
            takes_oldest: self.pool.overflow == Overflow::Oldest,
            numbers: plan.numbers.or(u32::try_from(self.pool.numbers.len()).ok()),
        })
    }

    /// Sessions a day that found all numbers on hold, and so stand in no lease: about as many as pages did, by the pages that
    /// others view. Where the oldest number is taken then, they have a lease like others.
    pub fn found_none(&self) -> f64 {
        match self.pool.overflow {
            Overflow::Oldest => 0.0,
            Overflow::Canonical | Overflow::Static(_) => self.visits.overflowed / self.visits.pages.max(1.0),
        }
    }

    fn too_little(&self) -> String {
        let days = match self.visits.days {
            0 => "less than a day".to_owned(),
            1 => "a day".to_owned(),
            days => format!("{days} days"),
        };
        format!(
            "the ledger knows of {} sessions in {days}, which is too little to plan from: ask again when it knows of \
             {ENOUGH} in a day or more, or say how many sessions a day there are: --sessions-per-day N",
            self.visits.sessions
        )
    }
}

impl Plan {
    fn stay(&self) -> Option<Duration> {
        self.minutes.map(|minutes| Duration::from_secs_f64(60.0 * minutes))
    }

    /// What the plan is to be made for where nothing but the command tells.
    pub(super) fn demand(&self, sessions_per_day: f64) -> Demand {
        let calls_after = self.calls_after.unwrap_or(CallsAfter::Base);
        Demand {
            traffic: Traffic {
                sessions_per_day,
                day: Day::Usual,
                stay: self.stay().unwrap_or(super::STAY),
                delays: calls_after.mix(),
                shares: usual_shares(self.sources.unwrap_or(super::SOURCES) as usize),
            },
            calls_after: calls_after.name(),
            hold: super::HOLD,
            takes_oldest: true,
            numbers: self.numbers,
        }
    }
}
