//! Listening: connections are accepted, their requests handed to the proxy, or where a carrier asks to the calls, and let end in
//! peace when the process is told to stop.

mod connection;
mod gate;
mod http;
pub(crate) mod tls;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use crate::call::{Calls, CarrierName};
use crate::config::Server;
use crate::observe::{Followed, Observer};
use crate::proxy::{Body, Edge, Peer};
use connection::Arrival;
use tls::Tls;

/// After a failed accept (no file descriptors left, most likely), this long is waited before the next.
const RECOVERY: Duration = Duration::from_millis(50);

/// Who answers requests.
#[derive(Clone)]
pub struct Rooms {
    pub edge: Arc<Edge>,
    pub calls: Arc<Calls>,
    /// Where TLS is listened for.
    pub(crate) tls: Option<Arc<Tls>>,
    pub observer: Arc<Observer>,
}

impl Rooms {
    /// What has been counted, in Prometheus's text format.
    pub fn metrics(&self) -> String {
        self.edge.metrics() + &self.calls.metrics() + &self.observer.metrics()
    }

    /// Carriers reach the calls by any host's name, as they were told.
    async fn answer(self, peer: Peer, request: Request<Incoming>) -> Response<Followed<Body>> {
        let mut trail = self.observer.follow(&request, peer.address, peer.tls.is_some());
        let response = match Calls::serves(request.uri().path()) {
            true => {
                trail.carrier(Calls::carrier(request.uri().path()).map(CarrierName::name));
                self.calls.handle(request).await.map(|body| Body::Whole(Some(body)))
            }
            false => self.edge.handle(peer, request, &mut trail).await,
        };
        trail.leads_to(response)
    }
}

/// An address that is listened on, and what is spoken there.
pub struct Listener {
    tcp: TcpListener,
    is_tls: bool,
}

impl Listener {
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// What its URLs begin with.
    pub fn scheme(&self) -> &'static str {
        if self.is_tls { "https" } else { "http" }
    }
}

/// An address can't be listened on.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address}: {error}; is another server using it?")]
pub struct ListenError {
    address: SocketAddr,
    #[source]
    error: io::Error,
}

/// Listens on all addresses where visitors may come, or on none.
///
/// # Errors
/// [`ListenError`] for the first address that can't be had.
pub async fn listen(server: &Server) -> Result<Vec<Listener>, ListenError> {
    let (plain, tls) = (bind(&server.listen).await?, bind(&server.listen_tls).await?);
    let plain = plain.into_iter().map(|tcp| Listener { tcp, is_tls: false });
    Ok(plain.chain(tls.into_iter().map(|tcp| Listener { tcp, is_tls: true })).collect())
}

/// Binds all addresses, or none.
///
/// # Errors
/// [`ListenError`] for the first address that can't be had.
pub async fn bind(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, ListenError> {
    let mut listeners = Vec::new();
    for &address in addresses {
        listeners.push(TcpListener::bind(address).await.map_err(|error| ListenError { address, error })?);
    }
    Ok(listeners)
}

/// Serves until `stop` is done; then no more connections are taken, and those that are open may end what they are at, for as
/// long as `drain` in the configuration says.
pub async fn serve(listeners: Vec<Listener>, rooms: Rooms, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let keeping_up = rooms.tls.clone().map(|tls| tokio::spawn(tls.keep_up()));
    let accepting = listeners.into_iter().map(|listener| accept(listener, &rooms, &graceful));
    tokio::select! {
        _ = futures_util::future::join_all(accepting) => {}
        () = stop => {}
    }
    if let Some(keeping_up) = keeping_up {
        keeping_up.abort();
    }
    let (drain, tunnels) = (rooms.edge.server().drain, rooms.edge.tunnels());
    let ended = async { tokio::join!(graceful.shutdown(), tunnels.all_ended()) };
    if tokio::time::timeout(drain, ended).await.is_err() {
        tunnels.end_all();
        tracing::warn!(?drain, "some requests had not ended in time and were cut off");
    }
}

async fn accept(listener: Listener, rooms: &Rooms, graceful: &GracefulShutdown) {
    loop {
        match listener.tcp.accept().await {
            Ok((stream, address)) => {
                let tls = rooms.tls.clone().filter(|_| listener.is_tls);
                let arrival = Arrival { stream, address, tls };
                tokio::spawn(arrival.serve(rooms.clone(), graceful.watcher()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection can't be accepted");
                tokio::time::sleep(RECOVERY).await;
            }
        }
    }
}
