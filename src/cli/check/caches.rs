//! Which caches that serve everybody may keep a page and answer from it, by its headers.
//!
//! Owns the headers that speak to such caches, each judged for those that obey it: a content delivery network may have been told
//! more than the caches behind it.

use http::header::{CACHE_CONTROL, DATE, EXPIRES};
use http::{HeaderMap, HeaderName};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::page::header;

/// A header by which a shared cache may keep the page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Invitation {
    pub header: String,
    pub value: String,
}

/// Every header that lets a shared cache answer with the page without asking again.
pub(super) fn invitations(headers: &HeaderMap) -> Vec<Invitation> {
    let mut invitations = Vec::from_iter(cache_control(headers));
    let others = headers.keys().filter(|name| speaks_to_networks(name)).map(|name| {
        let value = header(headers, name);
        let invites = Directives::of(&value).invite(None);
        invites.then(|| Invitation { header: name.as_str().to_owned(), value })
    });
    invitations.extend(others.flatten());
    invitations
}

/// `CDN-Cache-Control` and the names of a network's own (RFC 9213 §2.2), and `Surrogate-Control` (Edge Architecture
/// Specification 1.0 §2.4).
fn speaks_to_networks(name: &HeaderName) -> bool {
    name.as_str() == "surrogate-control" || name.as_str().ends_with("cdn-cache-control")
}

/// What is said to all caches: by `Cache-Control`, or by `Expires` where that names no age (RFC 9111 §5.3).
fn cache_control(headers: &HeaderMap) -> Option<Invitation> {
    let value = header(headers, &CACHE_CONTROL);
    let directives = Directives::of(&value);
    let expires = expires(headers).filter(|_| directives.age().is_none());
    let (header, value) = match expires {
        Some(_) if !directives.has("public") => ("Expires", header(headers, &EXPIRES)),
        _ => ("Cache-Control", value.clone()),
    };
    directives.invite(expires).then(|| Invitation { header: header.to_owned(), value })
}

/// Whether the page is fresh for a while by `Expires`; what is no date is in the past (RFC 9111 §5.3).
fn expires(headers: &HeaderMap) -> Option<bool> {
    let date = |name| {
        let text = header(headers, &name);
        (!text.is_empty()).then(|| DateTimeParser::new().parse_timestamp(&text).ok())
    };
    let sent = date(DATE).flatten().unwrap_or_else(Timestamp::now);
    Some(date(EXPIRES)?.is_some_and(|expires| expires > sent))
}

/// The directives of a header, with their values.
struct Directives<'a>(Vec<(String, &'a str)>);

impl<'a> Directives<'a> {
    fn of(value: &'a str) -> Self {
        let directives = value.split(',').map(|directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"'))
        });
        Directives(directives.collect())
    }

    /// Whether it is there; with a value it may be about some headers only (RFC 9111 §5.2.2.4, §5.2.2.7).
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(directive, value)| directive == name && value.is_empty())
    }

    /// Whether a shared cache may take the page as fresh for a while, where they say so (RFC 9111 §4.2.1).
    fn age(&self) -> Option<bool> {
        ["s-maxage", "max-age"].iter().find_map(|name| {
            let (_, age) = self.0.iter().find(|(directive, _)| directive == name)?;
            Some(age.trim_start_matches('0').starts_with(|c: char| c.is_ascii_digit()))
        })
    }

    /// Whether a shared cache may store the page and answer with it (RFC 9111 §3). `expires`: what else is said of how long it
    /// is fresh.
    fn invite(&self, expires: Option<bool>) -> bool {
        let forbids = ["private", "no-store", "no-cache"].iter().any(|name| self.has(name));
        !forbids && self.age().or(expires).unwrap_or_else(|| self.has("public"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invited(lines: &[(&str, &str)]) -> Vec<String> {
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap())
        };
        let headers = lines.iter().map(pair).collect();
        invitations(&headers).into_iter().map(|invitation| invitation.header).collect()
    }

    #[test]
    fn an_age_or_a_date_is_an_invitation_to_all_caches() {
        for line in ["max-age=600", "public", "s-maxage=600, max-age=0", "private=\"set-cookie\", max-age=1"]
        {
            assert_eq!(invited(&[("cache-control", line)]), ["Cache-Control"], "{line}");
        }
        let later = ("expires", "Wed, 21 Oct 2099 07:28:00 GMT");
        assert_eq!(invited(&[later]), ["Expires"]);
        assert_eq!(invited(&[later, ("cache-control", "must-revalidate")]), ["Expires"]);
        assert_eq!(invited(&[later, ("date", "Wed, 21 Oct 2099 07:28:00 GMT")]), [""; 0]);
    }

    #[test]
    fn what_is_private_or_stale_at_once_is_none() {
        for line in [
            "private, max-age=600",
            "no-store, public",
            "no-cache, max-age=600",
            "max-age=600, s-maxage=0",
            "max-age=0",
            "must-revalidate",
        ] {
            assert_eq!(invited(&[("cache-control", line)]), [""; 0], "{line}");
        }
        assert_eq!(invited(&[("expires", "0")]), [""; 0]);
        assert_eq!(invited(&[("expires", "Wed, 21 Oct 2015 07:28:00 GMT")]), [""; 0]);
        assert_eq!(
            invited(&[("expires", "Wed, 21 Oct 2099 07:28:00 GMT"), ("cache-control", "max-age=0")]),
            [""; 0]
        );
    }

    #[test]
    fn each_header_is_judged_for_its_own_caches() {
        let (kept, open) = ("no-store", "max-age=600");
        assert_eq!(invited(&[("cdn-cache-control", kept), ("cache-control", open)]), ["Cache-Control"]);
        assert_eq!(invited(&[("surrogate-control", open), ("cache-control", kept)]), ["surrogate-control"]);
        assert_eq!(
            invited(&[("cdn-cache-control", open), ("cache-control", "public")]),
            ["Cache-Control", "cdn-cache-control"]
        );
        assert_eq!(invited(&[("netlify-cdn-cache-control", open)]), ["netlify-cdn-cache-control"]);
    }
}
