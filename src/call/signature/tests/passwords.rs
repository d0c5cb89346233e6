//! Bandwidth's user and password, and a telephone exchange's secret.

use super::*;

fn basic(user: &[u8]) -> Asked {
    Asked::post("/", "").with("authorization", &format!("Basic {}", STANDARD.encode(user)))
}

#[test]
fn a_user_and_a_password_are_both_wanted() {
    let verifier = bandwidth("dni", "a:b pässword");
    assert_eq!(basic("dni:a:b pässword".as_bytes()).judged(&verifier), Ok(()));
    for user in
        ["dni:", ":a:b pässword", "dni:a:b passwor", "Dni:a:b pässword", "dni:a:b pässword ", "dni", ""]
    {
        assert!(basic(user.as_bytes()).judged(&verifier).is_err(), "{user}");
    }
    assert_eq!(Asked::post("/", "").judged(&verifier), Err(Refusal::Unsigned));
    for authorization in ["Bearer a:b pässword", "Basic", "Digest username=dni"] {
        let asked = Asked::post("/", "").with("authorization", authorization);
        assert_eq!(asked.judged(&verifier), Err(Refusal::Unsigned), "{authorization}");
    }
    for authorization in ["Basic ", "Basic ***", "Basic ZG5p", "Basic ZG5pOg"] {
        let asked = Asked::post("/", "").with("authorization", authorization);
        assert!(asked.judged(&verifier).is_err(), "{authorization}");
    }
}

#[test]
fn an_exchange_sends_its_secret_in_either_way() {
    let verifier = pbx("s3cret of a dial plan");
    for user in ["", "asterisk", "s3cret of a dial plan", "\u{ff}"] {
        assert_eq!(basic(format!("{user}:s3cret of a dial plan").as_bytes()).judged(&verifier), Ok(()));
    }
    assert_eq!(basic(b"\xff\xfe:s3cret of a dial plan").judged(&verifier), Ok(()));
    for wrong in ["s3cret of a dial plan:", "asterisk:s3cret", "asterisk", ":"] {
        assert_eq!(basic(wrong.as_bytes()).refused(&verifier), Some("wrong"), "{wrong}");
    }
    for (authorization, refused) in [
        ("Bearer s3cret of a dial plan", None),
        ("bearer s3cret of a dial plan", None),
        ("Bearer s3cret of a dial pla", Some("wrong")),
        ("Bearer s3cret of a dial plan2", Some("wrong")),
        ("Bearer S3cret of a dial plan", Some("wrong")),
        ("s3cret of a dial plan", Some("unsigned")),
        ("Bearer", Some("unsigned")),
        ("", Some("unsigned")),
    ] {
        let asked = Asked::post("/", "").with("authorization", authorization);
        assert_eq!(asked.refused(&verifier), refused, "{authorization}");
    }
    assert_eq!(Asked::get("/?secret=s3cret").refused(&verifier), Some("unsigned"));
}
