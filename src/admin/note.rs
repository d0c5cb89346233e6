//! `POST /api/calls/note`: somebody writes something to a call.

use std::fmt::Display;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::answer;
use super::body::Body;
use crate::call::archive::NoteError;
use crate::call::event::Note;
use crate::call::tag::is_name;
use crate::ledger::CallId;
use crate::server::Rooms;

/// What is written takes no more bytes than this.
const LONGEST: usize = 64 << 10;

/// A call, and what is written to it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Noted {
    /// The call's id: 24 hexadecimal digits.
    pub call: String,
    pub note: Note,
}

/// That it was done.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Done {
    pub call: String,
}

/// Answers once it is on disk.
pub(super) async fn note(rooms: &Rooms, request: Request<Incoming>) -> Response<Body> {
    let (id, note) = match read(request).await {
        Ok(noted) => noted,
        Err(wrong) => return answer::plain(StatusCode::BAD_REQUEST, wrong),
    };
    match rooms.calls.note(id, note).await {
        Ok(()) => answer::json(&Done { call: id.to_string() }),
        Err(error @ NoteError::NoCall(_)) => answer::plain(StatusCode::NOT_FOUND, format!("{error}\n")),
        Err(error) => answer::plain(StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
    }
}

async fn read(request: Request<Incoming>) -> Result<(CallId, Note), String> {
    let wrong = |error: &dyn Display| format!("send {{\"call\":\"…\",\"note\":{{…}}}}: {error}\n");
    let body = Limited::new(request.into_body(), LONGEST).collect().await;
    let body = body.map_err(|error| wrong(&error))?.to_bytes();
    let noted: Noted = serde_json::from_slice(&body).map_err(|error| wrong(&error))?;
    let id = noted.call.parse().map_err(|error| wrong(&error))?;
    let mut tags = noted.note.add.iter().chain(&noted.note.remove);
    if let Some(tag) = tags.find(|tag| !is_name(tag)) {
        return Err(wrong(&format_args!("{tag:?} is no name of a tag")));
    }
    if let Some(value) = noted.note.value.as_ref().filter(|value| value.parse::<Decimal>().is_err()) {
        return Err(wrong(&format_args!("{value:?} is no decimal")));
    }
    Ok((id, noted.note))
}
