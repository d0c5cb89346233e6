//! The referrer as sent: from `https://www.google.com/` to the host, or the app's package, that
//! linked here. It owns the reading and refuses to judge: what the host means stands in `hosts`.

use super::hosts::{self, Kind, Known};
use super::lower::Lower;
use crate::visit::text::is_of_domain;
use std::borrow::Cow;
use std::cell::OnceCell;

use http::{HeaderMap, header};

/// A referrer that names a host or an app.
pub(super) struct Referrer<'r> {
    host: Lower<'r>,
    website: Cow<'r, str>,
    is_app: bool,
    known: OnceCell<Option<Known>>,
}

impl<'r> Referrer<'r> {
    /// Reads `http:`, `https:` and `android-app:` URLs; anything else names nobody.
    ///
    /// As browsers read it (WHATWG URL, authority state): userinfo ends at the last `@`, and a
    /// backslash ends the host as a slash does.
    pub(super) fn read(raw: &'r str) -> Option<Referrer<'r>> {
        let raw = raw.trim_ascii();
        let (is_app, rest) = match raw.strip_prefix("https://") {
            Some(rest) => (false, rest),
            None => behind_scheme(raw)?,
        };
        let (mut start, mut end) = (0, rest.len());
        for (at, byte) in rest.bytes().enumerate() {
            match byte {
                b'/' | b'\\' | b'?' | b'#' => {
                    end = at;
                    break;
                }
                b'@' => start = at + 1,
                _ => {}
            }
        }
        let host = without_port(&rest[start..end])?;
        let host = host.strip_suffix('.').unwrap_or(host);
        let is_readable = host.bytes().all(|b| {
            b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'-' | b'.' | b'_' | b':' | b'[' | b']')
        });
        if host.is_empty() || !is_readable {
            return None;
        }
        let host = Lower::of(host)?;
        let website = match is_app.then(|| hosts::website_of_app(host.as_str())).flatten() {
            Some(website) => Cow::Borrowed(website),
            None if is_app => host.without_prefix(""),
            None => host.without_prefix("www."),
        };
        Some(Referrer { host, website, is_app, known: OnceCell::new() })
    }

    /// The website that linked here, without `www.`; an app's own where it stands for one, else the
    /// app's package.
    pub(super) fn website(&self) -> &Cow<'r, str> {
        &self.website
    }

    /// What our tables say of that website.
    pub(super) fn known(&self) -> Option<Known> {
        *self.known.get_or_init(|| self.look_up())
    }

    fn look_up(&self) -> Option<Known> {
        // A package is a host read backwards: `com.google` is nothing of Google's.
        let is_package = self.is_app && self.website == self.host.as_str();
        if is_package || !self.website.contains('.') { None } else { hosts::of_host(&self.website) }
    }

    /// Whether the site itself linked here. `www.` makes no other site: many answer on both names
    /// and redirect from one to the other.
    pub(super) fn is_one_of(&self, own_hosts: &[String]) -> bool {
        !self.is_app && own_hosts.iter().any(|own| own.strip_prefix("www.").unwrap_or(own) == self.website)
    }

    /// Whether it is one of these hosts, or below one.
    pub(super) fn is_below_one_of(&self, hosts: &[String]) -> bool {
        hosts.iter().any(|host| {
            let host = host.strip_prefix("www.").unwrap_or(host);
            is_of_domain(&self.website, host)
        })
    }

    pub(super) fn is_gateway(&self) -> bool {
        self.known().is_some_and(|known| known.kind == Kind::Gateway)
    }
}

/// The `Referer` header, as far as it is text: the host, in front, is ASCII whatever stands behind it.
pub fn referrer(headers: &HeaderMap) -> Option<&str> {
    let sent = headers.get(header::REFERER)?.as_bytes();
    let text = match std::str::from_utf8(sent) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&sent[..error.valid_up_to()]).unwrap_or_default(),
    };
    (!text.is_empty()).then_some(text)
}

