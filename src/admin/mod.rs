//! For operators: a listener of its own, beside the public one, that tells how the proxy fares.
//!
//! It answers to names that no website can have, so that no page in an operator's browser reads from it, and wants the token
//! where one is set. `/healthz` is open to all.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::proxy::Edge;

const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// What an operator is answered from.
pub struct Admin {
    edge: Arc<Edge>,
    /// Who sends it may read.
    token: Option<String>,
}

impl Admin {
    pub fn new(edge: Arc<Edge>, token: Option<String>) -> Self {
        Admin { edge, token }
    }

    /// Serves until the process ends.
    pub async fn serve(self, listener: TcpListener) {
        let admin = Arc::new(self);
        loop {
            // After a failed accept there may be a file descriptor again soon.
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            };
            let admin = Arc::clone(&admin);
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let answer = admin.answer(&request);
                    async move { Ok::<_, Infallible>(answer) }
                });
                let mut http = http1::Builder::new();
                let connection =
                    http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
                let _ = connection.await;
            });
        }
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let headers = request.headers();
        if !is_own_name(headers) {
            return plain(StatusCode::FORBIDDEN, "ask by address, or as localhost\n".to_owned());
        }
        let path = request.uri().path();
        if path != "/healthz" && !self.may_read(headers) {
            let mut refused = plain(StatusCode::UNAUTHORIZED, "the admin token is wanted\n".to_owned());
            refused.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return refused;
        }
        match (request.method(), path) {
            (&Method::GET | &Method::HEAD, "/healthz") => plain(StatusCode::OK, "ok\n".to_owned()),
            (&Method::GET | &Method::HEAD, "/metrics") => {
                let mut metrics = plain(StatusCode::OK, self.edge.metrics());
                metrics.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(METRICS));
                metrics
            }
            (_, "/healthz" | "/metrics") => {
                let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "GET alone\n".to_owned());
                refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
                refused
            }
            _ => plain(StatusCode::NOT_FOUND, "there is nothing at this address\n".to_owned()),
        }
    }

    /// Whether the request brings the token (RFC 6750 §2.1). All bytes are compared, so that time tells nothing.
    fn may_read(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let sent = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
        let Some((scheme, sent)) = sent.and_then(|sent| sent.split_at_checked("Bearer ".len())) else {
            return false;
        };
        let differences = sent
            .iter()
            .zip(token.as_bytes())
            .fold(0, |differences, (sent, byte)| differences | (sent ^ byte));
        scheme.eq_ignore_ascii_case(b"Bearer ") && sent.len() == token.len() && differences == 0
    }
}

/// Whether the request names this listener as only somebody can who knows it: a website's name may be led here by its owner
/// ("DNS rebinding"), an address can't.
fn is_own_name(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let Ok(host) = host.parse::<http::uri::Authority>() else { return false };
    let name = host.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

fn plain(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(TEXT));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
