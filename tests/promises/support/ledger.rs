//! The ledger, looked at from outside while the program runs or lies dead.

use std::path::Path;
use std::sync::Mutex;

use dni_edge::Timestamp;
use dni_edge::config::{Keys, Secret};
use dni_edge::visit;
use postgres::types::{FromSql, ToSql, Type};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::GUARD;
use super::edge::Edge;

/// A file, or a database.
pub enum Ledger {
    File(Mutex<Connection>),
    Database(Mutex<postgres::Client>),
}

/// A row of the table `lease`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseRow {
    pub number: String,
    pub session: [u8; 16],
    pub how: String,
    pub provisional: bool,
    pub shown: bool,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Ledger {
    /// Of a proxy, where its configuration keeps it.
    pub fn of(edge: &Edge) -> Self {
        let written = std::fs::read_to_string(edge.config()).unwrap();
        let written: toml::Table = written.parse().unwrap();
        let place = written["server"]["ledger"].as_str().unwrap();
        match place.strip_prefix("sqlite:") {
            Some(file) => Ledger::at(&edge.folder().join(file)),
            None => Ledger::in_database(place),
        }
    }

    pub fn at(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        connection.busy_timeout(GUARD).unwrap();
        Ledger::File(Mutex::new(connection))
    }

    /// In a database at this address.
    fn in_database(url: &str) -> Self {
        Ledger::Database(Mutex::new(postgres::Client::connect(url, postgres::NoTls).unwrap()))
    }

    /// Rows of a query, whose parameters are `?1`, `?2`.
    pub fn rows(&self, sql: &str, parameters: &[&Value]) -> Vec<Vec<Value>> {
        match self {
            Ledger::File(connection) => {
                let connection = connection.lock().unwrap();
                let mut statement = connection.prepare(sql).unwrap();
                let columns = statement.column_count();
                let rows = statement.query_map(rusqlite::params_from_iter(parameters), |row| {
                    Ok((0..columns).map(|column| Value::from(row.get_ref(column).unwrap())).collect())
                });
                rows.unwrap().map(Result::unwrap).collect()
            }
            Ledger::Database(client) => {
                let parameters: Vec<_> = parameters.iter().map(|value| value.as_parameter()).collect();
                let rows = client.lock().unwrap().query(&sql.replace('?', "$"), &parameters).unwrap();
                rows.iter().map(|row| (0..row.len()).map(|column| row.get(column)).collect()).collect()
            }
        }
    }

    fn one(&self, sql: &str, parameters: &[&Value]) -> Option<Vec<Value>> {
        self.rows(sql, parameters).pop()
    }

    pub fn execute(&self, sql: &str) {
        match self {
            Ledger::File(connection) => connection.lock().unwrap().execute_batch(sql).unwrap(),
            Ledger::Database(client) => client.lock().unwrap().batch_execute(sql).unwrap(),
        }
    }

    /// Of its tables, in a file.
    pub fn version(&self) -> i64 {
        self.one("PRAGMA user_version", &[]).unwrap()[0].number()
    }

    /// The page that a table or an index begins at, counted from 1.
    pub fn root_of(&self, name: &str) -> u64 {
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        let page = self.one(sql, &[&name.into()]).unwrap()[0].number();
        page.try_into().unwrap()
    }

    /// Whether SQLite finds nothing wrong with it.
    pub fn is_whole(&self) -> bool {
        let found = self.one("PRAGMA integrity_check", &[]).unwrap()[0].text();
        found == "ok"
    }

    /// Rows of a table.
    pub fn count(&self, table: &str) -> i64 {
        self.one(&format!("SELECT count(*) FROM {table}"), &[]).unwrap()[0].number()
    }

    /// All leases in the order they were written.
    pub fn leases(&self) -> Vec<LeaseRow> {
        let rows = self.rows("SELECT number, session, how, provisional, shown FROM lease ORDER BY id", &[]);
        let read = |row: Vec<Value>| LeaseRow {
            number: row[0].text(),
            session: row[1].hash(),
            how: row[2].text(),
            provisional: row[3].number() == 1,
            shown: row[4].number() == 1,
        };
        rows.into_iter().map(read).collect()
    }

    /// All taps, by number and session, in the order they were written; once there are so many.
    pub fn taps(&self, count: usize) -> Vec<(String, [u8; 16])> {
        let rows = |ledger: &Ledger| ledger.rows("SELECT number, session FROM tap ORDER BY time", &[]);
        self.wait_until("as many taps", |ledger| rows(ledger).len() >= count);
        rows(self).iter().map(|row| (row[0].text(), row[1].hash())).collect()
    }

    /// All sessions that have begun.
    pub fn sessions(&self) -> Vec<[u8; 16]> {
        self.rows("SELECT id FROM session", &[]).iter().map(|row| row[0].hash()).collect()
    }

    /// Whether this session was shown this number.
    pub fn knows(&self, number: &str, session: [u8; 16]) -> bool {
        let sql =
            "SELECT count(*) FROM lease WHERE number = ?1 AND session = ?2 AND CAST(shown AS INTEGER) = 1";
        self.one(sql, &[&number.into(), &session.into()]).unwrap()[0].number() > 0
    }

    /// Source, medium and campaign of a session; none where it is not there.
    pub fn source_of(&self, session: [u8; 16]) -> Option<(String, String, Option<String>)> {
        let row =
            self.one("SELECT source, medium, campaign FROM session WHERE id = ?1", &[&session.into()])?;
        Some((row[0].text(), row[1].text(), (row[2] != Value::Null).then(|| row[2].text())))
    }

    /// The sessions that brought a click first.
    pub fn clicks(&self) -> Vec<[u8; 16]> {
        self.rows("SELECT session FROM click", &[]).iter().map(|row| row[0].hash()).collect()
    }

    /// The pages that a session's visitor opened.
    pub fn journey_of(&self, session: [u8; 16]) -> Vec<String> {
        let rows = self.rows("SELECT page FROM page WHERE session = ?1 ORDER BY time", &[&session.into()]);
        rows.iter().map(|row| row[0].text()).collect()
    }

    /// What brought a session's visitor first, and last.
    pub fn touches_of(&self, session: [u8; 16]) -> Option<serde_json::Value> {
        let sql = "SELECT touch FROM session WHERE id = ?1 ORDER BY started DESC LIMIT 1";
        self.one(sql, &[&session.into()]).map(|row| serde_json::from_str(&row[0].text()).unwrap())
    }

    /// Whether a session's last page view is a later one than its first.
    pub fn was_seen_again(&self, session: [u8; 16]) -> bool {
        let sql = "SELECT count(*) FROM session WHERE id = ?1 AND last_seen > started";
        self.one(sql, &[&session.into()]).unwrap()[0].number() > 0
    }

    /// Makes all that is known of a session so many days older.
    pub fn make_older(&self, session: [u8; 16], days: i64) {
        let by = days * 24 * 60 * 60 * 1000;
        let id: String = session.iter().map(|byte| format!("{byte:02x}")).collect();
        let id = match self {
            Ledger::File(_) => format!("x'{id}'"),
            Ledger::Database(_) => format!("decode('{id}', 'hex')"),
        };
        for (table, column, times) in [
            ("session", "id", &["started", "last_seen"][..]),
            ("page", "session", &["session_started", "time"]),
            ("lease", "session", &["session_started", "started", "last_seen"]),
        ] {
            let set: Vec<_> = times.iter().map(|time| format!("{time} = {time} - {by}")).collect();
            self.execute(&format!("UPDATE {table} SET {} WHERE {column} = {id}", set.join(", ")));
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

    /// The statement that made a table, in a file.
    pub fn definition_of(&self, table: &str) -> String {
        self.one("SELECT sql FROM sqlite_master WHERE name = ?1", &[&table.into()]).unwrap()[0].text()
    }

    /// Keeps everybody else from writing, until [`Ledger::let_go`].
    pub fn hold(&self) {
        self.execute(match self {
            Ledger::File(_) => "BEGIN EXCLUSIVE",
            Ledger::Database(_) => "BEGIN; LOCK TABLE lease IN EXCLUSIVE MODE",
        });
    }

    pub fn let_go(&self) {
        self.execute("ROLLBACK");
    }
}

impl Value {
    fn as_parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Value::Null => &None::<i64>,
            Value::Number(number) => number,
            Value::Text(text) => text,
            Value::Bytes(bytes) => bytes,
        }
    }

    pub fn number(&self) -> i64 {
        let Value::Number(number) = self else { panic!("{self:?}") };
        *number
    }

    pub fn time(&self) -> Timestamp {
        Timestamp(self.number())
    }

    fn text(&self) -> String {
        let Value::Text(text) = self else { panic!("{self:?}") };
        text.clone()
    }

    fn hash(&self) -> [u8; 16] {
        let Value::Bytes(bytes) = self else { panic!("{self:?}") };
        bytes.as_slice().try_into().unwrap()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<[u8; 16]> for Value {
    fn from(hash: [u8; 16]) -> Self {
        Value::Bytes(hash.to_vec())
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Number(number),
            ValueRef::Text(text) => Value::Text(String::from_utf8(text.to_vec()).unwrap()),
            ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
            ValueRef::Real(real) => panic!("{real}"),
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::Value as Column;
        Ok(rusqlite::types::ToSqlOutput::Owned(match self.clone() {
            Value::Null => Column::Null,
            Value::Number(number) => Column::Integer(number),
            Value::Text(text) => Column::Text(text),
            Value::Bytes(bytes) => Column::Blob(bytes),
        }))
    }
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(of: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *of {
            Type::BOOL => Value::Number(i64::from(bool::from_sql(of, raw)?)),
            Type::INT4 => Value::Number(i32::from_sql(of, raw)?.into()),
            Type::INT8 => Value::Number(i64::from_sql(of, raw)?),
            Type::BYTEA => Value::Bytes(Vec::from_sql(of, raw)?),
            _ => Value::Text(String::from_sql(of, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// What the ledger calls the session that has this cookie. Panics for a cookie that the program did not sign.
pub fn session_of(folder: &Path, cookie: &str) -> [u8; 16] {
    let keys = Keys::load(&Secret::File(folder.join("secret"))).unwrap();
    let (id, _) = visit::verify(cookie, "plumber", &keys).expect("a cookie of ours");
    id.hash(&keys).0
}
