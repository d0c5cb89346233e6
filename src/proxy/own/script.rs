//! Our script in the visitor's browser: its bytes, its element in the page, and what it is told of the lines.
//!
//! `swap.js` is the script as people read it. What is served was made from it by `tests/tools/minified.mjs`, and the tests
//! hold the one against the other.

use std::io::Write;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{self, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::SCRIPT;
use crate::config::{Hydration, Line, Site};
use crate::number::{Carries, Shown};
use crate::proxy::body::Body;
use crate::proxy::coding::accepts;
use crate::proxy::csp::Permit;

const SERVED: &str = include_str!("swap.min.js");

/// The script in one coding, and its tag: another for each version and coding of it (RFC 9110 §8.8.3.3).
struct Coded {
    /// None where the script is as it is.
    coding: Option<&'static str>,
    bytes: Bytes,
    tag: String,
}

/// The script in every coding that it is sent in, the shortest first. Coded once.
static CODED: LazyLock<[Coded; 3]> = LazyLock::new(|| {
    let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(SERVED)[..9]);
    let coded = |coding: &'static str, bytes: Vec<u8>| {
        let tag = format!("\"{hash}-{coding}\"");
        Coded { coding: Some(coding), bytes: bytes.into(), tag }
    };
    let plain =
        Coded { coding: None, bytes: Bytes::from_static(SERVED.as_bytes()), tag: format!("\"{hash}\"") };
    [coded("br", brotli()), coded("gzip", gzip()), plain]
});

fn brotli() -> Vec<u8> {
    let mut packed = Vec::new();
    let settings = BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut SERVED.as_bytes(), &mut packed, &settings)
        .expect("memory takes all that is written");
    packed
}

fn gzip() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(SERVED.as_bytes()).and_then(|()| encoder.finish());
    packed.expect("memory takes all that is written")
}

/// Everybody is served the same, in the coding that they take, so that caches may keep it.
pub(super) fn response(headers: &HeaderMap) -> Response<Body> {
    let takes = |coded: &&Coded| coded.coding.is_none_or(|coding| accepts(headers, &[coding]));
    let Coded { coding, bytes, tag } = CODED.iter().find(takes).expect("everybody takes it as it is");
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let same =
        known.flat_map(|line| line.split(',')).any(|known| known.trim().trim_start_matches("W/") == tag);
    let mut response = Response::new(Body::Whole((!same).then(|| bytes.clone())));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(coding) = coding.filter(|_| !same) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response
}

/// The script's element. It waits for nothing and everything waits for it: what the page's own scripts write must find it there.
pub(in crate::proxy) fn element(site: &Site, permit: &Permit, lines: &[Value]) -> String {
    let nonce = match permit {
        Permit::Nonce(nonce) => format!(" nonce=\"{nonce}\""),
        Permit::Plain | Permit::Forbidden => String::new(),
    };
    let react = if site.hydration == Hydration::React { " data-react=\"1\"" } else { "" };
    let mark = if site.page_lines.mark() { " data-mark=\"1\"" } else { "" };
    let lines = Value::from(lines); // digits, and formats of numbers: nothing that would end the attribute
    format!("<script src=\"{SCRIPT}\"{nonce}{react}{mark} data-lines='{lines}'></script>")
}

/// What the script is told of a line that shows this number: see `swap.js`.
pub(in crate::proxy) fn swap(line: &Line, shown: &Shown) -> Value {
    let (own, number) = (&line.canonical, &shown.number);
    let whole = if number.has_form_of(own) { "" } else { number.international_format() };
    told(line, number.national_digits(), whole, code(shown.carries))
}

/// Likewise of a line whose number, which receives that much, is to be asked for once the page prints the line's own.
pub(in crate::proxy) fn ask(line: &Line, carries: Carries) -> Value {
    told(line, "", "", code(carries))
}

/// Likewise of a line that keeps its own number, whatever the page prints.
pub(super) fn stay(line: &Line) -> Value {
    told(line, "", "", 0)
}

fn told(line: &Line, digits: &str, whole: &str, carries: u8) -> Value {
    let own = &line.canonical;
    json!([own.country_code(), own.national_digits(), digits, whole, carries])
}

fn code(carries: Carries) -> u8 {
    u8::from(carries.voice) + 2 * u8::from(carries.sms)
}
