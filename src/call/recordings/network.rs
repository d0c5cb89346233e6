//! The way to a carrier's host: its public addresses, TLS with its name, and one request on one connection.
//!
//! A name is looked up once, and the address that was judged is the one connected to: whoever owns a name can't lead us to a
//! machine of our own network.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::refused::{Failed, Refused};

const HTTPS: u16 = 443;

/// For each of: looking a name up, connecting, greeting, and the head of the answer.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) struct Network {
    tls: TlsConnector,
    names: Names,
    /// Which addresses may be connected to.
    allows: fn(IpAddr) -> bool,
}

/// Who knows where a host is.
enum Names {
    System,
    /// All hosts are here.
    #[cfg(test)]
    Here(SocketAddr),
}

impl Network {
    /// The world's, with the system's certificates. Reads the disk.
    pub fn of_system() -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Network { tls: connector(roots), names: Names::System, allows: is_public }
    }

    /// One whose hosts are all at one address.
    #[cfg(test)]
    pub fn at(address: SocketAddr, roots: RootCertStore, allows: fn(IpAddr) -> bool) -> Self {
        Network { tls: connector(roots), names: Names::Here(address), allows }
    }

    /// Asks a host, and waits for the head of its answer.
    ///
    /// # Errors
    /// [`Failed`] where it can't be reached or keeps silent, and [`Refused::NotPublic`] for an address that isn't the world's.
    pub async fn ask(
        &self,
        host: &str,
        request: Request<Empty<Bytes>>,
    ) -> Result<Response<Incoming>, Failed> {
        let stream = self.connect(host).await?;
        let broken = |error: hyper::Error| unreachable(host, &error);
        let (mut sender, connection) =
            in_time(http1::handshake(TokioIo::new(stream))).await?.map_err(broken)?;
        // It ends with the answer's body, or when nobody reads that any more.
        tokio::spawn(connection);
        in_time(sender.send_request(request)).await?.map_err(broken)
    }

    async fn connect(&self, host: &str) -> Result<TlsStream<TcpStream>, Failed> {
        let found = in_time(self.names.look_up(host)).await?;
        let found = found.map_err(|error| unreachable(host, &error))?;
        let allowed: Vec<SocketAddr> =
            found.into_iter().filter(|address| (self.allows)(address.ip())).collect();
        if allowed.is_empty() {
            return Err(Refused::NotPublic(host.to_owned()).into());
        }
        let stream = in_time(TcpStream::connect(&allowed[..])).await?;
        let stream = stream.map_err(|error| unreachable(host, &error))?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Refused::NoAddress)?;
        in_time(self.tls.connect(name, stream)).await?.map_err(|error| unreachable(host, &error))
    }
}

impl Names {
    async fn look_up(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        match self {
            Names::System => Ok(tokio::net::lookup_host((host, HTTPS)).await?.collect()),
            #[cfg(test)]
            Names::Here(address) => Ok(vec![*address]),
        }
    }
}

fn connector(roots: RootCertStore) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring provides what TLS 1.2 and 1.3 need")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config))
}

async fn in_time<T>(step: impl Future<Output = T>) -> Result<T, Failed> {
    tokio::time::timeout(PATIENCE, step).await.map_err(|_| Failed::Silent(PATIENCE))
}

fn unreachable(host: &str, error: &(dyn Error + 'static)) -> Failed {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Failed::Unreachable { host: host.to_owned(), because: cause.to_string() }
}

/// Whether an address is one of the world's, and not of this machine, its network, or a purpose of its own (IANA's special-purpose
/// address registries; RFC 6890).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            !(a == 0
                || address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_documentation()
                || a >= 224 // multicast, reserved, broadcast
                || (a == 100 && (64..128).contains(&b)) // between a carrier and its customers: RFC 6598
                || (a == 192 && b == 0 && c == 0)
                || (a == 192 && b == 88 && c == 99)
                || (a == 198 && (18..20).contains(&b))) // benchmarks: RFC 2544
        }
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            match address.octets() {
                // What a network without IPv4 makes of an IPv4 address: RFC 6052.
                [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d] => is_public([a, b, c, d].into()),
                [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d] => is_public([a, b, c, d].into()),
                // Global unicast, without Teredo and its like, 6to4, and what books are written with.
                _ => {
                    first & 0xe000 == 0x2000
                        && !(first == 0x2001 && second < 0x200)
                        && (first, second) != (0x2001, 0xdb8)
                        && first != 0x2002
                        && !(first == 0x3fff && second < 0x1000)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_the_world_is_public() {
        for public in
            ["52.1.2.3", "8.8.8.8", "2600:1f18::1", "64:ff9b::808:808", "::ffff:8.8.8.8", "192.0.1.1"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for other in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "100::1",
            "fec0::1",
        ] {
            assert!(!is_public(other.parse().unwrap()), "{other}");
        }
    }
}
