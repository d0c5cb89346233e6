//! The ledger as it is read: by whoever writes it, and by commands beside that. What is read here may take its time: whoever waits
//! for it waits for a thread of its own, or for the database.

use std::sync::Arc;

use parking_lot::Mutex;

use super::postgres::Database;
use super::{
    CallId, CallerHash, Candidate, Class, EarlierCall, Holding, Home, Landing, Place, ReadError, Reader,
    Rung, StoredCall, Tap, Unusable, View, Viewer, Which,
};
use crate::clock::Timestamp;

/// A handle to what is read; clones are the same.
#[derive(Clone)]
pub enum Records {
    File(Arc<Mutex<Reader>>),
    Database(Database),
}

impl Records {
    /// Those of a ledger that may be in use.
    ///
    /// # Errors
    /// [`Unusable`] where it isn't there, or is none of this version's.
    pub async fn beside(place: &Place) -> Result<Self, Unusable> {
        Ok(match place {
            Place::Sqlite(path) => Records::File(Arc::new(Mutex::new(Reader::beside(path)?))),
            Place::Postgres(place) => Records::Database(Database::beside(place).await?),
        })
    }

    /// The same ledger, read so that nobody else waits meanwhile, however long it takes.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn apart(&self) -> Result<Self, ReadError> {
        match self {
            Records::File(reader) => {
                let another = look(reader, |reader| Ok(Some(reader.again()?))).await?;
                Ok(another.map_or_else(|| self.clone(), |reader| Records::File(Arc::new(Mutex::new(reader)))))
            }
            Records::Database(database) => Ok(Records::Database(database.clone())),
        }
    }

    /// Calls, with all that is known of them, the first first.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn calls(&self, which: Which) -> Result<Vec<StoredCall>, ReadError> {
        match self {
            Records::File(reader) => look(reader, move |reader| reader.calls(which)).await,
            Records::Database(database) => Ok(database.calls(which).await?),
        }
    }

    /// The visits of all who may have made these calls, as far as they are kept.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn landings(&self, which: Which) -> Result<Vec<Landing>, ReadError> {
        match self {
            Records::File(reader) => look(reader, move |reader| reader.landings(which)).await,
            Records::Database(database) => Ok(database.landings(which).await?),
        }
    }

    /// How a site's phone rang from then on and before the other, the latest first, at most so often.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn rung(
        &self,
        site: &str,
        from: Timestamp,
        until: Timestamp,
        most: usize,
    ) -> Result<Vec<Rung>, ReadError> {
        match self {
            Records::File(reader) => {
                let site = site.to_owned();
                look(reader, move |reader| reader.rung(&site, from, until, most)).await
            }
            Records::Database(database) => Ok(database.rung(site, from, until, most).await?),
        }
    }

    /// Who may have made a call, the likeliest first.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn candidates(&self, call: CallId) -> Result<Vec<Candidate>, ReadError> {
        match self {
            Records::File(reader) => look(reader, move |reader| reader.candidates(call)).await,
            Records::Database(database) => Ok(database.candidates(call).await?),
        }
    }

    /// Calls of a telephone before then, the latest first, at most so many.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn earlier_calls(
        &self,
        caller: CallerHash,
        before: Timestamp,
        most: usize,
    ) -> Result<Vec<EarlierCall>, ReadError> {
        match self {
            Records::File(reader) => {
                look(reader, move |reader| reader.earlier_calls(caller, before, most)).await
            }
            Records::Database(database) => Ok(database.earlier_calls(caller, before, most).await?),
        }
    }

    /// Who tapped a number on a page from then until then, the latest first.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn taps(&self, number: &str, from: Timestamp, until: Timestamp) -> Result<Vec<Tap>, ReadError> {
        match self {
            Records::File(reader) => {
                let number = number.to_owned();
                look(reader, move |reader| reader.taps(&number, from, until)).await
            }
            Records::Database(database) => Ok(database.taps(number, from, until).await?),
        }
    }

    /// Who was shown a number until `at`, the latest first: see [`Reader::holders`].
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn holders(&self, number: &str, at: Timestamp) -> Result<Vec<Holding>, ReadError> {
        match self {
            Records::File(reader) => {
                let number = number.to_owned();
                look(reader, move |reader| reader.holders(&number, at)).await
            }
            Records::Database(database) => Ok(database.holders(number, at).await?),
        }
    }

    /// Sessions of a site that were shown this, as `shows` names it, before then; the latest first.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn viewers(&self, site: &str, shown: &str, at: Timestamp) -> Result<Vec<Viewer>, ReadError> {
        match self {
            Records::File(reader) => {
                let (site, shown) = (site.to_owned(), shown.to_owned());
                look(reader, move |reader| reader.viewers(&site, &shown, at)).await
            }
            Records::Database(database) => Ok(database.viewers(site, shown, at).await?),
        }
    }

    /// How many sessions of each class were given a number from then on and before the other: of the latest leases, so many.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn classes(
        &self,
        from: Timestamp,
        until: Timestamp,
        most: usize,
    ) -> Result<Vec<Class>, ReadError> {
        match self {
            Records::File(reader) => look(reader, move |reader| reader.classes(from, until, most)).await,
            Records::Database(database) => Ok(database.classes(from, until, most).await?),
        }
    }

    /// The pages of sessions that were given a number from then on and before the other, of each session in their order: of the
    /// latest leases, so many.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn views(
        &self,
        from: Timestamp,
        until: Timestamp,
        most: usize,
    ) -> Result<Vec<View>, ReadError> {
        match self {
            Records::File(reader) => look(reader, move |reader| reader.views(from, until, most)).await,
            Records::Database(database) => Ok(database.views(from, until, most).await?),
        }
    }

    /// Where a number is at home; none where it never was.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn home(&self, number: &str) -> Result<Option<Home>, ReadError> {
        match self {
            Records::File(reader) => {
                let number = number.to_owned();
                look(reader, move |reader| reader.home(&number)).await
            }
            Records::Database(database) => Ok(database.home(number).await?),
        }
    }

    /// Where all numbers are at home that ever were.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn homes(&self) -> Result<Vec<Home>, ReadError> {
        match self {
            Records::File(reader) => look(reader, Reader::homes).await,
            Records::Database(database) => Ok(database.homes().await?),
        }
    }
}

/// Reads the disk on a thread that nobody else waits for.
pub(super) async fn look<T: Default + Send + 'static>(
    reader: &Arc<Mutex<Reader>>,
    lookup: impl FnOnce(&Reader) -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    let reader = Arc::clone(reader);
    let found = tokio::task::spawn_blocking(move || lookup(&reader.lock())).await;
    // It is gone when the program ends.
    found.unwrap_or_else(|_| Ok(T::default()))
}
