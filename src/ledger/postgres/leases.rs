//! Those who ask the database for a number: while it is busy with some, the others gather, and are asked for at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus::Histogram;
use tokio::sync::{Semaphore, mpsc};

use super::store::is_in_the_way;
use super::{Database, DatabaseError, PoolId, lease};
use crate::clock::Timestamp;
use crate::ledger::How;
use crate::visit::Session;

/// Who may wait; beyond it, they are told at once that there is no number.
const QUEUE: usize = 1 << 12;

/// Of one transaction at most: a commit must not take long for its first.
const BATCH: usize = 128;

/// Transactions at once.
const LANES: usize = 2;

/// A session that wants a number of a pool.
#[derive(Clone, Debug)]
pub struct Asked {
    pub pool: PoolId,
    pub site: Arc<str>,
    /// The pool's.
    pub name: Arc<str>,
    pub line: Arc<str>,
    pub session: Arc<Session>,
    pub is_confirmed: bool,
    /// Where it comes from; none where that network needs no cap.
    pub network: Option<i64>,
    /// A number seen within this time is not given to somebody else.
    pub hold: Duration,
    /// The same where its holder is provisional.
    pub provisional_hold: Duration,
    /// What provisional sessions of its network may hold; 0: any.
    pub cap: usize,
    /// Though all are on hold.
    pub may_take_oldest: bool,
    /// Otherwise only the number that it has.
    pub may_lease: bool,
}

/// What a session is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Giving {
    Number(Given),
    /// All are on hold.
    Full,
    /// The session's network has enough of them.
    Crowded,
    /// It has none, and may not be given one.
    None,
}

/// A number that is the session's, durably.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// E.164
    pub number: Arc<str>,
    pub epoch: i64,
    /// By the database's clock, as `last_seen`.
    pub started: Timestamp,
    pub last_seen: Timestamp,
    pub is_confirmed: bool,
    pub how: How,
}

impl Asked {
    /// What sessions take turns by: the session and the line.
    pub(super) fn key(&self) -> i64 {
        let [a, b, c, d, e, f, g, h, ..] = self.session.hash.0;
        let line =
            self.line.bytes().fold(0_i64, |sum, byte| sum.wrapping_mul(31).wrapping_add(i64::from(byte)));
        i64::from_be_bytes([a, b, c, d, e, f, g, h]) ^ line
    }
}

/// The way to the database for all who ask; clones lead there too.
#[derive(Clone)]
pub struct Leases {
    queue: mpsc::Sender<Waiting>,
    database: Database,
}

struct Waiting {
    asked: Asked,
    told: Box<dyn FnOnce(Giving) + Send>,
}

impl Leases {
    /// Begins to serve, and takes note of how long commits take, for as long as somebody may ask. To be called in a runtime.
    pub fn of(database: Database, commits: Histogram) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(serve(database.clone(), commits, waiting));
        Leases { queue, database }
    }

    /// Asks for a number. Who asked is told what was given, even where nobody waits for it any more: it is theirs. Never told is
    /// who can't be given one.
    ///
    /// # Errors
    /// [`DatabaseError`] where the database is known to be away, or too many ask.
    pub fn ask(&self, asked: Asked, told: impl FnOnce(Giving) + Send + 'static) -> Result<(), DatabaseError> {
        if self.database.health.is_away() {
            return Err(DatabaseError::Away);
        }
        let waiting = Waiting { asked, told: Box::new(told) };
        self.queue.try_send(waiting).map_err(|_| DatabaseError::Late)
    }
}

impl Database {
    /// Gives numbers to all who ask, in one transaction: an answer each, in their order. No two of them may be of one session and one
    /// pool.
    ///
    /// # Errors
    /// [`DatabaseError`]; nobody was given anything then, unless the database was only late.
    pub async fn give(&self, asked: &[Asked]) -> Result<Vec<Giving>, DatabaseError> {
        let mut client = self.client().await?;
        self.write(lease::give(&mut client, asked)).await
    }
}

async fn serve(database: Database, commits: Histogram, mut queue: mpsc::Receiver<Waiting>) {
    let lanes = Arc::new(Semaphore::new(LANES));
    loop {
        // Who asks while all lanes are taken goes with the next.
        let Ok(lane) = Arc::clone(&lanes).acquire_owned().await else { return };
        let mut waiting = Vec::new();
        if queue.recv_many(&mut waiting, BATCH).await == 0 {
            return;
        }
        let (database, commits) = (database.clone(), commits.clone());
        tokio::spawn(async move {
            let begun = Instant::now();
            if answer(&database, waiting).await {
                commits.observe(begun.elapsed().as_secs_f64());
            }
            drop(lane);
        });
    }
}

/// Whether they were given what they asked for.
async fn answer(database: &Database, waiting: Vec<Waiting>) -> bool {
    let (mut asked, mut places, mut waiting_for) = (Vec::<Asked>::new(), HashMap::new(), Vec::new());
    for Waiting { asked: next, told } in waiting {
        // Two pages of one session at once want one number.
        let place = *places.entry((next.pool, next.session.hash)).or_insert(asked.len());
        match asked.get_mut(place) {
            None => asked.push(next),
            Some(known) => merge(known, &next),
        }
        waiting_for.push((place, told));
    }
    let given = match database.give(&asked).await {
        // One of many may be what is wrong.
        Err(DatabaseError::Failed(error)) if asked.len() > 1 && is_in_the_way(&error) => {
            database.give(&asked).await
        }
        given => given,
    };
    match given {
        Ok(given) => {
            waiting_for.into_iter().for_each(|(place, told)| told(given[place].clone()));
            true
        }
        Err(error) => {
            tracing::debug!(%error, "numbers can't be given out");
            false
        }
    }
}

fn merge(known: &mut Asked, next: &Asked) {
    known.may_lease |= next.may_lease;
    known.is_confirmed |= next.is_confirmed;
}
