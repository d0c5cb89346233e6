//! Who made a report's calls, told by all of them at once: how often sessions of each class call is known better at the period's
//! end than it was when the phone rang, and each call is parted among its candidates by that.

use std::collections::HashMap;

use crate::call::log::{Call, Told};
use crate::ledger::Class;
use crate::pool::attribution::How;
use crate::pool::credit::Credit;

/// What sessions are told apart by: channel, source, medium and campaign.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct From<'a>([Option<&'a str>; 4]);

/// How often sessions of each class call, by site.
pub(super) struct Weights<'a>(HashMap<&'a str, OfSite<'a>>);

struct OfSite<'a> {
    places: HashMap<From<'a>, usize>,
    /// Calls a session of the class at each place, in any unit.
    rates: Vec<f64>,
}

impl<'a> Weights<'a> {
    /// Rates that explain these calls, by as many sessions as there were of each class.
    pub fn of(calls: impl Iterator<Item = &'a Call>, classes: &'a [Class]) -> Self {
        let mut by_site = HashMap::<&str, (Vec<&Class>, Vec<&Call>)>::new();
        for class in classes {
            by_site.entry(&class.site).or_default().0.push(class);
        }
        for call in calls.filter(|call| is_weighed(call)) {
            // Of a site without sessions, all is as it was told.
            if let Some((_, calls)) = call.site.as_deref().and_then(|site| by_site.get_mut(site)) {
                calls.push(call);
            }
        }
        let weights =
            by_site.into_iter().map(|(site, (classes, calls))| (site, OfSite::of(&classes, &calls)));
        Weights(weights.collect())
    }

    /// Of each candidate, in their order; they add up to 1. Of many candidates only the likeliest are named: what is missing is
    /// theirs in the same shares.
    pub fn probabilities(&self, call: &Call) -> Vec<f64> {
        let site = call.site.as_deref().and_then(|site| self.0.get(site)).filter(|_| is_weighed(call));
        let weight = |candidate: &Told| match site {
            Some(site) if is_posterior(call) => likelihood(candidate) * site.rate(candidate),
            _ => candidate.probability,
        };
        let weights: Vec<f64> = call.attribution.candidates.iter().map(weight).collect();
        let total: f64 = weights.iter().sum();
        let equal = 1.0 / weights.len() as f64;
        let share = |weight: f64| if total > 0.0 { weight / total } else { equal };
        weights.into_iter().map(share).collect()
    }
}

impl<'a> OfSite<'a> {
    fn of(classes: &[&'a Class], calls: &[&'a Call]) -> Self {
        let mut places = HashMap::new();
        let mut place = |from: From<'a>| {
            let next = places.len();
            *places.entry(from).or_insert(next)
        };
        let sessions: Vec<_> =
            classes.iter().map(|class| (place(From::class(class)), class.sessions)).collect();
        let candidates = |call: &&'a Call| call.attribution.candidates.iter().collect::<Vec<_>>();
        let calls: Vec<_> = calls
            .iter()
            .map(|call| {
                let placed =
                    candidates(call).into_iter().map(|candidate| (place(From::told(candidate)), candidate));
                (is_posterior(call), placed.collect::<Vec<_>>())
            })
            .collect();
        let mut credit = Credit::among(places.len());
        sessions.iter().for_each(|(place, sessions)| credit.saw_sessions(*place, *sessions));
        for (is_posterior, candidates) in &calls {
            if *is_posterior {
                credit.saw_call(candidates.iter().map(|(place, candidate)| (*place, likelihood(candidate))));
            } else {
                candidates
                    .iter()
                    .for_each(|(place, candidate)| credit.saw_known_call(*place, candidate.probability));
            }
        }
        OfSite { rates: credit.rates(), places }
    }

    fn rate(&self, candidate: &Told) -> f64 {
        self.places.get(&From::told(candidate)).map_or(1.0, |place| self.rates[*place])
    }
}

