//! The accounts that recordings are fetched with. A carrier whose account isn't configured keeps its recordings.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;

use super::hosts::{Address, takes_credentials};
use super::refused::{Failed, Refused};
use crate::call::CarrierName;
use crate::call::signature::Verifiers;
use crate::clock::Timestamp;
use crate::config::Carriers;

/// Where the recordings of all carriers are had from.
pub(in crate::call) struct Accounts {
    all: Vec<Account>,
    /// The folder below which a telephone system's files lie.
    files: Option<PathBuf>,
}

/// An account with one carrier.
pub(super) struct Account {
    carrier: CarrierName,
    /// A host of its own.
    space: Option<String>,
    credentials: Credentials,
}

enum Credentials {
    /// RFC 7617
    Basic { user: String, password: String },
    /// RFC 6750
    Bearer(String),
    /// A token for each request, signed with the application's key, in PEM.
    Signed { application: String, key: String },
}

/// How long a token is good for, in seconds.
const TOKEN_LIFE: i64 = 15 * 60;

impl Accounts {
    /// Those that the configuration has all parts of, with their secrets as they were read with the verifiers'.
    pub fn of(carriers: &Carriers, verifiers: &Verifiers) -> Self {
        let mut accounts = Accounts { all: Vec::new(), files: None };
        let secret = |key| verifiers.secret(key).map(str::to_owned);
        if let Some(twilio) = &carriers.twilio {
            accounts.add_basic(CarrierName::Twilio, &twilio.account_sid, secret("twilio.auth_token"));
        }
        if let Some(signalwire) = &carriers.signalwire
            && let Some(space) = &signalwire.space
        {
            accounts.add_basic(CarrierName::SignalWire, &signalwire.project, secret("signalwire.token"));
            if let Some(account) = accounts.all.last_mut() {
                account.space = Some(space.clone()).filter(|_| account.carrier == CarrierName::SignalWire);
            }
        }
        if let Some(key) = secret("telnyx.api_key") {
            accounts.add(CarrierName::Telnyx, Credentials::Bearer(key));
        }
        if let Some(plivo) = &carriers.plivo {
            accounts.add_basic(CarrierName::Plivo, &plivo.auth_id, secret("plivo.auth_token"));
        }
        if let Some(vonage) = &carriers.vonage
            && let (Some(application), Some(key)) =
                (vonage.application_id.clone(), secret("vonage.private_key"))
        {
            accounts.add(CarrierName::Vonage, Credentials::Signed { application, key });
        }
        if let Some(bandwidth) = &carriers.bandwidth {
            let password = secret("bandwidth.api_password");
            accounts.add_basic(CarrierName::Bandwidth, &bandwidth.api_username, password);
        }
        accounts.files = carriers.pbx.as_ref().and_then(|pbx| pbx.files.clone());
        accounts
    }

    /// Whether this carrier's recordings can be had at all.
    pub fn has(&self, carrier: CarrierName) -> bool {
        match carrier {
            CarrierName::Pbx => self.files.is_some(),
            _ => self.with(carrier).is_some(),
        }
    }

    pub(super) fn with(&self, carrier: CarrierName) -> Option<&Account> {
        self.all.iter().find(|account| account.carrier == carrier)
    }

    pub(super) fn files(&self) -> Option<&PathBuf> {
        self.files.as_ref()
    }

    fn add_basic(&mut self, carrier: CarrierName, user: &Option<String>, password: Option<String>) {
        if let (Some(user), Some(password)) = (user.clone(), password) {
            self.add(carrier, Credentials::Basic { user, password });
        }
    }

    fn add(&mut self, carrier: CarrierName, credentials: Credentials) {
        self.all.push(Account { carrier, space: None, credentials });
    }
}

impl Account {
    /// The address of a recording, as a message gave it.
    ///
    /// # Errors
    /// [`Refused`] where it is none of the carrier's.
    pub fn address(&self, place: &str) -> Result<Address, Refused> {
        let address = Address::of(self.carrier, self.space.as_deref(), place)?;
        // Those without one are WAV, six times as large (twilio.com/docs/voice/api/recording, "Fetch a recording media file").
        let has_formats = matches!(self.carrier, CarrierName::Twilio | CarrierName::SignalWire);
        Ok(if has_formats { address.with_extension("mp3") } else { address })
    }

    /// Where an answer leads on to.
    ///
    /// # Errors
    /// [`Refused`] where that is none of the carrier's.
    pub fn leading_on(&self, from: &Address, location: &str) -> Result<Address, Refused> {
        from.leading_to(self.carrier, self.space.as_deref(), location)
    }

    /// What a request to this host is authorised with; none where the account is not named to it.
    ///
    /// # Errors
    /// [`Failed::Account`] where a token can't be signed.
    pub fn authorization(&self, host: &str) -> Result<Option<String>, Failed> {
        if !takes_credentials(self.carrier, self.space.as_deref(), host) {
            return Ok(None);
        }
        Ok(Some(match &self.credentials {
            Credentials::Basic { user, password } => {
                format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
            }
            Credentials::Bearer(key) => format!("Bearer {key}"),
            Credentials::Signed { application, key } => {
                format!("Bearer {}", token(application, key, Timestamp::now()).map_err(Failed::Account)?)
            }
        }))
    }
}

/// A JSON Web Token of an application of Vonage's (RFC 7519, with RS256 of RFC 7518 §3.3;
/// <https://developer.vonage.com/en/getting-started/concepts/authentication>).
fn token(application: &str, key: &str, now: Timestamp) -> Result<String, String> {
    let key = key_pair(key)?;
    let made = now.0 / 1000;
    let id: u128 = rand::random();
    let claims = json!({
        "application_id": application,
        "iat": made,
        "exp": made + TOKEN_LIFE,
        "jti": format!("{id:032x}"),
    });
    let encoded = |part: String| URL_SAFE_NO_PAD.encode(part);
    let header = json!({"alg": "RS256", "typ": "JWT"});
    let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .map_err(|_| "a token can't be signed with it".to_owned())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn key_pair(pem: &str) -> Result<RsaKeyPair, String> {
    let wrong =
        |why: &str| format!("carrier.vonage.private_key: {why}; take the file that Vonage's console gave");
    match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
        Ok(PrivateKeyDer::Pkcs8(key)) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
        Ok(PrivateKeyDer::Pkcs1(key)) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        Ok(_) => return Err(wrong("it is no RSA key")),
        Err(_) => return Err(wrong("it is no key in PEM")),
    }
    .map_err(|error| wrong(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    /// Nobody's: it was made for this test.
    const KEY: &str = include_str!("tests/application.pem");

    #[test]
    fn a_token_tells_its_application_and_is_signed_with_its_key() {
        let now = Timestamp(1_800_000_000_000);
        let token = token("78d335fa", KEY, now).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let public = key_pair(KEY).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.public());
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert!(public.verify(signed.as_bytes(), &signature).is_ok());
        assert!(public.verify(b"another", &signature).is_err());
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["application_id"], "78d335fa");
        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(1_800_000_000), &json!(1_800_000_900)));
    }

    #[test]
    fn what_is_no_key_is_said_to_be_none() {
        for wrong in ["", "in clear", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            let said = token("78d335fa", wrong, Timestamp(0)).unwrap_err();
            assert!(said.contains("carrier.vonage.private_key"), "{said}");
        }
    }
}
