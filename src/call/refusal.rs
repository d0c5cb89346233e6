//! Requests that are no carrier's, or that nothing can be made of: what they are answered with.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use super::carrier::CarrierName;
use super::signature::Refusal;

/// Who is at fault: whoever sent it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("there is nothing at this address")]
    NotOurs,
    #[error("this is sent by POST")]
    Method,
    #[error("[carrier.{0}] is not configured here")]
    NotConfigured(CarrierName),
    #[error("a message has 64 KB at most")]
    TooLong,
    #[error("the message was cut off")]
    CutOff,
    #[error("the message took too long to come")]
    TooSlow,
    #[error("this can't be known to be {0}'s: {1}")]
    NotAuthentic(CarrierName, Refusal),
    #[error("{0}")]
    Unreadable(String),
}

impl Refused {
    pub fn unreadable(why: &dyn std::error::Error) -> Self {
        Refused::Unreadable(why.to_string())
    }

    pub fn into_response(self) -> Response<Bytes> {
        let status = match &self {
            Refused::NotOurs | Refused::NotConfigured(_) => StatusCode::NOT_FOUND,
            Refused::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refused::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Refused::CutOff | Refused::Unreadable(_) => StatusCode::BAD_REQUEST,
            Refused::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Refused::NotAuthentic(carrier, refusal) => refusal.status(*carrier),
        };
        let mut response = Response::new(Bytes::from(format!("{self}\n")));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Refused::Method => {
                headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            Refused::NotAuthentic(carrier, refusal) => {
                if let Some(challenge) = refusal.challenge(carrier) {
                    headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
                }
            }
            _ => {}
        }
        response
    }
}
