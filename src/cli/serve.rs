//! `serve`: the configured sites, until told to stop.

use std::process::ExitCode;

use super::reload::Reload;
use super::running::{Running, runtime};
use super::{Serve, Stop, log};
use crate::server::{Inherited, Manager};

pub(super) fn run(serve: &Serve) -> Result<ExitCode, Stop> {
    let config = super::configuration(&serve.config)?;
    log::begin(&config.server.log.level);
    let (inherited, manager) = (Inherited::from_environment(), Manager::from_environment());
    let runtime = runtime(config.server.threads)?;
    runtime.block_on(async {
        let reload = Reload::of(&serve.config)?;
        let running = Running::start(config, inherited, None).await?;
        tokio::spawn(reload.run(running.rooms(), manager.clone()));
        running.until_stopped(manager).await
    })?;
    Ok(ExitCode::SUCCESS)
}
