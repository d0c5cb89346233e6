//! A telephone number on the command line.

use std::sync::Arc;

use super::Stop;
use crate::config::{Config, Site};
use crate::number::PhoneNumber;

/// Reads a number as the configuration's are read, those of one site where it is named.
pub(super) fn number(config: &Config, written: &str, site: Option<&str>) -> Result<PhoneNumber, Stop> {
    let is_meant = |of: &&Arc<Site>| site.is_none_or(|name| of.name == name);
    let sites: Vec<_> = config.sites.iter().filter(is_meant).collect();
    let names = || config.sites.iter().map(|site| site.name.as_str()).collect::<Vec<_>>().join(", ");
    let Some((first, others)) = sites.split_first() else {
        let name = site.unwrap_or_default();
        return Err(Stop::Other(format!("no site is called {name:?}; there is {}", names())));
    };
    let written = written.trim();
    if !written.starts_with('+') && others.iter().any(|other| other.country != first.country) {
        return Err(Stop::Other(format!(
            "{written:?} may be a number of several countries; write it in E.164, such as +12125550100, or say --site NAME, \
             where NAME is one of {}",
            names()
        )));
    }
    PhoneNumber::parse(written, first.country).map_err(|error| Stop::Other(format!("{written:?} {error}")))
}
