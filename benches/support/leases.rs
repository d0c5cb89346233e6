//! A ledger with many leases: half of them of a busy pool's numbers, half of a large one's.

use std::path::Path;
use std::time::Duration;

use dni_edge::Timestamp;
use dni_edge::ledger::Ledger;

/// Half of them in either pool; in a run that measures nothing as many as each number needs.
const LEASES: u64 = 1_000_000;
const FEWEST: u64 = 2 * MANY;

/// Numbers of the busy pool and of the other.
pub const BUSY: u64 = 50;
pub const MANY: u64 = 5000;

/// When the last lease began, and how long after the first.
pub const NOW: Timestamp = Timestamp(1_800_000_000_000);
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

pub fn busy(place: u64) -> String {
    format!("+1646555{place:04}")
}

#[allow(dead_code, reason = "not every run asks for these")]
pub fn many(place: u64) -> String {
    format!("+1646777{place:04}")
}

/// Makes the ledger, of this secret's fingerprint.
pub fn fill(path: &Path, fingerprint: &[u8; 16]) {
    Ledger::open(path, fingerprint).expect("a ledger").close();
    let leases = if std::env::args().any(|argument| argument == "--bench") { LEASES } else { FEWEST } as i64;
    let numbers = [NOW.0, leases, BUSY as i64, MANY as i64, YEAR.as_millis() as i64 / leases];
    let fill = (1..).zip(numbers).fold(FILL.to_owned(), |fill, (place, number)| {
        fill.replace(&format!("?{place}"), &number.to_string())
    });
    let connection = rusqlite::Connection::open(path).expect("a ledger");
    connection.execute_batch(&fill).expect("tables that are filled");
}
