//! Who called: of those who held a number, each with a probability. Nothing is read or written here.
//!
//! A static number says by itself where its caller comes from. Of one that is leased, in this order: whose telephone it is known
//! to be; who tapped the number on a page; and, of those who were shown it, each as likely as calls come so long after the last
//! page view, and as sessions of that class call at all.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::delay::Delays;
use crate::clock::Timestamp;
use crate::visit::{Described, SessionHash};

/// How often a telephone that called before calls for the same session again: measured.
const SAME_TELEPHONE: f64 = 0.82;

/// How often the call after a tap is the tapper's, and not somebody else's in the same minutes.
const SAME_TAP: f64 = 0.95;

/// Candidates that are named: the likeliest so many in any case, and at most.
const NAMED: (usize, usize) = (20, 100);

/// Between these, whoever is at least so likely: measured, as much as takes nothing from what sources are credited with.
const NAMEABLE: f64 = 0.001;

/// Somebody who was shown the number.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// None where it was erased.
    pub session: Option<SessionHash>,
    pub source: &'a Described,
    pub started: Timestamp,
    pub last_seen: Timestamp,
    /// Calls that a session of this class makes, relative to the others.
    pub rate: f64,
}

/// What is known of a call beside its number.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub time: Timestamp,
    /// Whose telephone it is, by an earlier call.
    pub caller: Option<Holder<'a>>,
    /// Who tapped the number on a page just before.
    pub tapped: Option<Holder<'a>>,
}

/// By what a call is told to be somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// The number is its source's alone.
    Static,
    Caller,
    Tap,
    Posterior,
    /// Nobody was shown the number: suspect by construction.
    Unshown,
}

impl How {
    pub fn name(self) -> &'static str {
        match self {
            How::Static => "static",
            How::Caller => "caller",
            How::Tap => "tap",
            How::Posterior => "posterior",
            How::Unshown => "unshown",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Attribution<'a> {
    pub how: How,
    /// The first candidate's probability; 0 where there is none.
    pub confidence: f64,
    /// Everybody who held the number, the likeliest first. Their probabilities add up to 1.
    pub candidates: Vec<Candidate<'a>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// None where it was erased, and for the source of a static number.
    pub session: Option<SessionHash>,
    pub source: &'a Described,
    /// None for the source of a static number.
    pub last_seen: Option<Timestamp>,
    /// From 0 to 1.
    pub probability: f64,
    /// The holder's; 1 for the source of a static number.
    pub rate: f64,
}

impl<'a> Attribution<'a> {
    /// Attributes a call to a number that these held, in any order.
    pub fn of(call: &Known<'a>, holders: &[Holder<'a>], delays: &Delays) -> Self {
        let mut candidates = posterior(call.time, holders, delays);
        let known = call.caller.map(|caller| (How::Caller, caller, SAME_TELEPHONE));
        let known = known.or_else(|| call.tapped.map(|tapped| (How::Tap, tapped, SAME_TAP)));
        let how = match known {
            Some((how, holder, probability)) => {
                prefer(&mut candidates, &holder, probability);
                how
            }
            None if candidates.is_empty() => How::Unshown,
            None => How::Posterior,
        };
        candidates
            .sort_by(|a, b| b.probability.total_cmp(&a.probability).then(b.last_seen.cmp(&a.last_seen)));
        let confidence = candidates.first().map_or(0.0, |first| first.probability);
        Attribution { how, confidence, candidates }
    }

    /// Attributes a call to a static number of this source.
    pub fn to_source(source: &'a Described) -> Self {
        let candidate = Candidate { session: None, source, last_seen: None, probability: 1.0, rate: 1.0 };
        Attribution { how: How::Static, confidence: 1.0, candidates: vec![candidate] }
    }

    /// Those worth writing down: the likeliest.
    pub fn named(&self) -> &[Candidate<'a>] {
        let nameable = self.candidates.partition_point(|candidate| candidate.probability >= NAMEABLE);
        let (least, most) = NAMED;
        &self.candidates[..nameable.clamp(least, most).min(self.candidates.len())]
    }
}

impl<'a> Candidate<'a> {
    fn of(holder: &Holder<'a>, probability: f64) -> Self {
        let Holder { session, source, last_seen, rate, .. } = *holder;
        Candidate { session, source, last_seen: Some(last_seen), probability, rate }
    }

