//! The access log: a line a request, once its response has ended or broken off.

use std::process::Command;

use serde_json::json;

use super::{line, logging, wait_for_count};
use crate::support::{
    Answer, CARRIERS, Client, Config, Edge, GOOGLEBOT, Origin, PAGE, Pbx, Request, Visitor, command,
    number_on, plumber,
};

#[test]
fn a_visit_is_a_line_with_all_that_was_decided() {
    let (origin, edge) = plumber(logging("json"));
    let page = Visitor::at(&edge).open("/?gclid=EAIaIQobChMI&utm_campaign=spring");
    number_on(&page.text());
    let mut line = line(&edge, "\"path\":\"/?");
    for (name, is_right) in [
        ("time", line["time"].as_str().is_some_and(|time| time.len() == "2026-01-01T00:00:00.000Z".len())),
        ("seconds", line["seconds"].as_f64() >= line["first_byte_seconds"].as_f64()),
        ("first_byte_seconds", line["first_byte_seconds"].as_f64() >= line["origin_seconds"].as_f64()),
        ("origin_seconds", line["origin_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0)),
        ("request_id", line["request_id"].as_str().is_some_and(|id| id.len() == 32)),
    ] {
        assert!(is_right, "{name}: {line}");
        line.as_object_mut().unwrap().remove(name);
    }
    let expected = json!({
        "client": "127.0.0.0", "method": "GET", "host": "www.example.com", "path": "/?gclid=*&utm_campaign=*",
        "version": "1.1", "scheme": "http", "status": 200, "bytes": page.body.len(), "end": "complete", "site": "plumber",
        "origin": origin.address.to_string(), "origin_status": 200, "origin_error": null, "visitor": "person",
        "channel": "Paid Search", "shown": true, "carrier": null, "trace_id": null,
    });
    assert_eq!(line, expected);
}

#[test]
fn the_same_as_text() {
    let (_origin, edge) = plumber(logging("text"));
    let crawler = Request::navigation("/?page=2").with("User-Agent", GOOGLEBOT);
    Visitor::at(&edge).send(&crawler);
    let line = edge.says("GET /");
    assert!(line.starts_with("127.0.0.0 - - ["), "{line}");
    let length = PAGE.len();
    for words in [
        &format!("] \"GET /?page=* HTTP/1.1\" 200 {length} scheme=http host=www.example.com seconds=0."),
        " end=complete site=\"plumber\" origin=127.0.0.1:",
        " origin_status=200 ",
        " visitor=crawler request_id=",
    ] {
        assert!(line.contains(words), "{words} is not in {line}");
    }
    assert!(!line.contains("shown="), "{line}");
}

#[test]
fn a_reload_changes_it_and_off_is_off() {
    let (origin, edge) = plumber(|config| config);
    Visitor::at(&edge).open("/before");
    edge.reload(&logging("json")(Config::of(origin.address)));
    Visitor::at(&edge).open("/json");
    let first = edge.says("/");
    assert!(first.starts_with('{') && first.contains("\"path\":\"/json\""), "{first}");
    edge.reload(&logging("text")(Config::of(origin.address)));
    Visitor::at(&edge).open("/text");
    edge.says("\"GET /text HTTP/1.1\" 404");
    edge.reload(&Config::of(origin.address));
    Visitor::at(&edge).open("/off");
    edge.reload(&logging("json")(Config::of(origin.address)));
    Visitor::at(&edge).open("/again");
    let next = edge.says("\"GET");
    assert!(next.contains("/again"), "{next}");
}

#[test]
fn how_a_response_ended_is_told() {
    let (origin, edge) = plumber(logging("json"));
    origin.script("/cut", |exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of");
        exchange.close();
    });
    let mut client = Client::connect(edge.address());
    client.send(Request::get("/cut").to_bytes());
    client.head("GET");
    assert!(client.rest().1.is_err());
    let cut = line(&edge, "\"path\":\"/cut\"");
    assert_eq!(
        (&cut["end"], &cut["bytes"], &cut["status"]),
        (&json!("origin_broke_off"), &json!(7), &json!(200))
    );

    let steps = origin.steps("/left");
    let mut client = Client::connect(edge.address());
    client.send(Request::get("/left").to_bytes());
    steps.arrived();
    steps.begin("");
    steps.chunk("some of it");
    client.head("GET");
    drop(client);
    let left = line(&edge, "\"path\":\"/left\"");
    assert_eq!((&left["end"], &left["status"]), (&json!("client_gone"), &json!(200)));

    let unanswered = origin.steps("/unanswered");
    let mut client = Client::connect(edge.address());
    client.send(Request::get("/unanswered").to_bytes());
    unanswered.arrived();
    drop(client);
    let unanswered = line(&edge, "\"path\":\"/unanswered\"");
    assert_eq!((&unanswered["end"], &unanswered["status"]), (&json!("client_gone"), &json!(null)));

    Visitor::at(&edge).send(&Request::get("/").method("HEAD"));
    let head = line(&edge, "\"method\":\"HEAD\"");
    assert_eq!((&head["end"], &head["bytes"]), (&json!("complete"), &json!(0)));
}

#[test]
fn whose_fault_it_was_is_told() {
    let edge = Edge::start(&logging("json")(Config::of(Origin::nowhere())));
    Visitor::at(&edge).open("/away");
    let away = line(&edge, "\"path\":\"/away\"");
    assert_eq!((&away["status"], &away["origin_error"]), (&json!(502), &json!("unreachable")));
    Visitor::at(&edge).send(&Request::get("/").with("Host", "elsewhere.example.com"));
    let elsewhere = line(&edge, "elsewhere.example.com");
    assert_eq!((&elsewhere["status"], &elsewhere["site"]), (&json!(404), &json!(null)));
    Visitor::at(&edge).send(&Request::get("/twice").and("Host", "www.example.com"));
    assert_eq!(line(&edge, "\"path\":\"/twice\"")["status"], json!(400));
    wait_for_count(&edge, "dni_origin_errors_total{kind=\"unreachable\",site=\"plumber\"} 1");
}

#[test]
fn a_carriers_request_is_told_with_its_carrier() {
    let origin = Origin::start();
    let edge = Edge::start(&logging("json")(Config::of(origin.address).more(CARRIERS)));
    Pbx(&edge).rings("call-1", "+13055550123", "+12125550190");
    let rings = line(&edge, "\"path\":\"/.dni/calls/pbx\"");
    let expected = (&json!("pbx"), &json!("POST"), &json!(200), &json!(null), &json!(null));
    assert_eq!(
        (&rings["carrier"], &rings["method"], &rings["status"], &rings["origin"], &rings["visitor"]),
        expected
    );
    Visitor::at(&edge).send(&Request::get("/.dni/calls/nobody/%2B13055550123").method("POST"));
    let nobody = line(&edge, "/.dni/calls/nobody");
    assert_eq!((&nobody["carrier"], &nobody["status"]), (&json!(null), &json!(404)));
}

#[test]
fn a_full_disk_under_the_log_holds_nobody_up() {
    let (_origin, mut edge) = plumber(logging("json"));
    edge.stop();
    let mut on_a_full_disk = Command::new("sh");
    on_a_full_disk.args(["-c", "exec \"$0\" \"$@\" > /dev/full"]).arg(command().get_program());
    edge.start_again_as(on_a_full_disk);
    for _ in 0..3 {
        assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
    }
    wait_for_count(&edge, "dni_access_log_dropped_total 3");
    edge.stop();
}

#[test]
fn what_was_logged_is_written_before_the_end() {
    let (origin, mut edge) = plumber(logging("json"));
    origin.answers("/last", Answer::html(PAGE));
    for _ in 0..50 {
        Visitor::at(&edge).open("/last");
    }
    edge.terminate();
    for _ in 0..50 {
        edge.says("\"path\":\"/last\"");
    }
    assert!(edge.ended().success());
}
