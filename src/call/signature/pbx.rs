//! A telephone exchange of the business's own: a shared secret, as a bearer token (RFC 6750) or as the password of any user
//! (RFC 7617), whichever its dial plan can send.

use super::basic::{Secret, authorization, user_and_password};
use super::{Received, Refusal};

pub(super) struct Pbx(Secret);

impl Pbx {
    pub fn new(secret: &str) -> Self {
        Pbx(Secret::new(secret))
    }

    pub fn verify(&self, request: &Received<'_>) -> Result<(), Refusal> {
        let known = if let Some(token) = authorization(request, "Bearer") {
            self.0.is(token.as_bytes())
        } else if let Some(credentials) = authorization(request, "Basic") {
            user_and_password(credentials).is_some_and(|(_, password)| self.0.is(&password))
        } else {
            return Err(Refusal::Unsigned);
        };
        if known { Ok(()) } else { Err(Refusal::wrong()) }
    }
}
