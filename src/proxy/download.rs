//! An answer's body, as it comes from the origin: where it stands still for too long it ends in an error, never as if it were
//! whole.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::body::BodyError;
use super::patience::Patience;

pub struct Download {
    body: Incoming,
    patience: Patience,
}

impl Download {
    /// A body that may stand still for so long.
    pub(super) fn of(body: Incoming, patience: Duration) -> Self {
        Download { body, patience: Patience::of(patience) }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                self.patience.renew();
                Poll::Ready(frame.map(|frame| frame.map_err(BodyError::Origin)))
            }
            Poll::Pending => self.patience.poll_over(cx).map(|()| Some(Err(BodyError::OriginStalled))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
