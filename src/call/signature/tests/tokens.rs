//! Vonage's tokens.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;
use crate::call::signature::form::hexadecimal;

const SECONDS: i64 = NOW.0 / 1000;

fn token(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"secret");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes())))
}

fn bearing(asked: Asked, claims: &Value) -> Asked {
    asked
        .with("authorization", &format!("Bearer {}", token(&json!({ "alg": "HS256", "typ": "JWT" }), claims)))
}

fn hash(text: &str) -> String {
    hexadecimal(&Sha256::digest(text))
}

#[test]
fn a_token_covers_a_body_or_a_query() {
    let body = r#"{"uuid":"1","from":"12125550199"}"#;
    let target = "/.dni/calls/vonage?to=12125550110&from=%2B1+212&uuid=1&a=%22&a=2&a=3";
    let query = r#"{"to":"12125550110","from":"+1 212","uuid":"1","a":["\"","2","3"]}"#;
    let claims = |hash: Option<String>| json!({ "iat": SECONDS, "jti": "1", "payload_hash": hash });
    for (asked, hash, refused) in [
        (Asked::post("/", body), Some(hash(body)), None),
        (Asked::post("/", body), Some(hash(body).to_uppercase()), None),
        (Asked::post("/", body), Some(hash("")), Some("wrong")),
        (Asked::post("/", body), None, Some("wrong")),
        (Asked::post("/", ""), None, Some("wrong")),
        (Asked::get(target), Some(hash(query)), None),
        (Asked::get(target), Some(hash("{}")), Some("wrong")),
        (Asked::get(target), Some(hash("")), Some("wrong")),
        (Asked::get(target), None, None),
        (Asked::get("/"), Some(hash("{}")), None),
    ] {
        let asked = bearing(asked, &claims(hash));
        assert_eq!(asked.refused(&vonage("secret")), refused, "{asked:?}");
        assert_eq!(asked.refused(&vonage("secreT")), Some("wrong"));
    }
}

#[test]
fn a_token_stays_with_what_it_came_with() {
    let verifier = vonage("secret");
    let claims = json!({ "iat": SECONDS, "jti": "1" });
    for _ in 0..3 {
        assert_eq!(bearing(Asked::get("/?uuid=1"), &claims).judged(&verifier), Ok(()));
    }
    assert_eq!(bearing(Asked::get("/?uuid=2"), &claims).judged(&verifier), Err(Refusal::Replayed));
    let another = json!({ "iat": SECONDS, "jti": "2" });
    assert_eq!(bearing(Asked::get("/?uuid=2"), &another).judged(&verifier), Ok(()));
    // One without a name is its own.
    let nameless = json!({ "iat": SECONDS });
    assert_eq!(bearing(Asked::get("/?uuid=3"), &nameless).judged(&verifier), Ok(()));
    assert_eq!(bearing(Asked::get("/?uuid=4"), &nameless).judged(&verifier), Err(Refusal::Replayed));
}

#[test]
fn a_token_is_for_now() {
    for (claims, refused) in [
        (json!({ "iat": SECONDS - 300 }), None),
        (json!({ "iat": SECONDS - 301 }), Some("stale")),
        (json!({ "iat": SECONDS + 300 }), None),
        (json!({ "iat": SECONDS + 301 }), Some("stale")),
        (json!({ "iat": SECONDS, "exp": SECONDS + 1 }), None),
        (json!({ "iat": SECONDS, "exp": SECONDS }), Some("stale")),
        (json!({ "iat": SECONDS as f64 + 0.5, "exp": 33254540828i64 }), None),
        (json!({ "exp": SECONDS + 1 }), Some("stale")),
        (json!({}), Some("stale")),
        (json!({ "iat": 1e308 }), Some("stale")),
        (json!({ "iat": "now" }), Some("wrong")),
        (json!({ "iat": SECONDS, "aud": ["somebody", "else"], "iss": 7 }), None),
        (json!("claims"), Some("wrong")),
    ] {
        assert_eq!(bearing(Asked::get("/"), &claims).refused(&vonage("secret")), refused, "{claims}");
    }
}

#[test]
fn a_token_is_signed_in_one_way_only() {
    let claims = json!({ "iat": SECONDS });
    let (plain, whole) = (json!({ "alg": "HS256" }), json!({ "alg": "HS256", "typ": "JWT", "kid": "1" }));
    for (header, refused) in [
        (plain.clone(), None),
        (whole, None),
        (json!({ "alg": "none" }), Some("wrong")),
        (json!({ "alg": "HS384" }), Some("wrong")),
        (json!({ "alg": "hs256" }), Some("wrong")),
        (json!({ "alg": "HS256", "crit": ["exp"] }), Some("wrong")),
        (json!({}), Some("wrong")),
    ] {
        let asked = Asked::get("/").with("authorization", &format!("Bearer {}", token(&header, &claims)));
        assert_eq!(asked.refused(&vonage("secret")), refused, "{header}");
    }
    let good = token(&plain, &claims);
    let (signed, _) = good.rsplit_once('.').unwrap();
    for authorization in [
        format!("bearer {good}"),
        format!("Bearer  {good}"),
        format!("Bearer {signed}."),
        format!("Bearer {signed}"),
        format!("Bearer .{good}"),
        format!("Bearer {good}."),
        format!("Basic {good}"),
        format!("Bearer{good}"),
        good.clone(),
        "Bearer ..".to_owned(),
        "Bearer".to_owned(),
        String::new(),
    ] {
        let is_good = ["bearer ", "Bearer  "].iter().any(|start| authorization == format!("{start}{good}"));
        let asked = Asked::get("/").with("authorization", &authorization);
        assert_eq!(asked.judged(&vonage("secret")).is_ok(), is_good, "{authorization}");
    }
}
