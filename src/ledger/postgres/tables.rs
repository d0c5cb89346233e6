//! The tables, as one version of the program after another added to them: those of the embedded ledger, and `number`, where
//! the state of each pool's numbers stands that one node alone would keep in memory.
//!
//! `meta` holds the version: how many of the steps the ledger has been through. A step that was released is never changed.

use tokio_postgres::{GenericClient, Row};

use super::{ConnectError, Database, Place};

/// Each step takes a ledger from the version that is its place to the next.
const STEPS: [&str; 2] = [FIRST, CALLS];

/// The version of the tables that this program writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// Nodes that start at once take turns: this, as the key of an advisory lock, is nobody else's.
const TURN: i64 = 0x646e_692d_6564_6765;

/// A number's row is rewritten with each lease and page view: in a half-filled page, and with no index on what changes, that
/// touches no index (PostgreSQL, "Heap-Only Tuples").
const FIRST: &str = "
    CREATE TABLE meta (key text PRIMARY KEY, value bytea NOT NULL);
    CREATE TABLE session (
        id bytea NOT NULL,
        site text NOT NULL,
        started bigint NOT NULL,
        last_seen bigint NOT NULL,
        channel text NOT NULL,
        source text NOT NULL,
        medium text NOT NULL,
        campaign text,
        touch text NOT NULL,
        landing_page text NOT NULL,
        referring_page text,
        rule bigint,
        shows text NOT NULL,
        PRIMARY KEY (id, started)
    );
    CREATE INDEX session_started ON session (started);
    CREATE TABLE lease (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        number text NOT NULL,
        epoch bigint NOT NULL,
        site text NOT NULL,
        pool text NOT NULL,
        line text NOT NULL,
        session bytea NOT NULL,
        session_started bigint NOT NULL,
        source text NOT NULL,
        medium text NOT NULL,
        started bigint NOT NULL,
        last_seen bigint NOT NULL,
        how text NOT NULL,
        shown boolean NOT NULL DEFAULT true,
        provisional boolean NOT NULL DEFAULT false
    );
    CREATE INDEX lease_number ON lease (number, started DESC);
    CREATE INDEX lease_started ON lease (started);
    CREATE INDEX lease_session ON lease (session);
    CREATE TABLE page (
        session bytea NOT NULL,
        session_started bigint NOT NULL,
        time bigint NOT NULL,
        page text NOT NULL
    );
    CREATE INDEX page_session ON page (session, session_started);
    CREATE TABLE click (id bytea PRIMARY KEY, session bytea NOT NULL);
    CREATE INDEX click_session ON click (session);
    CREATE TABLE overflow (
        site text NOT NULL,
        pool text NOT NULL,
        times bigint NOT NULL,
        since bigint NOT NULL,
        PRIMARY KEY (site, pool)
    );
    CREATE TABLE pool (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        site text NOT NULL,
        name text NOT NULL,
        UNIQUE (site, name)
    );
    CREATE TABLE number (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        pool bigint NOT NULL REFERENCES pool,
        e164 text NOT NULL,
        active boolean NOT NULL DEFAULT true,
        epoch bigint NOT NULL DEFAULT 0,
        latest bigint NOT NULL DEFAULT 0,
        started bigint NOT NULL DEFAULT 0,
        last_seen bigint NOT NULL DEFAULT 0,
        holder bytea,
        source text NOT NULL DEFAULT '',
        medium text NOT NULL DEFAULT '',
        confirmed boolean NOT NULL DEFAULT false,
        network bigint,
        UNIQUE (e164, pool)
    ) WITH (fillfactor = 50);
    CREATE INDEX number_pool ON number (pool);
    CREATE FUNCTION dni_now() RETURNS bigint LANGUAGE sql VOLATILE AS
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint';
";

