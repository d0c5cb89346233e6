//! A carrier's hosts, all at one address of this machine: they answer one request a connection, as they are told.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::super::fetch::Fetcher;
use super::super::network::Network;

const HOSTS: [&str; 5] =
    ["api.twilio.com", "media.twilio.com", "api.telnyx.com", "s3.amazonaws.com", "voice.bandwidth.com"];

pub struct Server {
    address: SocketAddr,
    roots: RootCertStore,
    /// Heads of requests, in their order.
    asked: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<Vec<Vec<u8>>>>,
    /// After an answer it waits for the other end to close.
    hangs: Arc<AtomicBool>,
}

impl Server {
    /// It gives these answers one after the other, and then the last again.
    pub async fn start(answers: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(HOSTS.map(str::to_owned).to_vec()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(cert.der().clone()).unwrap();
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, answers) = (Arc::default(), Arc::new(Mutex::new(answers.into_iter().collect())));
        let hangs = Arc::new(AtomicBool::new(false));
        let server = Server {
            address,
            roots,
            asked: Arc::clone(&asked),
            answers: Arc::clone(&answers),
            hangs: Arc::clone(&hangs),
        };
        let tls = TlsAcceptor::from(Arc::new(tls));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (asked, answers, hangs) = (Arc::clone(&asked), Arc::clone(&answers), Arc::clone(&hangs));
                tokio::spawn(answer(tls.clone(), stream, asked, answers, hangs));
            }
        });
        server
    }

    /// What it answers from now on.
    pub fn answers(&self, answers: impl IntoIterator<Item = Vec<u8>>) {
        *self.answers.lock() = answers.into_iter().collect();
    }

    /// It does not end its answers from now on.
    pub fn hangs(&self) {
        self.hangs.store(true, Ordering::Relaxed);
    }

    /// Who takes it for the world. `allows`: whether it may be connected to.
    pub fn fetcher(&self, largest: u64, allows: fn(IpAddr) -> bool) -> Fetcher {
        Fetcher::new(Network::at(self.address, self.roots.clone(), allows), largest)
    }

    /// Who takes the other for the world, and believes this one's certificate.
    pub fn fetcher_at(&self, other: &Server) -> Fetcher {
        Fetcher::new(Network::at(other.address, self.roots.clone(), |_| true), 10_000)
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().clone()
    }
}

async fn answer(
    tls: TlsAcceptor,
    stream: TcpStream,
    asked: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<Vec<Vec<u8>>>>,
    hangs: Arc<AtomicBool>,
) {
    let Ok(mut stream) = tls.accept(stream).await else { return };
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    asked.lock().push(String::from_utf8(head).unwrap());
    let answer = {
        let mut answers = answers.lock();
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }
    };
    let _ = stream.write_all(&answer).await;
    if hangs.load(Ordering::Relaxed) {
        let _ = stream.flush().await;
        let _ = stream.read_u8().await;
    }
    let _ = stream.shutdown().await;
}

/// An answer with its head's lines and its body; more of it may be promised than there is.
pub fn answer_of(status: &str, head: &[&str], body: &[u8]) -> Vec<u8> {
    let lines: String = head.iter().map(|line| format!("{line}\r\n")).collect();
    [format!("HTTP/1.1 {status}\r\n{lines}\r\n").as_bytes(), body].concat()
}

/// A whole recording.
pub fn sound(body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length: {}", body.len());
    answer_of("200 OK", &["Content-Type: audio/mpeg", "ETag: \"v1\"", &length], body)
}
