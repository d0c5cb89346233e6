//! Whether all visitors seem to come from one place: then a proxy before this one goes unbelieved.

use std::collections::HashMap;
use std::net::IpAddr;

use parking_lot::Mutex;

/// Visitors after whom it is judged.
const ENOUGH: u32 = 200;

/// Of a hundred visitors those whom one or two addresses may bring before it is odd.
const NEARLY_ALL: u32 = 95;

/// The addresses of the first visitors.
#[derive(Debug, Default)]
pub(super) struct Arrivals(Mutex<First>);

#[derive(Debug, Default)]
struct First {
    count: u32,
    by_address: HashMap<IpAddr, u32>,
}

impl Arrivals {
    /// Takes note of a new visitor. Says once, if ever, which addresses brought nearly all.
    pub fn note(&self, address: IpAddr) -> Option<Vec<IpAddr>> {
        let mut first = self.0.lock();
        if first.count >= ENOUGH {
            return None;
        }
        first.count += 1;
        *first.by_address.entry(address).or_default() += 1;
        if first.count < ENOUGH {
            return None;
        }
        let mut all: Vec<_> = std::mem::take(&mut first.by_address).into_iter().collect();
        all.sort_unstable_by_key(|(_, count)| std::cmp::Reverse(*count));
        all.truncate(2);
        let sum: u32 = all.iter().map(|(_, count)| count).sum();
        (100 * sum >= NEARLY_ALL * ENOUGH).then(|| all.into_iter().map(|(address, _)| address).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(address_of: impl Fn(u32) -> u32) -> Vec<Vec<IpAddr>> {
        let arrivals = Arrivals::default();
        let address = |visitor| IpAddr::from(address_of(visitor).to_be_bytes());
        (0..3 * ENOUGH).filter_map(|visitor| arrivals.note(address(visitor))).collect()
    }

    #[test]
    fn it_is_said_once_where_nearly_all_come_from_one_or_two_addresses() {
        assert_eq!(said(|_| 1), [["0.0.0.1".parse::<IpAddr>().unwrap()]]);
        assert_eq!(said(|visitor| if visitor % 20 == 0 { visitor } else { 1 + visitor % 2 }).len(), 1);
        assert!(said(|visitor| 1 + visitor % 3).is_empty());
        assert!(said(|visitor| visitor).is_empty());
    }
}
