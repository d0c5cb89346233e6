//! A row of a report: what its calls come to.

use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::interval::Credited;
use crate::call::log::{Call, Outcome};
use crate::call::tag::QUALIFIED;

/// What calls are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Channel,
    Source,
    Medium,
    Campaign,
    Term,
    LandingPage,
    Line,
    Number,
    Day,
    Hour,
}

/// What a row is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Whose line it is, where calls are counted by line; else none.
    pub site: Option<String>,
    /// None where that isn't known of its calls.
    pub text: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub name: Name,
    /// Those that are told as of this name; `credit` says how many likely are.
    pub calls: u64,
    pub answered: u64,
    /// Nobody took them in time: neither busy nor failed, neither given up nor left to the voicemail.
    pub missed: u64,
    pub first_time: u64,
    /// They have the tag of this name.
    pub qualified: u64,
    /// Seconds.
    pub talk_time: u64,
    /// As was noted by hand.
    pub value: Decimal,
    /// Calls, in parts; the model says how.
    pub credit: f64,
    /// With a probability of 95 % no less and no more.
    pub credit_low: f64,
    pub credit_high: f64,
    /// None where no costs are known at all.
    pub cost: Option<Decimal>,
    /// Of what is credited; none too where that is nothing.
    pub cost_per_call: Option<Decimal>,
}

/// A row while calls are counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    calls: u64,
    answered: u64,
    missed: u64,
    first_time: u64,
    qualified: u64,
    talk_time: u64,
    value: Decimal,
    pub credit: Credited,
}

impl Key {
    pub const ALL: [Key; 10] = [
        Key::Channel,
        Key::Source,
        Key::Medium,
        Key::Campaign,
        Key::Term,
        Key::LandingPage,
        Key::Line,
        Key::Number,
        Key::Day,
        Key::Hour,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Key::Channel => "channel",
            Key::Source => "source",
            Key::Medium => "medium",
            Key::Campaign => "campaign",
            Key::Term => "term",
            Key::LandingPage => "landing_page",
            Key::Line => "line",
            Key::Number => "number",
            Key::Day => "day",
            Key::Hour => "hour",
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Name {
    pub(super) fn day(date: Date) -> Self {
        Name { site: None, text: Some(date.to_string()) }
    }
}

impl Tally {
    pub fn count(&mut self, call: &Call) {
        self.calls += 1;
        self.answered += u64::from(call.answered);
        self.missed += u64::from(call.outcome == Some(Outcome::Missed));
        self.first_time += u64::from(call.first_call == Some(true));
        self.qualified += u64::from(call.tags.iter().any(|tag| tag == QUALIFIED));
        self.talk_time += u64::from(call.talk_time);
        let value = call.value.as_deref().and_then(|value| Decimal::from_str_exact(value).ok());
        self.value = self.value.saturating_add(value.unwrap_or_default());
    }
}

impl Row {
    pub(super) fn of(name: Name, tally: &Tally, cost: Option<Decimal>) -> Self {
        let (credit, (credit_low, credit_high)) = (tally.credit.mean(), tally.credit.interval());
        let calls = Decimal::from_f64_retain(credit).filter(|credit| !credit.is_zero());
        let cost_per_call = cost.zip(calls).and_then(|(cost, calls)| cost.checked_div(calls));
        Row {
            name,
            calls: tally.calls,
            answered: tally.answered,
            missed: tally.missed,
            first_time: tally.first_time,
            qualified: tally.qualified,
            talk_time: tally.talk_time,
            value: tally.value,
            credit,
            credit_low,
            credit_high,
            cost,
            cost_per_call,
        }
    }
}
