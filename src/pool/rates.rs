//! How often sessions of each class call, learned from a site's own sessions and calls.

use std::collections::HashMap;

use super::choice::Affinity;

/// Sessions of a class that count as much as the mean of all.
const TRUST: f64 = 100.0;

/// Classes that are told apart; the sessions of any further one count as the mean.
const CLASSES: usize = 10_000;

#[derive(Clone, Debug, Default)]
pub struct Rates {
    all: Count,
    classes: HashMap<Affinity, Count>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    sessions: f64,
    calls: f64,
}

impl Rates {
    /// A session of this class was shown a number.
    pub fn saw_session(&mut self, class: Affinity) {
        self.saw_sessions(class, 1);
    }

    /// So many were.
    pub fn saw_sessions(&mut self, class: Affinity, sessions: u64) {
        let sessions = sessions as f64;
        self.all.sessions += sessions;
        if let Some(count) = self.count(class) {
            count.sessions += sessions;
        }
    }

    /// A call came, with this probability from a session of this class.
    pub fn saw_call(&mut self, class: Affinity, probability: f64) {
        self.all.calls += probability;
        if let Some(count) = self.count(class) {
            count.calls += probability;
        }
    }

    /// Calls a session of this class; above 0.
    pub fn rate(&self, class: Affinity) -> f64 {
        let mean = (self.all.calls + 1.0) / (self.all.sessions + 1.0);
        let count = self.classes.get(&class).copied().unwrap_or_default();
        (count.calls + TRUST * mean) / (count.sessions + TRUST)
    }

    fn count(&mut self, class: Affinity) -> Option<&mut Count> {
        if self.classes.len() >= CLASSES && !self.classes.contains_key(&class) {
            return None;
        }
        Some(self.classes.entry(class).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_its_own_rate_once_enough_was_seen_of_it() {
        let mut rates = Rates::default();
        let [often, seldom, unknown] =
            ["often", "seldom", "unknown"].map(|source| Affinity::of(source, "cpc"));
        for n in 0..10_000 {
            rates.saw_session(often);
            rates.saw_session(seldom);
            if n % 10 == 0 {
                rates.saw_call(often, 1.0);
                rates.saw_call(seldom, 0.1);
            }
        }
        assert!((rates.rate(often) - 0.1).abs() < 0.01 && (rates.rate(seldom) - 0.01).abs() < 0.002);
        assert!((rates.rate(unknown) - 0.055).abs() < 0.001);
        rates.saw_session(unknown);
        assert!((rates.rate(unknown) - 0.055).abs() < 0.001, "one session is little");
    }

    #[test]
    fn classes_are_bounded_and_a_further_one_counts_as_the_mean() {
        let mut rates = Rates::default();
        (0..2 * CLASSES).for_each(|n| rates.saw_session(Affinity::of(&n.to_string(), "cpc")));
        assert_eq!(rates.classes.len(), CLASSES);
        assert!(rates.rate(Affinity::of("new", "cpc")) > 0.0);
    }
}
