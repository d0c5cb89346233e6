//! Commands beside nodes that run.

use serde_json::Value;

use super::{Nodes, two};
use crate::support::{AD, Edge, GUARD, Outcome, Visitor, ask, run};

fn command(name: &str, nodes: &Nodes, arguments: &[&str]) -> Outcome {
    let config = nodes.edges[0].config();
    let mut line = vec![name, "--config", config.to_str().unwrap()];
    line.extend(arguments);
    run(&line, b"")
}

fn told(outcome: &Outcome) -> Value {
    serde_json::from_slice(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"))
}

#[test]
fn pools_tells_how_numbers_stand_on_all_nodes() {
    let nodes = two(|config| config.numbers(4));
    for node in [0, 1] {
        let mut visitor = Visitor::at(&nodes.edges[node]);
        nodes.shown(&mut visitor, node, AD);
        if node == 0 {
            nodes.shown(&mut visitor, 1, "/");
        }
    }
    let told = command("pools", &nodes, &["--json"]);
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(
        ["numbers", "held", "provisional", "free", "overflowed"].map(|key| told[key].as_i64().unwrap()),
        [4, 2, 1, 2, 0]
    );
}

#[test]
fn attribute_tells_who_was_shown_a_number_on_any_node_and_when_they_last_saw_it_until_then() {
    let nodes = two(|config| config.numbers(1));
    let mut visitor = Visitor::at(&nodes.edges[1]);
    let number = nodes.shown(&mut visitor, 1, "/?utm_source=google&utm_medium=cpc&utm_campaign=spring");
    nodes.ledger.wait_until("the page is written", |ledger| ledger.count("page") == 1);
    let attribute = |more: &[&str]| -> Value {
        let told = command("attribute", &nodes, &[&[&*number, "--json"], more].concat());
        serde_json::from_slice(&told.stdout).unwrap_or_else(|_| panic!("{told:?}"))
    };
    let answer = attribute(&[]);
    let id: String = nodes.session_of(&visitor).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&answer["how"], &answer["candidates"][0]["session"]), (&"posterior".into(), &id.into()));
    let told =
        ["source", "medium", "campaign", "channel"].map(|key| answer["candidates"][0][key].as_str().unwrap());
    assert_eq!(told, ["google", "cpc", "spring", "Paid Search"]);

    // As though they had come back in an hour, and the call had come half an hour before that.
    nodes.ledger.execute("UPDATE lease SET last_seen = last_seen + 3600000");
    let row = nodes.ledger.rows("SELECT greatest(started, time), started + 1800000 FROM lease, page", &[]);
    let [seen, call] = [0, 1].map(|column| row[0][column].time().to_string());
    assert_eq!(attribute(&["--at", &call])["candidates"][0]["last_seen"], *seen);
    nodes.ledger.execute("DELETE FROM page");
    assert_eq!(attribute(&["--at", &call])["candidates"][0]["last_seen"], *call, "no page tells");
    nodes.ledger.execute("DELETE FROM session");
    assert!(attribute(&[])["candidates"][0]["channel"].is_null(), "source and medium are the lease's own");
    assert_eq!(attribute(&[])["candidates"][0]["medium"], "cpc");
    assert_eq!(attribute(&["--at", "2020-01-01"])["how"], "unshown");
}

#[test]
fn how_long_ago_numbers_were_seen_is_told_as_of_all_nodes() {
    let mut nodes = two(|config| config.numbers(3).pool("hold = \"1m\""));
    assert!(told(&command("pools", &nodes, &["--json"]))["seconds_since_last_seen"].is_null(), "never used");
    for node in [0, 1, 0] {
        nodes.shown(&mut Visitor::at(&nodes.edges[node]), node, AD);
    }
    nodes.edges.iter_mut().for_each(Edge::stop);
    // The first is on hold; of the others the turn of the one comes next that was seen longest ago.
    nodes.ledger.execute(
        "UPDATE number SET last_seen = last_seen - 1000 * (ARRAY[10, 7200, 3600])[1 + (substr(e164, 12, 1))::int]",
    );
    let next = told(&command("pools", &nodes, &["--json"]))["seconds_since_last_seen"].as_i64().unwrap();
    assert!((7200..7260).contains(&next), "{next}");
    nodes.edges[0].start_again();
    let deadline = std::time::Instant::now() + GUARD;
    let since = |quantile: &str| {
        let told =
            ask(&nodes.edges[0], "GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n").text();
        let labels = format!("{{pool=\"ads\",quantile=\"{quantile}\",site=\"plumber\"}} ");
        let line = format!("dni_pool_seconds_since_last_seen{labels}");
        told.lines().find_map(|found| found.strip_prefix(&line)?.parse::<f64>().ok())
    };
    // A node looks every few seconds.
    while since("1").is_none_or(|longest| longest < 7200.0) {
        assert!(std::time::Instant::now() < deadline);
        std::thread::yield_now();
    }
    let [least, half, nine] = ["0", "0.5", "0.9"].map(|quantile| since(quantile).unwrap());
    assert!((10.0..60.0).contains(&least) && (3600.0..3660.0).contains(&half), "{least} {half}");
    assert!((7200.0..7260.0).contains(&nine), "{nine}");
}

