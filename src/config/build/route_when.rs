//! `when` of a route: hours, holidays and callers' areas.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use toml::Spanned;

use super::Builder;
use crate::call::route::{CallerArea, Hours, Span, When, zone};
use crate::config::finding::At;
use crate::config::written;
use crate::number::Country;

impl Builder<'_, '_> {
    pub(super) fn route_when(&mut self, table: &Spanned<written::RouteWhen>, country: Country) -> When {
        let written = table.get_ref();
        let spans = written.hours.as_ref().map(|hours| self.spans(hours));
        let except: Vec<_> = written.except.iter().filter_map(|day| self.holiday(day)).collect();
        let has_clock = spans.is_some() || !written.except.is_empty();
        let zone = written.zone.as_ref().map(|zone| self.zone(zone));
        if let Some(written) = written.zone.as_ref().filter(|_| !has_clock) {
            let at = At::new(written.span(), "site.line.route.when.zone");
            self.findings.warning(at, "has no effect: there are no hours", "take it out, or give hours");
        } else if zone.is_none() && has_clock {
            let at = At::new(table.span(), "site.line.route.when.zone");
            let remedy = "name the business's, such as zone = \"America/New_York\"; or \"UTC\"";
            self.findings.warning(at, "is missing: hours and days are those of UTC", remedy);
        }
        let hours = has_clock.then(|| Hours::new(zone.unwrap_or(TimeZone::UTC), spans, except));
        When { hours, areas: written.caller_area.as_ref().map(|areas| self.caller_areas(areas, country)) }
    }

    fn spans(&mut self, written: &Spanned<written::OneOrMany>) -> Vec<Span> {
        let key = "site.line.route.when.hours";
        self.one_at_least(written, key, "give hours, such as \"Mon-Fri 08:00-18:00\"");
        let mut spans = Vec::new();
        for text in written.get_ref().as_slice() {
            match text.parse() {
                Ok(span) => spans.push(span),
                Err(error) => {
                    let remedy = "write it as \"Mon-Fri 08:00-18:00\", \"Fri 22:00-02:00\" or \"Sat,Sun\"";
                    self.findings.error(At::new(written.span(), key), format!("{text:?} {error}"), remedy);
                }
            }
        }
        spans
    }

    fn holiday(&mut self, written: &Spanned<written::Moment>) -> Option<crate::call::route::Holiday> {
        let holiday = written.get_ref().to_string().parse();
        holiday
            .map_err(|error| {
                let at = At::new(written.span(), "site.line.route.when.except");
                self.findings.error(
                    at,
                    format!("{error}"),
                    "write \"2026-12-25\", or \"12-25\" of every year",
                );
            })
            .ok()
    }

    fn zone(&mut self, written: &Spanned<String>) -> TimeZone {
        let name = written.get_ref();
        zone(name).unwrap_or_else(|| {
            let at = At::new(written.span(), "site.line.route.when.zone");
            let remedy = match nearest_zone(name) {
                Some(nearest) => format!("did you mean {nearest}?"),
                None => "write a name of the tz database, such as \"America/New_York\"".to_owned(),
            };
            self.findings.error(at, "there is no such time zone", remedy);
            TimeZone::UTC
        })
    }

    fn caller_areas(&mut self, written: &Spanned<written::OneOrMany>, country: Country) -> Vec<CallerArea> {
        let key = "site.line.route.when.caller_area";
        self.one_at_least(written, key, "give an area code, such as \"212\"");
        let mut areas = Vec::new();
        for text in written.get_ref().as_slice() {
            match CallerArea::parse(text, country) {
                Ok(area) => areas.push(area),
                Err(error) => {
                    let remedy =
                        "write an area code's digits, such as \"212\", or \"+44 20\" of another country";
                    self.findings.error(At::new(written.span(), key), format!("{text:?} {error}"), remedy);
                }
            }
        }
        areas
    }

    fn one_at_least(&mut self, written: &Spanned<written::OneOrMany>, key: &str, remedy: &str) {
        if written.get_ref().as_slice().is_empty() {
            let at = At::new(written.span(), key);
            self.findings.warning(at, "the route can never match: the list is empty", remedy);
        }
    }
}

/// A zone whose city is written, or whose name is nearly.
fn nearest_zone(written: &str) -> Option<String> {
    let written = written.trim().replace(' ', "_").to_lowercase();
    let distance = |name: &str| {
        let name = name.to_lowercase();
        let city = name.rsplit('/').next().unwrap_or_default();
        strsim::osa_distance(&name, &written).min(strsim::osa_distance(city, &written))
    };
    let names: Vec<_> = TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
    let nearest = names.into_iter().map(|name| (distance(&name), name)).min()?;
    (nearest.0 <= 2).then_some(nearest.1)
}
