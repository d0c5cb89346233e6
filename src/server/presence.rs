//! What a connection is at, and how long it may be at that: until a request has come whole, from one to the next, and while its
//! client doesn't take what it is sent.
//!
//! Those who know tell it: [`Attended`](super::attended::Attended) of bytes, the service of requests, their bodies of progress.
//! Whoever drives the connection asks it, and acts.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use smallvec::SmallVec;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};

use super::door::Door;
use super::head::{HeadScan, Longest};
use crate::config::Timeouts;
use crate::proxy::{Coming, Refusal, Refusals};

/// What is to be closed waits so long for its client to do the same: who is still sending would lose our answer otherwise
/// (RFC 9112 §9.6).
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// Who has only just connected may ask for something within this time, though the process is about to end.
const FIRST_WORD: Duration = Duration::from_secs(1);

pub(super) struct Presence {
    state: Mutex<State>,
    /// It has begun to end.
    turned: Notify,
    /// A request has come.
    begun: Notify,
    /// Another protocol is spoken.
    tunnel: Arc<AtomicBool>,
    address: IpAddr,
    timeouts: Timeouts,
    longest: Longest,
    door: Arc<Door>,
    refusals: Refusals,
}

struct State {
    at: At,
    scan: HeadScan,
    requests: u64,
    under_way: usize,
    /// The body of the request that is under way, where it has one.
    coming: Option<Coming>,
    /// Bytes have come that may belong to the next request.
    is_ahead: bool,
    /// What has been sent isn't taken since then.
    blocked: Option<Instant>,
    /// In HTTP/2, parts of answers that are not taken since then.
    untaken: SmallVec<[(u64, Instant); 4]>,
    /// The answer that is to be given for a request that isn't there.
    refused: Option<Refusal>,
    /// Its client isn't waited for any more.
    is_over: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Nothing has come since then.
    Idle(Instant),
    /// A request's head is coming since then.
    Head(Instant),
    Busy,
    /// HTTP/2; nothing is under way since then.
    Streams(Instant),
    /// Another protocol.
    Tunnel,
    /// It ends, and has nothing to say since then.
    Ending(Instant),
}

/// Why a connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    /// Nobody asks for anything: it may end in peace.
    Idle,
    /// A head doesn't come to its end.
    Head,
    /// Nobody takes what is sent.
    Unread,
    /// It has had its time to end.
    Ended,
}

impl Presence {
    pub fn of(
        address: IpAddr,
        timeouts: Timeouts,
        longest: Longest,
        door: Arc<Door>,
        refusals: Refusals,
    ) -> Arc<Self> {
        let state = State {
            at: At::Idle(Instant::now()),
            scan: HeadScan::default(),
            requests: 0,
            under_way: 0,
            coming: None,
            is_ahead: false,
            blocked: None,
            untaken: SmallVec::new(),
            refused: None,
            is_over: false,
        };
        Arc::new(Presence {
            state: Mutex::new(state),
            turned: Notify::new(),
            begun: Notify::new(),
            tunnel: Arc::default(),
            address,
            timeouts,
            longest,
            door,
            refusals,
        })
    }

    /// These bytes have come.
    ///
    /// # Errors
    /// Where they make a head too long.
    pub fn has_read(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let state = &mut *self.state.lock();
        state.settle();
        if let At::Idle(_) = state.at
            && !bytes.is_empty()
        {
            state.at = At::Head(Instant::now());
        }
        match state.at {
            At::Head(_) => {
                state.scan.read(bytes, self.longest).inspect_err(|refusal| {
                    state.at = At::Ending(Instant::now());
                    self.refusals.add(*refusal, Some(self.address));
                    self.turned.notify_one();
                })?;
                if state.scan.is_http2() {
                    state.at = At::Streams(Instant::now());
                }
                state.is_ahead = false;
            }
            At::Busy if state.coming.is_none() => state.is_ahead |= !bytes.is_empty(),
            _ => {}
        }
        Ok(())
    }

    /// The refusal that whoever reads next is to write instead.
    pub fn refused(&self) -> Option<Refusal> {
        self.state.lock().refused.take()
    }

    /// What was sent has been taken, or not yet.
    pub fn has_written(&self, is_blocked: bool) {
        let mut state = self.state.lock();
        match is_blocked {
            true => _ = state.blocked.get_or_insert_with(Instant::now),
            false => state.blocked = None,
        }
    }

    /// Whether what was sent isn't taken just now.
    pub fn is_blocked(&self) -> bool {
        self.state.lock().blocked.is_some()
    }

    /// A request has come, the first of so many; `body`: what is to come of it besides.
    pub fn begin(self: &Arc<Self>, body: Option<Coming>) -> UnderWay {
        let mut state = self.state.lock();
        self.begun.notify_one();
        state.requests += 1;
        state.under_way += 1;
        if !matches!(state.at, At::Streams(_)) {
            state.at = At::Busy;
            state.coming = body;
        }
        UnderWay { presence: Arc::clone(self), number: state.requests }
    }

