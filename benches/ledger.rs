//! How soon a lease is on the disk, and how many in a second: in a file, and in PostgreSQL.

#[path = "../tests/promises/support/postgresql.rs"]
#[allow(dead_code, reason = "tests do more to it")]
mod postgresql;
#[path = "support/ratios.rs"]
mod ratios;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use criterion::Criterion;
use dni_edge::Timestamp;
use dni_edge::ledger::postgres::{Asked, Database, Giving, Place, PoolId, Wanted};
use dni_edge::ledger::{Commit, How, LeaseRecord, Ledger};
use dni_edge::visit::{Landing, Session, SessionHash, Source, Touch};
use futures_util::future::join_all;
use postgresql::Postgres;
use ratios::Line;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

const SUMMARY: [Line; 7] = [
    // A quarter of what a log takes that is synced for each record.
    Line { of: "file/one at a time", by: Some("file/write and fdatasync"), limit: Some(4.0) },
    // 64 in 12.8 ms are 5,000 in a second.
    Line { of: "file/64 at once", by: None, limit: Some(12_800_000.0) },
    // Where a disk takes a tenth of a millisecond to sync, these tell what SQLite costs, and no more what the disk does.
    Line { of: "file/64 at once", by: Some("file/64 at once in a bare log"), limit: None },
    Line { of: "file/64 at once", by: Some("file/write 64 and fdatasync"), limit: None },
    Line { of: "database/one at a time", by: None, limit: None },
    // 64 in 21.3 ms are 3,000 in a second.
    Line { of: "database/64 at once", by: None, limit: Some(21_333_333.0) },
    Line {
        of: "database/64 at once",
        by: Some("database/64 at once, a transaction each"),
        limit: Some(1.0 / 3.0),
    },
];

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// Who asks at once.
const CLIENTS: usize = 64;

/// A node's to the database.
const CONNECTIONS: usize = 8;

/// A number is not given again within a second: there are enough for the fastest.
const POOLS: usize = 400;
const NUMBERS: usize = 100;

fn main() -> ExitCode {
    ratios::run(&SUMMARY, |criterion| {
        file(criterion);
        database(criterion);
    })
}

fn file(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("file");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3)).sample_size(50);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the ledger");
    let floor = File::create(folder.path().join("floor")).expect("a file beside the ledger");
    for (name, count) in [("write and fdatasync", 1), ("write 64 and fdatasync", CLIENTS)] {
        let mut end = 0;
        group.bench_function(name, |b| {
            b.iter(|| {
                for _ in 0..count {
                    floor.write_all_at(&[7; 256], end).expect("a file that can be written");
                    end += 256;
                }
                floor.sync_data().expect("a file that can be written");
            })
        });
    }
    let log = Log::open(&folder.path().join("log"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    group.bench_function("64 at once in a bare log", |b| {
        b.iter(|| {
            let commits: Vec<_> = (0..CLIENTS).map(|_| log.keep()).collect();
            runtime.block_on(async {
                for commit in commits {
                    commit.await.expect("a file that can be written");
                }
            });
        })
    });
    log.close();
    let ledger = Ledger::open(&folder.path().join("ledger.db"), &[7; 16]).expect("a ledger");
    let mut leases = 0;
    for (name, count) in [("one at a time", 1), ("64 at once", 64)] {
        group.bench_function(name, |b| {
            b.iter(|| {
                leases += count;
                let commits: Vec<Commit> =
                    (leases - count..leases).map(|lease| ledger.lease(record(lease))).collect();
                runtime.block_on(async {
                    for commit in &commits {
                        assert!(commit.durable().await, "the ledger takes the lease");
                    }
                });
            })
        });
    }
    group.finish();
    ledger.close();
}

/// What a lease's two rows hold, at the least.
const RECORD: usize = 512;

/// A log and nothing else, for clients as the ledger has them: what they want kept is written by one thread, as much at once as came
/// in while it was busy, and each is told once it is on the disk.
struct Log {
    records: Sender<(Box<[u8]>, oneshot::Sender<()>)>,
    thread: JoinHandle<()>,
}

impl Log {
    fn open(path: &Path) -> Self {
        let file = File::create(path).expect("a file beside the ledger");
        let (records, kept) = channel::<(Box<[u8]>, oneshot::Sender<()>)>();
        let thread = std::thread::spawn(move || {
            let mut end = 0;
            while let Ok(first) = kept.recv() {
                let group: Vec<_> = std::iter::once(first).chain(kept.try_iter()).collect();
                for (record, _) in &group {
                    file.write_all_at(record, end).expect("a file that can be written");
                    end += record.len() as u64;
                }
                file.sync_data().expect("a file that can be written");
                group.into_iter().for_each(|(_, told)| _ = told.send(()));
            }
        });
        Log { records, thread }
    }

    fn keep(&self) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        self.records.send((Box::new([7; RECORD]), tell)).expect("the log's thread");
        told
    }

    fn close(self) {
        drop(self.records);
        self.thread.join().expect("the log's end");
    }
}

