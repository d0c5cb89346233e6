use std::sync::LazyLock;

use super::*;
use crate::pool::day::Day;
use crate::pool::traffic::usual_shares;

/// What came of it, for several tests to look at.
static MONTHS: LazyLock<Outcome> = LazyLock::new(|| month().run());

/// A thousand sessions a day on fifty numbers.
fn month() -> Simulation {
    Simulation {
        traffic: Traffic {
            sessions_per_day: 1000.0,
            day: Day::Usual,
            stay: Duration::from_secs(150),
            delays: Mix::BASE,
            shares: usual_shares(8),
        },
        numbers: 50,
        hold: Duration::from_secs(300),
        takes_oldest: true,
        warm_up: 14,
        days: 30,
        calls: 0.3,
        remembered: 400,
        seed: 1,
    }
}

#[test]
fn fifty_numbers_tell_the_session_of_four_calls_in_five_and_the_source_of_nineteen_in_twenty() {
    let outcome = &*MONTHS;
    assert!(outcome.calls > 8_000, "{}", outcome.calls);
    assert!((outcome.session() - 0.824).abs() < 0.02, "{}", outcome.session());
    assert!(outcome.source() > 0.947, "{}", outcome.source());
    assert!(outcome.session() >= outcome.last_holder() - 0.002);
    assert_eq!((outcome.untracked(), outcome.overflow()), (0.0, 0.0));
}

#[test]
fn of_calls_with_a_confidence_that_share_is_right() {
    let outcome = &*MONTHS;
    for tenth in outcome.tenths.iter().filter(|tenth| tenth.calls >= 100) {
        assert!((tenth.confidence() - tenth.right()).abs() < 0.05, "{:#?}", outcome.tenths);
    }
    assert!(outcome.tenths[9].calls > outcome.calls / 2);
}

#[test]
fn credit_in_parts_gives_each_campaign_its_share() {
    let [credit, fractional, whole] =
        [MONTHS.credit_error(), MONTHS.fractional_error(), MONTHS.whole_error()];
    assert!(credit < 0.01 && fractional < 0.01 && fractional < whole, "{credit} {fractional} {whole}");
}

#[test]
fn of_many_campaigns_all_calls_at_once_tell_more_than_each_as_it_comes_and_little_less_than_chance_leaves() {
    let traffic = Traffic { shares: usual_shares(100), ..month().traffic };
    let outcome = Simulation { traffic, days: 10, ..month() }.run();
    let [least, credit, fractional, whole, luck] = [
        outcome.least_error(),
        outcome.credit_error(),
        outcome.fractional_error(),
        outcome.whole_error(),
        outcome.luck(),
    ];
    assert!(least < credit && credit < fractional && fractional < whole && whole < luck, "{outcome:?}");
    assert!(credit < 1.2 * least, "{least} {credit}");
}

#[test]
fn the_same_seed_gives_the_same_figures_and_another_gives_others() {
    let traffic = Traffic { sessions_per_day: 200.0, ..month().traffic };
    let week = Simulation { traffic, numbers: 20, days: 7, ..month() };
    let figures = |simulation: &Simulation| {
        let outcome = simulation.run();
        (outcome.leases, outcome.calls, outcome.session(), outcome.fractional_error())
    };
    assert_eq!(figures(&week), figures(&week));
    assert_ne!(figures(&week), figures(&Simulation { seed: 2, ..week.clone() }));
}

#[test]
fn too_few_numbers_overflow_and_then_the_canonical_one_is_called() {
    let few = Simulation { numbers: 5, days: 3, warm_up: 2, takes_oldest: false, ..month() };
    let outcome = few.run();
    assert!(outcome.overflow() > 0.2 && outcome.untracked() > 0.1, "{outcome:?}");
    let oldest = Simulation { takes_oldest: true, ..few }.run();
    assert!(oldest.overflow() > 0.2 && oldest.untracked() == 0.0);
}
