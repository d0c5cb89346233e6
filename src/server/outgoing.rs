//! An answer's body on its way to the client: the connection knows for how long there is one, and whether it is taken.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::presence::UnderWay;
use crate::observe::Followed;
use crate::proxy::{Body, BodyError};

pub(super) struct Outgoing {
    body: Followed<Body>,
    under_way: UnderWay,
}

impl Outgoing {
    pub fn new(body: Followed<Body>, under_way: UnderWay) -> Self {
        Outgoing { body, under_way }
    }
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        // Whoever asks for the next part has taken the last one.
        self.under_way.is_untaken(matches!(frame, Poll::Ready(Some(Ok(_)))));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
