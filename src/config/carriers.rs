//! The carriers that connect calls: what proves that it is they who ask, and the accounts at which recordings are fetched.

use std::path::PathBuf;

use super::Secret;
use crate::call::CarrierName;
use crate::call::signature::PublicUrl;

/// Those that the file names. A carrier that it doesn't name is not answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carriers {
    pub twilio: Option<Twilio>,
    pub signalwire: Option<SignalWire>,
    pub telnyx: Option<Telnyx>,
    pub plivo: Option<Plivo>,
    pub vonage: Option<Vonage>,
    pub bandwidth: Option<Bandwidth>,
    pub pbx: Option<Pbx>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twilio {
    /// Signs, and is the password for recordings.
    pub auth_token: Secret,
    pub public_url: PublicUrl,
    /// For recordings.
    pub account_sid: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalWire {
    pub signing_key: Secret,
    pub public_url: PublicUrl,
    /// For recordings: the host of its API.
    pub space: Option<String>,
    /// For recordings.
    pub project: Option<String>,
    /// For recordings.
    pub token: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telnyx {
    /// Not secret, but as long as one.
    pub public_key: Secret,
    /// For recordings.
    pub api_key: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plivo {
    /// For recordings.
    pub auth_id: Option<String>,
    /// Signs, and is the password for recordings.
    pub auth_token: Secret,
    pub public_url: PublicUrl,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vonage {
    pub signature_secret: Secret,
    /// For recordings.
    pub application_id: Option<String>,
    /// For recordings: the application's key, in PEM.
    pub private_key: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bandwidth {
    pub username: String,
    pub password: Secret,
    /// For recordings.
    pub account_id: Option<String>,
    /// For recordings.
    pub api_username: Option<String>,
    /// For recordings.
    pub api_password: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pbx {
    pub secret: Secret,
    /// The folder below which the recordings lie that it names; none: they stay where they are.
    pub files: Option<PathBuf>,
}

impl Carriers {
    /// Whether this carrier is configured.
    pub fn has(&self, carrier: CarrierName) -> bool {
        match carrier {
            CarrierName::Twilio => self.twilio.is_some(),
            CarrierName::SignalWire => self.signalwire.is_some(),
            CarrierName::Telnyx => self.telnyx.is_some(),
            CarrierName::Plivo => self.plivo.is_some(),
            CarrierName::Vonage => self.vonage.is_some(),
            CarrierName::Bandwidth => self.bandwidth.is_some(),
            CarrierName::Pbx => self.pbx.is_some(),
        }
    }

    /// Where a carrier reaches us, where that is configured.
    pub fn public_url(&self, carrier: CarrierName) -> Option<&PublicUrl> {
        match carrier {
            CarrierName::Twilio => self.twilio.as_ref().map(|twilio| &twilio.public_url),
            CarrierName::SignalWire => self.signalwire.as_ref().map(|signalwire| &signalwire.public_url),
            CarrierName::Plivo => self.plivo.as_ref().map(|plivo| &plivo.public_url),
            CarrierName::Telnyx | CarrierName::Vonage | CarrierName::Bandwidth | CarrierName::Pbx => None,
        }
    }

    /// All secrets, each with its key below `carrier`.
    pub fn secrets(&self) -> Vec<(&'static str, &Secret)> {
        let Carriers { twilio, signalwire, telnyx, plivo, vonage, bandwidth, pbx } = self;
        let signalwire = signalwire.as_ref();
        let telnyx = telnyx.as_ref();
        let vonage = vonage.as_ref();
        let bandwidth = bandwidth.as_ref();
        let all = [
            ("twilio.auth_token", twilio.as_ref().map(|twilio| &twilio.auth_token)),
            ("signalwire.signing_key", signalwire.map(|signalwire| &signalwire.signing_key)),
            ("signalwire.token", signalwire.and_then(|signalwire| signalwire.token.as_ref())),
            ("telnyx.public_key", telnyx.map(|telnyx| &telnyx.public_key)),
            ("telnyx.api_key", telnyx.and_then(|telnyx| telnyx.api_key.as_ref())),
            ("plivo.auth_token", plivo.as_ref().map(|plivo| &plivo.auth_token)),
            ("vonage.signature_secret", vonage.map(|vonage| &vonage.signature_secret)),
            ("vonage.private_key", vonage.and_then(|vonage| vonage.private_key.as_ref())),
            ("bandwidth.password", bandwidth.map(|bandwidth| &bandwidth.password)),
            ("bandwidth.api_password", bandwidth.and_then(|bandwidth| bandwidth.api_password.as_ref())),
            ("pbx.secret", pbx.as_ref().map(|pbx| &pbx.secret)),
        ];
        all.into_iter().filter_map(|(key, secret)| Some((key, secret?))).collect()
    }
}
