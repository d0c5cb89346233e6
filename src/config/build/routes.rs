//! `[[site.line.route]]`: what is done with a line's calls.

use std::time::Duration;

use toml::Spanned;

use super::Builder;
use super::unable::Asked;
use crate::call::route::{Menu, Record, Ring, Route, Treatment, Whisper};
use crate::config::finding::At;
use crate::config::written;
use crate::number::{Country, PhoneNumber};

/// Carriers ring no shorter, and no longer; Telnyx for two minutes at most.
const RINGS: std::ops::RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(600);

/// Telephones that ring at once at some carriers (Twilio, "TwiML Voice: <Number>").
const AT_ONCE: usize = 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Order,
    Together,
    Weight,
}

impl Builder<'_, '_> {
    pub(super) fn routes(
        &mut self,
        line: &written::Line,
        site: &written::Site,
        country: Country,
    ) -> Vec<Route> {
        let name = |name: &Option<Spanned<String>>| name.as_ref().map(|name| name.get_ref().clone());
        let names = (name(&line.name).unwrap_or_default(), name(&site.name).unwrap_or_default());
        let mut routes: Vec<(Route, bool)> = Vec::new();
        for table in &line.route {
            let written = table.get_ref();
            let when = written.when.as_ref().map(|when| self.route_when(when, country)).unwrap_or_default();
            let then = self.treatment(written, (&names.0, &names.1), country);
            // One whose conditions are not all right is not what was meant, and takes nothing from those behind it.
            let covers = |(earlier, whole): &(Route, bool)| *whole && earlier.when.covers(&when);
            if let Some(earlier) = routes.iter().position(covers) {
                let message = format!(
                    "the route can never match: route {} takes every call that it would",
                    earlier + 1
                );
                let at = At::new(table.span(), "site.line.route");
                self.findings.warning(at, message, "move it before that route, or take it out");
            }
            let whole =
                written.when.as_ref().is_none_or(|when| !self.findings.has_error_within(&when.span()));
            routes.push((Route { when, then }, whole));
        }
        routes.into_iter().map(|(route, _)| route).collect()
    }

    fn treatment(&mut self, route: &written::Route, names: (&str, &str), country: Country) -> Treatment {
        let caller_id = [("caller", false), ("tracking", true)];
        let usual = Treatment::default();
        let then = Treatment {
            ring: self.ring(route, country),
            sticky: is_set(route.sticky.as_ref()),
            timeout: self.ringing(route.timeout.as_ref(), usual.timeout),
            whisper: route.whisper.as_ref().and_then(|whisper| self.whisper(whisper, names)),
            screen: is_set(route.screen.as_ref()),
            announce: route.announce.as_ref().map(text).filter(|text| !text.is_empty()),
            record: self.record(route),
            shows_dialled: self.word(route.caller_id.as_ref(), "site.line.route.caller_id", caller_id),
            menu: route.menu.as_ref().and_then(|menu| self.menu(menu, country)),
            voicemail: route.voicemail.as_ref().map(text),
        };
        if let Some(empty) = route.voicemail.as_ref().filter(|voicemail| text(voicemail).is_empty()) {
            let remedy = "write what callers hear, such as \"Please leave a message.\"";
            self.findings.error(At::new(empty.span(), "site.line.route.voicemail"), "says nothing", remedy);
        }
        if then.ring.is_none() {
            self.of_nobody(route);
        }
        if let Some(screen) = route.screen.as_ref().filter(|screen| *screen.get_ref()) {
            self.asked.push((At::new(screen.span(), "site.line.route.screen"), Asked::Screen));
        }
        if let Some(menu) = &route.menu {
            self.asked.push((At::new(menu.span(), "site.line.route.menu"), Asked::Menu));
        }
        then
    }

    fn ring(&mut self, route: &written::Route, country: Country) -> Option<Ring> {
        let words = [("order", How::Order), ("together", How::Together), ("weight", How::Weight)];
        let how = self.word(route.how.as_ref(), "site.line.route.how", words);
        let written = route.to.as_ref()?;
        let numbers = self.telephones(written, country, "site.line.route.to");
        if let Some(weights) = route.weights.as_ref().filter(|_| how != How::Weight) {
            self.no_effect(weights, "weights", "how is not \"weight\"");
        }
        if how == How::Together {
            self.at_once(&numbers, At::new(written.span(), "site.line.route.to"));
        }
        let weights = match (&route.weights, how) {
            (Some(weights), How::Weight) => self.weights(weights, written.get_ref().len()),
            _ => None,
        };
        match how {
            _ if numbers.is_empty() => None,
            How::Order => Some(Ring::InOrder(numbers)),
            How::Together => Some(Ring::Together(numbers)),
            How::Weight => {
                let weights = weights.unwrap_or_else(|| vec![1; numbers.len()]);
                Some(Ring::ByWeight(numbers.into_iter().zip(weights).collect()))
            }
        }
    }

    fn telephones(
        &mut self,
        written: &Spanned<Vec<Spanned<String>>>,
        country: Country,
        key: &str,
    ) -> Vec<PhoneNumber> {
        if written.get_ref().is_empty() {
            self.findings.error(
                At::new(written.span(), key),
                "names nobody",
                "name the telephones that ring, or leave it out",
            );
        }
        let mut numbers: Vec<PhoneNumber> = Vec::new();
        for written in written.get_ref() {
            let Some(number) = self.telephone(written, country, key) else { continue };
            if numbers.contains(&number) {
                let at = At::new(written.span(), key);
                self.findings.error(at, "is named twice", "name each telephone once");
            } else {
                numbers.push(number);
            }
        }
        numbers
    }

