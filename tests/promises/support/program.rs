//! The real program while it runs, and what it says.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

use super::GUARD;
use super::command::command;

/// A running program. It is killed when it is dropped.
pub struct Program {
    child: Mutex<Child>,
    /// Of standard output and standard error.
    lines: Mutex<Receiver<String>>,
}

impl Program {
    pub fn start<A: AsRef<OsStr>>(arguments: &[A]) -> Self {
        let mut command = command();
        command.args(arguments);
        Program::spawn(command)
    }

    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (send, lines) = channel();
        tell(child.stdout.take().unwrap(), send.clone());
        tell(child.stderr.take().unwrap(), send);
        Program { child: Mutex::new(child), lines: Mutex::new(lines) }
    }

    /// Waits until it says this, and gives the line.
    pub fn says(&self, words: &str) -> String {
        let mut said = Vec::new();
        loop {
            match self.next_line() {
                Ok(line) if line.contains(words) => return line,
                Ok(line) => said.push(line),
                Err(error) => {
                    let ended = self.child.lock().unwrap().try_wait();
                    panic!("{words:?} was not said ({error}, {ended:?}), but: {said:#?}");
                }
            }
        }
    }

    /// Of its process.
    pub fn id(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// The memory that it has now, in bytes.
    pub fn memory(&self) -> usize {
        self.in_its_status("VmRSS:")
    }

    /// The most memory that it has had at once so far, in bytes.
    pub fn peak_memory(&self) -> usize {
        self.in_its_status("VmHWM:")
    }

    /// From here on the most is told of what comes.
    pub fn forget_peak_memory(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.id()), "5").expect("Linux lets who started it");
    }

    fn in_its_status(&self, name: &str) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux tells");
        line.trim_end_matches(" kB").trim().parse::<usize>().unwrap() << 10
    }

    /// From here on its files grow no further than so many bytes: what writes past them fails, as on a full disk. None: as far
    /// as they like.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = bytes.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
        let id = self.id().to_string();
        let set = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={limit}:")]).status();
        assert!(set.expect("util-linux is there").success());
    }

    /// Tells it to end.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Tells it to read its configuration again.
    pub fn hang_up(&self) {
        self.signal("HUP");
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.id());
        assert!(Command::new("sh").arg("-c").arg(kill).status().unwrap().success());
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        loop {
            match self.next_line() {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return self.child.get_mut().unwrap().wait().unwrap(),
                Err(RecvTimeoutError::Timeout) => panic!("it has not ended"),
            }
        }
    }

    /// Ends it as a power cut would.
    pub fn kill_9(&mut self) {
        let child = self.child.get_mut().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn next_line(&self) -> Result<String, RecvTimeoutError> {
        self.lines.lock().unwrap().recv_timeout(GUARD)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill_9();
    }
}

/// Tells each line to whoever listens; reads on when nobody does, for who is not read from stands still.
fn tell(output: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = to.send(line);
        }
    });
}
