//! The body of a response.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::framing;
use super::upstream::Answered;

/// What the visitor is sent.
pub enum Body {
    /// The origin's own bytes, trailers and all.
    Origin(Answered),
    /// A page that is filled as it passes.
    Filled(Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>),
    /// A short page of our own.
    Whole(Option<Bytes>),
}

/// A body that breaks off. The visitor's connection breaks off too, so that nobody takes half a page for a whole one.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the origin broke off: {0}")]
    Origin(#[source] hyper::Error),
    #[error("the origin sent nothing for {0:?}")]
    OriginStalled(Duration),
    #[error("the page can't be decoded: {0}")]
    Coding(#[source] io::Error),
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Body::Origin(body) => Pin::new(body).poll_frame(cx).map_ok(framing::part),
            Body::Filled(stream) => stream.as_mut().poll_next(cx).map_ok(Frame::data),
            Body::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Origin(body) => body.is_end_stream(),
            Body::Filled(_) => false,
            Body::Whole(bytes) => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Origin(body) => body.size_hint(),
            Body::Filled(_) => SizeHint::default(),
            Body::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
        }
    }
}
