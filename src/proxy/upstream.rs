//! The way to the origin and back: connections that are reused, and how long an answer may take.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::uri::{PathAndQuery, Scheme};
use http::{Response, StatusCode, Uri, Version, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::oneshot;

use super::coding::Accepted;
use super::failure::Failure;
use super::identify::Visit;
use super::inbound::Inbound;
use super::{SiteState, cookies, filled, forwarded};
use crate::config::Server;

/// Idle connections are closed before common origins close them: Node waits 5 seconds.
const IDLE: Duration = Duration::from_secs(4);

pub(super) struct Upstream {
    client: Client<HttpConnector, Sent>,
}

impl Upstream {
    pub fn new(server: &Server) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(server.timeouts.connect));
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .set_host(false)
            .build(connector);
        Upstream { client }
    }

    /// Sends the request to the site's origin, and waits for the head of its answer.
    ///
    /// # Errors
    /// [`Failure`] where the origin can't be reached, or keeps silent.
    pub async fn send(
        &self,
        site: &SiteState,
        inbound: Inbound,
        visit: &Visit,
    ) -> Result<Response<Incoming>, Failure> {
        let (ended, body_sent) = oneshot::channel();
        let request = outgoing(site, inbound, visit, ended)?;
        let answer = self.ask(request);
        let deadline = async {
            // A long upload is no silence of the origin's.
            let _ = body_sent.await;
            tokio::time::sleep(site.edition.server.timeouts.origin).await;
        };
        tokio::select! {
            answer = answer => accept(answer?),
            () = deadline => Err(Failure::OriginSilent),
        }
    }
}

impl Upstream {
    /// Asks, and asks once more where a connection that had been kept turns out to be closed: nothing is lost then, if
    /// the request is safe to repeat and has no body (RFC 9110 §9.2.2, RFC 9112 §9.3.1).
    async fn ask(&self, request: http::Request<Sent>) -> Result<Response<Incoming>, Failure> {
        let repeatable = request.method().is_safe() && request.body().is_end_stream();
        let again = repeatable.then(|| again(&request));
        match (self.client.request(request).await, again) {
            (Err(error), Some(again)) if broke_off(&error) => self.client.request(again).await,
            (outcome, _) => outcome,
        }
        .map_err(Failure::OriginUnreachable)
    }
}

/// The same request without its body, which is none.
fn again(request: &http::Request<Sent>) -> http::Request<Sent> {
    let mut again = http::Request::new(Sent { body: None, ended: None });
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.version_mut() = request.version();
    *again.headers_mut() = request.headers().clone();
    again
}

/// Whether the connection ended before any answer came.
fn broke_off(error: &hyper_util::client::legacy::Error) -> bool {
    let mut cause = error.source().filter(|_| !error.is_connect());
    while let Some(error) = cause {
        let unanswered =
            error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message);
        let closed = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if unanswered || matches!(closed, Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// An answer, once it is one: nobody asked for another protocol (RFC 9110 §7.8).
fn accept(mut answer: Response<Incoming>) -> Result<Response<Incoming>, Failure> {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Failure::OriginSwitched);
    }
    forwarded::strip_hop_by_hop(answer.headers_mut());
    Ok(answer)
}

fn outgoing(
    site: &SiteState,
    inbound: Inbound,
    visit: &Visit,
    ended: oneshot::Sender<()>,
) -> Result<http::Request<Sent>, Failure> {
    let accepted = Accepted::of(inbound.headers());
    let (mut parts, body) = inbound.request.into_parts();
    forwarded::request(&inbound.hop, &mut parts.headers);
    cookies::hide(&mut parts.headers, &site.site.cookie);
    if visit.is_personal_document() {
        filled::ask_for_whole_page(&mut parts.headers);
        parts.headers.insert(header::ACCEPT_ENCODING, accepted.asked());
    }
    parts.uri = uri(site, parts.uri)?;
    parts.version = Version::HTTP_11;
    parts.extensions.clear(); // what hyper's server noted is nothing to its client
    Ok(http::Request::from_parts(parts, Sent { body: Some(body), ended: Some(ended) }))
}

/// The origin's authority with the path and query that were asked for, byte for byte.
fn uri(site: &SiteState, asked: Uri) -> Result<Uri, Failure> {
    let mut parts = asked.into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(site.origin.clone());
    parts.path_and_query.get_or_insert(PathAndQuery::from_static("/"));
    Uri::from_parts(parts).map_err(|_| Failure::BadRequest("the target is no path"))
}

/// A request's body on its way to the origin, which tells when it has been sent.
struct Sent {
    body: Option<Incoming>,
    /// Dropped when the last byte is out: that is the signal.
    ended: Option<oneshot::Sender<()>>,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = Pin::new(body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.ended = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), HttpBody::size_hint)
    }
}
