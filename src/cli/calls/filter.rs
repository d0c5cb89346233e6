//! Which calls are asked for.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::Timestamp;
use crate::call::log::{Call, Outcome};
use crate::cli::number::number;
use crate::cli::period::Period;
use crate::cli::{Stop, known_site};
use crate::config::Config;
use crate::visit::{Pattern, take_in, take_in_any};

#[derive(Debug, Args)]
pub struct Wanted {
    #[command(flatten)]
    pub period: Period,
    /// Only those whose source is this: a glob, and "!" leaves out; more than one are any of
    #[arg(long, value_name = "S")]
    pub source: Vec<String>,
    /// Only those to this number: in E.164, or as its site's country writes it
    #[arg(long, value_name = "N")]
    pub number: Option<String>,
    /// Only those that ended so
    #[arg(long, value_name = "O", value_parser = outcome())]
    pub outcome: Vec<Outcome>,
    /// Only those of this site
    #[arg(long, value_name = "NAME")]
    pub site: Option<String>,
    /// Only those to this line of the business
    #[arg(long, value_name = "NAME")]
    pub line: Option<String>,
    /// Only those with this tag: a glob, and "!" leaves out
    #[arg(long, value_name = "T")]
    pub tag: Vec<String>,
}

fn outcome() -> impl TypedValueParser<Value = Outcome> {
    PossibleValuesParser::new(Outcome::ALL.map(Outcome::name)).map(|name| {
        Outcome::ALL.into_iter().find(|outcome| outcome.name() == name).expect("clap takes no other names")
    })
}

/// The same, as calls are compared with it.
pub(super) struct Filter {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    source: Vec<Pattern>,
    /// E.164
    number: Option<String>,
    outcomes: Vec<Outcome>,
    site: Option<String>,
    line: Option<String>,
    tag: Vec<Pattern>,
}

impl Filter {
    pub fn of(wanted: &Wanted, config: &Config) -> Result<Self, Stop> {
        if let Some(site) = &wanted.site {
            known_site(config, site)?;
        }
        let patterns = |globs: &[String]| globs.iter().map(|glob| Pattern::new(glob)).collect();
        let read = |written| number(config, written, wanted.site.as_deref());
        let number = wanted.number.as_deref().map(read).transpose()?;
        Ok(Filter {
            from: wanted.period.from(),
            to: wanted.period.to(),
            source: patterns(&wanted.source),
            number: number.map(|number| number.e164().to_owned()),
            outcomes: wanted.outcome.clone(),
            site: wanted.site.clone(),
            line: wanted.line.clone(),
            tag: patterns(&wanted.tag),
        })
    }

    pub fn suits(&self, call: &Call) -> bool {
        let started = call.started();
        let is_it = |wanted: &Option<String>, is: &Option<String>| wanted.is_none() || wanted == is;
        self.from.is_none_or(|from| from <= started)
            && self.to.is_none_or(|to| started < to)
            && take_in(&self.source, call.source.as_deref().unwrap_or_default())
            && self.number.as_ref().is_none_or(|number| *number == call.tracking_phone_number)
            && (self.outcomes.is_empty() || call.outcome.is_some_and(|is| self.outcomes.contains(&is)))
            && is_it(&self.site, &call.site)
            && is_it(&self.line, &call.line)
            && take_in_any(&self.tag, &call.tags)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        wanted: Wanted,
    }

    fn config() -> Config {
        let site = |name: &str, country: &str, number: &str| {
            format!(
                "[[site]]\nname = {name:?}\nhosts = [\"{name}.example\"]\norigin = \"http://127.0.0.1:8000\"\ncountry = {country:?}\n\
                 [[site.line]]\nname = \"main\"\ncanonical = {number:?}\n"
            )
        };
        let text = site("plumber", "US", "+12125550100") + &site("dentist", "GB", "+442079460000");
        Config::parse(&text, Path::new("test.toml")).config.expect("a configuration")
    }

    fn filter(arguments: &str) -> Result<Filter, Stop> {
        let arguments = std::iter::once("calls").chain(arguments.split_whitespace());
        Filter::of(&Command::try_parse_from(arguments).expect("arguments").wanted, &config())
    }

    fn call() -> Call {
        let text = |text: &str| Some(text.to_owned());
        Call {
            start_time: "2026-11-28T16:02:00Z".to_owned(),
            source: text("google"),
            site: text("plumber"),
            line: text("main"),
            tracking_phone_number: "+12125550110".to_owned(),
            outcome: Some(Outcome::Missed),
            tags: vec!["boiler".to_owned(), "qualified".to_owned()],
            ..Call::default()
        }
    }

    #[test]
    fn each_filter_asks_for_what_the_call_has() {
        for (arguments, suits) in [
            ("", true),
            ("--from 2026-11-28T16:02:00Z --to 2026-11-28T16:02:01Z", true),
            ("--to 2026-11-28T16:02:00Z", false),
            ("--from 2026-11-28T11:03 --zone America/New_York", false),
            ("--source goo*", true),
            ("--source bing --source google", true),
            ("--source !google", false),
            ("--number +12125550110", true),
            ("--number 2125550110 --site plumber", true),
            ("--number 2125550111 --site plumber", false),
            ("--outcome missed", true),
            ("--outcome answered --outcome busy", false),
            ("--site dentist", false),
            ("--line main", true),
            ("--line night", false),
            ("--tag boiler", true),
            ("--tag boiler --tag !qualified", false),
        ] {
            assert_eq!(filter(arguments).unwrap().suits(&call()), suits, "{arguments}");
        }
        let going_on = Call { outcome: None, ..call() };
        assert!(!filter("--outcome missed").unwrap().suits(&going_on));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (arguments, said) in [
            ("--site butcher", "no site is called \"butcher\"; there is plumber, dentist"),
            ("--number call-me --site plumber", "\"call-me\" holds 'c'"),
            ("--number 2125550110", "\"2125550110\" may be a number of several countries"),
        ] {
            let stop = filter(arguments).err().expect(arguments).to_string();
            assert!(stop.starts_with(said), "{arguments}: {stop}");
        }
    }
}
