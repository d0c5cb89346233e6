//! What is known of a visit when its rule is decided.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, header};
use smallvec::SmallVec;

use super::near::Whereabouts;
use crate::clock::Timestamp;
use crate::visit::cookie;
use crate::visit::session::SessionHash;
use crate::visit::source::{Source, parameter, referring_host};

const SEC_CH_UA_MOBILE: HeaderName = HeaderName::from_static("sec-ch-ua-mobile");

/// What rules may ask of a visit.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub source: &'a Source,
    /// In lower case, without port.
    pub landing_host: &'a str,
    pub landing_path: &'a str,
    /// The query string without `?`, as received.
    pub query: Option<&'a str>,
    /// The `Referer` header.
    pub referrer: Option<&'a str>,
    pub headers: &'a HeaderMap,
    /// ISO 3166-1, where somebody who is believed tells.
    pub country: Option<&'a str>,
    /// The state, province or area, likewise.
    pub region: Option<&'a str>,
    pub now: Timestamp,
    /// None where nobody's session is asked about: then every share holds.
    pub session: Option<SessionHash>,
}

/// What a visitor holds in their hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    Mobile,
    Desktop,
}

impl Device {
    pub const ALL: [Device; 2] = [Device::Mobile, Device::Desktop];

    pub fn name(self) -> &'static str {
        match self {
            Device::Mobile => "mobile",
            Device::Desktop => "desktop",
        }
    }
}

impl<'a> Facts<'a> {
    pub fn whereabouts(&self) -> Whereabouts<'a> {
        Whereabouts { country: self.country, region: self.region }
    }

    pub(super) fn referrer_host(&self) -> Option<String> {
        referring_host(self.referrer?)
    }

    /// The language that the browser asks for first (RFC 9110 §12.5.4).
    pub(super) fn language(&self) -> Option<&'a str> {
        let mut first: Option<(f32, &str)> = None;
        let lines =
            self.headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
        for range in lines.flat_map(|line| line.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().filter(|tag| !tag.is_empty() && *tag != "*");
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
            if let (Some(tag), Some(weight)) = (tag, weight)
                && weight > first.map_or(0.0, |(weight, _)| weight)
            {
                first = Some((weight, tag));
            }
        }
        first.map(|(_, tag)| tag)
    }

    /// By the client hint, else by the word that mobile browsers have in their User-Agent (MDN, "Browser detection using the
    /// user agent": `Mobi`).
    pub(super) fn device(&self) -> Device {
        let says = |name: HeaderName| self.headers.get(name).map(|value| value.as_bytes());
        let is_mobile = match says(SEC_CH_UA_MOBILE) {
            Some(hint) => hint.trim_ascii() == b"?1",
            None => says(header::USER_AGENT)
                .is_some_and(|user_agent| memchr::memmem::find(user_agent, b"Mobi").is_some()),
        };
        if is_mobile { Device::Mobile } else { Device::Desktop }
    }

    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'a, str>> {
        parameter(self.query?, name)
    }

    /// A cookie's values, each as sent and, where that is another, percent-decoded.
    pub(super) fn cookie(&self, name: &str) -> SmallVec<[Cow<'a, str>; 1]> {
        cookie::values(self.headers, name).flat_map(cookie::readings).collect()
    }
}
