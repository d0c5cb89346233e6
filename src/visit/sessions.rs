//! The sessions that are in memory: those of visitors who were here lately.

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;

use super::session::{Session, SessionHash};
use crate::clock::Timestamp;

/// Sessions by their hash. What isn't here may still be in the ledger.
#[derive(Debug, Default)]
pub struct Sessions {
    remembered: DashMap<SessionHash, Remembered>,
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
        let last_seen = session.last_seen;
        self.remembered.insert(session.hash, Remembered { session, last_seen, unwritten });
    }

    /// What the ledger doesn't know yet; it is to be told.
    pub fn news(&self) -> News {
        let mut news = News::default();
        for mut entry in self.remembered.iter_mut() {
            match std::mem::replace(&mut entry.unwritten, Unwritten::Nothing) {
                Unwritten::Nothing => {}
                Unwritten::LastSeen => news.seen.push((*entry.key(), entry.last_seen)),
                Unwritten::Everything => news.sessions.push(Arc::clone(&entry.session)),
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
