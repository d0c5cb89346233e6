//! `[[site]]`: its names, its origin, its rules.

use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;

use super::{Builder, Declared, default_country};
use crate::config::finding::At;
use crate::config::{Cdn, Hydration, Line, Numbers, Pool, Prefetch, Site, Static, rules, written};
use crate::number::Country;
use crate::page;
use crate::visit::{Near, Rule, Show};

impl Builder<'_, '_> {
    pub(super) fn site(&mut self, spanned: &Spanned<written::Site>) -> Option<Site> {
        let written = spanned.get_ref();
        self.declared = Declared::by(written);
        let name = self.required(
            written.name.as_ref(),
            spanned,
            "site.name",
            "give the site a name, such as \"plumber\"",
        );
        let hosts = self.hosts(spanned, name.as_deref().unwrap_or_default());
        let origins = self.origins(spanned);
        let country = self.country(written);
        let hydration = self.hydration(written);
        let prefetch = [("canonical", Prefetch::Canonical), ("refuse", Prefetch::Refuse)];
        let prefetch = self.word(written.prefetch.as_ref(), "site.prefetch", prefetch);
        let lines = self.lines(spanned, country);
        let numbers: Vec<_> = written.pool.iter().map(|pool| self.pool_numbers(pool, country)).collect();
        let statics = self.statics(written, country, &lines);
        let pools = self.pools(written, country, numbers, &lines, &statics);
        let cdn = self.cdn(written);
        let rules = self.rules(written, (&hosts, &cdn), &pools, &statics);
        if hydration == Hydration::React {
            self.react_reads_numbers_back(written, &lines, &pools, &statics);
        }
        let tags = self.tags(written, country, &lines);
        let session = written.session.as_ref();
        let idle = session.and_then(|session| session.idle.as_ref());
        let exclusion = self.exclusion(written);
        let consent = written.consent.as_ref().and_then(|consent| self.consent(consent));
        let numbers = lines.iter().map(|line| line.canonical.clone()).collect();
        let mut page_lines = page::Lines::new(numbers, written.mark.unwrap_or(true));
        for (place, line) in lines.iter().enumerate() {
            page_lines =
                line.also_written.iter().fold(page_lines, |lines, vanity| lines.also_written(place, vanity));
        }
        let cookie = self.cookie(session, &hosts);
        self.others_cookies(written, &cookie);
        let spam = self.spam(written.spam.as_ref(), country);
        Some(Site {
            hosts,
            exclusion,
            consent,
            spam,
            page_lines: Arc::new(match (hydration, cdn.numbers) {
                (Hydration::None, Numbers::Stream) => page_lines,
                _ => page_lines.of_pages_that_hydrate(),
            }),
            cdn,
            hydration,
            prefetch,
            cookie,
            idle: self.duration(idle, "site.session.idle", Duration::from_secs(30 * 60)),
            source_parameters: self.source_parameters(session),
            ignored_referrers: self.ignored_referrers(session),
            name: name?,
            origins: origins?,
            origin_ca: self.origin_ca(written),
            origin_protocol: self.origin_protocol(written),
            health: self.health(written),
            country,
            lines,
            pools,
            statics,
            rules,
            tags,
        })
    }

    fn hosts(&mut self, spanned: &Spanned<written::Site>, site: &str) -> Vec<String> {
        let mut hosts = Vec::new();
        if spanned.get_ref().hosts.is_empty() {
            let remedy = "list the names that visitors use, such as hosts = [\"www.example.com\"]";
            self.findings.error(At::new(spanned.span(), "site.hosts"), "is missing", remedy);
        }
        for host in &spanned.get_ref().hosts {
            let at = At::new(host.span(), "site.hosts");
            let name = host.get_ref().to_ascii_lowercase();
            if !is_host(&name) {
                self.findings.error(
                    at,
                    "is no host name",
                    "write the name alone, without scheme, port or path",
                );
                continue;
            }
            match self.hosts.insert(name.clone(), site.to_owned()) {
                Some(other) => {
                    let message = format!("is served by site {other:?} already");
                    self.findings.error(at, message, "list each host at one site, once");
                }
                None => hosts.push(name),
            }
        }
        hosts
    }

    fn country(&mut self, written: &written::Site) -> Country {
        let default = default_country();
        let Some(country) = &written.country else { return default };
        country.get_ref().parse().unwrap_or_else(|error| {
            let at = At::new(country.span(), "site.country");
            self.findings.error(at, format!("{error}"), "write two capital letters, such as \"US\"");
            default
        })
    }

    fn hydration(&mut self, written: &written::Site) -> Hydration {
        let Some(hydration) = &written.hydration else { return Hydration::None };
        match hydration.get_ref().as_str() {
            "none" => Hydration::None,
            "observe" => Hydration::Observe,
            "react" => Hydration::React,
            _ => {
                let at = At::new(hydration.span(), "site.hydration");
                let remedy = "write \"none\", \"observe\" or \"react\"";
                self.findings.error(at, "is no way to hydrate", remedy);
                Hydration::None
            }
        }
    }

