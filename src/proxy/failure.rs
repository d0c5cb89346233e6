//! What can go wrong with a visit, by whose fault, and the response that says so.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use super::body::Body;
use super::refusals::Refusal;

/// A request that gets no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The client's fault.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    #[error("no site is served as {0:?}")]
    UnknownHost(String),
    #[error("there is nothing at this address")]
    NotOurs,
    #[error("this address is for {0} alone")]
    NotAllowed(&'static str),
    #[error("only pages of this very origin may ask")]
    OtherOrigin,
    #[error("the target is too long")]
    TargetTooLong,
    #[error("the headers are too long")]
    HeadersTooLong,
    #[error("too many requests")]
    TooOften(Duration),
    #[error("the body is too long")]
    TooLarge,
    #[error("the body doesn't come in time")]
    TooSlow,
    #[error("this is no proxy for CONNECT")]
    Method,
    #[error("the request has come round in a circle")]
    Loop,
    /// Nobody's fault: the page is for a person who opens it.
    #[error("this page is not fetched ahead")]
    FetchedAhead,
    /// The origin's fault.
    #[error("the website can't be reached")]
    OriginUnreachable(#[source] hyper_util::client::legacy::Error),
    #[error("the website doesn't answer in time")]
    OriginSilent,
    #[error("the website switches protocols unasked")]
    OriginSwitched,
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Failure::BadRequest(_) => StatusCode::BAD_REQUEST,
            Failure::UnknownHost(_) | Failure::NotOurs => StatusCode::NOT_FOUND,
            Failure::Method | Failure::NotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Failure::OtherOrigin => StatusCode::FORBIDDEN,
            Failure::TargetTooLong => StatusCode::URI_TOO_LONG,
            Failure::HeadersTooLong => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Failure::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Failure::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Failure::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Failure::Loop => StatusCode::LOOP_DETECTED,
            Failure::OriginUnreachable(_) | Failure::OriginSwitched => StatusCode::BAD_GATEWAY,
            Failure::FetchedAhead => StatusCode::SERVICE_UNAVAILABLE,
            Failure::OriginSilent => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// What it is counted as, where somebody is turned away for how much they send, or how slowly.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Failure::TargetTooLong => Some(Refusal::UriBytes),
            Failure::HeadersTooLong => Some(Refusal::HeaderBytes),
            Failure::TooLarge => Some(Refusal::BodyBytes),
            Failure::TooSlow => Some(Refusal::Body),
            Failure::TooOften(_) => Some(Refusal::RequestsPerSecond),
            _ => None,
        }
    }

    /// A short plain page.
    pub fn into_response(self) -> Response<Body> {
        let status = self.status();
        let allowed = match self {
            Failure::NotAllowed(methods) => methods,
            _ => "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        };
        if let Failure::OriginUnreachable(error) = &self {
            tracing::warn!(error = %chain(error), "the origin can't be reached");
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
            StatusCode::URI_TOO_LONG,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            StatusCode::REQUEST_TIMEOUT,
        ];
        if ends.contains(&status) {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Failure::TooOften(wait) = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().saturating_add(1)));
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
        }
        response
    }
}

/// An error and what it came from, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(|cause| cause.to_string()).collect::<Vec<_>>().join(": ")
}
