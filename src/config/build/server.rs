//! `[server]` and `[log]`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use toml::Spanned;

use super::Builder;
use crate::config::finding::At;
use crate::config::{Secret, Server, units, written};

impl Builder<'_, '_> {
    pub(super) fn server(&mut self, file: &written::File) -> Option<Server> {
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
            trusted_proxies: self
                .networks(written.trusted_proxies.iter().flatten(), "server.trusted_proxies"),
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
        if addresses.is_empty() {
            let at = At::new(0..0, "server.listen");
            self.findings.error(at, "no address is listened on", "name one, such as \"0.0.0.0:8080\"");
        }
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

    fn ledger(&mut self, written: &written::Server) -> PathBuf {
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
}
