//! Listening: connections are accepted, their requests handed to the proxy, or where a carrier asks to the calls, and let end in
//! peace when the process is told to stop.

mod attended;
mod connection;
mod door;
mod head;
mod inherited;
mod manager;
mod outgoing;
mod presence;
mod proxied;
mod wire;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};

use crate::call::Calls;
use crate::proxy::{Body, Edge, Peer};
use connection::Arrival;
use door::Door;

pub use inherited::Inherited;
pub use manager::Manager;

/// After a failed accept (no file descriptors left, most likely), this long is waited before the next.
const RECOVERY: Duration = Duration::from_millis(50);

/// Who answers requests.
#[derive(Clone)]
pub struct Rooms {
    pub edge: Arc<Edge>,
    pub calls: Arc<Calls>,
}

impl Rooms {
    /// What has been counted, in Prometheus's text format.
    pub fn metrics(&self) -> String {
        self.edge.metrics() + &self.calls.metrics()
    }

    /// Carriers reach the calls by any host's name, as they were told.
    async fn answer(self, peer: Peer, request: Request<Incoming>) -> Response<Body> {
        match Calls::serves(request.uri().path()) {
            true => self.calls.handle(request).await.map(|body| Body::Whole(Some(body))),
            false => self.edge.handle(peer, request).await,
        }
    }
}

/// An address that is listened on.
pub struct Listener {
    tcp: TcpListener,
    /// Whoever holds it too has others take what is waiting there.
    is_inherited: bool,
}

impl Listener {
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Listens no more. Gives the connections that are waiting, where nobody else would take them.
    fn close(self) -> Vec<(TcpStream, SocketAddr)> {
        let mut waiting = Vec::new();
        if !self.is_inherited
            && let Ok(listener) = self.tcp.into_std()
        {
            while let Ok((stream, address)) = listener.accept() {
                let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
                waiting.extend(stream.ok().map(|stream| (stream, address)));
            }
        }
        waiting
    }
}

impl From<Listener> for TcpListener {
    fn from(listener: Listener) -> Self {
        listener.tcp
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

/// Listens on all addresses, or on none: by sockets of this name that were inherited, in place of all of them; else by inherited
/// ones that have their address, and others.
///
/// # Errors
/// [`ListenError`] for the first address that can't be had.
pub async fn bind(
    addresses: &[SocketAddr],
    name: &str,
    inherited: &mut Inherited,
) -> Result<Vec<Listener>, ListenError> {
    let mut listeners = Vec::new();
    for named in inherited.named(name) {
        listeners.extend(TcpListener::from_std(named).map(|tcp| Listener { tcp, is_inherited: true }));
    }
    if !listeners.is_empty() {
        return Ok(listeners);
    }
    for &address in addresses {
        let inherited = inherited.at(address);
        let is_inherited = inherited.is_some();
        let tcp = match inherited {
            Some(inherited) => TcpListener::from_std(inherited),
            None => TcpListener::bind(address).await,
        };
        let tcp = tcp.map_err(|error| ListenError { address, error })?;
        listeners.push(Listener { tcp, is_inherited });
    }
    Ok(listeners)
}

/// Serves until `stop` is done; then no more connections are taken, and those that are open may end what they are at, for as
/// long as `drain` in the configuration says. What another protocol is spoken on is cut off then.
pub async fn serve(listeners: Vec<Listener>, rooms: Rooms, stop: impl Future<Output = ()>) {
    let door = Door::new(rooms.edge.refusals().clone());
    let accepting = listeners.iter().map(|listener| accept(&listener.tcp, &rooms, &door));
    tokio::select! {
        _ = futures_util::future::join_all(accepting) => {}
        () = stop => {}
    }
    for (stream, address) in listeners.into_iter().flat_map(Listener::close) {
        let arrival = Arrival { stream, address, place: door.enter() };
        tokio::spawn(arrival.serve(rooms.clone(), Arc::clone(&door)));
    }
    let drain = rooms.edge.server().drain;
    if tokio::time::timeout(drain, door.close()).await.is_err() {
        tracing::warn!(?drain, "some requests had not ended in time and were cut off");
    }
}

async fn accept(listener: &TcpListener, rooms: &Rooms, door: &Arc<Door>) {
    loop {
        door.room(|| rooms.edge.server()).await;
        match listener.accept().await {
            Ok((stream, address)) => {
                let arrival = Arrival { stream, address, place: door.enter() };
                tokio::spawn(arrival.serve(rooms.clone(), Arc::clone(door)));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection can't be accepted");
                tokio::time::sleep(RECOVERY).await;
            }
        }
    }
}
