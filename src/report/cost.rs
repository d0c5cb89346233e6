//! What was spent, and which row's calls it bought.
//!
//! A file says what was spent from one day to another, on what. That is spread evenly over its days; what falls to the report's
//! time goes to the rows that calls from there are credited to, in the same parts. What brought no call goes where its calls
//! would have gone, so that it is seen.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, Trim};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Asked;
use super::model::Origin;
use super::row::{Key, Name};
use crate::clock::Timestamp;
use crate::visit::{Landing, Reading};

const COLUMNS: [&str; 6] = ["from", "to", "source", "medium", "campaign", "cost"];

/// Decimals of a row's part of a cost.
const EXACT: u32 = 6;

/// What was spent, as a file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Costs {
    spent: Vec<Spent>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Spent {
    /// The first day and the last.
    from: Date,
    to: Date,
    on: Target,
    cost: Decimal,
}

/// What it was spent on, in lower case; none: on any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Target {
    source: Option<String>,
    medium: Option<String>,
    campaign: Option<String>,
}

/// A file of costs can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    #[error("{0} can't be read: {1}")]
    Unreadable(PathBuf, #[source] std::io::Error),
    #[error("{file}:{line}: {message}")]
    Wrong { file: PathBuf, line: u64, message: String },
}

/// A part of a call's credit, by where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Brought {
    from: Target,
    row: Name,
    credit: f64,
}

/// What was credited on each day.
#[derive(Debug, Default)]
pub(super) struct Shares {
    by_day: BTreeMap<Date, Vec<Brought>>,
}

impl Costs {
    /// Reads a CSV file with the columns from, to, source, medium, campaign and cost: days as in 2026-11-28, the last one within.
    ///
    /// # Errors
    /// Says which line is wrong, and why.
    pub fn read(path: &Path) -> Result<Self, CostError> {
        let text = std::fs::read(path).map_err(|error| CostError::Unreadable(path.to_owned(), error))?;
        let wrong = |(line, message)| CostError::Wrong { file: path.to_owned(), line, message };
        Costs::parse(&text).map_err(wrong)
    }

    fn parse(text: &[u8]) -> Result<Self, (u64, String)> {
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text);
        let header = reader.headers().map_err(told)?.clone();
        let places = places(&header).map_err(|message| (1, message))?;
        let (mut record, mut spent) = (StringRecord::new(), Vec::new());
        while reader.read_record(&mut record).map_err(told)? {
            let line = record.position().map_or(0, csv::Position::line);
            spent.push(Spent::of(&record, &places).map_err(|message| (line, message))?);
        }
        Ok(Costs { spent })
    }

    /// What each row has cost in the time that is asked for. Nothing is said of rows that have cost nothing.
    pub(super) fn by_row(&self, asked: &Asked<'_>, shares: &Shares) -> HashMap<Name, Decimal> {
        let mut rows = HashMap::<Name, Decimal>::new();
        for spent in &self.spent {
            for (row, cost) in spent.by_row(asked, shares) {
                let sum = rows.entry(row).or_default();
                *sum = sum.saturating_add(cost);
            }
        }
        rows
    }
}

impl Spent {
    fn of(record: &StringRecord, places: &[usize; COLUMNS.len()]) -> Result<Self, String> {
        let cell = |column: usize| record.get(places[column]).unwrap_or_default();
        let day = |column: usize| {
            let written = cell(column);
            let name = COLUMNS[column];
            written
                .parse::<Date>()
                .map_err(|_| format!("{name} = {written:?} is no day; write it as 2026-11-28"))
        };
        let word = |column: usize| Some(cell(column).to_lowercase()).filter(|word| !word.is_empty());
        let (from, to) = (day(0)?, day(1)?);
        if to < from {
            return Err(format!("to = {to} is before from = {from}; write the first day, then the last"));
        }
        let cost = Decimal::from_str_exact(cell(5)).ok().filter(|cost| !cost.is_sign_negative());
        let cost = cost.ok_or_else(|| {
            format!("cost = {:?} is no amount; write digits and a decimal point, as in 1234.50", cell(5))
        })?;
        let on = Target { source: word(2), medium: word(3), campaign: word(4) };
        Ok(Spent { from, to, on, cost })
    }

