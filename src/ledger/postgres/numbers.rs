//! The pools' numbers as the nodes configure them, and how they stand.

use std::time::Duration;

use super::{Database, DatabaseError};

/// A pool, as the database knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PoolId(pub(super) i64);

impl PoolId {
    /// As the tables hold it.
    pub fn number(self) -> i64 {
        self.0
    }
}

/// A pool as it is configured.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub site: &'a str,
    pub name: &'a str,
    /// E.164
    pub numbers: &'a [&'a str],
}

/// A pool, and when its numbers are on hold.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    pub site: &'a str,
    pub name: &'a str,
    /// A number seen within this time is not given to somebody else.
    pub hold: Duration,
    /// The same where its holder is provisional.
    pub provisional_hold: Duration,
}

/// How a pool's numbers stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub numbers: usize,
    /// Those on hold.
    pub held: usize,
    /// Those of them whose sessions have shown no cookie yet.
    pub provisional: usize,
    /// Since they were last seen: the latest, the half, nine of ten and all of those that were ever used (nearest rank).
    pub quantiles: Option<[Duration; 4]>,
    /// The same of the number whose turn comes next; none where that was never used.
    pub next: Option<Duration>,
}

/// A number that wasn't in the pool until now begins with what its leases tell.
const JOIN: &str = "
    INSERT INTO number (pool, e164, epoch, latest, started, last_seen, holder, source, medium, confirmed)
    SELECT $1, wanted.e164, coalesce(latest.epoch, 0), coalesce(latest.started, 0), coalesce(held.started, 0),
        coalesce(held.last_seen, 0), nullif(held.session, decode(repeat('00', 16), 'hex')), coalesce(held.source, ''),
        coalesce(held.medium, ''), held.session IS NOT NULL AND (NOT held.provisional OR coalesce(
            (SELECT max(session.last_seen) > max(session.started) OR count(*) > 1 FROM session WHERE session.id = held.session), true))
    FROM unnest($2::text[]) AS wanted (e164)
    LEFT JOIN LATERAL (SELECT epoch, started FROM lease WHERE number = wanted.e164 ORDER BY started DESC LIMIT 1) latest ON true
    LEFT JOIN LATERAL (
        SELECT session, source, medium, started, last_seen, provisional FROM lease WHERE number = wanted.e164 AND shown
        ORDER BY started DESC LIMIT 1) held ON true
    ORDER BY wanted.e164
    ON CONFLICT (e164, pool) DO UPDATE SET active = true, epoch = excluded.epoch, latest = excluded.latest,
        started = excluded.started, last_seen = excluded.last_seen, holder = excluded.holder, source = excluded.source,
        medium = excluded.medium, confirmed = excluded.confirmed
    WHERE NOT number.active";

const STANDING: &str = "
    WITH clock AS MATERIALIZED (SELECT dni_now() AS now),
    stands AS (
        SELECT place, confirmed, now - last_seen < CASE WHEN confirmed THEN hold ELSE provisional_hold END AS is_held,
            CASE WHEN last_seen > 0 THEN greatest(now - last_seen, 0) END AS age
        FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) WITH ORDINALITY
            AS asked (site, name, hold, provisional_hold, place)
        JOIN pool USING (site, name) JOIN number ON number.pool = pool.id, clock WHERE active)
    SELECT place, count(*), count(*) FILTER (WHERE is_held), count(*) FILTER (WHERE is_held AND NOT confirmed),
        percentile_disc(ARRAY[0, 0.5, 0.9, 1]) WITHIN GROUP (ORDER BY age) FILTER (WHERE age IS NOT NULL),
        (array_agg(age ORDER BY is_held, age IS NOT NULL, NOT is_held AND confirmed, age DESC))[1]
    FROM stands GROUP BY place";

const LEAVE: &str = "UPDATE number SET active = false WHERE pool = $1 AND active AND e164 <> ALL ($2)";

impl Database {
    /// Sees to it that a pool has these numbers and no others. Whoever was shown one that left stays known.
    ///
    /// # Errors
    /// [`DatabaseError`]; nothing has been changed then.
    pub async fn configure(&self, wanted: Wanted<'_>) -> Result<PoolId, DatabaseError> {
        let mut client = self.client().await?;
        self.write(async {
            let transaction = client.transaction().await?;
            transaction
                .execute(
                    "SELECT pg_advisory_xact_lock(hashtextextended($1 || '/' || $2, 0))",
                    &[&wanted.site, &wanted.name],
                )
                .await?;
            let sql = "INSERT INTO pool (site, name) VALUES ($1, $2) ON CONFLICT (site, name) DO NOTHING";
            transaction.execute(sql, &[&wanted.site, &wanted.name]).await?;
            let sql = "SELECT id FROM pool WHERE site = $1 AND name = $2";
            let pool: i64 = transaction.query_one(sql, &[&wanted.site, &wanted.name]).await?.try_get(0)?;
            transaction.execute(JOIN, &[&pool, &wanted.numbers]).await?;
            transaction.execute(LEAVE, &[&pool, &wanted.numbers]).await?;
            transaction.commit().await?;
            Ok(PoolId(pool))
        })
        .await
    }

    /// How the numbers of these pools stand, in their order.
    ///
    /// # Errors
    /// [`DatabaseError`] where that can't be read.
    pub async fn standing(&self, pools: &[Held<'_>]) -> Result<Vec<Standing>, DatabaseError> {
        let client = self.client().await?;
        let sites: Vec<&str> = pools.iter().map(|pool| pool.site).collect();
        let names: Vec<&str> = pools.iter().map(|pool| pool.name).collect();
        let holds: Vec<i64> = pools.iter().map(|pool| millis(pool.hold)).collect();
        let provisional: Vec<i64> =
            pools.iter().map(|pool| millis(pool.provisional_hold.min(pool.hold))).collect();
        let found = self.read(async {
            let statement = client.prepare_cached(STANDING).await?;
            client.query(&statement, &[&sites, &names, &holds, &provisional]).await
        });
        let mut standings = vec![Standing::default(); pools.len()];
        for row in found.await? {
            let count =
                |column| row.try_get::<_, i64>(column).map(|count| usize::try_from(count).unwrap_or(0));
            let age = |millis: i64| Duration::from_millis(millis.cast_unsigned());
            let quantiles: Option<Vec<i64>> = row.try_get(4)?;
            let place = count(0)? - 1;
            standings[place] = Standing {
                numbers: count(1)?,
                held: count(2)?,
                provisional: count(3)?,
                quantiles: quantiles
                    .and_then(|ages| <[i64; 4]>::try_from(ages).ok())
                    .map(|ages| ages.map(age)),
                next: row.try_get::<_, Option<i64>>(5)?.map(age),
            };
        }
        Ok(standings)
    }
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}
