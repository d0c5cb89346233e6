//! What is looked up in PostgreSQL.

use std::sync::Arc;

use tokio_postgres::Row;

use super::{Database, DatabaseError};
use crate::clock::Timestamp;
use crate::ledger::Overflow;
use crate::ledger::touches::Touches;
use crate::visit::{ClickHash, Session, SessionHash};

impl Database {
    pub(in crate::ledger) async fn session(
        &self,
        site: &str,
        hash: SessionHash,
    ) -> Result<Option<Session>, DatabaseError> {
        let client = self.client().await?;
        let found = self.read(async {
            let statement = client
                .prepare_cached(
                    "SELECT touch, rule, started, last_seen, landing_page, referring_page, site, shows FROM session
                     WHERE id = $1 AND site = $2 ORDER BY started DESC LIMIT 1",
                )
                .await?;
            client.query_opt(&statement, &[&hash.0.as_slice(), &site]).await
        });
        found.await?.map(|row| read_session(&row, hash)).transpose()
    }

    pub(in crate::ledger) async fn click(
        &self,
        click: ClickHash,
    ) -> Result<Option<SessionHash>, DatabaseError> {
        let client = self.client().await?;
        let found = self.read(async {
            let statement = client.prepare_cached("SELECT session FROM click WHERE id = $1").await?;
            client.query_opt(&statement, &[&click.0.as_slice()]).await
        });
        found.await?.map(|row| read_hash(row.try_get(0)?)).transpose()
    }

    /// How often a pool had no number left; none where nothing was counted.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn overflow(&self, site: &str, pool: &str) -> Result<Option<Overflow>, DatabaseError> {
        let client = self.client().await?;
        let sql = "SELECT times, since FROM overflow WHERE site = $1 AND pool = $2";
        let found = self.read(client.query_opt(sql, &[&site, &pool])).await?;
        let read = |row: Row| Ok(Overflow { times: row.try_get(0)?, since: Timestamp(row.try_get(1)?) });
        found.map(read).transpose()
    }
}

pub(super) fn read_hash(bytes: &[u8]) -> Result<SessionHash, DatabaseError> {
    let hash = bytes.try_into().map(SessionHash);
    hash.map_err(|_| DatabaseError::Foreign(format!("a session's hash of {} bytes", bytes.len())))
}

fn read_session(row: &Row, hash: SessionHash) -> Result<Session, DatabaseError> {
    let started = Timestamp(row.try_get(2)?);
    let Touches { last, first } = Touches::read(row.try_get(0)?, started)
        .map_err(|error| DatabaseError::Foreign(format!("a session's touches: {error}")))?;
    Ok(Session {
        hash,
        source: last.source,
        touched: last.time,
        first: Arc::new(first),
        edition: 0,
        rule: row.try_get::<_, Option<i64>>(1)?.and_then(|rule| usize::try_from(rule).ok()),
        started,
        last_seen: Timestamp(row.try_get(3)?),
        landing_page: row.try_get(4)?,
        referring_page: row.try_get(5)?,
        site: row.try_get::<_, &str>(6)?.into(),
        shown: Vec::new(),
        shows: row.try_get(7)?,
    })
}
