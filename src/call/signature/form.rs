//! HMAC-SHA1 over the address and the parameters of a form: Twilio's signature, and, but for the order, SignalWire's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use sha2::{Digest, Sha256};

use super::{PublicUrl, Received};

/// A key, and the address that is signed with it.
pub(super) struct FormKey {
    pub key: hmac::Key,
    pub address: PublicUrl,
}

impl FormKey {
    pub fn new(secret: &str, address: PublicUrl) -> Self {
        FormKey { key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes()), address }
    }

    /// Whether the signature, in base64, is over the address and these parameters; or over the address alone, which holds a hash
    /// of the body then. The body is always covered.
    pub fn signs(&self, signature: &str, request: &Received<'_>, parameters: &str) -> bool {
        let Ok(tag) = STANDARD.decode(signature) else { return false };
        let is_hashed = holds_hash_of_body(request);
        self.addresses(request.target).iter().any(|address| {
            let with_parameters = format!("{address}{parameters}");
            hmac::verify(&self.key, with_parameters.as_bytes(), &tag).is_ok()
                || (is_hashed && hmac::verify(&self.key, address.as_bytes(), &tag).is_ok())
        })
    }

    /// The whole address of a request, with the port and without.
    pub fn addresses(&self, target: &str) -> [String; 2] {
        [self.address.of(target), self.address.otherwise_of(target)]
    }
}

/// The parameters of a form in the body, in their order.
pub(super) fn parameters(body: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

/// Names and values behind one another, as they are signed.
pub(super) fn joined(parameters: &[(String, String)]) -> String {
    parameters.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect()
}

/// A body that is no form is covered by `bodySHA256`, its SHA-256 in hexadecimal, in the address.
fn holds_hash_of_body(request: &Received<'_>) -> bool {
    let mut query = url::form_urlencoded::parse(request.query().as_bytes());
    let Some((_, hash)) = query.find(|(name, _)| name == "bodySHA256") else { return false };
    hash == hexadecimal(&Sha256::digest(request.body))
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
