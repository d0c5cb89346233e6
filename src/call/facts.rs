//! What the ledger knows when a phone rings: read at once, for the carrier waits.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::try_join4;

use super::event::{Caller, Ring};
use super::fold::fold;
use super::log::{Call, Outcome};
use super::numbers::Meaning;
use super::seal::Seal;
use super::spam::{Signals, VERY_SHORT};
use crate::clock::Timestamp;
use crate::ledger::{CallerHash, EarlierCall, Holding, ReadError, Records, Tap, Viewer, Which};

/// A tap so long ago may have been this call's.
const TAPPED: Duration = Duration::from_secs(3 * 60);

/// Clocks of browsers' taps and of calls are the same, but a tap may be written after the call that it made.
const CLOSE: Duration = Duration::from_secs(2);

/// Earlier calls of one telephone that are counted.
const MOST: usize = 1000;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is known of a call beside what its carrier says.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub holders: Vec<Holding>,
    pub taps: Vec<Tap>,
    /// Sessions that were shown a static number.
    pub viewers: Vec<Viewer>,
    /// The caller's earlier calls, the latest first.
    pub earlier: Vec<EarlierCall>,
    /// The latest of them, as they went.
    pub went: Vec<Call>,
}

/// A call to be told of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialled<'a> {
    /// E.164
    pub number: &'a str,
    pub site: &'a str,
    pub meaning: &'a Meaning,
    pub caller: Option<CallerHash>,
    pub time: Timestamp,
}

impl Facts {
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn gather(records: &Records, seal: &Seal, call: Dialled<'_>) -> Result<Self, ReadError> {
        let Dialled { number, site, meaning, caller, time } = call;
        let holders = async {
            match meaning {
                Meaning::Pool => records.holders(number, time).await,
                _ => Ok(Vec::new()),
            }
        };
        let taps = records.taps(number, time.minus(TAPPED), time.plus(CLOSE));
        let viewers = async {
            match meaning {
                Meaning::Static { shown_as: Some(shown), .. } => records.viewers(site, shown, time).await,
                _ => Ok(Vec::new()),
            }
        };
        let earlier = async {
            match caller {
                Some(caller) => records.earlier_calls(caller, time, MOST).await,
                None => Ok(Vec::new()),
            }
        };
        let (holders, taps, viewers, earlier) = try_join4(holders, taps, viewers, earlier).await?;
        let went = match caller {
            Some(caller) if !earlier.is_empty() => {
                let stored = records.calls(Which::LatestOf(caller)).await?;
                let before = stored.iter().rev().filter(|stored| stored.record.started < time);
                before.map(|stored| fold(stored, seal, time)).collect()
            }
            _ => Vec::new(),
        };
        Ok(Facts { holders, taps, viewers, earlier, went })
    }

    /// What speaks for a call's being spam.
    pub fn signals(&self, ring: &Ring, is_unshown: bool, now: Timestamp) -> Signals {
        let since = |time: Duration| self.earlier.iter().filter(move |call| now.since(call.started) <= time);
        let count = |calls: usize| u32::try_from(calls).unwrap_or(u32::MAX);
        let numbers: HashSet<&str> =
            since(DAY).map(|call| call.number.as_str()).chain([ring.to.as_str()]).collect();
        let is_of_today =
            |call: &&Call| Timestamp::parse(&call.start_time).is_some_and(|time| now.since(time) <= DAY);
        let is_short = |call: &&Call| call.answered && u64::from(call.talk_time) < VERY_SHORT.as_secs();
        Signals {
            attestation: ring.attestation,
            is_withheld: ring.from == Caller::Withheld,
            is_unshown,
            calls: count(since(HOUR).count()),
            short_calls: count(self.went.iter().filter(is_of_today).filter(is_short).count()),
            numbers: if ring.from.number().is_some() { count(numbers.len()) } else { 0 },
        }
    }

    /// Who took the caller's last call that anybody took.
    pub fn last_taken_by(&self) -> Option<&str> {
        let answered = self.went.iter().find(|call| call.outcome == Some(Outcome::Answered))?;
        answered.business_phone_number.as_deref()
    }
}
