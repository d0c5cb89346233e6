//! A request's body, as it comes from the client: no more than is allowed of it, and no slower.
//!
//! Where it isn't as it should be it ends in an error, never as if it were whole: what has been sent to the origin of it is no
//! request then.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::failure::Failure;
use super::patience::Patience;
use crate::config::Server;

pub(super) struct Upload {
    body: Incoming,
    /// Bytes that may still come; none: any.
    left: Option<u64>,
    patience: Patience,
    fate: Fate,
    coming: Coming,
}

/// What the connection knows of a request's body: whether it has come whole. It is kept for as long as more may come.
#[derive(Clone, Debug, Default)]
pub struct Coming(Arc<AtomicBool>);

impl Coming {
    pub fn is_whole(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether nobody but the connection keeps it.
    pub fn is_over(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

/// What has become of a body, for whoever waits for the answer.
#[derive(Clone, Default)]
pub(super) struct Fate(Arc<OnceLock<Wrong>>);

#[derive(Clone, Copy, Debug)]
enum Wrong {
    TooLong,
    TooSlow,
}

/// A body that is not whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UploadError {
    #[error("it is longer than server.limits.body_bytes")]
    TooLong,
    #[error("it has stood still for longer than server.timeouts.body")]
    TooSlow,
    #[error("it broke off: {0}")]
    BrokeOff(#[source] hyper::Error),
}

impl Upload {
    /// # Errors
    /// [`Failure::TooLarge`] where it is said to be longer than is allowed.
    pub fn accept(body: Incoming, coming: Coming, server: &Server) -> Result<Self, Failure> {
        let left = server.limits.body_bytes;
        if left.is_some_and(|left| body.size_hint().lower() > left) {
            return Err(Failure::TooLarge);
        }
        let patience = Patience::of(server.timeouts.body);
        Ok(Upload { body, left, patience, fate: Fate::default(), coming })
    }

    pub fn fate(&self) -> Fate {
        self.fate.clone()
    }

    fn fail(&self, wrong: Wrong, error: UploadError) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        let _ = self.fate.0.set(wrong);
        Poll::Ready(Some(Err(error)))
    }
}

impl Fate {
    /// What the client is told, where the body wasn't as it should be.
    pub fn failure(&self) -> Option<Failure> {
        self.0.get().map(|wrong| match wrong {
            Wrong::TooLong => Failure::TooLarge,
            Wrong::TooSlow => Failure::TooSlow,
        })
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = UploadError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            return match self.patience.poll_over(cx) {
                Poll::Ready(()) => self.fail(Wrong::TooSlow, UploadError::TooSlow),
                Poll::Pending => Poll::Pending,
            };
        };
        self.patience.renew();
        let frame = frame.transpose().map_err(UploadError::BrokeOff)?;
        let bytes = frame.as_ref().and_then(Frame::data_ref).map_or(0, |data| data.len() as u64);
        match self.left.map(|left| left.checked_sub(bytes)) {
            Some(None) => return self.fail(Wrong::TooLong, UploadError::TooLong),
            Some(left) => self.left = left,
            None => {}
        }
        if frame.is_none() || self.body.is_end_stream() {
            self.coming.0.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
