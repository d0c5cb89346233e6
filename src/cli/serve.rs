//! `serve`: the configured sites, until told to stop.

use std::io::IsTerminal;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use super::reload::Reload;
use super::running::{Running, runtime};
use super::{Serve, Stop};
use crate::server::{Inherited, Manager};

pub(super) fn run(serve: &Serve) -> Result<ExitCode, Stop> {
    let config = super::configuration(&serve.config)?;
    log(&config.server.log.level);
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

/// Logs to standard error; `RUST_LOG` has the last word on the level.
fn log(level: &str) {
    // The client's own log would name visitors: it tells what each statement is sent with.
    let usual = || EnvFilter::new(format!("{level},tokio_postgres=warn"));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| usual());
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(std::io::stderr)
        // It would say on standard error that it can't write there, and end the thread that had something to say.
        .log_internal_errors(false)
        .init();
}
