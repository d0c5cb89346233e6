//! Calls in PostgreSQL, as `ledger::calls` has them.

use std::collections::BTreeMap;

use deadpool_postgres::Transaction;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::reads::read_hash;
use super::store::plain;
use super::{Database, DatabaseError};
use crate::clock::Timestamp;
use crate::ledger::calls::{
    CallId, CallRecord, CallerHash, Candidate, EarlierCall, EventRecord, Gathered, Home, Kind, LATEST,
    LOOKED_AT, Landing, RANG, RingRecord, Rung, StoredCall, Tap, VIEWERS, Viewer, Visited, Which,
};
use crate::ledger::holders::REACH;
use crate::ledger::touches::Touches;
use crate::visit::{Channel, Described, SessionHash};

/// Calls that are there already stay as they are.
pub(super) async fn insert_calls(
    transaction: &Transaction<'_>,
    rings: &BTreeMap<CallId, &RingRecord>,
) -> Result<(), tokio_postgres::Error> {
    for ring in rings.values() {
        let CallRecord { id, carrier, carrier_call, site, line, number, caller, started } = &ring.call;
        let (id, caller) = (id.0.as_slice(), caller.as_ref().map(|caller| caller.0.as_slice()));
        let statement = transaction
            .prepare_cached("INSERT INTO call VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING")
            .await?;
        let parameters: [&(dyn ToSql + Sync); 8] =
            [&id, carrier, &plain(carrier_call), site, line, &plain(number), &caller, &started.0];
        if transaction.execute(&statement, &parameters).await? == 1 {
            insert_candidates(transaction, id, &ring.candidates).await?;
            insert_event(transaction, &ring.event).await?;
        }
    }
    Ok(())
}

async fn insert_candidates(
    transaction: &Transaction<'_>,
    call: &[u8],
    candidates: &[Candidate],
) -> Result<(), tokio_postgres::Error> {
    let text = |of: fn(&Described) -> Option<&str>| {
        candidates.iter().map(|candidate| of(&candidate.source)).collect::<Vec<_>>()
    };
    let places: Vec<i64> = (0..).take(candidates.len()).collect();
    let session = |candidate: &Candidate| candidate.session.map(|session| session.0.to_vec());
    let sessions: Vec<Option<Vec<u8>>> = candidates.iter().map(session).collect();
    let probabilities: Vec<f64> = candidates.iter().map(|candidate| candidate.probability).collect();
    let last_seen: Vec<Option<i64>> =
        candidates.iter().map(|candidate| candidate.last_seen.map(|last_seen| last_seen.0)).collect();
    let rates: Vec<f64> = candidates.iter().map(|candidate| candidate.rate).collect();
    let statement = transaction
        .prepare_cached(
            "INSERT INTO candidate SELECT $1, * FROM unnest($2::bigint[], $3::bytea[], $4::double precision[], $5::text[],
                 $6::text[], $7::text[], $8::text[], $9::bigint[], $10::double precision[])",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 10] = [
        &call,
        &places,
        &sessions,
        &probabilities,
        &text(|source| source.source.as_deref()),
        &text(|source| source.medium.as_deref()),
        &text(|source| source.campaign.as_deref()),
        &text(|source| source.channel.map(Channel::name)),
        &last_seen,
        &rates,
    ];
    transaction.execute(&statement, &parameters).await.map(drop)
}

