//! Where a database is, and how it is reached: from its address as the configuration gives it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use crate::config::{KeysError, Secret};

/// An address of a database, such as `postgres://dni@db.example.com/dni`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    connection: tokio_postgres::Config,
    /// Whose certificates are believed, beside the system's: `sslrootcert`.
    root: Option<PathBuf>,
    password: Option<Secret>,
    /// Without what is secret.
    shown: Arc<str>,
}

/// An address that names no database.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("is no address of a database: {0}")]
    Address(String),
    #[error("holds a password")]
    Password,
    #[error("names no database")]
    NoDatabase,
}

/// What is needed to reach a database can't be had.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    #[error(transparent)]
    Password(#[from] KeysError),
    #[error("the certificates {0} can't be read: {1}; sslrootcert must be a PEM file")]
    Root(PathBuf, #[source] rustls::pki_types::pem::Error),
    #[error("the certificate in {0} can't be used: {1}")]
    Certificate(PathBuf, #[source] rustls::Error),
}

impl Place {
    /// Reads an address, with parameters as libpq knows them (PostgreSQL, "Connection URIs"): `sslmode` and `sslrootcert`, a path
    /// from this folder, among them.
    ///
    /// # Errors
    /// [`PlaceError`] for what is none, and for a password in it.
    pub fn parse(address: &str, folder: &Path, password: Option<Secret>) -> Result<Self, PlaceError> {
        let mut url = Url::parse(address).map_err(|error| PlaceError::Address(error.to_string()))?;
        if url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password") {
            return Err(PlaceError::Password);
        }
        let (mut root, mut kept) = (None, Vec::new());
        for (key, value) in url.query_pairs().into_owned() {
            match (key.as_str(), value.as_str()) {
                ("sslrootcert", path) => root = Some(folder.join(path)),
                // A certificate is always verified here, with the host's name.
                ("sslmode", "verify-full" | "verify-ca") => kept.push((key, "require".to_owned())),
                _ => kept.push((key, value)),
            }
        }
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        let parsed = url.as_str().parse::<tokio_postgres::Config>();
        let mut connection = parsed.map_err(|error| PlaceError::Address(said(&error)))?;
        if connection.get_dbname().is_none_or(str::is_empty) {
            return Err(PlaceError::NoDatabase);
        }
        connection.application_name("dni-edge");
        Ok(Place { connection, root, password, shown: address.into() })
    }

    /// The address as it was given.
    pub(super) fn name(&self) -> Arc<str> {
        Arc::clone(&self.shown)
    }

    /// With the password, where one is wanted.
    pub(super) fn connection(&self) -> Result<tokio_postgres::Config, ReachError> {
        let mut connection = self.connection.clone();
        if let Some(password) = &self.password {
            connection.password(password.read()?);
        }
        Ok(connection)
    }

    /// Verifies whom it speaks to: by the certificates of `sslrootcert`, or else by the system's.
    pub(super) fn tls(&self) -> Result<MakeRustlsConnect, ReachError> {
        let mut roots = RootCertStore::empty();
        match &self.root {
            Some(path) => {
                let failed = |error| ReachError::Root(path.clone(), error);
                for certificate in CertificateDer::pem_file_iter(path).map_err(failed)? {
                    let added = roots.add(certificate.map_err(failed)?);
                    added.map_err(|error| ReachError::Certificate(path.clone(), error))?;
                }
            }
            None if self.may_use_tls() => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            None => {}
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring provides what TLS 1.2 and 1.3 need")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }

    fn may_use_tls(&self) -> bool {
        let is_remote = |host: &Host| matches!(host, Host::Tcp(_));
        self.connection.get_ssl_mode() != SslMode::Disable
            && self.connection.get_hosts().iter().any(is_remote)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

/// An error with what it comes from.
pub(super) fn said(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => format!("{} ({})", told.message(), told.code().code()),
        None => {
            let (mut said, mut cause) = (error.to_string(), error.source());
            while let Some(error) = cause {
                let words = error.to_string();
                if !said.ends_with(&words) {
                    said += &format!(": {words}");
                }
                cause = error.source();
            }
            said
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(address: &str) -> Result<Place, PlaceError> {
        Place::parse(address, Path::new("/etc/dni"), None)
    }

    #[test]
    fn an_address_is_as_libpq_takes_it() {
        let place =
            parse("postgres://dni@db.example.com:5433/calls?sslmode=verify-full&sslrootcert=ca.pem").unwrap();
        let connection = place.connection().unwrap();
        assert_eq!((connection.get_user(), connection.get_dbname()), (Some("dni"), Some("calls")));
        assert_eq!(connection.get_ssl_mode(), SslMode::Require);
        assert_eq!(place.root.as_deref(), Some(Path::new("/etc/dni/ca.pem")));
        let socket = parse("postgresql://dni@%2Frun%2Fpostgresql/calls").unwrap();
        assert!(!socket.may_use_tls());
    }

    #[test]
    fn what_names_no_database_or_holds_a_password_is_refused() {
        for (address, refused) in [
            ("postgres://dni:secret@db.example.com/calls", "holds a password"),
            ("postgres://dni@db.example.com/calls?password=secret", "holds a password"),
            ("postgres://dni@db.example.com", "names no database"),
            ("postgres://dni@db.example.com/calls?sslmode=perhaps", "is no address"),
            ("postgres//", "is no address"),
        ] {
            let error = parse(address).unwrap_err().to_string();
            assert!(error.contains(refused), "{address}: {error}");
        }
    }
}
