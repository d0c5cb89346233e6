//! The sessions that are in memory: those of visitors who were here lately.

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use parking_lot::Mutex;

use super::session::{Session, SessionHash};
use crate::clock::Timestamp;

/// Sessions by their hash. What isn't here may still be in the ledger.
#[derive(Debug, Default)]
pub struct Sessions {
    remembered: DashMap<SessionHash, Remembered>,
    /// Those that the ledger doesn't know everything of.
    changed: Mutex<Vec<SessionHash>>,
}

#[derive(Debug)]
struct Remembered {
    session: Arc<Session>,
    last_seen: Timestamp,
    unwritten: Unwritten,
}

/// What the ledger doesn't know of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unwritten {
    Nothing,
    LastSeen,
    Everything,
}

/// What the ledger is to be told.
#[derive(Debug, Default)]
pub struct News {
    pub sessions: Vec<Arc<Session>>,
    pub seen: Vec<(SessionHash, Timestamp)>,
}

impl Sessions {
    /// A session, which has now been seen again, and when it was seen before.
    pub fn see(&self, hash: SessionHash, now: Timestamp) -> Option<(Arc<Session>, Timestamp)> {
        let mut remembered = self.remembered.get_mut(&hash)?;
        let before = remembered.last_seen;
        remembered.last_seen = before.max(now);
        if remembered.unwritten == Unwritten::Nothing {
            remembered.unwritten = Unwritten::LastSeen;
            self.changed.lock().push(hash);
        }
        Some((Arc::clone(&remembered.session), before))
    }

    /// Keeps a session that the ledger knows, or has been told of.
    pub fn remember(&self, session: Arc<Session>) {
        self.keep(session, Unwritten::Nothing);
    }

    /// Keeps a session that the ledger is to be told of when there is news next.
    pub fn remember_unwritten(&self, session: Arc<Session>) {
        self.keep(session, Unwritten::Everything);
    }

    fn keep(&self, session: Arc<Session>, unwritten: Unwritten) {
        let (hash, last_seen) = (session.hash, session.last_seen);
        self.remembered.insert(hash, Remembered { session, last_seen, unwritten });
        if unwritten != Unwritten::Nothing {
            self.changed.lock().push(hash);
        }
    }

    /// What the ledger doesn't know yet; it is to be told.
    pub fn news(&self) -> News {
        let mut news = News::default();
        for hash in std::mem::take(&mut *self.changed.lock()) {
            let Some(mut remembered) = self.remembered.get_mut(&hash) else { continue };
            match std::mem::replace(&mut remembered.unwritten, Unwritten::Nothing) {
                Unwritten::Nothing => {}
                Unwritten::LastSeen => news.seen.push((hash, remembered.last_seen)),
                Unwritten::Everything => news.sessions.push(Arc::clone(&remembered.session)),
            }
        }
        news
    }

    /// Forgets sessions that were not seen for this long and have been written.
    pub fn forget_idle(&self, idle: Duration, now: Timestamp) {
        self.remembered.retain(|_, remembered| {
            remembered.unwritten != Unwritten::Nothing || now.since(remembered.last_seen) < idle
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::Source;

    fn session(n: u8, last_seen: i64) -> Arc<Session> {
        let last_seen = Timestamp(last_seen);
        Arc::new(Session {
            hash: SessionHash([n; 16]),
            site: "plumber".into(),
            source: Source::direct(),
            rule: None,
            shows: String::new(),
            started: last_seen,
            last_seen,
            landing_page: "www.example.com/".to_owned(),
            referring_page: None,
        })
    }

    #[test]
    fn the_ledger_is_told_once_and_of_the_latest() {
        let sessions = Sessions::default();
        sessions.remember(session(1, 1000));
        sessions.remember_unwritten(session(2, 1000));
        for now in [2000, 3000, 2500] {
            sessions.see(SessionHash([1; 16]), Timestamp(now));
        }
        let news = sessions.news();
        assert_eq!(news.seen, [(SessionHash([1; 16]), Timestamp(3000))]);
        assert_eq!(news.sessions, [session(2, 1000)]);
        let news = sessions.news();
        assert!(news.seen.is_empty() && news.sessions.is_empty());
    }

    #[test]
    fn who_left_is_forgotten_but_not_before_it_is_written() {
        let sessions = Sessions::default();
        sessions.remember(session(1, 1000));
        sessions.remember_unwritten(session(2, 1000));
        sessions.remember(session(3, 60_000));
        sessions.forget_idle(Duration::from_secs(30), Timestamp(61_000));
        assert!(sessions.see(SessionHash([1; 16]), Timestamp(61_000)).is_none());
        assert!(sessions.see(SessionHash([2; 16]), Timestamp(61_000)).is_some());
        assert!(sessions.see(SessionHash([3; 16]), Timestamp(61_000)).is_some());
    }
}
