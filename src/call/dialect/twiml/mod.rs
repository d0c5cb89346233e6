//! TwiML: the language of Twilio, SignalWire (cXML) and Telnyx (TeXML). They share its words and fields; where they differ, it
//! says so here.

mod message;
mod reply;
#[cfg(test)]
mod tests;

pub use message::{dial_status, leg_status, read};
pub use reply::{answer, screened, whisper};

use std::ops::RangeInclusive;

use super::form::Form;
use super::stir;
use crate::call::carrier::CarrierName;
use crate::call::event::Attestation;

/// Telephones that one `Dial` lets ring (twilio.com/docs/voice/twiml/number).
pub const MOST_AT_ONCE: usize = 10;

/// Seconds that a telephone may ring.
fn ringing(carrier: CarrierName) -> RangeInclusive<u64> {
    match carrier {
        CarrierName::Telnyx => 5..=120,
        _ => 5..=600,
    }
}

/// Telnyx tells level and outcome apart, or sends a verstat of its own kind.
fn attestation(carrier: CarrierName, form: &Form) -> Attestation {
    match (carrier, form.get("StirVerstat")) {
        (CarrierName::Telnyx, Some(verstat)) => stir::telnyx(verstat),
        (CarrierName::Telnyx, None) => {
            let is_valid = form.get("ShakenStirValidated").map(|valid| valid.eq_ignore_ascii_case("true"));
            stir::validated(form.get("ShakenStirAttestation"), is_valid)
        }
        (_, verstat) => stir::attestation(verstat, None),
    }
}

/// Why a leg ended: Telnyx's word, or SIP's code, which each carrier names differently.
fn cause(form: &Form) -> Option<String> {
    let code = || {
        let code: u16 = form.count("SipResponseCode").or_else(|| form.count("SipResultCode"))?;
        (code >= 300).then(|| format!("SIP {code}"))
    };
    form.owned("HangupCause").or_else(code)
}
