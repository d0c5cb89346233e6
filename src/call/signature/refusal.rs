//! Why a request is not the carrier's, for the log, for a metric, and for whoever asked.

use std::fmt;

use http::StatusCode;

use super::{PublicUrl, Received};
use crate::call::CarrierName;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It carries no signature, or none of this carrier's kind.
    Unsigned,
    /// It is not what was signed, or not by whom it should be.
    Wrong {
        /// The address that the signature should have been over, without the values of its query; none where no address is
        /// signed.
        signed: Option<String>,
    },
    /// It was signed too long ago, or is from the future.
    Stale,
    /// Its nonce or token came before, with something else.
    Replayed,
}

impl Refusal {
    /// Not signed for this address. What stands in its query may be a caller's number, and is nothing for a log.
    pub(super) fn wrong_for(address: &PublicUrl, request: &Received<'_>) -> Self {
        let query = if request.query().is_empty() { "" } else { "?…" };
        Refusal::Wrong { signed: Some(format!("{}{query}", address.of(request.path()))) }
    }

    /// Of a carrier that signs no address.
    pub(super) fn wrong() -> Self {
        Refusal::Wrong { signed: None }
    }

    /// The label `reason`.
    pub fn name(&self) -> &'static str {
        match self {
            Refusal::Unsigned => "unsigned",
            Refusal::Wrong { .. } => "wrong",
            Refusal::Stale => "stale",
            Refusal::Replayed => "replayed",
        }
    }

    /// What a carrier is answered with. Bandwidth sends its password only once it is asked for.
    pub fn status(&self, carrier: CarrierName) -> StatusCode {
        match self.challenge(carrier) {
            Some(_) => StatusCode::UNAUTHORIZED,
            None => StatusCode::FORBIDDEN,
        }
    }

    /// The value of `WWW-Authenticate`, which a 401 must have (RFC 9110 §15.5.2).
    pub fn challenge(&self, carrier: CarrierName) -> Option<&'static str> {
        match (carrier, self) {
            (CarrierName::Bandwidth, Refusal::Unsigned | Refusal::Wrong { .. }) => {
                Some("Basic realm=\"dni-edge\", charset=\"UTF-8\"")
            }
            _ => None,
        }
    }
}

/// For an operator, who may have configured something wrong.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Unsigned => f.write_str("it is not signed"),
            Refusal::Wrong { signed: Some(address) } => write!(
                f,
                "its signature is not this account's over {address}; where the carrier calls another address, \
                 public_url must be that one's"
            ),
            Refusal::Wrong { signed: None } => f.write_str("its signature or password is not this account's"),
            Refusal::Stale => f.write_str("it was signed too long ago, or one of the clocks is wrong"),
            Refusal::Replayed => f.write_str("its nonce or token was used before, for something else"),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_asked_for_where_the_carrier_waits_for_that() {
        for carrier in CarrierName::ALL {
            for refusal in [Refusal::Unsigned, Refusal::wrong(), Refusal::Stale, Refusal::Replayed] {
                let is_asked =
                    carrier == CarrierName::Bandwidth && matches!(refusal.name(), "unsigned" | "wrong");
                assert_eq!(refusal.status(carrier).as_u16(), if is_asked { 401 } else { 403 });
                assert_eq!(refusal.challenge(carrier).is_some(), is_asked);
            }
        }
    }
}
