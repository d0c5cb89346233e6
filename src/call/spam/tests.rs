use super::*;

fn number(e164: &str) -> Caller {
    Caller::Number(e164.to_owned())
}

fn attested(level: Option<Level>, verified: Verified) -> Signals {
    Signals { attestation: Attestation { level, verified }, ..Signals::default() }
}

fn judged(policy: Policy, signals: &Signals) -> (Suspect, Vec<String>) {
    Spam { policy, ..Spam::default() }.judge(&score(signals), &number("+12125550123"))
}

/// A machine that dials one tracking number after the other.
const MACHINE: Signals = Signals {
    attestation: Attestation { level: Some(Level::C), verified: Verified::Passed },
    is_withheld: false,
    is_unshown: true,
    calls: 12,
    short_calls: 12,
    numbers: 12,
};

#[test]
fn who_calls_for_the_first_time_with_nothing_odd_scores_nothing() {
    for signals in [
        Signals { numbers: 1, ..Signals::default() },
        Signals { numbers: 1, ..attested(Some(Level::A), Verified::Passed) },
        Signals { numbers: 1, ..attested(Some(Level::B), Verified::Passed) },
        Signals { numbers: 2, calls: 3, short_calls: 2, ..Signals::default() },
    ] {
        assert_eq!(score(&signals), Scored::default(), "{signals:?}");
        assert_eq!(judged(Policy::Block, &signals), (Suspect::None, vec![]));
    }
}

#[test]
fn one_weak_signal_alone_is_no_spam() {
    for (signals, wanted) in [
        (attested(Some(Level::C), Verified::Passed), 0.3),
        (attested(None, Verified::Failed), 0.6),
        (attested(Some(Level::C), Verified::Failed), 0.6),
        (Signals { is_withheld: true, ..Signals::default() }, 0.15),
        (Signals { is_unshown: true, ..Signals::default() }, 0.5),
        (Signals { calls: 6, ..Signals::default() }, 0.488),
        (Signals { short_calls: 4, ..Signals::default() }, 0.51),
        (Signals { numbers: 3, ..Signals::default() }, 0.5),
    ] {
        let scored = score(&signals);
        assert_eq!(scored.score, wanted, "{signals:?}");
        assert_eq!(scored.because.len(), 1, "{scored:?}");
        let (suspect, because) = judged(Policy::Block, &signals);
        assert_eq!(suspect, Suspect::None, "{signals:?}");
        assert!(because[1].contains("below the threshold of 0.8"), "{because:?}");
    }
}

#[test]
fn what_nobody_does_by_mistake_is_spam_alone() {
    for signals in [
        Signals { numbers: 5, ..Signals::default() },
        Signals { short_calls: 7, ..Signals::default() },
        Signals { calls: 11, ..Signals::default() },
        Signals { calls: u32::MAX, short_calls: u32::MAX, numbers: u32::MAX, ..Signals::default() },
    ] {
        let scored = score(&signals);
        assert!((THRESHOLD..=1.0).contains(&scored.score), "{signals:?}: {scored:?}");
    }
}

#[test]
fn every_signal_makes_a_score_higher_and_none_lower() {
    let mut signals = Signals::default();
    let mut last = 0.0;
    for step in 0..6 {
        match step {
            0 => signals.is_withheld = true,
            1 => signals.attestation.level = Some(Level::C),
            2 => signals.is_unshown = true,
            3 => signals.calls = 4,
            4 => signals.short_calls = 3,
            _ => signals.numbers = 3,
        }
        let now = score(&signals).score;
        assert!(now > last && now <= 1.0, "{signals:?}: {now} after {last}");
        last = now;
    }
}

#[test]
fn the_policy_says_what_is_done_with_spam_and_each_decision_says_why() {
    for (policy, wanted) in [
        (Policy::Allow, Suspect::None),
        (Policy::Challenge, Suspect::Challenge),
        (Policy::Block, Suspect::Block),
    ] {
        let (suspect, because) = judged(policy, &MACHINE);
        assert_eq!(suspect, wanted);
        assert_eq!(because.len(), 7, "{because:#?}");
        assert!(because[6].starts_with("that is spam, from 0.8 on"), "{because:#?}");
    }
    assert!(Spam::default().is_spam(&score(&MACHINE)));
    assert!(!Spam { threshold: 1.0, ..Spam::default() }.is_spam(&Scored { score: 0.999, because: vec![] }));
}

#[test]
fn the_threshold_itself_is_spam() {
    let signals = Signals { is_unshown: true, ..attested(None, Verified::Failed) };
    assert_eq!(score(&signals).score, THRESHOLD);
    assert_eq!(judged(Policy::Challenge, &signals).0, Suspect::Challenge);
}

#[test]
fn blocked_callers_are_refused_whatever_the_score_and_the_policy_are() {
    let read = |written| Blocked::parse(written, "US".parse().unwrap()).unwrap();
    let blocked = ["(212) 555-0123", "+1 900*", "withheld"].map(read);
    let spam = Spam { blocked: blocked.to_vec(), ..Spam::default() };
    for (caller, place) in [
        (number("+12125550123"), Some(1)),
        (number("+19005550123"), Some(2)),
        (Caller::Withheld, Some(3)),
        (number("+12125550124"), None),
        (number("+449005550123"), None),
        (Caller::Other("+12125550123".to_owned()), None),
    ] {
        let (suspect, because) = spam.judge(&Scored::default(), &caller);
        assert_eq!(suspect == Suspect::Block, place.is_some(), "{caller:?}");
        let said = place.map(|place| format!("the caller is blocked by entry {place} of blocked_callers"));
        assert_eq!(because.first(), said.as_ref());
    }
}

#[test]
fn what_names_no_callers_is_refused() {
    for written in ["", "*", "+*", "212*", "+1900*5", "+19a*", "everybody"] {
        assert_eq!(Blocked::parse(written, "US".parse().unwrap()), Err(BlockedError), "{written}");
    }
}
