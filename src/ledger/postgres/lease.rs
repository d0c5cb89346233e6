//! The statements that give out numbers: the policy of `pool::choice`, where the database alone can see to it that no two
//! nodes give one number away.
//!
//! Many are asked for at once: each pool is looked at once, and numbers are taken in the order in which their turn comes. Which number is
//! on hold is asked in WHERE: that alone is looked at again once a row is locked (PostgreSQL, "Read Committed Isolation Level"),
//! and a number that another node gave away in between is passed over.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use deadpool_postgres::{Client, Transaction};
use futures_util::future::{try_join, try_join3};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};

use super::PoolId;
use super::leases::{Asked, Given, Giving};
use super::numbers::millis;
use super::store::{DURABLE, insert_sessions};
use super::turns::{Decision, Pools, State, Turn};
use crate::clock::Timestamp;
use crate::ledger::How;
use crate::visit::{Session, SessionHash};

/// Two first pages of one session take turns: the second finds the number of the first. In one order, so that no two
/// transactions wait for each other.
const TURNS: &str =
    "SELECT pg_advisory_xact_lock(key) FROM (SELECT key FROM unnest($1::bigint[]) key ORDER BY key) keys";

/// How pools stand: $2: whose own number is looked for; for `holder` has no index. $3: for how many milliseconds a number whose
/// holder is provisional is on hold.
const LOOK: &str = "
    WITH clock AS MATERIALIZED (SELECT dni_now() AS now),
    asked AS MATERIALIZED (
        SELECT pool, hold, array_agg(session) AS sessions FROM unnest($1::bigint[], $2::bytea[], $3::bigint[]) AS one (pool, session, hold)
        GROUP BY pool, hold)
    SELECT asked.pool, numbers, provisional, own, holders
    FROM asked, clock, LATERAL (
        SELECT count(*) AS numbers, array_agg(network) FILTER (WHERE NOT confirmed AND now - last_seen < hold) AS provisional,
            array_agg(id) FILTER (WHERE holder = ANY (sessions)) AS own,
            array_agg(holder) FILTER (WHERE holder = ANY (sessions)) AS holders
        FROM number WHERE pool = asked.pool AND active) state";

/// The sessions' own numbers, which are seen now, locked in the order of all who wait for numbers. Their leases tell of it at once: a
/// node that is gone before it has written what it showed can't.
const OWN: &str = "
    WITH clock AS MATERIALIZED (SELECT dni_now() AS now),
    held AS MATERIALIZED (
        SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::boolean[], $4::text[], $5::text[]) WITH ORDINALITY
            AS held (id, session, confirmed, source, medium, place)),
    own AS MATERIALIZED (
        SELECT number.id, held.place, held.confirmed, held.source, held.medium FROM number JOIN held USING (id)
        WHERE number.holder = held.session AND active ORDER BY number.id FOR UPDATE OF number),
    seen AS (
        UPDATE number SET last_seen = greatest(last_seen + 1, now), confirmed = number.confirmed OR own.confirmed,
            source = own.source, medium = own.medium,
            network = CASE WHEN own.confirmed THEN NULL ELSE number.network END
        FROM own, clock WHERE number.id = own.id
        RETURNING own.place, e164, epoch, started, last_seen, number.confirmed),
    renewed AS (
        UPDATE lease SET last_seen = greatest(lease.last_seen, seen.last_seen)
        FROM seen WHERE lease.number = seen.e164 AND lease.started = seen.started)
    SELECT place, e164, epoch, started, last_seen, confirmed FROM seen";

