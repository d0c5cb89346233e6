//! `erase`: what is kept of one session is removed.

use std::path::Path;
use std::process::ExitCode;

use super::{Erase, Stop, running};
use crate::config::Keys;
use crate::ledger::postgres::{self, Database};
use crate::ledger::{Ledger, OpenError, Place, Reader};

pub(super) fn run(erase: &Erase) -> Result<ExitCode, Stop> {
    let config = super::configuration(&erase.config)?;
    let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
    let erased = running::runtime(1)?.block_on(async {
        let ledger = match &config.server.ledger {
            Place::Sqlite(path) => open(path, &keys)?,
            Place::Postgres(place) => connect(place, &keys).await?,
        };
        let erased = ledger.erase(erase.session).await.map_err(Stop::because);
        tokio::task::spawn_blocking(move || ledger.close()).await.map_err(Stop::because)?;
        erased
    })?;
    match erase.json {
        true => println!("{}", serde_json::to_string(&erased).map_err(Stop::because)?),
        false => println!("removed: {erased}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Made, or brought up to date, it is by serve alone, which says so in its log.
fn open(path: &Path, keys: &Keys) -> Result<Ledger, Stop> {
    Reader::beside(path).map_err(Stop::because)?;
    Ledger::open(path, &keys.fingerprint).map_err(|error| match error {
        // Its memory would still know what the ledger doesn't any more, and write it again.
        OpenError::Locked(path) => Stop::Other(format!(
            "the ledger {} is in use by serve, which would write again what it remembers; stop it, erase, and start it again",
            path.display()
        )),
        error => Stop::because(error),
    })
}

/// Nodes that use it look each visitor up, and find nobody there.
async fn connect(place: &postgres::Place, keys: &Keys) -> Result<Ledger, Stop> {
    Database::beside(place).await.map_err(Stop::because)?;
    Ledger::connect(place, &keys.fingerprint).await.map_err(Stop::because)
}
