//! `[carrier.*]` as written.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::SecretSource;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Carrier {
    #[schemars(with = "Option<Twilio>")]
    pub twilio: Option<Spanned<Twilio>>,
    #[schemars(with = "Option<SignalWire>")]
    pub signalwire: Option<Spanned<SignalWire>>,
    #[schemars(with = "Option<Telnyx>")]
    pub telnyx: Option<Spanned<Telnyx>>,
    #[schemars(with = "Option<Plivo>")]
    pub plivo: Option<Spanned<Plivo>>,
    #[schemars(with = "Option<Vonage>")]
    pub vonage: Option<Spanned<Vonage>>,
    #[schemars(with = "Option<Bandwidth>")]
    pub bandwidth: Option<Spanned<Bandwidth>>,
    #[schemars(with = "Option<Pbx>")]
    pub pbx: Option<Spanned<Pbx>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Twilio {
    /// What Twilio signs with.
    #[schemars(with = "Option<SecretSource>")]
    pub auth_token: Option<Spanned<SecretSource>>,
    /// The address that Twilio calls, without the path.
    #[schemars(with = "Option<String>")]
    pub public_url: Option<Spanned<String>>,
    /// For fetching recordings.
    pub account_sid: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct SignalWire {
    /// What SignalWire signs with.
    #[schemars(with = "Option<SecretSource>")]
    pub signing_key: Option<Spanned<SecretSource>>,
    /// The address that SignalWire calls, without the path.
    #[schemars(with = "Option<String>")]
    pub public_url: Option<Spanned<String>>,
    /// For fetching recordings: NAME.signalwire.com
    pub space: Option<String>,
    /// For fetching recordings.
    pub project: Option<String>,
    /// For fetching recordings.
    #[schemars(with = "Option<SecretSource>")]
    pub token: Option<Spanned<SecretSource>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Telnyx {
    /// By which Telnyx's signature is known: an Ed25519 key in base64.
    #[schemars(with = "Option<SecretSource>")]
    pub public_key: Option<Spanned<SecretSource>>,
    /// For fetching recordings.
    #[schemars(with = "Option<SecretSource>")]
    pub api_key: Option<Spanned<SecretSource>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Plivo {
    /// For fetching recordings.
    pub auth_id: Option<String>,
    /// What Plivo signs with.
    #[schemars(with = "Option<SecretSource>")]
    pub auth_token: Option<Spanned<SecretSource>>,
    /// The address that Plivo calls, without the path.
    #[schemars(with = "Option<String>")]
    pub public_url: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Vonage {
    /// What Vonage signs with.
    #[schemars(with = "Option<SecretSource>")]
    pub signature_secret: Option<Spanned<SecretSource>>,
    /// For fetching recordings.
    pub application_id: Option<String>,
    /// For fetching recordings: the application's key, in PEM.
    #[schemars(with = "Option<SecretSource>")]
    pub private_key: Option<Spanned<SecretSource>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Bandwidth {
    /// What Bandwidth sends as the callback's user.
    #[schemars(with = "Option<String>")]
    pub username: Option<Spanned<String>>,
    /// What Bandwidth sends as the callback's password.
    #[schemars(with = "Option<SecretSource>")]
    pub password: Option<Spanned<SecretSource>>,
    /// For fetching recordings.
    pub account_id: Option<String>,
    /// For fetching recordings.
    pub api_username: Option<String>,
    /// For fetching recordings.
    #[schemars(with = "Option<SecretSource>")]
    pub api_password: Option<Spanned<SecretSource>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Pbx {
    /// What the exchange sends, as a bearer token or as the password of any user.
    #[schemars(with = "Option<SecretSource>")]
    pub secret: Option<Spanned<SecretSource>>,
    /// The folder below which the recordings lie that it names.
    pub files: Option<String>,
}
