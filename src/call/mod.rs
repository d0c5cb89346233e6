//! The call flow: a carrier asks where a call is to be connected, and tells how it went.
//!
//! [`Calls::handle`] is the whole of it, top to bottom; each step has a file of its own. Whatever of ours fails on the way, an
//! authentic carrier is told to connect the caller to the business.

mod address;
pub mod archive;
mod attribute;
pub mod carrier;
mod counts;
pub mod decision;
pub mod dialect;
mod erase;
pub mod event;
mod facts;
pub mod fold;
pub mod inquiry;
mod keeping;
mod known;
pub mod learned;
pub mod log;
mod next;
mod numbers;
pub mod plan;
pub mod recordings;
mod refusal;
mod ring;
pub mod route;
pub mod seal;
mod setup;
pub mod signature;
pub mod spam;
mod spool;
pub mod tag;

pub use carrier::CarrierName;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use parking_lot::RwLock;

use crate::clock::Timestamp;
use crate::config::{Config, Keys};
use crate::ledger::{CallId, Ledger, ReadError};
use address::Asked;
use archive::{Archive, NoteError};
use counts::Counts;
use dialect::{Answer, Login, Meaning, Message};
use event::{Note, id_of};
use known::KnownCalls;
use learned::Lessons;
use recordings::Recordings;
use refusal::Refused;
pub use setup::Setup;
use signature::{CredentialError, Received, Verifiers};

/// Bytes of a message; more: 413.
const LONGEST_BODY: usize = 64 << 10;

/// How long a body may take that small.
const PATIENCE: Duration = Duration::from_secs(10);

/// What all calls share, whatever the configuration is when they come.
pub struct Calls {
    /// As configured now.
    setup: RwLock<Arc<Setup>>,
    archive: Archive,
    known: KnownCalls,
    lessons: Lessons,
    counts: Counts,
    recordings: Recordings,
}

