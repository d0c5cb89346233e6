//! The body of an origin's answer, as it comes. One that stands still for too long breaks off, like one whose origin hangs up.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep};

use super::super::body::BodyError;
use super::origin::InHand;

/// The body of an answer that has begun.
pub struct Answered {
    body: Incoming,
    /// None: it may stand still as long as it likes.
    patience: Option<Duration>,
    /// Runs while something is waited for.
    deadline: Option<Pin<Box<Sleep>>>,
    in_hand: InHand,
}

impl Answered {
    pub(super) fn new(body: Incoming, patience: Option<Duration>, in_hand: InHand) -> Self {
        Answered { body, patience, deadline: None, in_hand }
    }

    /// Host and port of whoever sends it.
    pub(in super::super) fn origin(&self) -> &str {
        self.in_hand.origin.route.authority()
    }
}

impl HttpBody for Answered {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.deadline = None;
            if matches!(frame, Some(Err(_))) {
                self.in_hand.origin.counts.body_failure();
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyError::Origin)));
        }
        let Some(patience) = self.patience else { return Poll::Pending };
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(deadline.as_mut().poll(cx));
        self.in_hand.origin.counts.body_failure();
        Poll::Ready(Some(Err(BodyError::OriginStalled(patience))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
