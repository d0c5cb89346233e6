//! What is written to calls by hand, what reports make of them, and what becomes of them when a caller is to be forgotten.

use serde_json::{Value, json};

use super::{CALLER, plumber_called, visitor_from_ad};
use crate::support::{Edge, FLYER, Ledger, Pbx, ask, calls, run, the_call};

fn command(edge: &Edge, arguments: &[&str]) -> (i32, Vec<Value>) {
    let config = edge.config();
    let arguments = [arguments, &["--config", config.to_str().unwrap(), "--json"]].concat();
    let done = run(&arguments, b"");
    let told = done.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(done.status == 0 || !done.stderr.is_empty(), "{done:?}");
    (done.status, told)
}

/// An answered call of somebody from an ad, and a missed one by the flyer.
fn two_calls(edge: &Edge) -> String {
    let (_visitor, number) = visitor_from_ad(edge);
    let pbx = Pbx(edge);
    pbx.rings("C1", CALLER, &number);
    let answered = [("DialCallStatus", "ANSWER"), ("DialCallDuration", "90"), ("CallStatus", "completed")];
    pbx.tells("C1", &answered);
    pbx.rings("C2", "+13055550177", FLYER);
    pbx.tells("C2", &[("DialCallStatus", "NOANSWER"), ("CallStatus", "completed")]);
    let all = calls(edge);
    let first = all.iter().find(|call| call["carrier_call_id"] == "C1").unwrap();
    first["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_call_is_tagged_by_hand_while_serve_runs_and_after_it_has_ended() {
    let (_origin, mut edge) = plumber_called(|config| config);
    let id = two_calls(&edge);
    let (status, told) =
        command(&edge, &["calls", "tag", &id, "--add", "boiler", "--value", "120.50", "--lead", "good"]);
    assert_eq!((status, &told[0]["tags"]), (0, &json!(["boiler", "qualified"])));
    edge.stop();
    let (_, told) =
        command(&edge, &["calls", "tag", &id, "--remove", "qualified", "--note", "Wants a quote."]);
    assert_eq!((&told[0]["tags"], &told[0]["note"]), (&json!(["boiler"]), &json!("Wants a quote.")));
    assert_eq!((&told[0]["value"], &told[0]["lead_status"]), (&json!("120.50"), &json!("good")));
    let (status, _) = command(&edge, &["calls", "tag", &"07".repeat(12), "--add", "boiler"]);
    assert_eq!(status, 1, "there is no such call");
}

#[test]
fn what_is_no_note_is_refused_by_the_admin_listener() {
    let (_origin, edge) = plumber_called(|config| config);
    let id = two_calls(&edge);
    for (note, status) in [
        (r#"{"id":"1","note":"Wants a quote."}"#, "200"),
        (r#"{"id":"2","add":["two, tags"]}"#, "400"),
        (r#"{"id":"3","value":"much"}"#, "400"),
    ] {
        let body = format!("{{\"call\":\"{id}\",\"note\":{note}}}");
        let length = body.len();
        let answer = ask(
            &edge,
            &format!(
                "POST /api/calls/note HTTP/1.1\nHost: localhost\nConnection: close\nContent-Length: {length}\n\n{body}"
            ),
        );
        assert_eq!(answer.status(), status, "{note}: {}", answer.text());
    }
}

#[test]
fn a_report_says_which_source_makes_the_phone_ring() {
    let (_origin, edge) = plumber_called(|config| config);
    two_calls(&edge);
    let (status, rows) = command(&edge, &["report", "--by", "channel"]);
    assert_eq!(status, 0);
    let paid = rows.iter().find(|row| row["channel"] == "Paid Search").expect("a row for the ad");
    for (field, value) in
        [("calls", 1), ("answered", 1), ("missed", 0), ("qualified", 1), ("first_time", 1), ("talk_time", 90)]
    {
        assert_eq!(paid[field], value, "{field}: {paid}");
    }
    let credit: f64 = rows.iter().map(|row| row["credit"].as_f64().unwrap()).sum();
    assert!((credit - 2.0).abs() < 1e-6, "{rows:?}");
    let (_, rows) = command(&edge, &["report", "--by", "number"]);
    assert!(rows.iter().any(|row| row["number"] == FLYER && row["missed"] == 1), "{rows:?}");
}

#[test]
fn a_caller_is_forgotten_while_serve_runs_and_nothing_of_their_calls_is_left() {
    let (_origin, edge) = plumber_called(|config| config);
    two_calls(&edge);
    let (status, told) = command(&edge, &["erase", "--caller", CALLER]);
    assert_eq!((status, &told[0]["calls"]), (0, &json!(1)));
    let left = the_call(&edge, |_| true);
    assert_eq!(left["carrier_call_id"], "C2");
    let ledger = Ledger::of(&edge);
    for table in ["call", "candidate"] {
        assert_eq!(ledger.count(table), 1, "{table}");
    }
    Pbx(&edge).rings("C3", CALLER, FLYER);
    let again = calls(&edge).into_iter().find(|call| call["carrier_call_id"] == "C3").unwrap();
    assert_eq!((&again["first_call"], &again["attribution"]["how"]), (&json!(true), &json!("static")));
}

#[test]
fn an_erased_visitor_leaves_the_call_and_its_source_and_is_named_by_it_no_more() {
    let (_origin, edge) = plumber_called(|config| config);
    two_calls(&edge);
    let call = |edge: &Edge| calls(edge).into_iter().find(|call| call["carrier_call_id"] == "C1").unwrap();
    let session = call(&edge)["attribution"]["candidates"][0]["session"].as_str().unwrap().to_owned();
    let (status, _) = command(&edge, &["erase", "--session", &session]);
    assert_eq!(status, 0);
    let left = call(&edge);
    assert_eq!(
        (&left["source"], &left["attribution"]["candidates"][0]["session"]),
        (&json!("google"), &Value::Null)
    );
    assert_eq!((&left["journey"], &left["first_touch"]), (&json!([]), &Value::Null));
}
