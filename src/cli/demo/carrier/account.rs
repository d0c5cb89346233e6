//! A customer's account with the carrier: what it signs with, where it sends, and whom it reaches.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::Full;
use ring::hmac;

use super::super::post;
use super::trouble::Trouble;
use super::twiml::Document;

/// A carrier waits for an answer so long.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is sent, in the order in which it stands in the form.
pub(super) type Fields = Vec<(&'static str, String)>;

pub(super) struct Account {
    pub sid: String,
    /// What both sides know.
    token: String,
    /// Scheme and host at which the customer is reached.
    public: String,
    /// Who answers there.
    address: SocketAddr,
}

impl Account {
    pub fn new(token: &str, public: &str, address: SocketAddr) -> Self {
        Account { sid: sid("AC"), token: token.to_owned(), public: public.to_owned(), address }
    }

    /// Where the customer wants to be asked when the telephone rings.
    pub fn voice_address(&self) -> String {
        format!("{}/.dni/calls/twilio", self.public)
    }

    /// Where the customer wants to be told how it ended.
    pub fn status_address(&self) -> String {
        format!("{}/.dni/calls/twilio/status", self.public)
    }

    /// Asks what is to be done.
    ///
    /// # Errors
    /// [`Trouble`] where the answer is no TwiML.
    pub async fn ask(&self, address: &str, fields: Fields) -> Result<Document, Trouble> {
        let answer = self.post(address, fields).await?;
        let text = String::from_utf8_lossy(answer.body());
        let content_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        match (answer.status(), content_type) {
            // Nothing is to be done.
            (StatusCode::NO_CONTENT, _) => Ok(Document::default()),
            (StatusCode::OK, Some(kind)) if kind.starts_with("text/xml") => {
                Document::parse(&text).map_err(|error| Trouble::NotTwiml(address.to_owned(), error))
            }
            (status, kind) => {
                let kind = kind.unwrap_or("no Content-Type").to_owned();
                Err(Trouble::Answered(address.to_owned(), status, kind))
            }
        }
    }

    /// Tells of something.
    ///
    /// # Errors
    /// [`Trouble`] where it was not taken.
    pub async fn tell(&self, address: &str, fields: Fields) -> Result<(), Trouble> {
        let answer = self.post(address, fields).await?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(Trouble::Refused(address.to_owned(), status)),
        }
    }

    async fn post(&self, address: &str, fields: Fields) -> Result<http::Response<Bytes>, Trouble> {
        let below = address.strip_prefix(&self.public).filter(|target| target.starts_with('/'));
        let target = below.ok_or_else(|| Trouble::Elsewhere(address.to_owned()))?;
        let host = self.public.split_once("://").map_or("", |(_, host)| host);
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let request = Request::post(target)
            .header(header::HOST, host)
            .header(header::USER_AGENT, "TwilioProxy/1.1")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
            .header("X-Twilio-Signature", signature(&self.token, address, &fields))
            .body(Full::new(Bytes::from(form)));
        let request = request.map_err(|_| Trouble::Elsewhere(address.to_owned()))?;
        let answer = post::ask(self.address, request, PATIENCE).await;
        answer.map_err(|error| Trouble::Unreachable(address.to_owned(), error))
    }
}

/// As Twilio signs (twilio.com/docs/usage/security): the address, and behind it names and values in the order of the names.
fn signature(token: &str, address: &str, fields: &[(&'static str, String)]) -> String {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort();
    let mut signed = address.to_owned();
    for (name, value) in fields {
        signed.push_str(name);
        signed.push_str(value);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, signed.as_bytes()))
}

/// An id, which nothing else has: two letters that say of what, and 32 hexadecimal digits.
pub(super) fn sid(kind: &str) -> String {
    format!("{kind}{:032x}", rand::random::<u128>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_example_is_signed_as_documented() {
        let fields = [
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675309"),
            ("Caller", "+14158675309"),
            ("CallSid", "CA1234567890ABCDE"),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        let address = "https://mycompany.com/myapp.php?foo=1&bar=2";
        assert_eq!(signature("12345", address, &fields), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    #[test]
    fn nobody_else_is_reached() {
        let account = Account::new("token", "https://calls.example", SocketAddr::from(([127, 0, 0, 1], 9)));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for elsewhere in
            ["http://calls.example/next", "https://calls.example.org/next", "/next", "https://calls.example"]
        {
            let told = runtime.block_on(account.tell(elsewhere, Vec::new()));
            assert!(matches!(told, Err(Trouble::Elsewhere(_))), "{elsewhere}");
        }
    }
}
