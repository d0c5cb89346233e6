//! Pools of another configuration take over: each number keeps its holder, when it was last seen, and what is on its way to
//! the disk, wherever it stands from now on.
//!
//! A pool of the same site and name goes on with the numbers that stay. One that leaves it leaves as it was last shown: a
//! response that was promised it and hasn't shown it yet doesn't show it any more. So no two pools answer for one number at
//! any instant, and a response under way needs to know nothing of where it went.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Held, Memory, Number, NumberPool, Record, State, remember};
use crate::config;
use crate::ledger::{Ledger, ReadError, Seen};
use crate::number::Shown;

/// A number that is in no pool at the moment, by its E.164 form.
type Slots = HashMap<Arc<str>, Slot>;

/// A number with all that a pool knows of it.
struct Slot {
    number: Number,
    held: Held,
    record: Record,
}

/// What is known of the numbers of these sites' pools, in their order, taken over from the pools `before`; none at the start. Numbers
/// that none of these had are looked up in the ledger.
///
/// # Errors
/// [`ReadError`] where the ledger can't be read; nothing has been changed then.
pub(in crate::pool) async fn hand_over(
    sites: &[Arc<config::Site>],
    before: &[Arc<NumberPool>],
    ledger: &Ledger,
) -> Result<Vec<Memory>, ReadError> {
    let before: Vec<_> = before.iter().filter_map(|pool| Some((&**pool, pool.memory()?))).collect();
    let mut slots = look_up(sites, &before, ledger).await?;
    let pools = || sites.iter().flat_map(|site| site.pools.iter().map(|pool| (site.name.as_str(), pool)));
    let configured: HashMap<_, _> = pools().map(|(site, pool)| ((site, pool.name.as_str()), pool)).collect();
    let mut memories = HashMap::new();
    for (pool, memory) in before {
        let name = (&*pool.site, &*pool.name);
        let stay = configured.get(&name).map_or(&[][..], |pool| &pool.numbers);
        slots.extend(memory.let_go(stay, ledger));
        memories.insert(name, memory.clone());
    }
    let mut taken_over = Vec::new();
    for (site, pool) in pools() {
        let memory = memories.remove(&(site, pool.name.as_str())).unwrap_or_default();
        memory.take_in(&pool.numbers, &mut slots);
        taken_over.push(memory);
    }
    write_last_views(slots, ledger);
    Ok(taken_over)
}

/// What the ledger knows of the numbers that no pool has.
async fn look_up(
    sites: &[Arc<config::Site>],
    before: &[(&NumberPool, &Memory)],
    ledger: &Ledger,
) -> Result<Slots, ReadError> {
    let mut known = HashSet::new();
    for (_, memory) in before {
        known.extend(memory.0.lock().numbers.iter().map(|number| Arc::clone(&number.e164)));
    }
    let numbers = sites.iter().flat_map(|site| &site.pools).flat_map(|pool| &pool.numbers);
    let unknown = numbers.filter(|shown| !known.contains(shown.number.e164())).map(Number::of);
    let (unknown, ledger) = (unknown.collect::<Vec<_>>(), ledger.clone());
    let look_up = move |number: Number| {
        let (held, record) = remember(ledger.history(&number.e164)?);
        Ok((Arc::clone(&number.e164), Slot { number, held, record }))
    };
    // The disk is not for a thread that others wait for.
    let looked_up = tokio::task::spawn_blocking(move || unknown.into_iter().map(look_up).collect());
    looked_up.await.expect("nobody calls it off, and it does not panic")
}

/// Numbers that no pool has any more: when they were last seen is written now, or never.
fn write_last_views(slots: Slots, ledger: &Ledger) {
    let seen = |slot: Slot| {
        let Held { last_seen, is_confirmed, .. } = slot.held;
        let started = slot.record.showing.started;
        slot.record.unwritten.then_some(Seen { number: slot.number.e164, started, last_seen, is_confirmed })
    };
    let seen: Vec<_> = slots.into_values().filter_map(seen).collect();
    if !seen.is_empty() {
        ledger.seen(seen);
    }
}

