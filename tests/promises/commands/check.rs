//! `check` says everything that is wrong at once, each with key, value, line and remedy.

use std::path::Path;

use dni_edge::config::{Finding, Severity};
use serde_json::Value;

use super::fixture;
use crate::support::{CANONICAL, Config, Outcome, run, tracking};

/// What is wrong with a configuration, asked within this process: `check` prints these.
fn check(text: &str) -> Vec<Finding> {
    dni_edge::config::Config::parse(text, Path::new("dni-edge.toml")).findings
}

fn usual() -> Config {
    Config::of("127.0.0.1:9".parse().unwrap())
}

fn findings(outcome: &Outcome) -> Vec<Value> {
    assert_eq!(outcome.stderr, "");
    let findings: Vec<Value> =
        outcome.text().lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let failed = findings.iter().any(|finding| finding["severity"] == "error");
    assert_eq!(outcome.status, i32::from(failed));
    findings
}

#[test]
fn the_examples_are_clean() {
    for example in ["config/example.toml", "config/routing.toml"] {
        let path = fixture(example);
        let outcome = run(&["check", "--config", &path], b"");
        assert_eq!((outcome.status, outcome.text()), (0, format!("{path}: nothing is wrong\n").as_str()));
        assert!(findings(&run(&["check", "--json", "--config", &path], b"")).is_empty());
    }
}

#[test]
fn every_wrong_line_is_named_in_one_run() {
    let path = fixture("config/everything-wrong.toml");
    let findings = findings(&run(&["check", "--json", "--config", &path], b""));
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let wrong: Vec<_> = (1..=lines.len()).filter(|number| lines[number - 1].contains("# wrong:")).collect();
    assert!(wrong.len() > 30);
    // What is wrong with a table as a whole may be told by its first line.
    let table_of =
        |number: usize| (1..=number).rev().find(|number| lines[number - 1].starts_with('[')).unwrap();
    let tells_of = |named: usize, wrong: usize| named == wrong || named == table_of(wrong);
    let named: Vec<_> = findings.iter().map(|finding| finding["line"].as_u64().unwrap() as usize).collect();
    let missed: Vec<_> =
        wrong.iter().filter(|wrong| !named.iter().any(|named| tells_of(*named, **wrong))).collect();
    let right: Vec<_> =
        named.iter().filter(|named| !wrong.iter().any(|wrong| tells_of(**named, *wrong))).collect();
    assert!(
        missed.is_empty() && right.is_empty(),
        "wrong and not named: {missed:?}; named and right: {right:?}"
    );
}

#[test]
fn a_finding_has_severity_file_line_key_value_message_and_remedy() {
    let path = fixture("config/everything-wrong.toml");
    let findings = findings(&run(&["check", "--json", "--config", &path], b""));
    let printed = run(&["check", "--config", &path], b"");
    assert_eq!(printed.status, 1);
    assert_eq!(printed.text().lines().count(), findings.len());
    for (finding, line) in findings.iter().zip(printed.text().lines()) {
        let word = |key: &str| finding[key].as_str().unwrap_or_else(|| panic!("{key} of {finding}"));
        assert!(["error", "warning"].contains(&word("severity")) && !word("remedy").is_empty());
        let value = if word("value").is_empty() { String::new() } else { format!(" = {}", word("value")) };
        let expected = format!(
            "{path}:{}: {}: {}{value}: {}; {}",
            finding["line"],
            word("severity"),
            word("key"),
            word("message"),
            word("remedy")
        );
        assert_eq!(line, expected);
    }
    let listen = findings.iter().find(|finding| finding["key"] == "server.lissten").unwrap();
    assert_eq!(listen["value"], "[\"0.0.0.0:8081\"]");
    assert!(listen["remedy"].as_str().unwrap().contains("listen"));
}

