//! How many were given a number, by where they came from, and how they went on: what a site's calls are learned from, and what
//! reports weigh them by.

use rusqlite::{Row, params};

use super::{ReadError, Reader};
use crate::clock::Timestamp;
use crate::visit::{Channel, Described};

/// Sessions that were given a number, of one site and from one source. Who was given another one later counts again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    pub site: String,
    /// As that of a [`Holding`](super::Holding) is told.
    pub source: Described,
    pub sessions: u64,
}

/// A page of a session that was given a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub site: String,
    /// The lease is known by it.
    pub lease: i64,
    /// None where no page of it is known.
    pub time: Option<Timestamp>,
}

impl Class {
    /// Of a row as it holds them.
    pub(super) fn of(
        site: String,
        source: String,
        medium: String,
        campaign: Option<String>,
        channel: Option<&str>,
        sessions: i64,
    ) -> Self {
        let is_known = |text: &String| !text.is_empty();
        let source = Described {
            channel: channel.and_then(Channel::from_name),
            source: Some(source).filter(is_known),
            medium: Some(medium).filter(is_known),
            campaign,
        };
        Class { site, source, sessions: u64::try_from(sessions).unwrap_or(0) }
    }
}

const CLASSES: &str = "
    SELECT latest.site, coalesce(session.source, latest.source), coalesce(session.medium, latest.medium), campaign, channel,
        count(*)
    FROM (SELECT site, session, session_started, source, medium FROM lease
          WHERE started >= ?1 AND started < ?2 AND shown ORDER BY started DESC LIMIT ?3) latest
    LEFT JOIN session ON session.id = latest.session AND session.started = latest.session_started
    GROUP BY 1, 2, 3, 4, 5";

const VIEWS: &str = "
    SELECT latest.site, latest.id, page.time
    FROM (SELECT id, site, session, session_started, started FROM lease
          WHERE started >= ?1 AND started < ?2 AND shown ORDER BY started DESC LIMIT ?3) latest
    LEFT JOIN page ON page.session = latest.session AND page.session_started = latest.session_started
        AND page.time >= latest.started
    ORDER BY latest.id, page.time";

impl Reader {
    /// How many sessions of each class were given a number from then on and before the other: of the latest leases, so many.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn classes(&self, from: Timestamp, until: Timestamp, most: usize) -> Result<Vec<Class>, ReadError> {
        let mut statement = self.0.prepare_cached(CLASSES)?;
        let rows = statement.query_map(params![from.0, until.0, most as i64], |row| {
            let channel: Option<String> = row.get(4)?;
            Ok(Class::of(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, channel.as_deref(), row.get(5)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The pages of sessions that were given a number from then on and before the other, of each session in their order: of
    /// the latest leases, so many.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn views(&self, from: Timestamp, until: Timestamp, most: usize) -> Result<Vec<View>, ReadError> {
        let mut statement = self.0.prepare_cached(VIEWS)?;
        let rows = statement.query_map(params![from.0, until.0, most as i64], read_view)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn read_view(row: &Row<'_>) -> rusqlite::Result<View> {
    let time = row.get::<_, Option<i64>>(2)?.map(Timestamp);
    Ok(View { site: row.get(0)?, lease: row.get(1)?, time })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::ledger::tables;

    const SINCE: Timestamp = Timestamp(1000);
    const UNTIL: Timestamp = Timestamp(2000);

    /// Leases that began then, from these sources.
    fn ledger(leases: &[(i64, &str)]) -> Reader {
        let mut connection = Connection::open_in_memory().unwrap();
        tables::make(&mut connection, &[7; 16]).unwrap();
        for (session, (started, source)) in (1_u8..).zip(leases) {
            let sql = "INSERT INTO lease VALUES (NULL, '+1', 1, 'plumber', 'ads', 'main', ?1, ?2, ?3, 'cpc', ?2, ?2, 'fresh', 1, 0)";
            connection.execute(sql, params![[session; 16], started, source]).unwrap();
        }
        Reader(connection)
    }

    fn counted(ledger: &Reader, most: usize) -> Vec<(Option<String>, Option<String>, u64)> {
        let classes = ledger.classes(SINCE, UNTIL, most).unwrap();
        classes
            .into_iter()
            .map(|class| (class.source.source, class.source.campaign, class.sessions))
            .collect()
    }

    #[test]
    fn sessions_are_counted_by_where_they_came_from_within_the_time() {
        let ledger =
            ledger(&[(999, "bing"), (1000, "bing"), (1500, "google"), (1999, "bing"), (2000, "bing")]);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(counted(&ledger, 9), [(text("bing"), None, 2), (text("google"), None, 1)]);
        assert_eq!(counted(&ledger, 1), [(text("bing"), None, 1)], "the latest");
        // Where the session is kept, it says more; who was erased says nothing, and what nobody was shown counts for nobody.
        let sql = "INSERT INTO session VALUES (?1, 'plumber', 1500, 1500, 'Paid Search', 'google', 'cpc', 'spring', '', '', NULL, NULL, '')";
        ledger.0.execute(sql, [[3; 16]]).unwrap();
        ledger.0.execute("UPDATE lease SET shown = 0 WHERE started = 1999", []).unwrap();
        ledger.0.execute("UPDATE lease SET source = '', medium = '' WHERE started = 1000", []).unwrap();
        assert_eq!(counted(&ledger, 9), [(None, None, 1), (text("google"), text("spring"), 1)]);
    }

    #[test]
    fn pages_are_told_lease_by_lease_from_when_it_began() {
        let ledger = ledger(&[(1100, "bing"), (1200, "google")]);
        for (session, started, time) in [(2, 1200, 1300), (2, 1200, 1250), (2, 1200, 1199), (2, 7, 1400)] {
            let row = params![[session as u8; 16], started, time];
            ledger.0.execute("INSERT INTO page VALUES (?1, ?2, ?3, '/')", row).unwrap();
        }
        let views = ledger.views(SINCE, UNTIL, 9).unwrap();
        let told: Vec<_> = views.iter().map(|view| (view.lease, view.time.map(|time| time.0))).collect();
        assert_eq!(told, [(1, None), (2, Some(1250)), (2, Some(1300))]);
    }

    #[test]
    fn only_leases_of_the_time_are_looked_at() {
        let ledger = ledger(&[]);
        for sql in [CLASSES, VIEWS] {
            let mut statement = ledger.0.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps: Vec<String> = statement
                .query_map(params![0, 0, 0], |row| row.get(3))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            let has = |what: &str| steps.iter().any(|step| step.contains(what));
            assert!(has("SEARCH lease USING INDEX lease_started"), "{steps:?}");
            assert!(!has("SCAN lease") && !has("SCAN session") && !has("SCAN page"), "{steps:?}");
        }
    }
}
