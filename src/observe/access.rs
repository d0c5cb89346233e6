//! The access log, on its way to standard output: a thread writes it, so that no visitor waits for a disk or a pipe.
//!
//! What can't be written, or not as fast as it comes, is counted and dropped.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use parking_lot::Mutex;
use prometheus::IntCounter;

use super::line::Line;
use crate::config::Access;

/// The form of a line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Text,
    Json,
}

impl Form {
    /// None: there are no lines.
    pub fn of(access: Access) -> Option<Self> {
        match access {
            Access::Off => None,
            Access::Text => Some(Form::Text),
            Access::Json => Some(Form::Json),
        }
    }
}

/// So many lines may wait to be written.
const WAITING: usize = 4096;

/// So many bytes are written at once.
const AT_ONCE: usize = 64 << 10;

pub(super) struct AccessLog {
    /// None once it is closed.
    lines: Mutex<Option<SyncSender<(Form, Line)>>>,
    /// Disconnected once all is written.
    written: Mutex<Receiver<()>>,
    dropped: IntCounter,
}

impl AccessLog {
    pub fn to_standard_output(dropped: IntCounter) -> Self {
        // Its own handle, without std's buffer: what can't be written must not be kept there.
        let output = io::stdout().as_fd().try_clone_to_owned().map(File::from);
        match output {
            Ok(output) => AccessLog::to(output, dropped),
            Err(_) => AccessLog::to(io::sink(), dropped),
        }
    }

    fn to(output: impl Write + Send + 'static, dropped: IntCounter) -> Self {
        let (lines, to_write) = sync_channel(WAITING);
        let (done, written) = sync_channel(1);
        let mut writer = Writer { output, is_torn: false, dropped: dropped.clone() };
        std::thread::spawn(move || {
            writer.write_all_of(&to_write);
            drop(done);
        });
        AccessLog { lines: Mutex::new(Some(lines)), written: Mutex::new(written), dropped }
    }

    /// Hands a line to be written. Never waits.
    pub fn write(&self, form: Form, line: Line) {
        let lost = match &*self.lines.lock() {
            Some(lines) => match lines.try_send((form, line)) {
                Ok(()) => false,
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => true,
            },
            None => true,
        };
        if lost {
            self.dropped.inc();
        }
    }

    /// Writes what waits, for so long at most. Blocks.
    pub fn close(&self, patience: Duration) {
        drop(self.lines.lock().take());
        // Nothing is sent there: what ends the wait is that the writer has ended, or patience.
        let _ = self.written.lock().recv_timeout(patience);
    }
}

struct Writer<W> {
    output: W,
    /// The last line that was written has no end.
    is_torn: bool,
    dropped: IntCounter,
}

impl<W: Write> Writer<W> {
    fn write_all_of(&mut self, lines: &Receiver<(Form, Line)>) {
        let mut text = Vec::with_capacity(AT_ONCE);
        while let Ok(first) = lines.recv() {
            text.clear();
            let mut count = 0;
            let more = std::iter::from_fn(|| lines.try_recv().ok());
            for (form, line) in std::iter::once(first).chain(more) {
                write_line(form, &line, &mut text);
                count += 1;
                if text.len() >= AT_ONCE {
                    break;
                }
            }
            self.write(&text, count);
        }
    }

    fn write(&mut self, text: &[u8], lines: u64) {
        if self.is_torn && self.output.write_all(b"\n").is_ok() {
            self.is_torn = false;
        }
        let mut written = 0;
        while written < text.len() {
            match self.output.write(&text[written..]) {
                Ok(0) => break,
                Ok(more) => written += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        if written > 0 {
            self.is_torn = text[written - 1] != b'\n';
        }
        if written < text.len() {
            let whole = text[..written].iter().filter(|byte| **byte == b'\n').count() as u64;
            self.dropped.inc_by(lines - whole);
        }
    }
}

fn write_line(form: Form, line: &Line, out: &mut Vec<u8>) {
    let _ = match form {
        Form::Json => serde_json::to_writer(&mut *out, line).map_err(io::Error::from),
        Form::Text => write!(out, "{line}"),
    };
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Takes so many bytes, and then no more until it is told so.
    #[derive(Clone, Default)]
    struct Disk(Arc<Mutex<(Vec<u8>, usize)>>);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (written, room) = &mut *self.0.lock();
            let taken = bytes.len().min(*room);
            if taken == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            written.extend(&bytes[..taken]);
            *room -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn dropped() -> IntCounter {
        IntCounter::new("dropped", "dropped").unwrap()
    }

    #[test]
    fn what_a_full_disk_does_not_take_is_counted_and_the_next_line_begins_anew() {
        let (disk, dropped) = (Disk::default(), dropped());
        let mut writer = Writer { output: disk.clone(), is_torn: false, dropped: dropped.clone() };
        disk.0.lock().1 = 8;
        writer.write(b"first\nsecond\nthird\n", 3);
        assert_eq!(dropped.get(), 2);
        writer.write(b"fourth\n", 1);
        assert_eq!(dropped.get(), 3);
        disk.0.lock().1 = 100;
        writer.write(b"fifth\n", 1);
        assert_eq!(String::from_utf8(disk.0.lock().0.clone()).unwrap(), "first\nse\nfifth\n");
        assert_eq!(dropped.get(), 3);
    }

    /// Takes nothing until it is let go.
    struct Pipe(Receiver<()>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_pipe_that_nobody_reads_holds_nobody_up() {
        let (_nobody_reads, pipe) = sync_channel(0);
        let (log, lines) = (AccessLog::to(Pipe(pipe), dropped()), 3 * WAITING);
        for _ in 0..lines {
            log.write(Form::Json, Line::default());
        }
        assert!(log.dropped.get() >= WAITING as u64, "{}", log.dropped.get());
        log.close(Duration::ZERO);
    }

    #[test]
    fn what_waits_is_written_before_the_end() {
        let (disk, dropped) = (Disk::default(), dropped());
        disk.0.lock().1 = usize::MAX;
        let log = AccessLog::to(disk.clone(), dropped);
        for _ in 0..100 {
            log.write(Form::Text, Line::default());
        }
        log.close(Duration::from_secs(20));
        assert_eq!(disk.0.lock().0.iter().filter(|byte| **byte == b'\n').count(), 100);
        log.write(Form::Text, Line::default());
        assert_eq!(log.dropped.get(), 1, "nobody writes it any more");
    }
}
