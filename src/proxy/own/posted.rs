//! What a page's script posts: a body that is small, and comes soon.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::proxy::failure::Failure;
use crate::proxy::upload::{Upload, UploadError};

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body of so many bytes at most.
///
/// # Errors
/// [`Failure`] where it is longer, takes longer than ten seconds, or breaks off.
pub(super) async fn whole(body: &mut Upload, longest: usize) -> Result<Bytes, Failure> {
    let collected = tokio::time::timeout(PATIENCE, Limited::new(body, longest).collect()).await;
    match collected.map_err(|_| Failure::TooSlow)? {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Failure::TooLarge),
        Err(error) => Err(match error.downcast_ref::<UploadError>() {
            Some(UploadError::TooLong) => Failure::TooLarge,
            Some(UploadError::TooSlow) => Failure::TooSlow,
            _ => Failure::BadRequest("the body breaks off"),
        }),
    }
}