impl Memory {
    /// Gives up all numbers but these.
    fn let_go(&self, staying: &[Shown], ledger: &Ledger) -> Slots {
        let staying: HashSet<_> = staying.iter().map(|shown| shown.number.e164()).collect();
        let mut state = self.0.lock();
        for number in 0..state.numbers.len() {
            let showing = &state.records[number].showing;
            if !staying.contains(&*state.numbers[number].e164) && !showing.is_shown() {
                // From here on it can't be shown: see `Memory::confirm`.
                ledger.unshown(Arc::clone(&state.numbers[number].e164), showing.started);
                state.take_back(number);
            }
        }
        let mut leaving = Slots::new();
        for slot in state.take_all() {
            match staying.contains(&*slot.number.e164) {
                true => state.put(slot),
                false => drop(leaving.insert(Arc::clone(&slot.number.e164), slot)),
            }
        }
        leaving
    }

    /// Has these numbers from now on, in this order: its own, and others out of `slots`, where they all are.
    fn take_in(&self, configured: &[Shown], slots: &mut Slots) {
        let mut state = self.0.lock();
        let own = state.take_all().into_iter();
        let mut own: Slots = own.map(|slot| (Arc::clone(&slot.number.e164), slot)).collect();
        let mut holders: HashSet<_> = own.values().filter_map(|slot| slot.held.holder).collect();
        let mut coming: Vec<_> = configured.iter().map(|shown| shown.number.e164()).collect();
        coming.retain(|e164| slots.contains_key(*e164));
        // A session has one number of a pool: the one that it had, or else was given last.
        coming.sort_by_key(|e164| Reverse(slots[*e164].record.showing.started));
        for e164 in coming {
            let held = &mut slots.get_mut(e164).expect("others were left out").held;
            if held.holder.is_some_and(|holder| !holders.insert(holder)) {
                held.holder = None;
            }
        }
        for shown in configured {
            let e164 = shown.number.e164();
            let slot = own.remove(e164).or_else(|| slots.remove(e164));
            let slot = slot.expect("who is in no pool was let go or looked up");
            // What it carries may be another word now.
            let number = Number { shown: shown.clone(), e164: slot.number.e164 };
            state.put(Slot { number, ..slot });
        }
    }
}

impl State {
    fn take_all(&mut self) -> Vec<Slot> {
        let (held, records) = (std::mem::take(&mut self.held), std::mem::take(&mut self.records));
        let numbers = std::mem::take(&mut self.numbers).into_iter();
        let slots = numbers.zip(held).zip(records);
        slots.map(|((number, held), record)| Slot { number, held, record }).collect()
    }

    fn put(&mut self, slot: Slot) {
        self.numbers.push(slot.number);
        self.held.push(slot.held);
        self.records.push(slot.record);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use parking_lot::RwLock;

    use super::*;
    use crate::clock::Timestamp;
    use crate::config::Config;
    use crate::pool::tests::somebody;
    use crate::pool::{Answer, Asking, Lease, Reply, hand_over};
    use crate::visit::{Session, SessionHash};

    /// Two pools with these numbers, which stay with whoever saw them for as long as a test takes.
    fn config(first: &[u16], second: &[u16]) -> Config {
        let pool = |name: &str, numbers: &[u16]| {
            let numbers: Vec<_> = numbers.iter().map(|number| e164(*number)).collect();
            format!("[[site.pool]]\nname = {name:?}\nnumbers = {numbers:?}\nhold = \"1h\"\n")
        };
        let text = format!(
            "[[site]]\nname = \"plumber\"\nhosts = [\"www.example.com\"]\norigin = \"http://127.0.0.1:8000\"\n\
             [[site.line]]\nname = \"main\"\ncanonical = \"+1 212 555 0100\"\n{}{}",
            pool("first", first),
            pool("second", second)
        );
        Config::parse(&text, Path::new("test.toml")).config.unwrap()
    }

    fn e164(number: u16) -> String {
        format!("+1646555{number:04}")
    }

    fn session(n: u128) -> Arc<Session> {
        Arc::new(Session { hash: SessionHash(n.to_le_bytes()), ..somebody(0, Timestamp::now()) })
    }

    fn ask(pool: &Arc<NumberPool>, session: &Arc<Session>) -> Option<Lease> {
        let asking = Asking { now: Timestamp::now(), is_confirmed: true, network: None };
        match pool.lease(session, asking) {
            Reply::Now(Answer::Number(lease)) => Some(lease),
            _ => None,
        }
    }

    async fn next(config: &Config, before: &[Arc<NumberPool>], ledger: &Ledger) -> Vec<Arc<NumberPool>> {
        hand_over(&config.sites, before, ledger).await.unwrap().remove(0)
    }

    #[tokio::test]
    async fn what_is_on_its_way_to_the_disk_is_shown_by_the_pool_that_follows() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.db"), &[7; 16]).unwrap();
        let before = next(&config(&[0], &[1]), &[], &ledger).await;
        let promised = ask(&before[0], &session(1)).unwrap();
        let after = next(&config(&[2, 0], &[1]), &before, &ledger).await;
        assert!(promised.show().await.is_some());
        drop(promised);
        assert_eq!(ask(&after[0], &session(1)).unwrap().number().number.e164(), e164(0));
        let given = ask(&after[0], &session(2)).unwrap();
        assert_eq!(given.number().number.e164(), e164(2));
        assert!(ask(&after[0], &session(3)).is_none());
    }

