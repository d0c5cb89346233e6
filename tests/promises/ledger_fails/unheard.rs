//! A disk that is full may be the one that standard error goes to: what can't be said ends nobody.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::support::{AD, Client, Edge, GUARD, PAGE, Program, Request, command, plumber};

/// Starts the stopped program again with its standard error in a file of its folder.
fn start(edge: &Edge, file: &Path) -> Program {
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" serve --config \"$1\" 2>\"$2\""]).arg(command().get_program());
    shell.arg(edge.config()).arg(file);
    Program::spawn(shell)
}

/// Waits until a file has a line with these words, and gives the address behind them.
fn address_in(file: &Path, words: &str) -> SocketAddr {
    let begun = Instant::now();
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        let lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        if let Some(address) = lines.filter_map(|line| line.strip_prefix(words)).next() {
            return address.parse().unwrap();
        }
        assert!(begun.elapsed() < GUARD, "{words:?} is not in {text:?}");
        std::thread::yield_now();
    }
}

#[test]
fn it_starts_where_standard_error_takes_nothing() {
    let (_origin, mut edge) = plumber(|config| config);
    edge.stop();
    let lock = edge.folder().join("ledger.db.lock");
    fs::remove_file(&lock).unwrap();
    let _program = start(&edge, Path::new("/dev/full"));
    // Other commands find it by this.
    let mut client = Client::connect(address_in(&lock, ""));
    client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(client.response("GET").status(), "200");
}

#[test]
fn the_ledger_is_written_again_although_its_trouble_could_not_be_told() {
    let (_origin, mut edge) = plumber(|config| config);
    edge.stop();
    let said = edge.folder().join("said");
    let program = start(&edge, &said);
    let address = address_in(&said, "dni-edge listening on http://");
    let visit = || Client::connect(address).exchange(&Request::navigation(AD)).text();
    program.limit_files(Some(0));
    assert_eq!(visit(), PAGE);
    program.limit_files(None);
    let begun = Instant::now();
    while visit() == PAGE {
        assert!(begun.elapsed() < GUARD);
    }
}
