//! All certificates that the proxy has: those in files, which are read again when they change, and those that an authority
//! has issued. What is served changes as a whole; a pair that can't be used leaves the one before it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_acme::{ResolvesServerCertAcme, is_tls_alpn_challenge};

use super::choice::Choice;
use super::pair::{Pair, PairError, Stamp};
use crate::clock::Timestamp;
use crate::config::Certificate;

#[derive(Debug, Default)]
pub(super) struct Certificates {
    held: Mutex<Vec<Held>>,
    /// By host.
    issued: Mutex<BTreeMap<String, Pair>>,
    /// What clients are shown now.
    choice: RwLock<Choice>,
    /// Who answers an authority that asks whether a host is here, by host (RFC 8737).
    challenges: RwLock<HashMap<String, Arc<ResolvesServerCertAcme>>>,
}

/// A pair out of files.
#[derive(Debug)]
pub(super) struct Held {
    files: Certificate,
    pair: Pair,
    /// Of the files when they were read, whether or not what they had could be used.
    read: Stamp,
    /// Of the files when they were looked at.
    seen: Stamp,
}

impl Held {
    /// Reads a pair.
    ///
    /// # Errors
    /// [`PairError`] where it can't be used.
    fn read(files: &Certificate) -> Result<Self, PairError> {
        let stamp = Stamp::of(files);
        let pair = Pair::load(files)?;
        Ok(Held { files: files.clone(), pair, read: stamp, seen: stamp })
    }

    /// Reads the pair again, and goes on with the one before where it can't be used.
    fn read_again(&mut self) {
        (self.read, self.seen) = (Stamp::of(&self.files), Stamp::of(&self.files));
        match Pair::load(&self.files) {
            Ok(pair) => {
                let (cert, names) = (self.files.cert.display(), pair.names.join(", "));
                tracing::info!(
                    "the certificate in {cert} was read: it is for {names} until {}",
                    pair.not_after
                );
                warn_of_end(&self.files, &pair);
                self.pair = pair;
            }
            Err(error) => tracing::error!("{error}; the last good certificate goes on"),
        }
    }

    fn is_of(&self, files: &Certificate) -> bool {
        (&self.files.cert, &self.files.key) == (&files.cert, &files.key)
    }
}

impl Certificates {
    /// Reads these pairs, none of which is in use before [`Certificates::put_to_use`]. One that is served already and can't be
    /// used any more goes on as it was; that is logged.
    ///
    /// # Errors
    /// [`PairError`] for the first other one that can't be used.
    pub fn prepare(&self, wanted: &[Certificate]) -> Result<Vec<Held>, PairError> {
        let held = self.held.lock();
        let read = |files: &Certificate| match (Held::read(files), held.iter().find(|held| held.is_of(files)))
        {
            (Err(error), Some(last)) => {
                tracing::error!("{error}; the last good certificate goes on");
                let stamp = Stamp::of(files);
                Ok(Held { files: files.clone(), pair: last.pair.clone(), read: stamp, seen: stamp })
            }
            (read, _) => read,
        };
        wanted.iter().map(read).collect()
    }

    /// From here on these are served, and of what was issued what is for these hosts.
    pub fn put_to_use(&self, held: Vec<Held>, hosts: &[String]) {
        *self.held.lock() = held;
        self.issued.lock().retain(|host, _| hosts.contains(host));
        self.challenges.write().retain(|host, _| hosts.contains(host));
        self.choose();
    }

    /// Reads again what has changed since it was read. A file that is being written is left alone until it rests: it must look
    /// the same twice. To be called every few seconds; says whether anything was read.
    pub fn look(&self) -> bool {
        let mut changed = false;
        for held in self.held.lock().iter_mut() {
            let stamp = Stamp::of(&held.files);
            let rests = std::mem::replace(&mut held.seen, stamp) == stamp;
            if rests && stamp != held.read {
                held.read_again();
                changed = true;
            }
        }
        if changed {
            self.choose();
        }
        changed
    }

    /// Says which pairs out of files have expired, or are about to.
    pub fn warn_of_ends(&self) {
        self.held.lock().iter().for_each(|held| warn_of_end(&held.files, &held.pair));
    }

    /// Whether a pair out of files is for this host.
    pub fn are_for(&self, host: &str) -> bool {
        self.held.lock().iter().any(|held| held.pair.covers(host))
    }

    /// Serves what an authority has issued for a host.
    pub fn issue(&self, host: &str, pair: Pair) {
        self.issued.lock().insert(host.to_owned(), pair);
        self.choose();
    }

    /// Has an authority that asks after this host answered.
    pub fn answer(&self, host: &str, challenge: Arc<ResolvesServerCertAcme>) {
        self.challenges.write().insert(host.to_owned(), challenge);
    }

    /// What is in a file is served rather than what was issued, for the hosts that both are for.
    fn choose(&self) {
        let (held, issued) = (self.held.lock(), self.issued.lock());
        let is_wanted = |(host, _): &(&String, &Pair)| !held.iter().any(|held| held.pair.covers(host));
        let issued = issued.iter().filter(is_wanted).map(|(_, pair)| pair);
        *self.choice.write() = Choice::of(held.iter().map(|held| &held.pair).chain(issued));
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if is_tls_alpn_challenge(&hello) {
            let challenge = self.challenges.read().get(hello.server_name()?).cloned();
            return challenge?.resolve(hello);
        }
        self.choice.read().for_client(hello.server_name(), hello.signature_schemes())
    }
}

fn warn_of_end(files: &Certificate, pair: &Pair) {
    let cert = files.cert.display();
    match pair.ends(Timestamp::now()) {
        Some(left) if left.is_zero() => {
            tracing::warn!("the certificate in {cert} has expired: browsers refuse it; have it renewed");
        }
        Some(_) => {
            tracing::warn!("the certificate in {cert} expires on {}; have it renewed", pair.not_after);
        }
        None => {}
    }
}
