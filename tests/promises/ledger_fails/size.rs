//! What the ledger takes on disk beside its rows has a bound, however many visitors come.

use std::fs;

use crate::support::{AD, Edge, Ledger, Visitor, number_on, plumber};

/// New visitors; their leases take some 95 MB in the log, one after the other.
const VISITS: usize = 2400;

/// The log may take so many bytes: it is made to begin anew past 16 MB, and grows while that is under way.
const BOUND: u64 = 48 << 20;

/// The log's length, in bytes.
fn log(edge: &Edge) -> u64 {
    fs::metadata(edge.folder().join("ledger.db-wal")).map_or(0, |log| log.len())
}

#[test]
fn the_log_stays_small_while_visitors_come_and_is_empty_after_a_clean_stop() {
    let (_origin, mut edge) = plumber(|config| config.numbers(100).pool("hold = \"0s\""));
    let long = format!("{AD}&utm_term={}", "x".repeat(1900));
    let longest = std::thread::scope(|scope| {
        let visit = || {
            let lengths = (0..VISITS / 4).map(|_| {
                number_on(&Visitor::at(&edge).open(&long).text());
                log(&edge)
            });
            lengths.max().unwrap()
        };
        let visitors: Vec<_> = (0..4).map(|_| scope.spawn(visit)).collect();
        visitors.into_iter().map(|visitor| visitor.join().unwrap()).max().unwrap()
    });
    assert!(longest < BOUND, "{longest}");
    edge.stop();
    assert_eq!(log(&edge), 0, "all is in the ledger's own file");
    let ledger = Ledger::of(&edge);
    assert_eq!(usize::try_from(ledger.count("lease")).unwrap(), VISITS);
    assert!(ledger.is_whole());
}
