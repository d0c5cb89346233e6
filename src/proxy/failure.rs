//! What can go wrong with a visit, by whose fault, and the response that says so.

use std::error::Error;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Version, header};

use super::body::Body;
use crate::observe::Trail;

/// A request that gets no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The client's fault.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    #[error("no site is served as {0:?}")]
    UnknownHost(String),
    /// The host is none of those that the connection was made for.
    #[error("no site is served as {0:?} on this connection")]
    Misdirected(String),
    #[error("there is nothing at this address")]
    NotOurs,
    #[error("this address is for {0} alone")]
    NotAllowed(&'static str),
    #[error("only pages of this very origin may ask")]
    OtherOrigin,
    #[error("the body is too long")]
    TooLarge,
    #[error("the body doesn't come in time")]
    TooSlow,
    #[error("neither CONNECT nor TRACE is served")]
    Method,
    #[error("nothing but 100-continue can be expected")]
    Expectation,
    #[error("the request has come round in a circle")]
    Loop,
    /// Nobody's fault: the page is for a person who opens it.
    #[error("this page is not fetched ahead")]
    FetchedAhead,
    /// The origin's fault.
    #[error("the website can't be reached")]
    OriginUnreachable {
        origin: Box<str>,
        #[source]
        error: Box<dyn Error + Send + Sync>,
    },
    #[error("the website doesn't answer in time")]
    OriginSilent,
    #[error("the website switches protocols unasked")]
    OriginSwitched,
    #[error("the website's answer is in a transfer coding other than chunked")]
    OriginUnreadable,
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Failure::BadRequest(_) => StatusCode::BAD_REQUEST,
            Failure::UnknownHost(_) | Failure::NotOurs => StatusCode::NOT_FOUND,
            Failure::Misdirected(_) => StatusCode::MISDIRECTED_REQUEST,
            Failure::Method | Failure::NotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Failure::OtherOrigin => StatusCode::FORBIDDEN,
            Failure::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Failure::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Failure::Expectation => StatusCode::EXPECTATION_FAILED,
            Failure::Loop => StatusCode::LOOP_DETECTED,
            Failure::OriginUnreachable { .. } | Failure::OriginSwitched | Failure::OriginUnreadable => {
                StatusCode::BAD_GATEWAY
            }
            Failure::FetchedAhead => StatusCode::SERVICE_UNAVAILABLE,
            Failure::OriginSilent => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// Tells operators of what is the origin's fault.
    pub fn note(&self, trail: &mut Trail) {
        match self {
            Failure::OriginUnreachable { .. } => trail.origin_failed("unreachable"),
            Failure::OriginSilent => trail.origin_failed("silent"),
            Failure::OriginSwitched => trail.origin_failed("switched"),
            Failure::OriginUnreadable => trail.origin_failed("unreadable"),
            _ => {}
        }
    }

    /// A short plain page, to a request of this version.
    pub fn into_response(self, version: Version) -> Response<Body> {
        let status = self.status();
        let allowed = match self {
            Failure::NotAllowed(methods) => methods,
            _ => "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        };
        if let Failure::OriginUnreachable { origin, error } = &self {
            tracing::warn!("the origin {origin} can't be reached: {}", chain(&**error));
        }
        let mut response = Response::new(Body::Whole(Some(Bytes::from(format!("{status}: {self}\n")))));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let ends = [
            StatusCode::BAD_REQUEST,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::REQUEST_TIMEOUT,
        ];
        // HTTP/2 has other ways to end a connection (RFC 9113 §8.2.2).
        if ends.contains(&status) && version < Version::HTTP_2 {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
        }
        response
    }
}

/// An error and what it came from, on one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(|cause| cause.to_string()).collect::<Vec<_>>().join(": ")
}
