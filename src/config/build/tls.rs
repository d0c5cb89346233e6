//! `[server] listen_tls` and `[server.tls]`.

use std::net::{IpAddr, SocketAddr};

use toml::Spanned;
use url::Url;

use super::Builder;
use super::site::is_host;
use crate::config::finding::At;
use crate::config::{Acme, Certificate, Tls, written};

/// Of Let's Encrypt (letsencrypt.org/docs/acme-protocol-updates).
const DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

impl Builder<'_, '_> {
    pub(super) fn listen_tls(&mut self, written: &written::Server) -> Vec<SocketAddr> {
        let Some(addresses) = &written.listen_tls else { return Vec::new() };
        let has_certificates =
            written.tls.as_ref().is_some_and(|tls| !tls.certificates.is_empty() || tls.acme.is_some());
        if let Some(first) = addresses.first().filter(|_| !has_certificates) {
            let at = At::new(first.span(), "server.listen_tls");
            let remedy = "name some: [server.tls] certificates = [{ cert = \"fullchain.pem\", key = \"privkey.pem\" }]";
            self.findings.error(at, "there are no certificates", remedy);
        }
        self.addresses(addresses, "server.listen_tls")
    }

    pub(super) fn tls(&mut self, written: &written::Server) -> Tls {
        let Some(tls) = &written.tls else { return Tls::default() };
        Tls {
            certificates: tls.certificates.iter().filter_map(|written| self.certificate(written)).collect(),
            acme: tls.acme.as_ref().and_then(|acme| self.acme(acme)),
        }
    }

    fn certificate(&mut self, written: &Spanned<written::Certificate>) -> Option<Certificate> {
        let written::Certificate { cert: Some(cert), key: Some(key) } = written.get_ref() else {
            let at = At::new(written.span(), "server.tls.certificates");
            let remedy = "name both files: { cert = \"fullchain.pem\", key = \"privkey.pem\" }";
            self.findings.error(at, "lacks its chain or its key", remedy);
            return None;
        };
        let line = self.findings.line(written.span().start);
        Some(Certificate { cert: self.folder.join(cert), key: self.folder.join(key), line })
    }

    fn acme(&mut self, spanned: &Spanned<written::Acme>) -> Option<Acme> {
        let written = spanned.get_ref();
        if written.hosts.is_empty() {
            let at = At::new(spanned.span(), "server.tls.acme.hosts");
            let remedy = "list them: hosts = [\"www.example.com\"]";
            self.findings.error(at, "names no host to have a certificate for", remedy);
        }
        let mut hosts = Vec::new();
        for host in &written.hosts {
            let name = host.get_ref().to_ascii_lowercase();
            match is_host(&name) && name.parse::<IpAddr>().is_err() {
                true => hosts.push(name),
                false => {
                    let at = At::new(host.span(), "server.tls.acme.hosts");
                    self.findings.error(at, "is no host name", "write it as \"www.example.com\"");
                }
            }
        }
        let usual = Url::parse(DIRECTORY).ok();
        let directory = written.directory.as_ref();
        let directory =
            directory.map_or(usual, |url| self.web_address(url, "server.tls.acme.directory", DIRECTORY));
        let cache = written.cache.as_ref().map_or("acme", |cache| cache.get_ref().as_str());
        Some(Acme {
            hosts,
            email: written.email.as_ref().map(|email| email.get_ref().clone()),
            cache: self.folder.join(cache),
            directory: directory?,
            line: self.findings.line(spanned.span().start),
        })
    }

    /// A certificate for a host that nobody serves is for nobody.
    pub(super) fn find_unserved(&mut self, file: &written::File) {
        let tls = file.server.as_ref().and_then(|server| server.tls.as_ref());
        let acme = tls.and_then(|tls| tls.acme.as_ref());
        for host in acme.iter().flat_map(|acme| &acme.get_ref().hosts) {
            let name = host.get_ref().to_ascii_lowercase();
            if is_host(&name) && !self.served.contains(&name) {
                let at = At::new(host.span(), "server.tls.acme.hosts");
                self.findings.error(
                    at,
                    "no site serves it",
                    "add it to the hosts of a site, or take it out here",
                );
            }
        }
    }
}
