//! The work on one recording: tried again until it is here, for a day at most.

use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{DAY, Failed, Wanted, Work, is_missing};
use crate::call::Calls;
use crate::call::event::{Event, Fetched, What};
use crate::clock::Timestamp;

/// Between the first try and the second, and at most between two.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// How long is waited before each further try: twice as long each time, until a day is over.
struct Waits {
    next: Duration,
    left: Duration,
}

impl Calls {
    /// Begins to fetch a recording, unless somebody is at it.
    pub(super) fn fetch(self: &Arc<Self>, wanted: Wanted) {
        let mut under_way = self.recordings.under_way.lock();
        if let Entry::Vacant(place) = under_way.entry(wanted) {
            let stop = CancellationToken::new();
            let ends = tokio::spawn(Arc::clone(self).work_on(place.key().clone(), stop.clone()));
            place.insert(Work { stop, ends });
        }
    }

    async fn work_on(self: Arc<Self>, wanted: Wanted, stop: CancellationToken) {
        self.try_until_it_is_here(&wanted, &stop).await;
        if !stop.is_cancelled() {
            self.recordings.under_way.lock().remove(&wanted);
        }
    }

    async fn try_until_it_is_here(&self, wanted: &Wanted, stop: &CancellationToken) {
        let carrier = wanted.carrier;
        for wait in Waits::new() {
            let why = match self.try_once(wanted, stop).await {
                Ok(()) | Err(Failed::Stopped) => return,
                Err(Failed::Refused(why)) => {
                    self.counts.recorded(carrier, "refused");
                    return tracing::warn!("a recording of call {} is not fetched: {why}", wanted.call);
                }
                Err(why) => why,
            };
            tracing::debug!("a recording of call {} is tried again in {wait:?}: {why}", wanted.call);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled() => return,
            }
        }
        self.counts.recorded(carrier, "failed");
        tracing::warn!(
            "a recording of call {} has not come for a day, and stays with {carrier}",
            wanted.call
        );
        if let Ok(part) = self.recordings.begin(wanted).await {
            part.discard().await;
        }
    }

    /// Fetches what is missing of it. Once it was told to stop it does nothing more on disk.
    pub(super) async fn try_once(&self, wanted: &Wanted, stop: &CancellationToken) -> Result<(), Failed> {
        let _permit = tokio::select! {
            permit = self.recordings.at_once.acquire() => permit,
            () = stop.cancelled() => return Err(Failed::Stopped),
        };
        let setup = self.setup();
        let Some((place, time)) = self.place_of(wanted).await? else { return Ok(()) };
        let mut part = self.recordings.begin(wanted).await?;
        let brought = tokio::select! {
            brought = self.recordings.bring(&setup.accounts, wanted.carrier, &place, &mut part) => brought,
            () = stop.cancelled() => return Err(Failed::Stopped),
        };
        let kind = match brought {
            Ok(kind) => kind,
            Err(refused @ Failed::Refused(_)) => {
                part.discard().await;
                return Err(refused);
            }
            Err(failed) => return Err(failed),
        };
        let kept = part.finish(kind.extension(), time).await?;
        let path = format!("{}/{}", wanted.call, kept.file);
        let fetched = Fetched { id: wanted.id.clone(), path, bytes: kept.bytes, sha256: kept.sha256 };
        self.archive.keep(wanted.call, Timestamp::now(), vec![What::Fetched(fetched)]).await;
        self.counts.recorded(wanted.carrier, "fetched");
        self.forget_if_erased(wanted).await;
        Ok(())
    }

    /// Where it is, and when that was told. None where it is here already, or is not wanted any more.
    async fn place_of(&self, wanted: &Wanted) -> Result<Option<(String, Timestamp)>, Failed> {
        let told = self.archive.told_of(wanted.call).await.map_err(|_| Failed::Ledger)?;
        let told = told.ok_or(Failed::Ledger)?;
        let place = |event: &Event| match &event.what {
            What::Recorded(recorded) if recorded.id == wanted.id => {
                Some((recorded.place.clone()?, event.received))
            }
            _ => None,
        };
        Ok(told.iter().filter(|event| is_missing(event, &told)).find_map(place))
    }

    /// Another node may have erased the call meanwhile.
    async fn forget_if_erased(&self, wanted: &Wanted) {
        if let Ok(None) = self.archive.told_of(wanted.call).await {
            let (folder, call) = (self.recordings.folder.clone(), wanted.call);
            let _ = tokio::task::spawn_blocking(move || folder.remove(call)).await;
        }
    }
}

impl Waits {
    fn new() -> Self {
        Waits { next: SHORTEST, left: DAY }
    }
}

impl Iterator for Waits {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let wait = self.next;
        self.left = self.left.checked_sub(wait)?;
        self.next = (wait * 2).min(LONGEST);
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_tried_again_ever_more_rarely_for_a_day() {
        let waits: Vec<Duration> = Waits::new().collect();
        assert_eq!(waits[..4], [1, 2, 4, 8].map(Duration::from_secs));
        assert!(waits.iter().all(|wait| *wait <= LONGEST) && waits.last() == Some(&LONGEST));
        let all: Duration = waits.iter().sum();
        assert!(all <= DAY && all + LONGEST > DAY, "{all:?}");
    }
}