/// Whose turn it is, for a source and a medium each: as many numbers as may be wanted, which are nobody else's until this
/// transaction is through. $4: a number seen within so many milliseconds is on hold; $5: the same where its holder is provisional. Those
/// that were never used come first, then those whose holders stayed provisional, as in `pool::choice`; by one number, for several
/// take longer to sort.
const FREE: &str = "
    WITH clock AS MATERIALIZED (SELECT dni_now() AS now)
    SELECT place, id, confirmed, false AS is_held, NULL::bigint AS network
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) WITH ORDINALITY
            AS asked (pool, source, medium, hold, provisional_hold, most, place),
        clock, LATERAL (
        SELECT id, confirmed,
            (now - last_seen) * CASE WHEN source = asked.source AND medium = asked.medium THEN 5 ELSE 1 END
            + CASE WHEN last_seen = 0 THEN 1::bigint << 56 WHEN confirmed THEN 0 ELSE 1::bigint << 55 END AS turn
        FROM number
        WHERE pool = asked.pool AND active
            AND last_seen < now - CASE WHEN confirmed THEN hold + 1000 WHEN last_seen = 0 THEN 0 ELSE provisional_hold + 1000 END
        ORDER BY turn DESC LIMIT asked.most FOR UPDATE SKIP LOCKED) free
    ORDER BY place, turn DESC";

/// The numbers seen longest ago, on hold or not. $2: for how many milliseconds one whose holder is provisional is.
const OLDEST: &str = "
    WITH clock AS MATERIALIZED (SELECT dni_now() AS now)
    SELECT place, id, confirmed, NOT confirmed AND now - last_seen < hold AS is_held, network
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS asked (pool, hold, most, place), clock, LATERAL (
        SELECT id, confirmed, last_seen, network FROM number
        WHERE pool = asked.pool AND active ORDER BY last_seen LIMIT asked.most FOR UPDATE SKIP LOCKED) oldest
    ORDER BY place, last_seen";

/// Numbers whose turn it is are given away, and that is recorded.
const GIVE: &str = "
    WITH clock AS MATERIALIZED (SELECT dni_now() AS now),
    turn AS MATERIALIZED (
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::text[], $8::text[],
            $9::text[], $10::boolean[], $11::bigint[]) WITH ORDINALITY
            AS turn (id, site, pool, line, session, session_started, source, medium, how, confirmed, network, place)),
    given AS (
        UPDATE number SET epoch = epoch + 1, started = greatest(now, latest + 1), latest = greatest(now, latest + 1),
            last_seen = greatest(now, latest + 1), holder = turn.session, source = turn.source, medium = turn.medium,
            confirmed = turn.confirmed, network = CASE WHEN turn.confirmed THEN NULL ELSE turn.network END
        FROM turn, clock WHERE number.id = turn.id
        RETURNING place, e164, epoch, number.started, site, turn.pool, line, session, session_started, turn.source, turn.medium,
            how, turn.confirmed),
    recorded AS (
        INSERT INTO lease (number, epoch, site, pool, line, session, session_started, source, medium, started, last_seen, how, provisional)
        SELECT e164, epoch, site, pool, line, session, session_started, source, medium, started, started, how, NOT confirmed FROM given)
    SELECT place, e164, epoch, started FROM given";

/// Gives numbers to all who ask, in one transaction: an answer each, in their order. No two of them are of one session and
/// one pool.
pub(super) async fn give(client: &mut Client, asked: &[Asked]) -> Result<Vec<Giving>, Error> {
    let transaction = client.transaction().await?;
    let answers = give_within(&Prepared::of(&transaction).await?, asked).await?;
    transaction.commit().await?;
    Ok(answers)
}

/// A transaction, and the statements: prepared before the first of them is sent, so that each goes when its turn is.
struct Prepared<'t> {
    transaction: &'t Transaction<'t>,
    turns: Statement,
    look: Statement,
    own: Statement,
    free: Statement,
    oldest: Statement,
    give: Statement,
}

impl<'t> Prepared<'t> {
    async fn of(transaction: &'t Transaction<'t>) -> Result<Self, Error> {
        let prepare = |sql| transaction.prepare_cached(sql);
        let first = try_join3(prepare(TURNS), prepare(LOOK), prepare(OWN));
        let then = try_join3(prepare(FREE), prepare(OLDEST), prepare(GIVE));
        let ((turns, look, own), (free, oldest, give)) = try_join(first, then).await?;
        Ok(Prepared { transaction, turns, look, own, free, oldest, give })
    }
}

