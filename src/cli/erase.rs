//! `erase`: what is kept of one session is removed.

use std::process::ExitCode;

use super::{Erase, Stop, running};
use crate::config::Keys;
use crate::ledger::{Ledger, OpenError, Reader};

pub(super) fn run(erase: &Erase) -> Result<ExitCode, Stop> {
    let config = super::configuration(&erase.config)?;
    let path = &config.server.ledger;
    // Made, or brought up to date, it is by serve alone, which says so in its log.
    Reader::beside(path).map_err(Stop::because)?;
    let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
    let ledger = Ledger::open(path, &keys.fingerprint).map_err(|error| match error {
        // Its memory would still know what the ledger doesn't any more, and write it again.
        OpenError::Locked(path) => Stop::Other(format!(
            "the ledger {} is in use by serve, which would write again what it remembers; stop it, erase, and start it again",
            path.display()
        )),
        error => Stop::because(error),
    })?;
    let erased = running::runtime(1)?.block_on(ledger.erase(erase.session));
    ledger.close();
    let erased = erased.map_err(Stop::because)?;
    match erase.json {
        true => println!("{}", serde_json::to_string(&erased).map_err(Stop::because)?),
        false => println!("removed: {erased}"),
    }
    Ok(ExitCode::SUCCESS)
}
