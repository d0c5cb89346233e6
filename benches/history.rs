//! A ledger with a million leases: how soon it tells who held a number, and how soon a pool starts on it.

#[path = "support/ratios.rs"]
mod ratios;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use dni_edge::Timestamp;
use dni_edge::config::{Config, Site};
use dni_edge::ledger::{Ledger, Reader};
use dni_edge::pool::hand_over;
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

/// Half of them in either pool; in a run that measures nothing as many as each number needs.
const LEASES: u64 = 1_000_000;
const FEWEST: u64 = 2 * MANY;

/// Numbers of the busy pool and of the other.
const BUSY: u64 = 50;
const MANY: u64 = 5000;

/// When the last lease began, and how long after the first.
const NOW: Timestamp = Timestamp(1_800_000_000_000);
const YEAR: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Leases, a session of each, and pages of the latest.
const FILL: &str = "
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -500000;
    CREATE TEMP TABLE n AS
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?2 - 1)
        SELECT i, CAST(printf('%016x', i * 2654435761 % 4294967296) AS BLOB) AS session, ?1 - (?2 - 1 - i) * ?5 AS started FROM n;
    INSERT INTO session
        SELECT session, 'plumber', started, started + 120000, 'Paid Search', 'google', 'cpc', 'spring', '{}', 'www.example.com/', NULL, 0,
            'pool:ads'
        FROM n ORDER BY session;
    INSERT INTO lease (number, epoch, site, pool, line, session, session_started, source, medium, started, last_seen, how)
        SELECT CASE i % 2 WHEN 0 THEN printf('+1646555%04d', i / 2 % ?3) ELSE printf('+1646777%04d', i / 2 % ?4) END,
            i, 'plumber', 'ads', 'main', session, started, 'google', 'cpc', started, started + 120000, 'fresh'
        FROM n;
    INSERT INTO page SELECT session, started, started + 60000, 'www.example.com/' FROM n WHERE i >= ?2 * 9 / 10;
    DROP TABLE n;
    PRAGMA journal_mode = WAL";

fn main() -> ExitCode {
    ratios::run(&SUMMARY, history)
}

fn history(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("history");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the ledger");
    let path = folder.path().join("ledger.db");
    fill(&path);

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

fn busy(place: u64) -> String {
    format!("+1646555{place:04}")
}

fn many(place: u64) -> String {
    format!("+1646777{place:04}")
}

fn fill(path: &Path) {
    Ledger::open(path, &[7; 16]).expect("a ledger").close();
    let leases = if std::env::args().any(|argument| argument == "--bench") { LEASES } else { FEWEST } as i64;
    let numbers = [NOW.0, leases, BUSY as i64, MANY as i64, YEAR.as_millis() as i64 / leases];
    let fill = (1..).zip(numbers).fold(FILL.to_owned(), |fill, (place, number)| {
        fill.replace(&format!("?{place}"), &number.to_string())
    });
    let connection = rusqlite::Connection::open(path).expect("a ledger");
    connection.execute_batch(&fill).expect("tables that are filled");
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
    let ledger = Ledger::open(path, &[7; 16]).expect("a ledger");
    let pools = hand_over(std::slice::from_ref(site), &[], &ledger).await.expect("pools");
    let took = begun.elapsed();
    let usage = pools[0][0].usage(NOW).expect("it is known");
    assert_eq!(usage.held, usage.numbers, "each was seen within the hold");
    ledger.close();
    took
}
