//! The commands: what they print, and how they end. 0: done; 1: failed, or `check` found an error; 2: wrong usage.

mod attribute;
mod check;
mod check_pages;
mod classify;
mod demo;
mod erasing;
mod explain;
mod keeping;
mod plan;
mod rewrite;
mod serve;

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Edge, Outcome, run};

/// A configuration file in a folder of its own.
struct File {
    folder: TempDir,
    path: PathBuf,
}

impl File {
    fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dni-edge.toml");
        std::fs::write(&path, text).unwrap();
        File { folder, path }
    }

    fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }
}

/// A command on the configuration of a proxy that runs, or ran.
fn command(name: &str, edge: &Edge, more: &[&str]) -> Outcome {
    let config = edge.config();
    run(&[&[name, "--config", config.to_str().unwrap()], more].concat(), b"")
}

/// What a command that was done said, as JSON.
fn told(outcome: &Outcome) -> Value {
    assert_eq!(outcome.status, 0, "{outcome:?}");
    serde_json::from_slice(&outcome.stdout).unwrap()
}

/// The same of what was counted by kind: those kinds of which there was something.
fn counted(outcome: &Outcome) -> Value {
    let mut counted = told(outcome);
    counted.as_object_mut().unwrap().retain(|_, count| *count != 0);
    counted
}

/// A session as it is shown.
fn hex(session: [u8; 16]) -> String {
    session.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file among the fixtures.
fn fixture(name: &str) -> String {
    format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_right() {
    for arguments in [
        &[][..],
        &["bogus"],
        &["serve"],
        &["check"],
        &["check", "--config"],
        &["rewrite", "--config", "x.toml"],
        &["rewrite", "--config", "x.toml", "--site", "plumber", "--chunk", "0"],
        &["explain", "--config", "x.toml"],
        &["attribute", "--config", "x.toml"],
        &["demo", "--port", "many"],
        &["serve", "--config", "x.toml", "--bogus"],
    ] {
        let outcome = run(arguments, b"");
        assert_eq!(outcome.status, 2, "{arguments:?}");
        assert!(outcome.stderr.contains("Usage:") || outcome.stderr.contains("--help"), "{outcome:?}");
        assert!(outcome.stdout.is_empty(), "results only on standard output");
    }
}

#[test]
fn version_and_help_end_with_0() {
    let version = run(&["--version"], b"");
    assert_eq!((version.status, version.text()), (0, concat!("dni-edge ", env!("CARGO_PKG_VERSION"), "\n")));
    let help = run(&["--help"], b"");
    assert_eq!(help.status, 0);
    let commands = [
        "serve",
        "check",
        "demo",
        "rewrite",
        "explain",
        "classify",
        "pools",
        "attribute",
        "backup",
        "erase",
        "plan",
    ];
    for command in commands {
        assert!(help.text().contains(command), "{command}");
    }
}

#[test]
fn a_configuration_that_is_not_there_or_wrong_ends_every_command_with_1() {
    let wrong = File::with("[server]\nlissten = [\"127.0.0.1:0\"]\n");
    let missing = wrong.folder.path().join("none.toml");
    for path in [wrong.path(), missing.to_str().unwrap()] {
        for arguments in [
            &["serve", "--config", path][..],
            &["check", "--config", path],
            &["rewrite", "--config", path, "--site", "plumber"],
            &["explain", "--config", path, "http://www.example.com/"],
            &["pools", "--config", path],
            &["attribute", "--config", path, "+12125550110"],
            &["plan", "--config", path],
            &["backup", "--config", path, "copy.db"],
            &["erase", "--config", path, "--session", &"07".repeat(16)],
        ] {
            let outcome = run(arguments, b"");
            assert_eq!(outcome.status, 1, "{arguments:?}");
            assert!([outcome.text(), &outcome.stderr].concat().contains(path), "{outcome:?}");
        }
    }
}
