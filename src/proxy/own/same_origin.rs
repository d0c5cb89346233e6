//! Whether a page of the very same origin asks: nobody else's script is told a visitor's numbers, or may begin a visit.

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue, ORIGIN};

use crate::proxy::failure::Failure;
use crate::proxy::inbound::{Inbound, host_of};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses who isn't known to be of the same origin: browsers say so with everything that they send in `Sec-Fetch-Site` (Fetch
/// Metadata Request Headers, section 2.3), and with every POST in `Origin` (Fetch standard, "append a request `Origin` header").
/// A GET may lack both, where the browser is old; its answer is still for scripts of the same origin only.
pub(super) fn require(inbound: &Inbound) -> Result<(), Failure> {
    let site = all(inbound.headers(), &SEC_FETCH_SITE);
    let origin = all(inbound.headers(), &ORIGIN);
    let is_known = !(site.is_empty() && origin.is_empty()) || inbound.method().is_safe();
    let same = site.iter().all(|site| *site == b"same-origin")
        && origin.iter().all(|origin| is_of(origin, inbound, !site.is_empty()));
    if is_known && same { Ok(()) } else { Err(Failure::OtherOrigin) }
}

fn all<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a [u8]> {
    headers.get_all(name).iter().map(HeaderValue::as_bytes).collect()
}

/// Whether an origin is the one that was asked. Behind a proxy that isn't trusted its scheme is anybody's guess; so is its port behind
/// one that passes on the host alone, and the browser's own word on the site counts for it.
fn is_of(origin: &[u8], inbound: &Inbound, browser_says_so: bool) -> bool {
    let authority = match origin {
        [b'h', b't', b't', b'p', b's', b':', b'/', b'/', authority @ ..] => authority,
        [b'h', b't', b't', b'p', b':', b'/', b'/', authority @ ..] if !inbound.hop.tls => authority,
        _ => return false,
    };
    let host = std::str::from_utf8(authority).ok().and_then(host_of);
    authority.eq_ignore_ascii_case(inbound.hop.authority.as_bytes())
        || browser_says_so && host.is_some_and(|host| host == inbound.host)
}
