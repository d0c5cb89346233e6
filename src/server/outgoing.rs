//! An answer's body on its way to the client: the connection knows for how long there is one, and whether it is taken.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::http::Version;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::presence::UnderWay;
use crate::observe::Followed;
use crate::proxy::{Body, BodyError};

/// Over HTTP/2 a part is no larger, in bytes, so that it shows soon whether it is taken: as large as its frames (RFC 9113 §4.2).
const PART: usize = 16 << 10;

pub(super) struct Outgoing {
    body: Followed<Body>,
    under_way: UnderWay,
    /// What is left of a part that was too large.
    rest: Bytes,
    largest: usize,
}

impl Outgoing {
    pub fn new(body: Followed<Body>, under_way: UnderWay, version: Version) -> Self {
        let largest = if version == Version::HTTP_2 { PART } else { usize::MAX };
        Outgoing { body, under_way, rest: Bytes::new(), largest }
    }

    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let part = self.rest.split_to(self.rest.len().min(self.largest));
        Poll::Ready(Some(Ok(Frame::data(part))))
    }
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = self.next(cx);
        // Whoever asks for the next part has taken the last one.
        self.under_way.is_untaken(matches!(frame, Poll::Ready(Some(Ok(_)))));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let (upper, rest) = (hint.upper(), self.rest.len() as u64);
        hint.set_lower(hint.lower() + rest);
        if let Some(upper) = upper {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
