//! What happened, by source: calls counted in rows, each row with what it is credited with, and what that cost.
//!
//! Nothing is read or written here, but a file of costs. A report is made of calls as they are told, wherever they are kept.

pub mod cost;
mod credit;
mod interval;
mod model;
mod row;
mod told;

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::call::log::{Call, Outcome};
use crate::clock::Timestamp;
use crate::ledger::Class;

pub use cost::Costs;
pub use model::Model;
pub use row::{Key, Name, Row};
pub use told::Told;

use cost::{Brought, Shares};
use credit::Weights;
use model::Origin;
use row::Tally;

/// Calls by something that they have.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub by: Key,
    pub model: Model,
    /// What its money is in.
    pub currency: String,
    /// Days and hours in their order; else whoever is credited with most comes first.
    pub rows: Vec<Row>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub by: Key,
    pub model: Model,
    /// Days and hours are those of this zone.
    pub zone: TimeZone,
    /// Calls from then on; none: from the first one on.
    pub from: Option<Timestamp>,
    /// And before then.
    pub to: Timestamp,
    /// Blocked calls and spam count too.
    pub spam: bool,
    pub currency: &'a str,
    pub costs: Option<&'a Costs>,
    /// Sessions that were given a number in this time. Of a site without any, each call is taken as it was when the phone rang.
    pub classes: &'a [Class],
}

impl Report {
    /// Credits of all rows add up to the number of calls that are counted.
    pub fn of(calls: &[Call], asked: &Asked<'_>) -> Self {
        let (mut tallies, mut shares) = (HashMap::<Name, Tally>::new(), Shares::default());
        let weights = Weights::of(calls.iter().filter(|call| asked.counts(call)), asked.classes);
        for call in calls.iter().filter(|call| asked.counts(call)) {
            let own = Origin::of(call);
            tallies.entry(asked.name(call, Some(&own))).or_default().count(call);
            let mut credited = HashMap::<Name, Vec<(f64, f64)>>::new();
            for visitor in model::visitors(call, &weights.probabilities(call), asked.model) {
                let mut parts = HashMap::<Name, f64>::new();
                for (origin, part) in &visitor.parts {
                    let name = asked.name(call, Some(origin));
                    *parts.entry(name.clone()).or_default() += part;
                    if asked.costs.is_some() {
                        let credit = visitor.probability * part;
                        shares.add(asked.date(call), Brought::by(origin, name, credit));
                    }
                }
                for (name, part) in parts {
                    credited.entry(name).or_default().push((visitor.probability, part));
                }
            }
            for (name, outcomes) in credited {
                tallies.entry(name).or_default().credit.add(&outcomes);
            }
        }
        let mut costs = asked.costs.map(|costs| costs.by_row(asked, &shares));
        for name in costs.iter().flat_map(HashMap::keys) {
            tallies.entry(name.clone()).or_default();
        }
        let row = |(name, tally): (Name, Tally)| {
            let cost = costs.as_mut().map(|costs| costs.remove(&name).unwrap_or_default());
            Row::of(name, &tally, cost)
        };
        let mut rows: Vec<_> = tallies.into_iter().map(row).collect();
        match asked.by {
            Key::Day | Key::Hour => rows.sort_by(|a, b| a.name.cmp(&b.name)),
            // Of equals the one without a name comes last.
            _ => rows.sort_by(|a, b| {
                let name = |row: &Row| (row.name.text.is_none(), row.name.clone());
                b.credit.total_cmp(&a.credit).then_with(|| name(a).cmp(&name(b)))
            }),
        }
        Report { by: asked.by, model: asked.model, currency: asked.currency.to_owned(), rows }
    }
}

impl Asked<'_> {
    fn counts(&self, call: &Call) -> bool {
        let started = call.started();
        let is_wanted = self.spam || !(call.spam || call.outcome == Some(Outcome::Blocked));
        is_wanted && self.from.is_none_or(|from| from <= started) && started < self.to
    }

    /// The row that a call belongs to, as far as it comes from there. What isn't known of the origin is in the row of no name.
    fn name(&self, call: &Call, origin: Option<&Origin>) -> Name {
        let said = |pick: fn(&Origin) -> &Option<String>| Name {
            site: None,
            text: origin.and_then(|origin| pick(origin).clone()),
        };
        let zoned = || call.started().in_zone(&self.zone);
        match self.by {
            Key::Channel => said(|origin| &origin.channel),
            Key::Source => said(|origin| &origin.source),
            Key::Medium => said(|origin| &origin.medium),
            Key::Campaign => said(|origin| &origin.campaign),
            Key::Term => said(|origin| &origin.term),
            Key::LandingPage => said(|origin| &origin.landing_page),
            Key::Line => Name { site: call.site.clone(), text: call.line.clone() },
            Key::Number => Name { site: None, text: Some(call.tracking_phone_number.clone()) },
            Key::Day => Name::day(zoned().date()),
            Key::Hour => Name { site: None, text: Some(format!("{:02}", zoned().hour())) },
        }
    }

    fn date(&self, call: &Call) -> Date {
        call.started().in_zone(&self.zone).date()
    }
}

#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;
