//! Listening: connections are accepted, their requests handed to the proxy, or where a carrier asks to the calls, and let end in
//! peace when the process is told to stop.

mod attended;
mod connection;
mod door;
mod gate;
mod head;
mod http;
mod inherited;
mod manager;
mod outgoing;
mod presence;
mod proxied;
pub(crate) mod tls;
mod wire;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};

use crate::call::{Calls, CarrierName};
use crate::config::Server;
use crate::observe::{Followed, Observer};
use crate::proxy::{Body, Edge, Peer};
use connection::Arrival;
use door::Door;

pub use tls::Tls;

pub use inherited::Inherited;
pub use manager::Manager;

/// After a failed accept (no file descriptors left, most likely), this long is waited before the next.
const RECOVERY: Duration = Duration::from_millis(50);

/// Who answers requests.
#[derive(Clone)]
pub struct Rooms {
    pub edge: Arc<Edge>,
    pub calls: Arc<Calls>,
    /// Where TLS is listened for.
    pub tls: Option<Arc<Tls>>,
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
    /// Whoever holds it too has others take what is waiting there.
    is_inherited: bool,
}

impl Listener {
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// What its URLs begin with.
    pub fn scheme(&self) -> &'static str {
        if self.is_tls { "https" } else { "http" }
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
pub async fn listen(server: &Server, inherited: &mut Inherited) -> Result<Vec<Listener>, ListenError> {
    let mut listeners = bind(&server.listen, "http", inherited).await?;
    for listener in bind(&server.listen_tls, "https", inherited).await? {
        listeners.push(Listener { is_tls: true, ..listener });
    }
    Ok(listeners)
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
    let held = |tcp| Listener { tcp, is_tls: false, is_inherited: true };
    let named = inherited.named(name).into_iter().filter_map(|named| TcpListener::from_std(named).ok());
    let mut listeners: Vec<_> = named.map(held).collect();
    if !listeners.is_empty() {
        return Ok(listeners);
    }
    for &address in addresses {
        let listener = match inherited.at(address) {
            Some(inherited) => TcpListener::from_std(inherited).map(held),
            None => {
                let bound = TcpListener::bind(address).await;
                bound.map(|tcp| Listener { tcp, is_tls: false, is_inherited: false })
            }
        };
        listeners.push(listener.map_err(|error| ListenError { address, error })?);
    }
    Ok(listeners)
}

impl From<Listener> for TcpListener {
    fn from(listener: Listener) -> Self {
        listener.tcp
    }
}

/// Serves until `stop` is done; then no more connections are taken, and those that are open may end what they are at, for as
/// long as `drain` in the configuration says. What another protocol is spoken on is cut off then.
pub async fn serve(listeners: Vec<Listener>, rooms: Rooms, stop: impl Future<Output = ()>) {
    let door = Door::new(rooms.edge.refusals().clone());
    let keeping_up = rooms.tls.clone().map(|tls| tokio::spawn(tls.keep_up()));
    let accepting = listeners.iter().map(|listener| accept(listener, &rooms, &door));
    tokio::select! {
        _ = futures_util::future::join_all(accepting) => {}
        () = stop => {}
    }
    if let Some(keeping_up) = keeping_up {
        keeping_up.abort();
    }
    for listener in listeners {
        let is_tls = listener.is_tls;
        for (stream, address) in listener.close() {
            let_in(stream, address, is_tls, &rooms, &door);
        }
    }
    let (drain, tunnels) = (rooms.edge.server().drain, rooms.edge.tunnels());
    let ended = async { tokio::join!(door.close(), tunnels.all_ended()) };
    if tokio::time::timeout(drain, ended).await.is_err() {
        tunnels.end_all();
        tracing::warn!(?drain, "some requests had not ended in time and were cut off");
    }
}

async fn accept(listener: &Listener, rooms: &Rooms, door: &Arc<Door>) {
    loop {
        door.room(|| rooms.edge.server()).await;
        match listener.tcp.accept().await {
            Ok((stream, address)) => let_in(stream, address, listener.is_tls, rooms, door),
            Err(error) => {
                tracing::warn!(%error, "a connection can't be accepted");
                tokio::time::sleep(RECOVERY).await;
            }
        }
    }
}

fn let_in(stream: TcpStream, address: SocketAddr, is_tls: bool, rooms: &Rooms, door: &Arc<Door>) {
    let tls = rooms.tls.clone().filter(|_| is_tls);
    let arrival = Arrival { stream, address, tls, place: door.enter() };
    tokio::spawn(arrival.serve(rooms.clone(), Arc::clone(door)));
}
