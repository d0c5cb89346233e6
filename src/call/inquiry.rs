//! Whose a call is, asked by hand: as it is decided when a phone rings, and by what the ledger's calls teach until now.

use std::collections::HashMap;

use super::attribute::{Attributed, attribute};
use super::facts::{Dialled, Facts};
use super::learned::{Learned, Shown};
use super::numbers::{Meaning, Numbers, Place};
use super::seal::Seal;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::ledger::{ReadError, Records};

/// A call that somebody asks about.
#[derive(Clone, Copy, Debug)]
pub struct Inquiry<'a> {
    /// What was dialled: E.164
    pub number: &'a str,
    /// Who called, in E.164, where that is known.
    pub caller: Option<&'a str>,
    pub time: Timestamp,
}

/// What there is to say.
#[derive(Debug)]
pub enum Whose {
    Told(Attributed),
    /// It is the business's own number on this site, that everybody sees who is shown no other.
    Business(String),
    /// It was never ours.
    Nobodys,
}

impl Inquiry<'_> {
    /// As far as the configuration alone tells: of a static number its source. None where the ledger is to be asked.
    pub fn by_configuration(&self, config: &Config) -> Option<Whose> {
        let (place, _) = Numbers::of(&config.sites, HashMap::new()).find(self.number)?;
        match place.meaning {
            Meaning::Static { .. } => {
                Some(Whose::Told(self.attribute(&place, &Facts::default(), &Learned::default())))
            }
            Meaning::Canonical => Some(Whose::Business(place.site.name.clone())),
            Meaning::Pool | Meaning::None => None,
        }
    }

    /// # Errors
    /// [`ReadError`] where the ledger can't be read.
    pub async fn answer(&self, config: &Config, records: &Records, seal: &Seal) -> Result<Whose, ReadError> {
        let numbers = Numbers::of(&config.sites, HashMap::new());
        if numbers.find(self.number).is_none()
            && let Some(home) = records.home(self.number).await?
        {
            numbers.remember(home);
        }
        let Some((place, _)) = numbers.find(self.number) else { return Ok(Whose::Nobodys) };
        if place.meaning == Meaning::Canonical {
            return Ok(Whose::Business(place.site.name.clone()));
        }
        let dialled = Dialled {
            number: self.number,
            site: &place.site.name,
            meaning: &place.meaning,
            caller: self.caller.map(|caller| seal.caller(caller)),
            time: self.time,
        };
        let facts = Facts::gather(records, seal, dialled).await?;
        let now = Timestamp::now();
        let shown = Shown::until(now, records).await?;
        let learned = Learned::of(&place.site.name, records, seal, &shown, now).await?;
        Ok(Whose::Told(self.attribute(&place, &facts, &learned)))
    }

    fn attribute(&self, place: &Place, facts: &Facts, learned: &Learned) -> Attributed {
        attribute(&place.meaning, facts, &place.site.name, self.time, learned)
    }
}