    /// Whether its client has had the time to close it too.
    pub fn is_over(&self) -> bool {
        self.state.lock().is_over
    }

    /// Another protocol is spoken from here on.
    pub fn is_tunnel(&self) {
        self.tunnel.store(true, Ordering::Relaxed);
        self.state.lock().at = At::Tunnel;
    }

    /// Whether one is, whenever somebody asks.
    pub fn tunnel(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.tunnel)
    }

    /// The connection ends. Whether something may still come that nobody reads.
    pub fn ends(&self) -> bool {
        let mut state = self.state.lock();
        let is_in_a_head = matches!(state.at, At::Head(_));
        if state.at != At::Tunnel {
            state.at = At::Ending(Instant::now());
            self.turned.notify_one();
        }
        is_in_a_head || state.coming.as_ref().is_some_and(|coming| !coming.is_whole())
    }

    /// Waits until it may end without a request that is on its way being lost.
    pub async fn has_been_heard(&self) {
        if self.state.lock().requests == 0 {
            let _ = timeout(FIRST_WORD, self.begun.notified()).await;
        }
        while matches!(self.state.lock().at, At::Head(_)) {
            self.begun.notified().await;
        }
    }

    /// Waits until it has taken too long over what it is at.
    pub async fn late(&self) -> Late {
        loop {
            match self.look(Instant::now()) {
                Ok(late) => return late,
                Err(again) => _ = timeout_at(again, self.turned.notified()).await,
            }
        }
    }

    /// What it is late with; else when to look again. Whatever begins after a look can't be late before the next.
    fn look(&self, now: Instant) -> Result<Late, Instant> {
        let Timeouts { header, idle, body, .. } = self.timeouts;
        let again = now + header.min(idle).min(body);
        let mut state = self.state.lock();
        state.settle();
        let unread = state.blocked.or_else(|| state.unread_streams());
        // Whoever waits to be let in is worth more than who may ask again.
        let idle = if self.door.is_crowded() { idle.min(header) } else { idle };
        let (since, lasts, late) = match (unread, state.at) {
            (_, At::Ending(since)) => (since, LINGER, Late::Ended),
            (Some(since), _) => (since, body, Late::Unread),
            (None, At::Idle(since)) if state.requests == 0 => (since, header, Late::Idle),
            (None, At::Idle(since)) => (since, idle, Late::Idle),
            (None, At::Streams(since)) if state.under_way == 0 => (since, idle, Late::Idle),
            (None, At::Head(since)) => (since, header, Late::Head),
            (None, At::Busy | At::Streams(_) | At::Tunnel) => return Err(again),
        };
        let end = since + lasts;
        if now < end {
            return Err(end.min(again));
        }
        match late {
            Late::Head => {
                state.refused = Some(Refusal::Header);
                self.refusals.add(Refusal::Header, Some(self.address));
                state.at = At::Ending(now);
            }
            Late::Idle => state.at = At::Ending(now),
            Late::Unread => self.refusals.add(Refusal::Body, Some(self.address)),
            Late::Ended => state.is_over = true,
        }
        Ok(late)
    }
}

impl State {
    /// Since when no stream's client takes anything, where all that are under way are waited for: one that is taken shows that
    /// somebody reads, whatever they leave for later.
    fn unread_streams(&self) -> Option<Instant> {
        let all_wait = self.untaken.len() == self.under_way;
        self.untaken.iter().map(|(_, since)| *since).max().filter(|_| all_wait)
    }

    /// A request is over when its answer has been given and its body has been read, whichever comes last.
    fn settle(&mut self) {
        let is_over = self.under_way == 0 && self.coming.as_ref().is_none_or(Coming::is_over);
        if self.at != At::Busy || !is_over {
            return;
        }
        let now = Instant::now();
        let had_body = self.coming.is_some();
        (self.at, self.scan) = match (self.is_ahead, had_body) {
            (true, _) => (At::Head(now), HeadScan::in_the_middle()),
            // Where a body ended is hyper's to know: what came behind it may be the beginning of a head.
            (false, true) => (At::Idle(now), HeadScan::in_the_middle()),
            (false, false) => (At::Idle(now), HeadScan::default()),
        };
        self.is_ahead = false;
    }
}

/// A request that is under way, until this is dropped.
pub(super) struct UnderWay {
    presence: Arc<Presence>,
    number: u64,
}

impl UnderWay {
    /// A part of its answer waits to be taken; or the last one has been.
    pub fn is_untaken(&self, is_untaken: bool) {
        let mut state = self.presence.state.lock();
        state.untaken.retain(|(number, _)| *number != self.number);
        if is_untaken && matches!(state.at, At::Streams(_)) {
            state.untaken.push((self.number, Instant::now()));
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.presence.state.lock();
        state.untaken.retain(|(number, _)| *number != self.number);
        state.under_way -= 1;
        if let At::Streams(_) = state.at {
            state.at = At::Streams(Instant::now());
        }
        state.settle();
    }
}
