//! A ledger that fails while visitors come: pages go on, and so do the numbers that are on disk. Once it can be written, it is.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use super::disk::Disk;
use crate::support::{
    AD, GUARD, Ledger, PAGE, Visitor, number_on, plumber, readiness, session_of, tracking, unprivileged,
    wait_until_ready,
};

#[test]
fn a_full_disk_costs_nobody_a_page_and_numbers_go_on_once_there_is_room() {
    for disk in Disk::all() {
        let (_origin, mut edge) = plumber(|config| config.numbers(50));
        edge.stop();
        disk.start(&mut edge);
        let mut regular = Visitor::at(&edge);
        assert_eq!(number_on(&regular.open(AD).text()), tracking(0));
        assert_eq!(readiness(&edge), ("200".to_owned(), "ready\n".to_owned()));
        disk.fill(&edge);
        // There may be room for a little yet.
        while readiness(&edge).0 == "200" {
            Visitor::at(&edge).open(AD);
        }
        let why = match disk {
            Disk::Small => "database or disk is full; make room on its disk",
            Disk::Limited => "disk I/O error; see to its disk",
        };
        edge.says(&format!("the ledger can't be written: {why}"));
        assert!(readiness(&edge).1.contains(why), "{:?}", readiness(&edge));
        let mut stranger = Visitor::at(&edge);
        assert_eq!(stranger.open(AD).text(), PAGE, "what can't be kept isn't shown");
        assert_eq!(number_on(&regular.open("/").text()), tracking(0), "what is on disk is");
        disk.clear(&edge);
        edge.says("the ledger can be written again");
        wait_until_ready(&edge);
        let number = number_on(&stranger.open("/").text());
        let [regular, stranger] = [&regular, &stranger].map(|who| session_of(edge.folder(), who.session()));
        let ledger = disk.ledger(&edge);
        assert!(ledger.knows(&number, stranger) && ledger.is_whole(), "{number}");
        // Pages that were opened meanwhile come with the next that are written best-effort.
        let begun = std::time::Instant::now();
        while [regular, stranger].iter().any(|who| disk.ledger(&edge).journey_of(*who).len() != 2) {
            assert!(begun.elapsed() < GUARD);
        }
    }
}

#[test]
fn a_disk_that_fills_up_between_two_writes_leaves_the_ledger_whole() {
    let (_origin, mut edge) = plumber(|config| config.numbers(100));
    number_on(&Visitor::at(&edge).open(AD).text());
    let log = edge.folder().join("ledger.db-wal");
    // Room for a part of a commit, so that it fails in its midst.
    for room in [1, 24, 4000, 4096, 5000, 9000, 13_000] {
        let length = fs::metadata(&log).unwrap().len();
        edge.limit_files(Some(length + room));
        while readiness(&edge).0 == "200" {
            Visitor::at(&edge).open(AD);
        }
        edge.limit_files(None);
        wait_until_ready(&edge);
        number_on(&Visitor::at(&edge).open(AD).text());
    }
    let mut last = Visitor::at(&edge);
    let number = number_on(&last.open(AD).text());
    edge.kill_9();
    let ledger = Ledger::of(&edge);
    assert!(ledger.is_whole());
    assert!(ledger.knows(&number, session_of(edge.folder(), last.session())));
}

#[test]
fn a_ledger_that_may_not_be_written_any_more_is_written_once_it_may() {
    let (_origin, mut edge) = plumber(|config| config);
    edge.stop();
    edge.start_again_as(unprivileged());
    let mut regular = Visitor::at(&edge);
    assert_eq!(number_on(&regular.open(AD).text()), tracking(0));
    // Permissions count when a file is opened: it is opened again whenever writing has failed.
    edge.limit_files(Some(0));
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE);
    let names = ["ledger.db", "ledger.db-wal", "ledger.db-shm"];
    let allow = |mode| {
        for name in names {
            fs::set_permissions(edge.folder().join(name), Permissions::from_mode(mode)).unwrap();
        }
    };
    allow(0o400);
    let begun = std::time::Instant::now();
    while !readiness(&edge).1.contains("must be allowed to write") {
        assert!(begun.elapsed() < GUARD, "{:?}", readiness(&edge));
        std::thread::yield_now();
    }
    edge.limit_files(None);
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE);
    assert_eq!(number_on(&regular.open("/").text()), tracking(0));
    allow(0o600);
    wait_until_ready(&edge);
    let number = number_on(&Visitor::at(&edge).open(AD).text());
    assert!(number.starts_with("+1646555"), "{number}");
}
