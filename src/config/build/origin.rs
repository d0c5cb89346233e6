//! `[[site]] origin` and what goes with it: where the website is.

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use toml::Spanned;
use url::Url;

use super::Builder;
use crate::config::finding::At;
use crate::config::{Health, Origin, OriginProtocol, written};

const FORM: &str = "write it as \"http://HOST:PORT\" or \"https://HOST\"";

impl Builder<'_, '_> {
    pub(super) fn origins(&mut self, spanned: &Spanned<written::Site>) -> Option<Vec<Origin>> {
        let Some(written) = &spanned.get_ref().origin else {
            let remedy = "say where the website is, such as origin = \"http://127.0.0.1:8000\"";
            self.findings.error(At::new(spanned.span(), "site.origin"), "is missing", remedy);
            return None;
        };
        let at = || At::new(written.span(), "site.origin");
        let all = written.get_ref().as_slice();
        if all.is_empty() {
            self.findings.error(at(), "names no origin", FORM);
        }
        let origins: Vec<Origin> = all.iter().filter_map(|one| self.origin(one, at())).collect();
        let mut seen = HashSet::new();
        if !origins.iter().all(|origin| seen.insert(origin)) {
            self.findings.error(at(), "names an origin twice", "list each once");
        }
        (origins.len() == all.len() && !all.is_empty()).then_some(origins)
    }

    fn origin(&mut self, written: &str, at: At) -> Option<Origin> {
        let Ok(url) = Url::parse(written) else {
            self.findings.error(at, "is no URL", FORM);
            return None;
        };
        match (url.scheme(), url.host_str(), url.path()) {
            ("http" | "https", Some(host), "/")
                if url.query().is_none() && url.fragment().is_none() && !has_user(&url) =>
            {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                match format!("{host}{port}").parse() {
                    Ok(authority) => {
                        return self.no_loop(Origin { tls: url.scheme() == "https", authority }, at);
                    }
                    Err(_) => self.findings.error(at, "is no web address", FORM),
                }
            }
            ("http" | "https", Some(_), _) => {
                self.findings.error(at, "has more than a host and a port", FORM);
            }
            _ => self.findings.error(at, "is no web address", FORM),
        }
        None
    }

    /// An origin that leads back to us would ask itself for ever.
    fn no_loop(&mut self, origin: Origin, at: At) -> Option<Origin> {
        let host = origin.authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        // Without a port it is the scheme's own (RFC 9110 §4.2).
        let port = origin.authority.port_u16().unwrap_or(if origin.tls { 443 } else { 80 });
        let address =
            if host == "localhost" { Ok(IpAddr::from([127, 0, 0, 1])) } else { host.parse::<IpAddr>() };
        let ours = address.as_ref().is_ok_and(|address| {
            self.listen.iter().any(|listen| {
                let everywhere = listen.ip().is_unspecified() && address.is_loopback();
                listen.port() == port && (listen.ip() == *address || everywhere)
            })
        });
        if ours {
            let remedy = "give the address of the web server behind";
            self.findings.error(at, "is the address that dni-edge itself listens on", remedy);
            return None;
        }
        if address.is_err() && self.served.contains(&host) {
            let remedy = "give the address of the web server behind, such as http://127.0.0.1:8000";
            self.findings.error(at, "is one of the hosts that dni-edge itself serves", remedy);
            return None;
        }
        Some(origin)
    }

    /// The file is read at once, so that what is wrong with it is known before anybody is verified by it.
    pub(super) fn origin_ca(&mut self, site: &written::Site) -> Option<Arc<RootCertStore>> {
        let written = site.origin_ca.as_ref()?;
        let urls = site.origin.as_ref().map(|origin| origin.get_ref().as_slice()).unwrap_or_default();
        if !urls.iter().any(|url| url.to_ascii_lowercase().starts_with("https:")) {
            let at = At::new(written.span(), "site.origin_ca");
            let message = "verifies nobody, for no origin is asked over TLS";
            self.findings.warning(at, message, "write the origin as \"https://HOST\", or take it out");
        }
        match authorities(&self.folder.join(written.get_ref())) {
            Ok(authorities) => Some(Arc::new(authorities)),
            Err(why) => {
                let at = At::new(written.span(), "site.origin_ca");
                let remedy =
                    "name a PEM file with the certificates of the authorities that sign the origin's";
                self.findings.error(at, why, remedy);
                None
            }
        }
    }

    pub(super) fn origin_protocol(&mut self, site: &written::Site) -> OriginProtocol {
        let words = [("http1", OriginProtocol::Http1), ("h2", OriginProtocol::H2)];
        self.word(site.origin_protocol.as_ref(), "site.origin_protocol", words)
    }

    pub(super) fn health(&mut self, site: &written::Site) -> Health {
        let written = site.health.as_ref();
        let path = written.and_then(|health| health.path.as_ref());
        if let Some(path) = path.filter(|path| !path.get_ref().starts_with('/')) {
            let at = At::new(path.span(), "site.health.path");
            self.findings.error(at, "is no path", "begin it with a slash, such as \"/healthz\"");
        }
        let every = written.and_then(|health| health.every.as_ref());
        let seconds = self.duration(every, "site.health.every", Duration::from_secs(5));
        if let Some(every) = every.filter(|_| seconds.is_zero()) {
            let at = At::new(every.span(), "site.health.every");
            self.findings.error(at, "would ask without a pause", "give some time, such as \"5s\"");
        }
        Health { path: path.map_or("/", |path| path.get_ref()).to_owned(), every: seconds }
    }
}

/// The certificates of a PEM file (RFC 7468), or why they can't be had.
fn authorities(path: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let unreadable = |error: pem::Error| format!("can't be read: {error}");
    for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
        let added = roots.add(certificate.map_err(unreadable)?);
        added.map_err(|error| format!("has something that is no certificate of an authority: {error}"))?;
    }
    if roots.is_empty() { Err("has no certificate".to_owned()) } else { Ok(roots) }
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}
