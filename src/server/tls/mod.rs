//! TLS with clients (RFC 8446, RFC 5246): who the proxy is to them, by certificates in files or issued by an authority, and
//! the handshake in which HTTP/2 or HTTP/1.1 is agreed on.

mod certificates;
mod choice;
mod der;
mod issued;
mod kept;
mod pair;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::crypto::ring;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::{interval, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::http::Spoken;
use crate::config::{self, Acme};
use crate::proxy;
use certificates::{Certificates, Held};

pub(crate) use pair::{Pair, PairError};

/// Certificates' files are looked at this often.
const LOOK: Duration = Duration::from_secs(2);

/// The protocol in which an authority asks whether a host is here (RFC 8737 §6.2).
const CHALLENGE: &[u8] = b"acme-tls/1";

const HTTP_2: &[u8] = b"h2";

/// Protocols, the best first (RFC 7301; RFC 9113 §3.2).
const PROTOCOLS: [&[u8]; 3] = [HTTP_2, b"http/1.1", CHALLENGE];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// TLS as the process speaks it; its certificates change while it runs.
pub struct Tls {
    certificates: Arc<Certificates>,
    /// Who issues certificates.
    acme: Mutex<Option<Acme>>,
    /// Told when other certificates are served than before: others may have to be issued then.
    changed: Notify,
    acceptor: TlsAcceptor,
}

/// A connection on which TLS has been agreed on.
pub(super) struct Agreed<S> {
    pub stream: TlsStream<S>,
    pub tls: proxy::Tls,
    pub spoken: Spoken,
}

/// Certificates that have been read, and are not served yet.
pub(crate) struct Prepared {
    held: Vec<Held>,
    acme: Option<Acme>,
}

impl Tls {
    /// Reads the certificates.
    ///
    /// # Errors
    /// [`PairError`] where one can't be used.
    pub(crate) fn load(settings: &config::Tls) -> Result<Arc<Self>, PairError> {
        let certificates = Arc::new(Certificates::default());
        let acceptor = acceptor(Arc::clone(&certificates));
        let tls = Tls { acceptor, certificates, acme: Mutex::default(), changed: Notify::new() };
        tls.put_to_use(tls.prepare(settings)?);
        Ok(Arc::new(tls))
    }

    /// Reads the certificates of another configuration. One that is served already and can't be used any more goes on as it was.
    ///
    /// # Errors
    /// [`PairError`] where another can't be used.
    pub(crate) fn prepare(&self, settings: &config::Tls) -> Result<Prepared, PairError> {
        let held = self.certificates.prepare(&settings.certificates)?;
        Ok(Prepared { held, acme: settings.acme.clone() })
    }

    /// Serves what was prepared, from the next connection on.
    pub(crate) fn put_to_use(&self, prepared: Prepared) {
        let hosts = prepared.acme.as_ref().map_or(&[][..], |acme| &acme.hosts);
        self.certificates.put_to_use(prepared.held, hosts);
        *self.acme.lock() = prepared.acme;
        self.changed.notify_one();
    }

    /// Reads certificates again when their files change, and has others issued, for as long as the process runs.
    pub(super) async fn keep_up(self: Arc<Self>) {
        tokio::join!(self.watch(), self.issue());
    }

    async fn watch(&self) {
        let (mut again, mut daily) = (interval(LOOK), interval(DAY));
        loop {
            tokio::select! {
                _ = daily.tick() => self.certificates.warn_of_ends(),
                _ = again.tick() => {
                    let certificates = Arc::clone(&self.certificates);
                    let looked = tokio::task::spawn_blocking(move || certificates.look()).await;
                    if looked.is_ok_and(|changed| changed) {
                        self.changed.notify_one();
                    }
                }
            }
        }
    }

    /// Orders that are under way when something changes begin anew.
    async fn issue(&self) {
        loop {
            let acme = self.acme.lock().clone();
            let issuing = async {
                match acme {
                    Some(acme) => issued::keep_up(acme, Arc::clone(&self.certificates)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.changed.notified() => {}
                _ = issuing => {}
            }
        }
    }

    /// Agrees on TLS with a client, in so much time. None: it was an authority that asked whether a host is here, and has had
    /// its answer.
    ///
    /// # Errors
    /// What the client did wrong, or that it took too long.
    pub(super) async fn agree<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        patience: Duration,
    ) -> io::Result<Option<Agreed<S>>> {
        let mut stream = timeout(patience, self.acceptor.accept(stream)).await??;
        let (_, agreed) = stream.get_ref();
        if agreed.alpn_protocol() == Some(CHALLENGE) {
            let _ = timeout(patience, stream.shutdown()).await;
            return Ok(None);
        }
        let spoken = if agreed.alpn_protocol() == Some(HTTP_2) { Spoken::Http2 } else { Spoken::Either };
        let server_name = agreed.server_name().map(|name| name.trim_end_matches('.').into());
        Ok(Some(Agreed { stream, tls: proxy::Tls { server_name }, spoken }))
    }
}

fn acceptor(certificates: Arc<Certificates>) -> TlsAcceptor {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring can do TLS 1.2 and 1.3");
    let mut config = builder.with_no_client_auth().with_cert_resolver(certificates);
    // Without it few sessions could be taken up again: each would have to be kept here (RFC 8446 §2.2).
    if let Ok(ticketer) = ring::Ticketer::new() {
        config.ticketer = ticketer;
    }
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
    TlsAcceptor::from(Arc::new(config))
}
