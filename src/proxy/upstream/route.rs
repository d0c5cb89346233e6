//! How an origin is reached: its name is looked up, TCP and TLS are agreed, and HTTP begins.
//!
//! An https origin is verified: its certificate is for the host of its URL, by which it is named too (RFC 6066 §3), and signed
//! by an authority of `origin_ca`, or else of the system's.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use http::request::Parts;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::connection::Connection;
use super::outgoing::{Sent, request};
use super::tcp;
use crate::config::{OriginProtocol, Site};

/// Names of protocols (RFC 7301 §6, RFC 9113 §3.2).
const H2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// The most header lines of an answer in HTTP/1; hyper's own limit is 100, which a website with many cookies and links passes.
const LINES: usize = 500;

/// An HTTP/2 connection is asked this often whether it still leads anywhere, and given up without an answer in this time.
const PING: Duration = Duration::from_secs(10);

/// The way to one origin.
pub(crate) struct Route {
    /// The origin's URL, as far as it is configured.
    pub name: Box<str>,
    /// HTTP/2 is spoken, unless it is the server's word over TLS that it doesn't (RFC 7301).
    pub h2: bool,
    /// How long the whole of it may take.
    pub patience: Duration,
    host: Box<str>,
    port: u16,
    tls: Option<Tls>,
}

struct Tls {
    /// With the versions of HTTP that are configured.
    connector: TlsConnector,
    /// With HTTP/1.1 alone.
    connector_of_old: TlsConnector,
    server_name: ServerName<'static>,
    /// Whose word is taken for whose a certificate is.
    authorities: &'static str,
}

/// No connection to an origin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("it can't be connected to")]
    Tcp(#[source] io::Error),
    #[error("its certificate can't be verified, by {authorities}")]
    Certificate {
        authorities: &'static str,
        #[source]
        error: io::Error,
    },
    #[error("it doesn't agree on TLS")]
    Tls(#[source] io::Error),
    #[error("HTTP can't begin")]
    Http(#[source] hyper::Error),
    #[error("it can't be connected to within {0:?}")]
    Timeout(Duration),
}

/// No answer to a request of our own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("it hangs up without an answer")]
    BrokeOff(#[source] hyper::Error),
}

impl Route {
    /// The ways to a site's origins, in their order. To connect may take as long as `patience`.
    pub fn to_all_of(site: &Site, patience: Duration) -> Vec<Self> {
        let h2 = site.origin_protocol == OriginProtocol::H2;
        let connectors = site.origins.iter().any(|origin| origin.tls).then(|| connectors(site, h2));
        let authorities = match &site.origin_ca {
            Some(_) => "the authorities of origin_ca",
            None => "the system's authorities; where it is signed by another, name that in origin_ca",
        };
        let ways = site.origins.iter().map(|origin| {
            let host = origin.authority.host().trim_matches(['[', ']']);
            let server_name = ServerName::try_from(host.to_owned()).ok();
            let tls = connectors.clone().zip(server_name).filter(|_| origin.tls);
            // Without a port it is the scheme's own (RFC 9110 §4.2).
            let (scheme, port) = if origin.tls { ("https", 443) } else { ("http", 80) };
            Route {
                name: format!("{scheme}://{}", origin.authority).into(),
                h2,
                patience,
                host: host.into(),
                port: origin.authority.port_u16().unwrap_or(port),
                tls: tls.map(|((connector, connector_of_old), server_name)| Tls {
                    connector,
                    connector_of_old,
                    server_name,
                    authorities,
                }),
            }
        });
        ways.collect()
    }

    /// Host and port, as configured.
    pub fn authority(&self) -> &str {
        self.name.split_once("//").map_or(&*self.name, |(_, authority)| authority)
    }

    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// A connection that nobody has used yet.
    ///
    /// # Errors
    /// [`ConnectError`]: nothing has been sent then.
    pub async fn connect(&self) -> Result<Connection, ConnectError> {
        let late = |_| Err(ConnectError::Timeout(self.patience));
        timeout(self.patience, self.begin(self.h2)).await.unwrap_or_else(late)
    }

    /// The same for HTTP/1.1, whatever is configured: only that gives way to another protocol (RFC 9113 §8.6).
    ///
    /// # Errors
    /// [`ConnectError`] likewise.
    pub async fn connect_for_upgrade(&self) -> Result<Connection, ConnectError> {
        let late = |_| Err(ConnectError::Timeout(self.patience));
        timeout(self.patience, self.begin(false)).await.unwrap_or_else(late)
    }

    /// Sends a request of our own, without a body and with a Host header, over a connection of its own; waits for the head of the
    /// answer.
    ///
    /// # Errors
    /// [`AskError`] where none comes.
    pub async fn ask(&self, head: Parts) -> Result<Response<Incoming>, AskError> {
        let mut connection = self.connect().await?;
        let request = request(head, Sent::nothing(), self.is_tls(), connection.is_h2());
        connection.send(request).await.map_err(|unsent| AskError::BrokeOff(unsent.into_error()))
    }

    async fn begin(&self, h2: bool) -> Result<Connection, ConnectError> {
        let stream = tcp::connect(&self.host, self.port).await.map_err(ConnectError::Tcp)?;
        let Some(tls) = &self.tls else { return speak(stream, h2).await };
        let connector = if h2 { &tls.connector } else { &tls.connector_of_old };
        let stream = connector.connect(tls.server_name.clone(), stream).await;
        let stream =
            stream.map_err(|error| match error.get_ref().and_then(|cause| cause.downcast_ref()) {
                Some(rustls::Error::InvalidCertificate(_)) => {
                    ConnectError::Certificate { authorities: tls.authorities, error }
                }
                _ => ConnectError::Tls(error),
            })?;
        let h2 = stream.get_ref().1.alpn_protocol() == Some(H2);
        speak(stream, h2).await
    }
}

/// Begins HTTP on a connection, which is driven until its end.
async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    h2: bool,
) -> Result<Connection, ConnectError> {
    let stream = TokioIo::new(stream);
    match h2 {
        true => {
            let mut http = http2::Builder::new(TokioExecutor::new());
            http.timer(TokioTimer::new()).keep_alive_interval(PING).keep_alive_timeout(PING);
            let (sender, connection) = http.handshake(stream).await.map_err(ConnectError::Http)?;
            tokio::spawn(connection);
            Ok(Connection::shared(sender))
        }
        false => {
            let mut http = http1::Builder::new();
            http.max_headers(LINES);
            let (sender, connection) = http.handshake(stream).await.map_err(ConnectError::Http)?;
            tokio::spawn(connection.with_upgrades());
            Ok(Connection::alone(sender))
        }
    }
}

/// One that agrees on HTTP/2 where that is wanted, and one for HTTP/1.1.
fn connectors(site: &Site, h2: bool) -> (TlsConnector, TlsConnector) {
    let roots = site.origin_ca.clone().unwrap_or_else(|| Arc::new(systems_authorities()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring provides what TLS 1.2 and 1.3 need")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![HTTP1.to_vec()];
    let of_old = TlsConnector::from(Arc::new(config.clone()));
    if h2 {
        config.alpn_protocols.insert(0, H2.to_vec());
    }
    (TlsConnector::from(Arc::new(config)), of_old)
}

fn systems_authorities() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        tracing::error!(
            "the system has no certificates of authorities, so that no https origin can be verified: install them \
             (Debian: ca-certificates), or name yours in origin_ca"
        );
    }
    roots
}
