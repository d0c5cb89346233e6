//! A proxy in full: ledger, listeners, flushing, and an end in order. What `serve` and `demo` have in common.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedSender;

use super::Stop;
use crate::config::{Config, Keys};
use crate::ledger::Ledger;
use crate::proxy::{Edge, VisitReport};
use crate::server;

/// Last page views are written this often.
const FLUSH: Duration = Duration::from_millis(500);

/// Visitors who left are forgotten this often.
const TIDY: Duration = Duration::from_secs(60);

/// A proxy whose listeners are bound.
pub(super) struct Running {
    edge: Arc<Edge>,
    ledger: Ledger,
    listeners: Vec<TcpListener>,
}

impl Running {
    /// Opens the ledger and binds the listeners.
    pub async fn start(config: Config, reports: Option<UnboundedSender<VisitReport>>) -> Result<Self, Stop> {
        let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
        let ledger = Ledger::open(&config.server.ledger, &keys.fingerprint).map_err(Stop::because)?;
        let listeners = server::bind(&config.server.listen).await.map_err(Stop::because)?;
        let edge = Edge::new(config, keys, ledger.clone(), reports).map_err(Stop::because)?;
        Ok(Running { edge, ledger, listeners })
    }

    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves until SIGTERM or SIGINT, then ends in order: requests, last page views, ledger.
    pub async fn until_stopped(self) -> Result<(), Stop> {
        let mut terminate = signal(SignalKind::terminate()).map_err(Stop::because)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Stop::because)?;
        let stop = async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        let flushing = tokio::spawn(flush(Arc::clone(&self.edge)));
        for address in self.addresses() {
            eprintln!("dni-edge listening on http://{address}");
        }
        server::serve(self.listeners, Arc::clone(&self.edge), stop).await;
        flushing.abort();
        self.edge.flush();
        let ledger = self.ledger;
        tokio::task::spawn_blocking(move || ledger.close()).await.map_err(Stop::because)
    }
}

async fn flush(edge: Arc<Edge>) {
    let (mut flush, mut tidy) = (tokio::time::interval(FLUSH), tokio::time::interval(TIDY));
    loop {
        tokio::select! {
            _ = flush.tick() => edge.flush(),
            _ = tidy.tick() => edge.tidy(),
        }
    }
}

/// The runtime that the configuration asks for.
pub(super) fn runtime(threads: usize) -> Result<tokio::runtime::Runtime, Stop> {
    let mut builder = match threads {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    if threads > 1 {
        builder.worker_threads(threads);
    }
    builder.enable_all().build().map_err(Stop::because)
}
