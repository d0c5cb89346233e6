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
use super::http::{self, Spoken};
use super::tls::{Agreed, Tls};
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
        let Some(tls) = tls else { return speak(stream, Spoken::Either, peer, rooms, watcher).await };
        match tls.agree(stream, rooms.edge.server().timeouts.header).await {
            Ok(Some(Agreed { stream, tls, spoken })) => {
                speak(stream, spoken, Peer { tls: Some(tls), ..peer }, rooms, watcher).await;
            }
            Ok(None) => tracing::info!("an authority has asked whether a host is here, and was answered"),
            Err(error) => tracing::debug!(%error, peer = %peer.address, "TLS was not agreed on"),
        }
    }
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    spoken: Spoken,
    peer: Peer,
    rooms: Rooms,
    watcher: Watcher,
) {
    let http = http::builder(spoken, &rooms.edge.server());
    let address = peer.address;
    let observer = Arc::clone(&rooms.observer);
    let service = service_fn(move |request| {
        let (rooms, peer) = (rooms.clone(), peer.clone());
        async move { Ok::<_, Infallible>(rooms.answer(peer, request).await) }
    });
    let ended = match spoken {
        Spoken::Either => {
            let stream = TokioIo::new(Gate::before(stream));
            watcher.watch(http.serve_connection_with_upgrades(stream, service)).await
        }
        // What could be upgraded to is not looked for, or HTTP/1.1 would be taken too.
        Spoken::Http2 => watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await,
    };
    if let Err(error) = ended {
        observer.broke_off(&*error);
        tracing::debug!(%error, peer = %address, "a connection broke off");
    }
}
