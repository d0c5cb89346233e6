//! The addresses that carriers send to, and the forms that answers take.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};

use super::carrier::CarrierName;
use super::dialect::{Address, Answer};
use super::refusal::Refused;

/// All of them begin so.
const CALLS: &str = "/.dni/calls/";

/// Which carrier sends, and what about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub carrier: CarrierName,
    pub address: Address,
}

pub(super) fn is_ours(path: &str) -> bool {
    path.starts_with(CALLS)
}

pub(super) fn carrier(path: &str) -> Option<CarrierName> {
    path.strip_prefix(CALLS)?.split('/').next()?.parse().ok()
}

impl Asked {
    /// # Errors
    /// [`Refused`] where there is no such address, or nothing for this method.
    pub fn of<B>(request: &Request<B>) -> Result<Self, Refused> {
        let path = request.uri().path();
        let rest = path.strip_prefix(CALLS).ok_or(Refused::NotOurs)?;
        let (name, below) = rest.split_once('/').map_or((rest, ""), |(name, below)| (name, below));
        let carrier: CarrierName = name.parse().map_err(|_| Refused::NotOurs)?;
        let address = match below {
            "" if !rest.ends_with('/') => Address::Ring,
            "status" => Address::Status,
            "recording" => Address::Recording,
            "transcription" => Address::Transcription,
            "next" => Address::Next,
            "whisper" => Address::Whisper,
            "menu" => Address::Menu,
            _ => return Err(Refused::NotOurs),
        };
        // Some ask by GET, as their customers chose.
        match *request.method() {
            Method::POST => {}
            Method::GET if matches!(carrier, CarrierName::Vonage | CarrierName::Pbx) => {}
            _ => return Err(Refused::Method),
        }
        Ok(Asked { carrier, address })
    }

    /// Path and query, as on the request line.
    pub fn target<'h>(&self, head: &'h Parts) -> &'h str {
        head.uri.path_and_query().map_or("/", |target| target.as_str())
    }
}

/// Empty where there is none.
pub(super) fn content_type(head: &Parts) -> &str {
    head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

pub(super) fn response(answer: Answer) -> Response<Bytes> {
    let mut response = Response::new(answer.body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    if !answer.content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, path: &str) -> Option<Asked> {
        let request = Request::builder().method(method).uri(path).body(()).unwrap();
        Asked::of(&request).ok()
    }

    #[test]
    fn each_carrier_has_its_addresses_and_nothing_else_is_one() {
        let twilio = |address| Some(Asked { carrier: CarrierName::Twilio, address });
        assert_eq!(asked(Method::POST, "/.dni/calls/twilio"), twilio(Address::Ring));
        assert_eq!(asked(Method::POST, "/.dni/calls/twilio/status?leg=1"), twilio(Address::Status));
        for nothing in
            ["/.dni/calls/", "/.dni/calls/twilio/", "/.dni/calls/tw", "/.dni/calls/twilio/status/x"]
        {
            assert_eq!(asked(Method::POST, nothing), None, "{nothing}");
        }
        assert_eq!(asked(Method::GET, "/.dni/calls/twilio"), None);
        assert!(asked(Method::GET, "/.dni/calls/vonage?uuid=1").is_some());
    }
}
