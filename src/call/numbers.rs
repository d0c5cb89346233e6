//! Where a dialled number leads: the line whose callers it brings, and what it says of them.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::config::{Line, Site};
use crate::ledger::{Home, Kind};
use crate::number::PhoneNumber;
use crate::visit::{Described, Show};

/// All numbers that are known, and the sites that they are of.
pub(super) struct Numbers {
    sites: Vec<Arc<Site>>,
    configured: HashMap<String, Place>,
    /// Those that were configured once.
    left: RwLock<HashMap<String, Home>>,
}

/// A number's place in the configuration.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub site: Arc<Site>,
    /// By its place in the site's.
    line: usize,
    pub meaning: Meaning,
}

/// What a number says of whoever dials it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is leased to one visitor after the other.
    Pool,
    /// It stands for this source. Where rules show it on pages, the name that sessions have it by.
    Static { source: Described, shown_as: Option<String> },
    /// The business's own: whoever is shown no other sees it.
    Canonical,
    /// It was never ours.
    None,
}

/// Where a call leads.
#[derive(Debug)]
pub(super) enum Leads {
    To(Place, String),
    Nowhere,
}

impl Numbers {
    pub fn of(sites: &[Arc<Site>], left: HashMap<String, Home>) -> Self {
        let mut configured = HashMap::new();
        for site in sites {
            let place = |line, meaning| Place { site: Arc::clone(site), line, meaning };
            for (at, line) in site.lines.iter().enumerate() {
                let number = line.canonical.e164().to_owned();
                configured.entry(number).or_insert_with(|| place(at, Meaning::Canonical));
            }
            for pool in &site.pools {
                let numbers = pool.numbers.iter().map(|shown| shown.number.e164().to_owned());
                configured.extend(numbers.map(|number| (number, place(pool.line, Meaning::Pool))));
            }
            for (at, known) in site.statics.iter().enumerate() {
                let is_shown = site.rules.iter().any(|rule| rule.show.contains(&Show::Static(at)));
                let shown_as = is_shown.then(|| site.names_of(&[Show::Static(at)]));
                let meaning = Meaning::Static { source: known.source.clone(), shown_as };
                configured.insert(known.shown.number.e164().to_owned(), place(known.line, meaning));
            }
        }
        Numbers { sites: sites.to_vec(), configured, left: RwLock::new(left) }
    }

    /// As configured.
    pub fn sites(&self) -> &[Arc<Site>] {
        &self.sites
    }

    /// What the ledger is to remember of the numbers that are configured.
    pub fn homes(&self) -> Vec<Home> {
        let mut homes = Vec::new();
        for site in &self.sites {
            let home = |number: &str, line: usize, kind: Kind, name: &str| Home {
                number: number.to_owned(),
                site: site.name.clone(),
                line: site.lines[line].name.clone(),
                kind,
                name: name.to_owned(),
            };
            for pool in &site.pools {
                let numbers = pool.numbers.iter().map(|shown| shown.number.e164());
                homes.extend(numbers.map(|number| home(number, pool.line, Kind::Pool, &pool.name)));
            }
            for known in &site.statics {
                let kind = Kind::Static(known.source.clone());
                homes.push(home(known.shown.number.e164(), known.line, kind, &known.name));
            }
        }
        homes
    }

    /// Takes note of where a number was at home.
    pub fn remember(&self, home: Home) {
        self.left.write().insert(home.number.clone(), home);
    }

    pub fn left(&self) -> HashMap<String, Home> {
        self.left.read().clone()
    }

    /// A dialled number in E.164, where it is written nationally and is one of ours.
    pub fn in_e164(&self, dialled: &str) -> Option<String> {
        let is_ours =
            |number: &str| self.configured.contains_key(number) || self.left.read().contains_key(number);
        let read = |site: &Arc<Site>| PhoneNumber::parse(dialled, site.country).ok();
        let mut numbers = self.sites.iter().filter_map(read);
        numbers.find(|number| is_ours(number.e164())).map(|number| number.e164().to_owned())
    }

    /// Where a number leads that is, or was, configured; none where that isn't known.
    pub fn find(&self, number: &str) -> Option<(Place, String)> {
        if let Some(place) = self.configured.get(number) {
            let because = match &place.meaning {
                Meaning::Pool => format!("{number} is leased to visitors of {}", place.names()),
                Meaning::Static { .. } => format!("{number} is a static number of {}", place.names()),
                Meaning::Canonical | Meaning::None => {
                    format!(
                        "{number} is the business's own number, {}: nobody can be told by it",
                        place.names()
                    )
                }
            };
            return Some((place.clone(), because));
        }
        let home = self.left.read().get(number).cloned()?;
        let site = self.sites.iter().find(|site| site.name == home.site).or_else(|| self.sites.first())?;
        let line = site.line(&home.line).unwrap_or(0);
        let meaning = match home.kind {
            Kind::Pool => Meaning::Pool,
            Kind::Static(source) => {
                Meaning::Static { source, shown_as: Some(format!("static:{}", home.name)) }
            }
        };
        let place = Place { site: Arc::clone(site), line, meaning };
        let because = format!(
            "{number} is configured no more, and was {}'s line {:?}: {}",
            home.site,
            home.line,
            place.names()
        );
        Some((place, because))
    }

    /// Where a number leads that was never ours: to the only line that there is; where nobody can say whether it was ours, to
    /// the first.
    pub fn stranger(&self, number: &str, is_certain: bool) -> Leads {
        let lines: usize = self.sites.iter().map(|site| site.lines.len()).sum();
        let first = || self.sites.iter().find(|site| !site.lines.is_empty());
        let Some(site) = first().filter(|_| lines == 1 || !is_certain) else { return Leads::Nowhere };
        let place = Place { site: Arc::clone(site), line: 0, meaning: Meaning::None };
        let because = match is_certain {
            true => format!("{number} was never ours, and {} is the only line", place.names()),
            false => format!("whose {number} is can't be looked up, and {} is the first line", place.names()),
        };
        Leads::To(place, because)
    }
}

impl Place {
    pub fn line(&self) -> &Line {
        &self.site.lines[self.line]
    }

    fn names(&self) -> String {
        format!("site {:?}, line {:?}", self.site.name, self.line().name)
    }
}
