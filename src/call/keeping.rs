//! What carriers tell is kept: in the ledger, and while that can't be written in the spool.

use std::sync::Arc;
use std::time::Duration;

use super::event::{Event, What};
use super::spool::Waiting;
use super::{Call, Calls};
use crate::ledger::{CallId, RingRecord};

/// What waits is tried again this often.
const AGAIN: Duration = Duration::from_secs(1);

impl Calls {
    /// Keeps what happened. It is on disk when this returns, where any disk takes it.
    pub(super) async fn keep(self: &Arc<Self>, call: Call<'_>, happened: Vec<What>) {
        if self.archive.keep(call.id, call.now, happened.clone()).await {
            self.count(call.id).await;
        }
        self.want(call.id, call.carrier, &happened);
    }

    /// Counts a call once it has ended, where this process decided it.
    async fn count(&self, id: CallId) {
        let Some(known) = self.known.get(id) else { return };
        let Ok(Some(call)) = self.archive.call(id).await else { return };
        if let (Some(outcome), Ok(carrier)) = (call.outcome, call.carrier.parse())
            && known.must_be_counted()
        {
            self.counts.ended(call.site.as_deref(), carrier, outcome);
        }
    }

    /// Folds in what waits, whenever the ledger can be written again; for as long as the process runs.
    pub async fn fold_in(self: Arc<Self>) {
        let mut again = tokio::time::interval(AGAIN);
        loop {
            again.tick().await;
            if !self.archive.spool.is_empty() && self.archive.ledger.trouble().is_none() {
                self.fold_in_once().await;
            }
        }
    }

    /// Moves what waits into the ledger, in the order in which it came. What the ledger refuses though it can be written is lost, and
    /// counted: nothing behind it need wait for that.
    async fn fold_in_once(&self) {
        let _nobody_else = self.archive.moving.lock().await;
        let spool = Arc::clone(&self.archive.spool);
        let Ok(read) = tokio::task::spawn_blocking(move || spool.read()).await else { return };
        let (waiting, end) = match read {
            Ok(read) => read,
            Err(error) => {
                return tracing::error!("what is told of calls waits in a file that can't be read: {error}");
            }
        };
        let count = waiting.len();
        for waiting in waiting {
            let commit = match waiting {
                Waiting::Rang { ring, is_attributed: true } => self.archive.ledger.rang(*ring),
                Waiting::Rang { ring, is_attributed: false } => match self.attributed(*ring).await {
                    Some(ring) => self.archive.ledger.rang(ring),
                    None => return,
                },
                Waiting::Event(event) => self.archive.ledger.events(vec![event]),
            };
            if !commit.durable().await {
                self.archive.ledger.settled().await;
                match self.archive.ledger.trouble() {
                    Some(_) => return,
                    None => self.archive.spool.lose("the ledger refuses it"),
                }
            }
        }
        let spool = Arc::clone(&self.archive.spool);
        let forgotten = tokio::task::spawn_blocking(move || spool.forget(end)).await;
        match forgotten.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
            Ok(()) => tracing::info!("the ledger takes calls again: {count} messages that waited are in it"),
            Err(error) => {
                tracing::error!("what the ledger has by now can't be removed from the spool: {error}")
            }
        }
    }

    /// The same call, attributed as of when it rang. None where the ledger can't be read yet.
    async fn attributed(&self, ring: RingRecord) -> Option<RingRecord> {
        let Some(Event { what: What::Rang(rang, decision), .. }) = self.archive.seal.open(&ring.event) else {
            return Some(ring);
        };
        let setup = self.setup();
        let Some((place, because)) = setup.numbers.find(&rang.to) else { return Some(ring) };
        let Ok(carrier) = ring.call.carrier.parse() else { return Some(ring) };
        let (id, its_own, now) = (ring.call.id, ring.call.carrier_call.as_str(), ring.call.started);
        let call = Call { carrier, id, its_own, base: "", login: None, now };
        let facts = self.facts(call, &rang, &place).await.ok()?;
        let (mut later, candidates) = self.plan(call, &rang, &place, Some(&facts), because);
        // Where it went stands, and why.
        later.plan = decision.plan.clone();
        later.because = decision.because.clone();
        later.because.push("it was attributed once the ledger could be asked, as of when it rang".to_owned());
        let what = What::Rang(rang.clone(), Box::new(later.clone()));
        Some(self.ring_record(call, &rang, &later, candidates, what))
    }
}
