//! What the carriers' own libraries sign is let in, and what they don't take isn't.

use dni_edge::Timestamp;
use dni_edge::call::carrier::CarrierName;
use dni_edge::call::signature::{Received, Verifiers};
use dni_edge::config::Config;
use http::{HeaderMap, HeaderName, Method};
use serde_json::{Value, json};

use crate::support::Tool;

const PUBLIC_URL: &str = "https://www.example.com";

/// Of 32 bytes, or libraries warn of it.
const SECRET: &str = "a secret that carrier and we know";

/// The first key of RFC 8032 §7.1.
const TELNYX_SECRET: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const TELNYX_PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// The carriers' libraries, and our opinion.
struct Judges {
    libraries: Tool,
    verifiers: Verifiers,
}

/// A request of a carrier's, unsigned.
#[derive(Clone, Debug)]
struct Asked {
    carrier: CarrierName,
    method: Method,
    target: String,
    body: String,
}

impl Judges {
    fn new() -> Option<Self> {
        let python = Tool::folder().join("carriers-venv/bin/python");
        let libraries = Tool::start(python.to_str().unwrap(), "sign.py", &[], &[&python])?;
        Some(Judges { libraries, verifiers: verifiers() })
    }

    fn sign(&mut self, asked: &Asked) -> Value {
        self.libraries.ask(&asked.question())["headers"].take()
    }

    /// Whether the library takes a request, and whether we do.
    fn accept(&mut self, asked: &Asked, headers: &Value) -> (bool, bool) {
        let mut question = asked.question();
        question["headers"] = headers.clone();
        let accepted = self.libraries.ask(&question)["accepted"].as_bool().unwrap();
        let headers: HeaderMap = headers
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| {
                (name.parse::<HeaderName>().unwrap(), value.as_str().unwrap().parse().unwrap())
            })
            .collect();
        let verified = self.verifiers.of(asked.carrier).unwrap().verify(&Received {
            method: &asked.method,
            target: &asked.target,
            headers: &headers,
            body: asked.body.as_bytes(),
            now: Timestamp::now(),
        });
        (accepted, verified.is_ok())
    }
}

impl Asked {
    fn of(carrier: CarrierName, method: Method, query: &str, body: &str) -> Self {
        let target = format!("/.dni/calls/{carrier}{query}");
        Asked { carrier, method, target, body: body.to_owned() }
    }

    fn question(&self) -> Value {
        let secret = if self.carrier == CarrierName::Telnyx { TELNYX_SECRET } else { SECRET };
        json!({
            "carrier": self.carrier, "secret": secret, "public": TELNYX_PUBLIC, "method": self.method.as_str(),
            "url": format!("{PUBLIC_URL}{}", self.target), "body": self.body,
        })
    }

    /// Requests that are nearly this one.
    fn altered(&self) -> Vec<Asked> {
        let mut all = vec![
            Asked { target: format!("{}x", self.target), ..self.clone() },
            Asked { target: self.target.replacen("/calls/", "/Calls/", 1), ..self.clone() },
        ];
        if !self.body.is_empty() {
            all.push(Asked { body: format!("{}x", self.body), ..self.clone() });
            all.push(Asked { body: format!("{}&x=", self.body), ..self.clone() });
            all.push(Asked { body: self.body[1..].to_owned(), ..self.clone() });
            let reversed = self.body.split('&').rev().collect::<Vec<_>>().join("&");
            all.push(Asked { body: reversed, ..self.clone() });
        }
        all
    }
}

/// Ours, each with the secret that its library signs with.
fn verifiers() -> Verifiers {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), SECRET).unwrap();
    std::fs::write(folder.path().join("key"), TELNYX_PUBLIC).unwrap();
    let text = format!(
        r#"
[[site]]
name = "plumber"
hosts = ["www.example.com"]
origin = "http://127.0.0.1:8000"
[[site.line]]
name = "main"
canonical = "+12125550100"
[carrier]
twilio = {{ auth_token = {{ file = "secret" }}, public_url = "{PUBLIC_URL}" }}
plivo = {{ auth_token = {{ file = "secret" }}, public_url = "{PUBLIC_URL}" }}
telnyx = {{ public_key = {{ file = "key" }} }}
vonage = {{ signature_secret = {{ file = "secret" }} }}
"#
    );
    let checked = Config::parse(&text, &folder.path().join("dni-edge.toml"));
    let config = checked.config.unwrap_or_else(|| panic!("{:?}", checked.findings));
    Verifiers::load(&config.carriers).unwrap()
}

const FORMS: [&str; 7] = [
    "CallSid=CA1&From=%2B12125550199&To=%2B12125550110&CallStatus=ringing&Direction=inbound",
    "CallSid=CA1&CallerName=&FromCity=NEW+YORK&StirVerstat=TN-Validation-Passed-A",
    "CallSid=CA1&CallerName=J%C3%B6rg%20M%C3%BCller&FromCity=%E6%9D%B1%E4%BA%AC&Note=%F0%9F%93%9E",
    "z=1&a=2&Z=3&A=4&aa=5&a.b=6&a%5B%5D=7&_=8",
    "Digits=5678&Digits=1234&Digits=1234&To=b&To=a",
    "Text=a%26b%3Dc%2Bd%25%0D%0A%22%27%3C",
    "",
];

const QUERIES: [&str; 4] = ["", "?foo=1&bar=2", "?b=&a=%2B1%20212&a=x+y", "?line=main&state=ab.cd~e_f-g"];

#[test]
fn what_the_libraries_sign_is_let_in_and_what_they_refuse_is_not() {
    let Some(mut judges) = Judges::new() else { return };
    let mut all = Vec::new();
    for query in QUERIES {
        for form in FORMS {
            all.push(Asked::of(CarrierName::Twilio, Method::POST, query, form));
            all.push(Asked::of(CarrierName::Plivo, Method::POST, query, form));
            all.push(Asked::of(CarrierName::Telnyx, Method::POST, query, form));
        }
        all.push(Asked::of(CarrierName::Twilio, Method::GET, query, ""));
        all.push(Asked::of(CarrierName::Plivo, Method::GET, query, ""));
        all.push(Asked::of(CarrierName::Vonage, Method::POST, query, r#"{"uuid":"1","from":"12125550199"}"#));
    }
    for query in
        ["?to=12125550110&from=12125550199&uuid=1", "?b=%2B1&a=x+y&empty=&name=J%C3%B6rg+%22M%22%2F", ""]
    {
        all.push(Asked::of(CarrierName::Vonage, Method::GET, query, ""));
    }
    for asked in &all {
        let headers = judges.sign(asked);
        assert_eq!(judges.accept(asked, &headers), (true, true), "{asked:?} {headers}");
        for other in asked.altered() {
            let (library, ours) = judges.accept(&other, &headers);
            assert!(library || !ours, "{other:?} is let in, and is signed as {asked:?}: {headers}");
        }
    }
    assert_eq!(all.len(), 99);
}

#[test]
fn a_body_that_is_no_form_is_signed_by_its_hash() {
    let Some(mut judges) = Judges::new() else { return };
    let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    let body = r#"{"property": "value", "boolean": true}"#;
    let asked = Asked::of(CarrierName::Twilio, Method::POST, &format!("?bodySHA256={hash}"), body);
    let headers = judges.sign(&asked);
    assert_eq!(judges.accept(&asked, &headers), (true, true));
    let other = Asked { body: body.replace("true", "false"), ..asked };
    assert_eq!(judges.accept(&other, &headers), (false, false));
}
