//! `[server]`, `[log]`, `[ledger]` and `[recordings]`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use toml::Spanned;
use url::Url;

use super::Builder;
use crate::config::finding::At;
use crate::config::{Access, Log, Recordings, Secret, Server, written};
use crate::ledger::Place;
use crate::ledger::postgres::{self, PlaceError};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Where operators ask, unless the file says otherwise.
const ADMIN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9900);

impl Builder<'_, '_> {
    pub(super) fn server(&mut self, file: &written::File) -> Option<Server> {
        let none = written::Server::default();
        let written = file.server.as_ref().unwrap_or(&none);
        let (admin, is_admin_named, admin_token) = self.admin(written);
        let keep = self.keep(file);
        let trusted_proxies =
            self.networks(written.trusted_proxies.iter().flatten(), "server.trusted_proxies");
        Some(Server {
            listen: self.listen(written),
            listen_tls: self.listen_tls(written),
            tls: self.tls(written),
            admin,
            is_admin_named,
            admin_token,
            proxy_protocol: self.proxy_protocol(written, &trusted_proxies),
            trusted_proxies,
            threads: usize::from(written.threads.unwrap_or(0)),
            ledger: self.ledger(written),
            keep,
            spool: self.spool(file),
            recordings: self.recordings(file, keep),
            secret: self.secret(written),
            drain: self.duration(written.drain.as_ref(), "server.drain", Duration::from_secs(30)),
            limits: self.limits(written.limits.as_ref()),
            timeouts: self.timeouts(written.timeouts.as_ref()),
            log: self.log(file.log.as_ref()),
        })
    }

    fn listen(&mut self, written: &written::Server) -> Vec<SocketAddr> {
        let Some(addresses) = &written.listen else { return vec![SocketAddr::from(([0, 0, 0, 0], 8080))] };
        if addresses.is_empty() && written.listen_tls.as_ref().is_none_or(Vec::is_empty) {
            let at = At::new(0..0, "server.listen");
            self.findings.error(at, "no address is listened on", "name one, such as \"0.0.0.0:8080\"");
        }
        self.addresses(addresses, "server.listen")
    }

    pub(super) fn addresses(&mut self, written: &[Spanned<String>], key: &str) -> Vec<SocketAddr> {
        let mut addresses = Vec::new();
        for address in written {
            match address.get_ref().parse() {
                Ok(address) => addresses.push(address),
                Err(_) => self.findings.error(
                    At::new(address.span(), key),
                    "is no address with a port",
                    "write it as \"0.0.0.0:8080\" or \"[::]:8080\"",
                ),
            }
        }
        addresses
    }

    /// Without anybody who may speak it, it would refuse everybody.
    fn proxy_protocol(&mut self, written: &written::Server, trusted: &[IpNet]) -> bool {
        let Some(wanted) = &written.proxy_protocol else { return false };
        if *wanted.get_ref() && trusted.is_empty() {
            let at = At::new(wanted.span(), "server.proxy_protocol");
            let remedy = "list the balancers that speak it: trusted_proxies = [\"192.0.2.0/24\"]";
            self.findings.error(at, "is spoken by nobody, for no proxy is trusted", remedy);
        }
        *wanted.get_ref()
    }

    /// Whoever keeps less than a day forgets visitors who are there.
    fn keep(&mut self, file: &written::File) -> Duration {
        let written = file.ledger.as_ref().and_then(|ledger| ledger.keep.as_ref());
        self.days(written, "ledger.keep", 400 * DAY)
    }

    /// A day at least.
    fn days(&mut self, written: Option<&Spanned<String>>, key: &str, default: Duration) -> Duration {
        let days = self.duration(written, key, default);
        if let Some(written) = written.filter(|_| days < DAY) {
            let at = At::new(written.span(), key);
            self.findings.error(at, "is less than a day", "keep a day at least: keep = \"1d\"");
        }
        days
    }

    fn spool(&mut self, file: &written::File) -> u64 {
        let written = file.ledger.as_ref().and_then(|ledger| ledger.spool.as_ref());
        self.size(written, "ledger.spool", 10 << 20)
    }

    fn recordings(&mut self, file: &written::File, keep_calls: Duration) -> Recordings {
        let none = written::Recordings::default();
        let written = file.recordings.as_ref().unwrap_or(&none);
        let dir = written.dir.as_ref().map_or("recordings", |dir| dir.get_ref().as_str());
        let dir = self.folder.join(dir);
        if let Some(named) = written.dir.as_ref().filter(|named| named.get_ref().is_empty() || dir.is_file())
        {
            let at = At::new(named.span(), "recordings.dir");
            self.findings.error(
                at,
                "is no folder",
                "name one, such as \"recordings\"; it is made where there is none",
            );
        }
        let keep = self.days(written.keep.as_ref(), "recordings.keep", 90 * DAY);
        if let Some(named) = written.keep.as_ref().filter(|_| keep > keep_calls) {
            let at = At::new(named.span(), "recordings.keep");
            let message = "is longer than calls are kept: a recording is removed with its call";
            self.findings.warning(at, message, "keep the ledger's entries as long: [ledger] keep");
        }
        Recordings { dir, keep: keep.min(keep_calls) }
    }

