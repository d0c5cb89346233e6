//! The carriers that may ask, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A carrier, in the order of the configuration's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CarrierName {
    Twilio,
    SignalWire,
    Telnyx,
    Plivo,
    Vonage,
    Bandwidth,
    /// A telephone exchange of the business's own: Asterisk, FreeSWITCH, Kamailio.
    Pbx,
}

/// There is no carrier of this name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no carrier that is known")]
pub struct UnknownCarrier;

impl CarrierName {
    pub const ALL: [CarrierName; 7] = [
        CarrierName::Twilio,
        CarrierName::SignalWire,
        CarrierName::Telnyx,
        CarrierName::Plivo,
        CarrierName::Vonage,
        CarrierName::Bandwidth,
        CarrierName::Pbx,
    ];

    /// As addresses and metrics have it.
    pub fn name(self) -> &'static str {
        match self {
            CarrierName::Twilio => "twilio",
            CarrierName::SignalWire => "signalwire",
            CarrierName::Telnyx => "telnyx",
            CarrierName::Plivo => "plivo",
            CarrierName::Vonage => "vonage",
            CarrierName::Bandwidth => "bandwidth",
            CarrierName::Pbx => "pbx",
        }
    }
}

impl fmt::Display for CarrierName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for CarrierName {
    type Err = UnknownCarrier;

    /// Addresses are compared letter by letter: `Twilio` is none.
    fn from_str(name: &str) -> Result<Self, UnknownCarrier> {
        CarrierName::ALL.into_iter().find(|carrier| carrier.name() == name).ok_or(UnknownCarrier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carrier_has_one_name_everywhere() {
        for (place, carrier) in CarrierName::ALL.into_iter().enumerate() {
            assert_eq!(carrier.name().parse(), Ok(carrier));
            assert_eq!(serde_json::to_value(carrier).unwrap(), carrier.name());
            assert_eq!(serde_json::from_value::<CarrierName>(carrier.name().into()).unwrap(), carrier);
            assert!(CarrierName::ALL[..place].iter().all(|before| *before < carrier));
        }
        assert_eq!("Twilio".parse::<CarrierName>(), Err(UnknownCarrier));
        assert_eq!("".parse::<CarrierName>(), Err(UnknownCarrier));
    }
}
