//! The tables of what a pool achieves, out of a simulation: `cargo run --release --example simulate [SEED]`.
//!
//! A simulated month of a thousand sessions a day, on fifty numbers unless a table says otherwise.

use std::time::{Duration, Instant};

use dni_edge::pool::day::Day;
use dni_edge::pool::delay::Mix;
use dni_edge::pool::simulation::{Outcome, Simulation};
use dni_edge::pool::theory;
use dni_edge::pool::traffic::{Traffic, usual_shares};

const MIXES: [(&str, Mix); 3] =
    [("mobile", Mix::MOBILE), ("base", Mix::BASE), ("considered", Mix::CONSIDERED)];

fn main() {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let traffic = Traffic {
        sessions_per_day: 1000.0,
        day: Day::Usual,
        stay: Duration::from_secs(150),
        delays: Mix::BASE,
        shares: usual_shares(8),
    };
    let hold = Duration::from_secs(300);
    let month = Simulation {
        traffic,
        numbers: 50,
        hold,
        takes_oldest: true,
        warm_up: 14,
        days: 30,
        calls: 0.3,
        remembered: 600,
        seed,
    };
    policy(&month);
    for (name, delays) in MIXES {
        let traffic = Traffic { delays, ..month.traffic.clone() };
        reliability(name, &Simulation { traffic, ..month.clone() }.run());
    }
    campaigns(&month);
    numbers(&month);
}

fn policy(month: &Simulation) {
    println!("What the policy achieves, in percent");
    let head =
        ["sources", "calls after", "right session", "last holder", "right source", "untracked", "overflow"];
    println!(
        "{:<8} {:<12} {:>14} {:>12} {:>13} {:>10} {:>9} {:>8}",
        head[0], head[1], head[2], head[3], head[4], head[5], head[6], "calls"
    );
    for sources in [8, 30, 100] {
        for (name, delays) in MIXES {
            let traffic = Traffic { shares: usual_shares(sources), delays, ..month.traffic.clone() };
            let outcome = Simulation { traffic, ..month.clone() }.run();
            let [session, last, source, untracked, overflow] = [
                outcome.session(),
                outcome.last_holder(),
                outcome.source(),
                outcome.untracked(),
                outcome.overflow(),
            ]
            .map(|share| 100.0 * share);
            println!(
                "{sources:<8} {name:<12} {session:>14.1} {last:>12.1} {source:>13.1} {untracked:>10.1} {overflow:>9.1} {:>8}",
                outcome.calls
            );
        }
    }
}

fn reliability(calls_after: &str, outcome: &Outcome) {
    println!("\nOf calls with this confidence, so many are right, in percent (calls after: {calls_after})");
    println!("{:<10} {:>8} {:>11} {:>7} {:>7}", "tenth", "calls", "confidence", "right", "off");
    for (place, tenth) in outcome.tenths.iter().enumerate().filter(|(_, tenth)| tenth.calls > 0) {
        let [confidence, right] = [tenth.confidence(), tenth.right()].map(|share| 100.0 * share);
        let up_to = place + 1;
        println!(
            "{:<10} {:>8} {confidence:>11.1} {right:>7.1} {:>7.1}",
            format!("0.{place} to {}.{}", up_to / 10, up_to % 10),
            tenth.calls,
            right - confidence
        );
    }
}

fn campaigns(month: &Simulation) {
    println!("\nTotal variation of the campaigns' shares of calls, in percent");
    let head = ["all at once", "least", "as they come", "whole to the best", "luck"];
    println!(
        "{:<8} {:>5} {:>8} {:>12} {:>8} {:>13} {:>18} {:>8}",
        "sources", "days", "calls", head[0], head[1], head[2], head[3], head[4]
    );
    for sources in [8, 30, 100] {
        for days in [30, 91, 365] {
            let traffic = Traffic { shares: usual_shares(sources), ..month.traffic.clone() };
            let outcome = Simulation { traffic, days, ..month.clone() }.run();
            let [credit, least, fractional, whole, luck] = [
                outcome.credit_error(),
                outcome.least_error(),
                outcome.fractional_error(),
                outcome.whole_error(),
                outcome.luck(),
            ]
            .map(|share| 100.0 * share);
            println!(
                "{sources:<8} {days:>5} {:>8} {credit:>12.2} {least:>8.2} {fractional:>13.2} {whole:>18.2} {luck:>8.2}",
                outcome.calls
            );
        }
    }
}

fn numbers(month: &Simulation) {
    println!("\nBy theory (right session, right source) and as simulated, in percent");
    println!("{:<8} {:>8} {:>8} {:>8} {:>8} {:>9}", "numbers", "session", "", "source", "", "seconds");
    for numbers in [4, 10, 21, 35, 50, 77, 150, 300, 600, 891] {
        let begun = Instant::now();
        let outcome = Simulation { numbers, ..month.clone() }.run();
        let count = numbers as u64;
        let [theory_session, session, theory_source, source] = [
            theory::session_accuracy(&month.traffic, count),
            outcome.session(),
            theory::source_accuracy(&month.traffic, count),
            outcome.source(),
        ]
        .map(|share| 100.0 * share);
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "{numbers:<8} {theory_session:>8.1} {session:>8.1} {theory_source:>8.1} {source:>8.1} {seconds:>9.2}"
        );
    }
}
