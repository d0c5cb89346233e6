//! A call's recording as it is played: the file, and what it was when it came.

use std::fs::File;

use super::{Calls, Kind};
use crate::call::fold::recording;
use crate::ledger::{CallId, ReadError};

/// A recording that is open.
#[derive(Debug)]
pub struct Playable {
    pub file: File,
    pub bytes: u64,
    /// Of all bytes, in hexadecimal digits.
    pub sha256: String,
    pub content_type: &'static str,
    /// What a copy of it may be called.
    pub name: String,
}

/// There is nothing to play.
#[derive(Debug, thiserror::Error)]
pub enum NotPlayable {
    #[error("there is no call {0}")]
    NoCall(CallId),
    #[error("no recording of this call is kept here")]
    NotHere,
    #[error("the recording is not in its folder as it was fetched: {0}")]
    Lost(String),
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Calls {
    /// Opens the recording that a call is told with.
    ///
    /// # Errors
    /// [`NotPlayable`], also where the file is not the one that was fetched.
    pub async fn play(&self, call: CallId) -> Result<Playable, NotPlayable> {
        let told = self.archive.told_of(call).await?.ok_or(NotPlayable::NoCall(call))?;
        let fetched = recording::of(&told).and_then(|told| told.fetched).ok_or(NotPlayable::NotHere)?.clone();
        let (folder, path) = (self.recordings.folder.clone(), fetched.path.clone());
        let opened = tokio::task::spawn_blocking(move || {
            let file = folder.open(&path)?;
            Ok((file.metadata()?.len(), file))
        });
        let opened: std::io::Result<(u64, File)> =
            opened.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let (bytes, file) = opened.map_err(|error| NotPlayable::Lost(error.to_string()))?;
        if bytes != fetched.bytes {
            return Err(NotPlayable::Lost(format!("it has {bytes} bytes, and had {}", fetched.bytes)));
        }
        let name = fetched.path.replace('/', "-");
        let content_type = Kind::of_name(&name).content_type();
        Ok(Playable { file, bytes, sha256: fetched.sha256, content_type, name })
    }
}
