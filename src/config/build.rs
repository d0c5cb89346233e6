//! From the file as written to a [`Config`]: every value is looked at, and what is wrong is noted and passed over.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use toml::Spanned;

use super::finding::{At, Findings};
use super::units;
use super::written;
use super::{Config, Line, Origin, Overflow, Pool, Secret, Server, Site, Static, rules};
use crate::number::{Country, PhoneNumber};
use crate::page::{self, Carries, Shown};
use crate::visit::Rule;

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
    fn server(&mut self, file: &written::File) -> Option<Server> {
        let none = written::Server::default();
        let written = file.server.as_ref().unwrap_or(&none);
        let timeouts = written.timeouts.as_ref();
        let mut timeout = |key: &str, pick: fn(&written::Timeouts) -> Option<&Spanned<String>>, default| {
            self.duration(timeouts.and_then(pick), &format!("server.timeouts.{key}"), default)
        };
        let header_timeout = timeout("header", |t| t.header.as_ref(), Duration::from_secs(10));
        let connect_timeout = timeout("connect", |t| t.connect.as_ref(), Duration::from_secs(3));
        let origin_timeout = timeout("origin", |t| t.origin.as_ref(), Duration::from_secs(60));
        let lease_timeout = timeout("lease", |t| t.lease.as_ref(), Duration::from_secs(1));
        Some(Server {
            listen: self.listen(written),
            trusted_proxies: self.trusted_proxies(written),
            threads: usize::from(written.threads.unwrap_or(0)),
            ledger: self.ledger(written),
            secret: self.secret(written),
            drain: self.duration(written.drain.as_ref(), "server.drain", Duration::from_secs(30)),
            header_timeout,
            connect_timeout,
            origin_timeout,
            lease_timeout,
            page_bytes: self.page_bytes(written),
            log_level: self.log_level(file),
        })
    }

    fn listen(&mut self, written: &written::Server) -> Vec<SocketAddr> {
        let Some(addresses) = &written.listen else { return vec![SocketAddr::from(([0, 0, 0, 0], 8080))] };
        let mut listen = Vec::new();
        for address in addresses {
            match address.get_ref().parse() {
                Ok(address) => listen.push(address),
                Err(_) => self.findings.error(
                    At::new(address.span(), "server.listen"),
                    "is no address with a port",
                    "write it as \"0.0.0.0:8080\" or \"[::]:8080\"",
                ),
            }
        }
        listen
    }

    fn trusted_proxies(&mut self, written: &written::Server) -> Vec<IpNet> {
        let mut networks = Vec::new();
        for network in written.trusted_proxies.iter().flatten() {
            let text = network.get_ref();
            match text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)) {
                Ok(network) => networks.push(network),
                Err(_) => self.findings.error(
                    At::new(network.span(), "server.trusted_proxies"),
                    "is neither an address nor a network",
                    "write it as \"192.0.2.1\" or \"192.0.2.0/24\"",
                ),
            }
        }
        networks
    }

    fn ledger(&mut self, written: &written::Server) -> std::path::PathBuf {
        let Some(ledger) = &written.ledger else { return self.folder.join("dni-edge.db") };
        let at = At::new(ledger.span(), "server.ledger");
        match ledger.get_ref().split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => return self.folder.join(path),
            Some(("postgres" | "postgresql", _)) => self.findings.error(
                at,
                "this version keeps its ledger in SQLite only",
                "write \"sqlite:PATH\"",
            ),
            _ => self.findings.error(at, "names no ledger", "write \"sqlite:PATH\""),
        }
        self.folder.join("dni-edge.db")
    }

    fn secret(&mut self, written: &written::Server) -> Secret {
        let default = Secret::File(self.folder.join("dni-edge.secret"));
        let Some(secret) = &written.secret else { return default };
        let at = At::new(secret.span(), "server.secret");
        match secret.get_ref() {
            written::SecretSource { env: Some(name), file: None } => {
                if std::env::var_os(name).is_none() {
                    let message = format!("the environment has no variable {name}");
                    self.findings.warning(
                        at,
                        message,
                        "set it before `serve` starts, which stops without it",
                    );
                }
                Secret::Env(name.clone())
            }
            written::SecretSource { env: None, file: Some(path) } => Secret::File(self.folder.join(path)),
            _ => {
                self.findings.error(
                    at,
                    "names no one place",
                    "write { env = \"NAME\" } or { file = \"PATH\" }",
                );
                default
            }
        }
    }

    fn page_bytes(&mut self, written: &written::Server) -> u64 {
        let Some(size) = written.limits.as_ref().and_then(|limits| limits.page_bytes.as_ref()) else {
            return 10 << 20;
        };
        units::size(size.get_ref()).unwrap_or_else(|| {
            let at = At::new(size.span(), "server.limits.page_bytes");
            self.findings.error(at, "is no size", "write it as \"64KB\" or \"10MB\"");
            0
        })
    }

    fn log_level(&mut self, file: &written::File) -> String {
        let Some(level) = file.log.as_ref().and_then(|log| log.level.as_ref()) else {
            return "info".to_owned();
        };
        if !["error", "warn", "info", "debug", "trace", "off"].contains(&level.get_ref().as_str()) {
            let at = At::new(level.span(), "log.level");
            self.findings.error(at, "is no level", "levels are error, warn, info, debug, trace and off");
        }
        level.get_ref().clone()
    }

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

    fn site(&mut self, spanned: &Spanned<written::Site>) -> Option<Site> {
        let written = spanned.get_ref();
        let name = self.required(
            written.name.as_ref(),
            spanned,
            "site.name",
            "give the site a name, such as \"plumber\"",
        );
        let hosts = self.hosts(spanned, name.as_deref().unwrap_or_default());
        let origin = self.origin(spanned);
        let country = self.country(written);
        self.hydration(written);
        let lines = self.lines(spanned, country);
        let statics = self.statics(written, country, &lines);
        let pools = self.pools(written, country, &lines, &statics);
        let rules = self.rules(written, &pools, &statics);
        let session = written.session.as_ref();
        let cookie_life = session.and_then(|session| session.cookie_life.as_ref());
        let idle = session.and_then(|session| session.idle.as_ref());
        let numbers = lines.iter().map(|line| line.canonical.clone()).collect();
        Some(Site {
            hosts,
            page_lines: Arc::new(page::Lines::new(numbers, written.mark.unwrap_or(true))),
            cookie: self.cookie(session),
            cookie_life: self.duration(
                cookie_life,
                "site.session.cookie_life",
                Duration::from_secs(90 * 86_400),
            ),
            idle: self.duration(idle, "site.session.idle", Duration::from_secs(30 * 60)),
            name: name?,
            origin: origin?,
            country,
            lines,
            pools,
            statics,
            rules,
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

    fn hosts(&mut self, spanned: &Spanned<written::Site>, site: &str) -> Vec<String> {
        let mut hosts = Vec::new();
        if spanned.get_ref().hosts.is_empty() {
            let remedy = "list the names that visitors use, such as hosts = [\"www.example.com\"]";
            self.findings.error(At::new(spanned.span(), "site.hosts"), "is missing", remedy);
        }
        for host in &spanned.get_ref().hosts {
            let at = At::new(host.span(), "site.hosts");
            let name = host.get_ref().to_ascii_lowercase();
            let plain = !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
            if !plain && name.parse::<std::net::Ipv6Addr>().is_err() {
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

    fn origin(&mut self, spanned: &Spanned<written::Site>) -> Option<Origin> {
        let Some(written) = &spanned.get_ref().origin else {
            let remedy = "say where the website is, such as origin = \"http://127.0.0.1:8000\"";
            self.findings.error(At::new(spanned.span(), "site.origin"), "is missing", remedy);
            return None;
        };
        let at = At::new(written.span(), "site.origin");
        let [one] = written.get_ref().as_slice() else {
            self.findings.error(at, "this version asks one origin", "give one address");
            return None;
        };
        let form = "write it as \"http://HOST:PORT\"";
        let Ok(url) = url::Url::parse(one) else {
            self.findings.error(at, "is no URL", form);
            return None;
        };
        match (url.scheme(), url.host_str(), url.path()) {
            ("http", Some(host), "/") if url.query().is_none() && url.username().is_empty() => {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                return Some(Origin { authority: format!("{host}{port}") });
            }
            ("https", ..) => {
                self.findings.error(
                    at,
                    "this version speaks plain HTTP to the origin",
                    "give its http:// address",
                );
            }
            ("http", Some(_), _) => self.findings.error(at, "has more than a host and a port", form),
            _ => self.findings.error(at, "is no http:// address", form),
        }
        None
    }

    fn country(&mut self, written: &written::Site) -> Country {
        let default: Country = "US".parse().expect("the United States have numbers");
        let Some(country) = &written.country else { return default };
        country.get_ref().parse().unwrap_or_else(|error| {
            let at = At::new(country.span(), "site.country");
            self.findings.error(at, format!("{error}"), "write two capital letters, such as \"US\"");
            default
        })
    }

    fn hydration(&mut self, written: &written::Site) {
        let Some(hydration) = &written.hydration else { return };
        let at = At::new(hydration.span(), "site.hydration");
        match hydration.get_ref().as_str() {
            "none" => {}
            "observe" | "react" => {
                self.findings.warning(
                    at,
                    "this version serves pages as with \"none\"",
                    "leave it for a later version",
                );
            }
            _ => self.findings.error(at, "is no way to hydrate", "write \"none\""),
        }
    }

    fn cookie(&mut self, session: Option<&written::Session>) -> String {
        let Some(cookie) = session.and_then(|session| session.cookie.as_ref()) else {
            return "dni".to_owned();
        };
        let name = cookie.get_ref();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            let at = At::new(cookie.span(), "site.session.cookie");
            self.findings.error(at, "is no cookie name", "use letters, digits, - and _");
        }
        name.clone()
    }

    fn lines(&mut self, spanned: &Spanned<written::Site>, country: Country) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        if spanned.get_ref().line.is_empty() {
            let remedy = "add a [[site.line]] with name and canonical, the number that pages print";
            self.findings.error(At::new(spanned.span(), "site.line"), "is missing", remedy);
        }
        for table in &spanned.get_ref().line {
            let written = table.get_ref();
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
                lines.push(Line { name, canonical: number });
            }
        }
        lines
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

    fn line_of<T>(
        &mut self,
        written: Option<&Spanned<String>>,
        table: &Spanned<T>,
        key: &str,
        lines: &[Line],
    ) -> Option<usize> {
        let known = || lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>().join(", ");
        match written {
            None if lines.len() == 1 => Some(0),
            None => {
                self.findings.error(
                    At::new(table.span(), key),
                    "is missing",
                    format!("name one of the site's lines: {}", known()),
                );
                None
            }
            Some(written) => {
                let place = lines.iter().position(|line| line.name == *written.get_ref());
                if place.is_none() {
                    let at = At::new(written.span(), key);
                    self.findings.error(at, "no line has this name", format!("the site has {}", known()));
                }
                place
            }
        }
    }

    fn carries(&mut self, written: Option<&Vec<Spanned<String>>>, key: &str) -> Carries {
        let Some(written) = written else { return Carries::VOICE };
        let mut carries = Carries { voice: false, sms: false, whatsapp: false };
        for word in written {
            match word.get_ref().as_str() {
                "voice" => carries.voice = true,
                "sms" => carries.sms = true,
                "whatsapp" => carries.whatsapp = true,
                _ => self.findings.error(
                    At::new(word.span(), key),
                    "is nothing that a number carries",
                    "write voice, sms or whatsapp",
                ),
            }
        }
        carries
    }

    fn statics(&mut self, site: &written::Site, country: Country, lines: &[Line]) -> Vec<Static> {
        let mut statics: Vec<Static> = Vec::new();
        for table in &site.statics {
            let written = table.get_ref();
            let name = self.required(
                written.name.as_ref(),
                table,
                "site.static.name",
                "give it a name, such as \"flyer\"",
            );
            let line = self.line_of(written.line.as_ref(), table, "site.static.line", lines);
            let text = self.required(written.number.as_ref(), table, "site.static.number", "give the number");
            let carries = self.carries(written.carries.as_ref(), "site.static.carries");
            let (Some(name), Some(text), Some(number)) = (name, text, &written.number) else { continue };
            let at = At::new(number.span(), "site.static.number");
            let number = self.tracking_number(&text, country, &format!("static:{name}"), at);
            if statics.iter().any(|known| known.name == name) {
                let at = At::new(table.span(), "site.static.name");
                self.findings.error(
                    at,
                    format!("two static numbers are called {name:?}"),
                    "give each its own name",
                );
            }
            if let (Some(line), Some(number)) = (line, number) {
                let shown = Shown { number: Arc::new(number), carries };
                statics.push(Static { name, line, shown, medium: written.source.as_ref().map(medium_of) });
            }
        }
        statics
    }

    fn pools(
        &mut self,
        site: &written::Site,
        country: Country,
        lines: &[Line],
        statics: &[Static],
    ) -> Vec<Pool> {
        let mut pools: Vec<Pool> = Vec::new();
        for table in &site.pool {
            let written = table.get_ref();
            let name = self.required(
                written.name.as_ref(),
                table,
                "site.pool.name",
                "give the pool a name, such as \"ads\"",
            );
            let line = self.line_of(written.line.as_ref(), table, "site.pool.line", lines);
            let carries = self.carries(written.carries.as_ref(), "site.pool.carries");
            let hold = self.duration(written.hold.as_ref(), "site.pool.hold", Duration::from_secs(300));
            let owner = format!("pool:{}", name.as_deref().unwrap_or_default());
            let numbers = self.pool_numbers(table, country, &owner);
            let (Some(name), Some(line)) = (name, line) else { continue };
            if pools.iter().any(|pool| pool.name == name) {
                let at = At::new(table.span(), "site.pool.name");
                self.findings.error(at, format!("two pools are called {name:?}"), "give each its own name");
            }
            let overflow = self.overflow(written, line, statics);
            let shown = |number| Shown { number: Arc::new(number), carries };
            pools.push(Pool {
                name,
                line,
                numbers: numbers.into_iter().map(shown).collect(),
                hold,
                overflow,
            });
        }
        pools
    }

    fn pool_numbers(
        &mut self,
        table: &Spanned<written::Pool>,
        country: Country,
        owner: &str,
    ) -> Vec<PhoneNumber> {
        let written = table.get_ref();
        let mut numbers = Vec::new();
        for number in &written.numbers {
            let at = At::new(number.span(), "site.pool.numbers");
            numbers.extend(self.tracking_number(number.get_ref(), country, owner, at));
        }
        if let Some(file) = &written.numbers_file {
            let at = At::new(file.span(), "site.pool.numbers_file");
            match std::fs::read_to_string(self.folder.join(file.get_ref())) {
                Ok(text) => {
                    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
                        if !line.is_empty() {
                            numbers.extend(self.tracking_number(line, country, owner, at.clone()));
                        }
                    }
                }
                Err(error) => self.findings.error(
                    at,
                    format!("can't be read: {error}"),
                    "name a file with one number a line",
                ),
            }
        }
        if written.numbers.is_empty() && numbers.is_empty() {
            let at = At::new(table.span(), "site.pool.numbers");
            self.findings.error(at, "the pool has no numbers", "list them in numbers, or in a numbers_file");
        }
        numbers
    }

    fn overflow(&mut self, written: &written::Pool, line: usize, statics: &[Static]) -> Overflow {
        let Some(overflow) = &written.overflow else { return Overflow::Canonical };
        let at = At::new(overflow.span(), "site.pool.overflow");
        match overflow.get_ref().as_str() {
            "canonical" => return Overflow::Canonical,
            "oldest" => return Overflow::Oldest,
            text => {
                match text.strip_prefix("static:").map(|name| statics.iter().position(|s| s.name == name)) {
                    Some(Some(place)) if statics[place].line == line => return Overflow::Static(place),
                    Some(Some(_)) => {
                        self.findings.error(
                            at,
                            "that number belongs to another line",
                            "name a static number of the pool's line",
                        );
                    }
                    Some(None) => self.findings.error(
                        at,
                        "no static number has this name",
                        "name a [[site.static]] of the site",
                    ),
                    None => {
                        self.findings.error(at, "is no overflow", "write canonical, static:NAME or oldest")
                    }
                }
            }
        }
        Overflow::Canonical
    }

    fn rules(&mut self, site: &written::Site, pools: &[Pool], statics: &[Static]) -> Vec<Rule> {
        let mut rules = Vec::new();
        for table in &site.rule {
            let written = table.get_ref();
            let when =
                written.when.as_ref().map(|when| rules::conditions(when, self.findings)).unwrap_or_default();
            let (mut show, mut lines) = (Vec::new(), Vec::new());
            for entry in &written.show {
                let at = At::new(entry.span(), "site.rule.show");
                match rules::show(entry.get_ref(), pools, statics) {
                    Ok((_, line)) if lines.contains(&line) => {
                        self.findings.error(
                            at,
                            "shows a second number for the same line",
                            "name one number for each line",
                        );
                    }
                    Ok((entry, line)) => {
                        show.push(entry);
                        lines.push(line);
                    }
                    Err((message, remedy)) => self.findings.error(at, message, remedy),
                }
            }
            let whole =
                written.when.as_ref().is_none_or(|when| !self.findings.has_error_within(&when.span()));
            rules.push((Rule { when, show }, At::new(table.span(), "site.rule"), whole));
        }
        rules::find_shadowed(&rules, self.findings);
        rules.into_iter().map(|(rule, ..)| rule).collect()
    }

    /// An origin that leads back to us would ask itself for ever.
    fn find_loops(&mut self, config: &Config, file: &written::File) {
        for (site, written) in config.sites.iter().zip(&file.site) {
            let Some(origin) = &written.get_ref().origin else { continue };
            let authority = &site.origin.authority;
            let host = authority.rsplit_once(':').map_or(authority.as_str(), |(host, _)| host);
            let at = At::new(origin.span(), "site.origin");
            let ours = authority.parse::<SocketAddr>().is_ok_and(|address| {
                config.server.listen.iter().any(|listen| {
                    listen.port() == address.port()
                        && (listen.ip() == address.ip()
                            || listen.ip().is_unspecified() && address.ip().is_loopback())
                })
            });
            if config
                .site(&host.to_ascii_lowercase())
                .is_some_and(|_| host.parse::<std::net::IpAddr>().is_err())
            {
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

fn medium_of(source: &written::StaticSource) -> String {
    let parts = [&source.channel, &source.source, &source.medium, &source.campaign];
    parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(" / ")
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
