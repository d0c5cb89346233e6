//! From the file as written to a [`Config`]: every value is looked at, and what is wrong is noted and passed over.

mod numbers;
mod server;
mod site;

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;

use super::finding::{At, Findings};
use super::{Config, units, written};
use crate::number::{Country, PhoneNumber};

pub(super) fn build(file: &written::File, path: &Path, findings: &mut Findings<'_>) -> Option<Config> {
    let mut builder = Builder {
        findings,
        folder: path.parent().unwrap_or(Path::new("")),
        numbers: HashMap::new(),
        hosts: HashMap::new(),
    };
    let server = builder.server(file);
    if file.site.is_empty() {
        builder.findings.error(
            At::new(0..0, "site"),
            "there is no site",
            "add a [[site]] with name, hosts and origin",
        );
    }
    builder.note_canonicals(&file.site);
    builder.find_namesakes(&file.site);
    let sites: Vec<_> = file.site.iter().map(|site| builder.site(site)).collect();
    let sites: Option<Vec<_>> = sites.into_iter().collect();
    let config = Config { server: server?, sites: sites?.into_iter().map(Arc::new).collect() };
    builder.find_loops(&config, file);
    Some(config)
}

struct Builder<'a, 'b> {
    findings: &'a mut Findings<'b>,
    /// Of the file: relative paths start here.
    folder: &'a Path,
    /// Numbers that are taken, and by what.
    numbers: HashMap<String, String>,
    hosts: HashMap<String, String>,
}

const NUMBER_FORMS: &str =
    "write it in E.164 such as +12125550100, or as it is dialled in the site's country";
impl Builder<'_, '_> {
    fn duration(&mut self, written: Option<&Spanned<String>>, key: &str, default: Duration) -> Duration {
        let Some(written) = written else { return default };
        units::duration(written.get_ref()).unwrap_or_else(|| {
            self.findings.error(
                At::new(written.span(), key),
                "is no duration",
                "write it as \"250ms\", \"5m\" or \"90d\"",
            );
            default
        })
    }

    fn required<T>(
        &mut self,
        written: Option<&Spanned<String>>,
        table: &Spanned<T>,
        key: &str,
        remedy: &str,
    ) -> Option<String> {
        match written.filter(|written| !written.get_ref().trim().is_empty()) {
            Some(written) => Some(written.get_ref().clone()),
            None => {
                self.findings.error(At::new(table.span(), key), "is missing", remedy);
                None
            }
        }
    }

    /// Canonical numbers of all sites come first: no tracking number may be one of them, wherever it stands.
    fn note_canonicals(&mut self, sites: &[Spanned<written::Site>]) {
        for site in sites {
            let site = site.get_ref();
            let Some(country) = site.country.as_ref().map_or(Some("US"), |c| Some(c.get_ref().as_str()))
            else {
                continue;
            };
            let Ok(country) = country.parse::<Country>() else { continue };
            for line in &site.line {
                let Some(canonical) = &line.get_ref().canonical else { continue };
                if let Ok(number) = PhoneNumber::parse(canonical.get_ref(), country) {
                    self.numbers.insert(number.e164().to_owned(), "a line's canonical number".to_owned());
                }
            }
        }
    }

    fn parse_number(&mut self, text: &str, country: Country, at: &At) -> Option<PhoneNumber> {
        PhoneNumber::parse(text, country)
            .map_err(|error| self.findings.error(at.clone(), error.to_string(), NUMBER_FORMS))
            .ok()
    }

    /// A number that is shown instead of a canonical one, and must be nobody else's.
    fn tracking_number(&mut self, text: &str, country: Country, owner: &str, at: At) -> Option<PhoneNumber> {
        let number = self.parse_number(text, country, &at)?;
        if !number.is_possible() {
            self.findings.error(at, "has a length that no number of its country has", NUMBER_FORMS);
            return None;
        }
        if let Some(other) = self.numbers.insert(number.e164().to_owned(), owner.to_owned()) {
            let remedy = "use each number once, or calls could not be told apart";
            self.findings.error(at, format!("is in use already, as {other}"), remedy);
            self.numbers.insert(number.e164().to_owned(), other);
            return None;
        }
        Some(number)
    }

    /// Sites are known by their names, in cookies and in the ledger too.
    fn find_namesakes(&mut self, sites: &[Spanned<written::Site>]) {
        let names: Vec<_> = sites.iter().filter_map(|site| site.get_ref().name.as_ref()).collect();
        for (place, name) in names.iter().enumerate() {
            if names[..place].iter().any(|other| other.get_ref() == name.get_ref()) {
                let at = At::new(name.span(), "site.name");
                self.findings.error(at, "is another site's name too", "give each site its own name");
            }
        }
    }

    /// An origin that leads back to us would ask itself for ever.
    fn find_loops(&mut self, config: &Config, file: &written::File) {
        for (site, written) in config.sites.iter().zip(&file.site) {
            let Some(origin) = &written.get_ref().origin else { continue };
            let host = site.origin.authority.host();
            let at = At::new(origin.span(), "site.origin");
            // Without a port it is HTTP's own (RFC 9110 §4.2.1).
            let port = site.origin.authority.port_u16().unwrap_or(80);
            let address = if host.eq_ignore_ascii_case("localhost") { "127.0.0.1" } else { host };
            let ours = address.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| {
                config.server.listen.iter().any(|listen| {
                    let everywhere = listen.ip().is_unspecified() && address.is_loopback();
                    listen.port() == port && (listen.ip() == address || everywhere)
                })
            });
            if config.site(&host.to_ascii_lowercase()).is_some_and(|_| host.parse::<IpAddr>().is_err()) {
                let message = "is one of the hosts that dni-edge itself serves";
                self.findings.error(
                    at,
                    message,
                    "give the address of the web server behind, such as http://127.0.0.1:8000",
                );
            } else if ours {
                self.findings.error(
                    at,
                    "is the address that dni-edge itself listens on",
                    "give the address of the web server behind",
                );
            }
        }
    }
}

#[cfg(test)]
#[path = "../tests.rs"]
mod tests;
