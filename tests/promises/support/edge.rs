//! The real program, serving.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use super::carrier::SECRET;
use super::command::command;
use super::config::Config;
use super::program::Program;

/// A `serve` on a free port, with a folder of its own.
pub struct Edge {
    program: Program,
    address: SocketAddr,
    /// The first that the program listens on for TLS.
    secure: OnceLock<SocketAddr>,
    admin: SocketAddr,
    folder: TempDir,
}

impl Edge {
    pub fn start(config: &Config) -> Self {
        Edge::start_as(config, command())
    }

    /// The same with the program as that command starts it.
    pub fn start_as(config: &Config, program: Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dni-edge.toml");
        std::fs::write(&file, config.to_toml()).unwrap();
        std::fs::write(folder.path().join("carrier-secret"), SECRET).unwrap();
        let (program, admin, address) = serve(program, &file);
        Edge { program, address, secure: OnceLock::new(), admin, folder }
    }

    /// Starts again on the same folder, once the process has ended.
    pub fn start_again(&mut self) {
        self.start_again_as(command());
    }

    /// The same with the program as that command starts it.
    pub fn start_again_as(&mut self, program: Command) {
        self.secure = OnceLock::new();
        (self.program, self.admin, self.address) = serve(program, &self.config());
    }

    /// Ends in order.
    pub fn stop(&mut self) {
        self.terminate();
        assert!(self.ended().success());
    }

    /// Goes on with another configuration.
    pub fn reload(&self, config: &Config) {
        std::fs::write(self.config(), config.to_toml()).unwrap();
        self.hang_up();
        self.says("reloaded");
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for TLS, as the configuration must say.
    pub fn secure(&self) -> SocketAddr {
        *self.secure.get_or_init(|| address_in(&self.says("dni-edge listening on https://")))
    }

    /// Where operators ask.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("dni-edge.toml")
    }
}

/// The program, where operators ask it, and where visitors do.
fn serve(mut command: Command, config: &Path) -> (Program, SocketAddr, SocketAddr) {
    command.arg("serve").arg("--config").arg(config);
    let program = Program::spawn(command);
    let [admin, address] = ["dni-edge admin on http://", "dni-edge listening on http://"]
        .map(|words| address_in(&program.says(words)));
    (program, admin, address)
}

fn address_in(line: &str) -> SocketAddr {
    line.rsplit('/').next().unwrap().parse().unwrap()
}

impl Deref for Edge {
    type Target = Program;

    fn deref(&self) -> &Program {
        &self.program
    }
}

impl DerefMut for Edge {
    fn deref_mut(&mut self) -> &mut Program {
        &mut self.program
    }
}
