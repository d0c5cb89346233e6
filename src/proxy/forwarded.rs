//! The headers that are between two neighbours, and those that tell the origin who is behind us.
//!
//! Owns hop-by-hop headers (RFC 9110 §7.6.1), Via (§7.6.3), Forwarded (RFC 7239) and the X-Forwarded family. What a
//! peer sent is stripped before anything of ours is added.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, Version};
use http_body::Body as _;

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
    let takes_trailers = takes_trailers(headers);
    strip_hop_by_hop(headers);
    if takes_trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
        append_to_list(headers, header::CONNECTION, "te");
    }
    if let Some(asked) = &hop.asked {
        asked.ask(headers);
    }
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

/// Whether whoever asks can do with trailers (RFC 9110 §10.1.4): so can we then, for they are passed on.
fn takes_trailers(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::TE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))
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

/// Makes an answer ready for the visitor who asked in this version: its framing is ours, and a session that begins is told so
/// in private.
pub(super) fn answer(mut response: Response<Body>, asked: Version, visit: &Visit) -> Response<Body> {
    let received = std::mem::replace(response.version_mut(), Version::HTTP_11);
    let is_until_closed = asked == Version::HTTP_10 && response.body().size_hint().exact().is_none();
    let headers = response.headers_mut();
    append_to_list(headers, header::VIA, via(received));
    if is_until_closed {
        // HTTP/1.0 knows no chunks, and hyper would promise to keep the connection all the same.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if visit.begins {
        filled::keep_private(headers);
    }
    if let Some(cookie) = &visit.set_cookie {
        headers.append(header::SET_COOKIE, cookie.clone());
    }
    response
}

/// Strips what an answer says to us alone, before anything is made of it. Other ways to the website (RFC 7838) would lead
/// past us.
pub(super) fn strip_answer(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
    headers.remove(header::ALT_SVC);
}

fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.into_iter().chain(HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Adds to a comma-separated list, on one line.
pub(super) fn append_to_list(headers: &mut HeaderMap, name: HeaderName, item: &str) {
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
