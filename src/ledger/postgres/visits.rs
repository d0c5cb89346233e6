//! What a database tells of a pool's visitors: see [`Visits`].

use std::time::Duration;

use tokio_postgres::Row;

use super::{Database, DatabaseError};
use crate::clock::Timestamp;
use crate::ledger::Visits;
use crate::ledger::removal::NOBODY;
use crate::ledger::visits::{Shown, Span, earliest, written};

impl Database {
    /// What the ledger tells of a pool's visitors, as [`Reader::visits`](crate::ledger::Reader::visits) does. Takes its time.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn visits(
        &self,
        site: &str,
        pool: &str,
        keep: Duration,
        now: Timestamp,
    ) -> Result<Visits, DatabaseError> {
        let client = self.client().await?;
        let last = client.query_one("SELECT max(started) FROM lease", &[]).await?.try_get(0)?;
        let until = written(last, now);
        let sql = "SELECT started FROM lease WHERE started >= $1 AND site = $2 AND pool = $3 AND shown
             ORDER BY started LIMIT 1";
        let first = client.query_opt(sql, &[&earliest(until, keep), &site, &pool]).await?;
        let first = first.map(|row| row.try_get(0)).transpose()?;
        let overflow = self.overflow(site, pool).await?;
        let span = Span::of(until, keep, first, overflow);
        let sql = "SELECT DISTINCT ON (lease.session, lease.session_started)
                 lease.started, lease.source, lease.medium, coalesce(session.last_seen - session.started, 0),
                 (SELECT count(*) FROM page
                  WHERE page.session = lease.session AND page.session_started = lease.session_started)
             FROM lease LEFT JOIN session
                 ON session.id = lease.session AND session.started = lease.session_started
             WHERE lease.started > $1 AND lease.started <= $2 AND lease.site = $3 AND lease.pool = $4
                 AND shown AND lease.session <> $5
             ORDER BY lease.session, lease.session_started, lease.started";
        let nobody = NOBODY.0.as_slice();
        let rows = client.query(sql, &[&span.from, &span.until, &site, &pool, &nobody]).await?;
        let shown = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(Visits::of(&shown, &span, overflow))
    }
}

fn read(row: &Row) -> Result<Shown, tokio_postgres::Error> {
    Ok(Shown {
        time: row.try_get(0)?,
        source: (row.try_get(1)?, row.try_get(2)?),
        stay: row.try_get(3)?,
        pages: row.try_get(4)?,
    })
}
