//! How the database is reached, and what is refused.

use tempfile::TempDir;

use super::{Nodes, two};
use crate::support::{AD, Config, Edge, Origin, Outcome, Postgres, Visitor, run};

/// What `serve` says where it can't start.
fn serve(ledger: &str, change: impl FnOnce(Config) -> Config) -> Outcome {
    let (origin, folder) = (Origin::start(), tempfile::tempdir().unwrap());
    let config = change(Config::of(origin.address).ledger(ledger));
    let file = folder.path().join("dni-edge.toml");
    std::fs::write(&file, config.to_toml()).unwrap();
    run(&["serve".as_ref(), "--config".as_ref(), file.as_os_str()], b"")
}

fn refused(outcome: &Outcome, words: &[&str]) {
    assert_eq!(outcome.status, 1);
    for words in words {
        assert!(outcome.stderr.contains(words), "{words:?}: {}", outcome.stderr);
    }
}

#[test]
fn a_database_that_is_not_there_is_named_with_what_to_do() {
    let database = Postgres::shared();
    let absent = format!("{}_absent", database.database());
    refused(&serve(&absent, |config| config), &[&absent, "does not exist", "the database must be there"]);
    // Nobody listens there.
    let nobody = "postgres://dni@127.0.0.1:1/dni";
    refused(&serve(nobody, |config| config), &[nobody, "refused"]);
}

#[test]
fn another_secret_and_a_newer_version_are_refused() {
    let nodes = two(|config| config);
    let other = serve(&nodes.config.ledger_place(), |config| config);
    refused(&other, &["another secret"]);
    nodes.ledger.execute("UPDATE meta SET value = decode('0000000000000063', 'hex') WHERE key = 'version'");
    let newer =
        serve(&nodes.config.ledger_place(), |config| config.secret(&nodes.folder.path().join("secret")));
    refused(&newer, &["newer dni-edge (tables 99"]);
}

#[test]
fn nodes_that_start_at_once_take_turns_in_making_the_tables() {
    let (origin, folder) = (Origin::start(), tempfile::tempdir().unwrap());
    let config = Config::of(origin.address).secret(&folder.path().join("secret"));
    std::fs::write(folder.path().join("secret"), "a secret that all nodes were given").unwrap();
    let config = config.ledger(&Postgres::shared().database());
    let started: Vec<Edge> = std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..4).map(|_| scope.spawn(|| Edge::start(&config))).collect();
        nodes.into_iter().map(|node| node.join().unwrap()).collect()
    });
    assert_eq!(started.len(), 4);
}

#[test]
fn over_tls_it_is_known_whom_one_speaks_to() {
    let database = Postgres::with_tls();
    let url = database.database();
    let start = |parameters: &str| -> (Origin, TempDir, Edge) {
        let (origin, folder) = (Origin::start(), tempfile::tempdir().unwrap());
        origin.answers("/", crate::support::Answer::html(crate::support::PAGE));
        let config = Config::of(origin.address).ledger(&format!("{url}?{parameters}"));
        let edge = Edge::start(&config.secret(&folder.path().join("secret")));
        (origin, folder, edge)
    };
    let authority = database.authority();
    let (_origin, _folder, edge) = start(&format!("sslmode=verify-full&sslrootcert={authority}"));
    let page = Visitor::at(&edge).open(AD).text();
    assert!(page.contains("+1646555"), "{page}");
    refused(&serve(&format!("{url}?sslmode=require"), |config| config), &["UnknownIssuer"]);
    refused(&serve(&format!("{url}?sslmode=disable"), |config| config), &["no encryption"]);
    let elsewhere = url.replace("localhost", "127.0.0.1");
    let elsewhere = format!("{elsewhere}?sslmode=require&sslrootcert={authority}");
    refused(&serve(&elsewhere, |config| config), &["not valid for name"]);
}

#[test]
fn a_pooler_that_loses_prepared_statements_is_refused_and_one_that_keeps_them_is_not() {
    let postgres = Postgres::shared();
    let database = postgres.database();
    let refusal = serve(&postgres.behind_bouncer("transaction", &database), |config| config);
    refused(&refusal, &["loses prepared statements", "max_prepared_statements"]);
    let nodes = Nodes::start(1, &postgres.behind_bouncer("session", &database), |config| config);
    let mut visitor = Visitor::at(&nodes.edges[0]);
    let number = nodes.shown(&mut visitor, 0, AD);
    assert!(number.starts_with("+1646555"), "{number}");
    assert!(nodes.ledger.knows(&number, nodes.session_of(&visitor)));
}
