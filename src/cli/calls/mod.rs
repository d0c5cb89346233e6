//! `calls`: the calls that were, and those that are going on.

mod filter;
mod follow;
mod tag;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::tz::TimeZone;

use super::running::runtime;
use super::table::{self, Table, legible, said};
use super::{Stop, call_log};
use crate::call::log::Call;
use filter::{Filter, Wanted};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Calls {
    /// The configuration file
    #[arg(long, value_name = "FILE", required = true)]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub wanted: Wanted,
    /// Go on with calls as they come: each when the phone rings, and again when it is over
    #[arg(long)]
    pub follow: bool,
    /// One JSON object a call
    #[arg(long)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write something to a call
    Tag(tag::Tag),
}

pub(super) fn run(calls: &Calls) -> Result<ExitCode, Stop> {
    if let Some(Command::Tag(tag)) = &calls.command {
        return tag::run(tag);
    }
    let path = calls.config.as_deref().expect("clap wants it where no command is given");
    let config = super::configuration(path)?;
    let filter = Filter::of(&calls.wanted, &config)?;
    let printer = Printer { json: calls.json, zone: calls.wanted.period.zone.clone() };
    let runtime = runtime(1)?;
    if calls.follow {
        return runtime.block_on(follow::run(&config, &filter, &printer));
    }
    let mut list = runtime.block_on(call_log::calls(&config, filter.from, filter.to))?;
    list.retain(|call| filter.suits(call));
    list.sort_by(|a, b| a.started().cmp(&b.started()).then_with(|| a.id.cmp(&b.id)));
    table::done(printer.list(&list, &mut io::stdout().lock()))
}

/// How calls are printed.
struct Printer {
    json: bool,
    /// In which times are shown to people.
    zone: TimeZone,
}

/// Names of columns and their least widths.
const COLUMNS: [(&str, usize, bool); 8] = [
    ("time", 19, false),
    ("id", 24, false),
    ("caller", 13, false),
    ("number", 13, false),
    ("source / medium", 20, false),
    ("outcome", 9, false),
    ("talk", 7, true),
    ("tags", 0, false),
];

impl Printer {
    fn list(&self, calls: &[Call], output: &mut impl Write) -> io::Result<()> {
        if self.json {
            return calls.iter().try_for_each(|call| self.one(call, output));
        }
        let mut table = Table::new(COLUMNS);
        let rows: Vec<_> = calls.iter().map(|call| self.cells(call)).collect();
        rows.iter().for_each(|row| table.fit(row));
        table.write(output, &COLUMNS.map(|(name, ..)| name.to_owned()))?;
        rows.iter().try_for_each(|row| table.write(output, row))
    }

    /// What stands above calls that are printed one by one.
    fn head(&self, output: &mut impl Write) -> io::Result<()> {
        match self.json {
            true => Ok(()),
            false => Table::new(COLUMNS).write(output, &COLUMNS.map(|(name, ..)| name.to_owned())),
        }
    }

    /// A call, at once.
    fn one(&self, call: &Call, output: &mut impl Write) -> io::Result<()> {
        match self.json {
            true => writeln!(output, "{}", serde_json::to_string(call)?)?,
            false => Table::new(COLUMNS).write(output, &self.cells(call))?,
        }
        output.flush()
    }

    fn cells(&self, call: &Call) -> [String; COLUMNS.len()] {
        let (source, medium) = (call.source.as_deref(), call.medium.as_deref());
        let outcome = match (call.outcome, call.answered) {
            (Some(outcome), _) => outcome.name(),
            (None, true) => "talking",
            (None, false) => "ringing",
        };
        [
            call.started().in_zone(&self.zone).strftime("%Y-%m-%d %H:%M:%S").to_string(),
            legible(&call.id),
            call.customer_phone_number.as_deref().map_or("withheld".to_owned(), legible),
            legible(&call.tracking_phone_number),
            format!("{} / {}", said(source), said(medium)),
            if call.spam { format!("{outcome}, spam") } else { outcome.to_owned() },
            super::report::clock(u64::from(call.talk_time)),
            legible(&call.tags.join(", ")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::log::Outcome;

    #[test]
    fn a_call_is_a_line_in_the_zones_time_and_nothing_in_it_is_obeyed() {
        let call = Call {
            id: "0123456789abcdef01234567".to_owned(),
            start_time: "2026-11-28T16:02:00.250Z".to_owned(),
            tracking_phone_number: "+12125550110".to_owned(),
            source: Some("google\u{1b}[2J\nx".to_owned()),
            outcome: Some(Outcome::Answered),
            talk_time: 3725,
            tags: vec!["boiler".to_owned(), "qualified".to_owned()],
            spam: true,
            ..Call::default()
        };
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let printed = |json| {
            let mut output = Vec::new();
            Printer { json, zone: zone.clone() }.list(std::slice::from_ref(&call), &mut output).unwrap();
            String::from_utf8(output).unwrap()
        };
        let table = printed(false);
        let [head, line] = table.lines().collect::<Vec<_>>()[..] else { panic!("{table}") };
        assert_eq!(head.find("caller"), line.find("withheld"));
        for cell in [
            "2026-11-28 17:02:00",
            "google\\u{1b}[2J\\nx / -",
            "answered, spam",
            "1:02:05",
            "boiler, qualified",
        ] {
            assert!(line.contains(cell), "{line}");
        }
        let object: serde_json::Value = serde_json::from_str(printed(true).trim_end()).unwrap();
        assert_eq!(
            (&object["customer_phone_number"], &object["outcome"]),
            (&serde_json::Value::Null, &"answered".into())
        );
        assert!(object.get("keypresses").is_none());
    }

    #[test]
    fn nothing_is_written_to_a_call_without_something_to_write() {
        use clap::Parser;
        let id = "0123456789abcdef01234567";
        let parse = |rest: &str| {
            let arguments = format!("dni-edge calls tag --config x {id} {rest}");
            crate::cli::Arguments::try_parse_from(arguments.split_whitespace()).is_ok()
        };
        assert!(!parse("") && !parse("--json") && parse("--add boiler --value -5 --lead good"));
    }
}
