//! Who held a number until an instant: what a call to it is attributed by.

use std::time::Duration;

use rusqlite::{Row, params};

use super::removal::NOBODY;
use super::{How, ReadError, Reader};
use crate::clock::Timestamp;
use crate::visit::{Channel, Described, SessionHash};

/// Where a longer history ends: of those who call at all, not one in six hundred calls later than that.
pub(super) const REACH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Of a busier number the latest, at most.
pub(super) const MOST: usize = 1000;

/// A session's time with a number, as far as it had come at the instant that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// None where it was erased.
    pub session: Option<SessionHash>,
    /// As the session's row has it; where that is gone, source and medium alone, and nothing where it was erased.
    pub source: Described,
    pub started: Timestamp,
    /// The last page view of those until the instant. Whoever came back later has it from the pages of the journey, else it is the
    /// instant itself.
    pub last_seen: Timestamp,
    pub how: How,
    /// The session had shown no cookie when it was given the number.
    pub is_provisional: bool,
}

/// What a row of a ledger tells of a holding.
pub(super) struct Told {
    pub session: SessionHash,
    pub source: String,
    pub medium: String,
    pub campaign: Option<String>,
    pub channel: Option<String>,
    pub started: Timestamp,
    /// Of the lease.
    pub last_seen: Timestamp,
    /// The session's last page until the instant, where the lease was seen later.
    pub page: Option<Timestamp>,
    pub how: String,
    pub is_provisional: bool,
}

impl Told {
    pub fn until(self, at: Timestamp) -> Holding {
        let is_known = |text: &String| !text.is_empty();
        let seen = self.last_seen.min(at);
        Holding {
            session: (self.session != NOBODY).then_some(self.session),
            source: Described {
                channel: self.channel.as_deref().and_then(Channel::from_name),
                source: Some(self.source).filter(is_known),
                medium: Some(self.medium).filter(is_known),
                campaign: self.campaign,
            },
            started: self.started,
            last_seen: self.page.map_or(seen, |page| page.clamp(self.started, seen)),
            how: if self.how == How::Overflow.name() { How::Overflow } else { How::Fresh },
            is_provisional: self.is_provisional,
        }
    }
}

const HOLDERS: &str = "
    SELECT lease.session, coalesce(session.source, lease.source), coalesce(session.medium, lease.medium), campaign, channel,
        lease.started, lease.last_seen,
        CASE WHEN lease.last_seen > ?2
            THEN (SELECT max(time) FROM page WHERE page.session = lease.session AND time <= ?2) END,
        how, provisional
    FROM lease LEFT JOIN session ON session.id = lease.session AND session.started = lease.session_started
    WHERE number = ?1 AND shown AND lease.started <= ?2 AND lease.started >= min(?3, (
        SELECT max(latest.started) FROM lease latest
        WHERE latest.number = ?1 AND latest.shown AND latest.started <= ?2))
    ORDER BY lease.started DESC LIMIT ?4";

