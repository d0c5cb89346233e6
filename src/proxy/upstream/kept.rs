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

#[cfg(test)]
mod tests {
    use hyper::client::conn::{http1, http2};
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use tokio::io::DuplexStream;

    use super::*;

    /// A connection that can carry a request, and its other end.
    async fn alone() -> (Connection, DuplexStream) {
        let (here, there) = tokio::io::duplex(1024);
        let (mut sender, driver) = http1::handshake(TokioIo::new(here)).await.unwrap();
        tokio::spawn(driver);
        sender.ready().await.unwrap();
        (Connection::alone(sender), there)
    }

    async fn shared() -> (Connection, DuplexStream) {
        let (here, there) = tokio::io::duplex(1024);
        let (sender, driver) = http2::handshake(TokioExecutor::new(), TokioIo::new(here)).await.unwrap();
        tokio::spawn(driver);
        (Connection::shared(sender), there)
    }

    #[tokio::test]
    async fn no_more_than_so_many_are_kept() {
        let (kept, mut ends) = (Kept::default(), Vec::new());
        for _ in 0..MOST + 10 {
            let (connection, end) = alone().await;
            kept.put_back(connection);
            ends.push(end);
        }
        assert_eq!(std::iter::from_fn(|| kept.take(None)).count(), MOST);
    }

    #[tokio::test]
    async fn one_that_is_closed_or_old_is_not_used_again() {
        let kept = Kept::default();
        let (connection, end) = alone().await;
        drop(end);
        while connection.is_open() {
            tokio::task::yield_now().await;
        }
        kept.put_back(connection);
        assert!(kept.take(None).is_none());
        let (connection, _end) = alone().await;
        kept.put_back(connection.made_long_ago());
        assert!(kept.take(None).is_none());
        let (connection, _end) = shared().await;
        kept.share(&connection.made_long_ago());
        assert!(kept.take(None).is_none());
        kept.sweep();
        assert!(kept.shared.lock().is_empty() && kept.idle.lock().is_empty());
    }

    #[tokio::test]
    async fn one_that_was_made_before_the_trouble_does_not_help() {
        let (kept, ends) = (Kept::default(), [alone().await, alone().await]);
        for (connection, _) in ends {
            kept.put_back(connection);
        }
        assert!(kept.take(None).is_some() && kept.take(Some(Instant::now())).is_none());
    }

    #[tokio::test]
    async fn so_many_share_one_and_no_more() {
        let kept = Kept::default();
        let (connection, _end) = shared().await;
        kept.share(&connection);
        let more: Vec<_> = std::iter::from_fn(|| kept.take(None)).collect();
        assert_eq!(more.len(), 99, "with the one who made it: a hundred");
        drop(connection);
        assert!(kept.take(None).is_some());
        assert!(more.iter().all(|connection| connection.reused));
    }
}
