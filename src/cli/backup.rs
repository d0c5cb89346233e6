//! `backup`: a copy of the ledger, while `serve` runs or while it doesn't.

use std::process::ExitCode;

use serde::Serialize;

use super::{Backup, Stop};
use crate::config::Secret;
use crate::ledger::{self, Contents, Place};

#[derive(Debug, Serialize)]
struct Written<'a> {
    file: &'a str,
    #[serde(flatten)]
    contents: Contents,
}

pub(super) fn run(backup: &Backup) -> Result<ExitCode, Stop> {
    let config = super::configuration(&backup.config)?;
    let path = match &config.server.ledger {
        Place::Sqlite(path) => path,
        Place::Postgres(place) => {
            return Err(Stop::Other(format!(
                "the ledger {place} is copied by what PostgreSQL has for it, such as pg_dump; keep the secret with the copy"
            )));
        }
    };
    let contents = ledger::back_up(path, &backup.file).map_err(Stop::because)?;
    let file = backup.file.to_string_lossy();
    match backup.json {
        true => {
            let written = Written { file: &file, contents };
            println!("{}", serde_json::to_string(&written).map_err(Stop::because)?);
        }
        false => println!("{file}: {contents}"),
    }
    let secret = match &config.server.secret {
        Secret::Env(name) => format!("what the environment's {name} holds"),
        Secret::File(path) => path.display().to_string(),
    };
    eprintln!("dni-edge: keep the secret with it, {secret}: without that one nobody can use this ledger");
    Ok(ExitCode::SUCCESS)
}
