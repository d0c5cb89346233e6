//! Who was given a number, by where they came from, as `ledger::classes` has it. Nobody waits for these: they take their time, and
//! that says nothing of whether the database is away.

use tokio_postgres::Row;

use super::{Database, DatabaseError};
use crate::clock::Timestamp;
use crate::ledger::{Class, View};

impl Database {
    /// How many sessions of each class were given a number from then on and before the other: of the latest leases, so many.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn classes(
        &self,
        from: Timestamp,
        until: Timestamp,
        most: usize,
    ) -> Result<Vec<Class>, DatabaseError> {
        let sql = "SELECT latest.site, coalesce(session.source, latest.source), coalesce(session.medium, latest.medium),
                 campaign, channel, count(*)
             FROM (SELECT site, session, session_started, source, medium FROM lease
                   WHERE started >= $1 AND started < $2 AND shown ORDER BY started DESC LIMIT $3) latest
             LEFT JOIN session ON session.id = latest.session AND session.started = latest.session_started
             GROUP BY 1, 2, 3, 4, 5";
        let read = |row: &Row| {
            let (campaign, channel) = (row.try_get(3)?, row.try_get(4)?);
            Ok(Class::of(
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
                campaign,
                channel,
                row.try_get(5)?,
            ))
        };
        self.of_leases(sql, from, until, most).await?.iter().map(read).collect()
    }

    /// The pages of sessions that were given a number from then on and before the other, of each session in their order: of
    /// the latest leases, so many.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn views(
        &self,
        from: Timestamp,
        until: Timestamp,
        most: usize,
    ) -> Result<Vec<View>, DatabaseError> {
        let sql = "SELECT latest.site, latest.id, page.time
             FROM (SELECT id, site, session, session_started, started FROM lease
                   WHERE started >= $1 AND started < $2 AND shown ORDER BY started DESC LIMIT $3) latest
             LEFT JOIN page ON page.session = latest.session AND page.session_started = latest.session_started
                 AND page.time >= latest.started
             ORDER BY latest.id, page.time";
        let read = |row: &Row| {
            let time = row.try_get::<_, Option<i64>>(2)?.map(Timestamp);
            Ok(View { site: row.try_get(0)?, lease: row.try_get(1)?, time })
        };
        self.of_leases(sql, from, until, most).await?.iter().map(read).collect()
    }

    async fn of_leases(
        &self,
        sql: &str,
        from: Timestamp,
        until: Timestamp,
        most: usize,
    ) -> Result<Vec<Row>, DatabaseError> {
        let client = self.client().await?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        Ok(client.query(sql, &[&from.0, &until.0, &most]).await?)
    }
}
