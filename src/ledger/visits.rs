//! What the ledger tells of a pool's visitors: how many were shown its numbers, when, for how long, and from where. Nothing of any
//! one of them leaves this file.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::{OptionalExtension, params};

use super::reader::Reader;
use super::removal::NOBODY;
use super::{Overflow, ReadError};
use crate::clock::Timestamp;

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// Whole days that are looked back at: a month by its weeks.
const MOST_DAYS: i64 = 28;

/// A pool's visitors over whole days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Visits {
    /// Up to 28; 0 where the pool has not served for a day yet: then all there were are told of.
    pub days: u32,
    /// Sessions that were shown a number.
    pub sessions: u64,
    /// Those of them that got it in each hour of the day, in UTC.
    pub hours: [u64; 24],
    /// From a session's first request to its last, in the mean.
    pub stay: Duration,
    /// Pages of a session, in the mean.
    pub pages: f64,
    /// Sessions of each pair of source and medium, the most first.
    pub sources: Vec<u64>,
    /// How often a page found no number, a day.
    pub overflowed: f64,
}

/// A session that was shown a number.
pub(super) struct Shown {
    pub time: i64,
    /// And medium.
    pub source: (String, String),
    pub stay: i64,
    pub pages: i64,
}

/// The time that is looked back at.
pub(super) struct Span {
    pub from: i64,
    pub until: i64,
    /// Whole days; 0 where there is none.
    days: i64,
}

/// Up to when a ledger tells whose last lease began at `last`: now, or where it is a copy from an earlier day, then.
pub(super) fn written(last: Option<i64>, now: Timestamp) -> i64 {
    last.filter(|last| now.0 - last > DAY).unwrap_or(now.0)
}

/// From when on a pool's first lease matters. That is a day more than is looked back: the first of a day comes some time after
/// its beginning.
pub(super) fn earliest(until: i64, keep: Duration) -> i64 {
    until - (most_days(keep) + 1) * DAY
}

fn most_days(keep: Duration) -> i64 {
    i64::try_from(keep.as_millis()).unwrap_or(i64::MAX).clamp(DAY, MOST_DAYS * DAY) / DAY
}

impl Span {
    /// The whole days since the pool's first lease, or since it is counted how often it has none left.
    pub fn of(until: i64, keep: Duration, first: Option<i64>, overflow: Option<Overflow>) -> Self {
        let began = first.into_iter().chain(overflow.map(|overflow| overflow.since.0)).min();
        let days = (until - began.unwrap_or(until)).div_euclid(DAY).clamp(0, most_days(keep));
        Span { from: until - days.max(1) * DAY, until, days }
    }
}

