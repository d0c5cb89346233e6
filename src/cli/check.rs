//! `check`: what is wrong with a configuration, all at once.

use std::process::ExitCode;

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
        match check.json {
            true => println!("{}", serde_json::to_string(finding).map_err(Stop::because)?),
            false => println!("{finding}"),
        }
    }
    let failed = checked.findings.iter().any(|finding| finding.severity == Severity::Error);
    if checked.findings.is_empty() && !check.json {
        println!("{}: nothing is wrong", path.display());
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
