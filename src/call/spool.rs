//! What carriers tell while the ledger can't be written: kept in a file of its own, and folded in once the ledger takes it.
//!
//! The file only grows, a line a message, until all of it is in the ledger; then it is empty. Where it can't be written either, what
//! comes is kept in memory. What is beyond its size is lost, and counted.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

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
    bytes: u64,
    /// What the file did not take.
    memory: Vec<Waiting>,
    memory_bytes: u64,
}

impl Spool {
    /// The one at this path: what an earlier process left there waits still.
    pub fn at(path: PathBuf, limit: u64, dropped: IntCounter) -> Self {
        let held = Held { bytes: std::fs::metadata(&path).map_or(0, |file| file.len()), ..Held::default() };
        Spool { path, limit, held: Mutex::new(held), dropped }
    }

    /// Keeps a message. It is on disk when this returns, where the disk takes it.
    pub fn keep(&self, waiting: Waiting) {
        let Ok(mut line) = serde_json::to_vec(&waiting) else { return };
        line.push(b'\n');
        let bytes = line.len() as u64;
        let mut held = self.held.lock();
        if held.bytes + held.memory_bytes + bytes > self.limit {
            self.dropped.inc();
            tracing::error!(
                "a message about a call is lost: the ledger can't be written, and {} is full ([ledger] spool)",
                self.path.display()
            );
            return;
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

    fn append(&self, held: &mut Held, line: &[u8]) -> std::io::Result<()> {
        let end = held.bytes;
        let file = self.file(held)?;
        // What was cut off by an end of the process is written over.
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
        let bytes = held.bytes;
        let mut text = Vec::new();
        if bytes > 0 {
            let file = self.file(&mut held)?;
            file.seek(SeekFrom::Start(0))?;
            file.take(bytes).read_to_end(&mut text)?;
        }
        // A line that a crash cut off is no message.
        let lines = text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
        let mut all: Vec<Waiting> = lines.collect();
        all.extend(held.memory.iter().cloned());
        Ok((all, End { bytes, memory: held.memory.len() }))
    }

    /// Takes out what tells of a caller: calls that rang, and what was told of these.
    pub fn remove(&self, caller: CallerHash, calls: &[CallId]) -> std::io::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let (all, end) = self.read()?;
        let rang = |waiting: &Waiting| match waiting {
            Waiting::Rang { ring, .. } if ring.call.caller == Some(caller) => Some(ring.call.id),
            _ => None,
        };
        let theirs: HashSet<CallId> = all.iter().filter_map(rang).chain(calls.iter().copied()).collect();
        let is_theirs = |waiting: &Waiting| match waiting {
            Waiting::Rang { ring, .. } => theirs.contains(&ring.call.id),
            Waiting::Event(event) => theirs.contains(&event.call),
        };
        self.forget(end)?;
        all.into_iter().filter(|waiting| !is_theirs(waiting)).for_each(|waiting| self.keep(waiting));
        Ok(())
    }

    /// Forgets what was read, for the ledger has it. What came since waits on.
    pub fn forget(&self, end: End) -> std::io::Result<()> {
        let mut held = self.held.lock();
        held.memory.drain(..end.memory);
        held.memory_bytes = if held.memory.is_empty() { 0 } else { held.memory_bytes };
        if end.bytes == 0 {
            return Ok(());
        }
        let later = held.bytes.saturating_sub(end.bytes);
        let file = self.file(&mut held)?;
        let mut rest = Vec::new();
        file.seek(SeekFrom::Start(end.bytes))?;
        file.take(later).read_to_end(&mut rest)?;
        // Whoever ends in between finds messages twice, which is once: each has its key.
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&rest)?;
        file.set_len(rest.len() as u64)?;
        file.sync_data()?;
        held.bytes = rest.len() as u64;
        Ok(())
    }
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
        assert_eq!(spool(path, 10_000).read().unwrap().0, [event(1)]);
    }
}
