//! A certificate and its key, as they are found in PEM files. Refuses those that no client could be answered with, and says
//! what is wrong with which file.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error as TlsError, InconsistentKeys};

use super::der;
use crate::clock::Timestamp;
use crate::config::Certificate;

/// Who renews certificates has done so by then: 30 days before the end is usual.
const SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// A certificate's chain, with the key that proves it.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(super) key: Arc<CertifiedKey>,
    /// Hosts, in lower case; `*.` may stand for one label.
    pub names: Vec<String>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

/// A pair can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PairError {
    #[error("{path} can't be read: {error}; name a PEM file that the user who runs dni-edge may read")]
    Unreadable {
        path: PathBuf,
        #[source]
        error: io::Error,
    },
    #[error("{0} holds a key, and no certificate; name the certificate's file, and the key's as `key`")]
    KeyForCertificate(PathBuf),
    #[error("{0} holds no certificate; name the PEM file of the chain, the host's own certificate first")]
    NoCertificate(PathBuf),
    #[error("the certificate in {0} is damaged; have it issued or copied again")]
    Damaged(PathBuf),
    #[error("the key in {0} is protected by a passphrase; take that off: openssl pkey -in {0} -out NEW")]
    Protected(PathBuf),
    #[error("{0} holds no key; name the PEM file of the certificate's key")]
    NoKey(PathBuf),
    #[error("the key in {path} can't be used: {error}; use RSA of 2048 bits or more, ECDSA or Ed25519")]
    Key {
        path: PathBuf,
        #[source]
        error: TlsError,
    },
    #[error(
        "the key in {key} is not that of the first certificate in {cert}; name files that were issued \
         together, and put the host's own certificate first"
    )]
    Mismatch { cert: PathBuf, key: PathBuf },
}

impl Pair {
    /// Reads a pair.
    ///
    /// # Errors
    /// [`PairError`] where a file can't be read, or holds not what is wanted of it; where the two don't belong together.
    pub fn load(files: &Certificate) -> Result<Self, PairError> {
        let (cert, key) = (text(&files.cert)?, text(&files.key)?);
        Pair::of_pem(&cert, &key, files)
    }

    /// A pair out of PEM (RFC 7468), whose files' names are for saying what is wrong with it.
    ///
    /// # Errors
    /// [`PairError`] as above.
    pub(super) fn of_pem(cert: &[u8], key: &[u8], files: &Certificate) -> Result<Self, PairError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(cert).collect();
        let chain = chain.map_err(|_| PairError::Damaged(files.cert.clone()))?;
        let Some(first) = chain.first() else {
            return Err(match PrivateKeyDer::from_pem_slice(cert) {
                Ok(_) => PairError::KeyForCertificate(files.cert.clone()),
                Err(_) => PairError::NoCertificate(files.cert.clone()),
            });
        };
        let said = der::read(first).ok_or_else(|| PairError::Damaged(files.cert.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| no_key(&error, key, &files.key))?;
        let unusable = |error| PairError::Key { path: files.key.clone(), error };
        let key = ring::default_provider().key_provider.load_private_key(key).map_err(unusable)?;
        let key = CertifiedKey::new(chain, key);
        match key.keys_match() {
            Ok(()) | Err(TlsError::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(TlsError::InconsistentKeys(_)) => {
                return Err(PairError::Mismatch { cert: files.cert.clone(), key: files.key.clone() });
            }
            Err(_) => return Err(PairError::Damaged(files.cert.clone())),
        }
        let der::Said { names, not_before, not_after } = said;
        Ok(Pair { key: Arc::new(key), names, not_before, not_after })
    }

    /// Whether it is for this host, which is in lower case. A wildcard is for one label (RFC 9525 §6.3).
    pub fn covers(&self, host: &str) -> bool {
        let wildcard = host.split_once('.').map(|(_, domain)| format!("*.{domain}"));
        self.names.iter().any(|name| name == host || Some(name) == wildcard.as_ref())
    }

    /// How long it is still good for, where that is not long; nothing is left of one that has expired.
    pub fn ends(&self, now: Timestamp) -> Option<Duration> {
        Some(self.not_after.since(now)).filter(|left| *left < SOON)
    }
}

fn text(path: &Path) -> Result<Vec<u8>, PairError> {
    std::fs::read(path).map_err(|error| PairError::Unreadable { path: path.to_owned(), error })
}

fn no_key(error: &PemError, pem: &[u8], path: &Path) -> PairError {
    let is_protected = |words: &[u8]| pem.windows(words.len()).any(|window| window == words);
    match error {
        _ if is_protected(b"ENCRYPTED") => PairError::Protected(path.to_owned()),
        PemError::NoItemsFound => PairError::NoKey(path.to_owned()),
        error => PairError::Key { path: path.to_owned(), error: TlsError::General(error.to_string()) },
    }
}

/// What tells that a pair's files are others than they were: they were written, or links lead elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp([Option<[i64; 6]>; 2]);

impl Stamp {
    pub fn of(files: &Certificate) -> Self {
        let stamp = |file: Metadata| {
            let inode = [file.dev().cast_signed(), file.ino().cast_signed()];
            [inode[0], inode[1], file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()]
        };
        Stamp([&files.cert, &files.key].map(|path| std::fs::metadata(path).ok().map(stamp)))
    }
}
