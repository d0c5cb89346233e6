use std::path::Path;

use super::*;
use crate::config::Config;
use crate::visit::Source;

const FINGERPRINT: [u8; 16] = [7; 16];

fn config(hold: &str, overflow: &str) -> Config {
    let text = format!(
        r#"
        [[site]]
        name = "plumber"
        hosts = ["www.example.com"]
        origin = "http://127.0.0.1:8000"
        [[site.line]]
        name = "main"
        canonical = "+1 212 555 0100"
        [[site.pool]]
        name = "ads"
        numbers = ["+1 212 555 0110", "+1 212 555 0111"]
        hold = "{hold}"
        overflow = "{overflow}"
        "#
    );
    Config::parse(&text, Path::new("test.toml")).config.unwrap()
}

fn open(folder: &Path, config: &Config) -> (Ledger, Arc<NumberPool>) {
    let ledger = Ledger::open(&folder.join("ledger.db"), &FINGERPRINT).unwrap();
    let pool = NumberPool::load(&config.sites[0], &config.sites[0].pools[0], &ledger).unwrap();
    (ledger, pool)
}

fn session(n: u8) -> SessionHash {
    SessionHash([n; 16])
}

fn somebody(n: u8) -> Arc<Session> {
    Arc::new(Session {
        hash: session(n),
        site: "plumber".into(),
        source: Source::direct(),
        rule: None,
        shows: String::new(),
        started: NOW,
        last_seen: NOW,
        landing_page: "www.example.com/".to_owned(),
        referring_page: None,
    })
}

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn later(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

fn leased(pool: &Arc<NumberPool>, n: u8, now: Timestamp) -> Option<Lease> {
    match pool.lease(&somebody(n), now) {
        Answer::Number(lease) => Some(lease),
        Answer::Full(_) => None,
    }
}

/// Leases and shows: the number's last four digits.
async fn shown(pool: &Arc<NumberPool>, n: u8, now: Timestamp) -> Option<String> {
    let lease = leased(pool, n, now)?;
    let shown = lease.show().await.unwrap();
    Some(shown.number.e164()[8..].to_owned())
}

#[tokio::test]
async fn sessions_keep_their_numbers_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let config = config("5m", "canonical");
    let (ledger, pool) = open(folder.path(), &config);
    let first = shown(&pool, 1, NOW).await.unwrap();
    let second = shown(&pool, 2, NOW).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(shown(&pool, 3, later(299)).await, None, "both are on hold");
    drop(pool);
    ledger.close();
    let (_ledger, pool) = open(folder.path(), &config);
    assert_eq!(shown(&pool, 2, later(5)).await, Some(second));
    assert_eq!(shown(&pool, 1, later(5)).await, Some(first));
}

#[tokio::test]
async fn last_page_views_are_written_when_flushed() {
    let folder = tempfile::tempdir().unwrap();
    let config = config("5m", "canonical");
    let (ledger, pool) = open(folder.path(), &config);
    shown(&pool, 1, NOW).await;
    shown(&pool, 2, NOW).await;
    shown(&pool, 1, later(200)).await;
    pool.flush();
    drop(pool);
    ledger.close();
    let (_ledger, pool) = open(folder.path(), &config);
    let freed = shown(&pool, 3, later(310)).await.unwrap();
    assert_eq!(
        shown(&pool, 1, later(310)).await.map(|own| own != freed),
        Some(true),
        "the first kept its number"
    );
}

#[tokio::test]
async fn a_number_nobody_was_shown_goes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let config = config("5m", "canonical");
    let (ledger, pool) = open(folder.path(), &config);
    let first = shown(&pool, 1, NOW).await.unwrap();
    drop(leased(&pool, 2, NOW));
    assert!(shown(&pool, 3, NOW).await.is_some(), "the second number is free again");
    // Off hold, the first number is given to another session, whose page turns out to print none.
    drop(leased(&pool, 4, later(1000)));
    assert_eq!(shown(&pool, 1, later(1000)).await, Some(first), "still the first session's");
    pool.flush();
    ledger.settled().await;
    let holder = ledger.history("+12125550110").unwrap().holder.unwrap();
    assert_eq!((holder.session, holder.last_seen), (session(1), later(1000)));
}

#[tokio::test]
async fn two_pages_at_once_share_a_lease_and_one_showing_it_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_ledger, pool) = open(folder.path(), &config("5m", "canonical"));
    let first = leased(&pool, 1, NOW).unwrap();
    let second = leased(&pool, 1, NOW).unwrap();
    drop(first);
    let number = second.show().await.unwrap().number.e164().to_owned();
    drop(second);
    assert_eq!(pool.holding(session(1), NOW).unwrap().number().number.e164(), number);
}

#[tokio::test]
async fn when_all_are_on_hold_the_operator_may_let_the_oldest_go() {
    let folder = tempfile::tempdir().unwrap();
    let (_ledger, pool) = open(folder.path(), &config("5m", "oldest"));
    let first = shown(&pool, 1, NOW).await.unwrap();
    shown(&pool, 2, later(1)).await.unwrap();
    let lease = leased(&pool, 3, later(2)).unwrap();
    assert_eq!(lease.how(), How::Overflow);
    assert!(lease.show().await.unwrap().number.e164().ends_with(&first));
    assert!(pool.holding(session(1), later(3)).is_none(), "somebody else has it now");
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_shows_nothing_and_gives_the_number_back() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, pool) = open(folder.path(), &config("5m", "canonical"));
    let other = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    other.execute_batch("ALTER TABLE lease RENAME TO gone").unwrap();
    let lease = leased(&pool, 1, NOW).unwrap();
    assert!(lease.show().await.is_none());
    drop(lease);
    assert!(pool.holding(session(1), NOW).is_none());
    other.execute_batch("ALTER TABLE gone RENAME TO lease").unwrap();
    assert!(shown(&pool, 1, NOW).await.is_some(), "it works again once the cause is gone");
    drop(ledger);
}

#[test]
fn a_second_process_another_secret_and_a_newer_version_are_refused() {
    use crate::ledger::OpenError;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = Ledger::open(&path, &FINGERPRINT).unwrap();
    assert!(matches!(Ledger::open(&path, &FINGERPRINT), Err(OpenError::Locked(_))));
    ledger.close();
    assert!(matches!(Ledger::open(&path, &[8; 16]), Err(OpenError::OtherSecret(_))));
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Ledger::open(&path, &FINGERPRINT), Err(OpenError::Newer(_, 99))));
    let path = folder.path().join("other.db");
    std::fs::write(&path, "not a database, but long enough to have a header of its own, as it were").unwrap();
    assert!(matches!(Ledger::open(&path, &FINGERPRINT), Err(OpenError::Sqlite(..))));
}
