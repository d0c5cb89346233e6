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
use crate::config::{Config, Site, Static};
use crate::ledger::Holding;
use crate::number::PhoneNumber;
use crate::pool::attribution::{Attribution, Candidate, Holder, How, Known};
use crate::pool::delay::{Delays, Mix};

/// A call, and who made it.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    number: &'a str,
    time: String,
    how: How,
    /// The first candidate's probability; 0 where there is none.
    confidence: f64,
    candidates: Vec<Row<'a>>,
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

/// What a number is in the configuration as it is now.
enum Use<'c> {
    Static(&'c Static),
    Pool,
    Canonical(&'c Site),
    /// It may have been in use once.
    None,
}

pub(super) fn run(attribute: &Attribute) -> Result<ExitCode, Stop> {
    let config = super::configuration(&attribute.config)?;
    let number = number(&config, &attribute.number, attribute.site.as_deref())?;
    let time = attribute.at.unwrap_or_else(Timestamp::now);
    let holdings;
    let attribution = match Use::of(number.e164(), &config) {
        Use::Static(known) => Attribution::to_source(&known.source),
        Use::Canonical(site) => {
            return Err(Stop::Other(format!(
                "{number} is the business's own number on site {:?}: whoever is shown no other sees it, so that nobody can be \
                 told by it",
                site.name
            )));
        }
        known => {
            holdings = holders(&config, &number, time)?;
            if holdings.is_empty() && matches!(known, Use::None) {
                return Err(Stop::Other(format!(
                    "{number} is no number of the configuration, and the ledger knows of nobody who was shown it until {time}; \
                     see whether a digit is wrong"
                )));
            }
            posterior(&holdings, time)
        }
    };
    let answer = Answer {
        number: number.e164(),
        time: time.to_string(),
        how: attribution.how,
        confidence: attribution.confidence,
        candidates: attribution.named().iter().map(|candidate| Row::of(candidate, time)).collect(),
    };
    match attribute.json {
        true => println!("{}", serde_json::to_string(&answer).map_err(Stop::because)?),
        false => print(&answer),
    }
    Ok(ExitCode::SUCCESS)
}

impl<'c> Use<'c> {
    fn of(e164: &str, config: &'c Config) -> Self {
        for site in &config.sites {
            let mut statics = site.statics.iter();
            if let Some(known) = statics.find(|known| known.shown.number.e164() == e164) {
                return Use::Static(known);
            }
            let mut leased = site.pools.iter().flat_map(|pool| &pool.numbers);
            if leased.any(|shown| shown.number.e164() == e164) {
                return Use::Pool;
            }
            if site.lines.iter().any(|line| line.canonical.e164() == e164) {
                return Use::Canonical(site);
            }
        }
        Use::None
    }
}

fn holders(config: &Config, number: &PhoneNumber, time: Timestamp) -> Result<Vec<Holding>, Stop> {
    runtime(1)?.block_on(async {
        let ledger = Beside::at(&config.server.ledger).await?;
        ledger.holders(number.e164(), time).await.map_err(Stop::because)
    })
}

/// Until calls are logged, all sessions are taken to call as often, and as late, as those of any site.
fn posterior(holdings: &[Holding], time: Timestamp) -> Attribution<'_> {
    let holders = holdings.iter().map(|holding| Holder {
        session: holding.session,
        source: &holding.source,
        started: holding.started,
        last_seen: holding.last_seen,
        rate: 1.0,
    });
    let holders: Vec<_> = holders.collect();
    Attribution::of(&Known { time, caller: None, tapped: None }, &holders, &Delays::new(Mix::BASE))
}

impl<'a> Row<'a> {
    fn of(candidate: &Candidate<'a>, time: Timestamp) -> Self {
        let source = candidate.source;
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
    let Answer { number, time, confidence, .. } = answer;
    match answer.how {
        How::Unshown => println!("{number} at {time}: unshown, for nobody was shown it until then"),
        How::Static => println!("{number} at {time}: static, its source's alone"),
        _ => println!("{number} at {time}: by those who were shown it, confidence {confidence:.2}"),
    }
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
