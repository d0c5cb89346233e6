//! What a row is credited with, and how sure that is: within which bounds the true number of calls lies.
//!
//! Of each call that may be a row's, or somebody else's, it is known how likely that is; calls are independent of each other. So
//! their sum has a distribution, and the bounds are its quantiles. Luck is not in it: how many call another month, nobody says here.

/// Calls that are uncertain, up to which the distribution is worked out exactly; of more, the sum is normally distributed.
const FEW: usize = 100;

/// A call is counted in parts so small.
const PARTS: f64 = 100.0;

/// What lies outside, on either side.
const TAIL: f64 = 0.025;

/// The standard normal distribution has `TAIL` beyond.
const NORMAL: f64 = 1.959_963_984_540_054;

/// Calls, or parts of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Credited {
    mean: f64,
    variance: f64,
    /// What it may be at the least, and at the most.
    least: f64,
    most: f64,
    /// Of those that are uncertain, while they are few: each probability, and what the row then has of the call.
    uncertain: Vec<Vec<(f64, f64)>>,
    count: usize,
}

impl Credited {
    /// A call, which has this part for the row with this probability; where nothing is said, none. The probabilities of a call add
    /// up to 1 at most.
    pub fn add(&mut self, outcomes: &[(f64, f64)]) {
        let mean: f64 = outcomes.iter().map(|(probability, part)| probability * part).sum();
        let square: f64 = outcomes.iter().map(|(probability, part)| probability * part * part).sum();
        let nothing = 1.0 - outcomes.iter().map(|(probability, _)| probability).sum::<f64>();
        let variance = (square - mean * mean).max(0.0);
        self.mean += mean;
        if variance < 1e-12 {
            self.least += mean;
            self.most += mean;
            return;
        }
        self.variance += variance;
        self.count += 1;
        let parts = || outcomes.iter().map(|(_, part)| *part);
        self.most += parts().fold(0.0, f64::max);
        if nothing < 1e-12 {
            self.least += parts().fold(f64::INFINITY, f64::min);
        }
        if self.count <= FEW {
            let mut outcomes = outcomes.to_vec();
            outcomes.push((nothing.max(0.0), 0.0));
            self.uncertain.push(outcomes);
        }
    }

    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// From where to where the calls are, with a probability of 95 %; the mean is within.
    pub fn interval(&self) -> (f64, f64) {
        let (low, high) = match self.count {
            0 => return (self.mean, self.mean),
            1..=FEW => self.exact(),
            _ => {
                let spread = NORMAL * self.variance.sqrt();
                (self.mean - spread, self.mean + spread)
            }
        };
        (low.max(self.least).min(self.mean), high.min(self.most).max(self.mean))
    }

    /// The quantiles of the sum: of the Poisson binomial distribution, where calls are a row's as a whole or not at all.
    fn exact(&self) -> (f64, f64) {
        let certain = self.mean - self.uncertain_mean();
        let mut distribution = vec![1.0];
        for outcomes in &self.uncertain {
            let steps = |part: f64| (PARTS * part).round() as usize;
            let most = outcomes.iter().map(|(_, part)| steps(*part)).max().unwrap_or(0);
            let mut next = vec![0.0; distribution.len() + most];
            for (probability, part) in outcomes {
                for (sum, likely) in distribution.iter().enumerate() {
                    next[sum + steps(*part)] += probability * likely;
                }
            }
            distribution = next;
        }
        let quantile = |wanted: f64| {
            let mut below = 0.0;
            let is_reached = |likely: &f64| {
                below += likely;
                below >= wanted
            };
            let sum = distribution.iter().position(is_reached).unwrap_or(distribution.len() - 1);
            certain + sum as f64 / PARTS
        };
        // What adds up to the tail but for the last digit of a sum is the tail.
        (quantile(TAIL + 1e-9), quantile(1.0 - TAIL - 1e-9))
    }

    fn uncertain_mean(&self) -> f64 {
        self.uncertain.iter().flatten().map(|(probability, part)| probability * part).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum_of(calls: &[&[(f64, f64)]]) -> Credited {
        let mut credited = Credited::default();
        calls.iter().for_each(|outcomes| credited.add(outcomes));
        credited
    }

    fn is_near((low, high): (f64, f64), (wanted_low, wanted_high): (f64, f64)) {
        assert!((low - wanted_low).abs() < 1e-6 && (high - wanted_high).abs() < 1e-6, "{low} to {high}");
    }

    #[test]
    fn what_is_certain_has_no_width() {
        let credited = sum_of(&[&[(1.0, 1.0)], &[(1.0, 0.5)], &[(0.7, 0.5), (0.3, 0.5)]]);
        assert!((credited.mean() - 2.0).abs() < 1e-9);
        is_near(credited.interval(), (2.0, 2.0));
    }

    /// Binomial with n = 10, p = 0.5: P(X ≤ 1) = 11/1024 = 0.0107, P(X ≤ 2) = 56/1024 = 0.0547, and the same from above.
    #[test]
    fn few_calls_have_the_binomial_distribution() {
        let calls = [&[(0.5, 1.0)][..]; 10];
        is_near(sum_of(&calls).interval(), (2.0, 8.0));
        let with_certain = [&calls[..], &[&[(1.0, 1.0)][..]; 3]].concat();
        is_near(sum_of(&with_certain).interval(), (5.0, 11.0));
    }

    /// 0.9 × 0.8 = 0.72 both, 0.02 neither, 0.26 one.
    #[test]
    fn calls_of_unlike_probabilities_are_convolved() {
        is_near(sum_of(&[&[(0.9, 1.0)], &[(0.8, 1.0)]]).interval(), (1.0, 2.0));
        is_near(sum_of(&[&[(0.9, 0.5)], &[(0.8, 0.4)]]).interval(), (0.4, 0.9));
    }

    /// 400 × 0.5: σ = 10.
    #[test]
    fn many_calls_are_normally_distributed() {
        let calls = [&[(0.5, 1.0)][..]; 400];
        is_near(sum_of(&calls).interval(), (200.0 - 10.0 * NORMAL, 200.0 + 10.0 * NORMAL));
    }

    #[test]
    fn bounds_hold_the_mean_and_no_more_than_can_be() {
        let unlikely = sum_of(&[&[(0.01, 1.0)]]);
        is_near(unlikely.interval(), (0.0, 0.01));
        let likely = [&[(0.999, 1.0)][..]; 101];
        let (low, high) = sum_of(&likely).interval();
        assert!(high <= 101.0 && low <= sum_of(&likely).mean(), "{low} to {high}");
        is_near(sum_of(&[&[(0.5, 1.0), (0.5, 0.4)]]).interval(), (0.4, 1.0));
    }
}
