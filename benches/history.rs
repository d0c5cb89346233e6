//! A ledger with a million leases: how soon it tells who held a number, and how soon a pool starts on it.

#[path = "support/leases.rs"]
mod leases;
#[path = "support/ratios.rs"]
mod ratios;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use dni_edge::config::{Config, Site};
use dni_edge::ledger::{Ledger, Reader};
use dni_edge::pool::hand_over;
use leases::{BUSY, MANY, NOW, busy, fill, many};
use ratios::Line;
use tokio::runtime::Runtime;

const SUMMARY: [Line; 5] = [
    Line { of: "history/who holds it now", by: None, limit: Some(50_000.0) },
    // Eight sessions within thirty days, and 750.
    Line { of: "history/who held it, of a number in a pool of 5000", by: None, limit: Some(200_000.0) },
    Line { of: "history/who held it, of one in a busy pool of 50", by: None, limit: Some(10_000_000.0) },
    Line { of: "history/start with 50 numbers", by: None, limit: Some(1e9) },
    Line { of: "history/start with 5000 numbers", by: None, limit: Some(1e9) },
];

const FINGERPRINT: [u8; 16] = [7; 16];

fn main() -> ExitCode {
    ratios::run(&SUMMARY, history)
}

fn history(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("history");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the ledger");
    let path = folder.path().join("ledger.db");
    fill(&path, &FINGERPRINT);

    let reader = Reader::beside(&path).expect("a ledger");
    let mut turn = 0;
    let mut next = |count: u64| {
        turn += 1;
        turn * 7919 % count
    };
    group.bench_function("who holds it now", |b| {
        b.iter(|| reader.history(&many(next(MANY))).expect("a ledger").holder.expect("somebody"))
    });
    group.bench_function("who held it, of a number in a pool of 5000", |b| {
        b.iter(|| {
            let holders = reader.holders(&many(next(MANY)), NOW).expect("a ledger");
            assert!(!holders.is_empty(), "somebody held it");
            holders
        })
    });
    group.bench_function("who held it, of one in a busy pool of 50", |b| {
        b.iter(|| {
            let holders = reader.holders(&busy(next(BUSY)), NOW).expect("a ledger");
            assert!(holders.len() > 1, "several held it");
            holders
        })
    });

    group.sample_size(10);
    let runtime = Runtime::new().expect("a runtime");
    for (name, site) in [
        ("start with 50 numbers", site((0..BUSY).map(busy))),
        ("start with 5000 numbers", site((0..MANY).map(many))),
    ] {
        group.bench_function(name, |b| {
            b.iter_custom(|count| (0..count).map(|_| runtime.block_on(start(&site, &path))).sum())
        });
    }
    group.finish();
}

/// A site with a pool of these numbers.
fn site(numbers: impl Iterator<Item = String>) -> Arc<Site> {
    let numbers: Vec<_> = numbers.collect();
    let text = format!(
        "[[site]]\nname = \"plumber\"\nhosts = [\"www.example.com\"]\norigin = \"http://127.0.0.1:9\"\ncountry = \"US\"\n\
         [[site.line]]\nname = \"main\"\ncanonical = \"+12125550100\"\n\
         [[site.pool]]\nname = \"ads\"\nline = \"main\"\nhold = \"400d\"\nnumbers = {numbers:?}\n"
    );
    let checked = Config::parse(&text, &PathBuf::from("/dni-edge.toml"));
    let config = checked.config.unwrap_or_else(|| panic!("{:?}", checked.findings));
    Arc::clone(&config.sites[0])
}

/// The time from a ledger that nobody has open to a pool that gives out its numbers.
async fn start(site: &Arc<Site>, path: &Path) -> Duration {
    let begun = Instant::now();
    let ledger = Ledger::open(path, &FINGERPRINT).expect("a ledger");
    let pools = hand_over(std::slice::from_ref(site), &[], &ledger).await.expect("pools");
    let took = begun.elapsed();
    let usage = pools[0][0].usage(NOW).expect("it is known");
    assert_eq!(usage.held, usage.numbers, "each was seen within the hold");
    ledger.close();
    took
}
