//! `[[site.tag]]` and `[report]`: what calls are told apart by once they are over.

use toml::Spanned;

use super::Builder;
use super::unable::Asked;
use crate::call::log::Outcome;
use crate::call::tag::{self, Comparison, Condition, Field, Tag, Time};
use crate::config::finding::At;
use crate::config::rules::{channel_names, leaves_nothing};
use crate::config::written::OneOrMany;
use crate::config::{Line, Report, written};
use crate::number::{Country, PhoneNumber};
use crate::visit::{Pattern, take_in};

impl Builder<'_, '_> {
    pub(super) fn report(&mut self, file: &written::File) -> Report {
        let written = file.report.as_ref();
        let currency = written.and_then(|report| report.currency.as_ref());
        let is_code = |code: &str| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
        if let Some(written) = currency.filter(|written| !is_code(written.get_ref())) {
            let at = At::new(written.span(), "report.currency");
            self.findings.error(at, "is no currency", "write ISO 4217's three letters, such as \"USD\"");
        }
        let cost = written.and_then(|report| report.cost.as_ref());
        let path = cost.map(|written| self.folder.join(written.get_ref()));
        // Whoever calls is connected all the same: only `report` goes without.
        if let (Some(written), Some(Err(error))) = (cost, path.as_deref().map(std::fs::metadata)) {
            let remedy = "name a CSV file with the columns from, to, source, medium, campaign, cost";
            let at = At::new(written.span(), "report.cost");
            self.findings.warning(at, format!("can't be read: {error}"), remedy);
        }
        let currency = currency.map_or_else(|| "USD".to_owned(), |currency| currency.get_ref().clone());
        Report { currency, cost: path }
    }

    pub(super) fn tags(&mut self, site: &written::Site, country: Country, lines: &[Line]) -> Vec<Tag> {
        let mut tags = Vec::new();
        for table in &site.tag {
            let written = table.get_ref();
            let remedy = "give it a name, such as \"qualified\"";
            let name = self.required(written.name.as_ref(), table, "site.tag.name", remedy);
            if let Some(written) = written.name.as_ref().filter(|name| !tag::is_name(name.get_ref())) {
                let remedy = "write at most 64 characters, without commas or blanks around them";
                if name.is_some() {
                    let at = At::new(written.span(), "site.tag.name");
                    self.findings.error(at, "is no tag's name", remedy);
                }
            }
            let Some(when) = &written.when else {
                let remedy = "say which calls have it, such as when = { talk_time = \">= 60s\" }";
                self.findings.error(At::new(table.span(), "site.tag.when"), "is missing", remedy);
                continue;
            };
            let when = self.tag_conditions(when.get_ref(), country, lines);
            tags.extend(name.map(|name| Tag { name, when }));
        }
        if !tags.iter().any(|tag| tag.name == tag::QUALIFIED) {
            tags.insert(0, Tag::qualified());
        }
        tags
    }

    fn tag_conditions(
        &mut self,
        when: &written::TagWhen,
        country: Country,
        lines: &[Line],
    ) -> Vec<Condition> {
        let times = [(Time::Talk, "talk_time", &when.talk_time), (Time::Call, "duration", &when.duration)];
        let mut conditions = Vec::new();
        for (time, key, written) in times {
            conditions.extend(written.as_ref().map(|written| self.lasts(time, key, written)));
        }
        for field in Field::ALL {
            let Some(written) = when.words(field) else { continue };
            let pattern = |glob: &String| match field {
                Field::Number => number_pattern(glob, country),
                _ => Pattern::new(glob),
            };
            let patterns: Vec<_> = written.get_ref().as_slice().iter().map(pattern).collect();
            if let Some((why, remedy)) = self.fits_no_call(field, &patterns, lines) {
                self.never_given(written, field.key(), why, &remedy);
            }
            if field == Field::Transcript {
                let at = At::new(written.span(), "site.tag.when.transcript");
                self.asked.push((at, Asked::Transcript));
            }
            conditions.push(Condition::Matches { field, patterns });
        }
        conditions
    }

    fn lasts(&mut self, time: Time, key: &str, written: &Spanned<OneOrMany>) -> Condition {
        let comparisons: Result<Vec<Comparison>, _> =
            written.get_ref().as_slice().iter().map(|text| text.parse()).collect();
        let remedy = "compare with >=, >, <= or <, as in \">= 60s\"";
        let any = comparisons.unwrap_or_else(|error| {
            let at = At::new(written.span(), format!("site.tag.when.{key}"));
            self.findings.error(at, error.to_string(), remedy);
            Vec::new()
        });
        if written.get_ref().as_slice().is_empty() {
            self.never_given(written, key, "the list is empty", remedy);
        } else if !any.is_empty() && any.iter().all(|comparison| comparison.never_holds()) {
            self.never_given(written, key, "no time is shorter than nothing", remedy);
        }
        Condition::Lasts { time, any }
    }

    /// Why no call has this, and what to do.
    fn fits_no_call(
        &self,
        field: Field,
        patterns: &[Pattern],
        lines: &[Line],
    ) -> Option<(&'static str, String)> {
        if let Some(why) = leaves_nothing(patterns) {
            return Some((why, "give a glob that something can match, such as \"goo*\"".to_owned()));
        }
        let is_none_of = |names: &[&str]| !names.iter().any(|name| take_in(patterns, name));
        match field {
            Field::Outcome => {
                let outcomes = Outcome::ALL.map(Outcome::name);
                is_none_of(&outcomes)
                    .then(|| ("there is no such outcome", format!("outcomes are {}", outcomes.join(", "))))
            }
            Field::Channel => {
                let names = channel_names();
                is_none_of(&names)
                    .then(|| ("there is no such channel", format!("channels are {}", names.join(", "))))
            }
            // A line that is wrong in itself has been said.
            Field::Line if self.declared.lines.len() == lines.len() => {
                let names: Vec<_> = lines.iter().map(|line| line.name.as_str()).collect();
                is_none_of(&names)
                    .then(|| ("the site has no such line", format!("the site has {}", names.join(", "))))
            }
            _ => None,
        }
    }

    fn never_given(&mut self, written: &Spanned<OneOrMany>, key: &str, why: &str, remedy: &str) {
        let at = At::new(written.span(), format!("site.tag.when.{key}"));
        self.findings.warning(at, format!("the tag is never given: {why}"), remedy);
    }
}

impl written::TagWhen {
    fn words(&self, field: Field) -> Option<&Spanned<OneOrMany>> {
        match field {
            Field::Outcome => self.outcome.as_ref(),
            Field::Source => self.source.as_ref(),
            Field::Channel => self.channel.as_ref(),
            Field::Transcript => self.transcript.as_ref(),
            Field::Keypress => self.keypress.as_ref(),
            Field::Line => self.line.as_ref(),
            Field::Number => self.number.as_ref(),
        }
    }
}

/// A number is written as elsewhere in the file; of part of one only what parts its digits is passed over.
fn number_pattern(written: &str, country: Country) -> Pattern {
    let (negation, glob) = match written.strip_prefix('!') {
        Some(glob) => ("!", glob),
        None => ("", written),
    };
    let plain = match PhoneNumber::parse(glob, country) {
        Ok(number) => number.e164().to_owned(),
        Err(_) => glob.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect(),
    };
    Pattern::new(&format!("{negation}{plain}"))
}
