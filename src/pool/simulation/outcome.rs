//! What came of a simulation, counted.

use super::ground;
use crate::pool::attribution::Attribution;
use crate::pool::credit::Credit;
use crate::pool::traffic::Traffic;
use crate::visit::SessionHash;

/// Counts of a simulation's days. Shares are from 0 to 1.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub leases: u64,
    overflowed: u64,
    pub calls: u64,
    untracked: u64,
    right_session: u64,
    right_source: u64,
    right_last: u64,
    /// Calls by the confidence of their attribution: below a tenth, below two tenths, and so on.
    pub tenths: [Tenth; 10],
    campaigns: Vec<Campaign>,
    /// All of the days' calls, to be credited at once.
    pub(super) credit: Credit,
}

/// The calls of a tenth of confidences.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tenth {
    pub calls: u64,
    right: u64,
    confidence: f64,
}

/// A source's calls: as expected, as they were, as credited in parts when they came, and as credited whole to the likeliest.
#[derive(Clone, Copy, Debug, Default)]
struct Campaign {
    expected: f64,
    true_calls: f64,
    fractional: f64,
    whole: f64,
}

impl Outcome {
    pub(super) fn new(traffic: &Traffic) -> Self {
        let shares = &traffic.shares;
        let expected = |(place, share)| share * ground::eagerness(place);
        let campaign = |expected| Campaign { expected, ..Campaign::default() };
        Outcome {
            leases: 0,
            overflowed: 0,
            calls: 0,
            untracked: 0,
            right_session: 0,
            right_source: 0,
            right_last: 0,
            tenths: Default::default(),
            campaigns: shares.iter().enumerate().map(expected).map(campaign).collect(),
            credit: Credit::among(shares.len()),
        }
    }

    pub(super) fn count_lease(&mut self, source: usize, is_full: bool) {
        self.leases += 1;
        self.credit.saw_session(source);
        self.overflowed += u64::from(is_full);
    }

    /// A call to the canonical number.
    pub(super) fn count_untracked(&mut self) {
        self.calls += 1;
        self.untracked += 1;
    }

    /// A call from `session`, which came from the source at place `origin`; `is_last`: it held the number still.
    pub(super) fn count_call(
        &mut self,
        attribution: &Attribution<'_>,
        session: SessionHash,
        origin: usize,
        is_last: bool,
    ) {
        self.calls += 1;
        self.right_last += u64::from(is_last);
        self.campaigns[origin].true_calls += 1.0;
        for candidate in &attribution.candidates {
            self.campaigns[ground::place(candidate.source)].fractional += candidate.probability;
        }
        let Some(best) = attribution.candidates.first() else { return };
        let is_right = best.session == Some(session);
        self.campaigns[ground::place(best.source)].whole += 1.0;
        self.right_session += u64::from(is_right);
        self.right_source += u64::from(ground::place(best.source) == origin);
        let tenth = &mut self.tenths[((10.0 * attribution.confidence) as usize).min(9)];
        tenth.calls += 1;
        tenth.right += u64::from(is_right);
        tenth.confidence += attribution.confidence;
    }

    /// Calls that were attributed to the session they came from.
    pub fn session(&self) -> f64 {
        share(self.right_session, self.calls)
    }

    /// Calls that were attributed to the source they came from.
    pub fn source(&self) -> f64 {
        share(self.right_source, self.calls)
    }

    /// Calls that came from whoever had the number last.
    pub fn last_holder(&self) -> f64 {
        share(self.right_last, self.calls)
    }

    /// Calls to the canonical number.
    pub fn untracked(&self) -> f64 {
        share(self.untracked, self.calls)
    }

    /// Sessions without a number that found all on hold.
    pub fn overflow(&self) -> f64 {
        share(self.overflowed, self.leases)
    }

    /// Total variation between the sources' shares of the calls and what they are credited with, in parts, when all calls are known.
    pub fn credit_error(&self) -> f64 {
        self.total_variation(&self.credit.parts())
    }

    /// The same where the rates at which sources call are known: what is left is chance.
    pub fn least_error(&self) -> f64 {
        let rates: Vec<_> = (0..self.campaigns.len()).map(ground::eagerness).collect();
        self.total_variation(&self.credit.parts_at(&rates))
    }

    /// The same where each call is credited in parts as it comes.
    pub fn fractional_error(&self) -> f64 {
        self.total_variation(&self.each(|campaign| campaign.fractional))
    }

    /// The same where each call is credited whole to the likeliest.
    pub fn whole_error(&self) -> f64 {
        self.total_variation(&self.each(|campaign| campaign.whole))
    }

    /// Total variation between the sources' shares of the calls and those that are to be expected of them in the long run.
    pub fn luck(&self) -> f64 {
        self.total_variation(&self.each(|campaign| campaign.expected))
    }

    fn each(&self, of: impl Fn(&Campaign) -> f64) -> Vec<f64> {
        self.campaigns.iter().map(of).collect()
    }

    fn total_variation(&self, credits: &[f64]) -> f64 {
        let calls = self.each(|campaign| campaign.true_calls);
        let total = |of: &[f64]| of.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let (all_calls, all_credits) = (total(&calls), total(credits));
        let off = |(calls, credit): (&f64, &f64)| (calls / all_calls - credit / all_credits).abs();
        calls.iter().zip(credits).map(off).sum::<f64>() / 2.0
    }
}

impl Tenth {
    /// Calls that were attributed rightly.
    pub fn right(&self) -> f64 {
        share(self.right, self.calls)
    }

    /// The mean confidence.
    pub fn confidence(&self) -> f64 {
        if self.calls == 0 { 0.0 } else { self.confidence / self.calls as f64 }
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
