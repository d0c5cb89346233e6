//! The secret, and the keys made from it.
//!
//! One secret is kept; each purpose has a key of its own (HKDF, RFC 5869), so that none tells of another.

use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use hkdf::Hkdf;
use sha2::Sha256;

use super::Secret;

/// Fewer bytes than this can be guessed.
const SHORTEST: usize = 16;

/// Keys, each for one purpose.
#[derive(Clone)]
pub struct Keys {
    /// Signs session cookies.
    pub cookies: [u8; 32],
    /// Makes the hash that a session is known by outside its cookie.
    pub sessions: [u8; 32],
    /// Makes the hash that a click id is known by.
    pub clicks: [u8; 32],
    /// Makes the hash that a caller is known by.
    pub callers: [u8; 32],
    /// Seals what carriers tell of calls.
    pub messages: [u8; 32],
    /// Tells secrets apart without telling them.
    pub fingerprint: [u8; 16],
}

/// The secret can't be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("the secret's variable {0} is not set; set it, or name a file: {{ file = \"PATH\" }}")]
    Unset(String),
    #[error("the secret has {0} bytes, and fewer than {SHORTEST} can be guessed; give a longer one")]
    Short(usize),
    #[error("the secret's file {0} can't be read or made: {1}")]
    File(PathBuf, #[source] std::io::Error),
}

impl Secret {
    /// What an operator chose for a secret of his own.
    ///
    /// # Errors
    /// [`KeysError`] where it can't be read.
    pub fn read(&self) -> Result<String, KeysError> {
        let text = match self {
            Secret::Env(name) => std::env::var(name).map_err(|_| KeysError::Unset(name.clone()))?,
            Secret::File(path) => {
                std::fs::read_to_string(path).map_err(|error| KeysError::File(path.clone(), error))?
            }
        };
        Ok(text.trim().to_owned())
    }
}

impl Keys {
    /// Reads the secret; a file that isn't there is made, readable by its owner only.
    ///
    /// # Errors
    /// [`KeysError`] where there is none, or it is too short.
    pub fn load(secret: &Secret) -> Result<Self, KeysError> {
        let bytes = match secret {
            Secret::Env(name) => {
                std::env::var(name).map_err(|_| KeysError::Unset(name.clone()))?.into_bytes()
            }
            Secret::File(path) => read_or_make(path).map_err(|error| KeysError::File(path.clone(), error))?,
        };
        let bytes = bytes.trim_ascii();
        match bytes.len() {
            short @ 0..SHORTEST => Err(KeysError::Short(short)),
            _ => Ok(Keys::from_secret(bytes)),
        }
    }

    pub fn from_secret(secret: &[u8]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(b"dni-edge"), secret);
        Keys {
            cookies: expand(&hkdf, "cookies"),
            sessions: expand(&hkdf, "sessions"),
            clicks: expand(&hkdf, "clicks"),
            callers: expand(&hkdf, "callers"),
            messages: expand(&hkdf, "messages"),
            fingerprint: expand(&hkdf, "fingerprint"),
        }
    }
}

fn expand<const N: usize>(hkdf: &Hkdf<Sha256>, purpose: &str) -> [u8; N] {
    let mut key = [0; N];
    hkdf.expand(purpose.as_bytes(), &mut key).expect("a key is shorter than HKDF can give");
    key
}

fn read_or_make(path: &Path) -> std::io::Result<Vec<u8>> {
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Ok(mut file) => {
            let secret: [u8; 32] = rand::random();
            let text: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            Ok(text.into_bytes())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => std::fs::read(path),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_missing_secret_file_is_made_for_its_owner_only_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let first = Keys::load(&Secret::File(path.clone())).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let second = Keys::load(&Secret::File(path)).unwrap();
        assert_eq!(first.fingerprint, second.fingerprint);
        assert_ne!(first.cookies, first.sessions);
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "hunter2\n").unwrap();
        assert!(matches!(Keys::load(&Secret::File(path)), Err(KeysError::Short(7))));
        assert!(matches!(Keys::load(&Secret::Env("DNI_EDGE_TEST_UNSET".into())), Err(KeysError::Unset(_))));
    }
}