impl Reader {
    /// What the ledger tells of a pool's visitors in the days up to now, or up to when it was last written, if it is a copy
    /// from an earlier day. `keep` is how long it keeps what it is told.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn visits(
        &self,
        site: &str,
        pool: &str,
        keep: Duration,
        now: Timestamp,
    ) -> Result<Visits, ReadError> {
        let last = self.0.query_row("SELECT max(started) FROM lease", [], |row| row.get(0))?;
        let until = written(last, now);
        let overflow = self.overflow(site, pool)?;
        let first = self.first_lease(site, pool, earliest(until, keep))?;
        let span = Span::of(until, keep, first, overflow);
        let shown = self.shown(site, pool, &span)?;
        Ok(Visits::of(&shown, &span, overflow))
    }

    fn first_lease(&self, site: &str, pool: &str, from: i64) -> Result<Option<i64>, ReadError> {
        let sql = "SELECT started FROM lease WHERE started >= ?1 AND site = ?2 AND pool = ?3 AND shown = 1
             ORDER BY started LIMIT 1";
        Ok(self.0.prepare_cached(sql)?.query_row(params![from, site, pool], |row| row.get(0)).optional()?)
    }

    fn shown(&self, site: &str, pool: &str, span: &Span) -> Result<Vec<Shown>, ReadError> {
        let mut statement = self.0.prepare_cached(
            "SELECT min(lease.started), lease.source, lease.medium,
                 coalesce(session.last_seen - session.started, 0),
                 (SELECT count(*) FROM page
                  WHERE page.session = lease.session AND page.session_started = lease.session_started)
             FROM lease LEFT JOIN session
                 ON session.id = lease.session AND session.started = lease.session_started
             WHERE lease.started > ?1 AND lease.started <= ?2 AND lease.site = ?3 AND lease.pool = ?4
                 AND shown = 1 AND lease.session != ?5
             GROUP BY lease.session, lease.session_started",
        )?;
        let rows = statement.query_map(params![span.from, span.until, site, pool, NOBODY.0], |row| {
            Ok(Shown {
                time: row.get(0)?,
                source: (row.get(1)?, row.get(2)?),
                stay: row.get(3)?,
                pages: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Visits {
    pub(super) fn of(shown: &[Shown], span: &Span, overflow: Option<Overflow>) -> Self {
        let mut visits = Visits { sessions: shown.len() as u64, ..Visits::default() };
        visits.days = u32::try_from(span.days).unwrap_or(0);
        if let Some(overflow) = overflow {
            let counted = (span.until - overflow.since.0).max(DAY) as f64 / DAY as f64;
            visits.overflowed = overflow.times as f64 / counted;
        }
        let (mut stay, mut pages, mut sources) = (0, 0, HashMap::<_, u64>::new());
        for session in shown {
            visits.hours[session.time.rem_euclid(DAY) as usize / HOUR as usize] += 1;
            *sources.entry(&session.source).or_default() += 1;
            stay += session.stay;
            pages += session.pages;
        }
        let sessions = shown.len().max(1) as f64;
        visits.stay = Duration::from_secs_f64((stay as f64 / 1000.0 / sessions).max(0.0));
        visits.pages = pages as f64 / sessions;
        visits.sources = sources.into_values().collect();
        visits.sources.sort_unstable_by(|one, other| other.cmp(one));
        visits
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::ledger::tables;

    const NOW: Timestamp = Timestamp(20_000 * DAY);
    const KEEP: Duration = Duration::from_secs(400 * 24 * 60 * 60);

    struct Row {
        session: u8,
        /// Hours before now.
        ago: i64,
        source: &'static str,
        shown: bool,
        pool: &'static str,
    }

    const ROW: Row = Row { session: 1, ago: 0, source: "google", shown: true, pool: "ads" };

    /// A session views two pages, a minute apart.
    fn ledger(rows: &[Row]) -> Reader {
        let mut connection = Connection::open_in_memory().unwrap();
        tables::make(&mut connection, &[7; 16]).unwrap();
        for Row { session, ago, source, shown, pool } in rows {
            let (id, started) = ([*session; 16], NOW.0 - ago * HOUR);
            let sql = "INSERT INTO lease VALUES (NULL, '+1', 1, 'plumber', ?1, 'main', ?2, ?3, ?4, 'cpc', ?3, ?3, 'fresh', ?5, 0)";
            connection.execute(sql, params![pool, id, started, source, shown]).unwrap();
            let sql = "INSERT OR IGNORE INTO session
                 VALUES (?1, 'plumber', ?2, ?2 + 60000, '', ?3, 'cpc', NULL, '', '', NULL, NULL, '')";
            connection.execute(sql, params![id, started, source]).unwrap();
            for page in ["/", "/contact"] {
                let sql = "INSERT INTO page VALUES (?1, ?2, ?2, ?3)";
                connection.execute(sql, params![id, started, page]).unwrap();
            }
        }
        Reader(connection)
    }

    fn visits(ledger: &Reader) -> Visits {
        ledger.visits("plumber", "ads", KEEP, NOW).unwrap()
    }

    #[test]
    fn sessions_of_whole_days_are_counted_by_hour_and_source() {
        let rows = [
            Row { session: 1, ago: 73, ..ROW },
            Row { session: 2, ago: 71, ..ROW },
            Row { session: 3, ago: 49, source: "bing", ..ROW },
            Row { session: 4, ago: 2, ..ROW },
            Row { session: 5, ago: 2, shown: false, ..ROW },
            Row { session: 6, ago: 2, pool: "search", ..ROW },
        ];
        let visits = visits(&ledger(&rows));
        assert_eq!((visits.days, visits.sessions, &visits.sources[..]), (3, 3, &[2, 1][..]));
        let hours: Vec<_> = (0..24).filter(|hour| visits.hours[*hour] > 0).collect();
        assert_eq!((hours, visits.hours[22]), (vec![1, 22, 23], 1));
        assert_eq!((visits.stay, visits.pages), (Duration::from_secs(60), 2.0));
    }

    #[test]
    fn a_session_counts_once_however_many_numbers_it_was_shown_and_again_when_it_comes_back() {
        let twice = [Row { ago: 30, ..ROW }, Row { ago: 30, ..ROW }, Row { ago: 3, ..ROW }];
        assert_eq!(visits(&ledger(&twice)).sessions, 1, "of the last day");
        let days =
            [Row { ago: 60, ..ROW }, Row { ago: 30, ..ROW }, Row { ago: 30, ..ROW }, Row { ago: 3, ..ROW }];
        assert_eq!(visits(&ledger(&days)).sessions, 2);
    }

    #[test]
    fn it_looks_back_for_four_weeks_and_no_longer_than_is_kept() {
        let rows: Vec<_> =
            (1..=90).map(|day| Row { session: day, ago: 24 * i64::from(day) - 1, ..ROW }).collect();
        let ledger = ledger(&rows);
        let visits = visits(&ledger);
        assert_eq!((visits.days, visits.sessions), (28, 28));
        let week = Duration::from_secs(7 * 24 * 60 * 60);
        let visits = ledger.visits("plumber", "ads", week, NOW).unwrap();
        assert_eq!((visits.days, visits.sessions), (7, 7));
    }

    #[test]
    fn a_pool_that_has_served_for_days_has_them_though_nobody_came_at_first() {
        let ledger = ledger(&[Row { ago: 3, ..ROW }]);
        assert_eq!((visits(&ledger).days, visits(&ledger).sessions), (0, 1));
        let since = NOW.0 - 5 * DAY;
        ledger.0.execute("INSERT INTO overflow VALUES ('plumber', 'ads', 10, ?1)", [since]).unwrap();
        let visits = visits(&ledger);
        assert_eq!((visits.days, visits.overflowed), (5, 2.0));
    }

    #[test]
    fn a_copy_tells_of_the_days_before_it_was_made() {
        let ledger = ledger(&[Row { session: 1, ago: 150, ..ROW }, Row { session: 2, ago: 100, ..ROW }]);
        let visits = visits(&ledger);
        assert_eq!((visits.days, visits.sessions), (2, 1));
    }
}
