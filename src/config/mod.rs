//! The configuration: the file as written, and what it means once nothing is wrong with it.
//!
//! [`written`] holds the file as it stands; [`Config`] can only be made from one that is right, so that the other rooms
//! need not ask again. What is wrong is said all at once, each as a [`Finding`].

mod build;
mod carriers;
mod finding;
mod keys;
mod parse;
mod restart;
mod rules;
mod server;
mod shown;
mod units;
mod written;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use http::uri::Authority;
use rustls::RootCertStore;

use crate::call::route::Routes;
use crate::call::spam::Spam;
use crate::call::tag::Tag;
use crate::number::{Area, Country, PhoneNumber, Shown, Vanity};
use crate::page;
use crate::pool::Terms;
use crate::visit::{Consent, Described, Exclusion, Landing, Rule};

pub use carriers::{Bandwidth, Carriers, Pbx, Plivo, SignalWire, Telnyx, Twilio, Vonage};
pub use finding::{Finding, Severity};
pub use keys::{Keys, KeysError};
pub use server::{Access, Acme, Certificate, Limits, Log, Recordings, Secret, Server, Timeouts, Tls};
pub use shown::Shows;

/// A configuration that is valid as a whole.
#[derive(Debug)]
pub struct Config {
    /// The file that it is from, as that was named.
    pub file: PathBuf,
    pub server: Arc<Server>,
    pub report: Report,
    pub sites: Vec<Arc<Site>>,
    pub carriers: Arc<Carriers>,
}

/// What reports are made with, beside calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What money is in: ISO 4217's three letters.
    pub currency: String,
    /// Where it stands what was spent; that it can be read is not known yet.
    pub cost: Option<PathBuf>,
}

#[derive(Debug)]
pub struct Site {
    pub name: String,
    /// Lower case, without port.
    pub hosts: Vec<String>,
    /// One at least.
    pub origins: Vec<Origin>,
    /// The authorities that sign https origins' certificates; none: the system's.
    pub origin_ca: Option<Arc<RootCertStore>>,
    pub origin_protocol: OriginProtocol,
    /// How origins are asked whether they are well, where there are several.
    pub health: Health,
    pub country: Country,
    pub hydration: Hydration,
    pub prefetch: Prefetch,
    pub lines: Vec<Line>,
    /// The lines as the page room sees them; same places.
    pub page_lines: Arc<page::Lines>,
    pub pools: Vec<Pool>,
    pub statics: Vec<Static>,
    pub rules: Vec<Rule>,
    /// What calls are given; `qualified` is among them, whether or not the file says so.
    pub tags: Vec<Tag>,
    pub cookie: Cookie,
    /// A session ends after this much inactivity.
    pub idle: Duration,
    pub cdn: Cdn,
    pub exclusion: Exclusion,
    /// None: nobody need be asked.
    pub consent: Option<Consent>,
    /// Parameters, in lower case, that name the source where no `utm_source` does.
    pub source_parameters: Vec<String>,
    /// Hosts, in lower case, that bring no visitors.
    pub ignored_referrers: Vec<String>,
    /// What becomes of calls that may be spam.
    pub spam: Spam,
}

/// The cookie that shows a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Without prefix.
    pub name: String,
    /// Whose hosts share the session; none: each host has sessions of its own.
    pub domain: Option<String>,
    pub life: Duration,
}

/// What a CDN before the proxy does: it keeps pages or not, and has headers in which it tells of the visitor where it is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cdn {
    pub numbers: Numbers,
    /// The visitor's country, ISO 3166-1.
    pub country: Option<HeaderName>,
    /// Their state, province or area: ISO 3166-2, or an area code.
    pub region: Option<HeaderName>,
    /// The visitor's address; `X-Forwarded-For` where none is named.
    pub client: Option<HeaderName>,
}

/// How numbers come into a site's pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// As the page passes.
    #[default]
    Stream,
    /// By our script, in the browser: the page is the same for all.
    Script,
}

/// What becomes of a site's pages in the browser, and what is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hydration {
    /// They stay as they came.
    None,
    /// Scripts write numbers into them: these are swapped as they appear.
    Observe,
    /// React takes them over, and compares what it finds with what it would have written.
    React,
}

