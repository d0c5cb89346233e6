//! `[site.session]`, `[site.cdn]`, `[site.exclude]` and `[site.consent]`: who is known again, and who isn't.

use std::net::IpAddr;
use std::time::Duration;

use http::HeaderName;
use toml::Spanned;

use super::Builder;
use super::site::is_host;
use crate::config::finding::At;
use crate::config::{Cdn, Cookie, Numbers, written};
use crate::visit::{Answer, Consent, Exclusion, LONGEST_PARAMETER, Pattern, Without, is_of_domain};

impl Builder<'_, '_> {
    pub(super) fn cookie(&mut self, session: Option<&written::Session>, hosts: &[String]) -> Cookie {
        let life = session.and_then(|session| session.cookie_life.as_ref());
        let life = self.duration(life, "site.session.cookie_life", Duration::from_secs(90 * 86_400));
        let name = session.and_then(|session| session.cookie.as_ref());
        if let Some(cookie) = name {
            let name = cookie.get_ref();
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            {
                let at = At::new(cookie.span(), "site.session.cookie");
                self.findings.error(at, "is no cookie name", "use letters, digits, - and _");
            } else if ["__host-", "__secure-"]
                .iter()
                .any(|prefix| name.to_ascii_lowercase().starts_with(prefix))
            {
                let at = At::new(cookie.span(), "site.session.cookie");
                let remedy = "write the name alone: over TLS the prefix is put before it";
                self.findings.error(at, "has a prefix that browsers refuse over plain HTTP", remedy);
            }
        }
        let domain = session.and_then(|session| session.cookie_domain.as_ref());
        Cookie {
            name: name.map_or_else(|| "dni".to_owned(), |name| name.get_ref().clone()),
            domain: domain.and_then(|domain| self.cookie_domain(domain, hosts)),
            life,
        }
    }

    /// The domain covers every host of the site, and is nobody else's (RFC 6265 §5.3, step 5).
    fn cookie_domain(&mut self, written: &Spanned<String>, hosts: &[String]) -> Option<String> {
        let at = At::new(written.span(), "site.session.cookie_domain");
        let domain = written.get_ref().trim_start_matches('.').to_ascii_lowercase();
        let remedy = "name the domain that all hosts of the site are below, such as \"example.com\"";
        if !is_host(&domain) || domain.parse::<IpAddr>().is_ok() {
            self.findings.error(at, "is no domain", remedy);
            return None;
        }
        if psl::domain_str(&domain).is_none() {
            self.findings.error(at, "is a public suffix: anybody may register below it", remedy);
            return None;
        }
        let covers = |host: &&String| is_of_domain(host, &domain);
        if let Some(outside) = hosts.iter().find(|host| !covers(host)) {
            self.findings.error(at, format!("does not cover the site's host {outside}"), remedy);
            return None;
        }
        Some(domain)
    }

    pub(super) fn source_parameters(&mut self, session: Option<&written::Session>) -> Vec<String> {
        let mut names = Vec::new();
        for written in session.map(|session| &session.source_parameters[..]).unwrap_or_default() {
            let name = written.get_ref().to_ascii_lowercase();
            let at = At::new(written.span(), "site.session.source_parameters");
            if name.is_empty() || name.len() > LONGEST_PARAMETER || name.contains(['&', '=', '#']) {
                self.findings.error(at, "is no parameter's name", "write the name alone, such as \"ref\"");
            } else if ["utm_", "mtm_", "pk_"].iter().any(|family| name.starts_with(family)) {
                self.findings.warning(at, "is read in any case", "take it out");
            } else {
                names.push(name);
            }
        }
        names
    }

    pub(super) fn ignored_referrers(&mut self, session: Option<&written::Session>) -> Vec<String> {
        let mut hosts = Vec::new();
        for written in session.map(|session| &session.ignore_referrers[..]).unwrap_or_default() {
            let at = At::new(written.span(), "site.session.ignore_referrers");
            let host = written.get_ref().to_ascii_lowercase();
            match is_host(&host) {
                true => hosts.push(host),
                false => {
                    let remedy =
                        "write the name alone, without scheme, port or path; hosts below it count as well";
                    self.findings.error(at, "is no host name", remedy);
                }
            }
        }
        hosts
    }

