//! How a pool's numbers stand: how many are on hold, and how many are left.

use std::time::Duration;

use super::{Held, Terms, memory};
use crate::clock::Timestamp;
use crate::config;
use crate::ledger::postgres::{self, Database, DatabaseError, Standing};
use crate::ledger::{ReadError, Reader};

/// How often it is said that a pool is running out.
const AGAIN: Duration = Duration::from_secs(60 * 60);

/// A pool's numbers at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    pub numbers: usize,
    /// Those on hold.
    pub held: usize,
    /// Those of them whose sessions have shown no cookie yet.
    pub provisional: usize,
}

impl Usage {
    pub(super) fn of<'h>(numbers: impl IntoIterator<Item = &'h Held>, terms: &Terms, now: Timestamp) -> Self {
        let mut usage = Usage { numbers: 0, held: 0, provisional: 0 };
        for held in numbers {
            let is_held = held.is_on_hold(terms, now);
            usage.numbers += 1;
            usage.held += usize::from(is_held);
            usage.provisional += usize::from(is_held && !held.is_confirmed);
        }
        usage
    }

    /// As the ledger tells, of a pool that may be in use elsewhere.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub fn recorded(pool: &config::Pool, ledger: &Reader, now: Timestamp) -> Result<Self, ReadError> {
        let histories = pool.numbers.iter().map(|shown| ledger.history(shown.number.e164()));
        let held: Vec<Held> =
            histories.map(|history| Ok(memory::held(&history?))).collect::<Result<_, ReadError>>()?;
        Ok(Usage::of(&held, &pool.terms, now))
    }

    /// The same of pools that nodes share, each by its site and its name.
    ///
    /// # Errors
    /// [`DatabaseError`] where the database can't be read.
    pub async fn shared(
        pools: impl Iterator<Item = (&str, &str, Terms)>,
        database: &Database,
    ) -> Result<Vec<Self>, DatabaseError> {
        let held = |(site, name, Terms { hold, provisional_hold, .. })| postgres::Held {
            site,
            name,
            hold,
            provisional_hold,
        };
        let standing = database.standing(&pools.map(held).collect::<Vec<_>>()).await?;
        Ok(standing.into_iter().map(Usage::from).collect())
    }

    pub fn free(self) -> usize {
        self.numbers - self.held
    }

    /// The share of the numbers that is held, from 0 to 1.
    pub fn utilisation(self) -> f64 {
        self.held as f64 / self.numbers.max(1) as f64
    }

    /// Nine of ten are held.
    pub fn is_running_out(self) -> bool {
        self.numbers > 0 && self.held * 10 >= self.numbers * 9
    }
}

impl From<Standing> for Usage {
    fn from(Standing { numbers, held, provisional }: Standing) -> Self {
        Usage { numbers, held, provisional }
    }
}

/// Sees to it that a pool's running out is said, and not said all the time.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    said: Option<Timestamp>,
}

impl Alarm {
    /// Whether it is to be said now.
    pub fn rings(&mut self, usage: Usage, now: Timestamp) -> bool {
        let is_due = self.said.is_none_or(|said| now.since(said) >= AGAIN);
        let rings = is_due && usage.is_running_out();
        if rings {
            self.said = Some(now);
        }
        rings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_out_is_said_at_nine_of_ten_and_once_an_hour() {
        let usage = |numbers, held| Usage { numbers, held, provisional: 0 };
        let (mut alarm, now) = (Alarm::default(), Timestamp(1_800_000_000_000));
        assert!(!alarm.rings(usage(20, 17), now) && !alarm.rings(usage(0, 0), now));
        assert!(alarm.rings(usage(20, 18), now));
        assert!(!alarm.rings(usage(20, 20), now.plus(AGAIN - Duration::from_millis(1))));
        assert!(alarm.rings(usage(1, 1), now.plus(AGAIN)));
    }
}
