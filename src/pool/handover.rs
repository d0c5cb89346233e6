//! Pools of another configuration take over from those before, at the start from none.

use std::collections::HashMap;
use std::sync::Arc;

use super::shared::Shared;
use super::{Number, NumberPool, Turns, memory};
use crate::config;
use crate::ledger::{Ledger, ReadError};

/// The pools of these sites, in their order, in place of those `before`: the numbers that stay keep who has them. Of numbers that
/// come the ledger tells, where all that was asked for earlier must have come through: see [`Ledger::settled`]. Only one
/// handover may be under way.
///
/// # Errors
/// [`ReadError`] where the ledger can't be read: the pools before go on then. A database that nodes share may know of some of the
/// new ones already.
pub async fn hand_over(
    sites: &[Arc<config::Site>],
    before: &[Arc<NumberPool>],
    ledger: &Ledger,
) -> Result<Vec<Vec<Arc<NumberPool>>>, ReadError> {
    let known: HashMap<_, _> = before.iter().map(|pool| ((&*pool.site, &*pool.name), pool)).collect();
    let turns: Vec<_> = match ledger.shared() {
        None => memory::hand_over(sites, before, ledger).await?.into_iter().map(Turns::Memory).collect(),
        Some((database, leases)) => {
            let mut turns = Vec::new();
            for site in sites {
                for pool in &site.pools {
                    let before = known.get(&(&*site.name, &*pool.name)).and_then(|pool| pool.shared());
                    let shared = Shared::configure(site, pool, database, leases, before).await?;
                    turns.push(Turns::Shared(Box::new(shared)));
                }
            }
            turns
        }
    };
    let mut turns = turns.into_iter();
    let of_site = |site: &Arc<config::Site>| {
        let pools = site.pools.iter().zip(&mut turns).map(|(configured, turns)| {
            let pool = NumberPool::with(site, configured, ledger, turns);
            if !known.contains_key(&(&*site.name, &*configured.name)) {
                // From here on it is counted.
                pool.record_overflow(0);
            }
            pool
        });
        pools.collect()
    };
    Ok(sites.iter().map(of_site).collect())
}

impl NumberPool {
    fn with(site: &config::Site, pool: &config::Pool, ledger: &Ledger, turns: Turns) -> Arc<Self> {
        Arc::new(NumberPool {
            site: site.name.as_str().into(),
            name: pool.name.as_str().into(),
            line_name: site.lines[pool.line].name.as_str().into(),
            line: pool.line,
            terms: pool.terms,
            overflow: pool.overflow,
            numbers: pool.numbers.iter().map(Number::of).collect(),
            ledger: ledger.clone(),
            turns,
        })
    }
}
