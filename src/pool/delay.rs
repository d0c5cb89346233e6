//! How long after a session's last page view its call comes: what is expected of any site, and what a site's own calls teach.
//!
//! Delays count from the last page view that showed the number. Nothing here knows who called: what a site's calls teach is found by
//! expectation and maximisation (Dempster, Laird and Rubin, 1977), each call in parts by the delays, the delays by the parts, and so on.

use std::collections::VecDeque;
use std::f64::consts::{LN_2, SQRT_2, TAU};
use std::time::Duration;

/// Mean of the calls made from the page, in seconds.
const AT_ONCE: f64 = 90.0;

/// Medians of the three log-normal parts, in seconds: a quarter of an hour, four hours, two and a half days.
const LATER: [f64; 3] = [900.0, 14_400.0, 216_000.0];

/// Standard deviation of the later parts' logarithm.
const SPREAD: f64 = 1.1;

/// Two bins an octave, from a second to beyond a hundred days.
const BINS_PER_OCTAVE: f64 = 2.0;
const BINS: usize = 48;

/// Calls that count as much as what was expected.
const TRUST: f64 = 100.0;

/// Calls that are remembered: the latest.
const CALLS: usize = 5000;

/// Once so many of ten calls are new, all are looked through again, so often.
const NEW_OF_TEN: usize = 1;
const ROUNDS: usize = 3;

/// By then a mix has settled.
const MIXINGS: usize = 200;

/// Sessions that are remembered: with more, all of them count for less.
const SESSIONS: f64 = 20_000.0;

/// A mix of four kinds of callers: those at once, and those around a quarter of an hour, four hours and two and a half days
/// later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mix([f64; 4]);

impl Mix {
    /// On the telephone already: nearly all call from the page.
    pub const MOBILE: Mix = Mix([0.8, 0.15, 0.045, 0.005]);
    /// What is expected of a site that nothing is known of.
    pub const BASE: Mix = Mix([0.6, 0.25, 0.1, 0.05]);
    /// A purchase that is slept on.
    pub const CONSIDERED: Mix = Mix([0.5, 0.25, 0.12, 0.13]);

    /// Density of calls `delay` after the last page view, per second.
    pub fn density(&self, delay: Duration) -> f64 {
        let seconds = delay.as_secs_f64();
        let [at_once, later @ ..] = self.0;
        let mut density = at_once * (-seconds / AT_ONCE).exp() / AT_ONCE;
        if seconds > 0.0 {
            for (weight, median) in later.into_iter().zip(LATER) {
                let z = (seconds / median).ln() / SPREAD;
                density += weight * (-z * z / 2.0).exp() / (seconds * SPREAD * TAU.sqrt());
            }
        }
        density
    }

    /// Share of calls that come later than `delay`.
    pub fn survival(&self, delay: Duration) -> f64 {
        let seconds = delay.as_secs_f64();
        if seconds <= 0.0 {
            return 1.0;
        }
        let [at_once, later @ ..] = self.0;
        let tail = |median: f64| complementary_error((seconds / median).ln() / SPREAD / SQRT_2) / 2.0;
        at_once * (-seconds / AT_ONCE).exp()
            + later.into_iter().zip(LATER).map(|(weight, median)| weight * tail(median)).sum::<f64>()
    }

    /// Share of calls whose delay is in this bin.
    fn share(&self, bin: usize) -> f64 {
        self.survival(start(bin)) - end(bin).map_or(0.0, |end| self.survival(end))
    }

    /// A delay, from three independent numbers: two uniform between 0 and 1, and one standard normal.
    pub fn sample(&self, kind: f64, uniform: f64, normal: f64) -> Duration {
        let [mut up_to, later @ ..] = self.0;
        let mut seconds = -AT_ONCE * (1.0 - uniform).max(f64::MIN_POSITIVE).ln();
        for (weight, median) in later.into_iter().zip(LATER) {
            if kind >= up_to {
                seconds = median * (SPREAD * normal).exp();
            }
            up_to += weight;
        }
        Duration::from_secs_f64(seconds)
    }
}