    #[tokio::test]
    async fn a_session_that_holds_a_number_of_each_pool_keeps_one_where_they_become_one() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.db"), &[7; 16]).unwrap();
        let before = next(&config(&[0], &[1, 2]), &[], &ledger).await;
        for pool in &before {
            assert!(ask(pool, &session(1)).unwrap().show().await.is_some());
        }
        let after = next(&config(&[1, 0], &[2]), &before, &ledger).await;
        assert_eq!(ask(&after[0], &session(1)).unwrap().number().number.e164(), e164(0));
        assert!(ask(&after[0], &session(2)).is_none(), "both are on hold");
        assert_eq!(after[0].usage(Timestamp::now()).unwrap().held, 2);
    }

    #[tokio::test]
    async fn the_last_view_of_a_number_that_leaves_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.db"), &[7; 16]).unwrap();
        let before = next(&config(&[0], &[1]), &[], &ledger).await;
        assert!(ask(&before[0], &session(1)).unwrap().show().await.is_some());
        let seen = Timestamp::now().plus(Duration::from_secs(60));
        let asking = Asking { now: seen, is_confirmed: true, network: None };
        assert!(matches!(before[0].holding(&session(1), asking), Reply::Now(Answer::Number(_))));
        next(&config(&[2], &[1]), &before, &ledger).await;
        ledger.settled().await;
        assert_eq!(ledger.history(&e164(0)).unwrap().holder.unwrap().last_seen, seen);
    }

    /// Asks whichever pools there are, now and a handover ago, and shows every other number that it gets: which, and to whom.
    fn visit(
        pools: &RwLock<Vec<Arc<NumberPool>>>,
        visitor: u128,
        visits: u128,
    ) -> Vec<(String, SessionHash)> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut seen = Vec::new();
        for visit in 0..visits {
            let pool = Arc::clone(&pools.read()[(visit % 2) as usize]);
            let session = session(visitor * visits + visit);
            let Some(lease) = ask(&pool, &session) else { continue };
            std::thread::yield_now();
            if visit % 3 > 0
                && let Some(shown) = runtime.block_on(lease.show())
            {
                seen.push((shown.number.e164().to_owned(), session.hash));
            }
        }
        seen
    }

    #[tokio::test]
    async fn numbers_that_move_about_while_visitors_come_are_nobodys_twice() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.db"), &[7; 16]).unwrap();
        let numbers: Vec<u16> = (0..60).collect();
        let config = |round: usize| config(&numbers[..10 + round % 40], &numbers[10 + round % 40..]);
        let pools = Arc::new(RwLock::new(next(&config(0), &[], &ledger).await));
        let come = |visitor| {
            let pools = Arc::clone(&pools);
            std::thread::spawn(move || visit(&pools, visitor, 2000))
        };
        let visitors: Vec<_> = (0..3).map(come).collect();
        let mut round = 0;
        while !visitors.iter().all(|visitor| visitor.is_finished()) {
            round += 7;
            let before = pools.read().clone();
            let after = next(&config(round), &before, &ledger).await;
            *pools.write() = after;
        }
        // Whatever is left is somebody's in the end.
        let visitors = visitors.into_iter().chain([come(3)]);
        let seen: Vec<_> = visitors.flat_map(|visitor| visitor.join().unwrap()).collect();
        let holders: HashMap<_, _> = seen.iter().cloned().collect();
        assert_eq!(holders.len(), seen.len(), "on hold, and shown to somebody else: {seen:?}");
        assert_eq!(holders.len(), numbers.len());
        ledger.close();
        let ledger = Ledger::open(&folder.path().join("ledger.db"), &[7; 16]).unwrap();
        for (number, session) in holders {
            assert_eq!(ledger.history(&number).unwrap().holder.unwrap().session, Some(session), "{number}");
        }
    }
}