impl Reader {
    /// Who was shown a number until `at`, the latest first. It goes back 30 days or 1,000 leases, whichever is less; of a number
    /// that nobody was shown for as long, it is the last one who was.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn holders(&self, number: &str, at: Timestamp) -> Result<Vec<Holding>, ReadError> {
        let mut statement = self.0.prepare_cached(HOLDERS)?;
        let rows = statement.query_map(params![number, at.0, at.minus(REACH).0, MOST as i64], read)?;
        Ok(rows.map(|told| Ok(told?.until(at))).collect::<rusqlite::Result<_>>()?)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Told> {
    Ok(Told {
        session: SessionHash(row.get(0)?),
        source: row.get(1)?,
        medium: row.get(2)?,
        campaign: row.get(3)?,
        channel: row.get(4)?,
        started: Timestamp(row.get(5)?),
        last_seen: Timestamp(row.get(6)?),
        page: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        how: row.get(8)?,
        is_provisional: row.get(9)?,
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::ledger::tables;

    const DAY: i64 = 24 * 60 * 60 * 1000;
    const AT: Timestamp = Timestamp(1_800_000_000_000);

    /// A ledger in which a number was given to sessions so long ago, and last seen with each a second later.
    fn given(ago: &[i64]) -> Reader {
        let mut connection = Connection::open_in_memory().unwrap();
        tables::make(&mut connection, &[7; 16]).unwrap();
        let reader = Reader(connection);
        (1..).zip(ago).for_each(|(session, ago)| give(&reader, session, *ago));
        reader
    }

    fn give(reader: &Reader, session: u8, ago: i64) {
        let started = AT.0 - ago;
        let sql = "INSERT INTO lease (number, epoch, site, pool, line, session, session_started, source, medium, started, last_seen, how)
                   VALUES ('+12125550110', 1, 'plumber', 'ads', 'main', ?1, ?2, 'google', 'cpc', ?2, ?2 + 1000, 'fresh')";
        reader.0.execute(sql, params![[session; 16], started]).unwrap();
        let sql = "INSERT INTO session VALUES (?1, 'plumber', ?2, ?2, 'Paid Search', 'google', 'cpc', 'spring', '{}', '', NULL, NULL, '')";
        reader.0.execute(sql, params![[session; 16], started]).unwrap();
    }

    fn holders(reader: &Reader) -> Vec<Holding> {
        reader.holders("+12125550110", AT).unwrap()
    }

    fn sessions(reader: &Reader) -> Vec<Option<u8>> {
        holders(reader).iter().map(|holding| holding.session.map(|session| session.0[0])).collect()
    }

    #[test]
    fn they_are_those_who_were_shown_it_until_then_the_latest_first() {
        let reader = given(&[5000, 9000, -1, 7000, 0]);
        reader.0.execute("UPDATE lease SET shown = 0 WHERE session = ?1", [[4; 16]]).unwrap();
        assert_eq!(sessions(&reader), [Some(5), Some(1), Some(2)]);
        assert!(reader.holders("+12125550111", AT).unwrap().is_empty());
        let source = Described {
            channel: Some(Channel::PaidSearch),
            source: Some("google".to_owned()),
            medium: Some("cpc".to_owned()),
            campaign: Some("spring".to_owned()),
        };
        let (started, last_seen) = (Timestamp(AT.0 - 5000), Timestamp(AT.0 - 4000));
        let session = Some(SessionHash([1; 16]));
        let holding = Holding { session, source, started, last_seen, how: How::Fresh, is_provisional: false };
        assert_eq!(holders(&reader)[1], holding);
    }

    #[test]
    fn whoever_came_back_later_was_last_seen_with_the_last_page_until_then() {
        let reader = given(&[9000]);
        reader.0.execute("UPDATE lease SET last_seen = ?1", [AT.0 + DAY]).unwrap();
        let last_seen = |reader: &Reader| holders(reader)[0].last_seen.0 - AT.0;
        assert_eq!(last_seen(&reader), 0, "no page tells");
        // The session began anew meanwhile.
        for (session, started, time) in [(1, -9000, -9000), (1, -500, -500), (1, -500, 1), (2, -3, -3)] {
            let row = params![[session as u8; 16], AT.0 + started, AT.0 + time];
            reader.0.execute("INSERT INTO page VALUES (?1, ?2, ?3, '/')", row).unwrap();
        }
        assert_eq!(last_seen(&reader), -500);
        reader.0.execute("UPDATE page SET time = ?1", [AT.0 - 9001]).unwrap();
        assert_eq!(last_seen(&reader), -9000, "a page that came before the number did");
    }

    #[test]
    fn what_is_not_kept_any_more_is_not_told() {
        let reader = given(&[9000, 5000]);
        reader.0.execute("DELETE FROM session", []).unwrap();
        let erase =
            "UPDATE lease SET session = ?1, session_started = 0, source = '', medium = '', how = 'overflow'
                     WHERE session = ?2";
        reader.0.execute(erase, [NOBODY.0, [1; 16]]).unwrap();
        let [kept, erased] = holders(&reader).try_into().unwrap();
        assert_eq!(
            (kept.source.source.as_deref(), kept.source.medium.as_deref()),
            (Some("google"), Some("cpc"))
        );
        assert_eq!((kept.source.campaign, kept.source.channel, kept.how), (None, None, How::Fresh));
        assert_eq!((erased.session, erased.source, erased.how), (None, Described::default(), How::Overflow));
    }

    #[test]
    fn they_go_back_thirty_days_and_a_thousand_leases_but_to_the_last_in_any_case() {
        let reader = given(&[40 * DAY, 31 * DAY]);
        assert_eq!(sessions(&reader), [Some(2)]);
        give(&reader, 3, 30 * DAY);
        assert_eq!(sessions(&reader), [Some(3)]);
        (0..MOST as i64).for_each(|ago| give(&reader, 4, ago));
        let sessions = sessions(&reader);
        assert_eq!(sessions.len(), MOST);
        assert!(!sessions.contains(&Some(3)));
    }

    #[test]
    fn no_table_is_read_from_end_to_end() {
        let reader = given(&[1]);
        let mut statement = reader.0.prepare(&format!("EXPLAIN QUERY PLAN {HOLDERS}")).unwrap();
        let steps: Vec<String> = statement
            .query_map(params!["", 0, 0, 0], |row| row.get(3))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(steps.iter().any(|step| step.contains("SEARCH lease USING INDEX lease_number")), "{steps:?}");
        assert!(!steps.iter().any(|step| step.contains("SCAN") || step.contains("TEMP")), "{steps:?}");
    }
}