/// Delays as expected, corrected by those observed: in each bin of delays the expected shape, with the share of calls that
/// fell there.
#[derive(Clone, Debug)]
pub struct Delays {
    expected: Mix,
    expected_share: [f64; BINS],
    /// Mean density in each bin, per second; of the last, where it begins.
    expected_density: [f64; BINS],
    /// Calls in each bin, in parts, and in all.
    observed: [f64; BINS],
    total: f64,
    /// Of each call the bins that it may have come from, and how likely as far as delays are as expected.
    calls: VecDeque<Vec<(usize, f64)>>,
    new: usize,
    /// Further page views that came later than each bin's start, and sessions that could have had them.
    returns: [f64; BINS],
    sessions: f64,
}

impl Delays {
    pub fn new(expected: Mix) -> Self {
        let density = |bin| match end(bin) {
            Some(end) => expected.share(bin) / (end - start(bin)).as_secs_f64(),
            None => expected.density(start(bin)),
        };
        Delays {
            expected,
            expected_share: std::array::from_fn(|bin| expected.share(bin)),
            expected_density: std::array::from_fn(density),
            observed: [0.0; BINS],
            total: 0.0,
            calls: VecDeque::new(),
            new: 0,
            returns: [0.0; BINS],
            sessions: 0.0,
        }
    }

    /// Learns from a call by one of these: each with the time since they were last seen, and how often sessions of their class
    /// call, in any unit. All who may have called are to be told of, for the late callers are many of whom each is unlikely.
    pub fn saw_call(&mut self, candidates: impl IntoIterator<Item = (Duration, f64)>) {
        let mut likelihood = [0.0; BINS];
        for (delay, rate) in candidates {
            let bin = bin(delay);
            likelihood[bin] += self.expected_density[bin] * self.is_over_in(bin) * rate;
        }
        if self.calls.len() == CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back(likelihood.into_iter().enumerate().filter(|(_, of)| *of > 0.0).collect());
        self.new += 1;
        if 10 * self.new >= NEW_OF_TEN * self.calls.len() {
            self.new = 0;
            (0..ROUNDS).for_each(|_| self.look_through());
        }
    }

    /// Parts each call among the bins by what is known of them, and knows them by that.
    fn look_through(&mut self) {
        let corrections: [f64; BINS] = std::array::from_fn(|bin| self.correction(bin));
        self.observed = [0.0; BINS];
        for call in &self.calls {
            let total: f64 = call.iter().map(|(bin, likelihood)| likelihood * corrections[*bin]).sum();
            for (bin, likelihood) in call.iter().filter(|_| total > 0.0) {
                self.observed[*bin] += likelihood * corrections[*bin] / total;
            }
        }
        self.total = self.observed.iter().sum();
    }

    /// What was learned, without the calls that it was learned from: nothing more is learned from these.
    pub fn settled(mut self) -> Self {
        self.look_through();
        self.calls = VecDeque::new();
        self
    }

    /// The mix that comes nearest to what was learned: the share of each kind that makes the calls' delays likeliest.
    pub fn mix(&self) -> Mix {
        let shares: [f64; BINS] = std::array::from_fn(|bin| self.expected_share[bin] * self.correction(bin));
        let kinds: [[f64; BINS]; 4] = std::array::from_fn(|kind| {
            let alone = Mix(std::array::from_fn(|other| f64::from(u8::from(other == kind))));
            std::array::from_fn(|bin| alone.share(bin))
        });
        let Mix(mut weights) = self.expected;
        for _ in 0..MIXINGS {
            let mut parts = [0.0; 4];
            for (bin, share) in shares.iter().enumerate() {
                let total: f64 = weights.iter().zip(&kinds).map(|(weight, kind)| weight * kind[bin]).sum();
                for (part, (weight, kind)) in parts.iter_mut().zip(weights.iter().zip(&kinds)) {
                    *part += if total > 0.0 { share * weight * kind[bin] / total } else { 0.0 };
                }
            }
            let all: f64 = parts.iter().sum();
            weights = parts.map(|part| part / all);
        }
        Mix(weights)
    }

    /// A session was shown a number for the first time.
    pub fn saw_session(&mut self) {
        self.sessions += 1.0;
        if self.sessions >= SESSIONS {
            self.sessions /= 2.0;
            self.returns.iter_mut().for_each(|count| *count /= 2.0);
        }
    }

    /// A session viewed a further page, so long after the one before.
    pub fn saw_return(&mut self, after: Duration) {
        self.returns[..=bin(after)].iter_mut().for_each(|count| *count += 1.0);
    }

