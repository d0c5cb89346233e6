//! Whose a call is, decided when it rings.

use super::facts::Facts;
use super::learned::Learned;
use super::numbers::Meaning;
use crate::clock::Timestamp;
use crate::ledger::{Candidate, EarlierCall, Holding};
use crate::pool::attribution::{self, Attribution, Holder, How, Known};
use crate::visit::{Described, SessionHash};

/// An earlier call tells whose telephone it is where it was the likeliest's by more than that.
const SURE: f64 = 0.5;

/// How a call is attributed.
#[derive(Debug)]
pub struct Attributed {
    pub how: How,
    pub confidence: f64,
    /// The likeliest first.
    pub candidates: Vec<Candidate>,
    pub because: String,
}

/// By what its number means, what is known of it, and what was learned of the site's callers.
pub(super) fn attribute(
    meaning: &Meaning,
    facts: &Facts,
    site: &str,
    time: Timestamp,
    learned: &Learned,
) -> Attributed {
    match meaning {
        Meaning::Static { source, .. } => to_source(source, facts, time, learned),
        Meaning::Canonical | Meaning::None => Attributed {
            how: How::Unshown,
            confidence: 0.0,
            candidates: Vec::new(),
            because: "no source can be told by this number".to_owned(),
        },
        Meaning::Pool => to_session(facts, site, time, learned),
    }
}

/// Its source is certain; who of those that were shown it called is not.
fn to_source(source: &Described, facts: &Facts, time: Timestamp, learned: &Learned) -> Attributed {
    let viewers = facts.viewers.iter().map(|viewer| Holder {
        session: Some(viewer.session),
        source,
        started: viewer.started,
        last_seen: viewer.last_seen,
        rate: 1.0,
    });
    let viewers: Vec<Holder<'_>> = viewers.collect();
    let tapped = tapped(facts, &viewers, None);
    let known = Known { time, caller: None, tapped };
    let among = Attribution::of(&known, &viewers, &learned.delays);
    let told = Attribution::to_source(source);
    let (candidates, seen) = match among.candidates.is_empty() {
        true => (candidates(&told), String::new()),
        false => {
            let seen = format!(", and {} visitors were shown it", among.candidates.len());
            (candidates(&among), seen)
        }
    };
    let because = format!("it is the static number of {source}{seen}");
    Attributed { how: How::Static, confidence: 1.0, candidates, because }
}

/// Of those who held the number, each by what speaks for them.
fn to_session(facts: &Facts, site: &str, time: Timestamp, learned: &Learned) -> Attributed {
    let holders: Vec<Holder<'_>> = facts.holders.iter().map(|holding| holder(holding, learned)).collect();
    let earlier = facts.earlier.iter().filter(|call| call.site.as_deref() == Some(site));
    let caller = earlier.filter_map(|call| by_telephone(call, &holders)).next();
    let known = Known { time, caller, tapped: tapped(facts, &holders, caller) };
    let attribution = Attribution::of(&known, &holders, &learned.delays);
    let sure = (100.0 * attribution.confidence).round();
    let because = match attribution.how {
        How::Caller => format!("the telephone is known from an earlier call ({sure} % sure)"),
        How::Tap => format!("the number was tapped on a page just before ({sure} % sure)"),
        How::Unshown => "nobody was shown the number until then".to_owned(),
        How::Posterior | How::Static => {
            let many = attribution.candidates.len();
            format!(
                "{many} visitors were shown the number, and this one the likeliest calls now ({sure} % sure)"
            )
        }
    };
    let Attribution { how, confidence, .. } = attribution;
    Attributed { how, confidence, candidates: candidates(&attribution), because }
}

fn holder<'h>(holding: &'h Holding, learned: &Learned) -> Holder<'h> {
    Holder {
        session: holding.session,
        source: &holding.source,
        started: holding.started,
        last_seen: holding.last_seen,
        rate: learned.rate(&holding.source),
    }
}

/// Whose telephone it is, by an earlier call. Where they hold the number again, as they do so now.
fn by_telephone<'h>(call: &'h EarlierCall, holders: &[Holder<'h>]) -> Option<Holder<'h>> {
    let candidate = call.candidate.as_ref().filter(|candidate| candidate.probability > SURE)?;
    let session = candidate.session?;
    Some(of_session(holders, session).unwrap_or(Holder {
        session: Some(session),
        source: &candidate.source,
        started: call.started,
        last_seen: candidate.last_seen.unwrap_or(call.started),
        rate: 1.0,
    }))
}

/// Who tapped the number last, among those who were shown it.
fn tapped<'h>(facts: &Facts, holders: &[Holder<'h>], caller: Option<Holder<'h>>) -> Option<Holder<'h>> {
    let tapped = facts.taps.iter().filter_map(|tap| of_session(holders, tap.session));
    caller.is_none().then(|| tapped.into_iter().next()).flatten()
}

