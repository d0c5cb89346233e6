//! Who is let in: so many connections at once, and so many of one client; and who is still inside when the process is to end.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use dashmap::DashMap;
use tokio::sync::{Notify, watch};

use crate::config::Server;
use crate::proxy::{Refusal, Refusals, Subscriber};

pub(super) struct Door {
    open: AtomicUsize,
    /// One has ended.
    left: Notify,
    /// Somebody waits for that.
    is_crowded: AtomicBool,
    of_clients: DashMap<Subscriber, usize>,
    refusals: Refusals,
    closing: watch::Sender<bool>,
}

/// A connection that is open. It counts until this is dropped.
pub(super) struct Place {
    door: Arc<Door>,
    /// Whose it is, where that is counted.
    client: Option<Subscriber>,
    /// Whoever closes the door waits for this.
    _inside: watch::Receiver<bool>,
}

impl Door {
    pub fn new(refusals: Refusals) -> Arc<Self> {
        Arc::new(Door {
            open: AtomicUsize::new(0),
            left: Notify::new(),
            is_crowded: AtomicBool::new(false),
            of_clients: DashMap::new(),
            refusals,
            closing: watch::Sender::new(false),
        })
    }

    /// Waits until another connection may be let in. Those that come meanwhile wait in the listener's queue.
    pub async fn room(&self, server: impl Fn() -> Arc<Server>) {
        if self.open.load(Ordering::Acquire) < server().limits.connections {
            return;
        }
        self.refusals.add(Refusal::Connections, None);
        self.is_crowded.store(true, Ordering::Release);
        loop {
            let left = self.left.notified();
            if self.open.load(Ordering::Acquire) < server().limits.connections {
                break self.is_crowded.store(false, Ordering::Release);
            }
            left.await;
        }
    }

    /// Lets a connection in.
    pub fn enter(self: &Arc<Self>) -> Place {
        self.open.fetch_add(1, Ordering::AcqRel);
        Place { door: Arc::clone(self), client: None, _inside: self.closing.subscribe() }
    }

    /// Tells all who are inside that it is time to go, and waits until they have.
    pub async fn close(&self) {
        self.closing.send_replace(true);
        self.closing.closed().await;
    }

    /// Waits until it is closed.
    pub async fn closes(&self) {
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }

    /// Whether somebody waits to be let in.
    pub fn is_crowded(&self) -> bool {
        self.is_crowded.load(Ordering::Acquire)
    }
}

impl Place {
    /// Whether this client may have one more connection; it counts as theirs then.
    pub fn is_free_for(&mut self, client: IpAddr, most: Option<usize>) -> bool {
        let Some(most) = most else { return true };
        let client = Subscriber::at(client);
        let mut taken = self.door.of_clients.entry(client).or_insert(0);
        if *taken >= most {
            return false;
        }
        *taken += 1;
        self.client = Some(client);
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(client) = self.client
            && let dashmap::Entry::Occupied(mut taken) = self.door.of_clients.entry(client)
        {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
        self.door.open.fetch_sub(1, Ordering::AcqRel);
        self.door.left.notify_waiters();
    }
}
