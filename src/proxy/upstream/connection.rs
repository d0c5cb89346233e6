//! A connection to an origin. Over HTTP/1.1 it carries one request at a time, over HTTP/2 many.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};

use super::outgoing::Sent;

/// An older one gets no more requests: the origin's name may lead elsewhere by now.
const AGE: Duration = Duration::from_secs(5 * 60);

/// So many requests share an HTTP/2 connection; no server should allow fewer (RFC 9113 §6.5.2).
const STREAMS: usize = 100;

pub(crate) struct Connection {
    sender: Sender,
    made: Instant,
    /// It has carried a request before, or may have: the origin may have closed it since.
    pub reused: bool,
}

enum Sender {
    Alone(http1::SendRequest<Sent>),
    /// With what all who use it hold.
    Shared(http2::SendRequest<Sent>, Arc<()>),
}

impl Connection {
    pub fn alone(sender: http1::SendRequest<Sent>) -> Self {
        Connection { sender: Sender::Alone(sender), made: Instant::now(), reused: false }
    }

    pub fn shared(sender: http2::SendRequest<Sent>) -> Self {
        Connection { sender: Sender::Shared(sender, Arc::default()), made: Instant::now(), reused: false }
    }

    pub fn is_h2(&self) -> bool {
        matches!(self.sender, Sender::Shared(..))
    }

    /// Sends a request, and waits for the head of its answer. Where this is given up, the origin is told.
    ///
    /// # Errors
    /// With the request, where nothing of it was sent.
    pub async fn send(
        &mut self,
        request: Request<Sent>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Sent>>> {
        match &mut self.sender {
            Sender::Alone(sender) => sender.try_send_request(request).await,
            Sender::Shared(sender, _) => sender.try_send_request(request).await,
        }
    }

    /// For another request at the same time; none where this one can't have two.
    pub fn share(&self) -> Option<Self> {
        match &self.sender {
            Sender::Alone(_) => None,
            Sender::Shared(sender, users) => Some(Connection {
                sender: Sender::Shared(sender.clone(), Arc::clone(users)),
                made: self.made,
                reused: true,
            }),
        }
    }

    /// Waits until it can carry the next request; whether it will.
    pub async fn is_free(&mut self) -> bool {
        self.reused = true;
        let free = match &mut self.sender {
            Sender::Alone(sender) => sender.ready().await,
            Sender::Shared(sender, _) => sender.ready().await,
        };
        free.is_ok() && self.is_young()
    }

    /// Whether a request can be sent over it now.
    pub fn is_usable(&self) -> bool {
        let has_room = match &self.sender {
            Sender::Alone(sender) => sender.is_ready(),
            // One holds it for those to come.
            Sender::Shared(sender, users) => !sender.is_closed() && Arc::strong_count(users) <= STREAMS,
        };
        has_room && self.is_young()
    }

    /// Whether it may go on being kept, whether or not there is room now.
    pub fn is_open(&self) -> bool {
        let is_closed = match &self.sender {
            Sender::Alone(sender) => sender.is_closed(),
            Sender::Shared(sender, _) => sender.is_closed(),
        };
        !is_closed && self.is_young()
    }

    pub fn is_made_since(&self, moment: Option<Instant>) -> bool {
        moment.is_none_or(|moment| self.made >= moment)
    }

    fn is_young(&self) -> bool {
        self.made.elapsed() < AGE
    }
}

#[cfg(test)]
impl Connection {
    /// The same as if it were old.
    pub fn made_long_ago(mut self) -> Self {
        self.made = self.made.checked_sub(AGE).expect("the machine has run for some minutes");
        self
    }
}
