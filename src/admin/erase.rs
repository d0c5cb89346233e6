//! `POST /api/erase`: what is kept of a session is removed, from memory and from the ledger.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use serde::{Deserialize, Serialize};

use super::answer;
use crate::proxy::Edge;
use crate::visit::SessionHash;

/// What is asked for takes no more bytes than this.
const LONGEST: usize = 1024;

/// Whose session is to be erased.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Its hash: 32 hexadecimal digits.
    pub session: String,
}

/// Answers with what was removed, by kind. The removal goes on where nobody waits for the answer any more.
pub(super) async fn erase(edge: &Arc<Edge>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let session = match read(request).await {
        Ok(session) => session,
        Err(wrong) => return answer::plain(StatusCode::BAD_REQUEST, wrong),
    };
    let edge = Arc::clone(edge);
    match tokio::spawn(async move { edge.erase(session).await }).await {
        Ok(Ok(removed)) => answer::json(&removed),
        Ok(Err(error)) => answer::plain(StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
        Err(error) => answer::plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

async fn read(request: Request<Incoming>) -> Result<SessionHash, String> {
    let wrong = |error: &dyn Display| format!("send {{\"session\":\"…\"}}, 32 hexadecimal digits: {error}\n");
    let body = Limited::new(request.into_body(), LONGEST).collect().await;
    let body = body.map_err(|error| wrong(&error))?.to_bytes();
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|error| wrong(&error))?;
    wanted.session.parse().map_err(|error| wrong(&error))
}
