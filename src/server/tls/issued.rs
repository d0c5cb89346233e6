//! Certificates that an authority issues (RFC 8555) to whoever answers for a host over TLS (RFC 8737): ordered where there is
//! none, renewed when a third of their time is left, and ordered again where that failed. Whatever fails, what is served is
//! served on.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::{AcmeConfig, AcmeState, EventError, EventOk, OrderError};

use super::certificates::Certificates;
use super::kept::Kept;
use crate::config::Acme;

/// How long an order is waited with that failed, by how many have failed before it. Authorities refuse for an hour whoever has
/// failed five times in one (letsencrypt.org/docs/rate-limits).
const PATIENCE: [Duration; 4] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(60 * 60),
];

/// Has certificates for all hosts that no file has one for. It never ends: who has had enough of it drops it.
pub(super) async fn keep_up(acme: Acme, certificates: Arc<Certificates>) -> Infallible {
    let kept = Kept::of(&acme, Arc::clone(&certificates));
    let client = Arc::new(client().await);
    let mut orders = Vec::new();
    for host in &acme.hosts {
        match certificates.are_for(host) {
            true => tracing::info!("no certificate is asked for {host}: one in a file is for it"),
            false => orders.push(Order { host, acme: &acme, kept: &kept, client: &client, failed: 0 }),
        }
    }
    join_all(orders.into_iter().map(|order| order.keep_up(&certificates))).await;
    std::future::pending().await
}

/// What speaks to the authority, with the system's roots.
async fn client() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let known = tokio::task::spawn_blocking(|| rustls_native_certs::load_native_certs().certs).await;
    roots.add_parsable_certificates(known.unwrap_or_default());
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring can do TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// One host's certificate.
struct Order<'a> {
    host: &'a str,
    acme: &'a Acme,
    kept: &'a Kept,
    client: &'a Arc<ClientConfig>,
    /// So many orders have failed, one after another.
    failed: usize,
}

impl Order<'_> {
    async fn keep_up(mut self, certificates: &Certificates) -> Infallible {
        loop {
            // The library would ask again too soon at first, and too late when it has failed for long.
            let mut state = self.state();
            certificates.answer(self.host, state.resolver());
            let why = self.until_failure(&mut state).await;
            let wait = PATIENCE[self.failed.min(PATIENCE.len() - 1)];
            self.failed += 1;
            tracing::warn!(
                "there is no new certificate for {}: {why}; it is asked for again in {}, or at a reload",
                self.host,
                humantime::format_duration(wait)
            );
            tokio::time::sleep(wait).await;
        }
    }

    fn state(&self) -> AcmeState<io::Error> {
        AcmeConfig::new_with_client_config([self.host], Arc::clone(self.client))
            .directory(&self.acme.directory)
            .contact(self.acme.email.iter().map(|email| format!("mailto:{email}")))
            .cache(self.kept.clone())
            .state()
    }

    /// Says what happens, until an order fails.
    async fn until_failure(&mut self, state: &mut AcmeState<io::Error>) -> String {
        let host = self.host;
        loop {
            match state.next().await {
                Some(Ok(EventOk::DeployedCachedCert)) => {
                    tracing::info!("the certificate that was kept for {host} is served");
                }
                Some(Ok(EventOk::DeployedNewCert)) => {
                    self.failed = 0;
                    tracing::info!("{} has issued a certificate for {host}", self.authority());
                }
                Some(Ok(EventOk::CertCacheStore | EventOk::AccountCacheStore)) => {}
                Some(Err(EventError::Order(error))) => return why(error),
                Some(Err(EventError::NewCertParse(error))) => return error.to_string(),
                // It goes on by itself.
                Some(Err(EventError::CertCacheStore(error))) => tracing::error!(
                    "a certificate for {host} can't be kept ({error}); it is served, and will have to be issued anew \
                     after a restart"
                ),
                Some(Err(error)) => tracing::warn!("what was kept for {host} can't be had: {error}"),
                None => return "nothing more is done for it".to_owned(),
            }
        }
    }

    fn authority(&self) -> &str {
        self.acme.directory.host_str().unwrap_or_default()
    }
}

/// What the authority had against it, in its own words where it gave some.
fn why(error: OrderError) -> String {
    let told = match &error {
        OrderError::BadAuth(auth) => {
            let problems = auth.challenges.iter().filter_map(|challenge| challenge.error.as_ref());
            problems.filter_map(|problem| problem.detail.clone()).collect::<Vec<_>>().join("; ")
        }
        OrderError::BadOrder(order) => {
            order.error.as_ref().and_then(|problem| problem.detail.clone()).unwrap_or_default()
        }
        _ => String::new(),
    };
    if told.is_empty() { error.to_string() } else { told }
}