/// As the embedded ledger has them: see `ledger::tables`.
const CALLS: &str = "
    CREATE TABLE call (
        id bytea PRIMARY KEY,
        carrier text NOT NULL,
        carrier_call text NOT NULL,
        site text,
        line text,
        number text NOT NULL,
        caller bytea,
        started bigint NOT NULL
    );
    CREATE INDEX call_started ON call (started);
    CREATE INDEX call_caller ON call (caller, started);
    CREATE INDEX call_site ON call (site, started);
    CREATE TABLE candidate (
        call bytea NOT NULL,
        place bigint NOT NULL,
        session bytea,
        probability double precision NOT NULL,
        source text,
        medium text,
        campaign text,
        channel text,
        last_seen bigint,
        rate double precision NOT NULL,
        PRIMARY KEY (call, place)
    );
    CREATE INDEX candidate_session ON candidate (session);
    CREATE TABLE event (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        call bytea NOT NULL,
        key text NOT NULL,
        received bigint NOT NULL,
        body bytea NOT NULL,
        UNIQUE (call, key)
    );
    CREATE INDEX event_received ON event (received);
    CREATE TABLE tap (session bytea NOT NULL, number text NOT NULL, time bigint NOT NULL);
    CREATE INDEX tap_number ON tap (number, time);
    CREATE INDEX tap_session ON tap (session);
    CREATE INDEX tap_time ON tap (time);
    CREATE TABLE home (
        number text PRIMARY KEY,
        site text NOT NULL,
        line text NOT NULL,
        kind text NOT NULL,
        name text NOT NULL,
        source text,
        medium text,
        campaign text,
        channel text
    );
    INSERT INTO home (number, site, line, kind, name)
        SELECT DISTINCT ON (number) number, site, line, 'pool', pool FROM lease ORDER BY number, started DESC;
";

/// Makes the tables, or takes them through the steps that they haven't been through, in one transaction: all of them, or none.
pub(super) async fn bring_up_to_date(
    database: &Database,
    place: &Place,
    fingerprint: &[u8; 16],
) -> Result<(), ConnectError> {
    let failed = |error| ConnectError::Database(place.name(), error);
    let mut client = database.client().await.map_err(failed)?;
    let failed = |error: tokio_postgres::Error| ConnectError::Database(place.name(), error.into());
    let transaction = client.transaction().await.map_err(failed)?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&TURN]).await.map_err(failed)?;
    let known = match is_ledger(&*transaction).await.map_err(failed)? {
        true => known(&*transaction).await.map_err(failed)?,
        false => Known { version: 0, fingerprint: fingerprint.to_vec() },
    };
    if known.version > VERSION {
        return Err(ConnectError::Newer(place.name(), known.version));
    }
    if known.fingerprint != fingerprint {
        return Err(ConnectError::OtherSecret(place.name()));
    }
    for step in STEPS.iter().skip(usize::try_from(known.version).unwrap_or(0)) {
        transaction.batch_execute(step).await.map_err(failed)?;
    }
    let set = "INSERT INTO meta VALUES ('version', $1), ('secret', $2)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    transaction
        .execute(set, &[&VERSION.to_be_bytes().as_slice(), &fingerprint.as_slice()])
        .await
        .map_err(failed)?;
    let unsafe_setting: String = transaction
        .query_one("SELECT current_setting('fsync')", &[])
        .await
        .and_then(|row| row.try_get(0))
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    if unsafe_setting != "on" {
        tracing::warn!(
            "the database runs with fsync = off: after a power cut it may not know who was shown which number"
        );
    }
    if known.version > 0 && known.version < VERSION {
        tracing::info!("the ledger was brought from tables {} to {VERSION}", known.version);
    }
    Ok(())
}

/// # Errors
/// [`ConnectError`] where there is no ledger of this version.
pub(super) async fn require_current(database: &Database, place: &Place) -> Result<(), ConnectError> {
    let failed = |error| ConnectError::Database(place.name(), error);
    let client = database.client().await.map_err(failed)?;
    let found = database.read(async {
        match is_ledger(&**client).await? {
            true => known(&**client).await.map(|known| Some(known.version)),
            false => Ok(None),
        }
    });
    match found.await.map_err(failed)? {
        None => Err(ConnectError::Absent(place.name())),
        Some(version) if version > VERSION => Err(ConnectError::Newer(place.name(), version)),
        Some(version) if version < VERSION => Err(ConnectError::Older(place.name(), version)),
        Some(_) => Ok(()),
    }
}

/// What a ledger says of itself.
struct Known {
    version: i64,
    fingerprint: Vec<u8>,
}

async fn is_ledger(client: &impl GenericClient) -> Result<bool, tokio_postgres::Error> {
    client.query_one("SELECT to_regclass('meta') IS NOT NULL", &[]).await?.try_get(0)
}

async fn known(client: &impl GenericClient) -> Result<Known, tokio_postgres::Error> {
    let rows = client.query("SELECT key, value FROM meta", &[]).await?;
    let value = |name: &str| {
        let has_name = |row: &&Row| row.get::<_, &str>(0) == name;
        rows.iter().find(has_name).map(|row| row.get::<_, Vec<u8>>(1)).unwrap_or_default()
    };
    let version = value("version").try_into().map_or(0, i64::from_be_bytes);
    Ok(Known { version, fingerprint: value("secret") })
}
