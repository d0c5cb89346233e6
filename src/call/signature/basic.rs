//! Bandwidth: no signature, but a user and a password that were agreed on (RFC 7617); and what else stands in `Authorization`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Received, Refusal};

pub(super) struct Bandwidth {
    username: Secret,
    password: Secret,
}

/// A text that whoever knows it proves himself by.
pub(super) struct Secret([u8; 32]);

impl Bandwidth {
    pub fn new(username: &str, password: &str) -> Self {
        Bandwidth { username: Secret::new(username), password: Secret::new(password) }
    }

    pub fn verify(&self, request: &Received<'_>) -> Result<(), Refusal> {
        let credentials = authorization(request, "Basic").ok_or(Refusal::Unsigned)?;
        let (username, password) = user_and_password(credentials).ok_or_else(Refusal::wrong)?;
        // Both are compared, so that time doesn't tell which is wrong.
        match self.username.is(&username) & self.password.is(&password) {
            true => Ok(()),
            false => Err(Refusal::wrong()),
        }
    }
}

impl Secret {
    pub fn new(text: &str) -> Self {
        Secret(Sha256::digest(text).into())
    }

    /// Compares hashes, and all of their bytes, so that time tells nothing: not even the length.
    pub fn is(&self, text: &[u8]) -> bool {
        let hash: [u8; 32] = Sha256::digest(text).into();
        self.0.ct_eq(&hash).into()
    }
}

/// What stands behind a scheme in `Authorization`; none where it is another. Schemes are told without regard to case
/// (RFC 9110 §11.1).
pub(super) fn authorization<'a>(request: &Received<'a>, scheme: &str) -> Option<&'a str> {
    let (written, credentials) = request.header(AUTHORIZATION.as_str())?.split_once(' ')?;
    written.eq_ignore_ascii_case(scheme).then(|| credentials.trim_matches(' '))
}

pub(super) fn user_and_password(credentials: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut user = STANDARD.decode(credentials).ok()?;
    let colon = user.iter().position(|byte| *byte == b':')?;
    let password = user.split_off(colon + 1);
    user.pop();
    Some((user, password))
}
