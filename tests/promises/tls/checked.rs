//! `check` looks at certificates before `serve` does.

use crate::support::{Authority, Config, HOST, Origin, Outcome, Pair, expired, listening, run};

fn check(server: &str) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("dni-edge.toml");
    std::fs::write(&config, Config::of(Origin::nowhere()).server(server).to_toml()).unwrap();
    run(&["check".as_ref(), "--config".as_ref(), config.as_os_str()], b"")
}

/// It is the one thing that is said, with this status.
fn says(server: &str, status: i32, words: &[&str]) {
    let outcome = check(server);
    assert_eq!((outcome.status, outcome.text().lines().count()), (status, 1), "{server}: {outcome:?}");
    assert!(words.iter().all(|word| outcome.text().contains(word)), "{words:?}: {}", outcome.text());
}

#[test]
fn a_certificate_for_every_host_that_can_be_used_is_right() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    for names in [[HOST], ["*.example.com"]] {
        says(&listening([&authority.issue(folder.path(), "pair", &names)]), 0, &["nothing is wrong"]);
    }
}

#[test]
fn one_that_can_not_be_used_is_an_error() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let issue = |called: &str| authority.issue(folder.path(), called, &[HOST]);
    let (pair, other) = (issue("pair"), issue("other"));
    let mixed = Pair { cert: pair.cert.clone(), key: other.key };
    let words = ["dni-edge.toml:8: error: server.tls.certificates", "other.key is not that of", "pair.pem"];
    says(&listening([&mixed]), 1, &words);
    let missing = Pair { cert: folder.path().join("missing.pem"), key: pair.key };
    says(&listening([&missing]), 1, &["error", "missing.pem can't be read", "; name a PEM file"]);
}

#[test]
fn what_browsers_would_refuse_is_a_warning() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let issue = |called: &str, names: &[&str]| authority.issue(folder.path(), called, names);
    let algorithm = &rcgen::PKCS_ECDSA_P256_SHA256;
    let old = authority.issue_as(folder.path(), "old", &[HOST], expired, algorithm);
    says(&listening([&old]), 0, &["warning", "old.pem", "expired on 2020-01-02", "have it renewed"]);
    let soon = authority.issue_as(
        folder.path(),
        "soon",
        &[HOST],
        |mut params| {
            params.not_after =
                (std::time::SystemTime::now() + std::time::Duration::from_secs(7 * 86_400)).into();
            params
        },
        algorithm,
    );
    says(&listening([&soon]), 0, &["warning", "soon.pem", "expires on 20", "have it renewed"]);
    let later = authority.issue_as(
        folder.path(),
        "later",
        &[HOST],
        |mut params| {
            params.not_before = rcgen::date_time_ymd(2999, 1, 1);
            params.not_after = rcgen::date_time_ymd(2999, 4, 1);
            params
        },
        algorithm,
    );
    says(&listening([&later]), 0, &["warning", "is not good before 2999-01-01"]);
    let other = issue("other", &["other.example.com"]);
    says(&listening([&other]), 0, &["warning", HOST, "no certificate is for it", "server.tls.acme.hosts"]);
    let nobody = listening([&issue("www", &[HOST])]).replace("listen_tls = [\"127.0.0.1:0\"]", "");
    says(&nobody, 0, &["warning", "server.tls", "no address is listened on for TLS"]);
}

#[test]
fn hosts_that_an_authority_issues_for_are_covered_and_are_served() {
    let acme = |hosts: &str| format!("listen_tls = [\"127.0.0.1:0\"]\ntls.acme = {{ hosts = [{hosts}] }}");
    says(&acme("\"www.example.com\""), 0, &["nothing is wrong"]);
    let words = ["error", "server.tls.acme.hosts = \"nobody.example\"", "no site serves it"];
    says(&acme("\"www.example.com\", \"nobody.example\""), 1, &words);
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let pair = authority.issue(folder.path(), "www", &[HOST]);
    let both = format!("{}\ntls.acme = {{ hosts = [\"{HOST}\"] }}", listening([&pair]));
    says(&both, 0, &["warning", "server.tls.acme.hosts", "has a certificate in a file"]);
}
