//! What is not the carrier's is refused, and changes nothing.

use super::{CALLER, plumber_called};
use crate::support::{CANONICAL, FLYER, Pbx, SECRET, Twilio, ask, calls, form, post};

fn counted(edge: &crate::support::Edge, metric: &str) -> bool {
    let metrics = ask(edge, "GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n").text();
    metrics.lines().any(|line| line == metric)
}

#[test]
fn an_unsigned_or_wrongly_signed_request_is_refused_and_counted() {
    let (_origin, edge) = plumber_called(|config| config);
    let fields = [("CallSid", "C1"), ("From", CALLER), ("To", FLYER)];
    let unsigned = post("/.dni/calls/pbx", &form(&fields));
    assert_eq!(Pbx(&edge).sends(&unsigned).status(), "403");
    let wrong = unsigned.clone().with("Authorization", "Bearer another secret");
    assert_eq!(Pbx(&edge).sends(&wrong).status(), "403");
    let unsigned = post("/.dni/calls/twilio", &form(&fields));
    assert_eq!(Pbx(&edge).sends(&unsigned).status(), "403");
    let forged = unsigned.with("X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    assert_eq!(Pbx(&edge).sends(&forged).status(), "403");
    assert!(calls(&edge).is_empty());
    for reason in ["unsigned", "wrong"] {
        for carrier in ["pbx", "twilio"] {
            let metric = format!("dni_carrier_refused_total{{carrier=\"{carrier}\",reason=\"{reason}\"}} 1");
            assert!(counted(&edge, &metric), "{metric}");
        }
    }
}

#[test]
fn a_message_over_64_kb_is_413_and_what_is_no_address_404() {
    let (_origin, edge) = plumber_called(|config| config);
    let long = "x".repeat((64 << 10) + 1);
    let bearer = format!("Bearer {SECRET}");
    let too_long = post("/.dni/calls/pbx", &long).with("Authorization", &bearer);
    assert_eq!(Pbx(&edge).sends(&too_long).status(), "413");
    for nothing in ["/.dni/calls/pbx/", "/.dni/calls/nobody", "/.dni/calls/plivo", "/.dni/calls/pbx/other"] {
        let request = post(nothing, "").with("Authorization", &bearer);
        assert_eq!(Pbx(&edge).sends(&request).status(), "404", "{nothing}");
    }
}

#[test]
fn a_carriers_own_message_that_cant_be_read_connects_all_the_same() {
    let (_origin, edge) = plumber_called(|config| config);
    let answer = Twilio(&edge).posts("/.dni/calls/twilio", &[("Nothing", "known")]);
    assert_eq!(answer.status(), "200");
    assert!(answer.text().contains(CANONICAL), "{}", answer.text());
}

#[test]
fn carriers_reach_the_program_by_whatever_host() {
    let (_origin, edge) = plumber_called(|config| config);
    let fields = form(&[("CallSid", "C1"), ("From", CALLER), ("To", FLYER)]);
    let request = post("/.dni/calls/pbx", &fields).with("Host", "127.0.0.1:8080");
    let answer = Pbx(&edge).sends(&request.with("Authorization", &format!("Bearer {SECRET}")));
    assert_eq!(answer.status(), "200");
}
