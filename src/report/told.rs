//! A report as it is told: each row as an object, or all as CSV.

use std::borrow::Cow;
use std::io::Write;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Key, Report, Row};

/// What stands after a row's name.
pub const COLUMNS: [&str; 13] = [
    "calls",
    "answered",
    "missed",
    "first_time",
    "qualified",
    "talk_time",
    "value",
    "currency",
    "credit",
    "credit_low",
    "credit_high",
    "cost",
    "cost_per_call",
];

/// A row with what its report says of all of them.
#[derive(Clone, Copy, Debug)]
pub struct Told<'r> {
    report: &'r Report,
    pub row: &'r Row,
}

impl Report {
    pub fn told(&self) -> impl Iterator<Item = Told<'_>> {
        self.rows.iter().map(|row| Told { report: self, row })
    }

    /// Writes all rows as CSV (RFC 4180), the names of the columns first. No cell is taken for a formula.
    ///
    /// # Errors
    /// Where the output fails.
    pub fn write_csv(&self, output: impl Write) -> std::io::Result<()> {
        let mut writer = csv::Writer::from_writer(output);
        let by_line = (self.by == Key::Line).then_some("site");
        writer.write_record(by_line.into_iter().chain([self.by.name()]).chain(COLUMNS))?;
        for told in self.told() {
            let Told { row, .. } = told;
            let site = by_line.map(|_| row.name.site.clone().unwrap_or_default());
            let name = row.name.text.clone().unwrap_or_default();
            let cells = site.into_iter().chain([name]).chain(told.cells());
            writer.write_record(cells.map(|cell| neutral(&cell).into_owned()))?;
        }
        writer.flush()
    }
}

impl Told<'_> {
    /// As in [`COLUMNS`]; empty where there is none.
    fn cells(&self) -> [String; COLUMNS.len()] {
        let Row { calls, answered, missed, first_time, qualified, talk_time, .. } = self.row;
        let count = |count: &u64| count.to_string();
        let part = |part: f64| millionths(part).to_string();
        [
            count(calls),
            count(answered),
            count(missed),
            count(first_time),
            count(qualified),
            count(talk_time),
            self.value(),
            self.report.currency.clone(),
            part(self.row.credit),
            part(self.row.credit_low),
            part(self.row.credit_high),
            self.cost().unwrap_or_default(),
            self.cost_per_call().unwrap_or_default(),
        ]
    }

    /// To the last digit that was noted, two at least.
    pub fn value(&self) -> String {
        let value = self.row.value.normalize();
        format!("{value:.*}", value.scale().max(2) as usize)
    }

    /// In hundredths.
    pub fn cost(&self) -> Option<String> {
        self.row.cost.map(hundredths)
    }

    pub fn cost_per_call(&self) -> Option<String> {
        self.row.cost_per_call.map(hundredths)
    }
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Told { report, row } = self;
        let mut map = serializer.serialize_map(None)?;
        if report.by == Key::Line {
            map.serialize_entry("site", &row.name.site)?;
        }
        map.serialize_entry(report.by.name(), &row.name.text)?;
        let counts = [row.calls, row.answered, row.missed, row.first_time, row.qualified, row.talk_time];
        for (column, count) in COLUMNS.iter().zip(counts) {
            map.serialize_entry(column, &count)?;
        }
        map.serialize_entry("value", &self.value())?;
        map.serialize_entry("currency", &report.currency)?;
        map.serialize_entry("credit", &millionths(row.credit))?;
        map.serialize_entry("credit_low", &millionths(row.credit_low))?;
        map.serialize_entry("credit_high", &millionths(row.credit_high))?;
        map.serialize_entry("cost", &self.cost())?;
        map.serialize_entry("cost_per_call", &self.cost_per_call())?;
        map.end()
    }
}

/// A cell that no spreadsheet takes for a formula: one that would begin as such gets an apostrophe before it. Numbers, and
/// telephone numbers, are as they are.
pub fn neutral(cell: &str) -> Cow<'_, str> {
    let is_number = |cell: &str| {
        let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
        let figures = digits.split_once('.').map_or((digits, "0"), |figures| figures);
        [figures.0, figures.1].iter().all(|f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()))
    };
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(cell) {
        true => Cow::Owned(format!("'{cell}")),
        false => Cow::Borrowed(cell),
    }
}

fn hundredths(amount: Decimal) -> String {
    format!("{:.2}", amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
}

/// As exact as is worth writing.
fn millionths(part: f64) -> f64 {
    (1e6 * part).round() / 1e6
}
