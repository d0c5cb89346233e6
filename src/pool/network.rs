//! The networks that clients come from, and how far each is to be believed.

use std::net::IpAddr;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use moka::sync::Cache;

/// Confirmed sessions of a network after which it holds as many provisional leases as it likes: an office, a carrier's
/// gateway.
const MANY: u32 = 50;

/// Networks that are remembered, and for how long after one was last heard of.
const NETWORKS: u64 = 100_000;
const MEMORY: Duration = Duration::from_secs(24 * 60 * 60);

/// What tells the two kinds apart, above the 48 bits.
const IPV4: NonZeroU64 = NonZeroU64::new(1 << 62).unwrap();
const IPV6: NonZeroU64 = NonZeroU64::new(1 << 63).unwrap();

/// A client's network: the first 24 bits of an IPv4 address, the first 48 of an IPv6 one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(NonZeroU64);

impl Network {
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Network(IPV4 | u64::from(address.to_bits() >> 8)),
            IpAddr::V6(address) => Network(IPV6 | (address.to_bits() >> 80) as u64),
        }
    }
}

/// How many sessions of each network have shown their cookie again. Never counts for volume: whoever keeps no cookie
/// stays a stranger.
#[derive(Debug)]
pub struct Networks {
    confirmed: Cache<Network, Arc<AtomicU32>>,
}

impl Default for Networks {
    fn default() -> Self {
        let confirmed = Cache::builder().max_capacity(NETWORKS).time_to_idle(MEMORY).build();
        Networks { confirmed }
    }
}

impl Networks {
    /// A session of this network has shown its cookie for the first time.
    pub fn confirm(&self, network: Network) {
        self.confirmed.get_with(network, Arc::default).fetch_add(1, Ordering::Relaxed);
    }

    /// Whether so many sessions of this network were confirmed that its strangers need no cap.
    pub fn is_trusted(&self, network: Network) -> bool {
        self.confirmed.get(&network).is_some_and(|count| count.load(Ordering::Relaxed) >= MANY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    #[test]
    fn a_network_is_24_bits_or_48() {
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.255"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:ffff::"));
        assert_ne!(network("2001:db8:1::"), network("2001:db8:2::"));
        assert_ne!(network("0.0.0.1"), network("::1"));
    }

    #[test]
    fn many_confirmed_sessions_make_a_network_trusted() {
        let networks = Networks::default();
        for _ in 0..MANY {
            assert!(!networks.is_trusted(network("192.0.2.1")));
            networks.confirm(network("192.0.2.1"));
        }
        assert!(networks.is_trusted(network("192.0.2.7")) && !networks.is_trusted(network("192.0.3.1")));
    }
}
