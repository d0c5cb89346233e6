//! The sessions that are in memory: those of visitors who were here lately.

use std::sync::Arc;
use std::time::Duration;

use dashmap::{DashMap, DashSet, Entry};
use parking_lot::Mutex;

use super::session::{Session, SessionHash};
use crate::clock::Timestamp;

/// Sessions by their hash. What isn't here may still be in the ledger.
#[derive(Debug, Default)]
pub struct Sessions {
    remembered: DashMap<SessionHash, Remembered>,
    /// Those that the ledger doesn't know everything of.
    changed: Mutex<Vec<SessionHash>>,
    /// Pages that the ledger doesn't know of.
    opened: Mutex<Vec<PageView>>,
    /// Those that were erased, in case somebody is at work for them still. Nobody is given their ids again.
    erased: DashSet<SessionHash>,
}

/// A page that somebody opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageView {
    pub session: SessionHash,
    /// When that session began.
    pub started: Timestamp,
    pub time: Timestamp,
    /// Host, path and query.
    pub page: String,
}

/// Pages of one session that are kept.
const LONGEST_JOURNEY: u16 = 50;

#[derive(Debug)]
struct Remembered {
    session: Arc<Session>,
    last_seen: Timestamp,
    /// The visitor has shown the cookie.
    is_confirmed: bool,
    /// Pages that were opened.
    pages: u16,
    unwritten: Unwritten,
}

/// A session that its cookie shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenAgain {
    pub session: Arc<Session>,
    /// When it was seen before.
    pub before: Timestamp,
    /// Nobody had shown this cookie yet.
    pub is_first: bool,
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
    pub opened: Vec<PageView>,
}

impl Sessions {
    /// A session, which has now been seen again by its cookie.
    pub fn see(&self, hash: SessionHash, now: Timestamp) -> Option<SeenAgain> {
        let mut remembered = self.remembered.get_mut(&hash)?;
        let before = remembered.last_seen;
        remembered.last_seen = before.max(now);
        let changed = remembered.unwritten == Unwritten::Nothing;
        if changed {
            remembered.unwritten = Unwritten::LastSeen;
        }
        let is_first = !std::mem::replace(&mut remembered.is_confirmed, true);
        let session = Arc::clone(&remembered.session);
        // One lock at a time: whoever reads the news takes them in the other order.
        drop(remembered);
        if changed {
            self.changed.lock().push(hash);
        }
        Some(SeenAgain { session, before, is_first })
    }

    /// Keeps a session that the ledger told of, unless a newer word of it is here already.
    pub fn recall(&self, session: Arc<Session>) {
        let (hash, last_seen) = (session.hash, session.last_seen);
        match self.remembered.entry(hash) {
            Entry::Vacant(place) => {
                let unwritten = Unwritten::Nothing;
                place.insert(Remembered { session, last_seen, is_confirmed: false, pages: 0, unwritten });
            }
            Entry::Occupied(mut known) if known.get().unwritten != Unwritten::Everything => {
                let known = known.get_mut();
                if known.session.started != session.started {
                    known.pages = 0;
                }
                known.last_seen = known.last_seen.max(last_seen);
                known.session = session;
            }
            Entry::Occupied(_) => {}
        }
        self.forget_erased(hash);
    }

    /// Forgets a session that the ledger doesn't know any more: it was erased. One that it doesn't know yet stays.
    pub fn forget(&self, hash: SessionHash) {
        self.remembered.remove_if(&hash, |_, known| known.unwritten != Unwritten::Everything);
    }

    /// Keeps a session that began, or changed, just now; `is_confirmed`: by somebody who had shown its cookie. The ledger is
    /// to be told when there is news next.
    pub fn remember(&self, session: Arc<Session>, is_confirmed: bool) {
        let (hash, last_seen) = (session.hash, session.last_seen);
        let unwritten = Unwritten::Everything;
        let pages = self
            .remembered
            .get(&hash)
            .filter(|known| known.session.started == session.started)
            .map_or(0, |known| known.pages);
        self.remembered.insert(hash, Remembered { session, last_seen, is_confirmed, pages, unwritten });
        self.forget_erased(hash);
        self.changed.lock().push(hash);
    }

    /// Takes note of a page that a session's visitor opened: of a session's first so many.
    pub fn open(&self, hash: SessionHash, page: impl FnOnce() -> String, time: Timestamp) {
        let Some(mut remembered) = self.remembered.get_mut(&hash) else { return };
        if remembered.pages < LONGEST_JOURNEY {
            remembered.pages += 1;
            let started = remembered.session.started;
            drop(remembered);
            self.opened.lock().push(PageView { session: hash, started, time, page: page() });
        }
    }

    /// What the ledger doesn't know yet; it is to be told.
    pub fn news(&self) -> News {
        let mut news = News { opened: std::mem::take(&mut *self.opened.lock()), ..News::default() };
        let changed = std::mem::take(&mut *self.changed.lock());
        for hash in changed {
            let Some(mut remembered) = self.remembered.get_mut(&hash) else { continue };
            match std::mem::replace(&mut remembered.unwritten, Unwritten::Nothing) {
                Unwritten::Nothing => {}
                Unwritten::LastSeen => news.seen.push((hash, remembered.last_seen)),
                Unwritten::Everything => {
                    news.sessions.push(Arc::clone(&remembered.session));
                    if remembered.last_seen > remembered.session.last_seen {
                        news.seen.push((hash, remembered.last_seen));
                    }
                }
            }
        }
        news
    }

