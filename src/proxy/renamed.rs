//! The origin's own address, where its answer names it: visitors are told the one by which they came.
//!
//! Owns Location, Content-Location, Refresh and the Domain of cookies. Whatever names another address than an origin's stays as
//! it is, byte for byte.

use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::inbound::Hop;
use crate::config::Origin;

/// No standard's, but every browser's: seconds, and where to go then (HTML, "shared declarative refresh steps").
const REFRESH: HeaderName = HeaderName::from_static("refresh");

/// How a visitor names the site, whose origins have names of their own.
pub(super) struct Renamed<'s> {
    origins: &'s [Origin],
    scheme: &'static str,
    authority: String,
}

impl<'s> Renamed<'s> {
    pub fn new(origins: &'s [Origin], hop: &Hop) -> Self {
        let scheme = if hop.tls { "https" } else { "http" };
        Renamed { origins, scheme, authority: hop.authority.clone() }
    }

    /// Replaces the origin's address in an answer's headers.
    pub fn apply(&self, headers: &mut HeaderMap) {
        for (name, value) in headers.iter_mut() {
            let renamed = match *name {
                header::LOCATION | header::CONTENT_LOCATION => self.address(value.as_bytes()),
                header::SET_COOKIE => self.cookie(value.as_bytes()),
                _ if *name == REFRESH => self.refresh(value.as_bytes()),
                _ => None,
            };
            if let Some(renamed) = renamed.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok()) {
                *value = renamed;
            }
        }
    }

    /// An address as the visitor knows it; none where it is nothing of an origin's (RFC 3986 §4.2).
    fn address(&self, written: &[u8]) -> Option<Vec<u8>> {
        let scheme_end = written.windows(2).position(|two| two == b"//")?;
        let scheme = match &written[..scheme_end] {
            b"" => None,
            scheme => Some(std::str::from_utf8(scheme).ok()?.strip_suffix(':')?),
        };
        let behind = &written[scheme_end + 2..];
        let len = behind.iter().position(|byte| b"/?#\\\"'".contains(byte)).unwrap_or(behind.len());
        let (authority, rest) = behind.split_at(len);
        let authority = Authority::try_from(authority).ok()?;
        if !self.origins.iter().any(|origin| names(&authority, scheme, origin)) {
            return None;
        }
        let scheme = scheme.map(|_| format!("{}:", self.scheme)).unwrap_or_default();
        Some([scheme.as_bytes(), b"//", self.authority.as_bytes(), rest].concat())
    }

    /// `5; url=http://127.0.0.1:8000/`, with or without quotes around the address.
    fn refresh(&self, written: &[u8]) -> Option<Vec<u8>> {
        let at = written.windows(4).position(|four| four.eq_ignore_ascii_case(b"url="))? + 4;
        let (before, address) = written.split_at(at);
        match address {
            [quote @ (b'"' | b'\''), address @ ..] => {
                Some([before, &[*quote][..], &self.address(address)?].concat())
            }
            _ => Some([before, &self.address(address)?].concat()),
        }
    }

    /// A cookie for the origin's host is one for the visitor's (RFC 6265 §5.2.3).
    fn cookie(&self, written: &[u8]) -> Option<Vec<u8>> {
        let mut is_renamed = false;
        let parts = written.split(|byte| *byte == b';').map(|part| match self.domain(part) {
            Some(renamed) => {
                is_renamed = true;
                renamed
            }
            None => part.to_vec(),
        });
        let renamed = parts.collect::<Vec<_>>().join(&b';');
        is_renamed.then_some(renamed)
    }

    /// An attribute that is the Domain of an origin, for the visitor's host instead.
    fn domain(&self, attribute: &[u8]) -> Option<Vec<u8>> {
        let (name, value) = std::str::from_utf8(attribute).ok()?.split_once('=')?;
        let domain = value.trim().trim_start_matches('.');
        let is_domain = name.trim().eq_ignore_ascii_case("domain");
        let is_an_origins =
            self.origins.iter().any(|origin| origin.authority.host().eq_ignore_ascii_case(domain));
        let host = self.authority.parse::<Authority>().ok()?.host().to_owned();
        (is_domain && is_an_origins).then(|| format!("{name}={host}").into_bytes())
    }
}

