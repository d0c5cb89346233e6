//! A response's body on its way to the client, followed to its end.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};

use super::ended::End;
use super::trail::Trail;

/// A body that tells how it ended: when it is dropped, its trail is complete.
pub struct Followed<B: Body> {
    body: B,
    trail: Trail,
}

impl<B: Body> Followed<B> {
    pub(super) fn new(body: B, trail: Trail) -> Self {
        Followed { body, trail }
    }
}

impl<B: Body + Unpin> Body for Followed<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        match &frame {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Buf::remaining);
                this.trail.sends(bytes as u64);
            }
            Poll::Ready(Some(Err(_))) => this.trail.ends(End::OriginBrokeOff),
            Poll::Ready(None) => this.trail.ends(End::Complete),
            Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: Body> Drop for Followed<B> {
    fn drop(&mut self) {
        // Who has been given the last byte doesn't ask for another.
        if self.body.is_end_stream() {
            self.trail.ends(End::Complete);
        }
    }
}
