//! The ledger on disk, looked at from outside while the program runs or lies dead.

use std::path::Path;

use dni_edge::config::{Keys, Secret};
use dni_edge::visit::SessionId;
use rusqlite::{Connection, params};

use super::GUARD;
use super::edge::Edge;

pub struct Ledger(Connection);

/// A row of the table `lease`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseRow {
    pub number: String,
    pub session: [u8; 16],
    pub how: String,
    pub provisional: bool,
    pub shown: bool,
}

impl Ledger {
    pub fn of(edge: &Edge) -> Self {
        Ledger::at(&edge.folder().join("ledger.db"))
    }

    pub fn at(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        connection.busy_timeout(GUARD).unwrap();
        Ledger(connection)
    }

    /// Of its tables.
    pub fn version(&self) -> i64 {
        self.0.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    /// The page that a table or an index begins at, counted from 1.
    pub fn root_of(&self, name: &str) -> u64 {
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        let page: i64 = self.0.query_row(sql, [name], |row| row.get(0)).unwrap();
        page.try_into().unwrap()
    }

    /// Whether SQLite finds nothing wrong with it.
    pub fn is_whole(&self) -> bool {
        let found: String = self.0.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        found == "ok"
    }

    /// Rows of a table.
    pub fn count(&self, table: &str) -> i64 {
        self.0.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    /// All leases in the order they were written.
    pub fn leases(&self) -> Vec<LeaseRow> {
        let sql = "SELECT number, session, how, provisional, shown FROM lease ORDER BY id";
        let mut statement = self.0.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| {
            Ok(LeaseRow {
                number: row.get(0)?,
                session: row.get(1)?,
                how: row.get(2)?,
                provisional: row.get(3)?,
                shown: row.get(4)?,
            })
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// All sessions that have begun.
    pub fn sessions(&self) -> Vec<[u8; 16]> {
        let mut statement = self.0.prepare("SELECT id FROM session").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// Whether this session was shown this number.
    pub fn knows(&self, number: &str, session: [u8; 16]) -> bool {
        let sql = "SELECT count(*) FROM lease WHERE number = ?1 AND session = ?2 AND shown = 1";
        self.0.query_row(sql, params![number, session], |row| row.get::<_, i64>(0)).unwrap() > 0
    }

    /// Source, medium and campaign of a session; none where it is not there.
    pub fn source_of(&self, session: [u8; 16]) -> Option<(String, String, Option<String>)> {
        let sql = "SELECT source, medium, campaign FROM session WHERE id = ?1";
        self.0
            .query_row(sql, params![session], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .map_or_else(|error| none_where_absent(&error), Some)
    }

    /// The sessions that brought a click first.
    pub fn clicks(&self) -> Vec<[u8; 16]> {
        let mut statement = self.0.prepare("SELECT session FROM click").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// The pages that a session's visitor opened.
    pub fn journey_of(&self, session: [u8; 16]) -> Vec<String> {
        let mut statement =
            self.0.prepare("SELECT page FROM page WHERE session = ?1 ORDER BY time, rowid").unwrap();
        statement.query_map([session], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// What brought a session's visitor first, and last.
    pub fn touches_of(&self, session: [u8; 16]) -> Option<serde_json::Value> {
        let sql = "SELECT touch FROM session WHERE id = ?1 ORDER BY started DESC LIMIT 1";
        let touches: Option<String> = self
            .0
            .query_row(sql, [session], |row| row.get(0))
            .map_or_else(|error| none_where_absent(&error), Some);
        touches.map(|touches| serde_json::from_str(&touches).unwrap())
    }

    /// Whether a session's last page view is a later one than its first.
    pub fn was_seen_again(&self, session: [u8; 16]) -> bool {
        let sql = "SELECT count(*) FROM session WHERE id = ?1 AND last_seen > started";
        self.0.query_row(sql, [session], |row| row.get::<_, i64>(0)).unwrap() > 0
    }

    /// Makes all that is known of a session so many days older.
    pub fn make_older(&self, session: [u8; 16], days: i64) {
        for (table, id, times) in [
            ("session", "id", "started = started - ?2, last_seen = last_seen - ?2"),
            ("page", "session", "session_started = session_started - ?2, time = time - ?2"),
            ("lease", "session", "started = started - ?2, last_seen = last_seen - ?2"),
        ] {
            let sql = format!("UPDATE {table} SET {times} WHERE {id} = ?1");
            self.0.execute(&sql, params![session, days * 24 * 60 * 60 * 1000]).unwrap();
        }
    }

    /// Waits until the ledger is as the test wants it: what is written best-effort comes a little later.
    pub fn wait_until(&self, what: &str, holds: impl Fn(&Ledger) -> bool) {
        let begun = std::time::Instant::now();
        while !holds(self) {
            assert!(begun.elapsed() < GUARD, "{what}: {:#?}", self.leases());
            std::thread::yield_now();
        }
    }

    pub fn execute(&self, sql: &str) {
        self.0.execute_batch(sql).unwrap();
    }

    /// The statement that made a table.
    pub fn definition_of(&self, table: &str) -> String {
        let sql = "SELECT sql FROM sqlite_master WHERE name = ?1";
        self.0.query_row(sql, params![table], |row| row.get(0)).unwrap()
    }

    /// Keeps everybody else from writing, until [`Ledger::let_go`].
    pub fn hold(&self) {
        self.execute("BEGIN EXCLUSIVE");
    }

    pub fn let_go(&self) {
        self.execute("ROLLBACK");
    }
}

fn none_where_absent<T>(error: &rusqlite::Error) -> Option<T> {
    assert_eq!(*error, rusqlite::Error::QueryReturnedNoRows);
    None
}

/// What the ledger calls the session that has this cookie. Panics for a cookie that the program did not sign.
pub fn session_of(folder: &Path, cookie: &str) -> [u8; 16] {
    let keys = Keys::load(&Secret::File(folder.join("secret"))).unwrap();
    SessionId::verify(cookie, "plumber", &keys).expect("a cookie of ours").hash(&keys).0
}
