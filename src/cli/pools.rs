//! `pools`: how the numbers of each pool stand, as the ledger tells.

use std::process::ExitCode;

use serde::Serialize;

use super::running::runtime;
use super::{Pools, Stop};
use crate::Timestamp;
use crate::config::{Config, Pool, Site};
use crate::ledger::postgres::Database;
use crate::ledger::{Overflow, Place, ReadError, Reader};
use crate::pool::Usage;

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

/// What tells how pools stand.
enum Told {
    File(Reader),
    Database(Database),
}

impl Told {
    async fn by(place: &Place) -> Result<Self, Stop> {
        match place {
            Place::Sqlite(path) => Reader::beside(path).map(Told::File).map_err(Stop::because),
            Place::Postgres(place) => {
                Database::beside(place).await.map(Told::Database).map_err(Stop::because)
            }
        }
    }

    async fn of(&self, site: &Site, pool: &Pool) -> Result<(Usage, Option<Overflow>), ReadError> {
        match self {
            Told::File(reader) => {
                let usage = Usage::recorded(pool, reader, Timestamp::now())?;
                Ok((usage, reader.overflow(&site.name, &pool.name)?))
            }
            Told::Database(database) => {
                let asked = std::iter::once((site.name.as_str(), pool.name.as_str(), pool.terms));
                let usage = Usage::shared(asked, database).await?[0];
                Ok((usage, database.overflow(&site.name, &pool.name).await?))
            }
        }
    }
}

async fn rows(config: &Config) -> Result<Vec<Row<'_>>, Stop> {
    let ledger = Told::by(&config.server.ledger).await?;
    let mut rows = Vec::new();
    for site in &config.sites {
        for pool in &site.pools {
            let (usage, overflow) = ledger.of(site, pool).await.map_err(Stop::because)?;
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
        "{:site$}  {:pool$}  {:>7}  {:>7}  {:>11}  {:>7}  {:>10}  utilisation",
        "site", "pool", "numbers", "held", "provisional", "free", "overflowed"
    );
    for row in rows {
        println!(
            "{:site$}  {:pool$}  {:>7}  {:>7}  {:>11}  {:>7}  {:>10}  {:>9.0} %",
            row.site,
            row.pool,
            row.numbers,
            row.held,
            row.provisional,
            row.free,
            row.overflowed,
            100.0 * row.utilisation
        );
    }
}
