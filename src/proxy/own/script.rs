//! Our scripts in the visitor's browser: their bytes, their elements in the page, and what `swap.js` is told of the lines.
//!
//! Where a CDN keeps pages for everybody, the page says nothing but where the script is; what that is told comes with it then.
//!
//! `swap.js` and `tap.js` are the scripts as people read them. What is served was made from them by `tests/tools/minified.mjs`, and
//! the tests hold the one against the other. They are two, so that the first stays below a kilobyte, and so that the second isn't
//! there where the page's policy wouldn't let it tell of anything.

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

use super::{SCRIPT, TAP_SCRIPT};
use crate::config::{Hydration, Line, Site};
use crate::number::{Carries, Shown};
use crate::proxy::body::Body;
use crate::proxy::coding::accepts;
use crate::proxy::csp::Permit;

/// Swaps the numbers that scripts write.
pub(super) static SWAP: LazyLock<[Coded; 3]> = LazyLock::new(|| coded(SWAP_JS));

const SWAP_JS: &str = include_str!("swap.min.js");

/// Tells of taps on telephone links.
pub(super) static TAP: LazyLock<[Coded; 3]> = LazyLock::new(|| coded(TAP_JS));

const TAP_JS: &str = include_str!("tap.min.js");

/// Shows the cookie of a session that has just begun.
const SHOW_JS: &str = include_str!("show.min.js");

/// A script in one coding, and its tag: another for each version and coding of it (RFC 9110 §8.8.3.3).
pub(in crate::proxy) struct Coded {
    /// None where the script is as it is.
    coding: Option<&'static str>,
    bytes: Bytes,
    tag: String,
}

/// A script in every coding that it is sent in, the shortest first.
fn coded(script: impl Into<Bytes>) -> [Coded; 3] {
    let script = script.into();
    let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(&script)[..9]);
    let coded = |coding: &'static str, bytes: Vec<u8>| {
        let tag = format!("\"{hash}-{coding}\"");
        Coded { coding: Some(coding), bytes: bytes.into(), tag }
    };
    let packed = [coded("br", brotli(&script)), coded("gzip", gzip(&script))];
    let plain = Coded { coding: None, bytes: script, tag: format!("\"{hash}\"") };
    let [br, gzip] = packed;
    [br, gzip, plain]
}

fn brotli(script: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let settings = BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &*script, &mut packed, &settings).expect("memory takes all that is written");
    packed
}

fn gzip(script: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(script).and_then(|()| encoder.finish());
    packed.expect("memory takes all that is written")
}

/// Everybody is served the same, in the coding that they take, so that caches may keep it.
pub(super) fn response(script: &[Coded; 3], headers: &HeaderMap) -> Response<Body> {
    let takes = |coded: &&Coded| coded.coding.is_none_or(|coding| accepts(headers, &[coding]));
    let Coded { coding, bytes, tag } = script.iter().find(takes).expect("everybody takes it as it is");
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

/// The script of a site whose pages are the same for everybody. It is told of the lines that a rule may show another number for; of the
/// visitor's numbers it learns once it has seen one of those.
pub(in crate::proxy) fn of_everybodys_pages(site: &Site) -> [Coded; 3] {
    let lines: Vec<Value> = (0..site.lines.len())
        .filter_map(|line| Some(ask(&site.lines[line], carries_of(site, line)?)))
        .collect();
    let mut told = json!({ "lines": Value::from(lines).to_string() });
    if site.hydration == Hydration::React {
        told["react"] = json!(1);
    }
    if site.page_lines.mark() {
        told["mark"] = json!(1);
    }
    coded(format!("Object.assign(document.currentScript.dataset,{told});{SHOW_JS}\n{SWAP_JS}\n{TAP_JS}"))
}

/// What the numbers receive that a line may show, one or the other; none where it shows its own alone.
fn carries_of(site: &Site, line: usize) -> Option<Carries> {
    let pools = site.pools.iter().filter(|pool| pool.line == line).filter_map(|pool| pool.numbers.first());
    let statics = site.statics.iter().filter(|known| known.line == line).map(|known| &known.shown);
    pools.chain(statics).map(|shown| shown.carries).reduce(|all, more| Carries {
        voice: all.voice || more.voice,
        sms: all.sms || more.sms,
        whatsapp: all.whatsapp || more.whatsapp,
    })
}

/// The element of it. Pages that scripts take over wait for it; others needn't.
pub(in crate::proxy) fn element_for_everybody(site: &Site, permit: &Permit) -> String {
    let nonce = nonce(permit);
    let waits = if site.hydration == Hydration::None { " async" } else { "" };
    format!("<script src=\"{SCRIPT}\"{nonce}{waits}></script>")
}

/// The element of `swap.js`. It waits for nothing and everything waits for it: what the page's own scripts write must find it there.
pub(in crate::proxy) fn element(site: &Site, permit: &Permit, lines: &[Value]) -> String {
    let nonce = nonce(permit);
    let react = if site.hydration == Hydration::React { " data-react=\"1\"" } else { "" };
    let mark = if site.page_lines.mark() { " data-mark=\"1\"" } else { "" };
    let lines = Value::from(lines); // digits, and formats of numbers: nothing that would end the attribute
    format!("<script src=\"{SCRIPT}\"{nonce}{react}{mark} data-lines='{lines}'></script>")
}

/// The element of `tap.js`. It doesn't wait either: it must have taken itself out of the page before React looks.
pub(in crate::proxy) fn tap_element(permit: &Permit) -> String {
    format!("<script src=\"{TAP_SCRIPT}\"{}></script>", nonce(permit))
}

fn nonce(permit: &Permit) -> String {
    match permit {
        Permit::Nonce(nonce) => format!(" nonce=\"{nonce}\""),
        Permit::Plain | Permit::Forbidden => String::new(),
    }
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