async fn give_within(prepared: &Prepared<'_>, asked: &[Asked]) -> Result<Vec<Giving>, Error> {
    let keys: Vec<i64> = asked.iter().map(Asked::key).collect();
    let keys: [&(dyn ToSql + Sync); 1] = [&keys];
    // Here and below: sent one behind the other, and answered in that order. Each sees what those before it did.
    let mut begun = Some(try_join(
        prepared.transaction.batch_execute(DURABLE),
        prepared.transaction.execute(&prepared.turns, &keys),
    ));
    let mut answers = vec![Giving::None; asked.len()];
    let mut left: Vec<usize> = (0..asked.len()).collect();
    while !left.is_empty() {
        let (places, later) = on_the_same_terms(asked, left);
        left = later;
        let those: Vec<&Asked> = places.iter().map(|place| &asked[*place]).collect();
        let looked = look(prepared, &those);
        let states = match begun.take() {
            Some(begun) => try_join(begun, looked).await?.1,
            None => looked.await?,
        };
        for (place, giving) in places.into_iter().zip(take_turns(prepared, &those, states).await?) {
            match giving {
                Some(giving) => answers[place] = giving,
                None => left.push(place),
            }
        }
    }
    Ok(answers)
}

/// Those who ask on the terms of the first who asks for the same pool, and the others: while a configuration follows another one, both
/// may ask.
fn on_the_same_terms(asked: &[Asked], places: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
    let mut terms = HashMap::new();
    places.into_iter().partition(|place| {
        let asked = &asked[*place];
        let own = (asked.hold, asked.provisional_hold);
        *terms.entry(asked.pool).or_insert(own) == own
    })
}

/// What each gets; none: to be asked anew, now that others have got theirs.
async fn take_turns(
    prepared: &Prepared<'_>,
    asked: &[&Asked],
    states: HashMap<PoolId, State>,
) -> Result<Vec<Option<Giving>>, Error> {
    let mut pools = Pools { states, ..Pools::default() };
    let wanting: Vec<&Asked> = asked.iter().filter(|asked| pools.is_wanted_by(asked)).copied().collect();
    let (own, free) = try_join(own(prepared, asked, &pools.states), free(prepared, &wanting)).await?;
    pools.free = free;
    let mut decisions = pools.decide(asked);
    let is_full =
        |(asked, decision): (&&Asked, &Decision)| (*decision == Decision::Oldest).then_some(asked.pool);
    let full: HashSet<PoolId> = asked.iter().zip(&decisions).filter_map(is_full).collect();
    if !full.is_empty() {
        let wanting: Vec<&Asked> = wanting.into_iter().filter(|asked| full.contains(&asked.pool)).collect();
        pools.oldest = oldest(prepared, &wanting).await?;
        decisions = pools.decide(asked);
    }
    let given = hand_out(prepared, asked, &decisions).await?;
    let mut numbers: HashMap<usize, Given> = own.into_iter().chain(given).collect();
    let answer = |(place, decision): (usize, Decision)| match decision {
        // Somebody else may have got what was the session's own when it was looked for.
        Decision::Number(..) => numbers.remove(&place).map(Giving::Number),
        Decision::Full => Some(Giving::Full),
        Decision::Crowded => Some(Giving::Crowded),
        Decision::None => Some(Giving::None),
        Decision::Oldest | Decision::Again => None,
    };
    Ok(decisions.into_iter().enumerate().map(answer).collect())
}

async fn look(prepared: &Prepared<'_>, asked: &[&Asked]) -> Result<HashMap<PoolId, State>, Error> {
    let pools: Vec<i64> = asked.iter().map(|asked| asked.pool.0).collect();
    let sessions: Vec<&[u8]> = asked.iter().map(|asked| asked.session.hash.0.as_slice()).collect();
    let holds: Vec<i64> = asked.iter().map(|asked| provisional_hold(asked)).collect();
    let rows = prepared.transaction.query(&prepared.look, &[&pools, &sessions, &holds]).await?;
    let read = |row: &Row| {
        let numbers = usize::try_from(row.try_get::<_, i64>(1)?).unwrap_or(0);
        let provisional: Option<Vec<Option<i64>>> = row.try_get(2)?;
        let own: Option<Vec<i64>> = row.try_get(3)?;
        let holders: Option<Vec<&[u8]>> = row.try_get(4)?;
        let of_whom = |holder: &[u8]| holder.try_into().map(SessionHash).ok();
        let own = holders
            .unwrap_or_default()
            .into_iter()
            .zip(own.unwrap_or_default())
            .filter_map(|(holder, number)| Some((of_whom(holder)?, number)))
            .collect();
        let state = State { numbers, provisional: provisional.unwrap_or_default(), own };
        Ok((PoolId(row.try_get(0)?), state))
    };
    rows.iter().map(read).collect()
}

