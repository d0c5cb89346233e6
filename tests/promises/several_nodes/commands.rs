//! Commands beside nodes that run.

use serde_json::Value;

use super::{Nodes, two};
use crate::support::{AD, Outcome, Visitor, run};

fn command(name: &str, nodes: &Nodes, arguments: &[&str]) -> Outcome {
    let config = nodes.edges[0].config();
    let mut line = vec![name, "--config", config.to_str().unwrap()];
    line.extend(arguments);
    run(&line, b"")
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
