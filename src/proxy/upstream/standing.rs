//! Whether an origin is thought well: by how it answered visitors, and by what it last answered to us.
//!
//! One that can't be connected to is out at once, one that breaks off or keeps silent when it has done so three times in a row:
//! for two seconds, then four, and so on to a minute. A check that it doesn't pass keeps it out. One that it passes takes back
//! who was out for another, or couldn't be connected to; who breaks off or keeps silent may well be well otherwise.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How long an origin is out for the first time, and for the longest; each time twice as long as before.
const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(60);

/// After so many requests in a row that came to nothing it is out.
const IN_A_ROW: u32 = 3;

#[derive(Default)]
pub(super) struct Standing {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Requests that came to nothing since the last that was answered.
    failures: u32,
    /// Times that it was put out since then.
    outs: u32,
    until: Option<Instant>,
    /// It could not be connected to, which a check tells too.
    was_unconnected: bool,
    fails_checks: bool,
}

/// What came of a request instead of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There was no connection.
    Connect,
    /// It ended before an answer came.
    BrokeOff,
    Silent,
}

impl Trouble {
    pub const ALL: [Trouble; 3] = [Trouble::Connect, Trouble::BrokeOff, Trouble::Silent];

    pub fn name(self) -> &'static str {
        match self {
            Trouble::Connect => "connect",
            Trouble::BrokeOff => "broken",
            Trouble::Silent => "silent",
        }
    }
}

impl Standing {
    pub fn is_well(&self, now: Instant) -> bool {
        let state = self.state.lock();
        !state.fails_checks && state.until.is_none_or(|until| until <= now)
    }

    /// A visitor's request was answered. Whether that was news.
    pub fn answered(&self) -> bool {
        let mut state = self.state.lock();
        let was_out = state.outs > 0;
        *state = State { fails_checks: state.fails_checks, ..State::default() };
        was_out
    }

    /// A visitor's request was not answered. How long the origin is out, where that is news.
    pub fn failed(&self, trouble: Trouble, now: Instant) -> Option<Duration> {
        let mut state = self.state.lock();
        state.failures += 1;
        let is_enough = trouble == Trouble::Connect || state.failures >= IN_A_ROW;
        if !is_enough || state.until.is_some_and(|until| until > now) {
            return None;
        }
        let out = LONGEST.min(FIRST * 2_u32.pow(state.outs.min(5)));
        state.outs += 1;
        state.until = Some(now + out);
        state.was_unconnected = trouble == Trouble::Connect;
        Some(out)
    }

    /// A check was passed, or not. Whether that was news.
    pub fn checked(&self, passed: bool, now: Instant) -> bool {
        let mut state = self.state.lock();
        let is_well = |state: &State| !state.fails_checks && state.until.is_none_or(|until| until <= now);
        let was_well = is_well(&state);
        state.fails_checks = !passed;
        if passed && state.was_unconnected {
            state.until = None;
        }
        was_well != is_well(&state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_cannot_be_connected_to_is_out_for_longer_and_longer() {
        let (standing, begun) = (Standing::default(), Instant::now());
        assert!(standing.is_well(begun));
        let mut now = begun;
        for seconds in [2, 4, 8, 16, 32, 60, 60] {
            let out = Duration::from_secs(seconds);
            assert_eq!(standing.failed(Trouble::Connect, now), Some(out));
            assert_eq!(standing.failed(Trouble::Connect, now), None, "it is known already");
            assert!(!standing.is_well(now + out - Duration::from_millis(1)));
            now += out;
            assert!(standing.is_well(now));
        }
        assert!(standing.answered() && !standing.answered());
        assert_eq!(standing.failed(Trouble::Connect, now), Some(FIRST), "all is forgiven");
    }

    #[test]
    fn who_breaks_off_or_keeps_silent_is_out_after_three_times_in_a_row() {
        let (standing, now) = (Standing::default(), Instant::now());
        for _ in 0..2 {
            assert_eq!(standing.failed(Trouble::BrokeOff, now), None);
            assert_eq!(standing.failed(Trouble::Silent, now), None);
            assert!(standing.is_well(now) && !standing.answered());
        }
        assert_eq!(standing.failed(Trouble::Silent, now), None);
        assert_eq!(standing.failed(Trouble::Silent, now), None);
        assert_eq!(standing.failed(Trouble::BrokeOff, now), Some(FIRST));
    }

    #[test]
    fn a_check_keeps_an_origin_out_or_takes_it_back() {
        let (standing, now) = (Standing::default(), Instant::now());
        assert!(!standing.checked(true, now), "nothing new");
        assert!(standing.checked(false, now) && !standing.checked(false, now));
        assert!(!standing.is_well(now + LONGEST * 2));
        standing.answered();
        assert!(!standing.is_well(now), "a visitor's page says nothing of the check");
        assert!(standing.checked(true, now) && standing.is_well(now));
        standing.failed(Trouble::Connect, now);
        assert!(standing.checked(true, now) && standing.is_well(now));
        assert_eq!(standing.failed(Trouble::Connect, now), Some(FIRST * 2), "it is no answer to a visitor");
    }

    #[test]
    fn a_check_says_nothing_of_who_breaks_off_or_keeps_silent() {
        let (standing, now) = (Standing::default(), Instant::now());
        standing.failed(Trouble::Silent, now);
        assert!(!standing.checked(true, now));
        standing.failed(Trouble::Silent, now);
        assert_eq!(standing.failed(Trouble::Silent, now), Some(FIRST));
        assert!(!standing.checked(true, now) && !standing.is_well(now));
        assert!(standing.is_well(now + FIRST));
    }
}
