//! Reload: when SIGHUP comes, or the file has changed, the configuration is read again. One that is wrong changes nothing.

use std::path::{Path, PathBuf};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::MissedTickBehavior;

use super::Stop;
use super::watched::{LOOK, Watched};
use crate::config::{Config, Severity};
use crate::server::Rooms;

/// Heeds SIGHUP, which ends a process that doesn't.
pub(super) struct Reload {
    hangup: Signal,
    path: PathBuf,
    watched: Watched,
}

impl Reload {
    /// Of the configuration in this file. From here on SIGHUP ends nothing.
    pub fn of(path: &Path) -> Result<Self, Stop> {
        let hangup = signal(SignalKind::hangup()).map_err(Stop::because)?;
        Ok(Reload { hangup, path: path.to_owned(), watched: Watched::of(path) })
    }

    /// Reloads one time after another, for as long as the process runs.
    pub async fn run(mut self, rooms: Rooms) {
        while self.is_wanted().await {
            let path = self.path.clone();
            match tokio::task::spawn_blocking(move || read(&path)).await {
                Ok(Some(config)) => put_to_use(&rooms, config, &self.path).await,
                Ok(None) => {}
                Err(_) => keep(&self.path, "can't be read"),
            }
        }
    }

    /// Waits until the configuration is to be read again; false when nobody can ask for it any more.
    async fn is_wanted(&mut self) -> bool {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look.reset();
        loop {
            tokio::select! {
                asked = self.hangup.recv() => {
                    self.watched.take().await;
                    return asked.is_some();
                }
                _ = look.tick() => {
                    if self.watched.has_changed().await {
                        return true;
                    }
                }
            }
        }
    }
}

/// Reads a configuration, and logs what is wrong with it.
fn read(path: &Path) -> Option<Config> {
    let checked = Config::read(path).map_err(|error| keep(path, &format!("can't be read: {error}"))).ok()?;
    for finding in &checked.findings {
        match finding.severity {
            Severity::Error => tracing::error!("{finding}"),
            Severity::Warning => tracing::warn!("{finding}"),
        }
    }
    if checked.config.is_none() {
        keep(path, "is not a configuration that can be used");
    }
    checked.config
}

async fn put_to_use(rooms: &Rooms, config: Config, path: &Path) {
    let unusable = |error: &dyn std::error::Error| keep(path, &format!("can't be put to use: {error}"));
    let calls = match rooms.calls.prepare(&config) {
        Ok(calls) => calls,
        Err(error) => return unusable(&error),
    };
    let tls = match rooms.tls.as_ref().map(|tls| tls.prepare(&config.server.tls)).transpose() {
        Ok(prepared) => rooms.tls.as_ref().zip(prepared),
        Err(error) => return unusable(&error),
    };
    match rooms.edge.reconfigure(config).await {
        Ok(kept) => {
            if let Some((tls, prepared)) = tls {
                tls.put_to_use(prepared);
            }
            rooms.calls.reconfigure(calls);
            rooms.observer.reconfigure(&rooms.edge.server());
            for key in kept {
                tracing::warn!("{key} is as it was: it takes a restart to change it");
            }
            tracing::info!("reloaded {}", path.display());
        }
        Err(error) => unusable(&error),
    }
}

fn keep(path: &Path, why: &str) {
    tracing::error!("{} {why}; nothing has changed, the last good configuration goes on", path.display());
}