/// The usual configuration with one mistake: what stands instead of what, and the key that is to be named.
fn mistaken(right: &str, wrong: &str, key: &str) {
    let usual = usual().to_toml();
    assert!(check(&usual).is_empty());
    let text = usual.replacen(right, wrong, 1);
    assert_ne!(text, usual, "{right}");
    let findings = check(&text);
    assert_eq!(findings.len(), 1, "{wrong}: {findings:#?}");
    let Finding { severity, line, key: named, .. } = &findings[0];
    assert_eq!((*severity, named.as_str()), (Severity::Error, key), "{wrong}");
    let stands = text[..text.find(wrong).unwrap() + wrong.len()].matches('\n').count() + 1;
    assert_eq!(*line, stands, "{wrong}");
}

#[test]
fn each_mistake_is_found_where_it_stands() {
    let origin = "origin = \"http://127.0.0.1:9\"";
    let hosts = "hosts = [\"www.example.com\"]";
    let first = format!("[{:?}", tracking(0));
    let secret = "secret = { file = \"secret\" }";
    let canonical = &format!("canonical = {CANONICAL:?}");
    for (right, wrong, key) in [
        (origin, "origin = \"http://www.example.com\"", "site.origin"),
        (origin, "origin = \"http://WWW.example.com:80/\"", "site.origin"),
        (origin, "origin = \"ftp://127.0.0.1\"", "site.origin"),
        (origin, "origin = \"http://127.0.0.1/shop\"", "site.origin"),
        (hosts, "hosts = [\"http://www.example.com\"]", "site.hosts"),
        (hosts, "hosts = [\"www.example.com:80\"]", "site.hosts"),
        (&first, &format!("[{CANONICAL:?}"), "site.pool.numbers"),
        (&first, "[\"212 555 0100\"", "site.pool.numbers"),
        (&first, "[\"+1 212 555 019\"", "site.pool.numbers"),
        (&first, &format!("[{0:?}, {0:?}", tracking(0)), "site.pool.numbers"),
        ("show = [\"pool:ads\"]", "show = [\"pool:adverts\"]", "site.rule.show"),
        ("show = [\"pool:ads\"]", "show = [\"static:ads\"]", "site.rule.show"),
        ("show = [\"pool:ads\"]", "show = [\"ads\"]", "site.rule.show"),
        ("show = [\"pool:ads\"]", "show = [\"pool:ads\", \"static:flyer\"]", "site.rule.show"),
        ("when = { medium", "when = { mdium", "site.rule.when.mdium"),
        ("when = { medium", "when = { percent = 500, medium", "site.rule.when.percent"),
        ("country = \"US\"", "contry = \"US\"", "site.contry"),
        ("country = \"US\"", "consent = { cookie = \"c\" }", "site.consent.allows"),
        ("threads = 2", "threads = -2", "server.threads"),
        ("threads = 2", "trusted_proxies = [\"10.0.0.0/33\"]", "server.trusted_proxies"),
        ("ledger = \"sqlite:ledger.db\"", "ledger = \"ledger.db\"", "server.ledger"),
        (secret, "secret = { file = \"a\", env = \"b\" }", "server.secret"),
        (secret, "secret = \"correct horse battery staple\"", "server.secret"),
        ("name = \"ads\"", "name = \"ads\"\nhold = \"long\"", "site.pool.hold"),
        ("name = \"ads\"", "name = \"ads\"\noverflow = \"static:poster\"", "site.pool.overflow"),
        ("name = \"ads\"", "name = \"ads\"\ncarries = [\"pigeons\"]", "site.pool.carries"),
        (canonical, &format!("{canonical}\ndestination = {:?}", tracking(0)), "site.line.destination"),
        (canonical, &format!("{canonical}\nroute = [{{ to = [\"reception\"] }}]"), "site.line.route.to"),
        (canonical, &format!("{canonical}\nroute = [{{ record = \"announce\" }}]"), "site.line.route.record"),
    ] {
        mistaken(right, wrong, key);
    }
}

#[test]
fn a_mistake_does_not_make_what_refers_to_it_a_mistake() {
    mistaken("number = \"+12125550190\"", &format!("number = {CANONICAL:?}"), "site.static.number");
    mistaken("canonical = \"+12125550100\"", "canonical = \"212-555\"", "site.line.canonical");
    mistaken("country = \"US\"", "country = \"USA\"", "site.country");
}

