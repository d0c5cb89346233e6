//! `check`: what is wrong with a configuration, all at once, and with the pages that it is for.

mod caches;
mod certificates;
mod fetch;
mod framework;
mod look;
mod page;
mod stranger;

use std::io::{ErrorKind, StdoutLock, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use self::fetch::Fetcher;
use self::page::Page;
use super::running::runtime;
use super::{Check, Stop};
use crate::config::{Config, Finding, Severity};

pub(super) fn run(check: &Check) -> Result<ExitCode, Stop> {
    let mut report = Report::of(check);
    if check.schema {
        report.line(&format!("{:#}", Config::schema()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let path = check.config.as_deref().ok_or_else(|| Stop::Other("no --config FILE is given".to_owned()))?;
    let checked = Config::read(path).map_err(|error| Stop::Unreadable(path.to_owned(), error))?;
    let mut findings = checked.findings;
    findings.extend(checked.config.as_ref().map(certificates::findings).unwrap_or_default());
    report.findings(&findings)?;
    if findings.is_empty() && !check.json {
        report.line(&format!("{}: nothing is wrong", path.display()))?;
    }
    match &checked.config {
        Some(config) => pages(check, config, &mut report)?,
        None => refuse(check, path),
    }
    let sound = report.is_sound && checked.config.is_some();
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Looks at each page, as long as somebody reads what is found.
fn pages(check: &Check, config: &Config, report: &mut Report) -> Result<(), Stop> {
    if check.urls.is_empty() {
        return Ok(());
    }
    let (runtime, fetcher) = (runtime(1)?, Fetcher::new(config));
    for url in &check.urls {
        if !report.is_read {
            break;
        }
        match runtime.block_on(fetcher.fetch(url)) {
            Ok(fetched) => {
                let mut page = Page::of(&fetched);
                let scripts = runtime.block_on(fetcher.scripts(&fetched, &page.scripts));
                scripts.iter().for_each(|script| page.read_script(script));
                report.say(&page, &page.to_string())?;
                report.findings(&page.findings(&fetched, config.server.limits.page_bytes))?;
            }
            Err(failed) => report.findings(&[failed.finding(url)])?,
        }
    }
    Ok(())
}

/// Without a configuration there is no origin to ask.
fn refuse(check: &Check, path: &Path) {
    if !check.urls.is_empty() {
        eprintln!("dni-edge: no page is looked at before {} can be used", path.display());
    }
}

/// What is found, as it is printed.
struct Report {
    out: StdoutLock<'static>,
    json: bool,
    /// Whoever reads it hasn't had enough yet.
    is_read: bool,
    /// No finding was an error.
    is_sound: bool,
}

impl Report {
    fn of(check: &Check) -> Self {
        Report { out: std::io::stdout().lock(), json: check.json, is_read: true, is_sound: true }
    }

    fn findings(&mut self, findings: &[Finding]) -> Result<(), Stop> {
        self.is_sound &= findings.iter().all(|finding| finding.severity != Severity::Error);
        findings.iter().try_for_each(|finding| self.say(finding, &finding.to_string()))
    }

    fn say(&mut self, result: &impl Serialize, words: &str) -> Result<(), Stop> {
        match self.json {
            true => self.line(&serde_json::to_string(result).map_err(Stop::because)?),
            false => self.line(words),
        }
    }

    fn line(&mut self, line: &str) -> Result<(), Stop> {
        match writeln!(self.out, "{line}") {
            // Whoever reads us has enough: `head` is a fine thing to pipe to.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.is_read = false,
            written => written.map_err(Stop::because)?,
        }
        Ok(())
    }
}
