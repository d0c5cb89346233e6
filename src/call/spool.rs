//! What carriers tell while the ledger can't be written: kept in a file of its own, and folded in once the ledger takes it.
//!
//! The file only grows, a line a message, until all of it is in the ledger; then it is empty. Where it can't be written either, what
//! comes is kept in memory. What is beyond its size is lost, and counted. All of it waits for the disk: see
//! [`Archive::wait`](super::archive::Archive) for who may not.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use prometheus::IntCounter;
use serde::{Deserialize, Serialize};

use crate::ledger::{CallId, CallerHash, EventRecord, RingRecord};

/// Something that the ledger is to be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Waiting {
    /// A call that rang. Whose it is may have to be looked up yet.
    Rang {
        ring: Box<RingRecord>,
        is_attributed: bool,
    },
    Event(EventRecord),
}

pub(super) struct Spool {
    path: PathBuf,
    /// Bytes that it may take.
    limit: u64,
    held: Mutex<Held>,
    dropped: IntCounter,
}

#[derive(Default)]
struct Held {
    /// Opened with the first message.
    file: Option<File>,
    /// Of whole lines.
    bytes: u64,
    /// What the file did not take.
    memory: Vec<Waiting>,
    memory_bytes: u64,
}

impl Spool {
    /// The one at this path: what an earlier process left there waits still.
    pub fn at(path: PathBuf, limit: u64, dropped: IntCounter) -> Self {
        // A line that was cut off by an end of the process is no message, and is written over.
        let left = std::fs::read(&path).unwrap_or_default();
        let bytes = left.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end as u64 + 1);
        Spool { path, limit, held: Mutex::new(Held { bytes, ..Held::default() }), dropped }
    }

    /// Whether its folder takes files.
    ///
    /// # Errors
    /// Where it doesn't: what waits would be kept in memory, and gone with the process.
    pub fn probe(&self) -> std::io::Result<()> {
        let folder = self.path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        tempfile::tempfile_in(folder).map(drop)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a message. It is on disk when this returns, where the disk takes it.
    pub fn keep(&self, waiting: Waiting) {
        let Some(line) = line(&waiting) else { return };
        let bytes = line.len() as u64;
        let mut held = self.held.lock();
        if held.bytes + held.memory_bytes + bytes > self.limit {
            return self.lose(&format!("{} is full ([ledger] spool)", self.path.display()));
        }
        match self.append(&mut held, &line) {
            Ok(()) => held.bytes += bytes,
            Err(error) => {
                tracing::error!(
                    "{} can't be written either: {error}; what comes is kept in memory",
                    self.path.display()
                );
                held.memory_bytes += bytes;
                held.memory.push(waiting);
            }
        }
    }

    /// Takes note of a message that is lost.
    pub fn lose(&self, why: &str) {
        self.dropped.inc();
        tracing::error!("a message about a call is lost: {why}");
    }

    fn append(&self, held: &mut Held, line: &[u8]) -> std::io::Result<()> {
        let end = held.bytes;
        let file = self.file(held)?;
        file.seek(SeekFrom::Start(end))?;
        let written = file.write_all(line).and_then(|()| file.sync_data());
        if written.is_err() {
            let _ = file.set_len(end);
        }
        written
    }

    fn file<'h>(&self, held: &'h mut Held) -> std::io::Result<&'h mut File> {
        if held.file.is_none() {
            let mut open = OpenOptions::new();
            let file =
                open.read(true).write(true).create(true).truncate(false).mode(0o600).open(&self.path)?;
            held.file = Some(file);
        }
        Ok(held.file.as_mut().expect("it was just opened"))
    }

    pub fn is_empty(&self) -> bool {
        let held = self.held.lock();
        held.bytes == 0 && held.memory.is_empty()
    }

    /// All that waits, in the order in which it came, and where that ends.
    pub fn read(&self) -> std::io::Result<(Vec<Waiting>, End)> {
        let mut held = self.held.lock();
        let mut all = self.read_file(&mut held)?;
        all.extend(held.memory.iter().cloned());
        Ok((all, End { bytes: held.bytes, memory: held.memory.len() }))
    }

    fn read_file(&self, held: &mut Held) -> std::io::Result<Vec<Waiting>> {
        let bytes = held.bytes;
        let mut text = Vec::new();
        if bytes > 0 {
            let file = self.file(held)?;
            file.seek(SeekFrom::Start(0))?;
            file.take(bytes).read_to_end(&mut text)?;
        }
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let read = |line: &[u8]| match serde_json::from_slice(line) {
            Ok(waiting) => Some(waiting),
            Err(error) => {
                self.lose(&format!("a line of {} can't be read: {error}", self.path.display()));
                None
            }
        };
        Ok(lines.filter_map(read).collect())
    }

    /// Takes out what tells of a caller: calls that rang, and what was told of these. Nobody may be about to forget what they have
    /// read.
    pub fn remove(&self, caller: CallerHash, calls: &[CallId]) -> std::io::Result<()> {
        let mut held = self.held.lock();
        if held.bytes == 0 && held.memory.is_empty() {
            return Ok(());
        }
        let mut all = self.read_file(&mut held)?;
        let rang = |waiting: &Waiting| match waiting {
            Waiting::Rang { ring, .. } if ring.call.caller == Some(caller) => Some(ring.call.id),
            _ => None,
        };
        let of_memory = held.memory.iter().filter_map(rang);
        let theirs: HashSet<CallId> =
            all.iter().filter_map(rang).chain(of_memory).chain(calls.iter().copied()).collect();
        let is_others = |waiting: &Waiting| match waiting {
            Waiting::Rang { ring, .. } => !theirs.contains(&ring.call.id),
            Waiting::Event(event) => !theirs.contains(&event.call),
        };
        all.retain(is_others);
        held.memory.retain(is_others);
        let lines: Vec<u8> = all.iter().filter_map(line).flatten().collect();
        self.replace(&mut held, &lines)
    }

    /// Forgets what was read, for the ledger has it. What came since waits on.
    pub fn forget(&self, end: End) -> std::io::Result<()> {
        let mut held = self.held.lock();
        held.memory.drain(..end.memory);
        if held.memory.is_empty() {
            held.memory_bytes = 0;
        }
        if end.bytes == 0 {
            return Ok(());
        }
        let later = held.bytes - end.bytes;
        let file = self.file(&mut held)?;
        let mut rest = Vec::new();
        file.seek(SeekFrom::Start(end.bytes))?;
        file.take(later).read_to_end(&mut rest)?;
        self.replace(&mut held, &rest)
    }

    /// Has these lines in place of all others: at every instant the file is the one or the other.
    fn replace(&self, held: &mut Held, lines: &[u8]) -> std::io::Result<()> {
        if lines.is_empty() {
            let file = self.file(held)?;
            file.set_len(0)?;
            file.sync_data()?;
        } else {
            let mut name = self.path.clone().into_os_string();
            name.push(".new");
            let mut open = OpenOptions::new();
            let mut file = open.write(true).create(true).truncate(true).mode(0o600).open(&name)?;
            file.write_all(lines)?;
            file.sync_data()?;
            std::fs::rename(&name, &self.path)?;
            held.file = None;
        }
        held.bytes = lines.len() as u64;
        Ok(())
    }
}

