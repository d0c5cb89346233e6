//! Our own cookie among the visitor's: found, kept from the origin, and set.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use smallvec::SmallVec;

use crate::visit::cookie::{self, value_of};

/// The cookie's name where the visitor came over TLS: the prefix keeps other hosts and plain HTTP from setting it
/// (RFC 6265bis §4.1.3.2).
fn name(plain: &str, tls: bool) -> String {
    if tls { format!("__Host-{plain}") } else { plain.to_owned() }
}

/// Values of our cookie, in their order; there is more than one where somebody planted another.
pub(super) fn find<'a>(headers: &'a HeaderMap, plain: &str, tls: bool) -> impl Iterator<Item = &'a str> {
    cookie::values(headers, &name(plain, tls)).collect::<SmallVec<[&str; 2]>>().into_iter()
}

/// Takes our cookie out of what the origin is sent: it is none of its business, and makes caches there miss.
pub(super) fn hide(headers: &mut HeaderMap, plain: &str) {
    let secure = name(plain, true);
    let ours = |pair: &[u8]| value_of(pair, plain).or_else(|| value_of(pair, &secure)).is_some();
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
pub(super) fn set(plain: &str, value: &str, life: Duration, tls: bool) -> Option<HeaderValue> {
    let secure = if tls { "; Secure" } else { "" };
    let cookie = format!(
        "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        name(plain, tls),
        life.as_secs()
    );
    HeaderValue::from_str(&cookie).ok()
}

/// The header that takes our cookie back.
pub(super) fn expire(plain: &str, tls: bool) -> Option<HeaderValue> {
    set(plain, "", Duration::ZERO, tls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_static(line))).collect()
    }

    #[test]
    fn ours_is_found_by_its_whole_name() {
        let headers = headers(&["xdni=1; dni=2;dnix=3", "__Host-dni=4; dni=5"]);
        assert_eq!(find(&headers, "dni", false).collect::<Vec<_>>(), ["2", "5"]);
        assert_eq!(find(&headers, "dni", true).collect::<Vec<_>>(), ["4"]);
    }

    #[test]
    fn the_origin_gets_the_others_as_they_were() {
        let mut mixed = headers(&["a=1; dni=2; b=\"3 4\"", "__Host-dni=4", "c=5"]);
        hide(&mut mixed, "dni");
        let lines: Vec<_> = mixed.get_all(header::COOKIE).iter().collect();
        assert_eq!(lines, ["a=1; b=\"3 4\"", "c=5"]);
    }

    #[test]
    fn other_sites_cookies_may_hold_any_bytes() {
        let mut odd = HeaderMap::new();
        odd.append(header::COOKIE, HeaderValue::from_bytes("name=é; dni=2; z=\u{ff}".as_bytes()).unwrap());
        assert_eq!(find(&odd, "dni", false).collect::<Vec<_>>(), ["2"]);
        hide(&mut odd, "dni");
        assert_eq!(odd[header::COOKIE].as_bytes(), "name=é; z=\u{ff}".as_bytes());
    }

    #[test]
    fn it_is_secure_where_the_visitor_came_over_tls() {
        let day = Duration::from_secs(86_400);
        assert_eq!(
            set("dni", "x", day, false).unwrap(),
            "dni=x; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax"
        );
        let tls = set("dni", "x", day, true).unwrap();
        assert_eq!(tls, "__Host-dni=x; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure");
    }
}
