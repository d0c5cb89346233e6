//! `report`: calls by where they came from, and what they cost.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::period::Period;
use super::running::runtime;
use super::table::{self, Table, legible, said};
use super::{Stop, call_log};
use crate::Timestamp;
use crate::report::{self, Asked, Costs, Key, Model, Told};

#[derive(Debug, Args)]
pub struct Report {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// What calls are counted by
    #[arg(long, value_name = "KEY", value_parser = key())]
    pub by: Key,
    /// How a call's credit is shared among what brought it
    #[arg(long, value_name = "MODEL", default_value = "fractional", value_parser = model())]
    pub model: Model,
    #[command(flatten)]
    pub period: Period,
    /// Only calls of this site
    #[arg(long, value_name = "NAME")]
    pub site: Option<String>,
    /// What was spent: CSV with the columns from, to, source, medium, campaign, cost; the configuration's [report] cost by default
    #[arg(long, value_name = "FILE")]
    pub cost: Option<PathBuf>,
    /// Count blocked calls and spam too
    #[arg(long)]
    pub spam: bool,
    /// One JSON object a row
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// CSV, for spreadsheets
    #[arg(long)]
    pub csv: bool,
}

fn key() -> impl TypedValueParser<Value = Key> {
    PossibleValuesParser::new(Key::ALL.map(Key::name))
        .map(|name| Key::ALL.into_iter().find(|key| key.name() == name).expect("clap takes no other names"))
}

fn model() -> impl TypedValueParser<Value = Model> {
    PossibleValuesParser::new(Model::ALL.map(Model::name)).map(|name| {
        Model::ALL.into_iter().find(|model| model.name() == name).expect("clap takes no other names")
    })
}

pub(super) fn run(wanted: &Report) -> Result<ExitCode, Stop> {
    let config = super::configuration(&wanted.config)?;
    let costs = wanted.cost.as_ref().or(config.report.cost.as_ref());
    let costs = costs.map(|path| Costs::read(path)).transpose().map_err(Stop::because)?;
    let (from, to) = (wanted.period.from(), wanted.period.to());
    let (mut calls, classes) = runtime(1)?.block_on(async {
        let mut calls = call_log::calls(&config, from, to).await?;
        if matches!(wanted.by, Key::Term | Key::LandingPage) {
            call_log::tell_landings(&config, from, to, &mut calls).await?;
        }
        Ok::<_, Stop>((calls, call_log::classes(&config, from, to).await?))
    })?;
    if let Some(site) = &wanted.site {
        super::known_site(&config, site)?;
        calls.retain(|call| call.site.as_ref() == Some(site));
    }
    let report = report::Report::of(
        &calls,
        &Asked {
            by: wanted.by,
            model: wanted.model,
            zone: wanted.period.zone.clone(),
            from,
            // What a month costs until today is what has been spent.
            to: to.unwrap_or_else(Timestamp::now),
            spam: wanted.spam,
            currency: &config.report.currency,
            costs: costs.as_ref(),
            classes: &classes,
        },
    );
    let mut output = io::stdout().lock();
    table::done(match (wanted.json, wanted.csv) {
        (true, _) => json(&report, &mut output),
        (_, true) => report.write_csv(&mut output),
        _ => print(&report, &mut output),
    })
}

fn json(report: &report::Report, output: &mut impl Write) -> io::Result<()> {
    for told in report.told() {
        writeln!(output, "{}", serde_json::to_string(&told)?)?;
    }
    Ok(())
}

fn print(report: &report::Report, output: &mut impl Write) -> io::Result<()> {
    let names = [
        report.by.name(),
        "calls",
        "answered",
        "missed",
        "first time",
        "qualified",
        "talk time",
        "value",
        "credit",
        "95 %",
        "cost",
        "per call",
    ];
    let mut table = Table::new(names.map(|name| (name, 0, name != report.by.name())));
    let rows: Vec<_> = report.told().map(|told| cells(&told)).collect();
    rows.iter().for_each(|row| table.fit(row));
    table.write(output, &names.map(str::to_owned))?;
    rows.iter().try_for_each(|row| table.write(output, row))?;
    writeln!(output, "\nmodel: {}, money: {}", report.model, report.currency)
}

fn cells(told: &Told<'_>) -> [String; 12] {
    let row = told.row;
    let site = row.name.site.as_deref().map(|site| format!("{} / ", legible(site)));
    [
        site.unwrap_or_default() + &said(row.name.text.as_deref()),
        row.calls.to_string(),
        row.answered.to_string(),
        row.missed.to_string(),
        row.first_time.to_string(),
        row.qualified.to_string(),
        clock(row.talk_time),
        told.value(),
        format!("{:.1}", row.credit),
        format!("{:.1} to {:.1}", row.credit_low, row.credit_high),
        said(told.cost().as_deref()),
        said(told.cost_per_call().as_deref()),
    ]
}

/// Seconds, as hours, minutes and seconds.
pub(super) fn clock(seconds: u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::call::log::Call;

    #[test]
    fn a_row_is_a_line_with_figures_on_the_right() {
        let call = Call {
            start_time: "2026-11-28T16:02:00Z".to_owned(),
            source: Some("google\u{9b}2J".to_owned()),
            value: Some("12.5".to_owned()),
            talk_time: 61,
            ..Call::default()
        };
        let asked = Asked {
            by: Key::Source,
            model: Model::Fractional,
            zone: TimeZone::UTC,
            from: None,
            to: Timestamp::parse("2027-01-01").unwrap(),
            spam: false,
            currency: "EUR",
            costs: None,
            classes: &[],
        };
        let report = report::Report::of(&[call], &asked);
        let mut output = Vec::new();
        print(&report, &mut output).unwrap();
        assert_eq!(
            String::from_utf8(output).unwrap(),
            "source          calls  answered  missed  first time  qualified  talk time  value  credit        95 %  cost  per call\n\
             google\\u{9b}2J      1         0       0           0          0    0:01:01  12.50     1.0  1.0 to 1.0     -         -\n\
             \nmodel: fractional, money: EUR\n"
        );
    }
}
