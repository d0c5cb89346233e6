//! Programs of other people that the tests ask: parsers of structured data, a browser. `tests/run` installs them.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use super::GUARD;

/// A program that answers each line of JSON with one. It ends with the tests, when nothing more can come.
pub struct Tool {
    child: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
    script: &'static str,
}

impl Tool {
    /// Starts a script of `tests/tools`. Where it can't be, that is said, and none is given; with `CI` set the test fails.
    pub fn start(interpreter: &str, script: &'static str) -> Option<Self> {
        let folder = Tool::folder();
        let installed =
            ["venv/installed", "node_modules/installed"].iter().all(|mark| folder.join(mark).exists());
        if !installed {
            assert!(std::env::var_os("CI").is_none(), "tests/run installs what {script} needs");
            eprintln!(
                "SKIPPED: {script} is not asked, for what it needs is not there; tests/run installs it"
            );
            return None;
        }
        let mut command = Command::new(interpreter);
        command.arg(folder.join(script)).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{interpreter}: {error}"));
        let (send, answers) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Some(Tool { questions: child.stdin.take().unwrap(), child, answers, script })
    }

    /// Where the scripts stand, and what they need.
    pub fn folder() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tools")
    }

    pub fn ask(&mut self, question: &Value) -> Value {
        let asked = writeln!(self.questions, "{question}");
        let answer = asked.ok().and_then(|()| self.answers.recv_timeout(GUARD).ok());
        let ended = self.child.try_wait();
        let answer = answer.unwrap_or_else(|| panic!("{} does not answer ({ended:?})", self.script));
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{}: {error}: {answer}", self.script))
    }
}
