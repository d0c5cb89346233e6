//! Requests that look like a carrier's.

use super::*;

const URL: &str = "https://www.example.com";
const TARGET: &str = "/.dni/calls/twilio";
const BODY: &str = "CallSid=CA1&From=%2B12125550199&To=%2B12125550110";

/// What Twilio would sign for the form above.
const SIGNED: &str = "https://www.example.com/.dni/calls/twilioCallSidCA1From+12125550199To+12125550110";

fn as_twilio(text: &str) -> String {
    signature(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, "token", text)
}

#[test]
fn the_order_of_a_forms_parameters_is_nothing_and_their_number_everything() {
    let verifier = twilio("token", URL);
    let asked = |body: &str| Asked::post(TARGET, body).with("x-twilio-signature", &as_twilio(SIGNED));
    for body in [BODY, "To=%2B12125550110&From=%2B12125550199&CallSid=CA1", &format!("{BODY}&CallSid=CA1")] {
        assert_eq!(asked(body).judged(&verifier), Ok(()), "{body}");
    }
    for body in [
        "CallSid=CA1&From=%2B12125550199",
        "CallSid=CA2&From=%2B12125550199&To=%2B12125550110",
        "CallSid=CA1&From=+12125550199&To=%2B12125550110",
        &format!("{BODY}&Digits=1"),
        &format!("{BODY}&CallSid=CA2"),
        &format!("{BODY}&CallSid="),
        "",
    ] {
        assert_eq!(asked(body).refused(&verifier), Some("wrong"), "{body}");
    }
}

#[test]
fn an_address_is_the_configured_one_whatever_the_request_says() {
    let asked = Asked::post(TARGET, BODY).with("x-twilio-signature", &as_twilio(SIGNED));
    let misled = asked.clone().with("host", "www.example.com").with("x-forwarded-host", "www.example.com");
    let verifier = twilio("token", "https://calls.example.com");
    assert_eq!(
        misled.judged(&verifier),
        Err(Refusal::Wrong { signed: Some("https://calls.example.com/.dni/calls/twilio".into()) })
    );
    assert_eq!(asked.clone().with("host", "evil.example").judged(&twilio("token", URL)), Ok(()));
    let with_query = Asked { target: format!("{TARGET}?From=%2B12125550199"), ..asked };
    let said = with_query.judged(&twilio("token", URL)).unwrap_err().to_string();
    assert!(
        said.contains("https://www.example.com/.dni/calls/twilio?…") && !said.contains("5550199"),
        "{said}"
    );
}

#[test]
fn a_body_that_is_no_form_is_covered_by_its_hash_or_not_at_all() {
    let verifier = twilio("token", URL);
    let (body, hash) = ("{}", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    let hashed = format!("{TARGET}?bodySHA256={hash}");
    let asked = |target: &str, body: &str| {
        Asked::post(target, body).with("x-twilio-signature", &as_twilio(&format!("{URL}{target}")))
    };
    assert_eq!(asked(&hashed, body).judged(&verifier), Ok(()));
    assert_eq!(asked(&hashed, "{ }").refused(&verifier), Some("wrong"));
    assert_eq!(asked(TARGET, body).refused(&verifier), Some("wrong"));
    assert_eq!(asked(TARGET, BODY).refused(&verifier), Some("wrong"));
    assert_eq!(asked(TARGET, "").judged(&verifier), Ok(()));
    assert_eq!(asked(&format!("{TARGET}?bodySHA256="), "").judged(&verifier), Ok(()));
    let signalwire = signalwire("token", URL);
    assert_eq!(asked(&hashed, body).judged(&signalwire), Ok(()));
    assert_eq!(asked(TARGET, BODY).refused(&signalwire), Some("wrong"));
}

#[test]
fn what_carriers_repeat_is_no_replay() {
    let verifier = twilio("token", URL);
    let asked = Asked::post(TARGET, BODY).with("x-twilio-signature", &as_twilio(SIGNED));
    for _ in 0..3 {
        assert_eq!(asked.judged(&verifier), Ok(()));
    }
    let plivo = plivo("token", URL);
    let signed = signature(hmac::HMAC_SHA256, "token", &format!("{URL}{TARGET}?CallUUID1.77"));
    let asked = Asked::post(TARGET, "CallUUID=1").with("x-plivo-signature-v3", &signed);
    let asked = asked.with("x-plivo-signature-v3-nonce", "77");
    for _ in 0..3 {
        assert_eq!(asked.judged(&plivo), Ok(()));
    }
}

#[test]
fn a_nonce_with_something_else_is_a_replay() {
    let plivo = plivo("token", URL);
    let asked = |uuid: &str, nonce: &str| {
        let signed = format!("{URL}{TARGET}?CallUUID{uuid}.{nonce}");
        Asked::post(TARGET, &format!("CallUUID={uuid}"))
            .with("x-plivo-signature-v3", &signature(hmac::HMAC_SHA256, "token", &signed))
            .with("x-plivo-signature-v3-nonce", nonce)
    };
    // A stranger's nonce is nothing to remember.
    assert_eq!(asked("1", "77").with("x-plivo-signature-v3", "AAAA").refused(&plivo), Some("wrong"));
    assert_eq!(asked("2", "77").judged(&plivo), Ok(()));
    assert_eq!(asked("1", "77").judged(&plivo), Err(Refusal::Replayed));
    assert_eq!(asked("1", "78").judged(&plivo), Ok(()));
    // The same letters, cut elsewhere.
    let cut = Asked { body: b"CallUUI=D2".to_vec(), ..asked("2", "77") };
    assert_eq!(cut.judged(&plivo), Err(Refusal::Replayed));
    // What was signed before the nonce is no part of it.
    let signed = format!("{URL}{TARGET}?a=b.CallUUID2.77");
    let taken = Asked::get(&format!("{TARGET}?a=b"))
        .with("x-plivo-signature-v3", &signature(hmac::HMAC_SHA256, "token", &signed))
        .with("x-plivo-signature-v3-nonce", "CallUUID2.77");
    assert_eq!(taken.refused(&plivo), Some("wrong"));
}

#[test]
fn a_time_is_believed_for_five_minutes_either_way() {
    let key = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let public = STANDARD.encode(ring::signature::KeyPair::public_key(&key).as_ref());
    let verifier = telnyx(&public);
    let asked = |time: &str, body: &str| {
        let signed = key.sign(format!("{time}|{body}").as_bytes());
        Asked::post("/.dni/calls/telnyx", body)
            .with("telnyx-signature-ed25519", &STANDARD.encode(signed.as_ref()))
            .with("telnyx-timestamp", time)
    };
    for (seconds, refused) in
        [(0, None), (300, None), (301, Some("stale")), (-300, None), (-301, Some("stale"))]
    {
        let asked = asked("1800000000", BODY).at(1_800_000_000 + seconds);
        assert_eq!(asked.refused(&verifier), refused, "{seconds}");
        assert_eq!(asked.refused(&verifier), refused, "again");
    }
    for time in ["soon", "", "1800000000.5", "99999999999999999999", "-9223372036854775808"] {
        let refused = asked(time, BODY).refused(&verifier);
        assert!(matches!(refused, Some("wrong" | "unsigned" | "stale")), "{time}: {refused:?}");
    }
    // Nothing of a GET is signed but the time.
    let get = Asked {
        method: Method::GET,
        target: "/.dni/calls/telnyx?CallSid=1".into(),
        ..asked("1800000000", "")
    };
    assert_eq!(get.judged(&verifier), Err(Refusal::Unsigned));
}
