//! What the carriers' documentation and libraries have signed.

use super::*;

#[derive(serde::Deserialize)]
struct File {
    #[serde(default)]
    auth_token: String,
    #[serde(default)]
    public_key: String,
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    public_url: String,
    #[serde(default = "root")]
    target: String,
    body: String,
    /// None: it isn't signed.
    signature: Option<String>,
    #[serde(default = "yes")]
    accepted: bool,
    #[serde(default)]
    signing_key: String,
    #[serde(default)]
    nonce: String,
    #[serde(default)]
    timestamp: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    now: i64,
}

fn root() -> String {
    "/".to_owned()
}

fn yes() -> bool {
    true
}

impl Case {
    fn asked(&self) -> Asked {
        let method = self.method.as_ref().map_or(Method::POST, |method| method.parse().unwrap());
        Asked { method, ..Asked::post(&self.target, &self.body) }
    }

    fn signature(&self) -> &str {
        self.signature.as_deref().unwrap_or_default()
    }
}

fn read(json: &str) -> File {
    serde_json::from_str(json).unwrap()
}

/// What can be done to a signature without its being noticed by eye: another letter in each place, one more, one less.
fn altered(signature: &str) -> Vec<String> {
    let mut all = vec![format!("{signature}A"), signature[..signature.len() - 1].to_owned()];
    for place in 0..signature.len() {
        for letter in *b"Ab0+/_-=." {
            let mut other = signature.as_bytes().to_vec();
            if other[place] != letter {
                other[place] = letter;
                all.push(String::from_utf8(other).unwrap());
            }
        }
    }
    all
}

/// A request with this signature is judged as it should be, and with any other, or another body or address, it is refused.
/// `before`: what stands before it in its header.
fn judge(
    case: &Case,
    (header, before, signature): (&'static str, &str, &str),
    asked: Asked,
    verifier: impl Fn() -> Verifier,
) {
    let name = &case.name;
    let signed = asked.clone().with(header, &format!("{before}{signature}"));
    assert_eq!(signed.judged(&verifier()).is_ok(), case.accepted, "{name}");
    assert_eq!(asked.refused(&verifier()), Some("unsigned"), "{name}");
    if !case.accepted {
        return;
    }
    for other in altered(signature) {
        let refused = asked.clone().with(header, &format!("{before}{other}")).refused(&verifier());
        assert_eq!(refused, Some("wrong"), "{name}: {other}");
    }
    let query = if case.target.contains('?') { "&more=1" } else { "?more=1" };
    for target in [format!("/more{}", case.target), format!("{}{query}", case.target)] {
        let moved = Asked { target, ..signed.clone() };
        let is_address_signed = !matches!(verifier().carrier(), CarrierName::Telnyx | CarrierName::Vonage);
        assert_eq!(moved.refused(&verifier()), is_address_signed.then_some("wrong"), "{name}: {moved:?}");
    }
    let more = Asked { body: [&signed.body[..], b"&More=1"].concat(), ..signed.clone() };
    let is_body_signed = signed.method == Method::POST;
    assert_eq!(more.refused(&verifier()), is_body_signed.then_some("wrong"), "{name}");
}

#[test]
fn twilios() {
    let file = read(include_str!("../../../../fixtures/calls/signatures/twilio.json"));
    for case in &file.cases {
        let verifier = || twilio(&file.auth_token, &case.public_url);
        judge(case, ("x-twilio-signature", "", case.signature()), case.asked(), verifier);
        let signed = case.asked().with("x-twilio-signature", case.signature());
        assert!(signed.judged(&twilio("12346", &case.public_url)).is_err(), "{}", case.name);
        assert!(signed.judged(&twilio(&file.auth_token, "https://other.com")).is_err(), "{}", case.name);
    }
    assert_eq!(file.cases.len(), 15);
}

#[test]
fn signalwires() {
    let file = read(include_str!("../../../../fixtures/calls/signatures/signalwire.json"));
    for case in &file.cases {
        let verifier = || signalwire(&case.signing_key, &case.public_url);
        for header in ["x-signalwire-signature", "x-twilio-signature"] {
            judge(case, (header, "", case.signature()), case.asked(), verifier);
        }
        let signed = case.asked().with("x-signalwire-signature", case.signature());
        assert!(signed.judged(&signalwire("another", &case.public_url)).is_err(), "{}", case.name);
    }
    assert_eq!(file.cases.len(), 5);
}

#[test]
fn plivos() {
    let file = read(include_str!("../../../../fixtures/calls/signatures/plivo.json"));
    for case in &file.cases {
        let verifier = || plivo(&file.auth_token, &case.public_url);
        let asked = case.asked().with("x-plivo-signature-v3-nonce", &case.nonce);
        for header in ["x-plivo-signature-v3", "x-plivo-signature-ma-v3"] {
            judge(case, (header, "", case.signature()), asked.clone(), verifier);
        }
        let list = format!("{},{}", STANDARD.encode([0; 32]), case.signature());
        assert_eq!(asked.clone().with("x-plivo-signature-v3", &list).judged(&verifier()), Ok(()));
        let another = asked.with("x-plivo-signature-v3", case.signature());
        let another = another.with("x-plivo-signature-v3-nonce", "31627761595286130199");
        assert_eq!(another.refused(&verifier()), Some("wrong"));
    }
    assert_eq!(file.cases.len(), 4);
}

#[test]
fn telnyxes() {
    let file = read(include_str!("../../../../fixtures/calls/signatures/telnyx.json"));
    for case in &file.cases {
        let verifier = || telnyx(&file.public_key);
        let asked = case.asked().with("telnyx-timestamp", &case.timestamp).at(1_700_000_000);
        judge(case, ("telnyx-signature-ed25519", "", case.signature()), asked, verifier);
    }
    assert_eq!(file.cases.len(), 4);
}

#[test]
fn vonages() {
    let file = read(include_str!("../../../../fixtures/calls/signatures/vonage.json"));
    for case in &file.cases {
        let verifier = || vonage(&case.secret);
        judge(case, ("authorization", "Bearer ", &case.token), case.asked().at(case.now), verifier);
    }
    assert_eq!(file.cases.len(), 5);
}
