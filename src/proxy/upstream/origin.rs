//! One origin: the way to it, the connections that are kept, how it stands, and how much it has in hand.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use http::Response;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::super::failure::{Failure, chain};
use super::connection::Connection;
use super::counts::Counted;
use super::kept::{Kept, SWEEP};
use super::outgoing::Outgoing;
use super::route::{ConnectError, Route};
use super::standing::{Standing, Trouble};
use crate::config::Timeouts;

pub(super) struct Origin {
    pub route: Route,
    pub standing: Standing,
    pub counts: Counted,
    /// Requests that are not answered to the end.
    outstanding: AtomicUsize,
    kept: Kept,
}

/// Why there is no answer.
pub(super) enum Unanswered {
    /// There was no connection, and nothing was sent.
    Unreachable(ConnectError),
    /// A connection that was kept turned out to be closed: nothing was sent.
    Undelivered(hyper::Error),
    /// The connection ended behind the request; `reused` is whether it had been kept.
    BrokeOff {
        error: hyper::Error,
        reused: bool,
    },
    /// The visitor's body broke off.
    Visitor,
    Silent,
}

/// Nothing came in time.
#[derive(Debug, thiserror::Error)]
#[error("it doesn't answer in time")]
struct Silent;

/// Counts as a request in hand until it is dropped.
pub(super) struct InHand {
    pub origin: Arc<Origin>,
    /// One that is shared, as one of its users.
    connection: Option<Connection>,
}

impl Origin {
    pub fn new(route: Route, counts: Counted) -> Arc<Self> {
        let origin = Arc::new(Origin {
            route,
            standing: Standing::default(),
            counts,
            outstanding: AtomicUsize::new(0),
            kept: Kept::default(),
        });
        let weak = Arc::downgrade(&origin);
        tokio::spawn(async move {
            while let Some(origin) = weak.upgrade() {
                origin.kept.sweep();
                drop(origin);
                tokio::time::sleep(SWEEP).await;
            }
        });
        origin
    }

    pub fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::Relaxed)
    }

    /// Sends a request and waits for the head of its answer. Only a connection that was made since then, if it is given, will do.
    pub async fn ask(
        self: &Arc<Self>,
        outgoing: &mut Outgoing,
        made_since: Option<Instant>,
        timeouts: &Timeouts,
    ) -> Result<(Response<Incoming>, InHand), Unanswered> {
        self.counts.requests.inc();
        let mut in_hand = self.take_in_hand();
        let connection = match outgoing.asked {
            Some(_) => self.route.connect_for_upgrade().await,
            None => self.connection(made_since).await,
        };
        let mut connection = match connection {
            Ok(connection) => connection,
            Err(error) => {
                self.failed(Trouble::Connect, &error);
                return Err(Unanswered::Unreachable(error));
            }
        };
        let reused = connection.reused;
        let request = outgoing.request(self.route.is_tls(), connection.is_h2());
        let answer = tokio::select! {
            answer = connection.send(request) => answer,
            () = outgoing.is_overdue(timeouts) => {
                self.failed(Trouble::Silent, &Silent);
                return Err(Unanswered::Silent);
            }
        };
        match answer {
            Ok(answer) => {
                if self.standing.answered() {
                    tracing::info!("the origin {} answers again", self.route.name);
                }
                in_hand.connection = self.keep(connection);
                Ok((answer, in_hand))
            }
            Err(mut unsent) => match unsent.take_message() {
                Some(request) if reused => {
                    outgoing.give_back(request);
                    Err(Unanswered::Undelivered(unsent.into_error()))
                }
                _ => Err(self.unanswered(unsent.into_error(), reused)),
            },
        }
    }
}

impl Origin {
    /// A connection that is kept, or another.
    async fn connection(&self, made_since: Option<Instant>) -> Result<Connection, ConnectError> {
        if let Some(connection) = self.kept.take(made_since) {
            return Ok(connection);
        }
        if !self.route.h2 {
            return self.route.connect().await;
        }
        // Who comes while one is made to be shared has a share in it.
        let made_by_one = async {
            let _making = self.kept.making.lock().await;
            if let Some(connection) = self.kept.take(made_since) {
                return Ok(connection);
            }
            let connection = self.route.connect().await?;
            self.kept.share(&connection);
            Ok(connection)
        };
        let patience = self.route.patience;
        timeout(patience, made_by_one).await.unwrap_or(Err(ConnectError::Timeout(patience)))
    }

    /// Keeps a connection, once its request is over, where it can be kept; one that is shared stays with its request till then.
    fn keep(self: &Arc<Self>, mut connection: Connection) -> Option<Connection> {
        if connection.is_h2() {
            return Some(connection);
        }
        let origin = Arc::clone(self);
        tokio::spawn(async move {
            if connection.is_free().await {
                origin.kept.put_back(connection);
            }
        });
        None
    }

    fn take_in_hand(self: &Arc<Self>) -> InHand {
        self.outstanding.fetch_add(1, Ordering::Relaxed);
        InHand { origin: Arc::clone(self), connection: None }
    }

    /// What became of a request whose connection ended.
    fn unanswered(&self, error: hyper::Error, reused: bool) -> Unanswered {
        if error.is_user() {
            return Unanswered::Visitor;
        }
        // That a connection which was kept is closed by now says nothing of the origin.
        match reused {
            true => self.counts.failure(Trouble::BrokeOff),
            false => self.failed(Trouble::BrokeOff, &error),
        }
        Unanswered::BrokeOff { error, reused }
    }

    fn failed(&self, trouble: Trouble, error: &(dyn Error + 'static)) {
        self.counts.failure(trouble);
        if let Some(out) = self.standing.failed(trouble, Instant::now()) {
            tracing::warn!(
                "the origin {} fails: {}; for {out:?} others are asked, where there are any",
                self.route.name,
                chain(error)
            );
        }
    }
}

impl Unanswered {
    /// What the visitor is told of it.
    pub fn failure(self, origin: &Origin) -> Failure {
        let unreachable = |error: Box<dyn Error + Send + Sync>| Failure::OriginUnreachable {
            origin: origin.route.name.clone(),
            error,
        };
        match self {
            Unanswered::Unreachable(error) => unreachable(error.into()),
            Unanswered::BrokeOff { error, .. } | Unanswered::Undelivered(error) => unreachable(error.into()),
            Unanswered::Visitor => Failure::BadRequest("the body breaks off"),
            Unanswered::Silent => Failure::OriginSilent,
        }
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.origin.outstanding.fetch_sub(1, Ordering::Relaxed);
    }
}
