//! Carriers, as they ask the program and tell it how calls went.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use serde_json::{Value, json};

use super::GUARD;
use super::client::{Client, Response};
use super::command::run;
use super::edge::Edge;
use super::request::Request;

/// What both sides know, in tests.
pub const SECRET: &str = "a secret of the carrier";

/// Where Twilio is told to reach the program.
pub const PUBLIC: &str = "https://calls.example.com";

/// The carriers, as the configuration names them. Their secret is in the variable that [`Edge`] is started with.
pub const CARRIERS: &str = r#"
[carrier.pbx]
secret = { file = "carrier-secret" }
[carrier.twilio]
auth_token = { file = "carrier-secret" }
public_url = "https://calls.example.com"
[carrier.bandwidth]
username = "dni"
password = { file = "carrier-secret" }
"#;

/// A telephone system of the business's own, which speaks forms.
pub struct Pbx<'e>(pub &'e Edge);

/// Twilio, which signs what it sends.
pub struct Twilio<'e>(pub &'e Edge);

/// Bandwidth, which signs nothing, and comes back with the user and password that an answer names.
pub struct Bandwidth<'e>(pub &'e Edge);

/// A form's fields, in their order.
pub type Form<'f> = &'f [(&'f str, &'f str)];

impl Pbx<'_> {
    /// A call comes in. What is to be done with it: the fields of the answer.
    pub fn rings(&self, call: &str, from: &str, to: &str) -> BTreeMap<String, String> {
        let answer = self.posts("", &[("CallSid", call), ("From", from), ("To", to)]);
        assert_eq!(answer.status(), "200", "{}", answer.text());
        assert_eq!(answer.header("Content-Type"), Some("application/x-www-form-urlencoded"));
        url::form_urlencoded::parse(&answer.body).into_owned().collect()
    }

    /// How a call went.
    pub fn tells(&self, call: &str, fields: Form<'_>) {
        let answer = self.posts("/status", &[&[("CallSid", call)], fields].concat());
        assert_eq!(answer.status(), "204", "{}", answer.text());
    }

    pub fn posts(&self, below: &str, fields: Form<'_>) -> Response {
        self.sends(&from_pbx(below, fields))
    }

    pub fn sends(&self, request: &Request) -> Response {
        Client::connect(self.0.address()).exchange(request)
    }
}

impl Twilio<'_> {
    /// A call comes in: the answer.
    pub fn rings(&self, call: &str, from: &str, to: &str) -> Response {
        let fields = [("CallSid", call), ("From", from), ("To", to), ("CallStatus", "ringing")];
        self.posts("/.dni/calls/twilio", &fields)
    }

    /// Posts to an address, as it stands in an answer or below the program's own.
    pub fn posts(&self, address: &str, fields: Form<'_>) -> Response {
        Client::connect(self.0.address()).exchange(&from_twilio(address, fields))
    }
}

impl Bandwidth<'_> {
    /// A call comes in: the answer.
    pub fn rings(&self, call: &str, from: &str, to: &str) -> String {
        let event = json!({ "eventType": "initiate", "callId": call, "from": from, "to": to });
        self.posts("/.dni/calls/bandwidth", ("dni", SECRET), &event)
    }

    /// Sends an event to the address that stands in this attribute of an answer.
    pub fn comes_back(&self, answer: &str, attribute: &str, event: &Value) -> String {
        let at = answer.find(&format!("{attribute}=")).unwrap_or_else(|| panic!("no {attribute}: {answer}"));
        let element = &answer[answer[..at].rfind('<').expect("an element")..];
        let value = |name: &str| {
            let value = element.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
            value.unwrap_or_else(|| panic!("no {name}: {element}")).replace("&amp;", "&")
        };
        let address = value(attribute);
        let target = &address[address.find("/.dni/").expect("one of the program's addresses")..];
        self.posts(target, (&value("username"), &value("password")), event)
    }

    fn posts(&self, target: &str, (user, password): (&str, &str), event: &Value) -> String {
        let request = Request::get(target)
            .method("POST")
            .with("Content-Type", "application/json")
            .with("Authorization", &format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
            .body(event.to_string().as_bytes());
        let answer = Client::connect(self.0.address()).exchange(&request);
        assert!(matches!(answer.status(), "200" | "204"), "{} {}", answer.status(), answer.text());
        answer.text()
    }
}

/// A message of a telephone system's, to an address below its own.
pub fn from_pbx(below: &str, fields: Form<'_>) -> Request {
    let request = post(&format!("/.dni/calls/pbx{below}"), &form(fields));
    request.with("Authorization", &format!("Bearer {SECRET}"))
}

/// A message of Twilio's, to an address as it stands in an answer or below the program's own.
pub fn from_twilio(address: &str, fields: Form<'_>) -> Request {
    let target = address.strip_prefix(PUBLIC).unwrap_or(address);
    post(target, &form(fields)).with("X-Twilio-Signature", &signature(target, fields))
}

pub fn post(target: &str, body: &str) -> Request {
    Request::get(target)
        .method("POST")
        .with("Content-Type", "application/x-www-form-urlencoded")
        .body(body.as_bytes())
}

pub fn form(fields: Form<'_>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// As Twilio's documentation has it: the address, and behind it all fields in the order of their names.
fn signature(target: &str, fields: Form<'_>) -> String {
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    let signed: String = std::iter::once(format!("{PUBLIC}{target}"))
        .chain(fields.iter().map(|(name, value)| format!("{name}{value}")))
        .collect();
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes());
    STANDARD.encode(sign(&key, signed.as_bytes()))
}

/// All calls, as `calls --json` lists them.
pub fn calls(edge: &Edge) -> Vec<Value> {
    let listed = run(&["calls", "--config", edge.config().to_str().unwrap(), "--json"], b"");
    assert_eq!(listed.status, 0, "{listed:?}");
    listed.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The only call, once it is as it should be.
pub fn the_call(edge: &Edge, is_right: impl Fn(&Value) -> bool) -> Value {
    let deadline = std::time::Instant::now() + GUARD;
    loop {
        let calls = calls(edge);
        if let [call] = &calls[..]
            && is_right(call)
        {
            return call.clone();
        }
        assert!(std::time::Instant::now() < deadline, "{calls:#?}");
    }
}
