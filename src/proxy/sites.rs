//! The sites as one configuration has them. They are replaced as a whole: a request sees those that there were when it came,
//! to its end.

use std::path::PathBuf;
use std::sync::Arc;

use super::counts::{Counts, SiteCounts};
use super::failure::Failure;
use super::inbound::Tls;
use super::known::Known;
use super::own::script::{self, Coded};
use super::upstream::Origins;
use crate::clock::Timestamp;
use crate::config::{Config, Numbers, Server, Site};
use crate::ledger::{Ledger, ReadError};
use crate::pool::{NumberPool, hand_over};

pub(super) struct Sites {
    pub edition: Arc<Edition>,
    pub all: Vec<Arc<SiteState>>,
}

/// What the sites of one configuration have in common.
pub(super) struct Edition {
    /// Configurations are counted from 1.
    pub number: u32,
    /// The configuration's file, as it was named.
    file: PathBuf,
    pub server: Arc<Server>,
    pub known: Arc<Known>,
}

/// A site and what it has in hand.
pub(crate) struct SiteState {
    pub(super) site: Arc<Site>,
    pub(super) name: Arc<str>,
    pub(super) origins: Origins,
    pub(super) pools: Vec<Arc<NumberPool>>,
    pub(super) counts: SiteCounts,
    /// Our script, where it is told of the lines and not the page.
    pub(super) script: Option<Box<[Coded; 3]>>,
    pub(super) edition: Arc<Edition>,
}

impl Sites {
    /// The sites of a configuration, with what the ledger knows of their numbers.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn first(config: Config, ledger: &Ledger, counts: &Counts) -> Result<Self, ReadError> {
        let edition = Edition { number: 1, file: config.file, server: config.server, known: Arc::default() };
        let pools = hand_over(&config.sites, &[], ledger).await?;
        Ok(Sites::of(config.sites, pools, edition, counts))
    }

    /// The sites of another configuration, which take over the numbers of these.
    ///
    /// # Errors
    /// [`ReadError`] where the ledger can't be read; these go on then.
    pub async fn followed_by(
        &self,
        config: Config,
        ledger: &Ledger,
        counts: &Counts,
    ) -> Result<Self, ReadError> {
        let pools: Vec<_> = self.all.iter().flat_map(|site| site.pools.iter().map(Arc::clone)).collect();
        let known = match self.all.iter().all(|site| site.reads_pages_as_in(&config)) {
            true => Arc::clone(&self.edition.known),
            false => Arc::default(),
        };
        let edition =
            Edition { number: self.edition.number + 1, file: config.file, server: config.server, known };
        let pools = hand_over(&config.sites, &pools, ledger).await?;
        Ok(Sites::of(config.sites, pools, edition, counts))
    }

    fn of(
        sites: Vec<Arc<Site>>,
        pools: Vec<Vec<Arc<NumberPool>>>,
        edition: Edition,
        counts: &Counts,
    ) -> Self {
        let edition = Arc::new(edition);
        let state = |(site, pools): (Arc<Site>, _)| {
            Arc::new(SiteState {
                name: site.name.as_str().into(),
                origins: Origins::of(&site, edition.server.timeouts.connect, &counts.origins),
                counts: counts.of(&site),
                script: (site.cdn.numbers == Numbers::Script)
                    .then(|| Box::new(script::of_everybodys_pages(&site))),
                edition: Arc::clone(&edition),
                pools,
                site,
            })
        };
        let all = sites.into_iter().zip(pools).map(state).collect();
        Sites { edition, all }
    }

    /// The site that serves a host. Whoever named a host when TLS was agreed on is served the same site's only: browsers ask
    /// on one connection for all hosts that its certificate is for, and come again on another when they are told
    /// (RFC 9113 §9.1.1, RFC 9110 §15.5.20).
    ///
    /// # Errors
    /// [`Failure::UnknownHost`] where none does; over TLS [`Failure::Misdirected`].
    pub fn serving(&self, host: &str, tls: Option<&Tls>) -> Result<&Arc<SiteState>, Failure> {
        let Some(tls) = tls else {
            return self.of_host(host).ok_or_else(|| Failure::UnknownHost(host.to_owned()));
        };
        let is_agreed =
            |site: &&Arc<SiteState>| tls.server_name.as_ref().is_none_or(|name| site.serves(name));
        self.of_host(host).filter(is_agreed).ok_or_else(|| Failure::Misdirected(host.to_owned()))
    }

    fn of_host(&self, host: &str) -> Option<&Arc<SiteState>> {
        self.all.iter().find(|site| site.serves(host))
    }
}

impl SiteState {
    fn serves(&self, host: &str) -> bool {
        self.site.hosts.iter().any(|served| served == host)
    }

    /// Whether a page of the site that has been read would be read as the same in this configuration.
    fn reads_pages_as_in(&self, config: &Config) -> bool {
        let site = config.site_named(&self.site.name);
        site.is_some_and(|site| site.reads_pages_as(&self.site))
    }

    /// Says that a pool is running out, before visitors have to do without.
    pub fn warn_of(&self, pool: &NumberPool) {
        let Some(usage) = pool.running_out(Timestamp::now()) else { return };
        tracing::warn!(
            "pool {:?} of site {:?} is running out: {} of {} numbers are on hold, {} of them for visitors who have \
             shown no cookie yet; more numbers would help, or a shorter hold; how many: \
             dni-edge plan --config {} --site {} --pool {}",
            pool.name(),
            self.name,
            usage.held,
            usage.numbers,
            usage.provisional,
            word(&self.edition.file.to_string_lossy()),
            word(&self.name),
            word(pool.name())
        );
    }
}

/// A word of a command line, which a shell takes as it is (POSIX, Shell Command Language, 2.2.2).
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "./-_+:@%,".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn a_command_line_can_be_pasted() {
        assert_eq!(word("/etc/dni-edge/dni-edge.toml"), "/etc/dni-edge/dni-edge.toml");
        assert_eq!(word("Plumber's & Co."), r"'Plumber'\''s & Co.'");
        assert_eq!(word("$(reboot)"), "'$(reboot)'");
        assert_eq!(word(""), "''");
    }
}