    fn at_once(&mut self, numbers: &[PhoneNumber], at: At) {
        if numbers.len() > AT_ONCE {
            let message = format!("are {}, and some carriers ring {AT_ONCE} at once at most", numbers.len());
            self.findings.warning(at, message, "name fewer, or have them ring one after the other");
        }
    }

    /// None where they are no weights of that many telephones.
    fn weights(&mut self, written: &Spanned<Vec<u32>>, telephones: usize) -> Option<Vec<u32>> {
        let (weights, at) = (written.get_ref(), At::new(written.span(), "site.line.route.weights"));
        if weights.len() != telephones {
            let message = format!("are {}, and {telephones} in `to`", weights.len());
            self.findings.error(at, message, "give each telephone a weight, in their order");
            return None;
        }
        if weights.iter().all(|weight| *weight == 0) {
            self.findings.error(at, "nobody would be called first", "give one more than 0");
            return None;
        }
        Some(weights.clone())
    }

    fn ringing(&mut self, written: Option<&Spanned<String>>, usual: Duration) -> Duration {
        let timeout = self.duration(written, "site.line.route.timeout", usual);
        if let Some(written) = written.filter(|_| !RINGS.contains(&timeout)) {
            let at = At::new(written.span(), "site.line.route.timeout");
            self.findings.error(at, "is no time that carriers ring", "give from \"5s\" to \"10m\"");
        }
        timeout
    }

    fn whisper(&mut self, written: &Spanned<String>, (line, site): (&str, &str)) -> Option<Whisper> {
        if text(written).is_empty() {
            return None;
        }
        let whisper = Whisper::parse(written.get_ref(), line, site);
        whisper
            .map_err(|error| {
                let at = At::new(written.span(), "site.line.route.whisper");
                let remedy = format!("in braces there may be {}", Whisper::PLACEHOLDERS.join(", "));
                self.findings.error(at, error.to_string(), remedy);
            })
            .ok()
    }

    fn record(&mut self, route: &written::Route) -> Record {
        let words = [("none", Record::Never), ("announce", Record::Announced), ("press1", Record::Agreed)];
        let record = self.word(route.record.as_ref(), "site.line.route.record", words);
        let says_nothing = route.announce.as_ref().is_none_or(|announce| text(announce).is_empty());
        if let Some(written) = route.record.as_ref().filter(|_| record == Record::Announced && says_nothing) {
            let at = At::new(written.span(), "site.line.route.record");
            let remedy = "say it: announce = \"This call is recorded.\"";
            self.findings.error(at, "nothing is announced to the caller", remedy);
        }
        record
    }

    fn menu(&mut self, table: &Spanned<written::Menu>, country: Country) -> Option<Menu> {
        let written = table.get_ref();
        let remedy = "say what the keys are for, such as \"For service press 1, for sales 2.\"";
        let say = self.required(written.say.as_ref(), table, "site.line.route.menu.say", remedy);
        if written.keys.is_empty() {
            let remedy = "name a telephone for each, such as keys = { 1 = [\"+1 212 555 0100\"] }";
            self.findings.error(
                At::new(table.span(), "site.line.route.menu.keys"),
                "the menu has no keys",
                remedy,
            );
        }
        let mut keys = std::collections::BTreeMap::new();
        for (written, to) in &written.keys {
            let name = format!("site.line.route.menu.keys.{written}");
            let numbers = self.telephones(to, country, &name);
            self.at_once(&numbers, At::new(to.span(), name.as_str()));
            match written.chars().next() {
                Some(key @ ('0'..='9' | '*' | '#')) if written.len() == 1 => {
                    keys.insert(key, numbers);
                }
                _ => {
                    let remedy = "keys are 0 to 9, \"*\" and \"#\"";
                    self.findings.error(At::new(to.span(), name), "is no key of a telephone", remedy);
                }
            }
        }
        Some(Menu { say: say?, keys })
    }

    /// What a route says of telephones that it doesn't name.
    fn of_nobody(&mut self, route: &written::Route) {
        if route.to.is_some() {
            return;
        }
        let why = "the route has no `to`";
        if let Some(how) = &route.how {
            self.no_effect(how, "how", why);
        }
        if let Some(weights) = &route.weights {
            self.no_effect(weights, "weights", why);
        }
        if let Some(sticky) = route.sticky.as_ref().filter(|sticky| *sticky.get_ref()) {
            self.no_effect(sticky, "sticky", why);
        }
        if route.menu.is_some() || route.voicemail.is_none() {
            return;
        }
        let why = "the route takes messages, and calls nobody";
        let of_dials = [
            ("timeout", route.timeout.as_ref()),
            ("whisper", route.whisper.as_ref().filter(|whisper| !text(whisper).is_empty())),
            ("record", route.record.as_ref().filter(|record| record.get_ref() != "none")),
            ("caller_id", route.caller_id.as_ref()),
        ];
        for (key, written) in of_dials {
            if let Some(written) = written {
                self.no_effect(written, key, why);
            }
        }
        if let Some(screen) = route.screen.as_ref().filter(|screen| *screen.get_ref()) {
            self.no_effect(screen, "screen", why);
        }
    }

    fn no_effect<T>(&mut self, written: &Spanned<T>, key: &str, why: &str) {
        let at = At::new(written.span(), format!("site.line.route.{key}"));
        self.findings.warning(at, format!("has no effect: {why}"), "take it out");
    }
}

fn text(written: &Spanned<String>) -> String {
    written.get_ref().trim().to_owned()
}

fn is_set(written: Option<&Spanned<bool>>) -> bool {
    written.is_some_and(|written| *written.get_ref())
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
