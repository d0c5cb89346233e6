//! From the file as written to a [`Config`]: every value is looked at, and what is wrong is noted and passed over.

mod carriers;
mod limits;
mod lines;
mod numbers;
mod origin;
mod person;
mod route_when;
mod routes;
mod server;
mod site;
mod spam;
mod tags;
mod tls;
mod unable;

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use toml::Spanned;

use super::finding::{At, Findings};
use super::{Config, Server, units, written};
use crate::number::{Country, PhoneNumber};

pub(super) fn build(file: &written::File, path: &Path, findings: &mut Findings<'_>) -> Option<Config> {
    let mut builder = Builder {
        findings,
        folder: path.parent().unwrap_or(Path::new("")),
        numbers: HashMap::new(),
        telephones: Vec::new(),
        asked: Vec::new(),
        hosts: HashMap::new(),
        served: HashSet::new(),
        listen: Vec::new(),
        declared: Declared::default(),
    };
    let server = builder.server(file);
    let report = builder.report(file);
    if file.site.is_empty() {
        builder.findings.error(
            At::new(0..0, "site"),
            "there is no site",
            "add a [[site]] with name, hosts and origin",
        );
    }
    let listened_on = |server: &Server| [server.listen.as_slice(), &server.listen_tls].concat();
    builder.listen = server.as_ref().map(listened_on).unwrap_or_default();
    builder.note_canonicals(&file.site);
    builder.find_namesakes(&file.site);
    builder.find_unserved(file);
    let sites: Vec<_> = file.site.iter().map(|site| builder.site(site)).collect();
    builder.find_loops();
    let carriers = builder.carriers(file.carrier.as_ref());
    builder.find_unable(&carriers);
    let sites: Option<Vec<_>> = sites.into_iter().collect();
    let sites = sites?.into_iter().map(Arc::new).collect();
    Some(Config {
        file: path.to_owned(),
        server: Arc::new(server?),
        carriers: Arc::new(carriers),
        report,
        sites,
    })
}

struct Builder<'a, 'b> {
    findings: &'a mut Findings<'b>,
    /// Of the file: relative paths start here.
    folder: &'a Path,
    /// Numbers that are taken, and by what.
    numbers: HashMap<String, String>,
    /// Those that calls go to, and where each is named.
    telephones: Vec<(At, String)>,
    /// What is asked that not every carrier can do, and where.
    asked: Vec<(At, unable::Asked)>,
    hosts: HashMap<String, String>,
    /// All hosts of all sites, and where we listen: no origin may be one of these.
    served: HashSet<String>,
    listen: Vec<SocketAddr>,
    /// Names that the site in hand has, whether or not what they name is right: a reference to it is no further mistake.
    declared: Declared,
}

#[derive(Default)]
struct Declared {
    lines: HashSet<String>,
    /// With the name of the line that each is for.
    pools: HashMap<String, String>,
    statics: HashMap<String, String>,
}

impl Declared {
    fn by(site: &written::Site) -> Self {
        let text = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.get_ref().clone());
        let lines: Vec<_> = site.line.iter().filter_map(|line| text(&line.get_ref().name)).collect();
        let only = if lines.len() == 1 { lines[0].clone() } else { String::new() };
        let named = |name, line| Some((text(name)?, text(line).unwrap_or(only.clone())));
        Declared {
            pools: site.pool.iter().filter_map(|p| named(&p.get_ref().name, &p.get_ref().line)).collect(),
            statics: site
                .statics
                .iter()
                .filter_map(|s| named(&s.get_ref().name, &s.get_ref().line))
                .collect(),
            lines: lines.into_iter().collect(),
        }
    }

    /// The line that a rule's entry is for, whether or not what it names is right.
    fn line_of(&self, entry: &str) -> Option<&str> {
        match entry.split_once(':')? {
            ("pool", name) => self.pools.get(name),
            ("static", name) => self.statics.get(name),
            _ => None,
        }
        .map(String::as_str)
    }
}

fn default_country() -> Country {
    "US".parse().expect("the United States have numbers")
}

/// What takes a line's own number.
const CANONICAL: &str = "a line's canonical number";

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

    /// In bytes.
    fn size(&mut self, written: Option<&Spanned<String>>, key: &str, default: u64) -> u64 {
        let Some(written) = written else { return default };
        units::size(written.get_ref()).unwrap_or_else(|| {
            let at = At::new(written.span(), key);
            self.findings.error(at, "is no size", "write it as \"64KB\" or \"10MB\"");
            default
        })
    }

    fn networks<'w>(&mut self, written: impl Iterator<Item = &'w Spanned<String>>, key: &str) -> Vec<IpNet> {
        let mut networks = Vec::new();
        for network in written {
            let text = network.get_ref();
            match text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)) {
                Ok(network) => networks.push(network),
                Err(_) => self.findings.error(
                    At::new(network.span(), key),
                    "is neither an address nor a network",
                    "write it as \"192.0.2.1\" or \"192.0.2.0/24\"",
                ),
            }
        }
        networks
    }

    /// One of a few words; the first is the default.
    fn word<T: Copy, const N: usize>(
        &mut self,
        written: Option<&Spanned<String>>,
        key: &str,
        words: [(&str, T); N],
    ) -> T {
        let (_, default) = words[0];
        let Some(written) = written else { return default };
        words.iter().find(|(word, _)| word == written.get_ref()).map(|(_, meaning)| *meaning).unwrap_or_else(
            || {
                let known = words.map(|(word, _)| format!("{word:?}")).join(" or ");
                self.findings.error(
                    At::new(written.span(), key),
                    "is no such word",
                    format!("write {known}"),
                );
                default
            },
        )
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
            let country = site.country.as_ref().and_then(|country| country.get_ref().parse().ok());
            let country = country.unwrap_or_else(default_country);
            self.served.extend(site.hosts.iter().map(|host| host.get_ref().to_ascii_lowercase()));
            for line in &site.line {
                let Some(canonical) = &line.get_ref().canonical else { continue };
                if let Ok(number) = PhoneNumber::parse(canonical.get_ref(), country) {
                    self.numbers.insert(number.e164().to_owned(), CANONICAL.to_owned());
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
}

#[cfg(test)]
#[path = "../calls_tests.rs"]
mod calls_tests;
#[cfg(test)]
#[path = "../tests.rs"]
mod tests;
