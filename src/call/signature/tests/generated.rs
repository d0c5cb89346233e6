//! Whatever comes: nothing ends the process, and only what is signed is let in.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const URL: &str = "https://www.example.com";

fn all() -> [Verifier; 7] {
    [
        twilio("token", URL),
        signalwire("token", URL),
        telnyx("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
        plivo("token", URL),
        vonage("token"),
        bandwidth("dni", "a password nobody guesses"),
        pbx("a secret nobody guesses"),
    ]
}

const HEADERS: [&str; 9] = [
    "authorization",
    "x-twilio-signature",
    "x-signalwire-signature",
    "x-plivo-signature-v3",
    "x-plivo-signature-ma-v3",
    "x-plivo-signature-v3-nonce",
    "telnyx-signature-ed25519",
    "telnyx-timestamp",
    "content-type",
];

/// Values that are nearly right, and any at all.
fn value() -> impl Strategy<Value = HeaderValue> {
    let bytes = |bytes: Vec<u8>| HeaderValue::from_bytes(&bytes).ok();
    let text = |text: String| HeaderValue::from_bytes(text.as_bytes()).unwrap();
    prop_oneof![
        vec(any::<u8>(), 0..100).prop_filter_map("a header's value", bytes),
        vec(any::<u8>(), 0..70).prop_map(move |bytes| text(STANDARD.encode(bytes))),
        "(Basic|Bearer|bearer)  ?[A-Za-z0-9+/_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,3}=?".prop_map(text),
        "[0-9a-f]{40}".prop_map(text),
        "-?[0-9]{0,22}".prop_map(text),
    ]
}

fn asked() -> impl Strategy<Value = Asked> {
    let headers = vec((0..HEADERS.len(), value()), 0..8);
    let method = prop_oneof![Just(Method::POST), Just(Method::GET), Just(Method::PUT)];
    let target = "/[ -~]{0,60}(\\?([a-zA-Z0-9%+&=.;]|bodySHA256=){0,40})?";
    (method, target, headers, vec(any::<u8>(), 0..200), any::<i64>()).prop_map(
        |(method, target, headers, body, now)| {
            let headers = headers.into_iter();
            let headers =
                headers.map(|(name, value)| (HeaderName::from_static(HEADERS[name]), value)).collect();
            Asked { method, target, headers, body, now: Timestamp(now) }
        },
    )
}

fn parameters() -> impl Strategy<Value = Vec<(String, String)>> {
    vec(("[a-zA-Z]{1,8}", "\\PC{0,12}"), 0..8)
}

fn encoded(parameters: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// As Twilio says it in words: each name with its values, sorted, none twice.
fn signed_by_twilio(target: &str, parameters: &[(String, String)]) -> String {
    let mut text = format!("{URL}{target}");
    for (name, value) in parameters.iter().collect::<std::collections::BTreeSet<_>>() {
        text += name;
        text += value;
    }
    text
}

proptest! {
    #[test]
    fn nothing_unsigned_is_let_in(asked in asked()) {
        for verifier in all() {
            prop_assert!(asked.judged(&verifier).is_err(), "{}", verifier.carrier());
        }
    }

    #[test]
    fn what_is_signed_is_let_in_and_nothing_like_it(
        form in parameters(),
        other in parameters(),
        port in any::<bool>(),
    ) {
        let target = "/.dni/calls/twilio?a=b";
        let text = signed_by_twilio(target, &form);
        let text = if port { text.replacen(URL, &format!("{URL}:443"), 1) } else { text };
        let signature = signature(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, "token", &text);
        let asked = |form: &[(String, String)]| {
            Asked::post(target, &encoded(form)).with("x-twilio-signature", &signature)
        };
        let verifier = twilio("token", URL);
        prop_assert_eq!(asked(&form).judged(&verifier), Ok(()));
        let reversed: Vec<_> = form.iter().rev().cloned().collect();
        prop_assert_eq!(asked(&reversed).judged(&verifier), Ok(()));
        let is_same = signed_by_twilio("", &form) == signed_by_twilio("", &other);
        prop_assert_eq!(asked(&other).judged(&verifier).is_ok(), is_same);
        prop_assert!(asked(&form).judged(&twilio("another", URL)).is_err());
    }

    #[test]
    fn plivos_forms_and_queries_are_told_by_their_nonce(
        form in parameters(),
        query in parameters(),
        nonce in "[0-9]{20}",
    ) {
        let sorted = |parameters: &[(String, String)], between: &str| {
            let mut all = parameters.to_vec();
            all.sort();
            all.iter().map(|(name, value)| format!("{name}{between}{value}")).collect::<Vec<_>>()
        };
        let mut text = format!("{URL}/.dni/calls/plivo");
        if !form.is_empty() || !query.is_empty() {
            text += "?";
        }
        text += &sorted(&query, "=").join("&");
        if !form.is_empty() && !query.is_empty() {
            text += ".";
        }
        text += &sorted(&form, "").concat();
        let signature = signature(hmac::HMAC_SHA256, "token", &format!("{text}.{nonce}"));
        let target = if query.is_empty() { String::new() } else { format!("?{}", encoded(&query)) };
        let asked = |form: &[(String, String)]| {
            Asked::post(&format!("/.dni/calls/plivo{target}"), &encoded(form))
                .with("x-plivo-signature-v3", &signature)
                .with("x-plivo-signature-v3-nonce", &nonce)
        };
        let verifier = plivo("token", URL);
        prop_assert_eq!(asked(&form).judged(&verifier), Ok(()));
        prop_assert_eq!(asked(&form).judged(&verifier), Ok(()));
        let more = [form, vec![("more".to_owned(), String::new())]].concat();
        prop_assert_eq!(asked(&more).refused(&verifier), Some("wrong"));
    }
}
