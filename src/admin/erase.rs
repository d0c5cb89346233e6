//! `POST /api/erase`: what is kept of a session, or of a caller, is removed, from memory and from the ledger.

use std::fmt::Display;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde::{Deserialize, Serialize};

use super::answer;
use super::body::Body;
use crate::call::archive::EraseError;
use crate::ledger::Contents;
use crate::number::{PhoneNumber, is_e164};
use crate::server::Rooms;
use crate::visit::SessionHash;

/// What is asked for takes no more bytes than this.
const LONGEST: usize = 1024;

/// What is to be erased: one of them.
#[derive(Clone, Debug)]
pub enum Erased {
    Session(SessionHash),
    /// A telephone, by its number.
    Caller(PhoneNumber),
}

/// The same as it is written.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Its hash: 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    /// E.164
    #[serde(default, skip_serializing_if = "Option::is_none")]
    caller: Option<String>,
}

/// Answers with what was removed, by kind. The removal goes on where nobody waits for the answer any more.
pub(super) async fn erase(rooms: &Rooms, request: Request<Incoming>) -> Response<Body> {
    let wanted = match read(request).await {
        Ok(wanted) => wanted,
        Err(wrong) => return answer::plain(StatusCode::BAD_REQUEST, wrong),
    };
    let rooms = rooms.clone();
    match tokio::spawn(async move { wanted.erase(&rooms).await }).await {
        Ok(Ok(removed)) => answer::json(&removed),
        Ok(Err(error)) => answer::plain(StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
        Err(error) => answer::plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

/// What the request names, and nobody but it.
enum Named {
    Session(SessionHash),
    Caller(String),
}

impl Named {
    async fn erase(self, rooms: &Rooms) -> Result<Contents, EraseError> {
        match self {
            Named::Session(session) => Ok(rooms.edge.erase(session).await?),
            Named::Caller(number) => rooms.calls.erase_caller(&number).await,
        }
    }
}

impl Wanted {
    pub fn of(erased: &Erased) -> Self {
        match erased {
            Erased::Session(session) => Wanted { session: Some(session.to_string()), caller: None },
            Erased::Caller(number) => Wanted { session: None, caller: Some(number.e164().to_owned()) },
        }
    }
}

async fn read(request: Request<Incoming>) -> Result<Named, String> {
    let wrong = |error: &dyn Display| {
        format!("send {{\"session\":\"…\"}}, 32 hexadecimal digits, or {{\"caller\":\"+…\"}}: {error}\n")
    };
    let body = Limited::new(request.into_body(), LONGEST).collect().await;
    let body = body.map_err(|error| wrong(&error))?.to_bytes();
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|error| wrong(&error))?;
    match (wanted.session, wanted.caller) {
        (Some(session), None) => session.parse().map(Named::Session).map_err(|error| wrong(&error)),
        (None, Some(caller)) if is_e164(&caller) => Ok(Named::Caller(caller)),
        (None, Some(caller)) => Err(wrong(&format_args!("{caller:?} is no number in E.164"))),
        _ => Err(wrong(&"one of them")),
    }
}
