//! Somebody who asks at the admin listener.

use super::GUARD;
use super::client::{Client, Response};
use super::edge::Edge;

/// Asks, with a request as it is written here, line by line.
pub fn ask(edge: &Edge, request: &str) -> Response {
    let mut client = Client::connect(edge.admin());
    client.send(request.replace('\n', "\r\n"));
    client.response("GET")
}

/// Whether it is ready, and what it says to that.
pub fn readiness(edge: &Edge) -> (String, String) {
    let answer = ask(edge, "GET /readyz HTTP/1.1\nHost: localhost\nConnection: close\n\n");
    (answer.status().to_owned(), answer.text())
}

/// Waits until it is ready again, though no visitor comes.
pub fn wait_until_ready(edge: &Edge) {
    let deadline = std::time::Instant::now() + GUARD;
    while readiness(edge).0 != "200" {
        assert!(std::time::Instant::now() < deadline, "{:?}", readiness(edge));
        std::thread::yield_now();
    }
}

/// How often the proxy has turned somebody away for this reason.
pub fn times_refused(edge: &Edge, reason: &str) -> u64 {
    let metrics = ask(edge, "GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n").text();
    let named = format!("dni_refused_total{{reason=\"{reason}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&named));
    line.unwrap_or_else(|| panic!("{named} is not counted: {metrics}")).parse().unwrap()
}
