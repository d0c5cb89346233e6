//! The networks that clients come from, and how far each is to be believed.

use std::net::IpAddr;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use moka::sync::Cache;

/// Confirmed sessions from an address after which those behind it hold as many provisional leases as they like: an office, a
/// carrier's gateway.
const MANY: u32 = 50;

/// Addresses that are remembered, and for how long after one was last heard of.
const ADDRESSES: u64 = 100_000;
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

impl Network {
    /// As a column holds it.
    pub fn bits(self) -> i64 {
        self.0.get().cast_signed()
    }
}

/// How many sessions from each address have shown their cookie again. Never counts for volume: whoever keeps no cookie
/// stays a stranger.
#[derive(Debug)]
pub struct Addresses {
    confirmed: Cache<IpAddr, Arc<AtomicU32>>,
}

impl Default for Addresses {
    fn default() -> Self {
        let confirmed = Cache::builder().max_capacity(ADDRESSES).time_to_idle(MEMORY).build();
        Addresses { confirmed }
    }
}

impl Addresses {
    /// A session from this address has shown its cookie for the first time.
    pub fn confirm(&self, address: IpAddr) {
        self.confirmed.get_with(address.to_canonical(), Arc::default).fetch_add(1, Ordering::Relaxed);
    }

    /// Whether so many sessions from this address were confirmed that its strangers need no cap.
    pub fn is_trusted(&self, address: IpAddr) -> bool {
        self.confirmed.get(&address.to_canonical()).is_some_and(|count| count.load(Ordering::Relaxed) >= MANY)
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
    fn many_confirmed_sessions_make_an_address_trusted_and_not_its_neighbours() {
        let addresses = Addresses::default();
        let address = |written: &str| written.parse::<IpAddr>().unwrap();
        for _ in 0..MANY {
            assert!(!addresses.is_trusted(address("192.0.2.1")));
            addresses.confirm(address("192.0.2.1"));
        }
        assert!(
            addresses.is_trusted(address("::ffff:192.0.2.1")) && !addresses.is_trusted(address("192.0.2.7"))
        );
    }
}
