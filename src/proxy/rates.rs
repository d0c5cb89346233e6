//! How often one client asks: no more than so many requests a second, where the configuration says so.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use parking_lot::RwLock;

/// One client, as far as an address tells: an IPv4 address, or an IPv6 network of 64 bits, which is what one subscriber has at
/// least (RFC 6177).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subscriber(IpAddr);

impl Subscriber {
    pub fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => Subscriber(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into()),
            address => Subscriber(address),
        }
    }
}

/// How often each client has asked of late.
#[derive(Default)]
pub(super) struct Rates {
    limited: RwLock<Option<Limited>>,
}

#[derive(Clone)]
struct Limited {
    per_second: NonZeroU32,
    clients: Arc<DefaultKeyedRateLimiter<Subscriber>>,
}

impl Rates {
    /// Counts a request of a client that may make so many a second, and as many at once.
    ///
    /// # Errors
    /// Where that is too many: how long the client should wait.
    pub fn admit(&self, client: IpAddr, per_second: Option<u32>) -> Result<(), Duration> {
        let Some(per_second) = per_second.and_then(NonZeroU32::new) else { return Ok(()) };
        let clients = self.clients(per_second);
        let admitted = clients.check_key(&Subscriber::at(client));
        admitted.map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }

    /// Those that are held to this limit. Where the configuration has changed it, all begin anew.
    fn clients(&self, per_second: NonZeroU32) -> Arc<DefaultKeyedRateLimiter<Subscriber>> {
        let known = self.limited.read().as_ref().filter(|known| known.per_second == per_second).cloned();
        if let Some(known) = known {
            return known.clients;
        }
        let clients = Arc::new(RateLimiter::dashmap(Quota::per_second(per_second)));
        *self.limited.write() = Some(Limited { per_second, clients: Arc::clone(&clients) });
        clients
    }

    /// Forgets who hasn't asked of late. To be called every minute or so.
    pub fn tidy(&self) {
        let limited = self.limited.read().clone();
        if let Some(limited) = limited {
            limited.clients.retain_recent();
            limited.clients.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(written: &str) -> IpAddr {
        written.parse().unwrap()
    }

    #[test]
    fn a_client_is_an_address_or_a_network_of_64_bits() {
        let subscriber = |written| Subscriber::at(address(written));
        assert_eq!(subscriber("192.0.2.1"), subscriber("::ffff:192.0.2.1"));
        assert_ne!(subscriber("192.0.2.1"), subscriber("192.0.2.2"));
        assert_eq!(subscriber("2001:db8:1:2::3"), subscriber("2001:db8:1:2:ffff::"));
        assert_ne!(subscriber("2001:db8:1:2::"), subscriber("2001:db8:1:3::"));
    }

    #[test]
    fn each_client_may_ask_so_often_and_is_told_how_long_to_wait() {
        let rates = Rates::default();
        for client in ["192.0.2.1", "192.0.2.2"].map(address) {
            assert!((0..3).all(|_| rates.admit(client, Some(3)).is_ok()));
            // Three a second: there is room for the next after a third of one.
            let wait = rates.admit(client, Some(3)).unwrap_err();
            assert!(!wait.is_zero() && wait <= Duration::from_secs(1), "{wait:?}");
        }
    }

    #[test]
    fn without_a_limit_nobody_is_counted_and_another_limit_counts_anew() {
        let rates = Rates::default();
        let client = address("192.0.2.1");
        assert!((0..1000).all(|_| rates.admit(client, None).is_ok()));
        assert!(rates.limited.read().is_none());
        assert!(rates.admit(client, Some(1)).is_ok() && rates.admit(client, Some(1)).is_err());
        assert!((0..2).all(|_| rates.admit(client, Some(2)).is_ok()));
        rates.tidy();
        assert!(rates.admit(client, Some(2)).is_err(), "who asked of late is not forgotten");
    }
}
