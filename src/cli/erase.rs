//! `erase`: what is kept of one session, or of one caller, is removed, by `serve` while that runs.

use std::path::Path;
use std::process::ExitCode;

use super::number::number;
use super::{Erase, Stop, running};
use crate::admin::{self, Erased};
use crate::call::archive::Archive;
use crate::config::{Config, Keys, Secret};
use crate::ledger::postgres::{self, Database};
use crate::ledger::{self, Contents, Ledger, OpenError, Place, Reader};

pub(super) fn run(erase: &Erase) -> Result<ExitCode, Stop> {
    let config = super::configuration(&erase.config)?;
    let what = what(&config, erase)?;
    let erased = running::runtime(1)?.block_on(async {
        match &config.server.ledger {
            Place::Sqlite(path) => in_file(&config, path, &what).await,
            Place::Postgres(place) => in_database(&config, place, &what).await,
        }
    })?;
    match erase.json {
        true => println!("{}", serde_json::to_string(&erased).map_err(Stop::because)?),
        false => println!("removed: {erased}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn what(config: &Config, erase: &Erase) -> Result<Erased, Stop> {
    match (erase.session, &erase.caller) {
        (Some(session), _) => Ok(Erased::Session(session)),
        (None, Some(caller)) => number(config, caller, None).map(Erased::Caller),
        (None, None) => Err(Stop::Other("say --session ID or --caller NUMBER".to_owned())),
    }
}

/// Made, or brought up to date, it is by serve alone, which says so in its log.
async fn in_file(config: &Config, path: &Path, what: &Erased) -> Result<Contents, Stop> {
    Reader::beside(path).map_err(Stop::because)?;
    let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
    match Ledger::open(path, &keys.fingerprint) {
        Ok(ledger) => {
            let erased = erase(config, &keys, &ledger, what).await;
            ledger.close();
            erased
        }
        // Its memory would still know what the ledger doesn't any more, and write it again.
        Err(OpenError::Locked(_)) => ask(config, path, what).await,
        Err(error) => Err(Stop::because(error)),
    }
}

/// Nodes that use it look each visitor up, and find nobody there.
async fn in_database(config: &Config, place: &postgres::Place, what: &Erased) -> Result<Contents, Stop> {
    Database::beside(place).await.map_err(Stop::because)?;
    let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
    let ledger = Ledger::connect(place, &keys.fingerprint).await.map_err(Stop::because)?;
    let erased = erase(config, &keys, &ledger, what).await;
    tokio::task::spawn_blocking(move || ledger.close()).await.map_err(Stop::because)?;
    erased
}

async fn erase(config: &Config, keys: &Keys, ledger: &Ledger, what: &Erased) -> Result<Contents, Stop> {
    match what {
        Erased::Session(session) => ledger.erase(*session).await.map_err(Stop::because),
        Erased::Caller(number) => {
            let archive = Archive::beside(config, keys, ledger.clone());
            archive.erase_caller(number.e164()).await.map_err(Stop::because)
        }
    }
}

/// Has it done by whoever has the ledger.
async fn ask(config: &Config, ledger: &Path, what: &Erased) -> Result<Contents, Stop> {
    let in_use = format!("the ledger {} is in use by another dni-edge, and", ledger.display());
    let Some(admin) = ledger::admin_of(ledger) else {
        return Err(Stop::Other(format!(
            "{in_use} that one has no admin listener to be asked at; if it has just started, try again, else stop it, \
             erase, and start it again"
        )));
    };
    let token = config.server.admin_token.as_ref().map(Secret::read).transpose().map_err(Stop::because)?;
    let asked = admin::ask_to_erase(admin, token.as_deref(), what).await;
    asked.map_err(|error| Stop::Other(format!("{in_use} {error}")))
}
