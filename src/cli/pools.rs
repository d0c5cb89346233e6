//! `pools`: how the numbers of each pool stand, as the ledger tells.

use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use super::beside::Beside;
use super::running::runtime;
use super::{Pools, Stop};
use crate::config::Config;

/// A pool's numbers at this instant.
#[derive(Debug, Serialize)]
struct Row<'a> {
    site: &'a str,
    pool: &'a str,
    numbers: usize,
    /// Those on hold.
    held: usize,
    /// Those of them whose sessions have shown no cookie yet.
    provisional: usize,
    free: usize,
    /// How often all were on hold when one was wanted, since then; RFC 3339.
    overflowed: i64,
    overflowed_since: Option<String>,
    /// The share that is held, from 0 to 1.
    utilisation: f64,
    /// Since the number was last seen whose turn comes next; null where that was never used.
    seconds_since_last_seen: Option<u64>,
}

pub(super) fn run(pools: &Pools) -> Result<ExitCode, Stop> {
    let config = super::configuration(&pools.config)?;
    let rows = runtime(1)?.block_on(rows(&config))?;
    match pools.json {
        true => {
            for row in &rows {
                println!("{}", serde_json::to_string(row).map_err(Stop::because)?);
            }
        }
        false => print(&rows),
    }
    Ok(ExitCode::SUCCESS)
}

async fn rows(config: &Config) -> Result<Vec<Row<'_>>, Stop> {
    let ledger = Beside::at(&config.server.ledger).await?;
    let mut rows = Vec::new();
    for site in &config.sites {
        for pool in &site.pools {
            let (usage, ages) = ledger.usage(site, pool).await.map_err(Stop::because)?;
            let overflow = ledger.overflow(site, pool).await.map_err(Stop::because)?;
            rows.push(Row {
                site: &site.name,
                pool: &pool.name,
                numbers: usage.numbers,
                held: usage.held,
                provisional: usage.provisional,
                free: usage.free(),
                overflowed: overflow.map_or(0, |overflow| overflow.times),
                overflowed_since: overflow.map(|overflow| overflow.since.to_string()),
                utilisation: usage.utilisation(),
                seconds_since_last_seen: ages.next.map(|age| age.as_secs()),
            });
        }
    }
    Ok(rows)
}

fn print(rows: &[Row<'_>]) {
    let width =
        |name: fn(&Row<'_>) -> usize, least: usize| rows.iter().map(name).max().unwrap_or(0).max(least);
    let (site, pool) = (width(|row| row.site.chars().count(), 4), width(|row| row.pool.chars().count(), 4));
    println!(
        "{:site$}  {:pool$}  {:>7}  {:>7}  {:>11}  {:>7}  {:>10}  {:>11}  last seen",
        "site", "pool", "numbers", "held", "provisional", "free", "overflowed", "utilisation"
    );
    for row in rows {
        println!(
            "{:site$}  {:pool$}  {:>7}  {:>7}  {:>11}  {:>7}  {:>10}  {:>9.0} %  {}",
            row.site,
            row.pool,
            row.numbers,
            row.held,
            row.provisional,
            row.free,
            row.overflowed,
            100.0 * row.utilisation,
            last_seen(row.seconds_since_last_seen)
        );
    }
}

/// Since the number was last seen whose turn comes next.
fn last_seen(seconds: Option<u64>) -> String {
    let ago = |seconds| format!("{} ago", humantime::format_duration(Duration::from_secs(seconds)));
    seconds.map_or("never".to_owned(), ago)
}
