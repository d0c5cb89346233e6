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

    async fn fold_in_once(&self) {
        let (waiting, end) = match self.archive.spool.read() {
            Ok(read) => read,
            Err(error) => {
                return tracing::error!("what is told of calls waits in a file that can't be read: {error}");
            }
        };
        let (mut commits, count) = (Vec::new(), waiting.len());
        for waiting in waiting {
            commits.push(match waiting {
                Waiting::Rang { ring, is_attributed: true } => self.archive.ledger.rang(*ring),
                Waiting::Rang { ring, is_attributed: false } => match self.attributed(*ring).await {
                    Some(ring) => self.archive.ledger.rang(ring),
                    None => return,
                },
                Waiting::Event(event) => self.archive.ledger.events(vec![event]),
            });
        }
        for commit in commits {
            if !commit.durable().await {
                return;
            }
        }
        match self.archive.spool.forget(end) {
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
        let (mut later, candidates) = self.plan(call, &rang, &place, &facts, because);
        // Where it went stands.
        later.plan = decision.plan.clone();
        later.because.push(
            "the ledger could not be asked when it rang: it was attributed later, as of then".to_owned(),
        );
        let what = What::Rang(rang.clone(), Box::new(later.clone()));
        Some(self.ring_record(call, &rang, &later, candidates, what))
    }
}
