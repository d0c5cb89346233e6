//! What is wrong with the ledger's file is said at start, and what to do about it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

use crate::support::{
    AD, Edge, Ledger, Outcome, Visitor, command, number_on, plumber, readiness, run_to_its_end, tracking,
    unprivileged,
};

/// A ledger that was written to, and lies still.
fn stopped() -> Edge {
    let (_origin, mut edge) = plumber(|config| config);
    for _ in 0..4 {
        number_on(&Visitor::at(&edge).open(AD).text());
    }
    edge.stop();
    edge
}

fn file(edge: &Edge) -> PathBuf {
    edge.folder().join("ledger.db")
}

fn serve(mut program: Command, edge: &Edge) -> Outcome {
    program.arg("serve").arg("--config").arg(edge.config());
    run_to_its_end(program, b"")
}

/// It names the file, what is wrong, and the remedy.
fn is_refused(outcome: &Outcome, words: &[&str]) {
    assert_eq!(outcome.status, 1, "{outcome:?}");
    let said = ["ledger.db"].iter().chain(words).all(|word| outcome.stderr.contains(word));
    assert!(said && !outcome.stderr.contains("listening"), "{words:?}: {}", outcome.stderr);
}

fn overwrite(edge: &Edge, from: u64, to: u64) {
    let file = fs::OpenOptions::new().write(true).open(file(edge)).unwrap();
    file.write_all_at(&vec![0xA5; usize::try_from(to - from).unwrap()], from).unwrap();
}

#[test]
fn a_damaged_one_is_named_with_the_remedy() {
    for (from, to, words) in [
        (0, 16, &["not a database", "put a backup in its place"][..]),
        // The page that tells of the tables, behind the file's header.
        (100, 4096, &["malformed", "damaged", "put a backup in its place"]),
        // All that is behind it.
        (4096, u64::MAX, &["malformed", "damaged", "put a backup in its place"]),
    ] {
        let edge = stopped();
        overwrite(&edge, from, to.min(fs::metadata(file(&edge)).unwrap().len()));
        is_refused(&serve(command(), &edge), words);
    }
}

#[test]
fn one_whose_leases_alone_are_damaged_is_named_too() {
    let edge = stopped();
    let root = Ledger::of(&edge).root_of("lease_number");
    overwrite(&edge, (root - 1) * 4096, root * 4096);
    is_refused(&serve(command(), &edge), &["malformed", "put a backup in its place"]);
}

#[test]
fn one_that_was_cut_off_is_named_with_the_remedy() {
    let edge = stopped();
    let ledger = fs::OpenOptions::new().write(true).open(file(&edge)).unwrap();
    ledger.set_len(2 * 4096).unwrap();
    is_refused(&serve(command(), &edge), &["malformed", "put a backup in its place"]);
}

#[test]
fn something_else_is_left_as_it_is() {
    let edge = stopped();
    fs::remove_file(file(&edge)).unwrap();
    let text = "this is no database, but a text ".repeat(200);
    fs::write(file(&edge), &text).unwrap();
    is_refused(&serve(command(), &edge), &["not a database", "name another file as [server] ledger"]);
    assert_eq!(fs::read_to_string(file(&edge)).unwrap(), text);
    for version in [0, 1, 99] {
        fs::remove_file(file(&edge)).unwrap();
        Ledger::of(&edge).execute(&format!("CREATE TABLE meta (a); PRAGMA user_version = {version}"));
        let before = fs::read(file(&edge)).unwrap();
        let words = ["database of another program", "name another file as [server] ledger"];
        is_refused(&serve(command(), &edge), &words);
        assert_eq!(fs::read(file(&edge)).unwrap(), before);
    }
    fs::remove_file(file(&edge)).unwrap();
    fs::create_dir(file(&edge)).unwrap();
    is_refused(&serve(command(), &edge), &["must be allowed to write"]);
}

#[test]
fn one_that_may_not_be_written_is_named_with_the_remedy() {
    let edge = stopped();
    fs::set_permissions(file(&edge), Permissions::from_mode(0o400)).unwrap();
    is_refused(&serve(unprivileged(), &edge), &["can't be written", "must be allowed to write"]);
    fs::set_permissions(file(&edge), Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(edge.folder(), Permissions::from_mode(0o500)).unwrap();
    is_refused(&serve(unprivileged(), &edge), &["must be allowed to write", "new ones in its folder"]);
    fs::set_permissions(edge.folder(), Permissions::from_mode(0o700)).unwrap();
    fs::remove_file(edge.folder().join("ledger.db.lock")).unwrap();
    fs::set_permissions(edge.folder(), Permissions::from_mode(0o500)).unwrap();
    is_refused(&serve(unprivileged(), &edge), &["ledger.db.lock", "must exist and be writable"]);
    fs::set_permissions(edge.folder(), Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_disk_without_room_is_said_to_be_the_reason() {
    let mut edge = stopped();
    let mut shell = Command::new("prlimit");
    shell.args(["--fsize=0:", "--"]).arg(command().get_program());
    is_refused(&serve(shell, &edge), &["disk", "the system's log says more"]);
    edge.start_again();
    assert_eq!(readiness(&edge).0, "200", "nothing was spoilt");
    assert!(Ledger::of(&edge).is_whole());
}

#[test]
fn one_that_another_program_holds_is_said_to_be_held() {
    let edge = stopped();
    let other = Ledger::of(&edge);
    other.hold();
    is_refused(&serve(command(), &edge), &["locked", "another program holds it"]);
}

#[test]
fn a_second_one_by_another_name_for_the_same_file_is_refused() {
    let (_origin, edge) = plumber(|config| config);
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(file(&edge), elsewhere.path().join("link.db")).unwrap();
    let config = fs::read_to_string(edge.config()).unwrap().replace("sqlite:ledger.db", "sqlite:link.db");
    let secret = edge.folder().join("secret");
    let config = config.replace("{ file = \"secret\" }", &format!("{{ file = {secret:?} }}"));
    fs::write(elsewhere.path().join("dni-edge.toml"), config).unwrap();
    let mut second = command();
    second.arg("serve").arg("--config").arg(elsewhere.path().join("dni-edge.toml"));
    let outcome = run_to_its_end(second, b"");
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains("in use by another dni-edge"), "{}", outcome.stderr);
    assert_eq!(number_on(&Visitor::at(&edge).open(AD).text()), tracking(0), "the first goes on");
}