async fn insert_event(
    transaction: &Transaction<'_>,
    event: &EventRecord,
) -> Result<(), tokio_postgres::Error> {
    let statement = transaction
        .prepare_cached(
            "INSERT INTO event (call, key, received, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .await?;
    let EventRecord { call, key, received, body } = event;
    transaction.execute(&statement, &[&call.0.as_slice(), &plain(key), &received.0, body]).await.map(drop)
}

pub(super) async fn insert_events(
    transaction: &Transaction<'_>,
    events: &BTreeMap<(CallId, &str), &EventRecord>,
) -> Result<(), tokio_postgres::Error> {
    for event in events.values() {
        insert_event(transaction, event).await?;
    }
    Ok(())
}

pub(super) async fn insert_taps(
    transaction: &Transaction<'_>,
    taps: &[&Tap],
) -> Result<(), tokio_postgres::Error> {
    for Tap { session, number, time } in taps {
        let statement = transaction.prepare_cached("INSERT INTO tap VALUES ($1, $2, $3)").await?;
        transaction.execute(&statement, &[&session.0.as_slice(), number, &time.0]).await?;
    }
    Ok(())
}

pub(super) async fn insert_homes(
    transaction: &Transaction<'_>,
    homes: &BTreeMap<&str, &Home>,
) -> Result<(), tokio_postgres::Error> {
    for home in homes.values() {
        let statement = transaction
            .prepare_cached(
                "INSERT INTO home VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                 ON CONFLICT (number) DO UPDATE SET site = excluded.site, line = excluded.line, kind = excluded.kind,
                     name = excluded.name, source = excluded.source, medium = excluded.medium, campaign = excluded.campaign,
                     channel = excluded.channel",
            )
            .await?;
        let source = home.kind.source();
        let channel = source.channel.map(Channel::name);
        let parameters: [&(dyn ToSql + Sync); 9] = [
            &home.number,
            &home.site,
            &home.line,
            &home.kind.name(),
            &home.name,
            &source.source,
            &source.medium,
            &source.campaign,
            &channel,
        ];
        transaction.execute(&statement, &parameters).await?;
    }
    Ok(())
}

const CALL: &str = "call.id, carrier, carrier_call, call.site, line, number, caller, call.started";

/// After the call's id.
const CANDIDATE: &str = "session, probability, source, medium, campaign, channel, last_seen, rate";

/// The likeliest candidate, with the session's row that was the latest when the call came.
const VISIT: &str = "JOIN candidate ON candidate.call = call.id AND place = 0
    JOIN session ON session.id = candidate.session AND session.started = (
        SELECT max(earlier.started) FROM session earlier
        WHERE earlier.id = candidate.session AND earlier.started <= call.started)";

const HOME: &str = "number, site, line, kind, name, source, medium, campaign, channel";

impl Database {
    /// Calls, with all that is known of them, the first first.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn calls(&self, which: Which) -> Result<Vec<StoredCall>, DatabaseError> {
        let condition = condition(which);
        let mut gathered = Gathered::default();
        let sql = format!("SELECT {CALL} FROM call WHERE {condition} ORDER BY call.started, call.id");
        for row in self.rows(&sql, which).await? {
            gathered.call(read_call(&row)?);
        }
        if gathered.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT call.id, {CANDIDATE} FROM call JOIN candidate ON candidate.call = call.id WHERE {condition}
             ORDER BY call.id, place"
        );
        for row in self.rows(&sql, which).await? {
            gathered.candidate(read_id(&row)?, read_candidate(&row)?);
        }
        let sql = format!(
            "SELECT call.id, key, received, body FROM call JOIN event ON event.call = call.id
             WHERE {condition} ORDER BY event.id"
        );
        for row in self.rows(&sql, which).await? {
            gathered.event(read_event(&row)?);
        }
        let sql = format!(
            "SELECT call.id, touch, session.started, landing_page, referring_page FROM call {VISIT} WHERE {condition}"
        );
        for row in self.rows(&sql, which).await? {
            gathered.visit(read_id(&row)?, read_visit(&row)?);
        }
        let sql = format!(
            "SELECT call.id, page.time, page.page FROM call {VISIT}
             JOIN page ON page.session = session.id AND page.session_started = session.started
             WHERE {condition} AND page.time <= call.started ORDER BY call.id, page.time"
        );
        for row in self.rows(&sql, which).await? {
            gathered.page(read_id(&row)?, Timestamp(row.try_get(1)?), row.try_get(2)?);
        }
        Ok(gathered.calls())
    }

    async fn rows(&self, sql: &str, which: Which) -> Result<Vec<Row>, DatabaseError> {
        let client = self.client().await?;
        let one = async |of: &[u8]| {
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, &[&of]).await
        };
        match which {
            // As many as there are, which takes as long as it takes: that says nothing of whether the database is away.
            Which::Between(from, to) => Ok(client.query(sql, &[&from.0, &to.0]).await?),
            Which::One(id) => self.read(one(&id.0)).await,
            Which::Of(caller) | Which::LatestOf(caller) => self.read(one(&caller.0)).await,
        }
    }

    /// The visits of all who may have made these calls, as far as they are kept.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn landings(&self, which: Which) -> Result<Vec<Landing>, DatabaseError> {
        let sql = format!(
            "SELECT call.id, touch, session.started, landing_page, place FROM call
             JOIN candidate ON candidate.call = call.id
             JOIN session ON session.id = candidate.session AND session.started = (
                 SELECT max(earlier.started) FROM session earlier
                 WHERE earlier.id = candidate.session AND earlier.started <= call.started)
             WHERE {}",
            condition(which)
        );
        let read = |row: &Row| {
            let place = usize::try_from(row.try_get::<_, i64>(4)?).unwrap_or(usize::MAX);
            let term = read_touches(row)?.last.source.term;
            Ok(Landing { call: read_id(row)?, place, term, page: row.try_get(3)? })
        };
        self.rows(&sql, which).await?.iter().map(read).collect()
    }

    /// How a site's phone rang from then on and before the other, the latest first, at most so often.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn rung(
        &self,
        site: &str,
        from: Timestamp,
        until: Timestamp,
        most: usize,
    ) -> Result<Vec<Rung>, DatabaseError> {
        let client = self.client().await?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let found = self.read(async {
            let statement = client
                .prepare_cached(
                    "SELECT call.id, key, received, body, number, started
                     FROM call JOIN event ON event.call = call.id AND key = $5
                     WHERE site = $1 AND started >= $2 AND started < $3 ORDER BY started DESC LIMIT $4",
                )
                .await?;
            client.query(&statement, &[&site, &from.0, &until.0, &most, &RANG]).await
        });
        let read = |row: &Row| {
            let (number, started) = (row.try_get(4)?, Timestamp(row.try_get(5)?));
            Ok(Rung { number, started, event: read_event(row)? })
        };
        found.await?.iter().map(read).collect()
    }

    /// Who may have made a call, the likeliest first.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn candidates(&self, call: CallId) -> Result<Vec<Candidate>, DatabaseError> {
        let client = self.client().await?;
        let found = self.read(async {
            let sql = format!("SELECT call, {CANDIDATE} FROM candidate WHERE call = $1 ORDER BY place");
            let statement = client.prepare_cached(&sql).await?;
            client.query(&statement, &[&call.0.as_slice()]).await
        });
        found.await?.iter().map(read_candidate).collect()
    }

    /// Calls of a telephone before then, the latest first, at most so many.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn earlier_calls(
        &self,
        caller: CallerHash,
        before: Timestamp,
        most: usize,
    ) -> Result<Vec<EarlierCall>, DatabaseError> {
        let client = self.client().await?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let found = self.read(async {
            let statement = client
                .prepare_cached(
                    "SELECT call.id, session, coalesce(probability, 0), source, medium, campaign, channel, last_seen,
                         coalesce(rate, 1), site, number, started, probability IS NOT NULL
                     FROM call LEFT JOIN candidate ON candidate.call = call.id AND place = 0
                     WHERE caller = $1 AND started < $2 ORDER BY started DESC LIMIT $3",
                )
                .await?;
            client.query(&statement, &[&caller.0.as_slice(), &before.0, &most]).await
        });
        let read = |row: &Row| {
            Ok(EarlierCall {
                id: read_id(row)?,
                site: row.try_get(9)?,
                number: row.try_get(10)?,
                started: Timestamp(row.try_get(11)?),
                candidate: row.try_get::<_, bool>(12)?.then(|| read_candidate(row)).transpose()?,
            })
        };
        found.await?.iter().map(read).collect()
    }

    /// Who tapped a number on a page from then until then, the latest first.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn taps(
        &self,
        number: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Tap>, DatabaseError> {
        let client = self.client().await?;
        let found = self.read(async {
            let sql = "SELECT session, number, time FROM tap WHERE number = $1 AND time BETWEEN $2 AND $3 ORDER BY time DESC";
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, &[&number, &from.0, &until.0]).await
        });
        let read = |row: &Row| {
            let session = read_hash(row.try_get(0)?)?;
            Ok(Tap { session, number: row.try_get(1)?, time: Timestamp(row.try_get(2)?) })
        };
        found.await?.iter().map(read).collect()
    }

    /// Sessions of a site that were shown this, as `shows` names it, before then; the latest first.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn viewers(
        &self,
        site: &str,
        shown: &str,
        at: Timestamp,
    ) -> Result<Vec<Viewer>, DatabaseError> {
        let client = self.client().await?;
        let from = at.minus(REACH).0;
        let found = self.read(async {
            let statement = client
                .prepare_cached(
                    "SELECT id, started, least(last_seen, $2) FROM (
                         SELECT id, site, started, last_seen, shows FROM session
                         WHERE started <= $2 AND started >= $3 AND site = $1 ORDER BY started DESC LIMIT $5) latest
                     WHERE strpos(', ' || shows || ', ', ', ' || $4 || ', ') > 0
                     ORDER BY started DESC LIMIT $6",
                )
                .await?;
            client.query(&statement, &[&site, &at.0, &from, &shown, &LOOKED_AT, &VIEWERS]).await
        });
        let read = |row: &Row| {
            let (started, last_seen) = (Timestamp(row.try_get(1)?), Timestamp(row.try_get(2)?));
            Ok(Viewer { session: read_hash(row.try_get(0)?)?, started, last_seen })
        };
        found.await?.iter().map(read).collect()
    }

    /// Where a number is at home; none where it never was.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn home(&self, number: &str) -> Result<Option<Home>, DatabaseError> {
        let client = self.client().await?;
        let found = self.read(async {
            let sql = format!("SELECT {HOME} FROM home WHERE number = $1");
            let statement = client.prepare_cached(&sql).await?;
            client.query_opt(&statement, &[&number]).await
        });
        found.await?.as_ref().map(read_home).transpose()
    }

    /// Where all numbers are at home.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn homes(&self) -> Result<Vec<Home>, DatabaseError> {
        let client = self.client().await?;
        let sql = format!("SELECT {HOME} FROM home");
        let found = self.read(client.query(&sql, &[])).await?;
        found.iter().map(read_home).collect()
    }
}

