//! What of a call tells of a person, as the ledger may hold it: callers by a keyed hash, messages sealed.
//!
//! Whoever has the ledger without the secret learns no telephone number from it: a plain hash of one is found out by trying all.

use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;

use super::event::Event;
use crate::clock::Timestamp;
use crate::config::Keys;
use crate::ledger::{CallId, CallerHash, EventRecord};

/// Opens what it sealed; the same for all who have the secret.
#[derive(Clone)]
pub struct Seal {
    messages: LessSafeKey,
    callers: [u8; 32],
}

impl Seal {
    pub fn new(keys: &Keys) -> Self {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &keys.messages).expect("its keys have 32 bytes");
        Seal { messages: LessSafeKey::new(key), callers: keys.callers }
    }

    /// What a caller is known by, given their number in E.164.
    pub fn caller(&self, e164: &str) -> CallerHash {
        let mut mac: Hmac<Sha256> =
            Hmac::new_from_slice(&self.callers).expect("HMAC takes a key of any length");
        mac.update(e164.as_bytes());
        let tag = mac.finalize().into_bytes();
        CallerHash(std::array::from_fn(|index| tag[index]))
    }

    /// An event as the ledger keeps it: a nonce, and the event sealed to its call and key (RFC 8439 §2.8).
    pub fn seal(&self, call: CallId, event: &Event) -> EventRecord {
        let key = event.key();
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut body = serde_json::to_vec(event).unwrap_or_default();
        let sealed = self.messages.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(of(call, &key)),
            &mut body,
        );
        sealed.expect("an event is shorter than what can be sealed");
        body.splice(..0, nonce);
        EventRecord { call, key, received: event.received, body }
    }

    /// None for what was not sealed with this secret, or to another call, or is of a later version.
    pub fn open(&self, record: &EventRecord) -> Option<Event> {
        let (nonce, sealed) = record.body.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = sealed.to_vec();
        let plain = self.messages.open_in_place(nonce, Aad::from(of(record.call, &record.key)), &mut body);
        let event: Event = serde_json::from_slice(plain.ok()?).ok()?;
        Some(Event { received: record.received.max(Timestamp(0)), ..event })
    }
}

/// What a message is sealed to.
fn of(call: CallId, key: &str) -> Vec<u8> {
    [call.0.as_slice(), key.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::event::{By, Pressed, What};

    fn event() -> Event {
        let pressed = Pressed { by: By::Caller, step: Some(1), keys: "1".to_owned() };
        Event { received: Timestamp(5), what: What::Pressed(pressed) }
    }

    fn seal(secret: &[u8]) -> Seal {
        Seal::new(&Keys::from_secret(secret))
    }

    #[test]
    fn a_message_is_opened_by_the_secret_that_sealed_it_for_its_own_call_only() {
        let (ours, call) = (seal(b"a secret for tests"), CallId([7; 12]));
        let record = ours.seal(call, &event());
        assert_eq!(ours.open(&record), Some(event()));
        assert_eq!(seal(b"another secret here").open(&record), None);
        assert_eq!(ours.open(&EventRecord { call: CallId([8; 12]), ..record.clone() }), None);
        assert_eq!(ours.open(&EventRecord { key: "rang".to_owned(), ..record.clone() }), None);
        for place in 0..record.body.len() {
            let mut changed = record.clone();
            changed.body[place] ^= 1;
            assert_eq!(ours.open(&changed), None, "byte {place}");
        }
        for short in 0..NONCE_LEN + 16 {
            assert_eq!(ours.open(&EventRecord { body: vec![0; short], ..record.clone() }), None);
        }
    }

    #[test]
    fn a_sealed_message_tells_nothing_and_is_never_the_same() {
        let (seal, call) = (seal(b"a secret for tests"), CallId([7; 12]));
        let (one, other) = (seal.seal(call, &event()), seal.seal(call, &event()));
        assert_ne!(one.body, other.body);
        let tells = |body: &[u8]| body.windows(7).any(|window| window == b"pressed");
        assert!(!tells(&one.body) && tells(&serde_json::to_vec(&event()).unwrap()));
    }

    #[test]
    fn a_caller_is_one_person_to_one_secret() {
        let (ours, other) = (seal(b"a secret for tests"), seal(b"another secret here"));
        assert_eq!(ours.caller("+12125550100"), ours.caller("+12125550100"));
        assert_ne!(ours.caller("+12125550100"), ours.caller("+12125550101"));
        assert_ne!(ours.caller("+12125550100"), other.caller("+12125550100"));
    }
}
