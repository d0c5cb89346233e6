//! TLS before a website that knows none.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::authority::Pair;

/// Takes connections by TLS, and hands on what comes to a website that knows no TLS.
pub struct TlsFront {
    pub address: SocketAddr,
    agreed: Arc<Mutex<Vec<Agreed>>>,
    _runtime: tokio::runtime::Runtime,
}

/// The host that a client named, and the protocol that was agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    pub server_name: Option<String>,
    pub protocol: Option<String>,
}

impl TlsFront {
    /// Before the website at this address, with this certificate; agrees on one of these protocols, where it is offered.
    pub fn before(website: SocketAddr, pair: &Pair, protocols: &[&str]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (address, agreed) = (listener.local_addr().unwrap(), Arc::default());
        let acceptor = TlsAcceptor::from(Arc::new(server(pair, protocols)));
        let noted = Arc::clone(&agreed);
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(hand_on(stream, acceptor.clone(), website, Arc::clone(&noted)));
            }
        });
        TlsFront { address, agreed, _runtime: runtime }
    }

    /// What was agreed on with each client so far.
    pub fn agreed(&self) -> Vec<Agreed> {
        self.agreed.lock().unwrap().clone()
    }

    /// Its URL, with this host.
    pub fn url(&self, host: &str) -> String {
        format!("https://{host}:{}", self.address.port())
    }
}

fn server(pair: &Pair, protocols: &[&str]) -> ServerConfig {
    let chain = CertificateDer::pem_file_iter(&pair.cert).unwrap().map(Result::unwrap).collect();
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(&pair.key).unwrap())
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    config
}

async fn hand_on(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    website: SocketAddr,
    agreed: Arc<Mutex<Vec<Agreed>>>,
) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let session = stream.get_ref().1;
    agreed.lock().unwrap().push(Agreed {
        server_name: session.server_name().map(str::to_owned),
        protocol: session.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
    });
    let mut website = TcpStream::connect(website).await.unwrap();
    let _ = tokio::io::copy_bidirectional(&mut stream, &mut website).await;
}
