//! `GET /api/recordings/ID`: a call's recording is played, or a part of it.

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::answer;
use super::body::Body;
use super::range::Range;
use crate::call::recordings::{NotPlayable, Playable};
use crate::server::Rooms;

/// What a recording's address begins with; the call's id follows.
pub(super) const ADDRESS: &str = "/api/recordings/";

/// Answers with the recording that the call is told with.
pub(super) async fn play(rooms: &Rooms, request: &Request<Incoming>) -> Response<Body> {
    let id = request.uri().path().strip_prefix(ADDRESS).unwrap_or_default();
    let id = match id.parse() {
        Ok(id) => id,
        Err(error) => return answer::plain(StatusCode::NOT_FOUND, format!("{error}\n")),
    };
    match rooms.calls.play(id).await {
        Ok(playable) => of(playable, request.method(), request.headers()),
        Err(error) => answer::plain(status(&error), format!("{error}\n")),
    }
}

fn status(error: &NotPlayable) -> StatusCode {
    match error {
        NotPlayable::NoCall(_) | NotPlayable::NotHere => StatusCode::NOT_FOUND,
        NotPlayable::Lost(_) => StatusCode::INTERNAL_SERVER_ERROR,
        NotPlayable::Read(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn of(playable: Playable, method: &Method, asked: &HeaderMap) -> Response<Body> {
    let Playable { file, bytes, sha256, content_type, name } = playable;
    let value = |text: String| HeaderValue::from_str(&text).expect("digits, letters and quotes");
    let tag = value(format!("\"{sha256}\""));
    // Parts are for those who read (RFC 9110 §14.2).
    let range = if method == Method::GET { Range::of(asked, bytes, &tag) } else { Range::Whole };
    let (status, from, count) = match range {
        Range::Whole => (StatusCode::OK, 0, bytes),
        Range::Part(first, last) => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Range::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0),
    };
    let body = match method == Method::HEAD || count == 0 {
        true => Ok(Body::empty()),
        false => Body::of_file(file, from, count),
    };
    let body = match body {
        Ok(body) => body,
        Err(error) => return answer::plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    match range {
        Range::Whole => {}
        Range::Part(first, last) => {
            headers.insert(header::CONTENT_RANGE, value(format!("bytes {first}-{last}/{bytes}")));
        }
        Range::Unsatisfiable => {
            headers.insert(header::CONTENT_RANGE, value(format!("bytes */{bytes}")));
        }
    }
    headers.insert(header::CONTENT_LENGTH, count.into());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_DISPOSITION, value(format!("inline; filename=\"{name}\"")));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::ETAG, tag);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
