//! Who held a number until an instant, as `ledger::holders` has it: the statement for PostgreSQL.

use tokio_postgres::Row;

use super::reads::read_hash;
use super::{Database, DatabaseError};
use crate::clock::Timestamp;
use crate::ledger::Holding;
use crate::ledger::holders::{MOST, REACH, Told};

impl Database {
    /// Who was shown a number until `at`, the latest first, as far back as [`Reader::holders`](crate::ledger::Reader::holders).
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn holders(&self, number: &str, at: Timestamp) -> Result<Vec<Holding>, DatabaseError> {
        let client = self.client().await?;
        let found = self.read(async {
            let statement = client
                .prepare_cached(
                    "SELECT lease.session, coalesce(session.source, lease.source), coalesce(session.medium, lease.medium),
                         campaign, channel, lease.started, lease.last_seen,
                         CASE WHEN lease.last_seen > $2
                             THEN (SELECT max(time) FROM page WHERE page.session = lease.session AND time <= $2) END,
                         how, provisional
                     FROM lease LEFT JOIN session ON session.id = lease.session AND session.started = lease.session_started
                     WHERE number = $1 AND shown AND lease.started <= $2 AND lease.started >= least($3, (
                         SELECT max(latest.started) FROM lease latest
                         WHERE latest.number = $1 AND latest.shown AND latest.started <= $2))
                     ORDER BY lease.started DESC LIMIT $4",
                )
                .await?;
            client.query(&statement, &[&number, &at.0, &at.minus(REACH).0, &(MOST as i64)]).await
        });
        found.await?.iter().map(|row| Ok(read(row)?.until(at))).collect()
    }
}

fn read(row: &Row) -> Result<Told, DatabaseError> {
    Ok(Told {
        session: read_hash(row.try_get(0)?)?,
        source: row.try_get(1)?,
        medium: row.try_get(2)?,
        campaign: row.try_get(3)?,
        channel: row.try_get(4)?,
        started: Timestamp(row.try_get(5)?),
        last_seen: Timestamp(row.try_get(6)?),
        page: row.try_get::<_, Option<i64>>(7)?.map(Timestamp),
        how: row.try_get(8)?,
        is_provisional: row.try_get(9)?,
    })
}
