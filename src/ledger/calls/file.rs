//! SQLite's statements about calls.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{
    CallId, CallRecord, CallerHash, Candidate, EarlierCall, EventRecord, Gathered, Home, Kind, LATEST,
    LOOKED_AT, Landing, RANG, RingRecord, Rung, StoredCall, Tap, VIEWERS, Viewer, Visited, Which,
};
use crate::clock::Timestamp;
use crate::ledger::holders::REACH;
use crate::ledger::touches::Touches;
use crate::ledger::{ReadError, Reader};
use crate::visit::{Channel, Described, SessionHash};

/// A call that is there already stays as it is.
pub(in crate::ledger) fn insert_call(
    transaction: &Transaction<'_>,
    ring: &RingRecord,
) -> rusqlite::Result<()> {
    let CallRecord { id, carrier, carrier_call, site, line, number, caller, started } = &ring.call;
    let is_new = transaction
        .prepare_cached("INSERT OR IGNORE INTO call VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute(params![
            id.0,
            carrier,
            carrier_call,
            site,
            line,
            number,
            caller.map(|caller| caller.0),
            started.0
        ])?;
    if is_new == 0 {
        return Ok(());
    }
    let mut insert = transaction
        .prepare_cached("INSERT INTO candidate VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?;
    for (place, candidate) in ring.candidates.iter().enumerate() {
        let Candidate { session, probability, rate, source, last_seen } = candidate;
        insert.execute(params![
            id.0,
            place as i64,
            session.map(|session| session.0),
            probability,
            source.source,
            source.medium,
            source.campaign,
            source.channel.map(Channel::name),
            last_seen.map(|last_seen| last_seen.0),
            rate,
        ])?;
    }
    insert_event(transaction, &ring.event)
}

