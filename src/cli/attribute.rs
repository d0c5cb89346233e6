//! `attribute`: who called a number, as configuration and ledger tell.

use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use super::beside::Beside;
use super::number::number;
use super::running::runtime;
use super::table::{Table, said};
use super::{Attribute, Stop};
use crate::Timestamp;
use crate::call::inquiry::{Inquiry, Whose};
use crate::call::seal::Seal;
use crate::config::{Config, Keys};
use crate::ledger::Candidate;
use crate::number::PhoneNumber;
use crate::pool::attribution::How;

/// A call, and who made it.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    number: &'a str,
    time: String,
    how: How,
    /// The first candidate's probability; 0 where there is none.
    confidence: f64,
    candidates: Vec<Row<'a>>,
    #[serde(skip)]
    because: &'a str,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    session: Option<String>,
    /// From 0 to 1.
    probability: f64,
    source: Option<&'a str>,
    medium: Option<&'a str>,
    campaign: Option<&'a str>,
    channel: Option<&'static str>,
    last_seen: Option<String>,
    /// From then to the call.
    #[serde(skip)]
    before: Option<String>,
}

pub(super) fn run(attribute: &Attribute) -> Result<ExitCode, Stop> {
    let config = super::configuration(&attribute.config)?;
    let site = attribute.site.as_deref();
    let dialled = number(&config, &attribute.number, site)?;
    let caller = attribute.from.as_deref().map(|caller| number(&config, caller, site)).transpose()?;
    let time = attribute.at.unwrap_or_else(Timestamp::now);
    let caller = caller.as_ref().map(PhoneNumber::e164);
    let inquiry = Inquiry { number: dialled.e164(), caller, time };
    let attributed = match runtime(1)?.block_on(whose(&config, inquiry))? {
        Whose::Told(attributed) => attributed,
        Whose::Business(site) => {
            return Err(Stop::Other(format!(
                "{dialled} is the business's own number on site {site:?}: whoever is shown no other sees it, so that nobody can \
                 be told by it"
            )));
        }
        Whose::Nobodys => {
            return Err(Stop::Other(format!(
                "{dialled} is no number of the configuration, and the ledger knows of nobody who was shown it until {time}; \
                 see whether a digit is wrong"
            )));
        }
    };
    let answer = Answer {
        number: dialled.e164(),
        time: time.to_string(),
        how: attributed.how,
        confidence: attributed.confidence,
        candidates: attributed.candidates.iter().map(|candidate| Row::of(candidate, time)).collect(),
        because: &attributed.because,
    };
    match attribute.json {
        true => println!("{}", serde_json::to_string(&answer).map_err(Stop::because)?),
        false => print(&answer),
    }
    Ok(ExitCode::SUCCESS)
}

async fn whose(config: &Config, inquiry: Inquiry<'_>) -> Result<Whose, Stop> {
    let ledger = Beside::at(&config.server.ledger).await;
    match (inquiry.by_configuration(config), ledger) {
        (Some(business @ Whose::Business(_)), _) => Ok(business),
        // Without a ledger there is its source still.
        (Some(told), Err(_)) => Ok(told),
        (None, Err(stop)) => Err(stop),
        (_, Ok(ledger)) => {
            let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
            inquiry.answer(config, ledger.records(), &Seal::new(&keys)).await.map_err(Stop::because)
        }
    }
}

impl<'a> Row<'a> {
    fn of(candidate: &'a Candidate, time: Timestamp) -> Self {
        let source = &candidate.source;
        let before = |last_seen| {
            let seconds = time.since(last_seen).as_secs();
            humantime::format_duration(Duration::from_secs(seconds)).to_string()
        };
        Row {
            session: candidate.session.map(|session| session.to_string()),
            probability: candidate.probability,
            source: source.source.as_deref(),
            medium: source.medium.as_deref(),
            campaign: source.campaign.as_deref(),
            channel: source.channel.map(|channel| channel.name()),
            last_seen: candidate.last_seen.map(|last_seen| last_seen.to_string()),
            before: candidate.last_seen.map(before),
        }
    }

    fn cells(&self) -> [String; COLUMNS.len()] {
        [
            format!("{:.1} %", 100.0 * self.probability),
            format!("{} / {}", said(self.source), said(self.medium)),
            said(self.campaign),
            said(self.channel),
            said(self.session.as_deref()),
            said(self.last_seen.as_deref()),
            said(self.before.as_deref()),
        ]
    }
}

const COLUMNS: [&str; 7] =
    ["probability", "source / medium", "campaign", "channel", "session", "last seen", "before"];

fn print(answer: &Answer<'_>) {
    let Answer { number, time, how, confidence, because, .. } = answer;
    println!("{number} at {time}: {}, confidence {confidence:.2}: {because}", how.name());
    if answer.candidates.is_empty() {
        return;
    }
    let mut table = Table::new(COLUMNS.map(|name| (name, 0, false)));
    let rows: Vec<_> = answer.candidates.iter().map(Row::cells).collect();
    rows.iter().for_each(|row| table.fit(row));
    println!();
    println!("{}", table.line(&COLUMNS.map(str::to_owned)));
    rows.iter().for_each(|row| println!("{}", table.line(row)));
}
