//! For operators: a listener of its own, beside the public one, that tells how the proxy fares, and does what must be done where
//! its memory is.
//!
//! It answers to names that no website can have, so that no page in an operator's browser reads from it or writes to it, and
//! wants the token where one is set. `/healthz` and `/readyz` are open to all.

mod access;
mod answer;
mod body;
mod client;
mod erase;
mod note;
mod range;
mod recording;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::server::Rooms;
use body::Body;

pub use client::{AskError, ask_to_erase, ask_to_note};
pub use erase::Erased;

/// What an operator is answered from.
pub struct Admin {
    rooms: Rooms,
    /// Who sends it may read and write.
    token: Option<String>,
    /// The proxy takes no more connections.
    is_draining: Arc<AtomicBool>,
}

impl Admin {
    pub fn new(rooms: Rooms, token: Option<String>, is_draining: Arc<AtomicBool>) -> Self {
        Admin { rooms, token, is_draining }
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
                    let admin = Arc::clone(&admin);
                    async move { Ok::<_, Infallible>(admin.answer(request).await) }
                });
                let mut http = http1::Builder::new();
                let connection =
                    http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
                let _ = connection.await;
            });
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path();
        let token = self.token.as_deref().filter(|_| !matches!(path, "/healthz" | "/readyz"));
        if let Some(refused) = access::refusal(&request, token) {
            return refused;
        }
        match (request.method(), path) {
            (&Method::GET | &Method::HEAD, "/healthz") => answer::plain(StatusCode::OK, "ok\n"),
            (&Method::GET | &Method::HEAD, "/readyz") => self.readiness(),
            (&Method::GET | &Method::HEAD, "/metrics") => answer::metrics(self.rooms.metrics()),
            (&Method::POST, "/api/erase") => erase::erase(&self.rooms, request).await,
            (&Method::GET | &Method::HEAD, path) if path.starts_with(recording::ADDRESS) => {
                recording::play(&self.rooms, &request).await
            }
            (_, path) if path.starts_with(recording::ADDRESS) => answer::wrong_method("GET, HEAD"),
            (_, "/healthz" | "/readyz" | "/metrics") => answer::wrong_method("GET, HEAD"),
            (&Method::POST, "/api/calls/note") => note::note(&self.rooms, request).await,
            (_, "/api/erase" | "/api/calls/note") => answer::wrong_method("POST"),
            _ => answer::plain(StatusCode::NOT_FOUND, "there is nothing at this address\n"),
        }
    }

    /// Whether new visitors would be shown pages with numbers here, and why not.
    fn readiness(&self) -> Response<Body> {
        if self.is_draining.load(Ordering::Relaxed) {
            return answer::plain(StatusCode::SERVICE_UNAVAILABLE, "it is about to end\n");
        }
        match self.rooms.edge.trouble() {
            None if self.rooms.edge.is_cut_off() => answer::plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "no origin answers; start the website, or correct site.origin\n",
            ),
            None => answer::plain(StatusCode::OK, "ready\n"),
            Some(why) => answer::plain(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("the ledger can't be used: {why}; pages go on without new numbers\n"),
            ),
        }
    }
}
