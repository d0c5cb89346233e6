//! Whether a source expression of a policy allows an address of the page's own host (Content Security Policy Level 3, §6.7.2).
//!
//! Owns the grammar of schemes, hosts, ports and paths (§2.3.1). What isn't written by it allows nothing.

use url::{Host, Url};

/// What a source expression says, if it names addresses at all.
struct Source<'a> {
    scheme: Option<&'a str>,
    host: &'a str,
    port: Option<&'a str>,
    path: &'a str,
}

/// Whether the expression allows `path` on the page's own origin. Of a page whose address isn't known no scheme, host or port is
/// known to match.
pub(super) fn allows(expression: &str, page: Option<&Url>, path: &str) -> bool {
    if expression == "*" || expression.eq_ignore_ascii_case("'self'") {
        return true; // the star stands for the web's schemes, whose page it is (§6.7.2.8)
    }
    let Some(page) = page else { return false };
    if let Some(scheme) = expression.strip_suffix(':').filter(|scheme| is_scheme(scheme)) {
        return scheme_matches(scheme, page.scheme());
    }
    // Without a scheme the page's own is meant.
    Source::read(expression).is_some_and(|source| {
        source.scheme.is_none_or(|scheme| scheme_matches(scheme, page.scheme()))
            && host_matches(source.host, page)
            && port_matches(source.port, page)
            && path_matches(source.path, path)
    })
}

impl<'a> Source<'a> {
    fn read(expression: &'a str) -> Option<Self> {
        let (scheme, rest) = match expression.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, expression),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let is_name = |name: &str| {
            let label = |label: &str| {
                !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            };
            name.strip_suffix('.').unwrap_or(name).split('.').all(label)
        };
        let is_port =
            |port: &str| port == "*" || !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let is_source = scheme.is_none_or(is_scheme)
            && (host == "*" || is_name(host.strip_prefix("*.").unwrap_or(host)))
            && port.is_none_or(is_port)
            && !path.starts_with("//")
            && !path.contains(['?', '#']);
        is_source.then_some(Source { scheme, host, port, path })
    }
}

/// RFC 3986 §3.1.
fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// `http` also stands for `https` (§6.7.2.9). There `ws` would stand for both, but Chromium doesn't have it so.
fn scheme_matches(scheme: &str, of_page: &str) -> bool {
    scheme.eq_ignore_ascii_case(of_page) || of_page == "https" && scheme.eq_ignore_ascii_case("http")
}

/// A star stands for one label at least; addresses in figures are nobody's name (§6.7.2.10).
fn host_matches(host: &str, page: &Url) -> bool {
    let Some(Host::Domain(name)) = page.host() else { return false };
    match host.strip_prefix('*') {
        Some(rest) => name.ends_with(&rest.to_ascii_lowercase()),
        None => host.eq_ignore_ascii_case(name),
    }
}

/// Without a port the scheme's own is meant (§6.7.2.11).
fn port_matches(port: Option<&str>, page: &Url) -> bool {
    match port {
        None => page.port().is_none(),
        Some("*") => true,
        Some(port) => port.parse().ok() == page.port_or_known_default(),
    }
}

/// A path that ends in a slash stands for everything below it, any other for itself (§6.7.2.12). Ours has nothing to decode.
fn path_matches(path: &str, ours: &str) -> bool {
    if matches!(path, "" | "/") {
        return true;
    }
    let decoded = |part| String::from_utf8_lossy(&decode(part)).into_owned();
    let (parts, ours): (Vec<_>, Vec<_>) = (path.split('/').map(decoded).collect(), ours.split('/').collect());
    match path.ends_with('/') {
        true => parts.len() <= ours.len() && parts[..parts.len() - 1] == ours[..parts.len() - 1],
        false => parts == ours,
    }
}

fn decode(part: &str) -> Vec<u8> {
    let (mut decoded, mut rest) = (Vec::new(), part.as_bytes());
    while let [first, behind @ ..] = rest {
        let coded = behind.get(..2).filter(|_| *first == b'%');
        let coded = coded.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        decoded.push(coded.unwrap_or(*first));
        rest = if coded.is_some() { &behind[2..] } else { behind };
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "/.dni/swap.js";

    fn allowed(page: &str, expression: &str) -> bool {
        allows(expression, Some(&Url::parse(page).unwrap()), SCRIPT)
    }

    #[test]
    fn sources_match_as_browsers_match_them() {
        for (page, allow, forbid) in [
            (
                "https://www.example.com/",
                &[
                    "*",
                    "'self'",
                    "https:",
                    "HTTP:",
                    "www.example.com",
                    "WWW.Example.Com",
                    "https://www.example.com",
                    "http://www.example.com",
                    "https://*",
                    "*:*",
                    "*:443",
                    "www.example.com:443",
                    "www.example.com:*",
                    "*.example.com",
                    "*.EXAMPLE.com:443",
                    "*.com",
                    "www.example.com/",
                    "www.example.com/.dni/",
                    "www.example.com/.dni/swap.js",
                    "https://*.example.com:443/%2Edni/%73wap.js",
                ][..],
                &[
                    "",
                    "'none'",
                    "'unsafe-inline'",
                    "'nonce-a'",
                    "https",
                    "data:",
                    "wss:",
                    "blob:",
                    "ftp://www.example.com",
                    "example.com",
                    "*.www.example.com",
                    "*example.com",
                    "*.*.com",
                    "www.*.com",
                    "www.example.com.",
                    "www.example.com:80",
                    "www.example.com:8443",
                    "*:8443",
                    "www.example.com:",
                    "www.example.com:99999999",
                    "www.example.com/.dni",
                    "www.example.com/js/",
                    "www.example.com/.dni/swap.js/",
                    "www.example.com/.DNI/",
                    "www.example.com//.dni/",
                    "www.example.com/.dni/swap.js?a",
                    "user@www.example.com",
                    "://www.example.com",
                    "https://",
                    "https://https://www.example.com",
                ][..],
            ),
            (
                "http://example.com:8080/a",
                &["*", "http:", "example.com:8080", "http://example.com:8080", "example.com:*", "*:8080"],
                &["https:", "https://example.com:8080", "example.com", "http://*", "*.example.com:*", "*:80"],
            ),
            ("http://localhost/", &["localhost", "localhost:80", "*"], &["*.localhost", "localhost:443"]),
            ("http://127.0.0.1/", &["*", "http:", "'self'"], &["127.0.0.1", "*:*", "http://*"]),
            ("http://[::1]/", &["*", "http:"], &["[::1]", "*:*"]),
        ] {
            for expression in allow {
                assert!(allowed(page, expression), "{expression} on {page}");
            }
            for expression in forbid {
                assert!(!allowed(page, expression), "{expression} on {page}");
            }
        }
    }

    #[test]
    fn of_a_page_without_an_address_only_its_own_origin_is_known_to_match() {
        assert!(allows("'Self'", None, SCRIPT) && allows("*", None, SCRIPT));
        assert!(!allows("http:", None, SCRIPT) && !allows("*:*", None, SCRIPT));
    }
}