    /// This cost, in parts.
    fn by_row(&self, asked: &Asked<'_>, shares: &Shares) -> Vec<(Name, Decimal)> {
        let days = || self.from.series(jiff::Span::new().days(1)).take_while(|day| *day <= self.to);
        let count = Decimal::from(days().count());
        let part = |covered: Decimal| self.cost.checked_mul(covered).and_then(|cost| cost.checked_div(count));
        if asked.by == Key::Day {
            let of_day = |day: Date| Some((Name::day(day), part(covered(day, asked))?));
            return days().filter_map(of_day).filter(|(_, cost)| !cost.is_zero()).collect();
        }
        let cost = part(days().map(|day| covered(day, asked)).sum()).unwrap_or_default();
        if cost.is_zero() {
            return Vec::new();
        }
        let mut credits = BTreeMap::<&Name, f64>::new();
        let brought = shares.by_day.range(self.from..=self.to).flat_map(|(_, brought)| brought);
        for brought in brought.filter(|brought| self.on.takes_in(&brought.from)) {
            *credits.entry(&brought.row).or_default() += brought.credit;
        }
        match credits.is_empty() {
            true => vec![(self.on.row(asked.by), cost)],
            false => shared(cost, &credits),
        }
    }
}

/// How much of a day the report's time covers, from 0 to 1.
fn covered(day: Date, asked: &Asked<'_>) -> Decimal {
    let start = |day: Date| {
        let zoned = day.to_zoned(asked.zone.clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_millisecond()))
    };
    let (Some(start), Some(end)) = (start(day), day.tomorrow().ok().and_then(start)) else {
        return Decimal::ZERO;
    };
    let (from, to) = (asked.from.map_or(start, |from| from.max(start)), asked.to.min(end));
    match (to.since(from), end.since(start)) {
        (part, whole) if part == whole => Decimal::ONE,
        (part, whole) => Decimal::from(part.as_millis()) / Decimal::from(whole.as_millis()),
    }
}

/// A cost in the proportions of credits, of which there are some; the last one has what rounding leaves.
fn shared(cost: Decimal, credits: &BTreeMap<&Name, f64>) -> Vec<(Name, Decimal)> {
    let total: f64 = credits.values().sum();
    let (mut left, mut before) = (cost, 0.0);
    let mut parts = Vec::new();
    for (name, credit) in credits {
        before += credit;
        let remains = Decimal::from_f64_retain(((total - before) / total).clamp(0.0, 1.0));
        let remains = (cost * remains.unwrap_or_default()).round_dp(EXACT).min(left);
        let remains = if parts.len() + 1 == credits.len() { Decimal::ZERO } else { remains };
        parts.push(((*name).clone(), left - remains));
        left = remains;
    }
    parts
}

impl Target {
    fn takes_in(&self, from: &Target) -> bool {
        let suits = |on: &Option<String>, from: &Option<String>| on.is_none() || on == from;
        suits(&self.source, &from.source)
            && suits(&self.medium, &from.medium)
            && suits(&self.campaign, &from.campaign)
    }

    /// Where a call from there would be, as far as that can be told.
    fn row(&self, by: Key) -> Name {
        let text = match by {
            Key::Channel => self.channel(),
            Key::Source => self.source.clone(),
            Key::Medium => self.medium.clone(),
            Key::Campaign => self.campaign.clone(),
            Key::Term | Key::LandingPage | Key::Line | Key::Number | Key::Day | Key::Hour => None,
        };
        Name { site: None, text }
    }

    /// That of a visit that is tagged so.
    fn channel(&self) -> Option<String> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("utm_source", self.source.as_deref()?);
        query.append_pair("utm_medium", self.medium.as_deref()?);
        query.append_pair("utm_campaign", self.campaign.as_deref().unwrap_or_default());
        let query = query.finish();
        let reading = Reading::of(&Landing { query: Some(&query), ..Landing::default() }, None);
        Some(reading.channel.name().to_owned())
    }
}

impl Brought {
    pub fn by(origin: &Origin, row: Name, credit: f64) -> Self {
        let lower = |word: &Option<String>| word.as_ref().map(|word| word.to_lowercase());
        let (source, medium) = (lower(&origin.source), lower(&origin.medium));
        Brought { from: Target { source, medium, campaign: lower(&origin.campaign) }, row, credit }
    }
}

