//! What operators see of each request, and of nobody more than they may.

mod access_log;
mod counts;
mod private;
mod request_id;
mod traces;

use serde_json::Value;

use crate::support::{Config, Edge, ask};

/// With an access log in this form.
fn logging(form: &str) -> impl FnOnce(Config) -> Config {
    let table = format!("[log]\naccess = {form:?}\n");
    move |config| config.more(&table)
}

/// The line of the access log that says this, in JSON.
fn line(edge: &Edge, words: &str) -> Value {
    serde_json::from_str(&edge.says(words)).expect("JSON")
}

fn metrics(edge: &Edge) -> String {
    ask(edge, "GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n").text()
}

/// Waits until a line is among the metrics: what is counted at a response's end may come later than that.
fn wait_for_count(edge: &Edge, line: &str) {
    let deadline = std::time::Instant::now() + crate::support::GUARD;
    while !metrics(edge).lines().any(|found| found == line) {
        assert!(std::time::Instant::now() < deadline, "{line:?} is not in {}", metrics(edge));
        std::thread::yield_now();
    }
}