    pub(super) fn cdn(&mut self, written: &written::Site) -> Cdn {
        let cdn = written.cdn.as_ref();
        let mut header = |written: Option<&Spanned<String>>, key: &str| {
            let written = written?;
            let name = HeaderName::from_bytes(written.get_ref().as_bytes()).ok();
            if name.is_none() {
                let remedy = "write the header's name, such as \"CF-IPCountry\"";
                self.findings.error(At::new(written.span(), key), "is no header's name", remedy);
            }
            name
        };
        let numbers = [("stream", Numbers::Stream), ("script", Numbers::Script)];
        Cdn {
            country: header(cdn.and_then(|cdn| cdn.country.as_ref()), "site.cdn.country"),
            region: header(cdn.and_then(|cdn| cdn.region.as_ref()), "site.cdn.region"),
            client: header(cdn.and_then(|cdn| cdn.client.as_ref()), "site.cdn.client"),
            numbers: self.word(cdn.and_then(|cdn| cdn.numbers.as_ref()), "site.cdn.numbers", numbers),
        }
    }

    pub(super) fn exclusion(&mut self, site: &written::Site) -> Exclusion {
        let Some(written) = &site.exclude else { return Exclusion::default() };
        Exclusion {
            addresses: self.networks(written.addresses.iter(), "site.exclude.addresses"),
            user_agents: written.user_agents.iter().map(|glob| Pattern::new(glob.get_ref())).collect(),
            cookie: written.cookie.as_ref().map(|cookie| self.foreign_cookie(cookie, "site.exclude.cookie")),
        }
    }

    pub(super) fn consent(&mut self, written: &Spanned<written::Consent>) -> Option<Consent> {
        let consent = written.get_ref();
        let without = [("static", Without::Static), ("canonical", Without::Canonical)];
        let without = self.word(consent.without.as_ref(), "site.consent.without", without);
        let gpc = [("without", true), ("ignore", false)];
        let heeds_gpc = self.word(consent.gpc.as_ref(), "site.consent.gpc", gpc);
        let asks_nobody =
            consent.cookie.is_none() && consent.allows.is_none() && consent.gpc.is_some() && heeds_gpc;
        let answer = if asks_nobody { None } else { Some(self.answer(written)?) };
        Some(Consent { answer, without, heeds_gpc })
    }

    fn answer(&mut self, written: &Spanned<written::Consent>) -> Option<Answer> {
        let consent = written.get_ref();
        let remedy = "name the cookie in which your consent tool keeps the answer";
        let cookie = self.required(consent.cookie.as_ref(), written, "site.consent.cookie", remedy);
        let remedy =
            "give a glob that its value matches where the visitor agrees, such as \"*marketing:true*\"";
        let allows = self.required(consent.allows.as_ref(), written, "site.consent.allows", remedy);
        let cookie = consent.cookie.as_ref().filter(|_| cookie.is_some())?;
        let cookie = self.foreign_cookie(cookie, "site.consent.cookie");
        Some(Answer { cookie, allows: Pattern::new(&allows?) })
    }

    /// A cookie of ours tells neither consent nor staff.
    pub(super) fn others_cookies(&mut self, site: &written::Site, ours: &Cookie) {
        let consent = site.consent.as_ref().and_then(|consent| consent.get_ref().cookie.as_ref());
        let exclude = site.exclude.as_ref().and_then(|exclude| exclude.cookie.as_ref());
        for (written, key) in [(consent, "site.consent.cookie"), (exclude, "site.exclude.cookie")] {
            if let Some(written) = written.filter(|written| *written.get_ref() == ours.name) {
                let at = At::new(written.span(), key);
                self.findings.error(
                    at,
                    "is the cookie of our own sessions",
                    "name the cookie that others set",
                );
            }
        }
    }

    /// The name of a cookie that somebody else sets (RFC 6265 §4.1.1: a token).
    fn foreign_cookie(&mut self, written: &Spanned<String>, key: &str) -> String {
        let name = written.get_ref();
        let is_token = |byte: u8| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) {
            self.findings.error(At::new(written.span(), key), "is no cookie's name", "write the name alone");
        }
        name.clone()
    }
}
