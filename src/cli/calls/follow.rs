//! `calls --follow`: each call when the phone rings, and again when it is over.

use std::collections::HashMap;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use super::Printer;
use super::filter::Filter;
use crate::Timestamp;
use crate::call::log::Call;
use crate::cli::{Stop, call_log, table};
use crate::config::Config;

/// The ledger is asked this often.
const PAUSE: Duration = Duration::from_millis(500);

/// A call may be told of so long after it began.
const LATE: Duration = Duration::from_secs(60 * 60);

/// No call is longer: what is not over then, nobody will tell the end of.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) async fn run(config: &Config, filter: &Filter, printer: &Printer) -> Result<ExitCode, Stop> {
    let begin = filter.from.unwrap_or_else(Timestamp::now);
    let mut told = Followed::default();
    loop {
        let now = Timestamp::now();
        let (is_first, from) = (!told.has_begun, told.asked_from(begin, now));
        let mut news = told.news(call_log::calls(config, Some(from), filter.to).await?);
        news.retain(|call| filter.suits(call));
        if let Err(error) = print(&news, is_first, printer) {
            return table::done(Err(error));
        }
        if filter.to.is_some_and(|to| to.plus(LONGEST) < now) {
            return Ok(ExitCode::SUCCESS);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn print(news: &[Call], is_first: bool, printer: &Printer) -> io::Result<()> {
    let mut output = io::stdout().lock();
    if is_first {
        printer.head(&mut output)?;
    }
    news.iter().try_for_each(|call| printer.one(call, &mut output))
}

/// Calls that were told of, by their ids.
#[derive(Debug, Default)]
struct Followed {
    known: HashMap<String, Known>,
    /// Whether everything that there is from the beginning on has been asked for once.
    has_begun: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    started: Timestamp,
    is_over: bool,
}

impl Followed {
    /// From when on calls may have changed since they were asked for.
    fn asked_from(&mut self, begin: Timestamp, now: Timestamp) -> Timestamp {
        if !std::mem::replace(&mut self.has_begun, true) {
            return begin;
        }
        let going_on = self.known.values().filter(|known| !known.is_over).map(|known| known.started);
        let oldest = going_on.min().unwrap_or(now).min(now.minus(LATE)).max(now.minus(LONGEST));
        self.known.retain(|_, known| known.started >= now.minus(LONGEST));
        oldest.max(begin)
    }

    /// Of these calls, those that are new, or over since they were told of; in the order in which they began.
    fn news(&mut self, mut calls: Vec<Call>) -> Vec<Call> {
        calls.sort_by_key(Call::started);
        calls.retain(|call| {
            let is = Known { started: call.started(), is_over: call.outcome.is_some() };
            self.known.insert(call.id.clone(), is).is_none_or(|was| is.is_over && !was.is_over)
        });
        calls
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::log::Outcome;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn call(id: &str, minutes_ago: u64, outcome: Option<Outcome>) -> Call {
        let started = NOW.minus(Duration::from_secs(60 * minutes_ago));
        Call { id: id.to_owned(), start_time: started.to_string(), outcome, ..Call::default() }
    }

    fn ids(calls: &[Call]) -> Vec<&str> {
        calls.iter().map(|call| call.id.as_str()).collect()
    }

    #[test]
    fn a_call_is_told_when_it_rings_and_when_it_is_over() {
        let mut followed = Followed::default();
        let ringing = [call("b", 1, None), call("a", 2, Some(Outcome::Missed))];
        assert_eq!(ids(&followed.news(ringing.to_vec())), ["a", "b"]);
        assert!(followed.news(ringing.to_vec()).is_empty());
        let over = call("b", 1, Some(Outcome::Answered));
        assert_eq!(ids(&followed.news(vec![over.clone()])), ["b"]);
        assert!(followed.news(vec![over]).is_empty());
    }

    #[test]
    fn no_more_is_asked_for_than_may_have_changed() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let begin = NOW.minus(minutes(60 * 24 * 7));
        let mut followed = Followed::default();
        assert_eq!(followed.asked_from(begin, NOW), begin);
        assert_eq!(followed.asked_from(begin, NOW), NOW.minus(LATE));
        followed.news(vec![call("over", 300, Some(Outcome::Answered)), call("going on", 200, None)]);
        assert_eq!(followed.asked_from(begin, NOW), NOW.minus(minutes(200)));
        followed.news(vec![call("lost", 60 * 30, None)]);
        assert_eq!(followed.asked_from(begin, NOW), NOW.minus(LONGEST));
        assert_eq!(followed.asked_from(NOW.minus(minutes(5)), NOW), NOW.minus(minutes(5)));
    }
}
