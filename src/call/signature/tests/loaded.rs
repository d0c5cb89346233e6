//! From the configuration to what verifies.

use std::path::Path;

use super::*;
use crate::call::signature::{CredentialError, Verifiers};
use crate::config::{Carriers, Config};

const SITE: &str = "[[site]]\nname = \"plumber\"\nhosts = [\"www.example.com\"]\norigin = \"http://127.0.0.1:8000\"\n\
    [[site.line]]\nname = \"main\"\ncanonical = \"+1 212 555 0100\"\n";

/// The carriers of a configuration whose secrets are files of this folder.
fn carriers(folder: &Path, tables: &str) -> Carriers {
    let checked = Config::parse(&format!("{SITE}{tables}"), &folder.join("dni-edge.toml"));
    checked.config.unwrap_or_else(|| panic!("{:?}", checked.findings)).carriers.as_ref().clone()
}

const ALL: &str = r#"
[carrier.twilio]
auth_token = { file = "secret" }
public_url = "https://www.example.com"
[carrier.signalwire]
signing_key = { file = "secret" }
public_url = "https://www.example.com"
[carrier.telnyx]
public_key = { file = "key" }
[carrier.plivo]
auth_token = { file = "secret" }
public_url = "https://www.example.com"
[carrier.vonage]
signature_secret = { file = "secret" }
[carrier.bandwidth]
username = "dni"
password = { file = "secret" }
[carrier.pbx]
secret = { file = "secret" }
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "token\n").unwrap();
    std::fs::write(folder.path().join("key"), "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n").unwrap();
    folder
}

fn failure(folder: &Path, tables: &str) -> CredentialError {
    Verifiers::load(&carriers(folder, tables)).err().unwrap()
}

#[test]
fn each_carrier_that_is_configured_is_known_by_its_own_secret() {
    let folder = folder();
    let verifiers = Verifiers::load(&carriers(folder.path(), ALL)).unwrap();
    for carrier in CarrierName::ALL {
        assert_eq!(verifiers.of(carrier).unwrap().carrier(), carrier);
        assert_eq!(Asked::post("/", "").refused(verifiers.of(carrier).unwrap()), Some("unsigned"));
    }
    let asked = Asked::post("/", "").with("authorization", "Bearer token");
    assert_eq!(asked.judged(verifiers.of(CarrierName::Pbx).unwrap()), Ok(()));
    let none = Verifiers::load(&Carriers::default()).unwrap();
    assert!(CarrierName::ALL.into_iter().all(|carrier| none.of(carrier).is_none()));
}

#[test]
fn a_secret_that_cannot_be_had_or_is_none_is_told_by_its_key() {
    let folder = folder();
    std::fs::write(folder.path().join("empty"), " \n").unwrap();
    for (tables, said) in [
        (
            "[carrier.pbx]\nsecret = { env = \"DNI_EDGE_TEST_UNSET\" }",
            "carrier.pbx.secret: the secret's variable",
        ),
        ("[carrier.pbx]\nsecret = { file = \"none\" }", "carrier.pbx.secret: the secret's file"),
        ("[carrier.pbx]\nsecret = { file = \"empty\" }", "carrier.pbx.secret is empty"),
        (
            "[carrier.telnyx]\npublic_key = { file = \"secret\" }",
            "carrier.telnyx.public_key is no Ed25519 key",
        ),
        (
            "[carrier.telnyx]\npublic_key = { file = \"key\" }\napi_key = { env = \"DNI_EDGE_TEST_UNSET\" }",
            "carrier.telnyx.api_key: the secret's variable DNI_EDGE_TEST_UNSET is not set",
        ),
    ] {
        let failure = failure(folder.path(), tables).to_string();
        assert!(failure.starts_with(said), "{failure}");
        assert!(!failure.contains("token"), "{failure}");
    }
}

#[test]
fn a_reload_takes_new_secrets_and_forgets_no_token() {
    let folder = folder();
    let plivo = |verifiers: &Verifiers, secret: &str, uuid: &str| {
        let signed = format!("https://www.example.com/?CallUUID{uuid}.77");
        let asked = Asked::post("/", &format!("CallUUID={uuid}"))
            .with("x-plivo-signature-v3", &signature(hmac::HMAC_SHA256, secret, &signed))
            .with("x-plivo-signature-v3-nonce", "77");
        asked.refused(verifiers.of(CarrierName::Plivo).unwrap())
    };
    let before = Verifiers::load(&carriers(folder.path(), ALL)).unwrap();
    assert_eq!(plivo(&before, "token", "1"), None);
    std::fs::write(folder.path().join("secret"), "another\n").unwrap();
    let after = before.followed_by(&carriers(folder.path(), ALL)).unwrap();
    assert_eq!(plivo(&after, "token", "1"), Some("wrong"));
    assert_eq!(plivo(&after, "another", "1"), None);
    assert_eq!(plivo(&after, "another", "2"), Some("replayed"));
    assert_eq!(plivo(&before, "token", "1"), None);
}
