//! Twilio: `X-Twilio-Signature`, over the address and the form's parameters, sorted by name
//! (<https://www.twilio.com/docs/usage/security>).

use super::form::{FormKey, joined, parameters};
use super::{PublicUrl, Received, Refusal};

pub(super) struct Twilio(FormKey);

impl Twilio {
    pub fn new(auth_token: &str, address: PublicUrl) -> Self {
        Twilio(FormKey::new(auth_token, address))
    }

    pub fn verify(&self, request: &Received<'_>) -> Result<(), Refusal> {
        let signature = request.header("x-twilio-signature").ok_or(Refusal::Unsigned)?;
        let mut parameters = parameters(request.body);
        // Of values of one name each counts once, in their order.
        parameters.sort();
        parameters.dedup();
        match self.0.signs(signature, request, &joined(&parameters)) {
            true => Ok(()),
            false => Err(Refusal::wrong_for(&self.0.address, request)),
        }
    }
}
