//! SignalWire: what Twilio signs, where values of one name stay in the order in which they were sent; or, for what is no form,
//! HMAC-SHA1 over the address and the body as they are, in hexadecimal. Its header is `X-SignalWire-Signature`; older projects
//! send Twilio's (<https://developer.signalwire.com/platform/basics/security-and-compliance/webhook-signing>).

use ring::hmac;

use super::form::{FormKey, joined, parameters};
use super::{PublicUrl, Received, Refusal};

pub(super) struct SignalWire(FormKey);

impl SignalWire {
    pub fn new(signing_key: &str, address: PublicUrl) -> Self {
        SignalWire(FormKey::new(signing_key, address))
    }

    pub fn verify(&self, request: &Received<'_>) -> Result<(), Refusal> {
        let headers = ["x-signalwire-signature", "x-twilio-signature"];
        let signatures: Vec<_> = headers.iter().filter_map(|name| request.header(name)).collect();
        if signatures.is_empty() {
            return Err(Refusal::Unsigned);
        }
        let mut parameters = parameters(request.body);
        parameters.sort_by(|one, other| one.0.cmp(&other.0));
        let parameters = joined(&parameters);
        let signs = |signature: &&str| {
            self.signs_body(signature, request) || self.0.signs(signature, request, &parameters)
        };
        match signatures.iter().any(signs) {
            true => Ok(()),
            false => Err(Refusal::wrong_for(&self.0.address, request)),
        }
    }

    fn signs_body(&self, signature: &str, request: &Received<'_>) -> bool {
        let Some(tag) = from_hexadecimal(signature) else { return false };
        let signed = |address: &String| [address.as_bytes(), request.body].concat();
        let mut addresses = self.0.addresses(request.target).into_iter();
        addresses.any(|address| hmac::verify(&self.0.key, &signed(&address), &tag).is_ok())
    }
}

/// Lower case only, as it is sent.
fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?));
    rest.is_empty().then(|| bytes.collect())?
}
