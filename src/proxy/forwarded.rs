//! The headers that are between two neighbours, and those that tell the origin who is behind us.
//!
//! Owns hop-by-hop headers (RFC 9110 §7.6.1), Via (§7.6.3), Forwarded (RFC 7239) and the X-Forwarded family. What a
//! peer sent is stripped before anything of ours is added.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, Version};

use super::body::Body;
use super::filled;
use super::identify::Visit;
use super::inbound::Hop;

/// The name we sign Via with.
pub(super) const TOKEN: &str = "dni-edge";

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Headers that are for the next hop only, whether Connection names them or not.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("http2-settings"),
];

/// Makes a request's headers ready for the origin.
pub(super) fn request(hop: &Hop, headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
    // hyper answers an expectation itself, as soon as the origin takes the body (RFC 9110 §10.1.1).
    headers.remove(header::EXPECT);
    if !hop.trusted {
        strip_claims(headers);
    }
    let address = hop.peer.address.to_canonical().to_string();
    let scheme = if hop.tls { "https" } else { "http" };
    let node = if address.contains(':') { format!("\"[{address}]\"") } else { address.clone() };
    let forwarded = format!("for={node};host={};proto={scheme}", quoted(&hop.authority));
    append_to_list(headers, X_FORWARDED_FOR, &address);
    append_to_list(headers, header::FORWARDED, &forwarded);
    set_if_absent(headers, X_FORWARDED_HOST, &hop.authority);
    set_if_absent(headers, X_FORWARDED_PROTO, scheme);
    append_to_list(headers, header::VIA, via(hop.version));
    if let Ok(host) = HeaderValue::from_str(&hop.authority) {
        headers.insert(header::HOST, host);
    }
    hop.correlation.write(headers);
}

/// Takes out what a stranger claims of who is behind them.
fn strip_claims(headers: &mut HeaderMap) {
    let claims: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("x-forwarded-")).cloned().collect();
    for name in claims.into_iter().chain([header::FORWARDED, X_REAL_IP]) {
        headers.remove(name);
    }
}

/// Our entry in Via: the version of the message that was received (RFC 9110 §7.6.3).
fn via(received: Version) -> &'static str {
    match received {
        Version::HTTP_10 => "1.0 dni-edge",
        Version::HTTP_2 => "2.0 dni-edge",
        _ => "1.1 dni-edge",
    }
}

/// Makes an answer ready for the visitor: its framing is ours, and a session that begins is told so in private.
pub(super) fn answer(mut response: Response<Body>, visit: &Visit) -> Response<Body> {
    let received = std::mem::replace(response.version_mut(), Version::HTTP_11);
    let headers = response.headers_mut();
    append_to_list(headers, header::VIA, via(received));
    if visit.begins {
        filled::keep_private(headers);
    }
    if let Some(cookie) = &visit.set_cookie {
        headers.append(header::SET_COOKIE, cookie.clone());
    }
    response
}

/// Strips what an answer says to us alone, before anything is made of it.
pub(super) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    if headers.contains_key(header::TRANSFER_ENCODING) {
        // The length of what was sent in chunks is theirs to say (RFC 9112 §6.3).
        headers.remove(header::CONTENT_LENGTH);
    }
    for name in named.into_iter().chain(HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Adds to a comma-separated list, on one line.
fn append_to_list(headers: &mut HeaderMap, name: HeaderName, item: &str) {
    let lines = headers.get_all(&name).iter().filter_map(|line| line.to_str().ok());
    let list = lines.chain([item]).collect::<Vec<_>>().join(", ");
    if let Ok(list) = HeaderValue::from_str(&list) {
        headers.insert(name, list);
    }
}

fn set_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if !headers.contains_key(&name)
        && let Ok(value) = HeaderValue::from_str(value)
    {
        headers.insert(name, value);
    }
}

/// A value of a Forwarded parameter; a host with a port is no token (RFC 7239 §4).
fn quoted(authority: &str) -> String {
    match authority.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')) {
        true => authority.to_owned(),
        false => format!("\"{}\"", authority.replace(['"', '\\'], "")),
    }
}
