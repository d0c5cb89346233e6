mod documented;
mod forged;
mod generated;
mod loaded;
mod passwords;
mod tokens;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use ring::hmac;

use super::{
    Bandwidth, Pbx, Plivo, PublicUrl, Received, Refusal, Scheme, Seen, SignalWire, Telnyx, Twilio, Verifier,
    Vonage,
};
use crate::call::CarrierName;
use crate::clock::Timestamp;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// A request to be judged.
#[derive(Clone, Debug)]
struct Asked {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
    now: Timestamp,
}

impl Asked {
    fn post(target: &str, body: &str) -> Self {
        let (target, body) = (target.to_owned(), body.as_bytes().to_vec());
        Asked { method: Method::POST, target, headers: HeaderMap::new(), body, now: NOW }
    }

    fn get(target: &str) -> Self {
        Asked { method: Method::GET, ..Asked::post(target, "") }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    fn at(mut self, seconds: i64) -> Self {
        self.now = Timestamp(seconds * 1000);
        self
    }

    fn judged(&self, verifier: &Verifier) -> Result<(), Refusal> {
        verifier.verify(&Received {
            method: &self.method,
            target: &self.target,
            headers: &self.headers,
            body: &self.body,
            now: self.now,
        })
    }

    /// Why it is refused; nothing where it isn't.
    fn refused(&self, verifier: &Verifier) -> Option<&'static str> {
        self.judged(verifier).err().map(|refusal| refusal.name())
    }
}

fn address(written: &str) -> PublicUrl {
    PublicUrl::parse(written).unwrap()
}

fn twilio(auth_token: &str, public_url: &str) -> Verifier {
    let scheme = Scheme::Twilio(Twilio::new(auth_token, address(public_url)));
    Verifier { carrier: CarrierName::Twilio, scheme }
}

fn signalwire(signing_key: &str, public_url: &str) -> Verifier {
    let scheme = Scheme::SignalWire(SignalWire::new(signing_key, address(public_url)));
    Verifier { carrier: CarrierName::SignalWire, scheme }
}

fn telnyx(public_key: &str) -> Verifier {
    let public_key = STANDARD.decode(public_key).unwrap().try_into().unwrap();
    Verifier { carrier: CarrierName::Telnyx, scheme: Scheme::Telnyx(Telnyx::new(public_key)) }
}

fn plivo(auth_token: &str, public_url: &str) -> Verifier {
    let scheme = Scheme::Plivo(Plivo::new(auth_token, address(public_url), Seen::default()));
    Verifier { carrier: CarrierName::Plivo, scheme }
}

fn vonage(signature_secret: &str) -> Verifier {
    let scheme = Scheme::Vonage(Vonage::new(signature_secret, Seen::default()));
    Verifier { carrier: CarrierName::Vonage, scheme }
}

fn bandwidth(username: &str, password: &str) -> Verifier {
    let scheme = Scheme::Bandwidth(Bandwidth::new(username, password));
    Verifier { carrier: CarrierName::Bandwidth, scheme }
}

fn pbx(secret: &str) -> Verifier {
    Verifier { carrier: CarrierName::Pbx, scheme: Scheme::Pbx(Pbx::new(secret)) }
}

/// What a carrier does with its key.
fn signature(algorithm: hmac::Algorithm, key: &str, text: &str) -> String {
    let key = hmac::Key::new(algorithm, key.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}
