//! `[[site.line]]`: the business's own numbers, and where callers are connected.

use toml::Spanned;

use super::{Builder, CANONICAL, NUMBER_FORMS};
use crate::call::route::Routes;
use crate::config::finding::At;
use crate::config::{Line, written};
use crate::number::{Country, PhoneNumber, Vanity};

impl Builder<'_, '_> {
    pub(super) fn lines(&mut self, spanned: &Spanned<written::Site>, country: Country) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        if spanned.get_ref().line.is_empty() {
            let remedy = "add a [[site.line]] with name and canonical, the number that pages print";
            self.findings.error(At::new(spanned.span(), "site.line"), "is missing", remedy);
        }
        let said: Vec<_> = (spanned.get_ref().statics.iter())
            .filter_map(|number| number.get_ref().source.as_ref()?.source.clone())
            .collect();
        for table in &spanned.get_ref().line {
            let written = table.get_ref();
            let destination = written.destination.as_ref();
            let destination =
                destination.and_then(|number| self.telephone(number, country, "site.line.destination"));
            let routes = self.routes(written, spanned.get_ref(), country);
            let name = self.required(
                written.name.as_ref(),
                table,
                "site.line.name",
                "give the line a name, such as \"main\"",
            );
            let remedy = "give the number that pages print";
            let has_number =
                self.required(written.canonical.as_ref(), table, "site.line.canonical", remedy).is_some();
            let (Some(name), true, Some(canonical)) = (name, has_number, &written.canonical) else {
                continue;
            };
            let at = At::new(canonical.span(), "site.line.canonical");
            let Some(number) = self.parse_number(canonical.get_ref(), country, &at) else { continue };
            if !number.is_nearly_possible() {
                self.findings.error(at, "has a length that no number of its country has", NUMBER_FORMS);
                continue;
            }
            if !number.is_possible() {
                let remedy = "see whether a digit is missing or too many; pages are searched for it as it is";
                self.findings.warning(at.clone(), "has a length that no number of its country has", remedy);
            }
            if lines.iter().any(|line| line.canonical.e164() == number.e164()) {
                self.findings.error(
                    at,
                    "is the canonical number of two lines",
                    "give each line its own number",
                );
            } else if lines.iter().any(|line| line.name == name) {
                let at = At::new(table.span(), "site.line.name");
                self.findings.error(
                    at,
                    format!("two lines are called {name:?}"),
                    "give each line its own name",
                );
            } else {
                let also_written = self.vanities(&written.also_written);
                let destination = destination.unwrap_or_else(|| number.clone());
                let routes = Routes::new(destination, routes, said.clone());
                lines.push(Line { name, canonical: number, also_written, routes });
            }
        }
        lines
    }

    fn vanities(&mut self, written: &[Spanned<String>]) -> Vec<Vanity> {
        let mut vanities = Vec::new();
        for written in written {
            match Vanity::parse(written.get_ref()) {
                Ok(vanity) => vanities.push(vanity),
                Err(error) => {
                    let at = At::new(written.span(), "site.line.also_written");
                    let remedy = "write digits, and letters behind them, such as \"1-800-PLUMBER\"";
                    self.findings.error(at, error.to_string(), remedy);
                }
            }
        }
        vanities
    }

    /// A telephone that calls go to. Whether it is one of our own is seen once all of these are known.
    pub(super) fn telephone(
        &mut self,
        written: &Spanned<String>,
        country: Country,
        key: &str,
    ) -> Option<PhoneNumber> {
        let at = At::new(written.span(), key);
        let number = self.parse_number(written.get_ref(), country, &at)?;
        if !number.is_possible() {
            self.findings.error(at, "has a length that no number of its country has", NUMBER_FORMS);
            return None;
        }
        self.telephones.push((at, number.e164().to_owned()));
        Some(number)
    }

    /// Calls to a tracking number come back to us: one that is connected there would ring for ever.
    pub(super) fn find_loops(&mut self) {
        for (at, number) in std::mem::take(&mut self.telephones) {
            if let Some(owner) = self.numbers.get(&number).filter(|owner| *owner != CANONICAL) {
                let message = format!("is a tracking number, of {owner}: its calls would come back for ever");
                self.findings.error(at, message, "name a telephone of the business");
            }
        }
    }
}
