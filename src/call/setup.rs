//! Calls as one configuration has them.

use std::collections::HashMap;
use std::sync::Arc;

use http::header;
use http::request::Parts;

use super::carrier::CarrierName;
use super::numbers::Numbers;
use super::recordings::Accounts;
use super::signature::{CredentialError, Verifiers};
use crate::config::{Carriers, Config};
use crate::ledger::Home;

/// Made of a configuration that is right, and of its secrets.
pub struct Setup {
    pub(super) numbers: Numbers,
    pub(super) verifiers: Verifiers,
    pub(super) accounts: Accounts,
    carriers: Arc<Carriers>,
}

impl Setup {
    /// The one of another configuration. What was seen of carriers stays seen.
    ///
    /// # Errors
    /// [`CredentialError`] where a carrier's secret can't be had.
    pub(super) fn followed_by(&self, config: &Config) -> Result<Self, CredentialError> {
        let mut left = self.numbers.left();
        left.extend(self.numbers.homes().into_iter().map(|home| (home.number.clone(), home)));
        Ok(Setup::of(config, left, self.verifiers.followed_by(&config.carriers)?))
    }

    pub(super) fn of(config: &Config, left: HashMap<String, Home>, verifiers: Verifiers) -> Self {
        let accounts = Accounts::of(&config.carriers, &verifiers);
        let (numbers, carriers) = (Numbers::of(&config.sites, left), Arc::clone(&config.carriers));
        Setup { numbers, verifiers, accounts, carriers }
    }

    /// Where a carrier reaches us: as configured, else as it has just done.
    pub(super) fn base(&self, carrier: CarrierName, head: &Parts) -> String {
        let public = self.carriers.public_url(carrier).map_or_else(|| host(head), ToString::to_string);
        format!("{}/.dni/calls/{carrier}", public.trim_end_matches('/'))
    }
}

/// The carrier's own word for it; it is known to be the carrier's by now.
fn host(head: &Parts) -> String {
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("https://{host}")
}