impl Calls {
    /// For these sites and carriers, with what the ledger knows of their numbers.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn new(
        config: &Config,
        keys: &Keys,
        ledger: Ledger,
        carriers: Verifiers,
    ) -> Result<Arc<Self>, ReadError> {
        let homes = ledger.records().homes().await?;
        let left = homes.into_iter().map(|home| (home.number.clone(), home)).collect();
        let setup = Setup::of(config, left, carriers);
        ledger.homes(setup.numbers.homes());
        let counts = Counts::new();
        let archive = Archive::new(config, keys, ledger, counts.dropped());
        archive.probe();
        Ok(Arc::new(Calls {
            setup: RwLock::new(Arc::new(setup)),
            recordings: Recordings::kept_in(archive.recordings.clone()),
            archive,
            known: KnownCalls::default(),
            lessons: Lessons::default(),
            counts,
        }))
    }

    /// What a configuration makes of calls.
    ///
    /// # Errors
    /// [`CredentialError`] where a carrier's secret can't be had.
    pub fn prepare(&self, config: &Config) -> Result<Setup, CredentialError> {
        self.setup().followed_by(config)
    }

    /// Answers as this configuration says, from the next message on.
    pub fn reconfigure(&self, setup: Setup) {
        self.archive.ledger.homes(setup.numbers.homes());
        *self.setup.write() = Arc::new(setup);
    }

    /// Whether a request is a carrier's, by its path.
    pub fn serves(path: &str) -> bool {
        address::is_ours(path)
    }

    /// The carrier in whose name a request comes, by its path; none where there is no such carrier.
    pub fn carrier(path: &str) -> Option<CarrierName> {
        address::carrier(path)
    }

    /// Answers a carrier. Never fails: what went wrong is a response too.
    pub async fn handle<B>(self: Arc<Self>, request: Request<B>) -> Response<Bytes>
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.call(request).await.map_or_else(Refused::into_response, address::response)
    }

    /// A carrier's message, from its bytes to what the carrier is told.
    async fn call<B>(self: &Arc<Self>, request: Request<B>) -> Result<Answer, Refused>
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let now = Timestamp::now();
        let asked = Asked::of(&request)?;
        let setup = self.setup();
        let verifier = setup.verifiers.of(asked.carrier).ok_or(Refused::NotConfigured(asked.carrier))?;
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        // Nothing of it is believed before it is known to be the carrier's.
        let received = Received {
            method: &head.method,
            target: asked.target(&head),
            headers: &head.headers,
            body: &body,
            now,
        };
        if let Err(refusal) = verifier.verify(&received) {
            if self.counts.refused(asked.carrier, refusal.name()) {
                tracing::warn!(
                    "a request in {}'s name was refused: {refusal} (more of that are counted, and named once a minute)",
                    asked.carrier
                );
            }
            return Err(Refused::NotAuthentic(asked.carrier, refusal));
        }
        // A carrier that hangs up has said it all the same.
        let (calls, base) = (Arc::clone(self), setup.base(asked.carrier, &head));
        let (to_do, by) = (Arc::clone(&setup), base.clone());
        let answer =
            tokio::spawn(async move { calls.told(&to_do, asked, &head, &body, &by, now).await }).await;
        answer.unwrap_or_else(|failure| self.connect_anyhow(&setup, asked, &base, &failure))
    }

    /// What a carrier's own message says, and what the carrier is told.
    async fn told(
        self: &Arc<Self>,
        setup: &Setup,
        asked: Asked,
        head: &Parts,
        body: &[u8],
        base: &str,
        now: Timestamp,
    ) -> Result<Answer, Refused> {
        let message = Message {
            address: asked.address,
            query: head.uri.query().unwrap_or_default(),
            content_type: address::content_type(head),
            body,
        };
        let told = match dialect::read(asked.carrier, &message) {
            Ok(told) => told,
            Err(unreadable) => return self.connect_anyhow(setup, asked, base, &unreadable),
        };
        let call = Call {
            carrier: asked.carrier,
            id: id_of(asked.carrier, &told.call),
            its_own: &told.call,
            base,
            login: setup.verifiers.login(asked.carrier),
            now,
        };
        match told.meaning {
            Meaning::Rings(ring) => Ok(self.rings(setup, call, ring).await),
            Meaning::Happened(mut happened) => {
                self.settle(call, &mut happened).await;
                self.keep(call, happened).await;
                Ok(dialect::nothing())
            }
            Meaning::Next { step, mut happened, to } => {
                self.settle(call, &mut happened).await;
                self.keep(call, happened.clone()).await;
                Ok(self.next(setup, call, step, &happened, to.as_deref()).await)
            }
            Meaning::Whispers { step, happened } => {
                self.keep(call, happened).await;
                Ok(self.whispers(call, step).await)
            }
            Meaning::Screened { accepted, mut happened, .. } => {
                self.settle(call, &mut happened).await;
                self.keep(call, happened).await;
                Ok(dialect::screened(call.carrier, accepted))
            }
        }
    }

    fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.setup.read())
    }

    /// Puts a note to a call.
    ///
    /// # Errors
    /// [`NoteError`]; nothing has changed then.
    pub async fn note(&self, id: CallId, note: Note) -> Result<(), NoteError> {
        self.archive.note(id, note).await
    }

    /// One call, as it is told; none where there is none. Its site's rules have given it no tags yet.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn find_call(&self, id: CallId) -> Result<Option<log::Call>, ReadError> {
        self.archive.call(id).await
    }

    /// What has been counted, in Prometheus's text format.
    pub fn metrics(&self) -> String {
        self.counts.text()
    }
}

/// Which call a message is about.
#[derive(Clone, Copy, Debug)]
struct Call<'a> {
    carrier: CarrierName,
    id: CallId,
    /// The carrier's own id of it.
    its_own: &'a str,
    /// Where its carrier reaches us: what follows `/.dni/calls/<carrier>` is put behind this.
    base: &'a str,
    login: Option<Login<'a>>,
    /// When the message came.
    now: Timestamp,
}

async fn whole<B>(body: B) -> Result<Bytes, Refused>
where
    B: Body + Send,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let read = Limited::new(body, LONGEST_BODY).collect();
    match tokio::time::timeout(PATIENCE, read).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refused::TooLong),
        Ok(Err(_)) => Err(Refused::CutOff),
        Err(_) => Err(Refused::TooSlow),
    }
}