    /// Whether it is this session. Of those who were erased nobody knows whether they are one.
    fn is_session(&self, session: Option<SessionHash>) -> bool {
        session.is_some() && self.session == session
    }
}

/// How long after the last page view a call came. Whoever goes on reading while calling has called at once.
pub fn delay(call: Timestamp, last_seen: Timestamp) -> Duration {
    call.since(last_seen)
}

/// P(i) ∝ f(time since i was seen) × the rate of i's class. Since f counts from the last page view of all, whoever was seen
/// a moment ago, and may view further pages before calling, is that much less likely.
fn posterior<'a>(time: Timestamp, holders: &[Holder<'a>], delays: &Delays) -> Vec<Candidate<'a>> {
    let candidate = |holder: &Holder<'a>| {
        let delay = delay(time, holder.last_seen);
        let density = delays.density(delay) * delays.is_over(delay);
        let probability = density * holder.rate.max(f64::MIN_POSITIVE);
        Candidate::of(holder, probability)
    };
    let before = holders.iter().filter(|holder| holder.started <= time);
    let mut candidates: Vec<_> = before.map(candidate).collect();
    // Somebody who came back has held the number more than once, and called after the last time.
    candidates.sort_by(|a, b| a.session.cmp(&b.session).then(b.last_seen.cmp(&a.last_seen)));
    candidates.dedup_by(|later, first| later.is_session(first.session));
    normalise(&mut candidates);
    candidates
}

/// Gives one this probability, and leaves the rest to the others. Where there are none, it is the only one.
fn prefer<'a>(candidates: &mut Vec<Candidate<'a>>, holder: &Holder<'a>, probability: f64) {
    candidates.retain(|candidate| !candidate.is_session(holder.session));
    normalise(candidates);
    candidates.iter_mut().for_each(|candidate| candidate.probability *= 1.0 - probability);
    let probability = if candidates.is_empty() { 1.0 } else { probability };
    candidates.push(Candidate::of(holder, probability));
}

