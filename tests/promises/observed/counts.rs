//! What is counted of requests.

use super::{metrics, wait_for_count};
use crate::support::{Answer, Client, PAGE, Request, Visitor, plumber};

#[test]
fn responses_are_counted_by_site_and_status() {
    let (origin, edge) = plumber(|config| config);
    origin.answers("/moved", Answer::of("302 Found", "text/plain", "").with(&["Location: /"]));
    for path in ["/", "/", "/moved", "/missing"] {
        Visitor::at(&edge).open(path);
    }
    Visitor::at(&edge).send(&Request::get("/").with("Host", "elsewhere.example.com"));
    wait_for_count(&edge, "dni_response_seconds_count{site=\"\"} 1");
    wait_for_count(&edge, "dni_response_seconds_count{site=\"plumber\"} 4");
    let told = metrics(&edge);
    for line in [
        "dni_responses_total{site=\"plumber\",status=\"2xx\"} 2",
        "dni_responses_total{site=\"plumber\",status=\"3xx\"} 1",
        "dni_responses_total{site=\"plumber\",status=\"4xx\"} 1",
        "dni_responses_total{site=\"plumber\",status=\"5xx\"} 0",
        "dni_responses_total{site=\"\",status=\"4xx\"} 1",
        "dni_first_byte_seconds_count{site=\"plumber\"} 4",
        "dni_added_seconds_count{site=\"plumber\"} 4",
        "dni_origin_seconds_count{site=\"plumber\"} 4",
        &format!("dni_response_bytes_total{{site=\"plumber\"}} {}", 2 * PAGE.len() + "no such page\n".len()),
        &format!("dni_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(told.lines().any(|found| found == line), "{line} is not in {told}");
    }
}

#[test]
fn who_broke_off_is_counted() {
    let (origin, edge) = plumber(|config| config);
    origin.script("/cut", |exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of");
        exchange.close();
    });
    let mut client = Client::connect(edge.address());
    client.send(Request::get("/cut").to_bytes());
    client.head("GET");
    assert!(client.rest().1.is_err());
    wait_for_count(&edge, "dni_responses_cut_off_total{by=\"origin\",site=\"plumber\"} 1");
    let steps = origin.steps("/left");
    let mut client = Client::connect(edge.address());
    client.send(Request::get("/left").to_bytes());
    steps.arrived();
    drop(client);
    wait_for_count(&edge, "dni_responses_cut_off_total{by=\"client\",site=\"plumber\"} 1");
    wait_for_count(&edge, "dni_origin_errors_total{kind=\"broke_off\",site=\"plumber\"} 1");
}

#[test]
fn open_connections_are_counted_and_so_is_what_was_no_request() {
    let (_origin, edge) = plumber(|config| config);
    let mut client = Client::connect(edge.address());
    client.exchange(&Request::get("/"));
    assert!(metrics(&edge).contains("\ndni_open_connections 1\n"));
    drop(client);
    wait_for_count(&edge, "dni_open_connections 0");
    let mut client = Client::connect(edge.address());
    client.send("GET / HTTP/1.1\r\nno header\r\n\r\n");
    assert_eq!(client.head("GET").second_word(), "400");
    wait_for_count(&edge, "dni_malformed_requests_total{reason=\"malformed\"} 1");
}