impl Shares {
    pub fn add(&mut self, day: Date, brought: Brought) {
        self.by_day.entry(day).or_default().push(brought);
    }
}

/// In which place of a line each column stands; those that say what it was spent on may be absent.
fn places(header: &StringRecord) -> Result<[usize; COLUMNS.len()], String> {
    let names: Vec<_> = header.iter().map(str::to_lowercase).collect();
    let known = COLUMNS.join(", ");
    if let Some(other) = names.iter().find(|name| !COLUMNS.contains(&name.as_str())) {
        return Err(format!("there is no column {other:?}; columns are {known}"));
    }
    let mut places = [usize::MAX; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let mut found = names.iter().enumerate().filter(|(_, name)| *name == column);
        match (found.next(), found.next()) {
            (Some((at, _)), None) => *place = at,
            (None, _) if ["source", "medium", "campaign"].contains(&column) => {}
            (None, _) => return Err(format!("the column {column:?} is missing; columns are {known}")),
            (Some(_), Some(_)) => return Err(format!("the column {column:?} is there twice; name it once")),
        }
    }
    Ok(places)
}

/// What the reader of CSV complains of, and in which line.
fn told(error: csv::Error) -> (u64, String) {
    let line = error.position().map_or(1, csv::Position::line);
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!(
                "has {len} cells where the first line has {expected_len}; write an empty cell as nothing between commas"
            )
        }
        csv::ErrorKind::Utf8 { .. } => "is not in UTF-8; save the file as that".to_owned(),
        _ => error.to_string(),
    };
    (line, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "from,to,source,medium,campaign,cost\n";

    fn wrong(text: &str) -> (u64, String) {
        Costs::parse(text.as_bytes()).expect_err(text)
    }

    #[test]
    fn a_file_is_read_as_spreadsheets_write_it() {
        let text = "\u{feff}Cost, From,to,source,campaign\r\n1234.50,2026-11-01,2026-11-30,\"Google\",\r\n\r\n0,2026-12-01,2026-12-01,,\"a, b\"\r\n";
        let costs = Costs::parse(text.as_bytes()).unwrap();
        let [first, second] = &costs.spent[..] else { panic!("{costs:?}") };
        assert_eq!(
            (first.from.to_string(), first.to.to_string()),
            ("2026-11-01".into(), "2026-11-30".into())
        );
        assert_eq!(first.on, Target { source: Some("google".to_owned()), ..Target::default() });
        assert_eq!((first.cost, second.cost), (Decimal::new(123_450, 2), Decimal::ZERO));
        assert_eq!(second.on.campaign.as_deref(), Some("a, b"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, line, said) in [
            ("from,to,price\n", 1, "there is no column \"price\""),
            ("from,to\n", 1, "the column \"cost\" is missing"),
            ("from,to,cost,cost\n", 1, "is there twice"),
            ("", 1, "the column \"from\" is missing"),
            (&format!("{HEAD}2026-11-01,2026-11-02,a,b,c,1\n2026-11-31,2026-12-01,,,,1\n"), 3, "is no day"),
            (&format!("{HEAD}2026-11-02,2026-11-01,,,,1\n"), 2, "is before from"),
            (&format!("{HEAD}2026-11-01,2026-11-02,,,,$5\n"), 2, "cost = \"$5\" is no amount"),
            (&format!("{HEAD}2026-11-01,2026-11-02,,,,-5\n"), 2, "is no amount"),
            (&format!("{HEAD}2026-11-01,2026-11-02,,5\n"), 2, "has 4 cells"),
        ] {
            let (at, message) = wrong(text);
            assert!(at == line && message.contains(said), "{text}: {at} {message}");
        }
        let latin = [HEAD.as_bytes(), b"2026-11-01,2026-11-02,M\xfcnchen,,,1\n"].concat();
        assert_eq!(Costs::parse(&latin).unwrap_err().0, 2);
        let error = Costs::read(Path::new("/nowhere/costs.csv")).unwrap_err();
        assert!(error.to_string().starts_with("/nowhere/costs.csv can't be read: "), "{error}");
    }
}
