//! The forms that answers take. None is kept by a cache.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use super::body::Body;

const TEXT: &str = "text/plain; charset=utf-8";
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const JSON: &str = "application/json";

/// A sentence, for people.
pub(super) fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    of(status, TEXT, text.into())
}

/// Counts in Prometheus's text format.
pub(super) fn metrics(text: String) -> Response<Body> {
    of(StatusCode::OK, METRICS, text.into())
}

/// One object.
pub(super) fn json(object: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(object) {
        Ok(json) => of(StatusCode::OK, JSON, json.into()),
        Err(error) => {
            plain(StatusCode::INTERNAL_SERVER_ERROR, format!("the answer can't be written: {error}\n"))
        }
    }
}

/// There is something at this address, for other methods.
pub(super) fn wrong_method(allowed: &'static str) -> Response<Body> {
    let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, format!("{allowed} alone\n"));
    refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    refused
}

fn of(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
