//! What operators are told: counts, to those alone who may know.

use crate::support::{AD, Edge, GOOGLEBOT, PAGE, Request, Visitor, ask, number_on, plumber};

fn metrics(edge: &Edge) -> String {
    let answer = ask(edge, "GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n");
    assert_eq!(answer.head.second_word(), "200");
    assert_eq!(answer.head.value("Content-Type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.text()
}

/// Waits until a line is among the metrics: what is checked beside the requests comes later than their answers.
fn wait_for(edge: &Edge, line: &str) {
    let deadline = std::time::Instant::now() + crate::support::GUARD;
    while !metrics(edge).lines().any(|found| found == line) {
        assert!(std::time::Instant::now() < deadline, "{line:?} is not in {}", metrics(edge));
        std::thread::yield_now();
    }
}

#[test]
fn visits_are_counted_by_who_makes_them() {
    let (_origin, edge) = plumber(|config| config);
    let mut person = Visitor::at(&edge);
    number_on(&person.open(AD).text());
    person.open("/");
    Visitor::at(&edge).send(&Request::navigation("/").with("User-Agent", "curl/8.5.0"));
    let style = Request::navigation("/").with("Sec-Fetch-Dest", "style").with("Sec-Fetch-Mode", "no-cors");
    person.send(&style);
    let told = metrics(&edge);
    for line in [
        "dni_requests_total{site=\"plumber\"} 4",
        "dni_visits_total{site=\"plumber\",visitor=\"person\"} 2",
        "dni_visits_total{site=\"plumber\",visitor=\"tool\"} 1",
        "dni_hydration_blocked_total{site=\"plumber\"} 0",
    ] {
        assert!(told.lines().any(|found| found == line), "{line} is not in {told}");
    }
}

#[test]
fn a_pools_numbers_are_counted_by_how_they_stand_and_leases_by_how_they_came() {
    let holds = "hold = \"1h\"\nprovisional_hold = \"1h\"";
    let (_origin, edge) = plumber(|config| config.numbers(2).pool(holds));
    let mut regular = Visitor::at(&edge);
    regular.open(AD);
    regular.open("/");
    Visitor::at(&edge).open(AD);
    assert_eq!(Visitor::at(&edge).open(AD).text(), PAGE);
    let told = metrics(&edge);
    for line in [
        "dni_pool_numbers{pool=\"ads\",site=\"plumber\",state=\"free\"} 0",
        "dni_pool_numbers{pool=\"ads\",site=\"plumber\",state=\"held\"} 2",
        "dni_pool_numbers{pool=\"ads\",site=\"plumber\",state=\"provisional\"} 1",
        "dni_leases_total{how=\"fresh\",pool=\"ads\",site=\"plumber\"} 2",
        "dni_leases_total{how=\"sticky\",pool=\"ads\",site=\"plumber\"} 1",
        "dni_leases_total{how=\"overflow\",pool=\"ads\",site=\"plumber\"} 1",
    ] {
        assert!(told.lines().any(|found| found == line), "{line} is not in {told}");
    }
}

#[test]
fn it_is_told_how_long_the_ledgers_commits_take() {
    let (_origin, edge) = plumber(|config| config);
    number_on(&Visitor::at(&edge).open(AD).text());
    let told = metrics(&edge);
    let count = told.lines().find_map(|line| line.strip_prefix("dni_ledger_commit_seconds_count "));
    assert!(count.is_some_and(|count| count.parse::<u64>().unwrap() >= 1), "{told}");
    assert!(
        told.lines().any(|line| line.starts_with("dni_ledger_commit_seconds_bucket{le=\"0.005\"}")),
        "{told}"
    );
}

#[test]
fn a_crawler_that_claims_to_be_googles_is_looked_up_and_counted_beside_its_page() {
    let (_origin, edge) = plumber(|config| config);
    for _ in 0..2 {
        let crawler = Request::navigation("/").with("User-Agent", GOOGLEBOT);
        assert_eq!(Visitor::at(&edge).send(&crawler).head.second_word(), "200");
    }
    // The name of this machine's own address is not Google's.
    wait_for(&edge, "dni_crawler_claims_total{address=\"others\",crawler=\"google\",site=\"plumber\"} 2");
}

#[test]
fn nobody_is_told_who_does_not_ask_as_an_operator_can() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "a token of some length\n").unwrap();
    let (_origin, edge) = plumber(|config| config.server(&format!("admin_token = {{ file = {token:?} }}")));
    let bearer = "Authorization: Bearer a token of some length\n";
    for (path, host, more, status) in [
        ("/metrics", "127.0.0.1:9900", bearer, "200"),
        ("/metrics", "[::1]:9900", bearer, "200"),
        ("/metrics", "localhost", "Authorization: bearer a token of some length\n", "200"),
        ("/metrics", "localhost", "", "401"),
        ("/metrics", "localhost", "Authorization: Bearer a token of some lengtH\n", "401"),
        ("/metrics", "localhost", "Authorization: Bearer \n", "401"),
        ("/metrics", "localhost", "Authorization: Basic a token of some length\n", "401"),
        // A website whose name its owner leads here, read in an operator's browser.
        ("/metrics", "www.example.com", bearer, "403"),
        ("/healthz", "localhost", "", "200"),
        ("/readyz", "localhost", "", "200"),
        ("/healthz", "www.example.com", "", "403"),
        ("/elsewhere", "localhost", bearer, "404"),
    ] {
        let request = format!("GET {path} HTTP/1.1\nHost: {host}\nConnection: close\n{more}\n");
        let answer = ask(&edge, &request);
        assert_eq!(answer.head.second_word(), status, "{request}");
        assert_eq!(answer.text().contains("dni_"), path == "/metrics" && status == "200", "{request}");
    }
    let write = "POST /metrics HTTP/1.1\nHost: localhost\nContent-Length: 0\nConnection: close\n";
    assert_eq!(ask(&edge, &format!("{write}{bearer}\n")).head.second_word(), "405");
    assert_eq!(Visitor::at(&edge).open("/metrics").head.second_word(), "404", "visitors ask the website");
}