#[test]
fn plan_reads_what_nodes_have_written() {
    let nodes = two(|config| config.numbers(12));
    nodes.shown(&mut Visitor::at(&nodes.edges[0]), 0, AD);
    nodes.ledger.wait_until("the session", |ledger| ledger.count("session") == 1);
    // A session every 864 seconds for twelve days, each of two minutes and a half, from five sources.
    nodes.ledger.execute(
        "CREATE TEMP TABLE visit AS SELECT i, decode(md5(i::text), 'hex') AS id, started - i * 864000 AS time
             FROM generate_series(0, 1209) AS i, lease;
         CREATE TEMP TABLE one AS SELECT * FROM lease;
         CREATE TEMP TABLE who AS SELECT * FROM session;
         DELETE FROM lease; DELETE FROM session;
         INSERT INTO lease (number, epoch, site, pool, line, session, session_started, source, medium, started, last_seen, how)
             SELECT number, i, site, pool, line, visit.id, time, 'source' || (i % 5), medium, time, time + 150000, how
             FROM one, visit;
         INSERT INTO session SELECT visit.id, site, time, time + 150000, channel, source, medium, campaign, touch,
             landing_page, referring_page, rule, shows FROM who, visit;
         UPDATE overflow SET since = (SELECT min(time) FROM visit), times = 605",
    );
    let answer = told(&command("plan", &nodes, &["--calls-after", "mobile", "--json"]));
    assert_eq!(
        ["days", "sessions", "sources"].map(|key| answer[key].as_i64().unwrap()),
        [12, 1200, 5],
        "{answer}"
    );
    assert_eq!((answer["minutes"].as_f64(), answer["present"]["numbers"].as_i64()), (Some(2.5), Some(12)));
    let found_none = answer["found_none"].as_f64().unwrap();
    assert!((49.0..51.0).contains(&found_none), "{answer}");
}

#[test]
fn who_is_erased_while_nodes_run_is_nobody_they_know() {
    let nodes = two(|config| config.numbers(1));
    let mut visitor = Visitor::at(&nodes.edges[0]);
    let number = nodes.shown(&mut visitor, 0, AD);
    nodes.shown(&mut visitor, 1, "/");
    let session = nodes.session_of(&visitor);
    let id: String = session.iter().map(|byte| format!("{byte:02x}")).collect();
    nodes.ledger.wait_until("all of it is written", |ledger| ledger.count("page") == 2);
    let erased = command("erase", &nodes, &["--session", &id, "--json"]);
    let told: Value = serde_json::from_slice(&erased.stdout).unwrap_or_else(|_| panic!("{erased:?}"));
    assert_eq!(["sessions", "leases", "pages"].map(|key| told[key].as_i64().unwrap()), [1, 1, 2]);
    assert!(!nodes.ledger.knows(&number, session));
    for node in [0, 1] {
        visitor.returns_to(&nodes.edges[node]);
        visitor.open("/numberless");
        assert_ne!(nodes.session_of(&visitor), session, "the cookie is nobody's any more");
    }
    assert!(!nodes.ledger.sessions().contains(&session));
    let mut other = Visitor::at(&nodes.edges[1]);
    assert_eq!(nodes.shown(&mut other, 1, AD), "+12125550100", "when the number was last seen stays");
}

#[test]
fn backup_is_postgresqls_own() {
    let nodes = two(|config| config);
    let refused = command("backup", &nodes, &["/tmp/dni-edge-no-such-backup"]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("pg_dump"), "{}", refused.stderr);
}
