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
    /// The ledger has another time.
    unwritten: bool,
}

impl Sessions {
    /// A session, which has now been seen again, and when it was seen before.
    pub fn see(&self, hash: SessionHash, now: Timestamp) -> Option<(Arc<Session>, Timestamp)> {
        let mut remembered = self.remembered.get_mut(&hash)?;
        let before = remembered.last_seen;
        remembered.last_seen = before.max(now);
        remembered.unwritten = true;
        Some((Arc::clone(&remembered.session), before))
    }

    pub fn remember(&self, session: Arc<Session>) {
        let last_seen = session.last_seen;
        self.remembered.insert(session.hash, Remembered { session, last_seen, unwritten: false });
    }

    /// When sessions were last seen, as far as the ledger doesn't know.
    pub fn unwritten(&self) -> Vec<(SessionHash, Timestamp)> {
        let mut seen = Vec::new();
        for mut entry in self.remembered.iter_mut() {
            if std::mem::take(&mut entry.unwritten) {
                seen.push((*entry.key(), entry.last_seen));
            }
        }
        seen
    }

    /// Forgets sessions that were not seen for this long and have been written.
    pub fn forget_idle(&self, idle: Duration, now: Timestamp) {
        self.remembered
            .retain(|_, remembered| remembered.unwritten || now.since(remembered.last_seen) < idle);
    }
}