/// On a call, with what stands in it as parameters.
fn condition(which: Which) -> String {
    match which {
        Which::Between(..) => "call.started >= $1 AND call.started < $2".to_owned(),
        Which::One(_) => "call.id = $1".to_owned(),
        Which::Of(_) => "caller = $1".to_owned(),
        Which::LatestOf(_) => {
            format!(
                "call.id IN (SELECT id FROM call latest WHERE latest.caller = $1 ORDER BY latest.started DESC LIMIT {LATEST})"
            )
        }
    }
}

fn read_id(row: &Row) -> Result<CallId, DatabaseError> {
    let bytes: &[u8] = row.try_get(0)?;
    let id = bytes.try_into().map(CallId);
    id.map_err(|_| DatabaseError::Foreign(format!("a call's id of {} bytes", bytes.len())))
}

fn read_session(row: &Row, column: usize) -> Result<Option<SessionHash>, DatabaseError> {
    row.try_get::<_, Option<&[u8]>>(column)?.map(read_hash).transpose()
}

fn read_call(row: &Row) -> Result<CallRecord, DatabaseError> {
    let caller = row.try_get::<_, Option<&[u8]>>(6)?.map(<[u8; 16]>::try_from).transpose();
    let caller =
        caller.map_err(|_| DatabaseError::Foreign("a caller's hash of another length".to_owned()))?;
    Ok(CallRecord {
        id: read_id(row)?,
        carrier: row.try_get(1)?,
        carrier_call: row.try_get(2)?,
        site: row.try_get(3)?,
        line: row.try_get(4)?,
        number: row.try_get(5)?,
        caller: caller.map(CallerHash),
        started: Timestamp(row.try_get(7)?),
    })
}

