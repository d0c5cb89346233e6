//! `serve`: the configured sites, until told to stop.

use std::process::ExitCode;

use super::reload::Reload;
use super::running::{Running, runtime};
use super::{Serve, Stop, log};

pub(super) fn run(serve: &Serve) -> Result<ExitCode, Stop> {
    let config = super::configuration(&serve.config)?;
    log::begin(&config.server.log.level);
    let runtime = runtime(config.server.threads)?;
    runtime.block_on(async {
        let reload = Reload::of(&serve.config)?;
        let running = Running::start(config, None).await?;
        tokio::spawn(reload.run(running.rooms()));
        running.until_stopped().await
    })?;
    Ok(ExitCode::SUCCESS)
}
