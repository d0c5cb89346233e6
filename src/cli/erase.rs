//! `erase`: what is kept of one session is removed, by `serve` while that runs.

use std::path::Path;
use std::process::ExitCode;

use super::{Erase, Stop, running};
use crate::admin;
use crate::config::{Config, Keys, Secret};
use crate::ledger::postgres::{self, Database};
use crate::ledger::{self, Contents, Ledger, OpenError, Place, Reader};
use crate::visit::SessionHash;

pub(super) fn run(erase: &Erase) -> Result<ExitCode, Stop> {
    let config = super::configuration(&erase.config)?;
    let erased = running::runtime(1)?.block_on(async {
        match &config.server.ledger {
            Place::Sqlite(path) => in_file(&config, path, erase.session).await,
            Place::Postgres(place) => in_database(&config, place, erase.session).await,
        }
    })?;
    match erase.json {
        true => println!("{}", serde_json::to_string(&erased).map_err(Stop::because)?),
        false => println!("removed: {erased}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Made, or brought up to date, it is by serve alone, which says so in its log.
async fn in_file(config: &Config, path: &Path, session: SessionHash) -> Result<Contents, Stop> {
    Reader::beside(path).map_err(Stop::because)?;
    let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
    match Ledger::open(path, &keys.fingerprint) {
        Ok(ledger) => {
            let erased = ledger.erase(session).await;
            ledger.close();
            erased.map_err(Stop::because)
        }
        // Its memory would still know what the ledger doesn't any more, and write it again.
        Err(OpenError::Locked(_)) => ask(config, path, session).await,
        Err(error) => Err(Stop::because(error)),
    }
}

/// Nodes that use it look each visitor up, and find nobody there.
async fn in_database(
    config: &Config,
    place: &postgres::Place,
    session: SessionHash,
) -> Result<Contents, Stop> {
    Database::beside(place).await.map_err(Stop::because)?;
    let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
    let ledger = Ledger::connect(place, &keys.fingerprint).await.map_err(Stop::because)?;
    let erased = ledger.erase(session).await.map_err(Stop::because);
    tokio::task::spawn_blocking(move || ledger.close()).await.map_err(Stop::because)?;
    erased
}

/// Has it done by whoever has the ledger.
async fn ask(config: &Config, ledger: &Path, session: SessionHash) -> Result<Contents, Stop> {
    let in_use = format!("the ledger {} is in use by another dni-edge, and", ledger.display());
    let Some(admin) = ledger::admin_of(ledger) else {
        return Err(Stop::Other(format!(
            "{in_use} that one has no admin listener to be asked at; if it has just started, try again, else stop it, \
             erase, and start it again"
        )));
    };
    let token = config.server.admin_token.as_ref().map(Secret::read).transpose().map_err(Stop::because)?;
    let asked = admin::ask_to_erase(admin, token.as_deref(), session).await;
    asked.map_err(|error| Stop::Other(format!("{in_use} {error}")))
}
