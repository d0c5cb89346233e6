//! `calls tag`: what somebody writes to a call.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Args, ValueEnum};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::Printer;
use crate::call::event::{self, Note};
use crate::call::tag;
use crate::cli::running::runtime;
use crate::cli::{Stop, call_log, table};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("written").args(["add", "remove", "note", "value", "lead", "spam"]).required(true).multiple(true))]
pub struct Tag {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// The call: 24 hexadecimal digits
    #[arg(value_name = "ID", value_parser = id)]
    pub id: String,
    /// Give it this tag
    #[arg(long, value_name = "T", value_parser = name)]
    pub add: Vec<String>,
    /// Take this tag away, also one that a rule gives
    #[arg(long, value_name = "T", value_parser = name)]
    pub remove: Vec<String>,
    /// In place of the note that is there
    #[arg(long, value_name = "S")]
    pub note: Option<String>,
    /// What it is worth: a decimal, in the currency of reports
    #[arg(long, value_name = "V", value_parser = value, allow_negative_numbers = true)]
    pub value: Option<String>,
    /// What became of it
    #[arg(long, value_name = "LEAD")]
    pub lead: Option<Lead>,
    /// Whether it is spam, whatever its score says
    #[arg(long, value_name = "BOOL")]
    pub spam: Option<bool>,
    /// One JSON object: the call as it is then
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Lead {
    Good,
    Bad,
    Unsure,
}

pub(super) fn run(tag: &Tag) -> Result<ExitCode, Stop> {
    let config = crate::cli::configuration(&tag.config)?;
    if let Some(both) = tag.add.iter().find(|name| tag.remove.contains(name)) {
        return Err(Stop::Other(format!("{both:?} is to be added and removed; say one of them")));
    }
    let note = Note {
        id: format!("{:032x}", rand::random::<u128>()),
        add: tag.add.clone(),
        remove: tag.remove.clone(),
        note: tag.note.clone(),
        value: tag.value.clone(),
        lead: tag.lead.map(event::Lead::from),
        spam: tag.spam,
    };
    let call = runtime(1)?.block_on(call_log::note(&config, &tag.id, note))?;
    let printer = Printer { json: tag.json, zone: TimeZone::UTC };
    let mut output = io::stdout().lock();
    table::done(match tag.json {
        true => printer.one(&call, &mut output),
        false => printer.list(&[call], &mut output),
    })
}

impl From<Lead> for event::Lead {
    fn from(lead: Lead) -> Self {
        match lead {
            Lead::Good => event::Lead::Good,
            Lead::Bad => event::Lead::Bad,
            Lead::Unsure => event::Lead::Unsure,
        }
    }
}

fn id(written: &str) -> Result<String, String> {
    let is_id = written.len() == 24 && written.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_id {
        true => Ok(written.to_ascii_lowercase()),
        false => Err("write the id that calls prints: 24 hexadecimal digits".to_owned()),
    }
}

fn name(written: &str) -> Result<String, String> {
    match tag::is_name(written) {
        true => Ok(written.to_owned()),
        false => Err("write at most 64 characters, without commas or blanks around them".to_owned()),
    }
}

/// As it was written, which sums keep to the last digit.
fn value(written: &str) -> Result<String, String> {
    let amount = Decimal::from_str_exact(written.trim());
    amount.map(|amount| amount.to_string()).map_err(|_| "write an amount such as 1234.50".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_looked_at_first() {
        assert_eq!(value(" 1234.50 ").as_deref(), Ok("1234.50"));
        assert!(["$5", "1,234.50", "", "1e3"].iter().all(|written| value(written).is_err()));
        assert_eq!(id("ABCDEF0123456789abcdef01").as_deref(), Ok("abcdef0123456789abcdef01"));
        assert!(id("abc").is_err() && id("g23456789012345678901234").is_err());
        assert!(name("boiler").is_ok() && name("a,b").is_err());
    }
}
