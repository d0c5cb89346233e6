//! The carriers' secrets, as they are read when the process starts and when it reloads.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::config::{Carriers, KeysError};

/// A carrier's secret can't be used. `key` is its place below `carrier`.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    #[error("carrier.{key}: {source}")]
    Unreadable {
        key: &'static str,
        #[source]
        source: KeysError,
    },
    #[error(
        "carrier.{0} is empty, and whoever knows that could sign; give it the value that the carrier's console shows"
    )]
    Empty(&'static str),
    #[error("carrier.{0} is no Ed25519 key: 32 bytes in base64; copy it from the carrier's console")]
    NoKey(&'static str),
}

/// What was read, by key.
pub(super) struct Credentials(HashMap<&'static str, String>);

impl Credentials {
    pub fn read(carriers: &Carriers) -> Result<Self, CredentialError> {
        let read = |(key, secret): (&'static str, &crate::config::Secret)| {
            let text = secret.read().map_err(|source| CredentialError::Unreadable { key, source })?;
            if text.is_empty() {
                return Err(CredentialError::Empty(key));
            }
            Ok((key, text))
        };
        carriers.secrets().into_iter().map(read).collect::<Result<_, _>>().map(Credentials)
    }

    /// A secret that the carrier can't be without.
    pub fn of(&self, key: &str) -> &str {
        self.get(key).expect("a carrier names the secrets that it needs")
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    pub fn public_key(&self, key: &'static str) -> Result<[u8; 32], CredentialError> {
        let bytes = STANDARD.decode(self.of(key)).ok();
        bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(CredentialError::NoKey(key))
    }
}
