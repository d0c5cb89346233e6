//! Recordings: fetched from the carrier once they are ready, kept in a folder of our own, played to operators, and removed when
//! their time is over.
//!
//! What is wanted is read from the ledger each time, so that nothing is lost with the process, and nothing is kept of a call
//! that was erased. Where a carrier's account isn't configured, its recordings stay where they are.

mod account;
mod copy;
mod fetch;
pub(super) mod folder;
mod hosts;
mod kind;
mod network;
mod partial;
mod playable;
mod refused;
#[cfg(test)]
mod tests;
mod work;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::event::{Event, What};
use super::{CallId, Calls, CarrierName};
use crate::clock::Timestamp;
use crate::ledger::Which;
pub(super) use account::Accounts;
use fetch::Fetcher;
use folder::{Folder, Outdated};
use kind::Kind;
use network::Network;
use partial::Partial;
pub use playable::{NotPlayable, Playable};
use refused::Failed;

/// Bytes of a recording: more than a day's, as carriers code them.
const LARGEST: u64 = 500 << 20;

/// Recordings that are fetched at once.
const AT_ONCE: usize = 4;

/// What is missing is looked for so far back when the process starts.
const LOOKED_FOR: u32 = 7;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) struct Recordings {
    folder: Folder,
    /// Made with the first that a carrier has.
    fetcher: OnceLock<Fetcher>,
    at_once: Semaphore,
    under_way: Mutex<HashMap<Wanted, Work>>,
}

/// A recording that is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Wanted {
    call: CallId,
    carrier: CarrierName,
    /// The recording's own id.
    id: String,
}

/// Somebody is at it.
struct Work {
    stop: CancellationToken,
    ends: JoinHandle<()>,
}

impl Recordings {
    pub fn kept_in(folder: Folder) -> Self {
        Recordings {
            folder,
            fetcher: OnceLock::new(),
            at_once: Semaphore::new(AT_ONCE),
            under_way: Mutex::default(),
        }
    }

    /// Whoever is at work for this call ends, and has done nothing more once this returns.
    pub async fn stop(&self, call: CallId) {
        let of_call: Vec<Work> =
            self.under_way.lock().extract_if(|wanted, _| wanted.call == call).map(|(_, work)| work).collect();
        for Work { stop, ends } in of_call {
            stop.cancel();
            let _ = ends.await;
        }
    }

    /// Brings what there is of a recording to its end.
    async fn bring(
        &self,
        accounts: &Accounts,
        carrier: CarrierName,
        place: &str,
        part: &mut Partial,
    ) -> Result<Kind, Failed> {
        let files = accounts.files().filter(|_| carrier == CarrierName::Pbx);
        match (accounts.with(carrier), files) {
            (Some(account), _) => self.fetcher().await.fetch(account, place, part).await,
            (None, Some(files)) => copy::copy(files, place, LARGEST, part).await,
            // As the configuration has it by now.
            (None, None) => Err(Failed::Stopped),
        }
    }

    async fn fetcher(&self) -> &Fetcher {
        if self.fetcher.get().is_none() {
            let made = tokio::task::spawn_blocking(|| Fetcher::new(Network::of_system(), LARGEST));
            if let Ok(made) = made.await {
                let _ = self.fetcher.set(made);
            }
        }
        self.fetcher.get_or_init(|| Fetcher::new(Network::of_system(), LARGEST))
    }

    /// The call's folder, and what there is in it of this recording.
    async fn begin(&self, wanted: &Wanted) -> Result<Partial, Failed> {
        let (folder, call) = (self.folder.clone(), wanted.call);
        let made = tokio::task::spawn_blocking(move || folder.make(call)).await;
        let made: PathBuf = made.map_err(std::io::Error::other)??;
        Partial::open(&made, &folder::name_of(&wanted.id)).await?.ok_or(Failed::TakenUp)
    }
}

impl Calls {
    /// Has the recordings fetched that are told of here, beside everything else.
    pub(super) fn want(self: &Arc<Self>, call: CallId, carrier: CarrierName, told: &[What]) {
        if !self.setup().accounts.has(carrier) {
            return;
        }
        for what in told {
            if let What::Recorded(recorded) = what
                && recorded.is_ready()
            {
                self.fetch(Wanted { call, carrier, id: recorded.id.clone() });
            }
        }
    }

    /// Has those fetched that an earlier process didn't get to.
    pub async fn fetch_missed(self: Arc<Self>) {
        let now = Timestamp::now();
        // Nobody whose phone rings waits for that.
        let Ok(records) = self.archive.ledger.records().apart().await else { return };
        for day in 0..LOOKED_FOR {
            let until = now.minus(day * DAY);
            let Ok(calls) = records.calls(Which::Between(until.minus(DAY), until)).await else {
                return tracing::warn!(
                    "recordings that are missing can't be looked for: the ledger can't be read"
                );
            };
            for call in calls {
                let Ok(carrier) = call.record.carrier.parse() else { continue };
                let told = self.archive.open(&call);
                let missing = told.iter().filter(|event| is_missing(event, &told));
                let missing: Vec<What> = missing.map(|event| event.what.clone()).collect();
                self.want(call.record.id, carrier, &missing);
            }
        }
    }

    /// Removes recordings that were made before then. Their calls say so first.
    pub async fn remove_recordings_before(&self, time: Timestamp) {
        let folder = self.recordings.folder.clone();
        let found = tokio::task::spawn_blocking(move || folder.made_before(time)).await;
        match found.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
            Ok(outdated) => {
                for outdated in outdated {
                    self.remove_outdated(outdated).await;
                }
            }
            Err(error) => tracing::error!("recordings that are too old can't be looked for: {error}"),
        }
    }

    async fn remove_outdated(&self, Outdated { call, files }: Outdated) {
        // The next time will do.
        let Ok(told) = self.archive.told_of(call).await else { return };
        let removed = told.unwrap_or_default().into_iter().filter_map(|event| match event.what {
            What::Fetched(fetched) if files.contains(&fetched.path) => Some(What::Removed { id: fetched.id }),
            _ => None,
        });
        self.archive.keep(call, Timestamp::now(), removed.collect()).await;
        let folder = self.recordings.folder.clone();
        let removed =
            tokio::task::spawn_blocking(move || files.iter().try_for_each(|file| folder.remove_file(file)));
        if let Ok(Err(error)) = removed.await {
            tracing::error!("a recording of call {call} that is too old can't be removed: {error}");
        }
    }
}

/// Whether an event tells of a recording that is ready, and no other of its call says that it was fetched.
fn is_missing(event: &Event, told: &[Event]) -> bool {
    let What::Recorded(recorded) = &event.what else { return false };
    let is_settled = told.iter().any(|other| match &other.what {
        What::Fetched(fetched) => fetched.id == recorded.id,
        What::Removed { id } => *id == recorded.id,
        _ => false,
    });
    recorded.is_ready() && !is_settled
}