/// What becomes of a page that a browser fetches before anybody asked for it, where no session is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefetch {
    /// It is the website's own.
    Canonical,
    /// It is not answered, so that the browser fetches it when a person opens it.
    Refuse,
}

/// Where a site's pages come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// It is spoken to over TLS, and its certificate is verified for the authority's host.
    pub tls: bool,
    /// Host and port, as in a URL.
    pub authority: Authority,
}

/// What is spoken to a site's origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginProtocol {
    Http1,
    /// With prior knowledge where the origin is not spoken to over TLS (RFC 9113 §3.3).
    H2,
}

/// A request that a healthy origin answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Begins with a slash; a query may follow.
    pub path: String,
    pub every: Duration,
}

/// A line of the business.
#[derive(Debug)]
pub struct Line {
    pub name: String,
    pub canonical: PhoneNumber,
    /// Vanity forms of it.
    pub also_written: Vec<Vanity>,
    /// Where its callers are connected.
    pub routes: Routes,
}

/// Numbers that are leased, one a session.
#[derive(Debug)]
pub struct Pool {
    pub name: String,
    /// Place of its line in the site's.
    pub line: usize,
    pub numbers: Vec<Shown>,
    /// Where its numbers are at home, so that rules may prefer them for visitors from there.
    pub area: Option<Area>,
    pub country: Option<Country>,
    pub terms: Terms,
    pub overflow: Overflow,
}

/// What is shown when all numbers of a pool are on hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    Canonical,
    /// A static number, by its place in the site's.
    Static(usize),
    /// The number seen longest ago, although it is on hold.
    Oldest,
}

/// A number that is the same for everybody of its source.
#[derive(Debug)]
pub struct Static {
    pub name: String,
    pub line: usize,
    pub shown: Shown,
    /// Where its callers come from.
    pub source: Described,
}

/// What became of a configuration file.
#[derive(Debug)]
pub struct Checked {
    /// None where some finding is an error.
    pub config: Option<Config>,
    pub findings: Vec<Finding>,
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// Only where the file can't be read; what is wrong in it is in [`Checked::findings`].
    pub fn read(path: &Path) -> std::io::Result<Checked> {
        let text = std::fs::read_to_string(path)?;
        Ok(Config::parse(&text, path))
    }

    /// Reads a configuration that stands in a text; `path` is what findings call it, and what relative paths start from.
    pub fn parse(text: &str, path: &Path) -> Checked {
        let mut findings = finding::Findings::new(text, path);
        let file = parse::parse(text, &mut findings);
        let config = file.and_then(|file| build::build(&file, path, &mut findings));
        let findings = findings.sorted();
        let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
        Checked { config: config.filter(|_| !failed), findings }
    }

    /// The JSON Schema of the file (draft 2020-12).
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(written::File).to_value()
    }

    /// The site that serves a host, which is in lower case and without port.
    pub fn site(&self, host: &str) -> Option<&Arc<Site>> {
        self.sites.iter().find(|site| site.hosts.iter().any(|served| served == host))
    }

    pub fn site_named(&self, name: &str) -> Option<&Arc<Site>> {
        self.sites.iter().find(|site| site.name == name)
    }
}

impl Site {
    /// A visit that lands on the site with this query and this referrer.
    pub fn landing<'a>(&'a self, query: Option<&'a str>, referrer: Option<&'a str>) -> Landing<'a> {
        Landing {
            query,
            referrer,
            own_hosts: &self.hosts,
            source_parameters: &self.source_parameters,
            ignored_referrers: &self.ignored_referrers,
        }
    }

    /// Whether pages that were read with another's lines would be read as the same with this one's.
    pub fn reads_pages_as(&self, other: &Site) -> bool {
        let written = |site: &Site| {
            let lines = site.lines.iter().map(|line| (line.canonical.clone(), line.also_written.clone()));
            (site.hydration, site.cdn.numbers, site.page_lines.mark(), lines.collect::<Vec<_>>())
        };
        written(self) == written(other)
    }

    /// Whether some rule shows anything but the business's own numbers.
    pub fn shows_numbers(&self) -> bool {
        self.rules.iter().any(|rule| !rule.show.is_empty())
    }

    pub fn line(&self, name: &str) -> Option<usize> {
        self.lines.iter().position(|line| line.name == name)
    }
}
