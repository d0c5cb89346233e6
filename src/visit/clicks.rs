//! Whose each click is: the session that brought its id first.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use moka::sync::Cache;
use sha2::Sha256;

use super::session::SessionHash;
use super::source::ClickId;
use crate::config::Keys;

/// Clicks that are remembered beside the ledger.
const CLICKS: u64 = 100_000;

/// What a click id is known by: a keyed hash, from which the id can't be had.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClickHash(pub [u8; 16]);

impl ClickHash {
    /// Of a click on a link to this site.
    pub fn of(site: &str, id: &ClickId<'_>, keys: &Keys) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(&keys.clicks).expect("HMAC takes a key of any length");
        for part in [site, &id.name, &id.value] {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        let tag = mac.finalize().into_bytes();
        ClickHash(std::array::from_fn(|index| tag[index]))
    }
}

impl fmt::Debug for ClickHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a click")
    }
}

/// The clicks that were heard of lately. What isn't here may still be in the ledger.
#[derive(Debug)]
pub struct Clicks(Cache<ClickHash, SessionHash>);

impl Default for Clicks {
    fn default() -> Self {
        Clicks(Cache::new(CLICKS))
    }
}

impl Clicks {
    /// Whose the click is, as far as is known here.
    pub fn of(&self, click: ClickHash) -> Option<SessionHash> {
        self.0.get(&click)
    }

    /// Whoever brought it first has it. Says whether that is news.
    pub fn note(&self, click: ClickHash, session: SessionHash) -> bool {
        let entry = self.0.entry(click).or_insert(session);
        entry.is_fresh()
    }

    /// Forgets whose a session's clicks were.
    pub fn erase(&self, session: SessionHash) {
        for (click, _) in self.0.iter().filter(|(_, first)| *first == session) {
            self.0.invalidate(&*click);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_is_whose_brought_it_first_and_another_on_another_site() {
        let keys = Keys::from_secret(b"a secret for tests");
        let id = |value: &'static str| ClickId { name: "gclid".into(), value: value.into() };
        let hash = |site, value| ClickHash::of(site, &id(value), &keys);
        let (clicks, first, second) = (Clicks::default(), SessionHash([1; 16]), SessionHash([2; 16]));
        assert!(clicks.note(hash("plumber", "a"), first) && !clicks.note(hash("plumber", "a"), second));
        assert_eq!(clicks.of(hash("plumber", "a")), Some(first));
        assert_eq!([clicks.of(hash("plumber", "b")), clicks.of(hash("baker", "a"))], [None; 2]);
        clicks.erase(second);
        assert_eq!(clicks.of(hash("plumber", "a")), Some(first));
        clicks.erase(first);
        assert_eq!(clicks.of(hash("plumber", "a")), None);
    }
}