fn record(lease: i64) -> LeaseRecord {
    LeaseRecord {
        number: format!("+1212555{:04}", lease % 200).into(),
        epoch: lease / 200 + 1,
        site: "plumber".into(),
        pool: "ads".into(),
        line: "main".into(),
        session: Arc::new(somebody(lease as u64)),
        started: Timestamp(NOW.0 + lease),
        how: How::Fresh,
        is_provisional: false,
    }
}

fn somebody(number: u64) -> Session {
    let hash = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_le_bytes();
    let landing =
        Landing { query: Some("gclid=EAIaIQobChMI"), referrer: None, own_hosts: &[], ..Landing::default() };
    Session {
        hash: SessionHash(hash),
        site: "plumber".into(),
        source: Source::of(&landing, None),
        touched: NOW,
        first: Arc::new(Touch { source: Source::direct(), time: NOW }),
        edition: 0,
        rule: Some(0),
        shown: Vec::new(),
        shows: "pool:ads".to_owned(),
        started: NOW,
        last_seen: NOW,
        landing_page: "www.example.com/?gclid=EAIaIQobChMI".to_owned(),
        referring_page: None,
    }
}

fn database(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("database");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(4)).sample_size(40);
    let (server, runtime) = (Postgres::start(), Runtime::new().expect("a runtime"));
    let url = server.database();
    let place = Place::parse(&url, Path::new("/"), None).expect("an address");
    let ledger = runtime.block_on(Ledger::connect(&place, &[7; 16])).expect("a ledger");
    let pools: Vec<PoolId> = (0..POOLS).map(|pool| runtime.block_on(configure(&ledger, pool))).collect();
    let mut clients = 0;
    for (name, count) in [("one at a time", 1), ("64 at once", CLIENTS)] {
        group.bench_function(name, |b| {
            b.iter(|| {
                let asking = (clients..clients + count).map(|client| lease(&ledger, asking(&pools, client)));
                clients += count;
                assert!(
                    runtime.block_on(join_all(asking)).into_iter().all(|given| given),
                    "there is a number"
                );
            })
        });
    }
    // The same statements, for one who asks at a time.
    let (database, _) = ledger.shared().expect("a database");
    group.bench_function("64 at once, a transaction each", |b| {
        b.iter(|| {
            let each = CLIENTS / CONNECTIONS;
            let asking = (0..CONNECTIONS).map(|connection| {
                let first = clients + connection * each;
                let asked: Vec<Asked> = (first..first + each).map(|client| asking(&pools, client)).collect();
                runtime.spawn(one_by_one(database.clone(), asked))
            });
            let given = asking.collect::<Vec<_>>();
            clients += CLIENTS;
            for given in given {
                assert!(runtime.block_on(given).expect("a task"), "there is a number");
            }
        })
    });
    group.finish();
    let closed = runtime.block_on(async { tokio::task::spawn_blocking(move || ledger.close()).await });
    closed.expect("the ledger's end");
}

async fn configure(ledger: &Ledger, pool: usize) -> PoolId {
    let numbers: Vec<String> = (0..NUMBERS).map(|number| format!("+1646{pool:04}{number:03}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let (database, _) = ledger.shared().expect("a database");
    let name = format!("ads{pool}");
    let wanted = Wanted { site: "plumber", name: &name, numbers: &numbers };
    database.configure(wanted).await.expect("a pool")
}

/// A visitor who was never there.
fn asking(pools: &[PoolId], client: usize) -> Asked {
    Asked {
        pool: pools[client % pools.len()],
        site: "plumber".into(),
        name: "ads".into(),
        line: "main".into(),
        session: Arc::new(somebody(client as u64)),
        is_confirmed: true,
        network: None,
        hold: Duration::ZERO,
        provisional_hold: Duration::ZERO,
        cap: 0,
        may_take_oldest: false,
        may_lease: true,
    }
}

/// Whether there was a number.
async fn lease(ledger: &Ledger, asked: Asked) -> bool {
    let (_, leases) = ledger.shared().expect("a database");
    let (tell, told) = oneshot::channel();
    let told_of = move |giving| {
        let _ = tell.send(matches!(giving, Giving::Number(_)));
    };
    leases.ask(asked, told_of).expect("a database");
    told.await.unwrap_or(false)
}

/// The same, each in a transaction of its own.
async fn one_by_one(database: Database, asked: Vec<Asked>) -> bool {
    for asked in asked {
        let given = database.give(&[asked]).await.expect("a database");
        if !matches!(given[..], [Giving::Number(_)]) {
            return false;
        }
    }
    true
}