    /// Forgets a session for good, whoever is at work for it: the ledger is told nothing of it any more.
    pub fn erase(&self, hash: SessionHash) {
        self.erased.insert(hash);
        self.forget_erased(hash);
        self.opened.lock().retain(|view| view.session != hash);
    }

    /// Comes after whatever adds a session, as [`Sessions::erase`] takes note of it first: one of the two sees the other's.
    fn forget_erased(&self, hash: SessionHash) {
        if self.erased.contains(&hash) {
            self.remembered.remove(&hash);
        }
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
    use crate::visit::{Source, Touch};

    fn session(n: u8, last_seen: i64) -> Arc<Session> {
        let last_seen = Timestamp(last_seen);
        Arc::new(Session {
            hash: SessionHash([n; 16]),
            site: "plumber".into(),
            source: Source::direct(),
            touched: last_seen,
            first: Arc::new(Touch { source: Source::direct(), time: last_seen }),
            rule: None,
            shown: Vec::new(),
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
        sessions.recall(session(1, 1000));
        sessions.remember(session(2, 1000), false);
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
        sessions.recall(session(1, 1000));
        sessions.remember(session(2, 1000), false);
        sessions.recall(session(3, 60_000));
        sessions.forget_idle(Duration::from_secs(30), Timestamp(61_000));
        assert!(sessions.see(SessionHash([1; 16]), Timestamp(61_000)).is_none());
        assert!(sessions.see(SessionHash([2; 16]), Timestamp(61_000)).is_some());
        assert!(sessions.see(SessionHash([3; 16]), Timestamp(61_000)).is_some());
    }

    #[test]
    fn seeing_sessions_and_telling_of_them_never_wait_for_each_other() {
        let sessions = Sessions::default();
        for n in 0..50 {
            sessions.recall(session(n, 1000));
        }
        std::thread::scope(|scope| {
            for n in 0..4 {
                let sessions = &sessions;
                scope.spawn(move || {
                    for round in 0..20_000 {
                        sessions.see(SessionHash([(round % 50) as u8; 16]), Timestamp(2000 + n * round));
                    }
                });
            }
            for _ in 0..2000 {
                sessions.news();
            }
        });
    }

    #[test]
    fn what_is_here_is_newer_than_what_is_recalled() {
        let sessions = Sessions::default();
        sessions.remember(session(1, 2000), false);
        sessions.recall(session(1, 1000));
        assert_eq!(
            sessions.see(SessionHash([1; 16]), Timestamp(3000)).map(|seen| seen.before),
            Some(Timestamp(2000))
        );
    }

    #[test]
    fn who_comes_back_before_the_beginning_is_written_was_seen_again() {
        let sessions = Sessions::default();
        sessions.remember(session(1, 1000), false);
        sessions.see(SessionHash([1; 16]), Timestamp(1500));
        let news = sessions.news();
        assert_eq!((news.sessions.len(), news.seen), (1, vec![(SessionHash([1; 16]), Timestamp(1500))]));
    }

    #[test]
    fn a_cookie_is_shown_for_the_first_time_once() {
        let sessions = Sessions::default();
        sessions.remember(session(1, 1000), false);
        sessions.remember(session(2, 1000), true);
        let is_first = |n| sessions.see(SessionHash([n; 16]), Timestamp(2000)).unwrap().is_first;
        assert_eq!([is_first(1), is_first(1), is_first(2)], [true, false, false]);
    }

    #[test]
    fn a_journey_is_the_first_pages_of_a_session() {
        let sessions = Sessions::default();
        sessions.remember(session(1, 1000), false);
        for page in 0..60 {
            sessions.open(SessionHash([1; 16]), || format!("/{page}"), Timestamp(1000 + page));
        }
        let opened = sessions.news().opened;
        assert_eq!((opened.len(), opened[49].page.as_str()), (50, "/49"));
        sessions.remember(session(1, 1000), true);
        sessions.open(SessionHash([1; 16]), || "/more".to_owned(), Timestamp(2000));
        assert!(sessions.news().opened.is_empty(), "another source is no new journey");
        sessions.remember(session(1, 5000), true);
        sessions.open(SessionHash([1; 16]), || "/again".to_owned(), Timestamp(5000));
        assert_eq!(sessions.news().opened.len(), 1, "a new session is");
    }

    #[test]
    fn of_an_erased_session_nothing_is_told_whoever_is_at_work_for_it_still() {
        let sessions = Sessions::default();
        let (erased, other) = (session(1, 1000), session(2, 1000));
        for session in [&erased, &other] {
            sessions.remember(Arc::clone(session), false);
            sessions.open(session.hash, || "www.example.com/".to_owned(), Timestamp(1000));
        }
        sessions.erase(erased.hash);
        sessions.remember(Arc::clone(&erased), true);
        sessions.recall(Arc::clone(&erased));
        sessions.open(erased.hash, || "www.example.com/late".to_owned(), Timestamp(2000));
        assert_eq!(sessions.see(erased.hash, Timestamp(3000)), None);
        let news = sessions.news();
        assert_eq!(news.sessions, [Arc::clone(&other)]);
        assert!(news.opened.iter().all(|view| view.session == other.hash) && news.opened.len() == 1);
    }
}
