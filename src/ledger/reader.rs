//! The ledger as it is read: beside the one that writes, in the same process or in another.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::removal::NOBODY;
use super::tables::VERSION;
use super::touches::Touches;
use super::{History, Holder, OpenError, Overflow, ReadError, schema};
use crate::clock::Timestamp;
use crate::visit::{ClickHash, Session, SessionHash};

/// A connection that only reads, beside the one that writes.
pub struct Reader(pub(super) Connection);

impl Reader {
    /// Reads a ledger that may be in use.
    ///
    /// # Errors
    /// [`OpenError`] where it isn't there, or is none of this version's.
    pub fn beside(path: &Path) -> Result<Self, OpenError> {
        match schema::beside(path)? {
            (connection, VERSION) => Ok(Reader(connection)),
            (_, older) => Err(OpenError::Older(path.to_owned(), older)),
        }
    }

    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        schema::connect(path).map(Reader)
    }

    /// Another connection to the same ledger.
    pub(super) fn again(&self) -> rusqlite::Result<Self> {
        Reader::open(Path::new(self.0.path().unwrap_or_default()))
    }

    pub(super) fn session(&self, site: &str, hash: SessionHash) -> rusqlite::Result<Option<Session>> {
        self.0
            .prepare_cached(
                "SELECT touch, rule, started, last_seen, landing_page, referring_page, site, shows FROM session
                 WHERE id = ?1 AND site = ?2 ORDER BY started DESC LIMIT 1",
            )?
            .query_row(params![hash.0, site], |row| read_session(row, hash))
            .optional()
    }

    pub(super) fn click(&self, click: ClickHash) -> rusqlite::Result<Option<SessionHash>> {
        self.0
            .prepare_cached("SELECT session FROM click WHERE id = ?1")?
            .query_row(params![click.0], |row| row.get(0).map(SessionHash))
            .optional()
    }

    /// What the ledger knows of a number.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn history(&self, number: &str) -> Result<History, ReadError> {
        let mut statement = self.0.prepare_cached(
            "SELECT epoch, shown, session, lease.source, lease.medium, lease.started, lease.last_seen,
                 NOT provisional OR
                     coalesce((SELECT max(last_seen > started) OR count(*) > 1 FROM session WHERE id = lease.session), 1)
             FROM lease WHERE number = ?1 ORDER BY lease.started DESC",
        )?;
        let mut rows = statement.query(params![number])?;
        let mut history = History::default();
        while let Some(row) = rows.next()? {
            history.epoch = history.epoch.max(row.get(0)?);
            let started = Timestamp(row.get(5)?);
            history.latest = history.latest.max(Some(started));
            if row.get::<_, bool>(1)? {
                history.holder = Some(read_holder(row)?);
                break;
            }
        }
        Ok(history)
    }

    /// How often a pool had no number left; none where nothing was counted.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn overflow(&self, site: &str, pool: &str) -> Result<Option<Overflow>, ReadError> {
        let found = self
            .0
            .prepare_cached("SELECT times, since FROM overflow WHERE site = ?1 AND pool = ?2")?
            .query_row([site, pool], |row| Ok(Overflow { times: row.get(0)?, since: Timestamp(row.get(1)?) }))
            .optional()?;
        Ok(found)
    }
}

fn read_holder(row: &Row<'_>) -> rusqlite::Result<Holder> {
    let session = SessionHash(row.get(2)?);
    Ok(Holder {
        session: (session != NOBODY).then_some(session),
        source: row.get(3)?,
        medium: row.get(4)?,
        started: Timestamp(row.get(5)?),
        last_seen: Timestamp(row.get(6)?),
        is_confirmed: row.get(7)?,
    })
}

fn read_session(row: &Row<'_>, hash: SessionHash) -> rusqlite::Result<Session> {
    let started = Timestamp(row.get(2)?);
    let Touches { last, first } = Touches::read(&row.get::<_, String>(0)?, started).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })?;
    Ok(Session {
        hash,
        source: last.source,
        touched: last.time,
        first: Arc::new(first),
        edition: 0,
        rule: row.get::<_, Option<i64>>(1)?.and_then(|rule| usize::try_from(rule).ok()),
        started,
        last_seen: Timestamp(row.get(3)?),
        landing_page: row.get(4)?,
        referring_page: row.get(5)?,
        site: row.get::<_, String>(6)?.into(),
        shown: Vec::new(),
        shows: row.get(7)?,
    })
}
