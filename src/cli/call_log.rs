//! The calls that a ledger keeps, as commands read and note them.

use std::collections::HashMap;
use std::path::Path;

use super::Stop;
use super::beside::Beside;
use crate::Timestamp;
use crate::admin;
use crate::call::archive::Archive;
use crate::call::event::Note;
use crate::call::fold::fold;
use crate::call::log::Call;
use crate::call::seal::Seal;
use crate::call::tag::Tag;
use crate::config::{Config, Keys, Secret};
use crate::ledger::postgres::Database;
use crate::ledger::{self, CallId, Class, Landing, Ledger, OpenError, Place, Which};

/// Calls that began from then on and before then, the first first.
pub(super) async fn calls(
    config: &Config,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Vec<Call>, Stop> {
    let (from, to) = between(from, to);
    read(config, Which::Between(from, to)).await
}

/// Where nobody says from when or until when, it is from the first on, and until the last.
fn between(from: Option<Timestamp>, to: Option<Timestamp>) -> (Timestamp, Timestamp) {
    (from.unwrap_or(Timestamp(i64::MIN)), to.unwrap_or(Timestamp(i64::MAX)))
}

/// Sessions that were given a number from then on and before then, by where they came from.
pub(super) async fn classes(
    config: &Config,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Vec<Class>, Stop> {
    let (from, to) = between(from, to);
    let ledger = Beside::at(&config.server.ledger).await?;
    ledger.records().classes(from, to, usize::MAX).await.map_err(Stop::because)
}

/// Of everybody who may have made one of these calls, what they looked for, and where they landed.
pub(super) async fn tell_landings(
    config: &Config,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    calls: &mut [Call],
) -> Result<(), Stop> {
    let (from, to) = between(from, to);
    let ledger = Beside::at(&config.server.ledger).await?;
    let landings = ledger.records().landings(Which::Between(from, to)).await.map_err(Stop::because)?;
    let mut by_call: HashMap<String, Vec<Landing>> = HashMap::new();
    for landing in landings {
        by_call.entry(landing.call.to_string()).or_default().push(landing);
    }
    for call in calls {
        for Landing { place, term, page, .. } in by_call.remove(&call.id).unwrap_or_default() {
            if let Some(candidate) = call.attribution.candidates.get_mut(place) {
                candidate.landing_page = Some(page).filter(|page| !page.is_empty());
                candidate.term = term;
            }
        }
    }
    Ok(())
}

async fn read(config: &Config, which: Which) -> Result<Vec<Call>, Stop> {
    let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
    let (seal, now) = (Seal::new(&keys), Timestamp::now());
    let ledger = Beside::at(&config.server.ledger).await?;
    let stored = ledger.records().calls(which).await.map_err(Stop::because)?;
    let told = stored.iter().map(|stored| tagged(config, fold(stored, &seal, now)));
    Ok(told.collect())
}

/// With the tags that its site's rules give it. One whose site is not there any more may still be qualified.
pub(super) fn tagged(config: &Config, mut call: Call) -> Call {
    let site = call.site.as_deref().and_then(|site| config.site_named(site));
    match site {
        Some(site) => call.take_tags(&site.tags),
        None => call.take_tags(&[Tag::qualified()]),
    }
    call
}

/// Adds a note to the call with this id, and tells the call as it is then. Where `serve` has the ledger, it does so.
pub(super) async fn note(config: &Config, id: &str, note: Note) -> Result<Call, Stop> {
    let id: CallId = id.parse().map_err(|error| Stop::Other(format!("{id:?}: {error}")))?;
    match &config.server.ledger {
        Place::Sqlite(path) => note_in_file(config, path, id, note).await?,
        Place::Postgres(place) => {
            // Made, or brought up to date, it is by serve alone.
            Database::beside(place).await.map_err(Stop::because)?;
            let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
            let ledger = Ledger::connect(place, &keys.fingerprint).await.map_err(Stop::because)?;
            let noted = Archive::beside(config, &keys, ledger.clone()).note(id, note).await;
            tokio::task::spawn_blocking(move || ledger.close()).await.map_err(Stop::because)?;
            noted.map_err(Stop::because)?;
        }
    }
    let call = read(config, Which::One(id)).await?.pop();
    call.ok_or_else(|| Stop::Other(format!("there is no call {id}; `calls` lists them")))
}

async fn note_in_file(config: &Config, path: &Path, id: CallId, note: Note) -> Result<(), Stop> {
    // Made, or brought up to date, it is by serve alone, which says so in its log.
    ledger::Reader::beside(path).map_err(Stop::because)?;
    let keys = Keys::load(&config.server.secret).map_err(Stop::because)?;
    match Ledger::open(path, &keys.fingerprint) {
        Ok(ledger) => {
            let noted = Archive::beside(config, &keys, ledger.clone()).note(id, note).await;
            ledger.close();
            noted.map_err(Stop::because)
        }
        Err(OpenError::Locked(_)) => ask(config, path, id, note).await,
        Err(error) => Err(Stop::because(error)),
    }
}

/// Has it done by whoever has the ledger.
async fn ask(config: &Config, ledger: &Path, id: CallId, note: Note) -> Result<(), Stop> {
    let in_use = format!("the ledger {} is in use by another dni-edge, and", ledger.display());
    let Some(admin) = ledger::admin_of(ledger) else {
        return Err(Stop::Other(format!(
            "{in_use} that one has no admin listener to be asked at; if it has just started, try again"
        )));
    };
    let token = config.server.admin_token.as_ref().map(Secret::read).transpose().map_err(Stop::because)?;
    let asked = admin::ask_to_note(admin, token.as_deref(), id, note).await;
    asked.map_err(|error| Stop::Other(format!("{in_use} {error}")))
}
