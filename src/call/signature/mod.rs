//! Is it the carrier who asks? Each signs in a way of its own, a file each; what one didn't sign is refused before it is read.
//!
//! A carrier that heard no answer asks again, byte for byte: that is no replay, and is let through. What is refused is a wrong
//! signature, one whose time is over, and a nonce or token that comes again with something else.

mod basic;
mod credentials;
mod form;
mod pbx;
mod plivo;
mod public_url;
mod refusal;
mod seen;
mod signalwire;
mod telnyx;
#[cfg(test)]
mod tests;
mod twilio;
mod vonage;

use http::{HeaderMap, Method};

use super::CarrierName;
use super::dialect::Login;
use crate::clock::Timestamp;
use crate::config::Carriers;

pub use credentials::CredentialError;
pub use public_url::{PublicUrl, PublicUrlError};
pub use refusal::Refusal;

use basic::Bandwidth;
use credentials::Credentials;
use pbx::Pbx;
use plivo::Plivo;
use seen::Seen;
use signalwire::SignalWire;
use telnyx::Telnyx;
use twilio::Twilio;
use vonage::Vonage;

/// A request as it came.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    pub method: &'a Method,
    /// Path and query, as they stand on the request line.
    pub target: &'a str,
    pub headers: &'a HeaderMap,
    /// The whole of it.
    pub body: &'a [u8],
    /// When it came.
    pub now: Timestamp,
}

/// The carriers that are configured, with what proves them.
pub struct Verifiers {
    all: Vec<Verifier>,
    seen: Seen,
    /// Bandwidth's user and password.
    bandwidth: Option<(String, String)>,
    secrets: Credentials,
}

/// Tells one carrier's requests from those that others make.
pub struct Verifier {
    carrier: CarrierName,
    scheme: Scheme,
}

enum Scheme {
    Twilio(Twilio),
    SignalWire(SignalWire),
    Telnyx(Telnyx),
    Plivo(Plivo),
    Vonage(Vonage),
    Bandwidth(Bandwidth),
    Pbx(Pbx),
}

impl Verifiers {
    /// Reads the carriers' secrets: those for fetching recordings too, so that what is missing is told at the start.
    ///
    /// # Errors
    /// [`CredentialError`] where one can't be read, or is none.
    pub fn load(carriers: &Carriers) -> Result<Self, CredentialError> {
        Verifiers::with(carriers, Seen::default())
    }

    /// The carriers of another configuration. Nonces and tokens that were seen stay seen.
    ///
    /// # Errors
    /// [`CredentialError`] where a secret can't be read, or is none.
    pub fn followed_by(&self, carriers: &Carriers) -> Result<Self, CredentialError> {
        Verifiers::with(carriers, self.seen.clone())
    }

    fn with(carriers: &Carriers, seen: Seen) -> Result<Self, CredentialError> {
        let secrets = Credentials::read(carriers)?;
        let (mut all, mut login) = (Vec::new(), None);
        let mut add = |carrier, scheme| all.push(Verifier { carrier, scheme });
        if let Some(twilio) = &carriers.twilio {
            let scheme = Twilio::new(secrets.of("twilio.auth_token"), twilio.public_url.clone());
            add(CarrierName::Twilio, Scheme::Twilio(scheme));
        }
        if let Some(signalwire) = &carriers.signalwire {
            let scheme = SignalWire::new(secrets.of("signalwire.signing_key"), signalwire.public_url.clone());
            add(CarrierName::SignalWire, Scheme::SignalWire(scheme));
        }
        if carriers.telnyx.is_some() {
            add(CarrierName::Telnyx, Scheme::Telnyx(Telnyx::new(secrets.public_key("telnyx.public_key")?)));
        }
        if let Some(plivo) = &carriers.plivo {
            let scheme = Plivo::new(secrets.of("plivo.auth_token"), plivo.public_url.clone(), seen.clone());
            add(CarrierName::Plivo, Scheme::Plivo(scheme));
        }
        if carriers.vonage.is_some() {
            let scheme = Vonage::new(secrets.of("vonage.signature_secret"), seen.clone());
            add(CarrierName::Vonage, Scheme::Vonage(scheme));
        }
        if let Some(bandwidth) = &carriers.bandwidth {
            let (user, password) = (&bandwidth.username, secrets.of("bandwidth.password"));
            add(CarrierName::Bandwidth, Scheme::Bandwidth(Bandwidth::new(user, password)));
            login = Some((user.clone(), password.to_owned()));
        }
        if carriers.pbx.is_some() {
            add(CarrierName::Pbx, Scheme::Pbx(Pbx::new(secrets.of("pbx.secret"))));
        }
        Ok(Verifiers { all, seen, bandwidth: login, secrets })
    }

    /// What a carrier that signs nothing must be told to come back with.
    pub(super) fn login(&self, carrier: CarrierName) -> Option<Login<'_>> {
        let (user, password) = self.bandwidth.as_ref().filter(|_| carrier == CarrierName::Bandwidth)?;
        Some(Login { user, password })
    }

    /// A secret as it was read, by its key below `carrier`; none where the file names none.
    pub(in crate::call) fn secret(&self, key: &str) -> Option<&str> {
        self.secrets.get(key)
    }

    /// None: this carrier isn't configured.
    pub fn of(&self, carrier: CarrierName) -> Option<&Verifier> {
        self.all.iter().find(|verifier| verifier.carrier == carrier)
    }
}

impl Verifier {
    pub fn carrier(&self) -> CarrierName {
        self.carrier
    }

    /// Whether the carrier made this request, all of it but headers. (Of Telnyx's and Vonage's, the query of an address stands
    /// outside the signature.)
    ///
    /// # Errors
    /// [`Refusal`] where that isn't proven.
    pub fn verify(&self, request: &Received<'_>) -> Result<(), Refusal> {
        match &self.scheme {
            Scheme::Twilio(twilio) => twilio.verify(request),
            Scheme::SignalWire(signalwire) => signalwire.verify(request),
            Scheme::Telnyx(telnyx) => telnyx.verify(request),
            Scheme::Plivo(plivo) => plivo.verify(request),
            Scheme::Vonage(vonage) => vonage.verify(request),
            Scheme::Bandwidth(bandwidth) => bandwidth.verify(request),
            Scheme::Pbx(pbx) => pbx.verify(request),
        }
    }
}

impl<'a> Received<'a> {
    /// A header's text. One that comes twice counts once, as the first.
    fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok().filter(|text| !text.is_empty())
    }

    fn path(&self) -> &'a str {
        self.target.split_once('?').map_or(self.target, |(path, _)| path)
    }

    fn query(&self) -> &'a str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}
