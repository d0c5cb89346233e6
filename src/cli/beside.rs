//! A ledger as commands read it: beside `serve`, or while nobody does.

use crate::clock::Timestamp;
use crate::config::{Pool, Site};
use crate::ledger::postgres::Database;
use crate::ledger::{Holding, Overflow, Place, ReadError, Reader, StoredCall, Visits, Which};
use crate::pool::{Ages, Usage};

use super::Stop;

pub(super) enum Beside {
    File(Reader),
    Database(Database),
}

impl Beside {
    /// The ledger that is there.
    pub async fn at(place: &Place) -> Result<Self, Stop> {
        match place {
            Place::Sqlite(path) => Reader::beside(path).map(Beside::File).map_err(Stop::because),
            Place::Postgres(place) => {
                Database::beside(place).await.map(Beside::Database).map_err(Stop::because)
            }
        }
    }

    /// How a pool's numbers stand, and how long ago they were seen.
    pub async fn usage(&self, site: &Site, pool: &Pool) -> Result<(Usage, Ages), ReadError> {
        match self {
            Beside::File(reader) => Usage::recorded(pool, reader, Timestamp::now()),
            Beside::Database(database) => {
                let asked = std::iter::once((site.name.as_str(), pool.name.as_str(), pool.terms));
                Ok(Usage::shared(asked, database).await?[0])
            }
        }
    }

    /// How often a pool had no number left.
    pub async fn overflow(&self, site: &Site, pool: &Pool) -> Result<Option<Overflow>, ReadError> {
        match self {
            Beside::File(reader) => reader.overflow(&site.name, &pool.name),
            Beside::Database(database) => Ok(database.overflow(&site.name, &pool.name).await?),
        }
    }

    /// Who was shown a number until `at`, the latest first: see [`Reader::holders`].
    pub async fn holders(&self, number: &str, at: Timestamp) -> Result<Vec<Holding>, ReadError> {
        match self {
            Beside::File(reader) => reader.holders(number, at),
            Beside::Database(database) => Ok(database.holders(number, at).await?),
        }
    }

    /// Calls, with all that is known of them, the first first.
    pub async fn calls(&self, which: Which) -> Result<Vec<StoredCall>, ReadError> {
        match self {
            Beside::File(reader) => reader.calls(which),
            Beside::Database(database) => Ok(database.calls(which).await?),
        }
    }

    /// A pool's visitors, of as long as they are kept.
    pub async fn visits(
        &self,
        site: &Site,
        pool: &Pool,
        keep: std::time::Duration,
    ) -> Result<Visits, ReadError> {
        let now = Timestamp::now();
        match self {
            Beside::File(reader) => reader.visits(&site.name, &pool.name, keep, now),
            Beside::Database(database) => Ok(database.visits(&site.name, &pool.name, keep, now).await?),
        }
    }
}
