//! A visitor's session: the cookie that shows it, and what is known of it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::rule::Show;
use super::source::Source;
use crate::clock::Timestamp;
use crate::config::Keys;

/// 128 random bits that only the visitor's cookie holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionId([u8; 16]);

/// What a session is known by everywhere else: a keyed hash of its id, from which no cookie can be made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SessionHash(pub [u8; 16]);

/// What is known of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub hash: SessionHash,
    pub site: Arc<str>,
    /// Where they last came from, other than directly, while the cookie's life has lasted since.
    pub source: Source,
    /// When they came from there.
    pub touched: Timestamp,
    /// Where they came from the very first time.
    pub first: Arc<Touch>,
    /// The configuration that rules and what they show are places of, as this process counts them from 1; 0: that of an earlier
    /// process.
    pub edition: u32,
    /// Decided when the session began or its source last changed: the rule's place, none where none matched.
    pub rule: Option<usize>,
    /// What that rule shows to them; and by name, so that the record is readable without it.
    pub shown: Vec<Show>,
    pub shows: String,
    pub started: Timestamp,
    pub last_seen: Timestamp,
    pub landing_page: String,
    pub referring_page: Option<String>,
}

/// A source, and when it brought the visitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    pub source: Source,
    pub time: Timestamp,
}

impl SessionId {
    pub fn random() -> Self {
        SessionId(rand::random())
    }

    pub fn hash(self, keys: &Keys) -> SessionHash {
        SessionHash(mac(&keys.sessions, &[&self.0]))
    }

    pub(super) fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// The cookie's value: the id and its signature, which holds for one site only.
    pub fn signed(self, site: &str, keys: &Keys) -> String {
        let signature = mac(&keys.cookies, &[&self.0, site.as_bytes()]);
        URL_SAFE_NO_PAD.encode([self.0, signature].concat())
    }

    /// The id in a cookie's value. None where we didn't sign it for this site: a forged cookie is no cookie.
    pub fn verify(value: &str, site: &str, keys: &Keys) -> Option<Self> {
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(value).ok()?.try_into().ok()?;
        let (id, signature) = bytes.split_at(16);
        let mut expected = hmac(&keys.cookies);
        expected.update(id);
        expected.update(site.as_bytes());
        expected.verify_truncated_left(signature).ok()?;
        Some(SessionId(id.try_into().ok()?))
    }
}

pub(super) fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

pub(super) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = hmac(key);
    for part in parts {
        mac.update(part);
    }
    let tag = mac.finalize().into_bytes();
    std::array::from_fn(|index| tag[index])
}

impl fmt::Display for SessionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What stands for a session's hash isn't one.
#[derive(Debug, thiserror::Error)]
#[error("a session is named by 32 hexadecimal digits")]
pub struct NoSessionHash;

impl FromStr for SessionHash {
    type Err = NoSessionHash;

    fn from_str(text: &str) -> Result<Self, NoSessionHash> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoSessionHash);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| NoSessionHash)?;
        Ok(SessionHash(number.to_be_bytes()))
    }
}

impl fmt::Debug for SessionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_its_own_site_and_secret_only() {
        let keys = Keys::from_secret(b"a secret for tests");
        let id = SessionId::random();
        let value = id.signed("plumber", &keys);
        assert!(SessionId::verify(&value, "plumber", &keys) == Some(id));
        assert!(SessionId::verify(&value, "baker", &keys).is_none());
        assert!(SessionId::verify(&value, "plumber", &Keys::from_secret(b"another secret")).is_none());
    }

    #[test]
    fn a_forged_cookie_is_no_cookie() {
        let keys = Keys::from_secret(b"a secret for tests");
        let value = SessionId::random().signed("plumber", &keys);
        for place in 0..value.len() {
            let mut forged = value.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            // The last character has bits to spare, which base64 must not ignore.
            assert!(
                SessionId::verify(std::str::from_utf8(&forged).unwrap(), "plumber", &keys).is_none(),
                "{place}"
            );
        }
        for forged in ["", "x", "====", &value[1..], &format!("{value}A")] {
            assert!(SessionId::verify(forged, "plumber", &keys).is_none());
        }
    }

    #[test]
    fn a_sessions_hash_is_not_its_id() {
        let keys = Keys::from_secret(b"a secret for tests");
        let id = SessionId::random();
        assert_ne!(id.hash(&keys).0, id.0);
        assert_eq!(id.hash(&keys), id.hash(&keys));
    }
}
