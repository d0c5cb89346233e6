//! Vonage: a token of its own with each request, signed with HMAC-SHA256 (RFC 7515, RFC 7519; "signed webhooks",
//! <https://developer.vonage.com/en/getting-started/concepts/webhooks>). It is bound to what it came with: the claim
//! `payload_hash` is over the body, or over the query of a GET, and may be absent there.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use ring::hmac;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::form::{hexadecimal, parameters};
use super::seen::Seen;
use super::{Received, Refusal};
use crate::call::CarrierName;
use crate::clock::Timestamp;

/// Between the time at which a token was made and ours, either way.
const WINDOW: Duration = Duration::from_secs(300);

pub(super) struct Vonage {
    key: hmac::Key,
    seen: Seen,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    /// What must be understood, and isn't (RFC 7515 §4.1.11).
    crit: Option<Value>,
}

/// What a token says. Whom it is for (`aud`) is not looked at: Vonage writes there what it likes.
#[derive(Deserialize)]
struct Claims {
    /// Seconds since 1970.
    iat: Option<f64>,
    exp: Option<f64>,
    jti: Option<String>,
    payload_hash: Option<String>,
}

impl Vonage {
    pub fn new(signature_secret: &str, seen: Seen) -> Self {
        Vonage { key: hmac::Key::new(hmac::HMAC_SHA256, signature_secret.as_bytes()), seen }
    }

    pub fn verify(&self, request: &Received<'_>) -> Result<(), Refusal> {
        let token = super::basic::authorization(request, "Bearer").ok_or(Refusal::Unsigned)?;
        let claims = self.claims(token).ok_or_else(Refusal::wrong)?;
        if !claims.cover(request) {
            return Err(Refusal::wrong());
        }
        if !claims.are_of_now(request.now) {
            return Err(Refusal::Stale);
        }
        let nonce = claims.jti.as_deref().unwrap_or(token);
        match self.seen.binds(CarrierName::Vonage, nonce.as_bytes(), request) {
            true => Ok(()),
            false => Err(Refusal::Replayed),
        }
    }

    /// What a token says that is signed with our key, and in no other way.
    fn claims(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.key, signed.as_bytes(), &signature).ok()?;
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        if header.alg != "HS256" || header.crit.is_some() {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

impl Claims {
    fn cover(&self, request: &Received<'_>) -> bool {
        let is_get = request.method == Method::GET;
        let Some(hash) = &self.payload_hash else { return is_get };
        let covered = match is_get {
            true => Sha256::digest(query_as_json(request.query())),
            false => Sha256::digest(request.body),
        };
        hash.eq_ignore_ascii_case(&hexadecimal(&covered))
    }

    /// A token that doesn't say when it was made could be used for ever.
    fn are_of_now(&self, now: Timestamp) -> bool {
        let now = now.0 as f64 / 1000.0;
        let is_fresh = self.iat.is_some_and(|made| (now - made).abs() <= WINDOW.as_secs_f64());
        is_fresh && self.exp.is_none_or(|until| now < until)
    }
}

/// The object that the parameters make, in their order and without spaces. Values of one name make a list.
fn query_as_json(query: &str) -> String {
    let mut object: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in parameters(query.as_bytes()) {
        match object.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => object.push((name, vec![value])),
        }
    }
    let member = |(name, mut values): (String, Vec<String>)| {
        let value = match values.len() {
            1 => Value::from(values.remove(0)),
            _ => Value::from(values),
        };
        format!("{}:{value}", Value::from(name))
    };
    let members: Vec<_> = object.into_iter().map(member).collect();
    format!("{{{}}}", members.join(","))
}
