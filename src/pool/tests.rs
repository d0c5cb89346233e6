use std::path::Path;
use std::time::Duration;

use super::*;
use crate::config::Config;
use crate::ledger::How;
use crate::visit::{Source, Touch};

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

async fn open(folder: &Path, config: &Config) -> (Ledger, Arc<NumberPool>) {
    let ledger = Ledger::open(&folder.join("ledger.db"), &FINGERPRINT).unwrap();
    let pool = NumberPool::load(&config.sites[0], &config.sites[0].pools[0], &ledger).await.unwrap();
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
        touched: NOW,
        first: Arc::new(Touch { source: Source::direct(), time: NOW }),
        rule: None,
        shown: Vec::new(),
        shows: String::new(),
        started: NOW,
        last_seen: NOW,
        landing_page: "www.example.com/".to_owned(),
        referring_page: None,
    })
}

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// Somebody who has shown a cookie.
fn asking(now: Timestamp) -> Asking {
    Asking { now, is_confirmed: true, network: None }
}

fn later(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

async fn leased(pool: &Arc<NumberPool>, n: u8, now: Timestamp) -> Option<Lease> {
    number(pool.lease(&somebody(n), asking(now))).await
}

async fn holding(pool: &Arc<NumberPool>, n: u8, now: Timestamp) -> Option<Lease> {
    number(pool.holding(&somebody(n), asking(now))).await
}

async fn number(reply: Reply) -> Option<Lease> {
    let answer = match reply {
        Reply::Now(answer) => answer,
        Reply::Later(coming) => coming.answer().await,
    };
    match answer {
        Answer::Number(lease) => Some(lease),
        Answer::Full(_) | Answer::Crowded(_) | Answer::Away(_) | Answer::None => None,
    }
}

/// Leases and shows: the number's last four digits.
async fn shown(pool: &Arc<NumberPool>, n: u8, now: Timestamp) -> Option<String> {
    let lease = leased(pool, n, now).await?;
    let shown = lease.show().await.unwrap();
    Some(shown.number.e164()[8..].to_owned())
}

#[tokio::test]
async fn sessions_keep_their_numbers_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let config = config("5m", "canonical");
    let (ledger, pool) = open(folder.path(), &config).await;
    let first = shown(&pool, 1, NOW).await.unwrap();
    let second = shown(&pool, 2, NOW).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(shown(&pool, 3, later(299)).await, None, "both are on hold");
    drop(pool);
    ledger.close();
    let (_ledger, pool) = open(folder.path(), &config).await;
    assert_eq!(shown(&pool, 2, later(5)).await, Some(second));
    assert_eq!(shown(&pool, 1, later(5)).await, Some(first));
}

#[tokio::test]
async fn last_page_views_are_written_when_flushed() {
    let folder = tempfile::tempdir().unwrap();
    let config = config("5m", "canonical");
    let (ledger, pool) = open(folder.path(), &config).await;
    shown(&pool, 1, NOW).await;
    shown(&pool, 2, NOW).await;
    shown(&pool, 1, later(200)).await;
    pool.flush();
    drop(pool);
    ledger.close();
    let (_ledger, pool) = open(folder.path(), &config).await;
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
    let (ledger, pool) = open(folder.path(), &config).await;
    let first = shown(&pool, 1, NOW).await.unwrap();
    drop(leased(&pool, 2, NOW).await);
    assert!(shown(&pool, 3, NOW).await.is_some(), "the second number is free again");
    // Off hold, the first number is given to another session, whose page turns out to print none.
    drop(leased(&pool, 4, later(1000)).await);
    assert_eq!(shown(&pool, 1, later(1000)).await, Some(first), "still the first session's");
    pool.flush();
    ledger.settled().await;
    let holder = ledger.history("+12125550110").unwrap().holder.unwrap();
    assert_eq!((holder.session, holder.last_seen), (Some(session(1)), later(1000)));
}

#[tokio::test]
async fn two_pages_at_once_share_a_lease_and_one_showing_it_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_ledger, pool) = open(folder.path(), &config("5m", "canonical")).await;
    let first = leased(&pool, 1, NOW).await.unwrap();
    let second = leased(&pool, 1, NOW).await.unwrap();
    drop(first);
    let number = second.show().await.unwrap().number.e164().to_owned();
    drop(second);
    assert_eq!(holding(&pool, 1, NOW).await.unwrap().number().number.e164(), number);
}

#[tokio::test]
async fn when_all_are_on_hold_the_operator_may_let_the_oldest_go() {
    let folder = tempfile::tempdir().unwrap();
    let (_ledger, pool) = open(folder.path(), &config("5m", "oldest")).await;
    let first = shown(&pool, 1, NOW).await.unwrap();
    shown(&pool, 2, later(1)).await.unwrap();
    let lease = leased(&pool, 3, later(2)).await.unwrap();
    assert_eq!(lease.how(), How::Overflow);
    assert!(lease.show().await.unwrap().number.e164().ends_with(&first));
    assert!(holding(&pool, 1, later(3)).await.is_none(), "somebody else has it now");
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_shows_nothing_and_gives_the_number_back() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, pool) = open(folder.path(), &config("5m", "canonical")).await;
    let other = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    other.execute_batch("ALTER TABLE lease RENAME TO gone").unwrap();
    let lease = leased(&pool, 1, NOW).await.unwrap();
    assert!(lease.show().await.is_none());
    drop(lease);
    assert!(holding(&pool, 1, NOW).await.is_none());
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

