//! A recording comes from its carrier: redirects within its hosts, the part that is missing, and no more bytes than are allowed.

use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;

use super::account::Account;
use super::hosts::Address;
use super::kind::Kind;
use super::network::Network;
use super::partial::Partial;
use super::refused::{Failed, Refused};

/// Redirects that are followed.
const REDIRECTS: usize = 3;

/// Between two pieces of a recording.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is fetched in one go takes no longer.
const LONGEST: Duration = Duration::from_secs(60 * 60);

const AGENT: HeaderValue = HeaderValue::from_static(concat!("dni-edge/", env!("CARGO_PKG_VERSION")));

/// How recordings are fetched.
pub(super) struct Fetcher {
    network: Network,
    /// Bytes that one may have.
    largest: u64,
}

impl Fetcher {
    pub fn new(network: Network, largest: u64) -> Self {
        Fetcher { network, largest }
    }

    /// Fetches what is missing of a recording. It is whole then, and this its kind.
    ///
    /// # Errors
    /// [`Failed`]; what has come by then is in the partial, and noted.
    pub async fn fetch(&self, account: &Account, place: &str, part: &mut Partial) -> Result<Kind, Failed> {
        let came = tokio::time::timeout(LONGEST, self.fetch_all(account, place, part)).await;
        let came = came.unwrap_or(Err(Failed::Silent(LONGEST)));
        if came.is_err() {
            part.note().await?;
        }
        came
    }

    async fn fetch_all(&self, account: &Account, place: &str, part: &mut Partial) -> Result<Kind, Failed> {
        let (address, answer) = self.ask(account, place, part).await?;
        let (head, body) = answer.into_parts();
        let coming = match Coming::of(head.status, &head.headers, part.bytes()) {
            Ok(coming) => coming,
            Err(why) => {
                // It doesn't go on there: the next time all of it is asked for.
                if matches!(head.status, StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE) {
                    part.begin(None).await?;
                }
                return Err(why);
            }
        };
        let kind = Kind::of(&head.headers, address.extension())?;
        self.allow(coming.whole.unwrap_or(0))?;
        if coming.from == 0 {
            part.begin(version(&head.headers)).await?;
        }
        self.take(body, part).await?;
        match coming.whole {
            Some(wanted) if wanted != part.bytes() => Err(Failed::Length { came: part.bytes(), wanted }),
            _ if part.bytes() == 0 => Err(Failed::NoRecording("nothing".to_owned())),
            _ => Ok(kind),
        }
    }

    /// The answer to whom the address leads to.
    async fn ask(
        &self,
        account: &Account,
        place: &str,
        part: &Partial,
    ) -> Result<(Address, Response<Incoming>), Failed> {
        let mut address = account.address(place)?;
        let mut authorization = account.authorization(address.host())?;
        for _ in 0..=REDIRECTS {
            // Who is led on to has its own ways to know us.
            let request = request(&address, authorization.take(), part)?;
            let answer = self.network.ask(address.host(), request).await?;
            if !answer.status().is_redirection() {
                return Ok((address, answer));
            }
            let location = answer.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
            address = account.leading_on(&address, location.ok_or(Failed::Status(answer.status()))?)?;
        }
        Err(Refused::Redirects(REDIRECTS).into())
    }

    async fn take(&self, mut body: Incoming, part: &mut Partial) -> Result<(), Failed> {
        loop {
            let frame = tokio::time::timeout(PATIENCE, body.frame()).await;
            let Some(frame) = frame.map_err(|_| Failed::Silent(PATIENCE))? else { return Ok(()) };
            let frame = frame.map_err(|error| Failed::BrokeOff(error.to_string()))?;
            let Ok(bytes) = frame.into_data() else { continue };
            self.allow(part.bytes() + bytes.len() as u64)?;
            part.take(&bytes).await?;
        }
    }

    fn allow(&self, bytes: u64) -> Result<(), Refused> {
        if bytes > self.largest { Err(Refused::TooLarge(self.largest)) } else { Ok(()) }
    }
}

fn request(
    address: &Address,
    authorization: Option<String>,
    part: &Partial,
) -> Result<Request<Empty<Bytes>>, Failed> {
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = address.target().parse().map_err(|_| Refused::NoAddress)?;
    let headers = request.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|error| Failed::Account(error.to_string()));
    headers.insert(header::HOST, value(address.host())?);
    headers.insert(header::USER_AGENT, AGENT);
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let Some(authorization) = authorization {
        let mut authorization = value(&authorization)?;
        authorization.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, authorization);
    }
    // Only of the version that we have the beginning of: of another all of it is sent (RFC 9110 §13.1.5).
    if let Some((bytes, version)) = part.goes_on() {
        headers.insert(header::RANGE, value(&format!("bytes={bytes}-"))?);
        headers.insert(header::IF_RANGE, value(version)?);
    }
    Ok(request)
}

/// What an answer brings of the recording.
struct Coming {
    /// Its first byte.
    from: u64,
    /// Bytes of the whole recording, where that is said.
    whole: Option<u64>,
}

impl Coming {
    /// `have`: bytes that were asked to be left out.
    fn of(status: StatusCode, headers: &HeaderMap, have: u64) -> Result<Self, Failed> {
        match status {
            StatusCode::OK => Ok(Coming { from: 0, whole: number(text(headers, header::CONTENT_LENGTH)) }),
            StatusCode::PARTIAL_CONTENT => {
                let range = text(headers, header::CONTENT_RANGE).unwrap_or_default();
                let wrong = || Failed::NoRecording(format!("the part {range:?}"));
                let (part, whole) =
                    range.strip_prefix("bytes ").and_then(|range| range.split_once('/')).ok_or_else(wrong)?;
                let from = number(part.split('-').next()).filter(|from| *from == have).ok_or_else(wrong)?;
                Ok(Coming { from, whole: number(Some(whole)) })
            }
            status => Err(Failed::Status(status)),
        }
    }
}

fn number(text: Option<&str>) -> Option<u64> {
    text?.parse().ok()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The name of this version of it. A weak one stands for versions that are alike, not the same (RFC 9110 §8.8.1).
fn version(headers: &HeaderMap) -> Option<&str> {
    text(headers, header::ETAG).filter(|tag| tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"'))
}
