//! Nonces and tokens that came, each with what it came with. A nonce belongs to one request: with the same it may come again,
//! for carriers repeat what was not answered; with another it is somebody else's.
//!
//! What is remembered is this process's: another node, or the same after a restart, knows nothing of it.

use std::time::Duration;

use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::Received;
use crate::call::CarrierName;

/// More than the time within which a token may be used, before and after its own.
const REMEMBERED: Duration = Duration::from_secs(60 * 60);

/// About 20 MB. Only what is signed is remembered, so that no stranger can have others forgotten.
const MOST: u64 = 100_000;

/// Clones share what they remember.
#[derive(Clone)]
pub(super) struct Seen {
    /// A hash of the nonce, and one of what it came with.
    contents: Cache<[u8; 32], [u8; 32]>,
}

impl Default for Seen {
    fn default() -> Self {
        Seen { contents: Cache::builder().max_capacity(MOST).time_to_live(REMEMBERED).build() }
    }
}

impl Seen {
    /// Binds a nonce to the request that it came with. False where it is bound to another.
    pub fn binds(&self, carrier: CarrierName, nonce: &[u8], request: &Received<'_>) -> bool {
        let nonce = hash(&[carrier.name().as_bytes(), nonce]);
        let content = hash(&[request.method.as_str().as_bytes(), request.target.as_bytes(), request.body]);
        self.contents.entry(nonce).or_insert(content).into_value() == content
    }
}

/// Of parts, so that none can be moved to the next.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
