//! Our script in the visitor's browser: its bytes, its element in the page, and what it is told of the lines.
//!
//! `swap.js` is the script as people read it. What is served was made from it by terser 5:
//! `terser swap.js --ecma 2020 -c passes=3,unsafe=true,unsafe_arrows=true,keep_fargs=false -m -o swap.min.js`

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::SCRIPT;
use crate::config::{Hydration, Line, Site};
use crate::number::Shown;
use crate::proxy::body::Body;
use crate::proxy::csp::Permit;

const SERVED: &str = include_str!("swap.min.js");

/// Tells one version of the script from another.
static ETAG: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::digest(SERVED);
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash[..9]))
});

/// Everybody is served the same, so that caches may keep it.
pub(super) fn response(headers: &HeaderMap) -> Response<Body> {
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let same = known.flat_map(|line| line.split(',')).any(|tag| tag.trim().trim_start_matches("W/") == *ETAG);
    let body = if same { None } else { Some(Bytes::from_static(SERVED.as_bytes())) };
    let mut response = Response::new(Body::Whole(body));
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    if let Ok(tag) = HeaderValue::from_str(&ETAG) {
        headers.insert(header::ETAG, tag);
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

/// What the script is told of a line: see `swap.js`.
pub(in crate::proxy) fn swap(line: &Line, shown: Option<&Shown>) -> Value {
    let own = &line.canonical;
    let Some(Shown { number, carries }) = shown else {
        return json!([own.country_code(), own.national_digits(), "", "", 3]);
    };
    let digits = number.national_digits();
    let whole = if number.has_form_of(own) { "" } else { number.international_format() };
    let carries = u8::from(carries.voice) + 2 * u8::from(carries.sms);
    json!([own.country_code(), own.national_digits(), digits, whole, carries])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_served_was_made_from_what_is_read() {
        let hash = Sha256::digest(include_bytes!("swap.js"));
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let told = "make swap.min.js again, then note the new swap.js here";
        assert_eq!(hash, "6dbfc989df33283e5f850388d63d8c19162b8f8588f566321ab5b17728009964", "{told}");
    }

    #[test]
    fn it_is_small() {
        let mut packed = Vec::new();
        let settings = brotli::enc::BrotliEncoderParams::default();
        brotli::BrotliCompress(&mut SERVED.as_bytes(), &mut packed, &settings).unwrap();
        assert!(packed.len() <= 1024, "{} bytes", packed.len());
    }
}
