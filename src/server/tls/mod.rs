//! TLS with clients (RFC 8446, RFC 5246): who the proxy is to them, by certificates in files or issued by an authority, and
//! the handshake in which HTTP/2 or HTTP/1.1 is agreed on.

mod certificates;
mod choice;
mod der;
mod pair;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{interval, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config;
use crate::proxy;
use certificates::{Certificates, Held};

pub(crate) use pair::PairError;

/// Certificates' files are looked at this often.
const LOOK: Duration = Duration::from_secs(2);

/// The protocol in which an authority asks whether a host is here (RFC 8737 §6.2).
const CHALLENGE: &[u8] = b"acme-tls/1";

/// Protocols, the best first (RFC 7301; RFC 9113 §3.2).
const PROTOCOLS: [&[u8]; 3] = [b"h2", b"http/1.1", CHALLENGE];

/// TLS as the process speaks it; its certificates change while it runs.
pub struct Tls {
    certificates: Arc<Certificates>,
    acceptor: TlsAcceptor,
}

/// Certificates that have been read, and are not served yet.
pub(crate) struct Prepared {
    held: Vec<Held>,
    hosts: Vec<String>,
}

impl Tls {
    /// Reads the certificates.
    ///
    /// # Errors
    /// [`PairError`] where one can't be used.
    pub(crate) fn load(settings: &config::Tls) -> Result<Arc<Self>, PairError> {
        let certificates = Arc::new(Certificates::default());
        let tls = Tls { acceptor: acceptor(Arc::clone(&certificates)), certificates };
        tls.put_to_use(tls.prepare(settings)?);
        Ok(Arc::new(tls))
    }

    /// Reads the certificates of another configuration. One that is served already and can't be used any more goes on as it was.
    ///
    /// # Errors
    /// [`PairError`] where another can't be used.
    pub(crate) fn prepare(&self, settings: &config::Tls) -> Result<Prepared, PairError> {
        let held = self.certificates.prepare(&settings.certificates)?;
        let hosts = settings.acme.iter().flat_map(|acme| acme.hosts.clone()).collect();
        Ok(Prepared { held, hosts })
    }

    /// Serves what was prepared, from the next connection on.
    pub(crate) fn put_to_use(&self, prepared: Prepared) {
        self.certificates.put_to_use(prepared.held, &prepared.hosts);
    }

    /// Reads certificates again when their files change, for as long as the process runs.
    pub(super) async fn watch(self: Arc<Self>) {
        let mut again = interval(LOOK);
        loop {
            again.tick().await;
            let certificates = Arc::clone(&self.certificates);
            let _ = tokio::task::spawn_blocking(move || certificates.look()).await;
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
    ) -> io::Result<Option<(TlsStream<S>, proxy::Tls)>> {
        let mut stream = timeout(patience, self.acceptor.accept(stream)).await??;
        let (_, agreed) = stream.get_ref();
        if agreed.alpn_protocol() == Some(CHALLENGE) {
            let _ = timeout(patience, stream.shutdown()).await;
            return Ok(None);
        }
        let server_name = agreed.server_name().map(|name| name.trim_end_matches('.').into());
        Ok(Some((stream, proxy::Tls { server_name })))
    }
}

fn acceptor(certificates: Arc<Certificates>) -> TlsAcceptor {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring can do TLS 1.2 and 1.3");
    let mut config = builder.with_no_client_auth().with_cert_resolver(certificates);
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
    TlsAcceptor::from(Arc::new(config))
}
