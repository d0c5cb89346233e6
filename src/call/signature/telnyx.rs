//! Telnyx: Ed25519 over the time and the body (<https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks>, for
//! calls too). Nothing of the address is signed, so that a GET, which has no body, proves nothing.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use ring::signature::{ED25519, UnparsedPublicKey};

use super::{Received, Refusal};
use crate::clock::Timestamp;

/// Between the time that is signed and ours, either way: what Telnyx's own libraries take.
const WINDOW: Duration = Duration::from_secs(300);

pub(super) struct Telnyx(UnparsedPublicKey<[u8; 32]>);

impl Telnyx {
    pub fn new(public_key: [u8; 32]) -> Self {
        Telnyx(UnparsedPublicKey::new(&ED25519, public_key))
    }

    pub fn verify(&self, request: &Received<'_>) -> Result<(), Refusal> {
        let signature = request.header("telnyx-signature-ed25519");
        let time = request.header("telnyx-timestamp");
        let (Some(signature), Some(time)) = (signature, time) else { return Err(Refusal::Unsigned) };
        if request.method == Method::GET {
            return Err(Refusal::Unsigned);
        }
        let signature = STANDARD.decode(signature).map_err(|_| Refusal::wrong())?;
        let signed = [time.as_bytes(), b"|", request.body].concat();
        self.0.verify(&signed, &signature).map_err(|_| Refusal::wrong())?;
        let time = time.parse::<i64>().map_err(|_| Refusal::wrong())?;
        let time = Timestamp(time.saturating_mul(1000));
        match request.now.since(time).max(time.since(request.now)) > WINDOW {
            true => Err(Refusal::Stale),
            false => Ok(()),
        }
    }
}
