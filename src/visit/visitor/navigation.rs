//! Whether a request opens a page: what a browser says of its purpose, or what a client accepts.

use http::header::{ACCEPT, HeaderName, HeaderValue};
use http::{HeaderMap, Method};

use super::says;
use crate::visit::text::contains;

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const X_REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");

/// Whether the request may open a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Navigation {
    /// A page of its own.
    Document,
    /// A page in a frame of the same site.
    Frame,
    /// A style sheet, an image, data for a script, a frame of a foreign page, or no GET.
    No,
}

impl Navigation {
    /// `Sec-Fetch-*` decides where a browser sends it (Fetch Metadata Request Headers, section 2);
    /// else the media types that the client accepts. Who accepts anything may be a person with an
    /// old browser, and who says nothing may be too.
    pub fn of(method: &Method, headers: &HeaderMap) -> Navigation {
        if method != Method::GET || says(headers, &SEC_FETCH_MODE).is_some_and(|mode| mode != b"navigate") {
            return Navigation::No;
        }
        match says(headers, &SEC_FETCH_DEST) {
            Some(b"document") => Navigation::Document,
            Some(b"iframe" | b"frame") => match says(headers, &SEC_FETCH_SITE) {
                Some(b"same-origin" | b"same-site") => Navigation::Frame,
                _ => Navigation::No,
            },
            Some(_) => Navigation::No,
            None if is_script(headers) || !accepts_pages(headers) => Navigation::No,
            None => Navigation::Document,
        }
    }

    /// Whether what is fetched ahead may be a page that is opened later: `<link rel=prefetch>` doesn't say what it is for.
    pub fn may_become(method: &Method, headers: &HeaderMap) -> bool {
        let dest = says(headers, &SEC_FETCH_DEST);
        method == Method::GET && matches!(dest, None | Some(b"empty" | b"document" | b"iframe" | b"frame"))
    }
}

/// Whether pages are asked for by name, and not only as something among all that there is.
pub fn names_pages(headers: &HeaderMap) -> bool {
    let is_page = |accept: &HeaderValue| {
        [&b"text/html"[..], b"application/xhtml+xml"].iter().any(|html| contains(accept.as_bytes(), html))
    };
    matches!(says(headers, &SEC_FETCH_DEST), Some(b"document" | b"iframe" | b"frame"))
        || headers.get_all(ACCEPT).iter().any(is_page)
}

fn is_script(headers: &HeaderMap) -> bool {
    says(headers, &X_REQUESTED_WITH).is_some_and(|with| with.eq_ignore_ascii_case(b"XMLHttpRequest"))
}

fn accepts_pages(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(ACCEPT).iter().map(HeaderValue::as_bytes).peekable();
    let is_silent = values.peek().is_none();
    is_silent
        || values.any(|accept| {
            contains(accept, b"text/html") || contains(accept, b"application/xhtml+xml") || accept == b"*/*"
        })
}
