//! A disk that can be filled and cleared while the program writes to it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Edge, Ledger, command, run_to_its_end};

/// What is said to the writer differs: there is no room, or the file must not grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// A file system of its own, of a megabyte.
    Small,
    /// A limit to the size of files.
    Limited,
}

impl Disk {
    /// Those that can be had: a container may not let its processes mount anything, which is no reason to test nothing.
    pub fn all() -> Vec<Self> {
        let mount = "mount -t tmpfs -o size=64k tmpfs /tmp";
        let mounted = Command::new("unshare").args(["-rm", "sh", "-c", mount]).output();
        match mounted.is_ok_and(|mounted| mounted.status.success()) {
            true => vec![Disk::Limited, Disk::Small],
            false => vec![Disk::Limited],
        }
    }

    /// Starts the stopped program again with its ledger on this disk.
    pub fn start(self, edge: &mut Edge) {
        fs::create_dir(edge.folder().join("disk")).unwrap();
        let config = fs::read_to_string(edge.config()).unwrap();
        fs::write(edge.config(), config.replace("sqlite:ledger.db", "sqlite:disk/ledger.db")).unwrap();
        match self {
            Disk::Limited => edge.start_again(),
            Disk::Small => {
                let mut shell = Command::new("unshare");
                let mount = "mount -t tmpfs -o size=1m tmpfs \"$0\"/disk && exec \"$@\"";
                shell.args(["-rm", "sh", "-c", mount]).arg(edge.folder()).arg(command().get_program());
                edge.start_again_as(shell);
            }
        }
    }

    /// The ledger as it is now: a copy, for what is mounted for the program alone is seen by nobody else.
    pub fn ledger(self, edge: &Edge) -> Ledger {
        let copy = edge.folder().join("copy.db");
        let _ = fs::remove_file(&copy);
        let mut program = match self {
            Disk::Limited => command(),
            Disk::Small => {
                let mut enter = Command::new("nsenter");
                enter.args([
                    "--user",
                    "--mount",
                    "--preserve-credentials",
                    "--target",
                    &edge.id().to_string(),
                ]);
                enter.arg(command().get_program());
                enter
            }
        };
        program.arg("backup").arg("--config").arg(edge.config()).arg(&copy);
        let outcome = run_to_its_end(program, b"");
        assert_eq!(outcome.status, 0, "{outcome:?}");
        Ledger::at(&copy)
    }

    pub fn fill(self, edge: &Edge) {
        match self {
            Disk::Limited => edge.limit_files(Some(0)),
            Disk::Small => {
                let mut filler = fs::File::create(filler(edge)).unwrap();
                while filler.write_all(&[0; 512]).is_ok() {}
            }
        }
    }

    pub fn clear(self, edge: &Edge) {
        match self {
            Disk::Limited => edge.limit_files(None),
            Disk::Small => fs::remove_file(filler(edge)).unwrap(),
        }
    }
}

/// A file on the small disk, as it is reached from outside.
fn filler(edge: &Edge) -> PathBuf {
    PathBuf::from(format!("/proc/{}/root{}/disk/filler", edge.id(), edge.folder().display()))
}
