//! A pool on a ledger of either kind, as those who test it use it. Its clock goes as they say.
//!
//! A file's pool is told the time. A database tells it, by `dni_now()`, which here goes as far ahead of the clock on the wall as is
//! asked; what the nodes remember is aged with it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use super::postgresql::Postgres;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::ledger::postgres;
use crate::ledger::{Ledger, Place};
use crate::pool::{Answer, Asking, Lease, Network, NumberPool, Reply, hand_over};
use crate::visit::{Session, SessionHash, Source, Touch};

pub const FINGERPRINT: [u8; 16] = [7; 16];

/// When a file's pool begins.
const BEGIN: Timestamp = Timestamp(1_800_000_000_000);

/// `serve` flushes as often.
const FLUSH: Duration = Duration::from_millis(500);

const NUMBERLESS: &str = "[[site]]\nname = \"plumber\"\nhosts = [\"www.example.com\"]\norigin = \"http://127.0.0.1:8000\"\n\
                          [[site.line]]\nname = \"main\"\ncanonical = \"+1 212 555 0100\"\n[[site.pool]]\nname = \"ads\"\n";

/// A database's clock that goes ahead.
const CLOCK: &str = "
    CREATE TABLE IF NOT EXISTS ahead AS SELECT 0::bigint AS millis;
    UPDATE ahead SET millis = 0;
    CREATE OR REPLACE FUNCTION dni_now() RETURNS bigint LANGUAGE sql VOLATILE AS
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint + millis FROM ahead'";

/// What a ledger is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Database,
}

/// A pool, its ledger, and the nodes that use it.
pub struct Under {
    pub kind: Kind,
    config: Config,
    place: Place,
    eyes: Eyes,
    clock: Clock,
    nodes: Vec<Node>,
    _folder: TempDir,
}

/// A process that gives out the pool's numbers.
struct Node {
    ledger: Ledger,
    pool: Arc<NumberPool>,
    /// Sessions that began, and that were seen by their cookies, which the ledger is told of with the next flush.
    began: Vec<Arc<Session>>,
    seen: Vec<(SessionHash, Timestamp)>,
    flushed: Timestamp,
}

/// Looks at the ledger from outside.
enum Eyes {
    File(Connection),
    Database(Client),
}

enum Clock {
    Told(Timestamp),
    Ahead(Duration),
}

/// A row of the table `lease`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its last four digits.
    pub number: String,
    pub session: SessionHash,
    pub started: Timestamp,
    pub last_seen: Timestamp,
    pub shown: bool,
}

impl Kind {
    pub const EACH: [Kind; 2] = [Kind::File, Kind::Database];
}

/// Runs a test on each kind of ledger.
pub fn on_each(test: impl AsyncFn(Kind)) {
    for kind in Kind::EACH {
        println!("{kind:?}");
        runtime().block_on(test(kind));
    }
}

/// Whoever closes a ledger waits for its thread, which needs the runtime.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A site with a pool of so many numbers and these keys.
pub fn config(numbers: usize, keys: &str) -> Config {
    let numbers: Vec<_> = (0..numbers).map(|n| format!("+1 646 555 {n:04}")).collect();
    let text = format!("{NUMBERLESS}numbers = {numbers:?}\n{keys}\n");
    Config::parse(&text, Path::new("test.toml")).config.unwrap()
}

pub fn session(n: usize) -> SessionHash {
    SessionHash((n as u128 + 1).to_be_bytes())
}

/// A session that began then.
pub fn somebody(n: usize, started: Timestamp) -> Session {
    Session {
        hash: session(n),
        site: "plumber".into(),
        source: Source::direct(),
        touched: started,
        first: Arc::new(Touch { source: Source::direct(), time: started }),
        edition: 0,
        rule: None,
        shown: Vec::new(),
        shows: String::new(),
        started,
        last_seen: started,
        landing_page: "www.example.com/".to_owned(),
        referring_page: None,
    }
}

/// In memory, where there is such a place: nothing here is to outlast a power cut.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub async fn answer(reply: Reply) -> Answer {
    match reply {
        Reply::Now(answer) => answer,
        Reply::Later(coming) => coming.answer().await,
    }
}

pub fn number(answer: Answer) -> Option<Lease> {
    match answer {
        Answer::Number(lease) => Some(lease),
        Answer::Full(_) | Answer::Crowded(_) | Answer::Away(_) | Answer::None => None,
    }
}

/// The last four digits.
pub fn digits(lease: &Lease) -> String {
    lease.number().number.e164()[8..].to_owned()
}

impl Under {
    /// A pool on a ledger of its own.
    pub async fn open(kind: Kind, config: Config) -> Self {
        let database = match kind {
            Kind::File => String::new(),
            Kind::Database => Postgres::shared().database(),
        };
        Under::at(kind, &database, config, 1).await
    }