mod a_flood {
    use super::*;
    use crate::pool::Network;

    const NUMBERS: usize = 50;
    const PEOPLE: u64 = 200;
    /// Seconds from one person's arrival to the next, and from one of their page views to the next.
    const ARRIVAL: u64 = 20;
    const PAGE: u64 = 60;
    const PAGES: u64 = 8;
    const FLOOD: u64 = 20_000;

    async fn pool(folder: &Path) -> Arc<NumberPool> {
        let mut text = "[[site]]\nname = \"plumber\"\nhosts = [\"www.example.com\"]\norigin = \"http://127.0.0.1:8000\"\n\
                        [[site.line]]\nname = \"main\"\ncanonical = \"+1 212 555 0100\"\n[[site.pool]]\nname = \"ads\"\n"
            .to_owned();
        let numbers: Vec<_> = (0..NUMBERS).map(|n| format!("+1 646 555 {n:04}")).collect();
        text += &format!("numbers = {numbers:?}\n");
        open(folder, &Config::parse(&text, Path::new("test.toml")).config.unwrap()).await.1
    }

    fn somebody(n: u64) -> Arc<Session> {
        let hash = SessionHash(u128::from(n).to_le_bytes());
        Arc::new(Session { hash, ..Session::clone(&super::somebody(0)) })
    }

    /// What a visit is shown, if it is shown a number.
    fn number(pool: &Arc<NumberPool>, session: &Arc<Session>, asking: Asking) -> Option<String> {
        let Reply::Now(Answer::Number(lease)) = pool.lease(session, asking) else { return None };
        assert!(pool.confirm(&lease, asking.now), "it is this session's");
        Some(lease.number().number.e164().to_owned())
    }

    /// People come and browse, and from half of the time on clients that keep no cookie come from so many networks. How many
    /// people got a number, all of whom kept it while they were there.
    async fn people_with_a_number(networks: u64) -> usize {
        let folder = tempfile::tempdir().unwrap();
        let pool = pool(folder.path()).await;
        let length = PEOPLE * ARRIVAL;
        let mut views: Vec<(u64, u64, u64)> = (0..PEOPLE)
            .flat_map(|person| {
                (0..PAGES).map(move |page| (1000 * (person * ARRIVAL + page * PAGE), person, page))
            })
            .collect();
        // A person's browser fetches the page's style sheet a moment later.
        views.extend((0..PEOPLE).map(|person| (1000 * person * ARRIVAL + 500, person, u64::MAX)));
        views.extend((0..FLOOD).map(|n| (500 * length * (FLOOD + n) / FLOOD + 1, PEOPLE + n, 0)));
        views.sort_unstable();
        let mut shown: Vec<Option<String>> = vec![None; PEOPLE as usize];
        for (millis, who, page) in views {
            let (now, session) = (NOW.plus(Duration::from_millis(millis)), somebody(who));
            let person = usize::try_from(who).ok().filter(|person| *person < shown.len());
            let address = match person {
                Some(person) => std::net::Ipv4Addr::new(10, person as u8, 0, 1),
                None => std::net::Ipv4Addr::from_bits(0xc633_6400 + (((who % networks) as u32) << 8)),
            };
            let asking = Asking { now, is_confirmed: page > 0, network: Some(Network::of(address.into())) };
            match person {
                Some(_) if page == u64::MAX => pool.confirm_session(session.hash),
                Some(person) if page == 0 => shown[person] = number(&pool, &session, asking),
                Some(person) if shown[person].is_some() => {
                    assert_eq!(
                        number(&pool, &session, asking),
                        shown[person],
                        "person {person}, page {page}"
                    );
                }
                Some(_) => {}
                None => drop(number(&pool, &session, asking)),
            }
        }
        shown.iter().flatten().count()
    }

    #[tokio::test]
    async fn from_one_network_takes_no_number_from_anybody() {
        assert_eq!(people_with_a_number(1).await, PEOPLE as usize);
    }

    #[tokio::test]
    async fn from_many_networks_takes_no_number_from_whoever_has_one() {
        let people = people_with_a_number(2_000).await;
        assert!(people >= PEOPLE as usize / 2, "{people} of {PEOPLE} got a number: those who came before");
    }
}

#[tokio::test]
async fn an_erased_session_holds_nothing_and_its_number_stays_on_hold() {
    let folder = tempfile::tempdir().unwrap();
    let (_ledger, pool) = open(folder.path(), &config("5m", "canonical")).await;
    let number = shown(&pool, 1, NOW).await;
    pool.erase(session(1));
    assert!(!pool.is_held_by(session(1)) && holding(&pool, 1, later(1)).await.is_none());
    assert!(shown(&pool, 2, later(1)).await.is_some_and(|other| Some(other) != number));
    assert!(leased(&pool, 3, later(2)).await.is_none(), "both are on hold");
    // Erased while somebody else is being given the number, who is not shown it after all.
    let late = later(3600);
    let lease = leased(&pool, 4, late).await.unwrap();
    pool.erase(session(2));
    pool.erase(session(1));
    drop(lease);
    assert!(!pool.is_held_by(session(2)) && !pool.is_held_by(session(1)));
}
