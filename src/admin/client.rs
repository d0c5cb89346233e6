//! The other end: a command asks the process that serves to do what must be done where its memory is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

use super::erase::{Erased, Wanted};
use super::note::{Done, Noted};
use crate::call::event::Note;
use crate::ledger::{CallId, Contents};

/// An answer is waited for this long: the ledger may have to wait for its disk.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was asked for was not done, or nobody said that it was.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error("its admin listener, {0}, can't be reached: {1}; if it has just ended, try again")]
    Unreachable(SocketAddr, #[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("its admin listener, {0}, has not answered for {patience:?}; try again", patience = PATIENCE)]
    Silent(SocketAddr),
    #[error(
        "its admin listener, {0}, wants another token: [server] admin_token must be the one that it was started with"
    )]
    Token(SocketAddr),
    #[error("its admin listener, {0}, says ({1}): {2}")]
    Refused(SocketAddr, StatusCode, String),
}

/// Asks the process that answers operators at this address to erase a session, or a caller. Says what was removed.
///
/// # Errors
/// [`AskError`]; asking again does no harm.
pub async fn ask_to_erase(
    admin: SocketAddr,
    token: Option<&str>,
    erased: &Erased,
) -> Result<Contents, AskError> {
    ask(admin, token, "/api/erase", &Wanted::of(erased)).await
}

/// Asks it to put a note to a call.
///
/// # Errors
/// [`AskError`]; asking again does no harm.
pub async fn ask_to_note(
    admin: SocketAddr,
    token: Option<&str>,
    call: CallId,
    note: Note,
) -> Result<(), AskError> {
    let noted = Noted { call: call.to_string(), note };
    ask(admin, token, "/api/calls/note", &noted).await.map(|Done { .. }| ())
}

/// Posts an object to one of its addresses, and reads the one that it answers with.
async fn ask<T: DeserializeOwned>(
    admin: SocketAddr,
    token: Option<&str>,
    path: &str,
    object: &impl Serialize,
) -> Result<T, AskError> {
    let broken = |error| AskError::Unreachable(admin, error);
    let body = serde_json::to_vec(object).map_err(|error| broken(error.into()))?;
    let (status, body) = match tokio::time::timeout(PATIENCE, post(admin, token, path, body)).await {
        Ok(answer) => answer.map_err(broken)?,
        Err(_) => return Err(AskError::Silent(admin)),
    };
    match status {
        StatusCode::OK => serde_json::from_slice(&body).map_err(|error| broken(error.into())),
        StatusCode::UNAUTHORIZED => Err(AskError::Token(admin)),
        _ => {
            let said = String::from_utf8_lossy(&body).trim_end().escape_debug().to_string();
            Err(AskError::Refused(admin, status, said))
        }
    }
}

async fn post(
    admin: SocketAddr,
    token: Option<&str>,
    path: &str,
    body: Vec<u8>,
) -> Result<(StatusCode, Bytes), Box<dyn std::error::Error + Send + Sync>> {
    let admin = reachable(admin);
    let stream = TcpStream::connect(admin).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut request = Request::post(path)
        .header(header::HOST, admin.to_string())
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Full::new(Bytes::from(body)))?;
    tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    Ok((status, answer.into_body().collect().await?.to_bytes()))
}

/// Who listens on all addresses is asked at the loopback's.
fn reachable(admin: SocketAddr) -> SocketAddr {
    let address = match admin.ip() {
        IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        address => address,
    };
    SocketAddr::new(address, admin.port())
}
