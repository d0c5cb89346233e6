//! Plivo, version 3: HMAC-SHA256 over the address, the parameters and a nonce
//! (<https://www.plivo.com/docs/voice/concepts/signature-validation>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use ring::hmac;

use super::form::{joined, parameters};
use super::seen::Seen;
use super::{PublicUrl, Received, Refusal};
use crate::call::CarrierName;

/// Of the account whose number it is, and of the account above that.
const HEADERS: [&str; 2] = ["x-plivo-signature-v3", "x-plivo-signature-ma-v3"];

pub(super) struct Plivo {
    key: hmac::Key,
    address: PublicUrl,
    seen: Seen,
}

impl Plivo {
    pub fn new(auth_token: &str, address: PublicUrl, seen: Seen) -> Self {
        Plivo { key: hmac::Key::new(hmac::HMAC_SHA256, auth_token.as_bytes()), address, seen }
    }

    pub fn verify(&self, request: &Received<'_>) -> Result<(), Refusal> {
        let lists: Vec<_> = HEADERS.iter().filter_map(|name| request.header(name)).collect();
        let nonce = request.header("x-plivo-signature-v3-nonce");
        let (false, Some(nonce)) = (lists.is_empty(), nonce) else { return Err(Refusal::Unsigned) };
        let wrong = || Refusal::wrong_for(&self.address, request);
        // The nonce follows a full stop. With one within, what was signed before it could be taken for a part of it.
        if nonce.contains('.') {
            return Err(wrong());
        }
        let signed = format!("{}.{nonce}", self.signed(request));
        let is_of_account = |signature: &str| {
            let tag = STANDARD.decode(signature.trim());
            tag.is_ok_and(|tag| hmac::verify(&self.key, signed.as_bytes(), &tag).is_ok())
        };
        if !lists.iter().flat_map(|list| list.split(',')).any(is_of_account) {
            return Err(wrong());
        }
        match self.seen.binds(CarrierName::Plivo, nonce.as_bytes(), request) {
            true => Ok(()),
            false => Err(Refusal::Replayed),
        }
    }

    /// The address with its query sorted and decoded, then the parameters of the form.
    fn signed(&self, request: &Received<'_>) -> String {
        let mut query = parameters(request.query().as_bytes());
        query.sort();
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let query = query.join("&");
        let mut form = match *request.method {
            Method::GET => Vec::new(),
            _ => parameters(request.body),
        };
        form.sort();
        let address = self.address.of(request.path());
        match (query.is_empty(), form.is_empty()) {
            (true, true) => address,
            (false, true) => format!("{address}?{query}"),
            (true, false) => format!("{address}?{}", joined(&form)),
            (false, false) => format!("{address}?{query}.{}", joined(&form)),
        }
    }
}
