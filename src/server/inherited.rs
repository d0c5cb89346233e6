//! Sockets that were open before the process began: whoever started it holds them, so that they stay open when it ends, and what
//! comes meanwhile waits for the next (sd_listen_fds(3)).

use std::io;
use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;

/// Names that sockets may have (`FileDescriptorName=` in systemd.socket(5)).
pub const NAMES: [&str; 3] = ["http", "https", "admin"];

/// Those that nobody has taken yet.
#[derive(Default)]
pub struct Inherited {
    sockets: Vec<Socket>,
}

struct Socket {
    listener: TcpListener,
    address: SocketAddr,
    name: String,
}

impl Inherited {
    /// What the environment tells of. To be called before there are threads, for the environment is changed: whatever this
    /// process starts inherits nothing.
    pub fn from_environment() -> Self {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':').map(str::to_owned);
        let mut given = ListenFd::from_env();
        let mut sockets = Vec::new();
        for place in 0..given.len() {
            let name = names.next().unwrap_or_default();
            match Socket::taken(&mut given, place, name) {
                Ok(socket) => sockets.extend(socket),
                Err(error) => tracing::warn!(%error, "an inherited file descriptor can't be listened on"),
            }
        }
        Inherited { sockets }
    }

    /// Takes those that were given this name.
    pub(super) fn named(&mut self, name: &str) -> Vec<TcpListener> {
        let (named, others) =
            std::mem::take(&mut self.sockets).into_iter().partition(|socket| socket.name == name);
        self.sockets = others;
        Vec::into_iter(named).map(|socket: Socket| socket.listener).collect()
    }

    /// Takes the one that listens on this address, unless its name says that it is for something else.
    pub(super) fn at(&mut self, address: SocketAddr) -> Option<TcpListener> {
        let is_meant = |socket: &Socket| socket.address == address && !NAMES.contains(&socket.name.as_str());
        let place = self.sockets.iter().position(is_meant)?;
        Some(self.sockets.swap_remove(place).listener)
    }

    /// Says which ones nobody has taken. They are closed.
    pub fn close_rest(self) {
        for socket in self.sockets {
            tracing::warn!(
                "the inherited socket on {} is of no use: no `listen`, `listen_tls` or `admin` has its address, and its name is \
                 {:?}; name it for what it is, with FileDescriptorName=http, https or admin",
                socket.address,
                socket.name
            );
        }
    }
}

impl Socket {
    fn taken(given: &mut ListenFd, place: usize, name: String) -> io::Result<Option<Self>> {
        let Some(listener) = given.take_tcp_listener(place)? else { return Ok(None) };
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Some(Socket { listener, address, name }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inherited(names: &[&str]) -> (Inherited, Vec<SocketAddr>) {
        let socket = |name: &&str| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            Socket { address: listener.local_addr().unwrap(), listener, name: (*name).to_owned() }
        };
        let sockets: Vec<_> = names.iter().map(socket).collect();
        let addresses = sockets.iter().map(|socket| socket.address).collect();
        (Inherited { sockets }, addresses)
    }

    #[test]
    fn a_socket_is_found_by_its_name_or_else_by_its_address() {
        let (mut inherited, addresses) = inherited(&["http", "dni-edge.socket", "https", ""]);
        assert!(inherited.at(addresses[0]).is_none(), "its name says what it is for");
        assert_eq!(inherited.at(addresses[1]).unwrap().local_addr().unwrap(), addresses[1]);
        assert!(inherited.at(addresses[1]).is_none(), "it is taken");
        let [https] = &inherited.named("https")[..] else { panic!() };
        assert_eq!(https.local_addr().unwrap(), addresses[2]);
        assert_eq!((inherited.named("http").len(), inherited.named("admin").len()), (1, 0));
        assert!(inherited.at(addresses[3]).is_some() && inherited.sockets.is_empty());
    }
}