async fn own(
    prepared: &Prepared<'_>,
    asked: &[&Asked],
    states: &HashMap<PoolId, State>,
) -> Result<Vec<(usize, Given)>, Error> {
    let own = |asked: &Asked| states.get(&asked.pool)?.own.get(&asked.session.hash).copied();
    let (places, numbers): (Vec<usize>, Vec<i64>) =
        asked.iter().enumerate().filter_map(|(place, asked)| Some((place, own(asked)?))).unzip();
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let those: Vec<&Asked> = places.iter().map(|place| asked[*place]).collect();
    let sessions: Vec<&[u8]> = those.iter().map(|asked| asked.session.hash.0.as_slice()).collect();
    let confirmed: Vec<bool> = those.iter().map(|asked| asked.is_confirmed).collect();
    let sources: Vec<&str> = those.iter().map(|asked| &*asked.session.source.source).collect();
    let mediums: Vec<&str> = those.iter().map(|asked| &*asked.session.source.medium).collect();
    let rows = prepared
        .transaction
        .query(&prepared.own, &[&numbers, &sessions, &confirmed, &sources, &mediums])
        .await?;
    let read = |row: &Row| {
        let given = Given {
            number: row.try_get::<_, &str>(1)?.into(),
            epoch: row.try_get(2)?,
            started: Timestamp(row.try_get(3)?),
            last_seen: Timestamp(row.try_get(4)?),
            is_confirmed: row.try_get(5)?,
            how: How::Sticky,
        };
        Ok((places[place_of(row)?], given))
    };
    rows.iter().map(read).collect()
}

/// Numbers off hold, for each source and medium of those who want one.
async fn free<'a>(
    prepared: &Prepared<'_>,
    wanting: &[&'a Asked],
) -> Result<HashMap<(PoolId, &'a str, &'a str), Vec<Turn>>, Error> {
    let kind = |asked: &'a Asked| (asked.pool, &*asked.session.source.source, &*asked.session.source.medium);
    let kinds: BTreeMap<_, &Asked> = wanting.iter().map(|asked| (kind(asked), *asked)).collect();
    if kinds.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = count_by_pool(wanting);
    let pools: Vec<i64> = kinds.keys().map(|(pool, ..)| pool.0).collect();
    let sources: Vec<&str> = kinds.keys().map(|(_, source, _)| *source).collect();
    let mediums: Vec<&str> = kinds.keys().map(|(.., medium)| *medium).collect();
    let holds: Vec<i64> = kinds.values().map(|asked| millis(asked.hold)).collect();
    let provisional: Vec<i64> = kinds.values().map(|asked| provisional_hold(asked)).collect();
    let most: Vec<i64> = kinds.keys().map(|(pool, ..)| wanted[pool]).collect();
    let parameters: [&(dyn ToSql + Sync); 6] = [&pools, &sources, &mediums, &holds, &provisional, &most];
    let rows = prepared.transaction.query(&prepared.free, &parameters).await?;
    read_turns(&rows, kinds.into_keys())
}

/// Of the pools whose numbers may go though they are on hold.
async fn oldest(prepared: &Prepared<'_>, wanting: &[&Asked]) -> Result<HashMap<PoolId, Vec<Turn>>, Error> {
    let those: BTreeMap<PoolId, i64> =
        wanting.iter().map(|asked| (asked.pool, provisional_hold(asked))).collect();
    let wanted = count_by_pool(wanting);
    let pools: Vec<i64> = those.keys().map(|pool| pool.0).collect();
    let holds: Vec<i64> = those.values().copied().collect();
    let most: Vec<i64> = those.keys().map(|pool| wanted[pool]).collect();
    let rows = prepared.transaction.query(&prepared.oldest, &[&pools, &holds, &most]).await?;
    read_turns(&rows, those.into_keys())
}