fn read_event(row: &Row) -> Result<EventRecord, DatabaseError> {
    let received = Timestamp(row.try_get(2)?);
    Ok(EventRecord { call: read_id(row)?, key: row.try_get(1)?, received, body: row.try_get(3)? })
}

fn read_candidate(row: &Row) -> Result<Candidate, DatabaseError> {
    Ok(Candidate {
        session: read_session(row, 1)?,
        probability: row.try_get(2)?,
        source: read_source(row, 3)?,
        last_seen: row.try_get::<_, Option<i64>>(7)?.map(Timestamp),
        rate: row.try_get(8)?,
    })
}

/// From this column on.
fn read_source(row: &Row, column: usize) -> Result<Described, DatabaseError> {
    Ok(Described {
        channel: row.try_get::<_, Option<&str>>(column + 3)?.and_then(Channel::from_name),
        source: row.try_get(column)?,
        medium: row.try_get(column + 1)?,
        campaign: row.try_get(column + 2)?,
    })
}

fn read_visit(row: &Row) -> Result<Visited, DatabaseError> {
    let Touches { last, first } = read_touches(row)?;
    Ok(Visited {
        first,
        last,
        landing_page: row.try_get(3)?,
        referring_page: row.try_get(4)?,
        pages: Vec::new(),
    })
}

/// After the call's id, before when the session began.
fn read_touches(row: &Row) -> Result<Touches, DatabaseError> {
    Touches::read(row.try_get(1)?, Timestamp(row.try_get(2)?))
        .map_err(|error| DatabaseError::Foreign(format!("a session's touches: {error}")))
}

fn read_home(row: &Row) -> Result<Home, DatabaseError> {
    Ok(Home {
        number: row.try_get(0)?,
        site: row.try_get(1)?,
        line: row.try_get(2)?,
        kind: Kind::of_row(row.try_get(3)?, read_source(row, 5)?),
        name: row.try_get(4)?,
    })
}
