//! One connection, from when it is accepted to its end: who is there, and how HTTP is spoken with them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::Rooms;
use super::gate::Gate;
use super::http;
use super::tls::Tls;
use crate::proxy::Peer;

/// A connection that has been accepted.
pub(super) struct Arrival {
    pub stream: TcpStream,
    pub address: SocketAddr,
    /// With which TLS is agreed on first; none: it is plain.
    pub tls: Option<Arc<Tls>>,
}

impl Arrival {
    /// Answers its requests until it ends, or its watcher is told to end.
    pub async fn serve(self, rooms: Rooms, watcher: Watcher) {
        let _open = rooms.observer.connection();
        let Arrival { stream, address, tls } = self;
        let _ = stream.set_nodelay(true);
        let peer = Peer { address: address.ip(), tls: None };
        let Some(tls) = tls else { return speak(stream, peer, rooms, watcher).await };
        match tls.agree(stream, rooms.edge.server().timeouts.header).await {
            Ok(Some((stream, agreed))) => {
                speak(stream, Peer { tls: Some(agreed), ..peer }, rooms, watcher).await;
            }
            Ok(None) => tracing::info!("an authority has asked whether a host is here, and was answered"),
            Err(error) => tracing::debug!(%error, peer = %peer.address, "TLS was not agreed on"),
        }
    }
}

/// Speaks HTTP/1.1, or HTTP/2 where the client begins with its preface (RFC 9113 §3.3, §3.4).
async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    rooms: Rooms,
    watcher: Watcher,
) {
    let http = http::builder(&rooms.edge.server());
    let address = peer.address;
    let observer = Arc::clone(&rooms.observer);
    let service = service_fn(move |request| {
        let (rooms, peer) = (rooms.clone(), peer.clone());
        async move { Ok::<_, Infallible>(rooms.answer(peer, request).await) }
    });
    let connection = http.serve_connection_with_upgrades(TokioIo::new(Gate::before(stream)), service);
    if let Err(error) = watcher.watch(connection).await {
        observer.broke_off(&*error);
        tracing::debug!(%error, peer = %address, "a connection broke off");
    }
}