    /// So many nodes; those of a database have the one at this address, whatever was in it before.
    pub async fn at(kind: Kind, database: &str, config: Config, nodes: usize) -> Self {
        let folder = folder();
        let (place, clock) = match kind {
            Kind::File => (Place::Sqlite(folder.path().join("ledger.db")), Clock::Told(BEGIN)),
            Kind::Database => {
                // Reading all certificates of the system takes longer than most tests.
                let address = format!("{database}?sslmode=disable");
                let place = postgres::Place::parse(&address, folder.path(), None).unwrap();
                (Place::Postgres(Box::new(place)), Clock::Ahead(Duration::ZERO))
            }
        };
        if kind == Kind::Database {
            // It makes the tables.
            Ledger::at(&place, &FINGERPRINT).await.unwrap().close();
        }
        let eyes = Eyes::open(&place, database).await;
        let mut under = Under { kind, config, place, eyes, clock, nodes: Vec::new(), _folder: folder };
        if kind == Kind::Database {
            under.begin_anew().await;
        }
        for _ in 0..nodes {
            let node = under.node().await;
            under.nodes.push(node);
        }
        under
    }

    /// Nothing here is to outlast a power cut.
    async fn begin_anew(&self) {
        self.execute("ALTER SYSTEM SET fsync = off").await;
        self.execute("SELECT pg_reload_conf()").await;
        self.execute(CLOCK).await;
        self.execute("TRUNCATE lease, session, page, click, overflow, number, pool").await;
    }

    async fn node(&self) -> Node {
        let ledger = Ledger::at(&self.place, &FINGERPRINT).await.unwrap();
        let mut pools = hand_over(&self.config.sites, &[], &ledger).await.unwrap().remove(0);
        Node { ledger, pool: pools.remove(0), began: Vec::new(), seen: Vec::new(), flushed: self.now() }
    }

    pub fn now(&self) -> Timestamp {
        match self.clock {
            Clock::Told(now) => now,
            Clock::Ahead(ahead) => Timestamp::now().plus(ahead),
        }
    }

    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    pub fn pool(&self, node: usize) -> &Arc<NumberPool> {
        &self.nodes[node].pool
    }

    pub fn ledger(&self, node: usize) -> &Ledger {
        &self.nodes[node].ledger
    }

    /// A number for somebody who has shown a cookie.
    pub async fn lease(&self, n: usize) -> Option<Lease> {
        number(self.ask(0, somebody(n, self.now()), true, None).await)
    }

    /// What a session is given that comes to this node.
    pub async fn ask(
        &self,
        node: usize,
        session: Session,
        is_confirmed: bool,
        network: Option<Network>,
    ) -> Answer {
        let asking = Asking { now: self.now(), is_confirmed, network };
        answer(self.pool(node).lease(&Arc::new(session), asking)).await
    }

    /// What a session has that comes to this node.
    pub async fn look(&self, node: usize, session: Session, is_confirmed: bool) -> Answer {
        let asking = Asking { now: self.now(), is_confirmed, network: None };
        answer(self.pool(node).holding(&Arc::new(session), asking)).await
    }

    /// The number that somebody has.
    pub async fn holding(&self, n: usize) -> Option<Lease> {
        number(self.look(0, somebody(n, self.now()), true).await)
    }

    /// Whether a lease may be shown now; then it is.
    pub async fn show(&self, lease: &Lease) -> bool {
        lease.show_at(self.now()).await.is_some()
    }

    /// Leases and shows: the number's last four digits.
    pub async fn shown(&self, n: usize) -> Option<String> {
        let lease = self.lease(n).await?;
        self.show(&lease).await.then(|| digits(&lease))
    }

    /// A session begins at this node.
    pub fn begins(&mut self, node: usize, session: Session) {
        self.nodes[node].began.push(Arc::new(session));
    }

    /// A session has shown its cookie to this node.
    pub fn sees(&mut self, node: usize, session: SessionHash) {
        let now = self.now();
        self.nodes[node].pool.confirm_session(session);
        self.nodes[node].seen.push((session, now));
    }

    /// As `serve` has a session erased.
    pub async fn erase(&self, n: usize) {
        self.nodes.iter().for_each(|node| node.pool.erase(session(n)));
        self.ledger(0).erase(session(n)).await.unwrap();
        self.nodes.iter().for_each(|node| node.pool.erase(session(n)));
    }

    /// A node hands over what the ledger is told of late, and it is on disk.
    pub async fn flush(&mut self, node: usize) {
        let now = self.now();
        let of = &mut self.nodes[node];
        of.pool.flush();
        of.ledger.sessions(std::mem::take(&mut of.began));
        of.ledger.sessions_seen(std::mem::take(&mut of.seen));
        of.flushed = now;
        is_written(&of.ledger).await;
        // It takes note of what is durable.
        of.pool.flush();
    }

