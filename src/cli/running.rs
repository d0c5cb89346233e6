//! A proxy in full: ledger, listeners, flushing, and an end in order. What `serve` and `demo` have in common.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedSender;

use super::Stop;
use crate::admin::Admin;
use crate::call::Calls;
use crate::call::signature::Verifiers;
use crate::clock::Timestamp;
use crate::config::{Config, Keys, Secret, Server};
use crate::ledger::{Contents, Ledger, ReadError};
use crate::observe::Observer;
use crate::proxy::{Edge, VisitReport};
use crate::server::tls::Tls;
use crate::server::{self, Listener, Rooms};

/// Last page views are written this often.
const FLUSH: Duration = Duration::from_millis(500);

/// What other nodes do is looked at this often.
const REFRESH: Duration = Duration::from_secs(5);

/// Visitors who left are forgotten this often.
const TIDY: Duration = Duration::from_secs(60);

/// How long it may take at the end to write what operators are yet to see.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The signal for a file that grew past the limit to the size of files: `SIGXFSZ`, as Linux and the BSDs number it.
const FILE_TOO_LARGE: i32 = 25;

/// What is too old to be kept is looked for this often.
const OUTDATED: Duration = Duration::from_secs(60 * 60);

/// A proxy whose listeners are bound.
pub(super) struct Running {
    rooms: Rooms,
    ledger: Ledger,
    listeners: Vec<Listener>,
    /// The operators' listener, and the token that it wants.
    admin: Option<(TcpListener, Option<String>)>,
}

impl Running {
    /// Opens the ledger and binds the listeners.
    pub async fn start(config: Config, reports: Option<UnboundedSender<VisitReport>>) -> Result<Self, Stop> {
        // It would end the process. Once it was listened to, what writes fails instead (setrlimit(2), RLIMIT_FSIZE).
        drop(signal(SignalKind::from_raw(FILE_TOO_LARGE)).map_err(Stop::because)?);
        let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
        // Without these no carrier could be told from somebody else.
        let carriers = Verifiers::load(&config.carriers).map_err(Stop::because)?;
        let ledger = Ledger::at(&config.server.ledger, &keys.fingerprint).await.map_err(Stop::because)?;
        let tls = tls(&config.server)?;
        let listeners = server::listen(&config.server).await.map_err(Stop::because)?;
        let admin = admin(&config.server).await?;
        let place = config.server.ledger.to_string();
        let unread = |error: ReadError| Stop::Other(format!("{place}: {error}"));
        let observer = Observer::new(&config.server);
        let calls = Calls::new(&config, &keys, ledger.clone(), carriers).await.map_err(unread)?;
        let edge = Edge::new(config, keys, ledger.clone(), reports).await.map_err(unread)?;
        if let Some((listener, _)) = &admin {
            let told = listener.local_addr().and_then(|address| ledger.tell_address(address));
            told.map_err(|error| Stop::Other(format!("the lock beside {place} can't be written: {error}")))?;
        }
        Ok(Running { rooms: Rooms { edge, calls, tls, observer }, ledger, listeners, admin })
    }

    pub fn rooms(&self) -> Rooms {
        self.rooms.clone()
    }

    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.address().ok()).collect()
    }

    /// Where operators ask.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(|(listener, _)| listener.local_addr().ok())
    }

    /// Serves until SIGTERM or SIGINT, then ends in order: requests, last page views, ledger.
    pub async fn until_stopped(self) -> Result<(), Stop> {
        let admin = self.admin_address();
        let mut terminate = signal(SignalKind::terminate()).map_err(Stop::because)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Stop::because)?;
        let is_draining = Arc::new(AtomicBool::new(false));
        let stop = async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            is_draining.store(true, Ordering::Relaxed);
        };
        let Rooms { edge, calls, observer, .. } = self.rooms();
        let flushing = tokio::spawn(flush(Arc::clone(&edge)));
        let refreshing = tokio::spawn(refresh(Arc::clone(&edge)));
        let removing =
            tokio::spawn(remove_outdated(self.ledger.clone(), Arc::clone(&edge), Arc::clone(&calls)));
        let folding = tokio::spawn(Arc::clone(&calls).fold_in());
        let learning = tokio::spawn(Arc::clone(&calls).learn());
        tokio::spawn(Arc::clone(&calls).fetch_missed());
        let checking = Arc::clone(&edge);
        tokio::spawn(async move { checking.check_claims().await });
        if let Some(address) = admin {
            say(format_args!("dni-edge admin on http://{address}"));
        }
        if let Some((listener, token)) = self.admin {
            let admin = Admin::new(self.rooms.clone(), token, Arc::clone(&is_draining));
            tokio::spawn(admin.serve(listener));
        }
        for listener in &self.listeners {
            if let Ok(address) = listener.address() {
                say(format_args!("dni-edge listening on {}://{address}", listener.scheme()));
            }
        }
        server::serve(self.listeners, self.rooms, stop).await;
        flushing.abort();
        refreshing.abort();
        removing.abort();
        folding.abort();
        learning.abort();
        edge.flush();
        let ledger = self.ledger;
        let close = move || {
            ledger.close();
            observer.close(LAST_WORDS);
        };
        tokio::task::spawn_blocking(close).await.map_err(Stop::because)
    }
}

/// Says something on standard error, which may be a file on a full disk: that is no reason to end.
fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// What it takes to agree on TLS, where that is listened for.
fn tls(server: &Server) -> Result<Option<Arc<Tls>>, Stop> {
    match server.listen_tls.is_empty() {
        true => Ok(None),
        false => Tls::load(&server.tls).map(Some).map_err(Stop::because),
    }
}

/// The operators' listener. One that nobody asked for by name is done without where its port is taken.
async fn admin(server: &Server) -> Result<Option<(TcpListener, Option<String>)>, Stop> {
    let token = match server.admin_token.as_ref().map(Secret::read).transpose() {
        Ok(token) => token,
        Err(error) => {
            tracing::warn!("there is no admin listener: its token can't be had ({error})");
            return Ok(None);
        }
    };
    match server::bind(&[server.admin]).await {
        Ok(mut bound) => Ok(bound.pop().map(|listener| (listener, token))),
        Err(error) if server.is_admin_named => Err(Stop::because(error)),
        Err(error) => {
            tracing::warn!(
                "{error} There is no admin listener; name an address for it: admin = \"127.0.0.1:9901\""
            );
            Ok(None)
        }
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

async fn refresh(edge: Arc<Edge>) {
    let mut refresh = tokio::time::interval(REFRESH);
    loop {
        refresh.tick().await;
        edge.refresh().await;
    }
}

/// Removes what was last seen too long ago, a little at a time: leases that are asked for meanwhile come in between.
async fn remove_outdated(ledger: Ledger, edge: Arc<Edge>, calls: Arc<Calls>) {
    let mut again = tokio::time::interval(OUTDATED);
    loop {
        again.tick().await;
        let (now, server) = (Timestamp::now(), edge.server());
        // They are told of by calls that the ledger still has.
        calls.remove_recordings_before(now.minus(server.recordings.keep)).await;
        let before = now.minus(server.keep);
        while ledger.remove_before(before).await.is_ok_and(|removed| removed != Contents::default()) {}
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