fn count_by_pool(asked: &[&Asked]) -> HashMap<PoolId, i64> {
    asked.iter().fold(HashMap::new(), |mut counts, asked| {
        *counts.entry(asked.pool).or_default() += 1;
        counts
    })
}

/// By whom they are for: those at the place that a row says, from 1.
fn read_turns<K: Eq + Hash>(
    rows: &[Row],
    whose: impl Iterator<Item = K>,
) -> Result<HashMap<K, Vec<Turn>>, Error> {
    // Where there are none, that is known too.
    let mut turns: Vec<(K, Vec<Turn>)> = whose.map(|key| (key, Vec::new())).collect();
    for row in rows {
        let is_held: bool = row.try_get(3)?;
        let network: Option<i64> = row.try_get(4)?;
        let turn = Turn {
            number: row.try_get(1)?,
            was_confirmed: row.try_get(2)?,
            on_hold_for: is_held.then_some(network),
        };
        turns[place_of(row)?].1.push(turn);
    }
    Ok(turns.into_iter().collect())
}

/// Gives away what was decided, and records it with the sessions.
async fn hand_out(
    prepared: &Prepared<'_>,
    asked: &[&Asked],
    decisions: &[Decision],
) -> Result<Vec<(usize, Given)>, Error> {
    let is_given = |(place, decision): (usize, &Decision)| match decision {
        Decision::Number(number, how @ (How::Fresh | How::Overflow)) => Some((place, *number, *how)),
        _ => None,
    };
    let given: Vec<(usize, i64, How)> = decisions.iter().enumerate().filter_map(is_given).collect();
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let those: Vec<&Asked> = given.iter().map(|(place, ..)| asked[*place]).collect();
    let numbers: Vec<i64> = given.iter().map(|(_, number, _)| *number).collect();
    let how: Vec<&str> = given.iter().map(|(.., how)| how.name()).collect();
    let text = |of: fn(&Asked) -> &str| those.iter().map(|asked| of(asked)).collect::<Vec<_>>();
    let (sites, pools, lines) =
        (text(|asked| &asked.site), text(|asked| &asked.name), text(|asked| &asked.line));
    let sources = text(|asked| &asked.session.source.source);
    let mediums = text(|asked| &asked.session.source.medium);
    let hashes: Vec<&[u8]> = those.iter().map(|asked| asked.session.hash.0.as_slice()).collect();
    let begun: Vec<i64> = those.iter().map(|asked| asked.session.started.0).collect();
    let confirmed: Vec<bool> = those.iter().map(|asked| asked.is_confirmed).collect();
    let networks: Vec<Option<i64>> = those.iter().map(|asked| asked.network).collect();
    let parameters: [&(dyn ToSql + Sync); 11] =
        [&numbers, &sites, &pools, &lines, &hashes, &begun, &sources, &mediums, &how, &confirmed, &networks];
    let sessions: BTreeMap<_, &Session> =
        those.iter().map(|asked| ((asked.session.hash, asked.session.started), &*asked.session)).collect();
    let sessions: Vec<&Session> = sessions.into_values().collect();
    let (rows, ()) = try_join(
        prepared.transaction.query(&prepared.give, &parameters),
        insert_sessions(prepared.transaction, &sessions),
    )
    .await?;
    let read = |row: &Row| {
        let (place, _, how) = given[place_of(row)?];
        let started = Timestamp(row.try_get(3)?);
        let is_confirmed = asked[place].is_confirmed;
        let (number, epoch) = (row.try_get::<_, &str>(1)?.into(), row.try_get(2)?);
        Ok((place, Given { number, epoch, started, last_seen: started, is_confirmed, how }))
    };
    rows.iter().map(read).collect()
}

/// Of a row that begins with it, as the database counts, from 1.
fn place_of(row: &Row) -> Result<usize, Error> {
    row.try_get::<_, i64>(0).map(|place| usize::try_from(place - 1).unwrap_or(0))
}

fn provisional_hold(asked: &Asked) -> i64 {
    millis(asked.provisional_hold.min(asked.hold))
}