    /// Waits until the ledger has what it was told.
    pub async fn settle(&self) {
        for node in &self.nodes {
            is_written(&node.ledger).await;
        }
    }

    /// Whether a node has to flush before so much time has passed.
    pub fn must_flush(&self, node: usize, time: Duration) -> bool {
        self.now().plus(time).since(self.nodes[node].flushed) > FLUSH
    }

    /// So much time passes. Meanwhile the nodes flush as often as they do.
    pub async fn later(&mut self, time: Duration) {
        for node in 0..self.nodes.len() {
            self.flush(node).await;
        }
        self.turn(time).await;
    }

    /// So much time passes, in which nobody flushes.
    pub async fn turn(&mut self, time: Duration) {
        self.settle().await;
        match &mut self.clock {
            Clock::Told(now) => *now = now.plus(time),
            Clock::Ahead(ahead) => {
                *ahead += time;
                self.set_clock().await;
                self.nodes.iter().for_each(|node| node.pool.age(time));
            }
        }
    }

    pub async fn seconds_later(&mut self, seconds: u64) {
        self.later(Duration::from_secs(seconds)).await;
    }

    /// The clock of a file's pool is set back.
    pub fn set_back(&mut self, time: Duration) {
        let Clock::Told(now) = &mut self.clock else { panic!("a database's is nobody's to set") };
        *now = now.minus(time);
    }

    async fn set_clock(&self) {
        if let Clock::Ahead(ahead) = self.clock {
            self.execute(&format!("UPDATE ahead SET millis = {}", ahead.as_millis())).await;
        }
    }

    /// A node stops, and starts again.
    pub async fn restart(&mut self, node: usize) {
        self.flush(node).await;
        self.crash(node).await;
    }

    /// A node is gone with what the ledger was not told, and starts again.
    pub async fn crash(&mut self, node: usize) {
        self.stop(node);
        self.nodes[node] = self.node().await;
    }

    /// From here on a node's ledger takes nothing.
    pub fn stop(&self, node: usize) {
        self.nodes[node].ledger.close();
    }

    pub async fn execute(&self, sql: &str) {
        match &self.eyes {
            Eyes::File(connection) => connection.execute_batch(sql).unwrap(),
            Eyes::Database(client) => client.batch_execute(sql).await.unwrap(),
        }
    }

    /// All leases as the ledger knows them, in the order in which they began.
    pub async fn leases(&self) -> Vec<Row> {
        let sql = "SELECT number, session, started, last_seen, shown FROM lease ORDER BY started, id";
        match &self.eyes {
            Eyes::File(connection) => {
                let mut statement = connection.prepare_cached(sql).unwrap();
                let read = |row: &rusqlite::Row<'_>| {
                    Ok(Row {
                        number: row.get::<_, String>(0)?[8..].to_owned(),
                        session: SessionHash(row.get(1)?),
                        started: Timestamp(row.get(2)?),
                        last_seen: Timestamp(row.get(3)?),
                        shown: row.get(4)?,
                    })
                };
                statement.query_map([], read).unwrap().map(Result::unwrap).collect()
            }
            Eyes::Database(client) => {
                let read = |row: &tokio_postgres::Row| Row {
                    number: row.get::<_, &str>(0)[8..].to_owned(),
                    session: SessionHash(row.get::<_, &[u8]>(1).try_into().unwrap()),
                    started: Timestamp(row.get(2)),
                    last_seen: Timestamp(row.get(3)),
                    shown: row.get(4),
                };
                client.query(sql, &[]).await.unwrap().iter().map(read).collect()
            }
        }
    }

    /// Whom a number was last shown to before then.
    pub async fn holder_at(&self, number: &str, time: Timestamp) -> Option<Row> {
        let mut leases = self.leases().await;
        leases.retain(|row| row.shown && row.number == number && row.started <= time);
        leases.pop()
    }
}

impl Drop for Under {
    fn drop(&mut self) {
        self.nodes.iter().for_each(|node| node.ledger.close());
    }
}

impl Eyes {
    async fn open(place: &Place, database: &str) -> Self {
        match place {
            Place::Sqlite(path) => Eyes::File(Connection::open(path).unwrap()),
            Place::Postgres(_) => {
                let (client, connection) = tokio_postgres::connect(database, NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute("SET synchronous_commit = off").await.unwrap();
                Eyes::Database(client)
            }
        }
    }
}

/// Waits until all that was asked for is written. A database that was too busy for it is asked again by the ledger itself.
async fn is_written(ledger: &Ledger) {
    ledger.settled().await;
    while ledger.health().trouble().is_some() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        ledger.settled().await;
    }
}
