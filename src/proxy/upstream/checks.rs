//! Whether origins are well: where there are several each is asked for a page, time and again, over a connection of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::request::Parts;
use http::{Request, header};
use tokio::time::{sleep, timeout};

use super::super::failure::chain;
use super::origin::Origin;
use crate::config::{Health, Site};

/// What our requests call themselves: they are no visits.
const AGENT: &str = concat!("dni-edge/", env!("CARGO_PKG_VERSION"), " (health check)");

/// The least and the most that an answer is waited for; in between it is as long as from one check to the next.
const SOONEST: Duration = Duration::from_secs(1);
const LATEST: Duration = Duration::from_secs(5);

/// Asks an origin from now on, until it is configured no more.
pub(super) fn begin(origin: &Arc<Origin>, site: &Site) {
    let (weak, health) = (Arc::downgrade(origin), site.health.clone());
    let host = site.hosts.first().cloned().unwrap_or_default();
    tokio::spawn(async move {
        while let Some(origin) = weak.upgrade() {
            let verdict = check(&origin, &health, &host).await;
            if origin.standing.checked(verdict.is_ok(), Instant::now()) {
                say(&origin, &health, verdict);
            }
            drop(origin);
            sleep(health.every).await;
        }
    });
}

fn say(origin: &Origin, health: &Health, verdict: Result<(), String>) {
    let name = &origin.route.name;
    match verdict {
        Ok(()) => tracing::info!("the origin {name} is well again"),
        Err(why) => tracing::warn!("the origin {name} is left out: asked for {}, {why}", health.path),
    }
}

/// Well is who answers in time, and not that it fails (RFC 9110 §15.6).
async fn check(origin: &Origin, health: &Health, host: &str) -> Result<(), String> {
    let patience = health.every.clamp(SOONEST, LATEST);
    let asked = async {
        let question = question(&health.path, host).map_err(|error| error.to_string())?;
        let answer = origin.route.ask(question).await.map_err(|error| chain(&error))?;
        match answer.status() {
            status if status.is_server_error() => Err(format!("it answers {status}")),
            _ => Ok(()),
        }
    };
    timeout(patience, asked).await.unwrap_or_else(|_| Err(format!("it doesn't answer within {patience:?}")))
}

fn question(path: &str, host: &str) -> Result<Parts, http::Error> {
    let request = Request::get(path)
        .header(header::HOST, host)
        .header(header::USER_AGENT, AGENT)
        .header(header::ACCEPT, "*/*")
        .body(())?;
    Ok(request.into_parts().0)
}
