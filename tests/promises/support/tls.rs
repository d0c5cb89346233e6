//! A client that comes over TLS, and says how.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, HandshakeKind, ProtocolVersion,
    RootCertStore, SignatureScheme, StreamOwned, SupportedProtocolVersion,
};

use super::GUARD;
use super::client::Client;

/// How a client agrees on TLS.
#[derive(Clone)]
pub struct Hello {
    config: ClientConfig,
    name: ServerName<'static>,
}

/// A connection over TLS.
pub struct Secure(StreamOwned<ClientConnection, TcpStream>);

impl Hello {
    /// Of a client that names this host, and wants a certificate of one of these authorities.
    pub fn to(host: &str, roots: RootCertStore) -> Self {
        Hello::in_versions(host, roots, rustls::DEFAULT_VERSIONS)
    }

    /// The same with these versions of TLS only.
    pub fn in_versions(
        host: &str,
        roots: RootCertStore,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_protocol_versions(versions).unwrap();
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        Hello { config, name: ServerName::try_from(host.to_owned()).unwrap() }
    }

    /// Of a client that takes any certificate.
    pub fn trusting(host: &str) -> Self {
        let mut hello = Hello::to(host, RootCertStore::empty());
        let any = Arc::new(Any(ring::default_provider()));
        hello.config.dangerous().set_certificate_verifier(any);
        hello
    }

    /// The same without naming the host.
    pub fn nameless(mut self) -> Self {
        self.config.enable_sni = false;
        self
    }

    /// Offers these protocols.
    pub fn offering(mut self, protocols: &[&str]) -> Self {
        self.config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        self
    }

    /// The configuration, for clients of other makes.
    pub fn config(&self) -> ClientConfig {
        self.config.clone()
    }

    pub fn name(&self) -> ServerName<'static> {
        self.name.clone()
    }

    /// Connects and agrees.
    ///
    /// # Errors
    /// What the server did wrong, or said that we did.
    pub fn connect(&self, address: SocketAddr) -> io::Result<Secure> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(GUARD))?;
        stream.set_write_timeout(Some(GUARD))?;
        let connection = ClientConnection::new(Arc::new(self.config.clone()), self.name.clone());
        let mut stream = StreamOwned::new(connection.unwrap(), stream);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Secure(stream))
    }

    /// The certificate that this client is shown.
    pub fn certificate(&self, address: SocketAddr) -> CertificateDer<'static> {
        let secure = self.connect(address).unwrap();
        secure.0.conn.peer_certificates().unwrap()[0].clone().into_owned()
    }

    /// A connection that HTTP/1.1 is spoken on.
    pub fn client(&self, address: SocketAddr) -> Client<Secure> {
        Client::over(self.connect(address).unwrap())
    }
}

impl Secure {
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.0.conn.protocol_version()
    }

    /// Whether it goes on from an earlier connection, without another proof of who the server is.
    pub fn is_resumed(&self) -> bool {
        self.0.conn.handshake_kind() == Some(HandshakeKind::Resumed)
    }

    /// The protocol that was agreed on.
    pub fn protocol(&self) -> Option<&str> {
        self.0.conn.alpn_protocol().map(|protocol| std::str::from_utf8(protocol).unwrap())
    }
}

impl Read for Secure {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Secure {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Takes any certificate.
#[derive(Debug)]
struct Any(CryptoProvider);

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
