//! Where the ledger is kept.

use std::fmt;
use std::path::PathBuf;

use super::postgres;

/// A file, or a database that several nodes share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Sqlite(PathBuf),
    Postgres(Box<postgres::Place>),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Sqlite(path) => path.display().fmt(f),
            Place::Postgres(place) => place.fmt(f),
        }
    }
}
