//! Our own cookie among the visitor's: found, kept from the origin, and set.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use smallvec::SmallVec;

use crate::config::Cookie;
use crate::visit::cookie::{self, value_of};

/// The name of a site's cookie where the visitor came over TLS: the prefix keeps plain HTTP from setting it, and where only
/// one host is to have it, other hosts too (RFC 6265bis §4.1.3).
fn name(cookie: &Cookie, tls: bool) -> String {
    let prefix = match (tls, &cookie.domain) {
        (false, _) => "",
        (true, None) => "__Host-",
        (true, Some(_)) => "__Secure-",
    };
    format!("{prefix}{}", cookie.name)
}

/// Values of our cookie, in their order; there is more than one where somebody planted another.
pub(super) fn find<'a>(headers: &'a HeaderMap, cookie: &Cookie, tls: bool) -> impl Iterator<Item = &'a str> {
    cookie::values(headers, &name(cookie, tls)).collect::<SmallVec<[&str; 2]>>().into_iter()
}

/// Makes one line of what HTTP/2 splits into several, so that it packs better (RFC 9113 §8.2.3).
pub(super) fn join(headers: &mut HeaderMap) {
    let lines: Vec<_> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if lines.len() > 1
        && let Ok(line) = HeaderValue::from_bytes(&lines.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, line);
    }
}

/// Takes our cookie out of what the origin is sent: it is none of its business, and makes caches there miss.
pub(super) fn hide(headers: &mut HeaderMap, cookie: &Cookie) {
    let names = ["", "__Host-", "__Secure-"].map(|prefix| format!("{prefix}{}", cookie.name));
    let ours = |pair: &[u8]| names.iter().any(|name| value_of(pair, name).is_some());
    let pairs = |line: &HeaderValue| {
        line.as_bytes().split(|byte| *byte == b';').map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let lines: Vec<_> = headers.get_all(header::COOKIE).iter().map(pairs).collect();
    if !lines.iter().flatten().any(|pair| ours(pair)) {
        return;
    }
    headers.remove(header::COOKIE);
    for line in lines {
        let kept: Vec<_> = line.into_iter().filter(|pair| !ours(pair)).collect();
        if let Ok(kept) = HeaderValue::from_bytes(kept.join(&b';').trim_ascii())
            && !kept.is_empty()
        {
            headers.append(header::COOKIE, kept);
        }
    }
}

/// The header that sets our cookie (RFC 6265 §4.1.1).
pub(super) fn set(cookie: &Cookie, value: &str, tls: bool) -> Option<HeaderValue> {
    live(cookie, value, cookie.life, tls)
}

/// The header that takes our cookie back.
pub(super) fn expire(cookie: &Cookie, tls: bool) -> Option<HeaderValue> {
    live(cookie, "", Duration::ZERO, tls)
}

fn live(cookie: &Cookie, value: &str, life: Duration, tls: bool) -> Option<HeaderValue> {
    let secure = if tls { "; Secure" } else { "" };
    let domain = cookie.domain.as_ref().map(|domain| format!("; Domain={domain}")).unwrap_or_default();
    let (name, life) = (name(cookie, tls), life.as_secs());
    let line = format!("{name}={value}; Path=/{domain}; Max-Age={life}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_static(line))).collect()
    }

    fn dni() -> Cookie {
        Cookie { name: "dni".to_owned(), domain: None, life: Duration::from_secs(86_400) }
    }

    #[test]
    fn ours_is_found_by_its_whole_name() {
        let headers = headers(&["xdni=1; dni=2;dnix=3", "__Host-dni=4; dni=5"]);
        assert_eq!(find(&headers, &dni(), false).collect::<Vec<_>>(), ["2", "5"]);
        assert_eq!(find(&headers, &dni(), true).collect::<Vec<_>>(), ["4"]);
    }

    #[test]
    fn crumbs_make_one_line() {
        let mut crumbs = headers(&["a=1", "dni=2", "b=\"3 4\""]);
        join(&mut crumbs);
        assert_eq!(crumbs.get_all(header::COOKIE).iter().collect::<Vec<_>>(), ["a=1; dni=2; b=\"3 4\""]);
    }

    #[test]
    fn the_origin_gets_the_others_as_they_were() {
        let mut mixed = headers(&["a=1; dni=2; b=\"3 4\"", "__Host-dni=4", "c=5"]);
        hide(&mut mixed, &dni());
        let lines: Vec<_> = mixed.get_all(header::COOKIE).iter().collect();
        assert_eq!(lines, ["a=1; b=\"3 4\"", "c=5"]);
    }

    #[test]
    fn other_sites_cookies_may_hold_any_bytes() {
        let mut odd = HeaderMap::new();
        odd.append(header::COOKIE, HeaderValue::from_bytes("name=é; dni=2; z=\u{ff}".as_bytes()).unwrap());
        assert_eq!(find(&odd, &dni(), false).collect::<Vec<_>>(), ["2"]);
        hide(&mut odd, &dni());
        assert_eq!(odd[header::COOKIE].as_bytes(), "name=é; z=\u{ff}".as_bytes());
    }

    #[test]
    fn it_is_secure_where_the_visitor_came_over_tls() {
        let (plain, tls) = (set(&dni(), "x", false).unwrap(), set(&dni(), "x", true).unwrap());
        assert_eq!(plain, "dni=x; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax");
        assert_eq!(tls, "__Host-dni=x; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(expire(&dni(), false).unwrap(), "dni=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn hosts_of_one_domain_may_share_it() {
        let shared = Cookie { domain: Some("example.com".to_owned()), ..dni() };
        let set = set(&shared, "x", true).unwrap();
        assert_eq!(
            set,
            "__Secure-dni=x; Path=/; Domain=example.com; Max-Age=86400; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            find(&headers(&["__Secure-dni=1; __Host-dni=2"]), &shared, true).collect::<Vec<_>>(),
            ["1"]
        );
    }
}