impl<'a> From<'a> {
    fn class(class: &'a Class) -> Self {
        let source = &class.source;
        let channel = source.channel.map(|channel| channel.name());
        From([channel, source.source.as_deref(), source.medium.as_deref(), source.campaign.as_deref()])
    }

    fn told(candidate: &'a Told) -> Self {
        let Told { channel, source, medium, campaign, .. } = candidate;
        From([channel, source, medium, campaign].map(|said| said.as_deref()))
    }
}

/// Whether its number was leased: of a static one the source is certain, whoever was shown it.
fn is_weighed(call: &Call) -> bool {
    call.attribution.how != How::Static.name()
}

/// Whether nothing is known of the caller but who was shown the number.
fn is_posterior(call: &Call) -> bool {
    call.attribution.how == How::Posterior.name()
}

/// How likely a call is this candidate's if all classes call alike, in any unit.
fn likelihood(candidate: &Told) -> f64 {
    if candidate.rate > 0.0 { candidate.probability / candidate.rate } else { candidate.probability }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::log::Attributed;
    use crate::visit::Described;

    fn class(source: &str, sessions: u64) -> Class {
        let source = Described { source: Some(source.to_owned()), ..Described::default() };
        Class { site: "plumber".to_owned(), source, sessions }
    }

    fn call(how: How, candidates: &[(&str, f64, f64)]) -> Call {
        let told = |(source, probability, rate): &(&str, f64, f64)| Told {
            source: Some((*source).to_owned()),
            probability: *probability,
            rate: *rate,
            ..Told::default()
        };
        let candidates = candidates.iter().map(told).collect();
        let attribution = Attributed { how: how.name(), confidence: 0.0, candidates };
        Call { site: Some("plumber".to_owned()), attribution, ..Call::default() }
    }

    /// Three hundred calls are surely the one's, a hundred the other's, of as many sessions; so the one call thrice as often.
    fn calls() -> Vec<Call> {
        let certain = |source| call(How::Posterior, &[(source, 1.0, 1.0)]);
        let mut calls: Vec<_> = (0..300).map(|_| certain("google")).collect();
        calls.extend((0..100).map(|_| certain("bing")));
        calls
    }

    fn probabilities(call: &Call, classes: &[Class]) -> Vec<f64> {
        let calls = calls();
        Weights::of(calls.iter(), classes).probabilities(call)
    }

    #[test]
    fn a_call_that_may_be_of_two_is_parted_as_often_as_their_sessions_call() {
        let classes = [class("google", 5000), class("bing", 5000)];
        let alike = call(How::Posterior, &[("google", 0.5, 1.0), ("bing", 0.5, 1.0)]);
        let [google, bing] = probabilities(&alike, &classes)[..] else { panic!() };
        assert!((google - 0.75).abs() < 0.01 && (google + bing - 1.0).abs() < 1e-9, "{google} {bing}");
        // When it rang it was thought that the other calls nine times as often.
        let thought = call(How::Posterior, &[("google", 0.1, 0.1), ("bing", 0.9, 0.9)]);
        assert!((probabilities(&thought, &classes)[0] - google).abs() < 1e-9);
    }

    #[test]
    fn what_is_known_otherwise_stays_and_so_does_all_of_a_site_without_sessions() {
        let classes = [class("google", 5000), class("bing", 5000)];
        for how in [How::Static, How::Tap, How::Caller] {
            let known = call(how, &[("bing", 0.2, 1.0), ("google", 0.6, 1.0)]);
            let [bing, google] = probabilities(&known, &classes)[..] else { panic!() };
            assert!((bing - 0.25).abs() < 1e-9 && (google - 0.75).abs() < 1e-9);
        }
        let alike = call(How::Posterior, &[("google", 0.5, 0.1), ("bing", 0.5, 0.2)]);
        assert_eq!(probabilities(&alike, &[]), [0.5, 0.5]);
        assert!(probabilities(&call(How::Unshown, &[]), &classes).is_empty());
    }
}