    /// The chance that the page view so long ago was a session's last: of page views after which nothing came for as long,
    /// one a session was the last.
    pub fn is_over(&self, delay: Duration) -> f64 {
        self.is_over_in(bin(delay))
    }

    fn is_over_in(&self, bin: usize) -> f64 {
        let later = (self.returns[bin] + self.returns.get(bin + 1).copied().unwrap_or(0.0)) / 2.0;
        (self.sessions + 1.0) / (self.sessions + 1.0 + later)
    }

    /// Density of calls `delay` after the last page view, per second.
    pub fn density(&self, delay: Duration) -> f64 {
        self.expected.density(delay) * self.correction(bin(delay))
    }

    /// Share of calls that come later than `delay`.
    pub fn survival(&self, delay: Duration) -> f64 {
        let within = bin(delay);
        let later =
            (within + 1..BINS).map(|bin| self.expected_share[bin] * self.correction(bin)).sum::<f64>();
        let rest = self.expected.survival(delay) - end(within).map_or(0.0, |end| self.expected.survival(end));
        later + rest * self.correction(within)
    }

    fn correction(&self, bin: usize) -> f64 {
        (self.observed[bin] / self.expected_share[bin] + TRUST) / (self.total + TRUST)
    }
}

fn bin(delay: Duration) -> usize {
    let place = BINS_PER_OCTAVE * delay.as_secs_f64().max(1.0).log2();
    (place as usize).min(BINS - 1)
}

/// The first bin begins at no delay at all.
fn start(bin: usize) -> Duration {
    match bin {
        0 => Duration::ZERO,
        _ => Duration::from_secs_f64((LN_2 * bin as f64 / BINS_PER_OCTAVE).exp()),
    }
}

/// The last bin has no end.
fn end(bin: usize) -> Option<Duration> {
    (bin + 1 < BINS).then(|| start(bin + 1))
}

