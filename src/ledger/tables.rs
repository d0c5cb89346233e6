//! The tables, as one version of the program after another added to them.
//!
//! A ledger's version, SQLite's `user_version`, is how many of the steps it has been through. A step that was released is
//! never changed: what is to be different takes another step.

use rusqlite::{Connection, params};

/// Each step takes a ledger from the version that is its place to the next.
const STEPS: [&str; 4] = [FIRST, JOURNEYS, KEEPING, CALLS];

/// The version of the tables that this program writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;

const FIRST: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE session (
        id BLOB NOT NULL,
        site TEXT NOT NULL,
        started INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        channel TEXT NOT NULL,
        source TEXT NOT NULL,
        medium TEXT NOT NULL,
        campaign TEXT,
        touch TEXT NOT NULL,
        landing_page TEXT NOT NULL,
        referring_page TEXT,
        rule INTEGER,
        shows TEXT NOT NULL,
        PRIMARY KEY (id, started)
    ) WITHOUT ROWID;
    CREATE TABLE lease (
        id INTEGER PRIMARY KEY,
        number TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        site TEXT NOT NULL,
        pool TEXT NOT NULL,
        line TEXT NOT NULL,
        session BLOB NOT NULL,
        session_started INTEGER NOT NULL,
        source TEXT NOT NULL,
        medium TEXT NOT NULL,
        started INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        how TEXT NOT NULL,
        shown INTEGER NOT NULL DEFAULT 1
    );
    CREATE INDEX lease_number ON lease (number, started);
";

/// Ledgers of the first version may have these already.
const JOURNEYS: &str = "
    CREATE TABLE IF NOT EXISTS page (
        session BLOB NOT NULL,
        session_started INTEGER NOT NULL,
        time INTEGER NOT NULL,
        page TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS page_session ON page (session, session_started);
    CREATE TABLE IF NOT EXISTS click (id BLOB PRIMARY KEY, session BLOB NOT NULL) WITHOUT ROWID;
";

/// Who had shown no cookie when the number was given, how often a pool had none left, and ways to what is old.
const KEEPING: &str = "
    ALTER TABLE lease ADD COLUMN provisional INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE overflow (
        site TEXT NOT NULL,
        pool TEXT NOT NULL,
        times INTEGER NOT NULL,
        since INTEGER NOT NULL,
        PRIMARY KEY (site, pool)
    ) WITHOUT ROWID;
    CREATE INDEX lease_started ON lease (started);
    CREATE INDEX session_started ON session (started);
    CREATE INDEX click_session ON click (session);
";

/// Calls, who may have made them, and what carriers told of them; taps on numbers; and where numbers are at home, those that were
/// leased before included.
const CALLS: &str = "
    CREATE TABLE call (
        id BLOB PRIMARY KEY,
        carrier TEXT NOT NULL,
        carrier_call TEXT NOT NULL,
        site TEXT,
        line TEXT,
        number TEXT NOT NULL,
        caller BLOB,
        started INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX call_started ON call (started);
    CREATE INDEX call_caller ON call (caller, started);
    CREATE INDEX call_site ON call (site, started);
    CREATE TABLE candidate (
        call BLOB NOT NULL,
        place INTEGER NOT NULL,
        session BLOB,
        probability REAL NOT NULL,
        source TEXT,
        medium TEXT,
        campaign TEXT,
        channel TEXT,
        last_seen INTEGER,
        rate REAL NOT NULL,
        PRIMARY KEY (call, place)
    ) WITHOUT ROWID;
    CREATE INDEX candidate_session ON candidate (session);
    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        call BLOB NOT NULL,
        key TEXT NOT NULL,
        received INTEGER NOT NULL,
        body BLOB NOT NULL,
        UNIQUE (call, key)
    );
    CREATE INDEX event_received ON event (received);
    CREATE TABLE tap (session BLOB NOT NULL, number TEXT NOT NULL, time INTEGER NOT NULL);
    CREATE INDEX tap_number ON tap (number, time);
    CREATE INDEX tap_session ON tap (session);
    CREATE INDEX tap_time ON tap (time);
    CREATE TABLE home (
        number TEXT PRIMARY KEY,
        site TEXT NOT NULL,
        line TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        source TEXT,
        medium TEXT,
        campaign TEXT,
        channel TEXT
    ) WITHOUT ROWID;
    INSERT OR REPLACE INTO home (number, site, line, kind, name)
        SELECT number, site, line, 'pool', pool FROM lease ORDER BY started;
";

/// Makes all tables of a ledger that has none, in one transaction.
pub(super) fn make(connection: &mut Connection, fingerprint: &[u8; 16]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    STEPS.iter().try_for_each(|step| transaction.execute_batch(step))?;
    transaction.execute("INSERT INTO meta VALUES ('secret', ?1)", params![fingerprint.as_slice()])?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

/// Takes a ledger through the steps that it hasn't been through, in one transaction: all of them, or none.
pub(super) fn migrate(connection: &mut Connection, version: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    let left = STEPS.iter().skip(usize::try_from(version).unwrap_or(0));
    left.into_iter().try_for_each(|step| transaction.execute_batch(step))?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(connection: &Connection) -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT name FROM sqlite_schema WHERE sql NOT NULL ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn version(connection: &Connection) -> i64 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_ledger_of_any_version_becomes_what_a_new_one_is() {
        let mut new = Connection::open_in_memory().unwrap();
        make(&mut new, &[7; 16]).unwrap();
        for from in 1..VERSION {
            let mut old = Connection::open_in_memory().unwrap();
            STEPS[..from as usize].iter().for_each(|step| old.execute_batch(step).unwrap());
            migrate(&mut old, from).unwrap();
            assert_eq!((tables(&old), version(&old)), (tables(&new), VERSION), "from {from}");
        }
    }

    #[test]
    fn a_step_that_fails_takes_back_those_before_it() {
        let mut old = Connection::open_in_memory().unwrap();
        old.execute_batch(FIRST).unwrap();
        old.execute_batch("CREATE TABLE overflow (x); PRAGMA user_version = 1").unwrap();
        let before = tables(&old);
        assert!(migrate(&mut old, 1).is_err());
        assert_eq!((tables(&old), version(&old)), (before, 1));
    }
}