/// Whether an authority is this origin's. A port that isn't written is the scheme's (RFC 9110 §4.2).
fn names(authority: &Authority, scheme: Option<&str>, origin: &Origin) -> bool {
    let usual = |is_tls: bool| if is_tls { 443 } else { 80 };
    let is_tls = match scheme {
        None => origin.tls,
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => true,
        Some(scheme) if scheme.eq_ignore_ascii_case("http") => false,
        Some(_) => return false,
    };
    let port = authority.port_u16().unwrap_or(usual(is_tls));
    !authority.as_str().contains('@')
        && authority.host().eq_ignore_ascii_case(origin.authority.host())
        && port == origin.authority.port_u16().unwrap_or(usual(origin.tls))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(name: HeaderName, written: &str) -> String {
        let origin = |tls, authority: &str| Origin { tls, authority: authority.parse().unwrap() };
        let origins = [origin(false, "127.0.0.1:8000"), origin(true, "inner.example.net")];
        let names =
            Renamed { origins: &origins, scheme: "https", authority: "www.example.com:8443".to_owned() };
        let mut headers = HeaderMap::new();
        headers.insert(name.clone(), written.parse().unwrap());
        names.apply(&mut headers);
        headers[name].to_str().unwrap().to_owned()
    }

    #[test]
    fn an_address_of_an_origin_is_the_visitors() {
        for (written, becomes) in [
            ("http://127.0.0.1:8000/a?b=//c#d", "https://www.example.com:8443/a?b=//c#d"),
            ("HTTP://127.0.0.1:8000", "https://www.example.com:8443"),
            ("//127.0.0.1:8000/a", "//www.example.com:8443/a"),
            ("https://Inner.Example.Net/a", "https://www.example.com:8443/a"),
            ("https://inner.example.net:443?a", "https://www.example.com:8443?a"),
            ("//inner.example.net/", "//www.example.com:8443/"),
        ] {
            assert_eq!(renamed(header::LOCATION, written), becomes);
            assert_eq!(renamed(header::CONTENT_LOCATION, written), becomes);
            assert_eq!(renamed(REFRESH, &format!("5; url={written}")), format!("5; url={becomes}"));
            assert_eq!(renamed(REFRESH, &format!("0;URL='{written}'")), format!("0;URL='{becomes}'"));
        }
    }

    #[test]
    fn any_other_address_stays_as_it_is() {
        for written in [
            "/a",
            "a//127.0.0.1:8000/",
            "http://127.0.0.1:8001/",
            "http://127.0.0.1/",
            "http://127.0.0.1:80001/",
            "http://127.0.0.1:8000.example.com/",
            "http://user@127.0.0.1:8000/",
            "http://inner.example.net/",
            "ftp://127.0.0.1:8000/",
            "https://example.com/?to=http://127.0.0.1:8000/",
            "http://",
            "//",
            "",
        ] {
            assert_eq!(renamed(header::LOCATION, written), written);
            assert_eq!(renamed(header::LINK, "<http://127.0.0.1:8000/>"), "<http://127.0.0.1:8000/>");
        }
    }

    #[test]
    fn a_cookie_of_an_origins_host_is_one_of_the_visitors() {
        for (written, becomes) in [
            ("a=b; Domain=127.0.0.1; Path=/", "a=b; Domain=www.example.com; Path=/"),
            ("a=b;domain= .inner.example.net", "a=b;domain=www.example.com"),
            ("a=b; Domain=example.com", "a=b; Domain=example.com"),
            ("a=domain=127.0.0.1; x", "a=domain=127.0.0.1; x"),
        ] {
            assert_eq!(renamed(header::SET_COOKIE, written), becomes);
        }
    }
}