/// erfc, with an error below 1.5e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
fn complementary_error(x: f64) -> f64 {
    const FACTORS: [f64; 5] = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let tail = FACTORS.iter().fold(0.0, |sum, factor| (sum + factor) * t) * (-x * x).exp();
    if x < 0.0 { 2.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXES: [Mix; 3] = [Mix::MOBILE, Mix::BASE, Mix::CONSIDERED];

    fn minutes(minutes: f64) -> Duration {
        Duration::from_secs_f64(60.0 * minutes)
    }

    /// The density's integral over these minutes, in steps of a thousandth of the time gone by.
    fn integral(density: impl Fn(Duration) -> f64, from: f64, to: f64) -> f64 {
        let (mut sum, mut at) = (0.0, 60.0 * from);
        while at < 60.0 * to {
            let step = (at / 1000.0).max(0.01).min(60.0 * to - at);
            sum += step * density(Duration::from_secs_f64(at + step / 2.0));
            at += step;
        }
        sum
    }

    #[test]
    fn what_survives_is_what_the_density_leaves() {
        for mix in MIXES {
            assert_eq!(mix.survival(Duration::ZERO), 1.0);
            for (from, to) in [(0.0, 1.5), (1.5, 60.0), (60.0, 3000.0)] {
                let lost = mix.survival(minutes(from)) - mix.survival(minutes(to));
                let density = integral(|delay| mix.density(delay), from, to);
                assert!((lost - density).abs() < 1e-4, "{mix:?} {from} {to}: {lost} {density}");
            }
            assert!(mix.survival(minutes(1e7)) < 1e-6);
        }
    }

    #[test]
    fn half_of_each_kind_comes_before_its_median() {
        let quarter = Mix([0.0, 1.0, 0.0, 0.0]);
        assert!((quarter.survival(minutes(15.0)) - 0.5).abs() < 1e-6);
        assert_eq!(quarter.sample(0.5, 0.3, 0.0), minutes(15.0));
        assert!((Mix([1.0, 0.0, 0.0, 0.0]).survival(minutes(1.5)) - (-1.0_f64).exp()).abs() < 1e-9);
        assert_eq!(Mix::BASE.sample(0.84, 0.3, 0.0), minutes(15.0));
        assert_eq!(Mix::BASE.sample(0.94, 0.3, 0.0), minutes(240.0));
        assert_eq!(Mix::BASE.sample(0.96, 0.3, 0.0), minutes(3600.0));
    }

    #[test]
    fn without_observations_the_expected_stands() {
        let delays = Delays::new(Mix::BASE);
        for at in [0.0, 0.5, 3.0, 90.0, 10_000.0, 1e7] {
            let delay = minutes(at);
            assert!((delays.density(delay) / Mix::BASE.density(delay) - 1.0).abs() < 1e-9, "{at}");
            assert!((delays.survival(delay) - Mix::BASE.survival(delay)).abs() < 1e-9, "{at}");
        }
    }

    #[test]
    fn a_sites_own_calls_outweigh_the_expected_in_the_end() {
        let mut delays = Delays::new(Mix::CONSIDERED);
        let expected = delays.survival(minutes(1000.0));
        let sample = |n: u32| {
            Mix::MOBILE.sample(
                f64::from(n % 200) / 200.0,
                f64::from(n % 97) / 97.0,
                f64::from(n % 7) / 3.0 - 1.0,
            )
        };
        (0..10).for_each(|n| delays.saw_call([(sample(n * 211), 1.0)]));
        assert!(delays.survival(minutes(1000.0)) > 0.85 * expected, "a few calls are little");
        (0..18_000).for_each(|n| delays.saw_call([(sample(n), 1.0)]));
        assert!(delays.survival(minutes(1000.0)) < 0.15 * expected);
        assert!((delays.survival(Duration::ZERO) - 1.0).abs() < 1e-9);
        let density = integral(|delay| delays.density(delay), 0.0, 30_000.0);
        assert!((density - 1.0 + delays.survival(minutes(30_000.0))).abs() < 0.01, "{density}");
    }

    #[test]
    fn the_nearest_mix_is_that_of_the_calls_once_there_are_enough() {
        let near = |mix: Mix, Mix(wanted): Mix, within: f64| {
            let off = mix.0.iter().zip(wanted).map(|(share, wanted)| (share - wanted).abs());
            assert!(off.fold(0.0, f64::max) < within, "{mix:?} {wanted:?}");
        };
        near(Delays::new(Mix::CONSIDERED).mix(), Mix::CONSIDERED, 0.001);
        for wanted in MIXES {
            let mut delays = Delays::new(Mix::BASE);
            for n in 0..4000_u32 {
                let part = |of: u32| f64::from(n * 211 % of) / f64::from(of);
                // Twelve uniform numbers, less six, are about normal.
                let normal = (1..=12).map(|place| part(89 + 2 * place)).sum::<f64>() - 6.0;
                delays.saw_call([(wanted.sample(part(1000), part(997), normal), 1.0)]);
            }
            let settled = delays.clone().settled();
            near(settled.mix(), wanted, 0.05);
            assert!((settled.survival(minutes(9.0)) - delays.survival(minutes(9.0))).abs() < 0.01);
        }
    }

    #[test]
    fn a_page_view_is_the_likelier_the_last_the_longer_nothing_came_after() {
        let mut delays = Delays::new(Mix::BASE);
        assert_eq!(delays.is_over(Duration::ZERO), 1.0);
        for _ in 0..1000 {
            delays.saw_session();
            delays.saw_return(minutes(1.0));
        }
        assert!((delays.is_over(Duration::ZERO) - 0.5).abs() < 0.001, "one of two views");
        assert_eq!(delays.is_over(minutes(5.0)), 1.0);
        (0..50_000).for_each(|_| delays.saw_session());
        assert!(delays.sessions <= SESSIONS && delays.is_over(Duration::ZERO) > 0.9);
    }

    #[test]
    fn that_nobody_knows_who_called_keeps_nothing_from_being_learned() {
        let mut delays = Delays::new(Mix::BASE);
        assert!(delays.survival(minutes(5.0)) > 0.3);
        for n in 0..1000 {
            // Whoever called did so after a minute; somebody else had left at any time within ten hours.
            delays.saw_call([(minutes(1.0), 0.1), (minutes(f64::from(n * 211 % 600)), 0.1)]);
        }
        assert!(delays.survival(minutes(5.0)) < 0.1, "{}", delays.survival(minutes(5.0)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut delays = Delays::new(Mix::BASE);
        (0..4 * CALLS).for_each(|_| delays.saw_call([(minutes(1e9), 7.0)]));
        assert!(delays.total <= CALLS as f64 && delays.calls.len() == CALLS);
    }
}