/// The host that a referrer names, in lower case and without port, or an app's package.
pub(in super::super) fn referring_host(raw: &str) -> Option<String> {
    Referrer::read(raw).map(|referrer| referrer.host.as_str().to_owned())
}

/// What stands behind `://`, and whether it is an app's.
fn behind_scheme(raw: &str) -> Option<(bool, &str)> {
    let (scheme, rest) = raw.split_once("://")?;
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    let is_app = is("android-app");
    (is_app || is("https") || is("http")).then_some((is_app, rest))
}

fn without_port(host_and_port: &str) -> Option<&str> {
    match host_and_port.as_bytes() {
        [b'[', ..] => host_and_port.get(..host_and_port.find(']')? + 1),
        bytes => Some(&host_and_port[..bytes.iter().position(|b| *b == b':').unwrap_or(bytes.len())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn website(raw: &str) -> Option<String> {
        Referrer::read(raw).map(|referrer| referrer.website().clone().into_owned())
    }

    #[test]
    fn the_host_is_found_as_browsers_find_it() {
        for (raw, host) in [
            ("https://www.google.com/", "google.com"),
            ("HTTPS://WWW.Example.ORG.:8443/a?b#c", "example.org"),
            ("http://example.com", "example.com"),
            ("https://google.com@evil.example/", "evil.example"),
            ("https://evil.example\\@google.com/", "evil.example"),
            ("https://evil.example?google.com", "evil.example"),
            ("http://[2001:db8::1]:80/x", "[2001:db8::1]"),
            ("http://192.0.2.7:8080/", "192.0.2.7"),
            ("android-app://com.google.android.gm/", "mail.google.com"),
            ("android-app://com.Example.App", "com.example.app"),
        ] {
            assert_eq!(website(raw).as_deref(), Some(host), "{raw}");
        }
    }

    #[test]
    fn what_is_no_text_ends_what_is_read_of_it() {
        let sent = |bytes: &[u8]| HeaderMap::from_iter([(header::REFERER, bytes.try_into().unwrap())]);
        let read = |bytes| referrer(&sent(bytes)).map(str::to_owned);
        assert_eq!(
            read(b"https://www.google.com/search?q=\xe9").as_deref(),
            Some("https://www.google.com/search?q=")
        );
        assert_eq!(read("https://www.google.com/é".as_bytes()).as_deref(), Some("https://www.google.com/é"));
        assert_eq!((read(b"\xe9"), referrer(&HeaderMap::new())), (None, None));
    }

    #[test]
    fn what_names_nobody_is_no_referrer() {
        for raw in [
            "",
            "-",
            "null",
            "about:blank",
            "google.com",
            "https://",
            "https:///x",
            "file:///etc/passwd",
            "http://a b/",
            "http://[::1",
            "data:text/html,x",
            "://x",
        ] {
            assert_eq!(website(raw), None, "{raw}");
        }
        assert_eq!(website(&format!("https://{}.com/", "a".repeat(300))), None);
    }

    #[test]
    fn the_site_itself_is_recognised_with_and_without_www() {
        let own = ["www.example.com".to_owned(), "shop.example.com".to_owned()];
        let is_own = |raw| Referrer::read(raw).expect("a referrer").is_one_of(&own);
        assert!(is_own("https://www.example.com/page"));
        assert!(is_own("https://example.com/page"));
        assert!(is_own("http://SHOP.example.com:8080/"));
        assert!(!is_own("https://blog.example.com/"));
        assert!(!is_own("https://www.example.com.evil.example/"));
    }

    #[test]
    fn a_package_is_no_host() {
        let app = Referrer::read("android-app://com.facebook.com/").expect("a referrer");
        assert_eq!(app.website(), "com.facebook.com");
        assert_eq!(app.known(), None);
        let app = Referrer::read("android-app://com.facebook.katana/").expect("a referrer");
        assert_eq!(app.known().map(|known| known.kind), Some(Kind::Social));
    }
}
