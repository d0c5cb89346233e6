//! One connection, from when it is accepted to its end: who is there, and how HTTP is spoken with them.

use std::convert::Infallible;
use std::net::SocketAddr;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::Rooms;
use super::gate::Gate;
use crate::proxy::Peer;

/// A connection that has been accepted.
pub(super) struct Arrival {
    pub stream: TcpStream,
    pub address: SocketAddr,
}

impl Arrival {
    /// Answers its requests until it ends, or its watcher is told to end.
    pub async fn serve(self, rooms: Rooms, watcher: Watcher) {
        let _ = self.stream.set_nodelay(true);
        let peer = Peer { address: self.address.ip(), tls: None };
        speak(self.stream, peer, rooms, watcher).await;
    }
}

/// Speaks HTTP/1.1, or HTTP/2 where the client begins with its preface (RFC 9113 §3.3, §3.4).
async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    rooms: Rooms,
    watcher: Watcher,
) {
    let timeouts = rooms.edge.server().timeouts.clone();
    let address = peer.address;
    let service = service_fn(move |request| {
        let (rooms, peer) = (rooms.clone(), peer.clone());
        async move { Ok::<_, Infallible>(rooms.answer(peer, request).await) }
    });
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(timeouts.header);
    http.http2().timer(TokioTimer::new());
    let connection = http.serve_connection_with_upgrades(TokioIo::new(Gate::before(stream)), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, peer = %address, "a connection broke off");
    }
}
