//! What a visitor's cookie proves while the ledger is away: the number that is theirs, and until when nobody else gets it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;

use super::session::{SessionId, hmac, mac};
use crate::clock::Timestamp;
use crate::config::Keys;

/// A number that is on hold for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// E.164
    pub number: Arc<str>,
    /// The lease, by when it began.
    pub started: Timestamp,
    pub epoch: i64,
    /// Until then, by what is durable, it is nobody else's.
    pub until: Timestamp,
}

/// Bytes of one of them: four numbers.
const LENGTH: usize = 32;

/// Numbers that a cookie proves at most: it would grow too large for a header.
const MOST: usize = 16;

/// What tells this signature from others made with the same key.
const PURPOSE: &[u8] = b"number";

/// The cookie's value: the session's id, signed, and what is proven, signed together with it.
pub fn signed(id: SessionId, site: &str, proven: &[Proven], keys: &Keys) -> String {
    let session = id.signed(site, keys);
    let proven: Vec<u8> = proven.iter().take(MOST).filter_map(bytes).flatten().collect();
    if proven.is_empty() {
        return session;
    }
    let signature = mac(&keys.cookies, &[PURPOSE, &id.bytes(), &proven, site.as_bytes()]);
    format!("{session}.{}", URL_SAFE_NO_PAD.encode([&proven[..], &signature].concat()))
}

/// The session in a cookie's value, and what is proven for it. None where we didn't sign it for this site; a proof that isn't
/// ours proves nothing.
pub fn verify(value: &str, site: &str, keys: &Keys) -> Option<(SessionId, Vec<Proven>)> {
    let (session, proof) =
        value.split_once('.').map_or((value, None), |(session, proof)| (session, Some(proof)));
    let id = SessionId::verify(session, site, keys)?;
    let proven = proof.and_then(|proof| verified(proof, id, site, keys)).unwrap_or_default();
    Some((id, proven))
}

fn verified(proof: &str, id: SessionId, site: &str, keys: &Keys) -> Option<Vec<Proven>> {
    let bytes = URL_SAFE_NO_PAD.decode(proof).ok()?;
    let (proven, signature) = bytes.split_last_chunk::<16>()?;
    let mut expected = hmac(&keys.cookies);
    for part in [PURPOSE, &id.bytes(), proven, site.as_bytes()] {
        expected.update(part);
    }
    expected.verify_truncated_left(signature).ok()?;
    Some(proven.chunks_exact(LENGTH).filter_map(read).collect())
}

fn bytes(proven: &Proven) -> Option<[u8; LENGTH]> {
    let number: i64 = proven.number.strip_prefix('+')?.parse().ok()?;
    let mut bytes = [0; LENGTH];
    let numbers = [number, proven.started.0, proven.epoch, proven.until.0];
    for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    Some(bytes)
}

fn read(bytes: &[u8]) -> Option<Proven> {
    let mut numbers = bytes.chunks_exact(8).map(|number| number.try_into().map_or(0, i64::from_be_bytes));
    let mut next = || numbers.next();
    Some(Proven {
        number: format!("+{}", next()?).into(),
        started: Timestamp(next()?),
        epoch: next()?,
        until: Timestamp(next()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(number: &str) -> Proven {
        Proven {
            number: number.into(),
            started: Timestamp(1_800_000_000_000),
            epoch: 7,
            until: Timestamp(1_800_000_300_000),
        }
    }

    #[test]
    fn a_cookie_proves_what_was_signed_with_it() {
        let (keys, id) = (Keys::from_secret(b"a secret for tests"), SessionId::random());
        for numbers in
            [vec![], vec![proven("+12125550110")], vec![proven("+12125550110"), proven("+442079460000")]]
        {
            let value = signed(id, "plumber", &numbers, &keys);
            assert!(verify(&value, "plumber", &keys) == Some((id, numbers)), "{value}");
            assert!(verify(&value, "baker", &keys).is_none());
        }
    }

    #[test]
    fn a_proof_that_was_changed_or_moved_to_another_session_proves_nothing() {
        let (keys, id) = (Keys::from_secret(b"a secret for tests"), SessionId::random());
        let value = signed(id, "plumber", &[proven("+12125550110")], &keys);
        let (session, proof) = value.split_once('.').unwrap();
        for place in 0..proof.len() {
            let mut forged = proof.as_bytes().to_vec();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            let forged = format!("{session}.{}", String::from_utf8(forged).unwrap());
            assert!(verify(&forged, "plumber", &keys) == Some((id, Vec::new())), "{place}");
        }
        let other = SessionId::random();
        let moved = format!("{}.{proof}", other.signed("plumber", &keys));
        assert!(verify(&moved, "plumber", &keys) == Some((other, Vec::new())));
        for odd in ["", ".", "..", "AAAA"] {
            assert!(verify(&format!("{session}.{odd}"), "plumber", &keys) == Some((id, Vec::new())), "{odd}");
        }
    }
}
