//! The connections to an origin that are kept for requests to come: few, for a short time, and none that is old.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::connection::Connection;

/// An idle connection is closed before common origins close it: Node waits 5 seconds.
const IDLE: Duration = Duration::from_secs(4);

/// More than so many are not kept, however many there were at once.
const MOST: usize = 256;

/// Those that nobody uses are looked for this often.
pub(super) const SWEEP: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Kept {
    /// Of HTTP/1.1, with when each was put back: the last one last.
    idle: Mutex<Vec<(Connection, Instant)>>,
    /// Of HTTP/2, whoever else uses them.
    shared: Mutex<Vec<Connection>>,
    /// Held by whoever makes one to be shared: the others wait for it.
    pub making: tokio::sync::Mutex<()>,
}

impl Kept {
    /// One that a request can be sent over now, made no earlier than that.
    pub fn take(&self, since: Option<Instant>) -> Option<Connection> {
        let shared = self.shared.lock();
        let usable =
            shared.iter().find(|connection| connection.is_usable() && connection.is_made_since(since));
        if let Some(connection) = usable {
            return connection.share();
        }
        drop(shared);
        let mut idle = self.idle.lock();
        while let Some((connection, put_back)) = idle.pop() {
            if connection.is_usable() && put_back.elapsed() < IDLE && connection.is_made_since(since) {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps one that nobody uses any more.
    pub fn put_back(&self, connection: Connection) {
        let mut idle = self.idle.lock();
        if idle.len() < MOST {
            idle.push((connection, Instant::now()));
        }
    }

    /// Lets others use one beside whoever has made it, where they can.
    pub fn share(&self, connection: &Connection) {
        self.shared.lock().extend(connection.share());
    }

    /// Closes what has not been used for too long, and what is too old.
    pub fn sweep(&self) {
        self.idle.lock().retain(|(connection, put_back)| connection.is_open() && put_back.elapsed() < IDLE);
        self.shared.lock().retain(Connection::is_open);
    }
}