    /// What React wrote can be told from what it finds only if both numbers are written in the same form.
    fn react_reads_numbers_back(
        &mut self,
        written: &written::Site,
        lines: &[Line],
        pools: &[Pool],
        statics: &[Static],
    ) {
        let of_pools = pools.iter().flat_map(|pool| pool.numbers.iter().map(|shown| (pool.line, shown)));
        let mut all = of_pools.chain(statics.iter().map(|number| (number.line, &number.shown)));
        let other = all.find(|(line, shown)| !shown.number.has_form_of(&lines[*line].canonical));
        if let (Some((_, shown)), Some(hydration)) = (other, &written.hydration) {
            let message = format!("{} is written in another form than the canonical number", shown.number);
            let remedy =
                "use tracking numbers of the same country and length, or React writes those pages anew";
            self.findings.warning(At::new(hydration.span(), "site.hydration"), message, remedy);
        }
    }

    fn rules(
        &mut self,
        site: &written::Site,
        (hosts, cdn): (&[String], &Cdn),
        pools: &[Pool],
        statics: &[Static],
    ) -> Vec<Rule> {
        let mut rules = Vec::new();
        for (place, table) in site.rule.iter().enumerate() {
            let written = table.get_ref();
            let mut reader = rules::Reader { hosts, cdn, findings: self.findings };
            let when = written.when.as_ref().map(|when| reader.conditions(when, place)).unwrap_or_default();
            let show = self.shows(&written.show, pools, statics);
            let near = self.near(written, &show, cdn, pools);
            let whole =
                written.when.as_ref().is_none_or(|when| !self.findings.has_error_within(&when.span()));
            rules.push((Rule { when, show, near }, At::new(table.span(), "site.rule"), whole));
        }
        rules::find_shadowed(&rules, self.findings);
        rules.into_iter().map(|(rule, ..)| rule).collect()
    }

    /// What a rule prefers a pool for, if there is one to prefer.
    fn near(&mut self, rule: &written::Rule, show: &[Show], cdn: &Cdn, pools: &[Pool]) -> Near {
        let words = [("none", Near::None), ("country", Near::Country), ("area", Near::Area)];
        let near = self.word(rule.near.as_ref(), "site.rule.near", words);
        let Some(written) = rule.near.as_ref().filter(|_| near != Near::None) else { return near };
        let lines: Vec<_> = show
            .iter()
            .filter_map(|show| match show {
                Show::Pool(pool) => Some(pools[*pool].line),
                Show::Static(_) => None,
            })
            .collect();
        let has_area = pools.iter().any(|pool| lines.contains(&pool.line) && pool.area.is_some());
        let (message, remedy) = match near {
            _ if !has_area && !lines.is_empty() => {
                ("no pool of the rule's line has an area", "give pools an area, such as area = \"212\"")
            }
            _ if lines.is_empty() => {
                ("the rule shows no pool", "it is for rules that show a pool: take it out")
            }
            Near::Area if cdn.region.is_none() => (
                "nobody tells the visitor's region",
                "name the header in which your CDN does, such as site.cdn.region = \"CF-Region-Code\"",
            ),
            Near::Country if cdn.country.is_none() => (
                "nobody tells the visitor's country",
                "name the header in which your CDN does, such as site.cdn.country = \"CF-IPCountry\"",
            ),
            _ => return near,
        };
        self.findings.warning(At::new(written.span(), "site.rule.near"), message, remedy);
        near
    }

    fn shows(&mut self, written: &[Spanned<String>], pools: &[Pool], statics: &[Static]) -> Vec<Show> {
        let (mut shows, mut lines) = (Vec::new(), Vec::new());
        for entry in written {
            let at = At::new(entry.span(), "site.rule.show");
            let line = self.declared.line_of(entry.get_ref()).map(str::to_owned);
            match (rules::show(entry.get_ref(), pools, statics), line) {
                (_, Some(line)) if lines.contains(&line) => {
                    let remedy = "name one number for each line";
                    self.findings.error(at, "shows a second number for the same line", remedy);
                }
                (shown, Some(line)) => {
                    // What it names may be wrong in itself; that has been said then.
                    shows.extend(shown);
                    lines.push(line);
                }
                (Ok(_), None) => {}
                (Err((message, remedy)), None) => self.findings.error(at, message, remedy),
            }
        }
        shows
    }
}

/// Whether this is a host as a URL's would be, in lower case and without port: a name, or an address.
pub(super) fn is_host(name: &str) -> bool {
    let is_name =
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
    is_name || name.parse::<std::net::Ipv6Addr>().is_ok()
}