fn line(waiting: &Waiting) -> Option<Vec<u8>> {
    let mut line = serde_json::to_vec(waiting).ok()?;
    line.push(b'\n');
    Some(line)
}

/// How far a spool was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    bytes: u64,
    memory: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn event(n: u8) -> Waiting {
        let body = vec![n; 40];
        Waiting::Event(EventRecord {
            call: CallId([n; 12]),
            key: format!("{n}"),
            received: Timestamp(5),
            body,
        })
    }

    fn spool(path: PathBuf, limit: u64) -> Spool {
        Spool::at(path, limit, IntCounter::new("dropped", "dropped").unwrap())
    }

    #[test]
    fn what_was_kept_is_there_after_a_restart_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        spool(path.clone(), 10_000).keep(event(1));
        let again = spool(path.clone(), 10_000);
        again.keep(event(2));
        let (all, end) = again.read().unwrap();
        assert_eq!(all, [event(1), event(2)]);
        again.keep(event(3));
        again.forget(end).unwrap();
        assert_eq!(spool(path, 10_000).read().unwrap().0, [event(3)]);
        again.forget(again.read().unwrap().1).unwrap();
        assert!(again.is_empty());
    }

    #[test]
    fn what_is_beyond_its_size_is_lost_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let spool = spool(folder.path().join("spool"), 400);
        (0..9).for_each(|n| spool.keep(event(n)));
        let kept = spool.read().unwrap().0.len() as u64;
        assert!(kept > 0 && kept < 9);
        assert_eq!(spool.dropped.get(), 9 - kept);
    }

    #[test]
    fn where_no_file_can_be_had_memory_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let spool = spool(folder.path().join("no folder").join("spool"), 10_000);
        spool.keep(event(1));
        let (all, end) = spool.read().unwrap();
        assert_eq!(all, [event(1)]);
        spool.forget(end).unwrap();
        assert!(spool.is_empty());
    }

    #[test]
    fn a_line_that_was_cut_off_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        spool(path.clone(), 10_000).keep(event(1));
        let whole = std::fs::metadata(&path).unwrap().len();
        spool(path.clone(), 10_000).keep(event(2));
        OpenOptions::new().write(true).open(&path).unwrap().set_len(whole + 9).unwrap();
        let again = spool(path, 10_000);
        assert_eq!(again.read().unwrap().0, [event(1)]);
        again.keep(event(3));
        assert_eq!(again.read().unwrap().0, [event(1), event(3)], "what comes behind it is whole");
    }

    #[test]
    fn a_line_that_cant_be_read_is_counted_and_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        std::fs::write(&path, "what is this?\n").unwrap();
        let spool = spool(path, 10_000);
        spool.keep(event(1));
        assert_eq!(spool.read().unwrap().0, [event(1)]);
        assert_eq!(spool.dropped.get(), 1);
    }

    #[test]
    fn what_tells_of_a_caller_is_taken_out_and_the_rest_waits_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        let kept = spool(path.clone(), 10_000);
        (1..4).for_each(|n| kept.keep(event(n)));
        kept.remove(CallerHash([7; 16]), &[CallId([2; 12])]).unwrap();
        kept.keep(event(4));
        assert_eq!(spool(path, 10_000).read().unwrap().0, [event(1), event(3), event(4)]);
    }
}
