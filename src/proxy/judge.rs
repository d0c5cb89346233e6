//! What a response may become, decided at its head: the origin's bytes for everybody, or a page filled for one visitor.

use http::{HeaderMap, Method, Response, StatusCode, header};
use http_body::Body;

use super::coding::Coding;
use super::showing::Showing;
use super::upstream::Answered;
use crate::page::{Declared, charset_of_content_type};

pub(super) enum Judgement {
    /// The page may be filled.
    Fill(How),
    /// The response is the origin's, bytes, caching and all.
    Pass,
}

/// How a page is to be read.
pub(super) struct How {
    pub declared: Declared,
    pub gzip: bool,
    /// The page is XHTML, in which browsers make up no elements.
    pub xml: bool,
    /// The answer to a HEAD request has no page to fill, only the headers of one.
    pub head_only: bool,
}

impl Judgement {
    pub fn of(method: &Method, showing: &Showing, answer: &Response<Answered>) -> Self {
        let headers = answer.headers();
        let coding = Coding::of(headers);
        let Some(declared) = html(headers) else { return Judgement::Pass };
        // A page of no bytes is no page, however it says it is coded.
        let is_empty = *method != Method::HEAD && answer.body().is_end_stream();
        let readable = !is_empty
            && has_page(answer.status())
            && coding != Coding::Other
            && declared.is_readable()
            && !is_untouchable(headers);
        match readable && showing.may_show() {
            true => Judgement::Fill(How {
                declared,
                gzip: coding == Coding::Gzip,
                xml: is_xml(headers),
                head_only: *method == Method::HEAD,
            }),
            false => Judgement::Pass,
        }
    }
}

/// The charset of an HTML page; none for anything else.
fn html(headers: &HeaderMap) -> Option<Declared> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    is_html(content_type).then(|| charset_of_content_type(content_type))
}

/// Whether a Content-Type is that of HTML pages, with whatever parameters (RFC 9110 §8.3.1).
pub(crate) fn is_html(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/xhtml+xml"].iter().any(|html| essence.eq_ignore_ascii_case(html))
}

fn is_xml(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|line| line.to_str().ok());
    content_type.is_some_and(|line| line.trim_start().to_ascii_lowercase().starts_with("application/xhtml"))
}

/// Whether a response of this status brings a whole page: no part of one, and not none (RFC 9110 §15.3.5, .7, §15.4.5).
fn has_page(status: StatusCode) -> bool {
    let none = [
        StatusCode::NO_CONTENT,
        StatusCode::RESET_CONTENT,
        StatusCode::PARTIAL_CONTENT,
        StatusCode::NOT_MODIFIED,
    ];
    !status.is_informational() && !none.contains(&status)
}

/// `no-transform` (RFC 9110 §7.7).
fn is_untouchable(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|directive| directive.trim().eq_ignore_ascii_case("no-transform"))
}