    fn ledger(&mut self, written: &written::Server) -> Place {
        let without = "set it before `serve` starts, which stops without it";
        let password = written.ledger_password.as_ref();
        let password =
            password.and_then(|secret| self.named_secret(secret, "server.ledger_password", without));
        let usual = Place::Sqlite(self.folder.join("dni-edge.db"));
        let Some(ledger) = &written.ledger else { return usual };
        let at = At::new(ledger.span(), "server.ledger");
        let (problem, remedy) = match ledger.get_ref().split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => return Place::Sqlite(self.folder.join(path)),
            Some(("postgres" | "postgresql", _)) => {
                match postgres::Place::parse(ledger.get_ref(), self.folder, password) {
                    Ok(place) => return Place::Postgres(Box::new(place)),
                    Err(error @ PlaceError::Password) => {
                        (error.to_string(), "leave it out, and set ledger_password = { env = \"NAME\" }")
                    }
                    Err(error) => (error.to_string(), "write \"postgres://USER@HOST/DATABASE\""),
                }
            }
            _ => ("names no ledger".to_owned(), "write \"sqlite:PATH\" or \"postgres://USER@HOST/DATABASE\""),
        };
        self.findings.error(at, problem, remedy);
        usual
    }

    fn secret(&mut self, written: &written::Server) -> Secret {
        let without = "set it before `serve` starts, which stops without it";
        let named =
            written.secret.as_ref().and_then(|secret| self.named_secret(secret, "server.secret", without));
        named.unwrap_or_else(|| Secret::File(self.folder.join("dni-edge.secret")))
    }

    pub(super) fn named_secret(
        &mut self,
        written: &Spanned<written::SecretSource>,
        key: &str,
        without: &str,
    ) -> Option<Secret> {
        let at = At::new(written.span(), key);
        match written.get_ref() {
            written::SecretSource { env: Some(name), file: None } => {
                if std::env::var_os(name).is_none() {
                    self.findings.warning(at, format!("the environment has no variable {name}"), without);
                }
                Some(Secret::Env(name.clone()))
            }
            written::SecretSource { env: None, file: Some(path) } => {
                Some(Secret::File(self.folder.join(path)))
            }
            _ => {
                let remedy = "write { env = \"NAME\" } or { file = \"PATH\" }";
                self.findings.error(at, "names no one place", remedy);
                None
            }
        }
    }

    /// Where operators ask, whether the file says so, and what they must send.
    fn admin(&mut self, written: &written::Server) -> (SocketAddr, bool, Option<Secret>) {
        let without = "set it before `serve` starts, which has no admin listener without it";
        let token = written
            .admin_token
            .as_ref()
            .and_then(|token| self.named_secret(token, "server.admin_token", without));
        let Some(address) = &written.admin else { return (ADMIN, false, token) };
        let at = At::new(address.span(), "server.admin");
        let Ok(admin) = address.get_ref().parse::<SocketAddr>() else {
            self.findings.error(at, "is no address with a port", "write it as \"127.0.0.1:9900\"");
            return (ADMIN, false, token);
        };
        if !admin.ip().is_loopback() && token.is_none() {
            let remedy = "set admin_token = { env = \"DNI_EDGE_ADMIN_TOKEN\" }, or listen on 127.0.0.1";
            self.findings.error(at, "anybody who reaches it could read it", remedy);
        }
        (admin, true, token)
    }

    fn log(&mut self, written: Option<&written::Log>) -> Log {
        let access = [("off", Access::Off), ("text", Access::Text), ("json", Access::Json)];
        let access = self.word(written.and_then(|log| log.access.as_ref()), "log.access", access);
        let otlp = written.and_then(|log| log.otlp.as_ref());
        let otlp = otlp.and_then(|url| self.web_address(url, "log.otlp", "http://127.0.0.1:4317"));
        Log { level: self.log_level(written), access, otlp }
    }

    fn log_level(&mut self, written: Option<&written::Log>) -> String {
        let Some(level) = written.and_then(|log| log.level.as_ref()) else { return "info".to_owned() };
        if !["error", "warn", "info", "debug", "trace", "off"].contains(&level.get_ref().as_str()) {
            let at = At::new(level.span(), "log.level");
            self.findings.error(at, "is no level", "levels are error, warn, info, debug, trace and off");
        }
        level.get_ref().clone()
    }

    /// An address of the web, as far as that can be seen.
    pub(super) fn web_address(&mut self, written: &Spanned<String>, key: &str, form: &str) -> Option<Url> {
        let url = Url::parse(written.get_ref()).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if url.is_none() {
            let remedy = format!("write it as \"{form}\"");
            self.findings.error(At::new(written.span(), key), "is no web address", remedy);
        }
        url
    }
}
