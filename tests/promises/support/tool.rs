//! Programs of other people that the tests ask: parsers of structured data, a browser. `tests/run` installs them.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use super::GUARD;

/// A program that answers each line of JSON with one. It ends when nothing more can come, with the tests at the latest.
pub struct Tool {
    child: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
    script: &'static str,
}

impl Tool {
    /// Starts a script of `tests/tools`. Where something that it needs is missing, that is said, and there is none; with `CI`
    /// set it fails.
    pub fn start(
        interpreter: &str,
        script: &'static str,
        arguments: &[&str],
        needs: &[&Path],
    ) -> Option<Self> {
        if !needs.iter().all(|path| is_installed(script, path)) {
            return None;
        }
        let mut command = Command::new(interpreter);
        command.arg(Tool::folder().join(script)).args(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{interpreter}: {error}"));
        let (send, answers) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Some(Tool { questions: child.stdin.take().unwrap(), child, answers, script })
    }

    /// A file of a package whose data the tests read; none where it is missing, likewise.
    pub fn data(path: &str) -> Option<Value> {
        let path = Tool::folder().join("node_modules").join(path);
        let text = is_installed("this test", &path).then(|| std::fs::read_to_string(&path).unwrap())?;
        Some(serde_json::from_str(&text).unwrap())
    }

    /// Where the scripts stand, and what they need.
    pub fn folder() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tools")
    }

    pub fn ask(&mut self, question: &Value) -> Value {
        let asked = writeln!(self.questions, "{question}");
        // A browser has to start first, on a machine that is busy with other tests.
        let answer = asked.ok().and_then(|()| self.answers.recv_timeout(3 * GUARD).ok());
        let ended = self.child.try_wait();
        let answer = answer.unwrap_or_else(|| panic!("{} does not answer ({ended:?})", self.script));
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{}: {error}: {answer}", self.script))
    }
}

/// Whether it is there. Where not, that is said; with `CI` set it fails.
pub fn is_installed(who: &str, path: &Path) -> bool {
    if path.exists() {
        return true;
    }
    let missing = format!("{who} needs {}, which tests/run installs", path.display());
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    // Past the test harness, which keeps what passing tests print.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {missing}");
    false
}
