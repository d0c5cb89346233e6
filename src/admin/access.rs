//! Who may ask: whoever knows the listener by its address, is no other website's page, and brings the token where one is set.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};

use super::answer;
use super::body::Body;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The answer to who may not ask; none to who may. `token`: the one that is wanted.
pub(super) fn refusal<B>(request: &Request<B>, token: Option<&str>) -> Option<Response<Body>> {
    let headers = request.headers();
    if !is_own_name(headers) {
        return Some(answer::plain(StatusCode::FORBIDDEN, "ask by address, or as localhost\n"));
    }
    if !request.method().is_safe() && is_of_another_origin(headers) {
        return Some(answer::plain(StatusCode::FORBIDDEN, "another website's page may not write here\n"));
    }
    if brings(headers, token?) {
        return None;
    }
    let mut refused = answer::plain(StatusCode::UNAUTHORIZED, "the admin token is wanted\n");
    refused.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    Some(refused)
}

/// Whether the request names this listener as only somebody can who knows it: a website's name may be led here by its owner
/// ("DNS rebinding"), an address can't.
fn is_own_name(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let Ok(host) = host.parse::<http::uri::Authority>() else { return false };
    let name = host.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

/// Whether a browser says that a page from elsewhere sends this. With everything that may write it says so in `Origin` (Fetch
/// standard, "append a request `Origin` header"), and in `Sec-Fetch-Site` (Fetch Metadata Request Headers, section 2.3);
/// commands send neither.
fn is_of_another_origin(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_own = |origin: &HeaderValue| {
        origin.as_bytes().strip_prefix(b"http://").is_some_and(|own| own.eq_ignore_ascii_case(host))
    };
    !headers.get_all(header::ORIGIN).iter().all(is_own)
        || !headers.get_all(SEC_FETCH_SITE).iter().all(|site| site == "same-origin")
}

/// Whether the request brings the token (RFC 6750 §2.1). All bytes are compared, so that time tells nothing.
fn brings(headers: &HeaderMap, token: &str) -> bool {
    let sent = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let Some((scheme, sent)) = sent.and_then(|sent| sent.split_at_checked("Bearer ".len())) else {
        return false;
    };
    let differences =
        sent.iter().zip(token.as_bytes()).fold(0, |differences, (sent, byte)| differences | (sent ^ byte));
    scheme.eq_ignore_ascii_case(b"Bearer ") && sent.len() == token.len() && differences == 0
}
