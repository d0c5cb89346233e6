//! Whoever started the process and wants to know how it fares: it is told by datagrams (sd_notify(3)).

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use rustix::time::{ClockId, clock_gettime};

/// Where the service manager listens; nobody does where the environment says nothing.
#[derive(Clone)]
pub struct Manager {
    address: Option<SocketAddr>,
}

impl Manager {
    pub fn from_environment() -> Self {
        let named = std::env::var("NOTIFY_SOCKET").ok();
        Manager { address: named.and_then(|name| address(&name)) }
    }

    /// Nobody wants to know.
    pub fn none() -> Self {
        Manager { address: None }
    }

    /// Connections are taken.
    pub fn is_ready(&self) {
        self.tell("READY=1");
    }

    /// The configuration is read again. [`is_ready`](Self::is_ready) follows, whatever comes of it.
    pub fn is_reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let microseconds = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1_000;
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={microseconds}"));
    }

    /// No more connections are taken.
    pub fn is_stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// Who doesn't listen any more is not waited for.
    fn tell(&self, what: &str) {
        let Some(address) = &self.address else { return };
        let told = UnixDatagram::unbound().and_then(|socket| {
            socket.set_nonblocking(true)?;
            socket.send_to_addr(what.as_bytes(), address)
        });
        if let Err(error) = told {
            tracing::debug!(%error, "the service manager can't be told: {what}");
        }
    }
}

/// A path, or with a leading `@` a name that no file has (unix(7)).
fn address(name: &str) -> Option<SocketAddr> {
    match name.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name).ok(),
        None => SocketAddr::from_pathname(name).ok(),
    }
}
