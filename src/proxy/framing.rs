//! Where a message ends: that it is seen alike by everybody who reads it (RFC 9112 §6).
//!
//! Owns Transfer-Encoding, Content-Length and what may stand behind a body. Refuses what one reader takes for a body and the
//! next one for another message.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body::Frame;

use super::body::Body;
use super::failure::Failure;

/// Fields that are heeded before a body is read: none of them may come behind it (RFC 9110 §6.5.1).
const BEFORE_THE_BODY: [HeaderName; 24] = [
    header::AGE,
    header::AUTHORIZATION,
    header::CACHE_CONTROL,
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::COOKIE,
    header::EXPECT,
    header::EXPIRES,
    header::FORWARDED,
    header::HOST,
    header::LOCATION,
    header::MAX_FORWARDS,
    header::PROXY_AUTHORIZATION,
    header::RANGE,
    header::SET_COOKIE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::VARY,
    header::VIA,
];

/// Refuses a request whose body two parties could see end in different places (§6.1, §6.3).
///
/// # Errors
/// [`Failure::BadRequest`] for a length beside chunks, and for any coding but one `chunked`.
pub(super) fn refuse_doubtful(headers: &HeaderMap) -> Result<(), Failure> {
    match coding(headers) {
        Coding::None => Ok(()),
        _ if headers.contains_key(header::CONTENT_LENGTH) => {
            Err(Failure::BadRequest("the body has both a length and chunks"))
        }
        Coding::Chunked => Ok(()),
        Coding::Other => Err(Failure::BadRequest("the body's transfer coding is not plain chunks")),
    }
}

/// Leaves an answer one length at most: none beside chunks (§6.3), and one where it stood there twice.
///
/// # Errors
/// [`Failure::OriginUnreadable`] for a coding that isn't undone here: its bytes would be taken for the page's own.
pub(super) fn settle(headers: &mut HeaderMap) -> Result<(), Failure> {
    match coding(headers) {
        Coding::None => {}
        Coding::Chunked => {
            headers.remove(header::CONTENT_LENGTH);
        }
        Coding::Other => return Err(Failure::OriginUnreadable),
    }
    // They are all the same, or hyper had not accepted them.
    let lengths = headers.get_all(header::CONTENT_LENGTH).iter().filter_map(|length| length.to_str().ok());
    let first = lengths.flat_map(|length| length.split(',')).next().map(str::trim);
    if let Some(length) = first.and_then(|length| HeaderValue::from_str(length).ok()) {
        headers.insert(header::CONTENT_LENGTH, length);
    }
    Ok(())
}

/// Whether an answer to this method, of this status, has no body, whatever its headers say (§6.3; RFC 9110 §15.3.6).
pub(super) fn is_bodiless(method: &Method, status: StatusCode) -> bool {
    let statuses = [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT, StatusCode::NOT_MODIFIED];
    *method == Method::HEAD || statuses.contains(&status)
}

/// The answer without what may have come as its body. A length says how long one would have been, to HEAD and at 304 (§6.2).
pub(super) fn without_body<B>(mut answer: Response<B>) -> Response<Body> {
    if [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT].contains(&answer.status()) {
        answer.headers_mut().remove(header::CONTENT_LENGTH);
    }
    answer.map(|_| Body::Whole(None))
}

/// A part of a body, without what may not stand in trailers.
pub(super) fn part(mut frame: Frame<Bytes>) -> Frame<Bytes> {
    if let Some(trailers) = frame.trailers_mut() {
        for name in &BEFORE_THE_BODY {
            trailers.remove(name);
        }
    }
    frame
}

enum Coding {
    None,
    Chunked,
    Other,
}

fn coding(headers: &HeaderMap) -> Coding {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Coding::None,
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Coding::Chunked,
        _ => Coding::Other,
    }
}