/// Makes the probabilities add up to 1, in equal parts where all are beyond what can be counted.
fn normalise(candidates: &mut [Candidate<'_>]) {
    let total: f64 = candidates.iter().map(|candidate| candidate.probability).sum();
    let equal = 1.0 / candidates.len() as f64;
    for candidate in candidates {
        candidate.probability =
            if total >= f64::MIN_POSITIVE { candidate.probability / total } else { equal };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::delay::Mix;

    const CALL: Timestamp = Timestamp(1_800_000_000_000);

    fn holder(session: u8, minutes_ago: i64, source: &Described) -> Holder<'_> {
        let last_seen = Timestamp(CALL.0 - 60_000 * minutes_ago);
        let started = Timestamp(last_seen.0 - 120_000);
        Holder { session: Some(SessionHash([session; 16])), source, started, last_seen, rate: 1.0 }
    }

    fn nothing_known<'a>() -> Known<'a> {
        Known { time: CALL, caller: None, tapped: None }
    }

    fn attribute<'a>(call: &Known<'a>, holders: &[Holder<'a>]) -> Attribution<'a> {
        let attribution = Attribution::of(call, holders, &Delays::new(Mix::BASE));
        let total: f64 = attribution.candidates.iter().map(|candidate| candidate.probability).sum();
        assert!((total - 1.0).abs() < 1e-9 || attribution.candidates.is_empty(), "{total}");
        attribution
    }

    fn sessions(attribution: &Attribution<'_>) -> Vec<u8> {
        attribution.candidates.iter().map(|candidate| candidate.session.unwrap().0[0]).collect()
    }

    #[test]
    fn a_number_that_nobody_was_shown_is_unshown() {
        let source = Described::default();
        let later = holder(1, -10, &source);
        for holders in [&[][..], &[later]] {
            let attribution = attribute(&nothing_known(), holders);
            assert_eq!((attribution.how, attribution.confidence), (How::Unshown, 0.0));
            assert!(attribution.candidates.is_empty());
        }
    }

    #[test]
    fn each_is_as_likely_as_the_delay_and_the_rate_of_its_class() {
        let source = Described::default();
        let mut holders = [holder(1, 2000, &source), holder(2, 1, &source)];
        let attribution = attribute(&nothing_known(), &holders);
        assert_eq!((attribution.how, sessions(&attribution)), (How::Posterior, vec![2, 1]));
        let mix = Mix::BASE;
        let density = |minutes: u64| mix.density(Duration::from_secs(60 * minutes));
        let expected = density(1) / (density(1) + density(2000));
        assert!((attribution.confidence - expected).abs() < 1e-9);

        holders[0].rate = 3.0 * density(1) / density(2000);
        let attribution = attribute(&nothing_known(), &holders);
        assert_eq!(sessions(&attribution), [1, 2]);
        assert!((attribution.confidence - 0.75).abs() < 1e-9);
    }

    #[test]
    fn a_known_telephone_comes_before_a_tap_and_a_tap_before_the_delay() {
        let source = Described::default();
        let holders = [holder(1, 1, &source), holder(2, 50, &source)];
        let (elsewhere, tapped) = (holder(3, 90_000, &source), holders[1]);
        let both = Known { caller: Some(elsewhere), tapped: Some(tapped), ..nothing_known() };
        let attribution = attribute(&both, &holders);
        assert_eq!((attribution.how, attribution.confidence), (How::Caller, 0.82));
        assert_eq!(sessions(&attribution), [3, 1, 2]);
        let attribution = attribute(&Known { caller: None, ..both }, &holders);
        assert_eq!((attribution.how, attribution.confidence), (How::Tap, 0.95));
        assert_eq!(sessions(&attribution), [2, 1]);
        let alone = attribute(&both, &[]);
        assert_eq!((alone.how, alone.confidence, sessions(&alone)), (How::Caller, 1.0, vec![3]));
    }

    #[test]
    fn somebody_who_came_back_counts_once_and_from_the_last_time() {
        let source = Described::default();
        let holders = [holder(1, 3, &source), holder(2, 5, &source), holder(1, 4000, &source)];
        let attribution = attribute(&nothing_known(), &holders);
        assert_eq!(sessions(&attribution), [1, 2]);
        assert_eq!(attribution.candidates[0].last_seen, Some(holders[0].last_seen));
    }

    #[test]
    fn whoever_still_reads_while_calling_has_called_at_once() {
        let source = Described::default();
        let reading = Holder { last_seen: CALL.plus(Duration::from_secs(30)), ..holder(1, 0, &source) };
        let attribution = attribute(&nothing_known(), &[reading, holder(2, 30, &source)]);
        assert_eq!(sessions(&attribution), [1, 2]);
        assert!(attribution.confidence > 0.9);
    }

    #[test]
    fn of_a_long_history_the_likeliest_are_named() {
        let source = Described::default();
        let holders: Vec<_> = (0..200).map(|n| holder(n, 100_000_000 - i64::from(n), &source)).collect();
        let attribution = attribute(&nothing_known(), &holders);
        assert_eq!((attribution.candidates.len(), attribution.named().len()), (200, NAMED.1));
        assert_eq!(attribution.named()[0].session.unwrap().0[0], 199);
        let late: Vec<_> = holders.iter().copied().chain([holder(200, 1, &source)]).collect();
        let attribution = attribute(&nothing_known(), &late);
        assert_eq!(attribution.named().len(), NAMED.0, "all but one are next to impossible");
    }

    #[test]
    fn those_who_were_erased_count_each_and_nobody_knows_whether_they_are_one() {
        let source = Described::default();
        let erased = |minutes_ago| Holder { session: None, ..holder(0, minutes_ago, &source) };
        let holders = [erased(3), holder(1, 3, &source), erased(3)];
        let attribution = attribute(&nothing_known(), &holders);
        assert_eq!(attribution.candidates.len(), 3);
        assert!((attribution.confidence - 1.0 / 3.0).abs() < 1e-9);
        let tapped = Known { tapped: Some(erased(3)), ..nothing_known() };
        assert_eq!(attribute(&tapped, &holders).candidates.len(), 4);
    }

    #[test]
    fn a_static_number_says_where_its_caller_comes_from() {
        let source = Described { medium: Some("print".to_owned()), ..Described::default() };
        let attribution = Attribution::to_source(&source);
        assert_eq!((attribution.how, attribution.confidence), (How::Static, 1.0));
        let [candidate] = attribution.named() else { panic!("{attribution:?}") };
        assert_eq!((candidate.session, candidate.last_seen, candidate.source), (None, None, &source));
    }
}
