//! `check`: what is wrong with a configuration, all at once, and with the pages that it is for.

mod fetch;
mod look;
mod page;
mod stranger;

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use self::fetch::Fetcher;
use self::page::Page;
use super::running::runtime;
use super::{Check, Stop};
use crate::config::{Config, Severity};

pub(super) fn run(check: &Check) -> Result<ExitCode, Stop> {
    if check.schema {
        println!("{:#}", Config::schema());
        return Ok(ExitCode::SUCCESS);
    }
    let path = check.config.as_deref().ok_or_else(|| Stop::Other("no --config FILE is given".to_owned()))?;
    let checked = Config::read(path).map_err(|error| Stop::Unreadable(path.to_owned(), error))?;
    for finding in &checked.findings {
        say(check, finding, &finding.to_string())?;
    }
    if checked.findings.is_empty() && !check.json {
        println!("{}: nothing is wrong", path.display());
    }
    let sound = match &checked.config {
        Some(config) => pages(check, config)?,
        None => refuse(check, path),
    };
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Looks at each page. Returns whether no finding is an error.
fn pages(check: &Check, config: &Config) -> Result<bool, Stop> {
    if check.urls.is_empty() {
        return Ok(true);
    }
    let (runtime, fetcher) = (runtime(1)?, Fetcher::new(config));
    let mut sound = true;
    for url in &check.urls {
        let findings = match runtime.block_on(fetcher.fetch(url)) {
            Ok(fetched) => {
                let page = Page::of(&fetched);
                say(check, &page, &page.to_string())?;
                page.findings(&fetched, config.server.page_bytes)
            }
            Err(failed) => vec![failed.finding(url)],
        };
        for finding in &findings {
            say(check, finding, &finding.to_string())?;
        }
        sound &= findings.iter().all(|finding| finding.severity != Severity::Error);
    }
    Ok(sound)
}

/// Without a configuration there is no origin to ask.
fn refuse(check: &Check, path: &Path) -> bool {
    if !check.urls.is_empty() {
        eprintln!("dni-edge: no page is looked at before {} can be used", path.display());
    }
    false
}

fn say(check: &Check, result: &impl Serialize, words: &str) -> Result<(), Stop> {
    match check.json {
        true => println!("{}", serde_json::to_string(result).map_err(Stop::because)?),
        false => println!("{words}"),
    }
    Ok(())
}
