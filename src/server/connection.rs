//! One connection, from when it is accepted to its end: who is there, and how HTTP is spoken with them.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ::http::{Request, Response, StatusCode};
use bytes::Bytes;
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::Rooms;
use super::attended::Attended;
use super::door::{Door, Place};
use super::gate::Gate;
use super::head::Longest;
use super::http::{self, Spoken};
use super::outgoing::Outgoing;
use super::presence::{Late, Presence};
use super::proxied::{self, ProxyError};
use super::tls::{Agreed, Tls};
use super::wire::Wire;
use crate::config::Server;
use crate::proxy::{Coming, Peer, Refusal};

/// A balancer says at once whose connection it passes on.
const INTRODUCTION: Duration = Duration::from_secs(3);

/// A connection that has been accepted.
pub(super) struct Arrival {
    pub stream: TcpStream,
    pub address: SocketAddr,
    /// With which TLS is agreed on first; none: it is plain.
    pub tls: Option<Arc<Tls>>,
    pub place: Place,
}

impl Arrival {
    /// Answers its requests until it ends, or the door is closed.
    pub async fn serve(self, rooms: Rooms, door: Arc<Door>) {
        let _open = rooms.observer.connection();
        let _ = self.stream.set_nodelay(true);
        let tls = self.tls.clone();
        let Some((wire, address)) = self.admit(&rooms).await else { return };
        let peer = Peer { address, tls: None };
        let Some(tls) = tls else { return speak(wire, Spoken::Either, peer, rooms, door).await };
        match tls.agree(wire, rooms.edge.server().timeouts.header).await {
            Ok(Some(Agreed { stream, tls, spoken })) => {
                speak(stream, spoken, Peer { tls: Some(tls), ..peer }, rooms, door).await;
            }
            Ok(None) => tracing::info!("an authority has asked whether a host is here, and was answered"),
            Err(error) => tracing::debug!(%error, peer = %address, "TLS was not agreed on"),
        }
    }

    /// The connection, and whose it is; none where it is turned away.
    async fn admit(mut self, rooms: &Rooms) -> Option<(Wire, IpAddr)> {
        let (server, refusals) = (rooms.edge.server(), rooms.edge.refusals());
        let accepted = self.address.ip().to_canonical();
        let introduced = introduction(&mut self.stream, accepted, &server).await;
        let (address, ahead) = match introduced {
            Ok(introduced) => introduced,
            Err(error) => {
                tracing::debug!(%error, peer = %accepted, "a connection is refused");
                // A balancer that only looks whether somebody listens is turned away by nobody.
                if !matches!(error, ProxyError::BrokeOff(_)) {
                    refusals.add(Refusal::ProxyProtocol, Some(accepted));
                }
                return None;
            }
        };
        // Behind a proxy's own address are many.
        let most = server.limits.connections_per_address.filter(|_| !server.trusts(address));
        if !self.place.is_free_for(address, most) {
            refusals.add(Refusal::ConnectionsPerAddress, Some(address));
            return None;
        }
        Some((Wire::new(self.stream, ahead, self.place), address))
    }
}

/// Whose connection it is, and what of it has been read beyond that.
async fn introduction(
    stream: &mut TcpStream,
    accepted: IpAddr,
    server: &Server,
) -> Result<(IpAddr, Bytes), ProxyError> {
    if !server.proxy_protocol {
        return Ok((accepted, Bytes::new()));
    }
    let introduced = async {
        match server.trusts(accepted) {
            true => {
                let told = proxied::client(stream).await?;
                Ok((told.map_or(accepted, |address| address.to_canonical()), Bytes::new()))
            }
            false => Ok((accepted, proxied::without(stream).await?)),
        }
    };
    let patience = server.timeouts.header.min(INTRODUCTION);
    tokio::time::timeout(patience, introduced).await.unwrap_or(Err(ProxyError::Missing))
}

/// Answers requests until there are no more, the connection is late with something, or the door is closed.
async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    spoken: Spoken,
    peer: Peer,
    rooms: Rooms,
    door: Arc<Door>,
) {
    let server = rooms.edge.server();
    let address = peer.address;
    let longest = Longest { target: server.limits.uri_bytes, all: server.limits.header_bytes };
    let refusals = rooms.edge.refusals().clone();
    let presence = Presence::of(address, server.timeouts.clone(), longest, Arc::clone(&door), refusals);
    let (attending, observer) = (Arc::clone(&presence), Arc::clone(&rooms.observer));
    let service = service_fn(move |request| {
        let (rooms, peer, presence) = (rooms.clone(), peer.clone(), Arc::clone(&attending));
        async move { Ok::<_, Infallible>(answer(rooms, peer, request, &presence).await) }
    });
    let http = http::builder(spoken, &server);
    let stream = Attended::new(stream, Arc::clone(&presence));
    let outcome = match spoken {
        Spoken::Either => {
            let stream = TokioIo::new(Gate::before(stream, presence.tunnel()));
            attend(http.serve_connection_with_upgrades(stream, service), &door, &presence).await
        }
        // What could be upgraded to is not looked for, or HTTP/1.1 would be taken too.
        Spoken::Http2 => attend(http.serve_connection(TokioIo::new(stream), service), &door, &presence).await,
    };
    if let Err(error) = outcome {
        observer.broke_off(&*error);
        tracing::debug!(%error, peer = %address, "a connection broke off");
    }
}

/// Waits for the connection's end, and asks for it when the door closes, or somebody is late.
async fn attend<C: GracefulConnection>(
    connection: C,
    door: &Door,
    presence: &Presence,
) -> Result<(), C::Error> {
    let mut connection = pin!(connection);
    let mut leaves = pin!(async {
        door.closes().await;
        presence.has_been_heard().await;
    });
    let mut is_ending = false;
    loop {
        tokio::select! {
            // A request that has come is begun before the connection is told to end.
            biased;
            outcome = connection.as_mut() => return outcome,
            () = &mut leaves, if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
            late = presence.late() => match late {
                // Who reads next gets the answer instead.
                Late::Head => is_ending = true,
                Late::Idle => {
                    is_ending = true;
                    connection.as_mut().graceful_shutdown();
                }
                Late::Unread => return Ok(()),
                // What it ends with, it says now.
                Late::Ended => return tokio::select! {
                    biased;
                    outcome = connection.as_mut() => outcome,
                    () = std::future::ready(()) => Ok(()),
                },
            }
        }
    }
}

/// Answers a request, and has the connection know for how long that takes.
async fn answer(
    rooms: Rooms,
    peer: Peer,
    mut request: Request<Incoming>,
    presence: &Arc<Presence>,
) -> Response<Outgoing> {
    let coming = (!request.body().is_end_stream()).then(Coming::default);
    if let Some(coming) = &coming {
        request.extensions_mut().insert(coming.clone());
    }
    let (under_way, version) = (presence.begin(coming), request.version());
    let response = rooms.answer(peer, request).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        presence.is_tunnel();
    }
    response.map(|body| Outgoing::new(body, under_way, version))
}
