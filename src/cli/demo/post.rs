//! A request on a connection of its own, and its answer.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Bytes of an answer; more: it is none that was asked for.
const LONGEST: usize = 1 << 20;

/// Nobody answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAnswered {
    #[error("nobody listens there ({0})")]
    Unreachable(#[from] std::io::Error),
    #[error("it ended the connection ({0})")]
    CutOff(Box<dyn std::error::Error + Send + Sync>),
    #[error("it has not answered for {0:?}")]
    Silent(Duration),
}

/// Sends a request to this address, and waits so long for the answer.
pub(super) async fn ask(
    address: SocketAddr,
    request: Request<Full<Bytes>>,
    patience: Duration,
) -> Result<Response<Bytes>, NotAnswered> {
    let exchange = tokio::time::timeout(patience, exchange(address, request));
    exchange.await.unwrap_or(Err(NotAnswered::Silent(patience)))
}

async fn exchange(
    address: SocketAddr,
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, NotAnswered> {
    let stream = TcpStream::connect(address).await?;
    let cut_off = |error: hyper::Error| NotAnswered::CutOff(error.into());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(cut_off)?;
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await.map_err(cut_off)?.into_parts();
    let body = Limited::new(body, LONGEST).collect().await.map_err(NotAnswered::CutOff)?;
    Ok(Response::from_parts(head, body.to_bytes()))
}
