//! Crawlers' claims, checked beside the requests: a page never waits for a name server, and the answer is only counted.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use dns_lookup::LookupErrorKind;
use moka::sync::Cache;
use parking_lot::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::SiteState;
use crate::visit::{Address, Claim};

/// Claims that may wait to be checked; more are counted as unknown.
const WAITING: usize = 256;

/// Addresses that are remembered, and how long.
const REMEMBERED: u64 = 10_000;
const REMEMBERED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// Who claims to be whose crawler, from where, on which site.
struct Asked {
    claim: Claim,
    address: IpAddr,
    site: Arc<SiteState>,
}

pub(super) struct Claims {
    known: Cache<(Claim, IpAddr), Address>,
    ask: Sender<Asked>,
    asked: Mutex<Option<Receiver<Asked>>>,
}

impl Default for Claims {
    fn default() -> Self {
        let (ask, asked) = channel(WAITING);
        let known = Cache::builder().max_capacity(REMEMBERED).time_to_live(REMEMBERED_FOR).build();
        Claims { known, ask, asked: Mutex::new(Some(asked)) }
    }
}

impl Claims {
    /// Takes note of a claim.
    pub fn note(&self, site: &Arc<SiteState>, claim: Claim, address: IpAddr) {
        match self.known.get(&(claim, address)) {
            Some(known) => site.counts.claim(claim, known),
            None => {
                let asked = Asked { claim, address, site: Arc::clone(site) };
                if self.ask.try_send(asked).is_err() {
                    site.counts.claim(claim, Address::Unknown);
                }
            }
        }
    }

    /// Checks one claim after another, for as long as the proxy runs.
    pub async fn check(&self) {
        let Some(mut asked) = self.asked.lock().take() else { return };
        while let Some(Asked { claim, address, site }) = asked.recv().await {
            let known = match self.known.get(&(claim, address)) {
                Some(known) => known,
                None => tokio::task::spawn_blocking(move || claim.verify(address, name_of, addresses_of))
                    .await
                    .unwrap_or(Address::Unknown),
            };
            if known != Address::Unknown {
                self.known.insert((claim, address), known);
            }
            site.counts.claim(claim, known);
        }
    }
}

/// The name that an address has; nothing where it has none.
fn name_of(address: IpAddr) -> io::Result<String> {
    dns_lookup::lookup_addr(&address).or_else(|error| match error.kind() {
        LookupErrorKind::NoName | LookupErrorKind::NoData => Ok(String::new()),
        _ => Err(io::Error::from(error)),
    })
}

fn addresses_of(name: &str) -> io::Result<Vec<IpAddr>> {
    Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}