pub(in crate::ledger) fn insert_event(
    transaction: &Transaction<'_>,
    event: &EventRecord,
) -> rusqlite::Result<()> {
    let EventRecord { call, key, received, body } = event;
    transaction
        .prepare_cached("INSERT OR IGNORE INTO event (call, key, received, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![call.0, key, received.0, body])
        .map(drop)
}

pub(in crate::ledger) fn insert_tap(transaction: &Transaction<'_>, tap: &Tap) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT INTO tap VALUES (?1, ?2, ?3)")?
        .execute(params![tap.session.0, tap.number, tap.time.0])
        .map(drop)
}

pub(in crate::ledger) fn insert_home(transaction: &Transaction<'_>, home: &Home) -> rusqlite::Result<()> {
    let source = home.kind.source();
    transaction
        .prepare_cached("INSERT OR REPLACE INTO home VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?
        .execute(params![
            home.number,
            home.site,
            home.line,
            home.kind.name(),
            home.name,
            source.source,
            source.medium,
            source.campaign,
            source.channel.map(Channel::name),
        ])
        .map(drop)
}

/// After the call's id.
const CANDIDATE: &str = "session, probability, source, medium, campaign, channel, last_seen, rate";

const CALL: &str = "call.id, carrier, carrier_call, site, line, number, caller, call.started";

/// The likeliest candidate, with the session's row that was the latest when the call came.
const VISIT: &str = "JOIN candidate ON candidate.call = call.id AND place = 0
    JOIN session ON session.id = candidate.session AND session.started = (
        SELECT max(earlier.started) FROM session earlier
        WHERE earlier.id = candidate.session AND earlier.started <= call.started)";

impl Reader {
    /// Calls, with all that is known of them, the first first.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn calls(&self, which: Which) -> Result<Vec<StoredCall>, ReadError> {
        let (condition, which) = condition(which);
        let mut gathered = Gathered::default();
        let sql = format!("SELECT {CALL} FROM call WHERE {condition} ORDER BY call.started, call.id");
        self.each(&sql, &which, |row| {
            gathered.call(read_call(row)?);
            Ok(())
        })?;
        if gathered.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT call.id, {CANDIDATE} FROM call JOIN candidate ON candidate.call = call.id WHERE {condition}
             ORDER BY call.id, place"
        );
        self.each(&sql, &which, |row| {
            gathered.candidate(CallId(row.get(0)?), read_candidate(row)?);
            Ok(())
        })?;
        let sql = format!(
            "SELECT call.id, key, received, body FROM call JOIN event ON event.call = call.id
             WHERE {condition} ORDER BY event.id"
        );
        self.each(&sql, &which, |row| {
            gathered.event(read_event(row)?);
            Ok(())
        })?;
        let sql = format!(
            "SELECT call.id, touch, session.started, landing_page, referring_page FROM call {VISIT} WHERE {condition}"
        );
        self.each(&sql, &which, |row| {
            gathered.visit(CallId(row.get(0)?), read_visit(row)?);
            Ok(())
        })?;
        let sql = format!(
            "SELECT call.id, page.time, page.page FROM call {VISIT}
             JOIN page ON page.session = session.id AND page.session_started = session.started
             WHERE {condition} AND page.time <= call.started ORDER BY call.id, page.time, page.rowid"
        );
        self.each(&sql, &which, |row| {
            gathered.page(CallId(row.get(0)?), Timestamp(row.get(1)?), row.get(2)?);
            Ok(())
        })?;
        Ok(gathered.calls())
    }

    /// The visits of all who may have made these calls, as far as they are kept.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn landings(&self, which: Which) -> Result<Vec<Landing>, ReadError> {
        let (condition, which) = condition(which);
        let sql = format!(
            "SELECT call.id, touch, session.started, landing_page, place FROM call
             JOIN candidate ON candidate.call = call.id
             JOIN session ON session.id = candidate.session AND session.started = (
                 SELECT max(earlier.started) FROM session earlier
                 WHERE earlier.id = candidate.session AND earlier.started <= call.started)
             WHERE {condition}"
        );
        let mut landings = Vec::new();
        self.each(&sql, &which, |row| {
            let term = read_touches(row)?.last.source.term;
            let place = usize::try_from(row.get::<_, i64>(4)?).unwrap_or(usize::MAX);
            landings.push(Landing { call: CallId(row.get(0)?), place, term, page: row.get(3)? });
            Ok(())
        })?;
        Ok(landings)
    }

    /// How a site's phone rang from then on and before the other, the latest first, at most so often.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn rung(
        &self,
        site: &str,
        from: Timestamp,
        until: Timestamp,
        most: usize,
    ) -> Result<Vec<Rung>, ReadError> {
        let mut statement = self.0.prepare_cached(
            "SELECT call.id, key, received, body, number, started
             FROM call JOIN event ON event.call = call.id AND key = ?5
             WHERE site = ?1 AND started >= ?2 AND started < ?3 ORDER BY started DESC LIMIT ?4",
        )?;
        let rows = statement.query_map(params![site, from.0, until.0, most as i64, RANG], |row| {
            let (number, started) = (row.get(4)?, Timestamp(row.get(5)?));
            Ok(Rung { number, started, event: read_event(row)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Who may have made a call, the likeliest first.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn candidates(&self, call: CallId) -> Result<Vec<Candidate>, ReadError> {
        let sql = format!("SELECT call, {CANDIDATE} FROM candidate WHERE call = ?1 ORDER BY place");
        let mut statement = self.0.prepare_cached(&sql)?;
        let candidates = statement.query_map([call.0], read_candidate)?.collect::<Result<_, _>>()?;
        Ok(candidates)
    }

    /// Calls of a telephone before then, the latest first, at most so many.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn earlier_calls(
        &self,
        caller: CallerHash,
        before: Timestamp,
        most: usize,
    ) -> Result<Vec<EarlierCall>, ReadError> {
        let mut statement = self.0.prepare_cached(
            "SELECT call.id, session, coalesce(probability, 0), source, medium, campaign, channel, last_seen, coalesce(rate, 1),
                 site, number, started, probability IS NOT NULL
             FROM call LEFT JOIN candidate ON candidate.call = call.id AND place = 0
             WHERE caller = ?1 AND started < ?2 ORDER BY started DESC LIMIT ?3",
        )?;
        let rows = statement.query_map(params![caller.0, before.0, most as i64], |row| {
            Ok(EarlierCall {
                id: CallId(row.get(0)?),
                site: row.get(9)?,
                number: row.get(10)?,
                started: Timestamp(row.get(11)?),
                candidate: row.get::<_, bool>(12)?.then(|| read_candidate(row)).transpose()?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Who tapped a number on a page from then until then, the latest first.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn taps(&self, number: &str, from: Timestamp, until: Timestamp) -> Result<Vec<Tap>, ReadError> {
        let mut statement = self.0.prepare_cached(
            "SELECT session, number, time FROM tap WHERE number = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time DESC",
        )?;
        let rows = statement.query_map(params![number, from.0, until.0], |row| {
            Ok(Tap { session: SessionHash(row.get(0)?), number: row.get(1)?, time: Timestamp(row.get(2)?) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Sessions of a site that were shown this, as `shows` names it, before then; the latest first.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn viewers(&self, site: &str, shown: &str, at: Timestamp) -> Result<Vec<Viewer>, ReadError> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, started, min(last_seen, ?2) FROM (
                 SELECT id, site, started, last_seen, shows FROM session
                 WHERE started <= ?2 AND started >= ?3 AND site = ?1 ORDER BY started DESC LIMIT ?5)
             WHERE instr(', ' || shows || ', ', ', ' || ?4 || ', ') > 0
             ORDER BY started DESC LIMIT ?6",
        )?;
        let from = at.minus(REACH).0;
        let parameters = params![site, at.0, from, shown, LOOKED_AT, VIEWERS];
        let rows = statement.query_map(parameters, |row| {
            let (started, last_seen) = (Timestamp(row.get(1)?), Timestamp(row.get(2)?));
            Ok(Viewer { session: SessionHash(row.get(0)?), started, last_seen })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Where a number is at home; none where it never was.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn home(&self, number: &str) -> Result<Option<Home>, ReadError> {
        let sql = format!("SELECT {HOME} FROM home WHERE number = ?1");
        Ok(self.0.prepare_cached(&sql)?.query_row([number], read_home).optional()?)
    }

    /// Where all numbers are at home.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn homes(&self) -> Result<Vec<Home>, ReadError> {
        let mut statement = self.0.prepare_cached(&format!("SELECT {HOME} FROM home"))?;
        let homes = statement.query_map([], read_home)?.collect::<Result<_, _>>()?;
        Ok(homes)
    }

    fn each(
        &self,
        sql: &str,
        parameters: &[Value; 2],
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), ReadError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
        while let Some(row) = rows.next()? {
            read(row)?;
        }
        Ok(())
    }
}

const HOME: &str = "number, site, line, kind, name, source, medium, campaign, channel";

/// On a call, with what stands in it as ?1 and ?2.
fn condition(which: Which) -> (&'static str, [Value; 2]) {
    match which {
        Which::Between(from, to) => {
            ("call.started >= ?1 AND call.started < ?2", [from.0.into(), to.0.into()])
        }
        Which::One(id) => ("call.id = ?1 AND ?2 IS NULL", [Value::Blob(id.0.to_vec()), Value::Null]),
        Which::Of(caller) => ("caller = ?1 AND ?2 IS NULL", [Value::Blob(caller.0.to_vec()), Value::Null]),
        Which::LatestOf(caller) => (
            "call.id IN (SELECT id FROM call latest WHERE latest.caller = ?1 ORDER BY latest.started DESC LIMIT ?2)",
            [Value::Blob(caller.0.to_vec()), LATEST.into()],
        ),
    }
}

fn read_call(row: &Row<'_>) -> rusqlite::Result<CallRecord> {
    Ok(CallRecord {
        id: CallId(row.get(0)?),
        carrier: row.get(1)?,
        carrier_call: row.get(2)?,
        site: row.get(3)?,
        line: row.get(4)?,
        number: row.get(5)?,
        caller: row.get::<_, Option<_>>(6)?.map(CallerHash),
        started: Timestamp(row.get(7)?),
    })
}

fn read_candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    Ok(Candidate {
        session: row.get::<_, Option<_>>(1)?.map(SessionHash),
        probability: row.get(2)?,
        source: read_source(row, 3)?,
        last_seen: row.get::<_, Option<_>>(7)?.map(Timestamp),
        rate: row.get(8)?,
    })
}

/// From this column on.
fn read_source(row: &Row<'_>, column: usize) -> rusqlite::Result<Described> {
    let channel: Option<String> = row.get(column + 3)?;
    Ok(Described {
        channel: channel.as_deref().and_then(Channel::from_name),
        source: row.get(column)?,
        medium: row.get(column + 1)?,
        campaign: row.get(column + 2)?,
    })
}

fn read_event(row: &Row<'_>) -> rusqlite::Result<EventRecord> {
    Ok(EventRecord {
        call: CallId(row.get(0)?),
        key: row.get(1)?,
        received: Timestamp(row.get(2)?),
        body: row.get(3)?,
    })
}

fn read_visit(row: &Row<'_>) -> rusqlite::Result<Visited> {
    let Touches { last, first } = read_touches(row)?;
    Ok(Visited { first, last, landing_page: row.get(3)?, referring_page: row.get(4)?, pages: Vec::new() })
}

/// After the call's id, before when the session began.
fn read_touches(row: &Row<'_>) -> rusqlite::Result<Touches> {
    Touches::read(&row.get::<_, String>(1)?, Timestamp(row.get(2)?)).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, Box::new(error))
    })
}

fn read_home(row: &Row<'_>) -> rusqlite::Result<Home> {
    Ok(Home {
        number: row.get(0)?,
        site: row.get(1)?,
        line: row.get(2)?,
        kind: Kind::of_row(&row.get::<_, String>(3)?, read_source(row, 5)?),
        name: row.get(4)?,
    })
}
