//! The real program, run to its end.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use super::GUARD;

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Outcome {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Outcome {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }
}

pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dni-edge"));
    command.env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

/// The program as run by somebody whom permissions stop, which root is not.
pub fn unprivileged() -> Command {
    let program = command();
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return program;
    }
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set", "-dac_override,-dac_read_search", "--"]).arg(program.get_program());
    command.env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

pub fn run<A: AsRef<OsStr>>(arguments: &[A], stdin: &[u8]) -> Outcome {
    let mut command = command();
    command.args(arguments);
    run_to_its_end(command, stdin)
}

pub fn run_to_its_end(mut command: Command, stdin: &[u8]) -> Outcome {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (stdout, stderr) = (collect(child.stdout.take().unwrap()), collect(child.stderr.take().unwrap()));
    // Who fails early does not read.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let stdout = end_of(&mut child, &stdout);
    let stderr = String::from_utf8(end_of(&mut child, &stderr)).unwrap();
    let ended = child.wait().unwrap();
    let status = ended.code().unwrap_or_else(|| panic!("{ended}"));
    Outcome { status, stdout, stderr }
}

fn collect(mut from: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, collected) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        let _ = send.send(bytes);
    });
    collected
}

fn end_of(child: &mut Child, output: &Receiver<Vec<u8>>) -> Vec<u8> {
    output.recv_timeout(GUARD).unwrap_or_else(|_| {
        let _ = child.kill();
        panic!("the command has not ended")
    })
}
