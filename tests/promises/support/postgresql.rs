//! A real PostgreSQL, for those who test: their own, or one for all tests of the process.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// Longer than a server takes that starts while much else runs.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server. It ends with this, and with the process at the latest.
pub struct Postgres {
    program: Mutex<Program>,
    url: String,
    authority: Option<String>,
    databases: AtomicUsize,
}

struct Program {
    child: Child,
    words: Option<ChildStdin>,
    said: Receiver<String>,
}

impl Postgres {
    pub fn start() -> Self {
        Postgres::with(&[])
    }

    /// One that takes connections over TLS alone.
    pub fn with_tls() -> Self {
        Postgres::with(&["--tls"])
    }

    /// One for all who do nothing to it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Postgres::start)
    }

    fn with(arguments: &[&str]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/postgres.py");
        let mut command = Command::new("python3");
        command.arg(script).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (send, said) = channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| send.send(line)));
        let program = Program { words: child.stdin.take(), child, said };
        let mut authority = None;
        let url = loop {
            match program.says().split_once(' ') {
                Some(("ready", url)) => break url.to_owned(),
                Some(("ca", file)) => authority = Some(file.to_owned()),
                said => panic!("{said:?}"),
            }
        };
        Postgres { program: Mutex::new(program), url, authority, databases: AtomicUsize::new(0) }
    }

    /// The address of a database that nobody has used.
    pub fn database(&self) -> String {
        let name = format!("dni_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.program.lock().unwrap().obeys(&format!("database {name}"));
        format!("{}/{name}", self.url)
    }

    /// The same database behind a PgBouncer of this `pool_mode`, which keeps no prepared statements.
    pub fn behind_bouncer(&self, mode: &str, database: &str) -> String {
        let url = self.program.lock().unwrap().obeys(&format!("bouncer {mode}"));
        format!("{url}/{}", database.rsplit('/').next().unwrap())
    }

    /// The file of the authority that signed the server's certificate.
    pub fn authority(&self) -> &str {
        self.authority.as_deref().expect("it speaks TLS")
    }

    /// It is gone at once, as in a crash, and back.
    pub fn restart(&self) {
        self.program.lock().unwrap().obeys("restart");
    }

    /// All its processes are gone, and nobody tidied up.
    pub fn kill_9(&self) {
        self.program.lock().unwrap().obeys("kill");
    }

    pub fn stop(&self) {
        self.program.lock().unwrap().obeys("stop");
    }

    pub fn start_again(&self) {
        self.program.lock().unwrap().obeys("start");
    }

    /// It answers nobody, and lets go of nobody.
    pub fn pause(&self) {
        self.program.lock().unwrap().obeys("pause");
    }

    pub fn resume(&self) {
        self.program.lock().unwrap().obeys("resume");
    }
}

impl Program {
    fn obeys(&mut self, word: &str) -> String {
        writeln!(self.words.as_mut().expect("until it ends"), "{word}").unwrap();
        let said = self.says();
        said.strip_prefix("done").unwrap_or_else(|| panic!("{said}")).trim().to_owned()
    }

    fn says(&self) -> String {
        self.said.recv_timeout(PATIENCE).expect("PostgreSQL runs")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Nobody is left who could write to it.
        drop(self.words.take());
        let _ = self.child.wait();
    }
}
