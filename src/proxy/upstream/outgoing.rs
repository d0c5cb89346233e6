//! A visitor's request as an origin is to get it, over whichever HTTP; and the body that goes with it, once.

use std::future::pending;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Uri, Version, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::watch;
use tokio::time::sleep;

use super::super::failure::Failure;
use super::super::identify::Visit;
use super::super::inbound::Inbound;
use super::super::tunnel::Asked;
use super::super::{SiteState, coding, cookies, filled, forwarded, framing};
use crate::config::Timeouts;

/// A request that can be sent to one origin after another, as long as nothing of its body has gone out.
pub(super) struct Outgoing {
    head: Parts,
    body: Option<Sent>,
    /// The protocol that the visitor would rather speak.
    pub asked: Option<Asked>,
    /// Where the body is.
    turn: watch::Receiver<Turn>,
}

/// Who is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// The visitor is to send more of the body.
    Visitor,
    /// The origin is to take what has come.
    Origin,
    /// The request is with the origin as a whole.
    Over,
}

impl Outgoing {
    /// A visitor's request with the headers that are for the origin.
    ///
    /// # Errors
    /// [`Failure::BadRequest`] for a target that is no path.
    pub fn new(site: &SiteState, inbound: Inbound, visit: &Visit) -> Result<Self, Failure> {
        let takes_gzip = coding::accepts_gzip(inbound.headers());
        let asked = inbound.hop.asked.clone();
        let (mut head, body) = inbound.request.into_parts();
        forwarded::request(&inbound.hop, &mut head.headers);
        cookies::hide(&mut head.headers, &site.site.cookie);
        if visit.is_personal_document() {
            filled::ask_for_whole_page(&mut head.headers);
            let accepted = if takes_gzip { "gzip" } else { "identity" };
            head.headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
        }
        if !body.is_end_stream() && !head.headers.contains_key(header::CONTENT_LENGTH) {
            // For GET and HEAD hyper would take a body without a length for none.
            head.headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        head.extensions.clear(); // what hyper's server noted is nothing to its client
        let path = std::mem::take(&mut head.uri).into_parts().path_and_query;
        // The path and query that were asked for, byte for byte.
        head.uri = Uri::from(path.unwrap_or(PathAndQuery::from_static("/")));
        let (body, turn) = Sent::new(body);
        Ok(Outgoing { head, body: Some(body), asked, turn })
    }

    /// Whether a second time does what the first did, and can be had: the method says so, and there is no body (RFC 9110 §9.2.2).
    pub fn is_repeatable(&self) -> bool {
        self.head.method.is_idempotent() && self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    /// The request for one connection. Its body is in it, the first time or when it was given back.
    pub fn request(&mut self, tls: bool, h2: bool) -> Request<Sent> {
        request(self.head.clone(), self.body.take().unwrap_or_else(Sent::nothing), tls, h2)
    }

    /// Takes back a body of which nothing has been sent.
    pub fn give_back(&mut self, request: Request<Sent>) {
        self.body = Some(request.into_body());
    }

    /// Ends once the origin has taken longer than it may: to take a piece of the body, or to answer.
    pub async fn is_overdue(&mut self, timeouts: &Timeouts) {
        loop {
            let turn = *self.turn.borrow_and_update();
            let overdue = async {
                match turn {
                    Turn::Visitor => pending().await,
                    Turn::Origin => sleep(timeouts.body).await,
                    Turn::Over => sleep(timeouts.origin).await,
                }
            };
            tokio::select! {
                () = overdue => return,
                changed = self.turn.changed() => if changed.is_err() {
                    return sleep(timeouts.origin).await;
                },
            }
        }
    }
}

/// A request for a path, with a Host header, as it is to be sent over one version of HTTP or the other.
pub(super) fn request(mut head: Parts, body: Sent, tls: bool, h2: bool) -> Request<Sent> {
    head.version = if h2 { Version::HTTP_2 } else { Version::HTTP_11 };
    if h2 {
        name_authority(&mut head, tls);
        // Framing and connection are HTTP/2's own (RFC 9113 §8.2.2).
        for name in [header::CONNECTION, header::TRANSFER_ENCODING] {
            head.headers.remove(name);
        }
    }
    Request::from_parts(head, body)
}

/// In HTTP/2 the host stands beside the path, and in no header (RFC 9113 §8.3.1).
fn name_authority(head: &mut Parts, tls: bool) {
    let host = head.headers.get(header::HOST).map(HeaderValue::as_bytes);
    let Some(authority) = host.and_then(|host| Authority::try_from(host).ok()) else { return };
    let mut uri = head.uri.clone().into_parts();
    uri.scheme = Some(if tls { Scheme::HTTPS } else { Scheme::HTTP });
    uri.authority = Some(authority);
    if let Ok(uri) = Uri::from_parts(uri) {
        head.uri = uri;
        head.headers.remove(header::HOST);
    }
}

/// A request's body on its way to the origin, which tells how far it has got.
pub(crate) struct Sent {
    body: Option<Incoming>,
    turn: watch::Sender<Turn>,
}

impl Sent {
    fn new(body: Incoming) -> (Self, watch::Receiver<Turn>) {
        let turn = if body.is_end_stream() { Turn::Over } else { Turn::Origin };
        let (turn, told) = watch::channel(turn);
        (Sent { body: Some(body), turn }, told)
    }

    /// No body.
    pub fn nothing() -> Self {
        Sent { body: None, turn: watch::Sender::new(Turn::Over) }
    }
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = Pin::new(body).poll_frame(cx).map_ok(framing::part);
        self.turn.send_replace(match &frame {
            Poll::Pending => Turn::Visitor,
            Poll::Ready(Some(Ok(_))) if !self.is_end_stream() => Turn::Origin,
            Poll::Ready(_) => Turn::Over,
        });
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), HttpBody::size_hint)
    }
}
