//! What each class of sessions is credited with of a period's calls: its part of every call that may have been its own.
//!
//! How often a class calls is known better at a period's end than it was when a call came. So the rates are those that explain
//! all calls at once, by expectation and maximisation (Dempster, Laird and Rubin, 1977): each call in parts by the rates, the rates by
//! the parts, and so on. Nothing here knows who called.

/// Sessions of a class that count as much as the mean of all: measured, as little as keeps a class of a few calls near it.
const TRUST: f64 = 30.0;

/// By then the parts have settled to less than a call in a thousand.
const ROUNDS: usize = 16;

/// A period's sessions and calls, by class: its place among the classes that are told apart.
#[derive(Clone, Debug)]
pub struct Credit {
    sessions: Vec<f64>,
    /// Calls of which it is known otherwise who made them, in parts.
    known: Vec<f64>,
    calls: Vec<Vec<(usize, f64)>>,
}

impl Credit {
    /// Among so many classes.
    pub fn among(classes: usize) -> Self {
        Credit { sessions: vec![0.0; classes], known: vec![0.0; classes], calls: Vec::new() }
    }

    /// A session of this class was shown a number.
    pub fn saw_session(&mut self, class: usize) {
        self.saw_sessions(class, 1);
    }

    /// So many were.
    pub fn saw_sessions(&mut self, class: usize, sessions: u64) {
        self.sessions[class] += sessions as f64;
    }

    /// A call came that was of a session of this class with this probability, however often its sessions call.
    pub fn saw_known_call(&mut self, class: usize, probability: f64) {
        self.known[class] += probability;
    }

    /// A call came, from a session of one of these classes: each with how likely it is if all classes call alike, in any unit. A
    /// class may come more than once.
    pub fn saw_call(&mut self, candidates: impl IntoIterator<Item = (usize, f64)>) {
        let mut classes: Vec<_> =
            candidates.into_iter().filter(|(_, likelihood)| *likelihood > 0.0).collect();
        classes.sort_unstable_by_key(|(class, _)| *class);
        classes.dedup_by(|(class, likelihood), (first, sum)| {
            let is_same = class == first;
            if is_same {
                *sum += *likelihood;
            }
            is_same
        });
        self.calls.push(classes);
    }

    /// Calls that each class is credited with; they add up to the calls that somebody may have made.
    pub fn parts(&self) -> Vec<f64> {
        self.parts_at(&self.rates())
    }

    /// How often sessions of each class call, in any unit: the rates that explain all calls at once.
    pub fn rates(&self) -> Vec<f64> {
        let mut rates = vec![1.0; self.sessions.len()];
        for _ in 0..ROUNDS {
            rates = self.rates_by(&self.parts_at(&rates));
        }
        rates
    }

    /// The same where it is known how often sessions of each class call, in any unit.
    pub fn parts_at(&self, rates: &[f64]) -> Vec<f64> {
        let mut parts = self.known.clone();
        for call in &self.calls {
            let total: f64 = call.iter().map(|(class, likelihood)| likelihood * rates[*class]).sum();
            for (class, likelihood) in call.iter().filter(|_| total > 0.0) {
                parts[*class] += likelihood * rates[*class] / total;
            }
        }
        parts
    }

    /// Calls a session of each class; above 0, where anybody called.
    fn rates_by(&self, parts: &[f64]) -> Vec<f64> {
        let mean = parts.iter().sum::<f64>() / self.sessions.iter().sum::<f64>().max(1.0);
        let rate = |(calls, sessions): (&f64, &f64)| (calls + TRUST * mean) / (sessions + TRUST);
        parts.iter().zip(&self.sessions).map(rate).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two classes of a thousand sessions each; so many calls of the first alone, the second alone, and either.
    fn two(first: usize, second: usize, either: usize) -> Credit {
        let mut credit = Credit::among(2);
        (0..2000).for_each(|n| credit.saw_session(n % 2));
        (0..first).for_each(|_| credit.saw_call([(0, 7.0)]));
        (0..second).for_each(|_| credit.saw_call([(1, 0.1)]));
        (0..either).for_each(|_| credit.saw_call([(0, 1.0), (1, 3.0), (0, 2.0)]));
        credit
    }

    #[test]
    fn calls_that_may_be_of_several_are_parted_as_those_that_are_certain_are() {
        let parts = two(300, 100, 200).parts();
        assert!((parts.iter().sum::<f64>() - 600.0).abs() < 1e-6);
        assert!((parts[0] - 450.0).abs() < 10.0, "{parts:?}");
        let alike = two(300, 100, 200).parts_at(&[1.0, 1.0]);
        assert!((alike[0] - 400.0).abs() < 1e-6, "{alike:?}");
    }

    #[test]
    fn a_class_that_was_hardly_seen_calls_like_the_others() {
        let mut credit = two(300, 100, 0);
        credit.sessions.push(1.0);
        credit.known.push(0.0);
        (0..3).for_each(|_| credit.saw_call([(1, 1.0), (2, 1.0)]));
        let parts = credit.parts();
        assert!(parts[2] > 1.5 && parts[2] < 2.5, "one session with three calls is little: {parts:?}");
    }

    #[test]
    fn a_call_of_which_it_is_known_who_made_it_stays_theirs_and_tells_how_often_they_call() {
        let mut credit = two(0, 0, 200);
        (0..300).for_each(|_| credit.saw_known_call(0, 1.0));
        (0..100).for_each(|_| credit.saw_known_call(1, 1.0));
        let (parts, certain) = (credit.parts(), two(300, 100, 200).parts());
        assert!((parts[0] - certain[0]).abs() < 1e-6, "{parts:?} {certain:?}");
        let nobody = credit.parts_at(&[0.0, 0.0]);
        assert_eq!(nobody, [300.0, 100.0]);
    }

    #[test]
    fn a_call_that_nobody_can_have_made_counts_for_nobody() {
        let mut credit = Credit::among(2);
        credit.saw_call([]);
        credit.saw_call([(1, 0.0)]);
        assert_eq!(credit.parts(), [0.0, 0.0]);
    }
}