fn of_session<'h>(holders: &[Holder<'h>], session: SessionHash) -> Option<Holder<'h>> {
    let theirs = holders.iter().filter(|holder| holder.session == Some(session));
    theirs.max_by_key(|holder| holder.last_seen).copied()
}

fn candidates(attribution: &Attribution<'_>) -> Vec<Candidate> {
    let of = |candidate: &attribution::Candidate<'_>| Candidate {
        session: candidate.session,
        probability: candidate.probability,
        rate: candidate.rate,
        source: candidate.source.clone(),
        last_seen: candidate.last_seen,
    };
    attribution.named().iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ledger::{self, CallId, Tap, Viewer};

    const CALL: Timestamp = Timestamp(1_800_000_000_000);

    fn source(name: &str) -> Described {
        Described { source: Some(name.to_owned()), ..Described::default() }
    }

    fn session(n: u8) -> SessionHash {
        SessionHash([n; 16])
    }

    fn ago(minutes: u64) -> Timestamp {
        CALL.minus(Duration::from_secs(60 * minutes))
    }

    fn held(n: u8, minutes: u64, name: &str) -> Holding {
        Holding {
            session: Some(session(n)),
            source: source(name),
            started: ago(minutes + 1),
            last_seen: ago(minutes),
            how: ledger::How::Fresh,
            is_provisional: false,
        }
    }

    fn earlier(n: u8, probability: f64, site: &str) -> EarlierCall {
        let candidate = Candidate {
            session: Some(session(n)),
            probability,
            rate: 1.0,
            source: source("mail"),
            last_seen: Some(ago(5000)),
        };
        let (id, started) = (CallId([n; 12]), ago(4000));
        let number = "+12125550111".to_owned();
        EarlierCall { id, site: Some(site.to_owned()), number, started, candidate: Some(candidate) }
    }

    fn whose(meaning: &Meaning, facts: &Facts) -> (How, Option<String>, Option<SessionHash>) {
        let attributed = attribute(meaning, facts, "plumber", CALL, &Learned::default());
        let first = attributed.candidates.into_iter().next();
        let session = first.as_ref().and_then(|first| first.session);
        (attributed.how, first.and_then(|first| first.source.source), session)
    }

    #[test]
    fn a_leased_number_is_the_likeliest_holders() {
        let facts = Facts { holders: vec![held(1, 2, "google"), held(2, 600, "bing")], ..Facts::default() };
        let google = Some("google".to_owned());
        assert_eq!(whose(&Meaning::Pool, &facts), (How::Posterior, google, Some(session(1))));
        assert_eq!(whose(&Meaning::Pool, &Facts::default()), (How::Unshown, None, None));
    }

    #[test]
    fn a_telephone_that_is_known_surely_and_for_this_site_comes_first() {
        let holders = vec![held(1, 2, "google")];
        let known =
            |earlier| whose(&Meaning::Pool, &Facts { holders: holders.clone(), earlier, ..Facts::default() });
        let mail = Some("mail".to_owned());
        assert_eq!(known(vec![earlier(3, 0.9, "plumber")]), (How::Caller, mail, Some(session(3))));
        assert_eq!(known(vec![earlier(3, 0.4, "plumber")]).0, How::Posterior);
        assert_eq!(known(vec![earlier(3, 0.9, "baker")]).0, How::Posterior);
        let again = known(vec![earlier(1, 0.9, "plumber")]);
        assert_eq!(again, (How::Caller, Some("google".to_owned()), Some(session(1))));
    }

    #[test]
    fn a_tap_of_somebody_who_was_shown_the_number_counts() {
        let tap = |n| Tap { session: session(n), number: "+12125550110".to_owned(), time: ago(0) };
        let holders = vec![held(1, 1, "google"), held(2, 40, "bing")];
        let facts = |n| Facts { holders: holders.clone(), taps: vec![tap(n)], ..Facts::default() };
        assert_eq!(whose(&Meaning::Pool, &facts(2)), (How::Tap, Some("bing".to_owned()), Some(session(2))));
        assert_eq!(whose(&Meaning::Pool, &facts(9)).0, How::Posterior);
    }

    #[test]
    fn a_static_number_is_its_sources_with_those_who_saw_it() {
        let meaning = Meaning::Static { source: source("flyer"), shown_as: None };
        let flyer = Some("flyer".to_owned());
        assert_eq!(whose(&meaning, &Facts::default()), (How::Static, flyer.clone(), None));
        let viewer = Viewer { session: session(4), started: ago(9), last_seen: ago(3) };
        let facts = Facts { viewers: vec![viewer], ..Facts::default() };
        assert_eq!(whose(&meaning, &facts), (How::Static, flyer, Some(session(4))));
    }

    #[test]
    fn by_the_business_own_number_nobody_is_told() {
        assert_eq!(whose(&Meaning::Canonical, &Facts::default()), (How::Unshown, None, None));
    }
}