#[test]
fn a_static_numbers_channel_must_be_one_that_there_is() {
    mistaken(
        "name = \"flyer\"",
        "name = \"flyer\"\nsource = { channel = \"Wheels\" }",
        "site.static.source.channel",
    );
}

#[test]
fn two_sites_of_one_name_or_one_host_are_an_error() {
    let site = |name: &str, host: &str| {
        format!(
            "[[site]]\nname = {name:?}\nhosts = [{host:?}]\norigin = \"http://127.0.0.1:9\"\n\
             [[site.line]]\nname = \"main\"\ncanonical = \"+12125550103\"\n"
        )
    };
    assert!(check(&usual().more(&site("other", "other.example.com")).to_toml()).is_empty());
    for (more, key) in [
        (site("other", "WWW.example.com"), "site.hosts"),
        (site("plumber", "other.example.com"), "site.name"),
    ] {
        let findings = check(&usual().more(&more).to_toml());
        let keys: Vec<_> = findings.iter().map(|finding| (finding.severity, finding.key.as_str())).collect();
        assert_eq!(keys, [(Severity::Error, key)], "{findings:#?}");
    }
}

#[test]
fn a_rule_that_can_never_match_is_a_warning_for_the_site_works_without_it() {
    for rules in [
        "[[site.rule]]\nwhen = { channel = \"Paid Serach\" }\nshow = [\"pool:ads\"]\n",
        "[[site.rule]]\nwhen = { medium = \"!*\" }\nshow = [\"pool:ads\"]\n",
        "[[site.rule]]\nwhen = { medium = [] }\nshow = [\"pool:ads\"]\n",
        "[[site.rule]]\nshow = [\"pool:ads\"]\n[[site.rule]]\nwhen = { medium = \"x\" }\nshow = [\"static:flyer\"]\n",
        "[[site.rule]]\nwhen = { medium = \"c*\" }\nshow = [\"pool:ads\"]\n\
         [[site.rule]]\nwhen = { medium = [\"cpc\", \"cpm\"] }\nshow = [\"static:flyer\"]\n",
    ] {
        let findings = check(&usual().rules(rules).to_toml());
        assert_eq!(findings.len(), 1, "{rules}: {findings:#?}");
        assert_eq!(findings[0].severity, Severity::Warning);
        assert!(findings[0].message.contains("never match"), "{findings:#?}");
    }
}

#[test]
fn a_site_that_react_takes_over_is_warned_of_numbers_in_another_form() {
    let react = || usual().site("hydration = \"react\"");
    assert!(check(&react().to_toml()).is_empty());
    let found = check(&react().to_toml().replace("+16465550002", "+442079460100"));
    let warned =
        |finding: &&Finding| finding.severity == Severity::Warning && finding.key == "site.hydration";
    assert!(found.iter().find(warned).unwrap().message.contains("+442079460100"), "{found:?}");
    let observed = usual().site("hydration = \"observe\"").to_toml().replace("+16465550002", "+442079460100");
    assert!(check(&observed).is_empty());
}

#[test]
fn what_is_not_built_yet_is_said_and_not_passed_over() {
    let findings = check(&usual().server("old_secrets = [{ env = \"OLD\" }]").to_toml());
    let found = findings.iter().find(|finding| finding.key == "server.old_secrets").expect("it is said");
    assert!(found.severity == Severity::Error && found.message.contains("this version"), "{found}");
}

#[test]
fn what_is_no_toml_is_told_by_its_line() {
    let findings = check("[server]\nlisten = [\"127.0.0.1:0\"\n[[site]]\nname = \n");
    assert!(!findings.is_empty());
    let at_its_line =
        |finding: &Finding| finding.severity == Severity::Error && (2..=4).contains(&finding.line);
    assert!(findings.iter().all(at_its_line), "{findings:#?}");
}

#[test]
fn the_schema_is_json_and_needs_no_configuration() {
    let outcome = run(&["check", "--schema"], b"");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    let schema: Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["additionalProperties"], false, "unknown keys are errors");
    for key in ["server", "site", "log"] {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
}
