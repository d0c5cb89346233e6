//! A ledger as commands read it: beside `serve`, or while nobody does.

use crate::clock::Timestamp;
use crate::config::{Pool, Site};
use crate::ledger::{Overflow, Place, ReadError, Records, Visits};
use crate::pool::{Ages, Usage};

use super::Stop;

pub(super) struct Beside(Records);

impl Beside {
    /// The ledger that is there.
    pub async fn at(place: &Place) -> Result<Self, Stop> {
        Records::beside(place).await.map(Beside).map_err(Stop::because)
    }

    pub fn records(&self) -> &Records {
        &self.0
    }

    /// How a pool's numbers stand, and how long ago they were seen.
    pub async fn usage(&self, site: &Site, pool: &Pool) -> Result<(Usage, Ages), ReadError> {
        match &self.0 {
            Records::File(reader) => Usage::recorded(pool, &reader.lock(), Timestamp::now()),
            Records::Database(database) => {
                let asked = std::iter::once((site.name.as_str(), pool.name.as_str(), pool.terms));
                Ok(Usage::shared(asked, database).await?[0])
            }
        }
    }

    /// How often a pool had no number left.
    pub async fn overflow(&self, site: &Site, pool: &Pool) -> Result<Option<Overflow>, ReadError> {
        match &self.0 {
            Records::File(reader) => reader.lock().overflow(&site.name, &pool.name),
            Records::Database(database) => Ok(database.overflow(&site.name, &pool.name).await?),
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
        match &self.0 {
            Records::File(reader) => reader.lock().visits(&site.name, &pool.name, keep, now),
            Records::Database(database) => Ok(database.visits(&site.name, &pool.name, keep, now).await?),
        }
    }
}
