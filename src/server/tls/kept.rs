//! What is kept of an authority's work in the folder that the configuration names: the account's key, and each host's key and
//! certificate. Whatever is read there, or written, is served.

use std::fs::DirBuilder;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::{BoxFuture, ready};
use parking_lot::Mutex;
use rustls_acme::acme::Account;
use rustls_acme::{AccountCache, CertCache};
use tempfile::NamedTempFile;
use url::Url;

use super::certificates::Certificates;
use super::pair::Pair;
use crate::config::{Acme, Certificate};

/// The account's key (PKCS #8).
const ACCOUNT: &str = "account.key";

/// A folder for one authority, which only its owner may look into.
#[derive(Clone)]
pub(super) struct Kept {
    folder: PathBuf,
    certificates: Arc<Certificates>,
    /// Held while the account's key is looked for: all hosts have one account.
    account: Arc<Mutex<()>>,
}

impl Kept {
    /// Of this authority; another's account and certificates are other ones.
    pub fn of(acme: &Acme, certificates: Arc<Certificates>) -> Self {
        let folder = acme.cache.join(name_of(&acme.directory));
        Kept { folder, certificates, account: Arc::default() }
    }

    fn read(&self, file: &str) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.folder.join(file)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.told(file, &error)),
        }
    }

    /// Writes all of a file or nothing of it, for its owner only.
    fn write(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let write = || {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
            let mut new = NamedTempFile::new_in(&self.folder)?;
            new.write_all(bytes)?;
            new.as_file().sync_all()?;
            new.persist(self.folder.join(file)).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error: io::Error| self.told(file, &error))
    }

    fn account(&self) -> io::Result<Vec<u8>> {
        let _nobody_else = self.account.lock();
        if let Some(key) = self.read(ACCOUNT)? {
            return Ok(key);
        }
        let key = Account::generate_key_pair();
        self.write(ACCOUNT, &key)?;
        Ok(key)
    }

    fn serve(&self, host: &str, pem: &[u8]) {
        let path = self.folder.join(file_of(host));
        match Pair::of_pem(pem, pem, &Certificate { cert: path.clone(), key: path, line: 0 }) {
            Ok(pair) => self.certificates.issue(host, pair),
            Err(error) => tracing::error!("what was issued for {host} can't be used: {error}"),
        }
    }

    /// An error that says which file.
    fn told(&self, file: &str, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{}: {error}", self.folder.join(file).display()))
    }
}

/// The authority's host and port.
fn name_of(directory: &Url) -> String {
    let host = directory.host_str().unwrap_or_default().trim_matches(['[', ']']);
    directory.port().map_or_else(|| host.to_owned(), |port| format!("{host}_{port}"))
}

fn file_of(host: &str) -> String {
    format!("{host}.pem")
}

impl CertCache for Kept {
    type EC = io::Error;

    fn load_cert<'s, 'h, 'd, 'f>(
        &'s self,
        hosts: &'h [String],
        _: &'d str,
    ) -> BoxFuture<'f, io::Result<Option<Vec<u8>>>>
    where
        's: 'f,
        'h: 'f,
        'd: 'f,
        Self: 'f,
    {
        let host = &hosts[0]; // each order is for one
        let read = self.read(&file_of(host));
        if let Ok(Some(pem)) = &read {
            self.serve(host, pem);
        }
        Box::pin(ready(read))
    }

    fn store_cert<'s, 'h, 'd, 'c, 'f>(
        &'s self,
        hosts: &'h [String],
        _: &'d str,
        pem: &'c [u8],
    ) -> BoxFuture<'f, io::Result<()>>
    where
        's: 'f,
        'h: 'f,
        'd: 'f,
        'c: 'f,
        Self: 'f,
    {
        self.serve(&hosts[0], pem);
        Box::pin(ready(self.write(&file_of(&hosts[0]), pem)))
    }
}

impl AccountCache for Kept {
    type EA = io::Error;

    fn load_account<'s, 'c, 'd, 'f>(
        &'s self,
        _: &'c [String],
        _: &'d str,
    ) -> BoxFuture<'f, io::Result<Option<Vec<u8>>>>
    where
        's: 'f,
        'c: 'f,
        'd: 'f,
        Self: 'f,
    {
        Box::pin(ready(self.account().map(Some)))
    }

    /// There is one already, which was found when it was looked for.
    fn store_account<'s, 'c, 'd, 'k, 'f>(
        &'s self,
        _: &'c [String],
        _: &'d str,
        _: &'k [u8],
    ) -> BoxFuture<'f, io::Result<()>>
    where
        's: 'f,
        'c: 'f,
        'd: 'f,
        'k: 'f,
        Self: 'f,
    {
        Box::pin(ready(Ok(())))
    }
}
