//! What a site's rules show to one visitor: of its pools and static numbers, which.

use smallvec::SmallVec;

use super::{Site, Static};
use crate::visit::{Facts, Near, Nearness, Show, Source, Whereabouts, Without};

/// What one visitor is shown, at most one for each line.
pub type Shows = SmallVec<[Show; 2]>;

impl Site {
    /// What a rule shows to a visitor. One that prefers numbers near the visitor shows, in place of a pool that it names, the
    /// nearest of those of the same line that have an area; the named one where none is nearer.
    pub fn shown_by(&self, rule: usize, facts: &Facts<'_>) -> Shows {
        let (rule, visitor) = (&self.rules[rule], facts.whereabouts());
        let nearest = |show: &Show| match show {
            Show::Pool(named) => Show::Pool(self.nearest(*named, rule.near, visitor)),
            Show::Static(_) => *show,
        };
        rule.show.iter().map(nearest).collect()
    }

    fn nearest(&self, named: usize, near: Near, visitor: Whereabouts<'_>) -> usize {
        if near == Near::None {
            return named;
        }
        let nearness = |pool: usize| {
            let pool = &self.pools[pool];
            near.to(pool.area.as_ref(), pool.country, visitor)
        };
        let line = self.pools[named].line;
        let others = (0..self.pools.len())
            .filter(|pool| self.pools[*pool].line == line && self.pools[*pool].area.is_some());
        // Of several that are as near, the one that is named, or comes first.
        others
            .fold((named, nearness(named)), |nearest: (usize, Nearness), pool| match nearness(pool) {
                nearer if nearer > nearest.1 => (pool, nearer),
                _ => nearest,
            })
            .0
    }

    /// What a rule shows to somebody who has not consented: numbers that are the same for everybody of the visit's source.
    pub fn without_consent(&self, rule: Option<usize>, source: &Source) -> Vec<Show> {
        let shows = rule.map(|rule| &self.rules[rule].show[..]).unwrap_or_default();
        let stays = self.consent.as_ref().is_none_or(|consent| consent.without == Without::Static);
        let instead = |show: &Show| match show {
            Show::Static(_) => Some(*show),
            Show::Pool(pool) => {
                let line = self.pools[*pool].line;
                let is_it = |known: &Static| known.line == line && known.source.suits(source);
                self.statics.iter().position(is_it).map(Show::Static)
            }
        };
        shows.iter().filter(|_| stays).filter_map(instead).collect()
    }

    /// The line that is shown there.
    pub fn line_of(&self, show: Show) -> usize {
        match show {
            Show::Pool(pool) => self.pools[pool].line,
            Show::Static(number) => self.statics[number].line,
        }
    }

    /// What is shown, by name: `pool:ads, static:flyer`.
    pub fn names_of(&self, shows: &[Show]) -> String {
        let name = |show: &Show| match show {
            Show::Pool(pool) => format!("pool:{}", self.pools[*pool].name),
            Show::Static(number) => format!("static:{}", self.statics[*number].name),
        };
        shows.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    /// What these are the names of; none where something is called so no more.
    pub fn named(&self, names: &str) -> Option<Shows> {
        let known = |name: &str| match name.split_once(':')? {
            ("pool", name) => self.pools.iter().position(|pool| pool.name == name).map(Show::Pool),
            ("static", name) => self.statics.iter().position(|known| known.name == name).map(Show::Static),
            _ => None,
        };
        names.split(", ").filter(|name| !name.is_empty()).map(known).collect()
    }

    /// Whether a rule may show this to some visitor.
    pub fn offers(&self, rule: usize, shows: &[Show]) -> bool {
        let rule = &self.rules[rule];
        let is_offered = |(named, show): (&Show, &Show)| match (named, show) {
            (Show::Pool(named), Show::Pool(pool)) if rule.near != Near::None => {
                self.pools[*named].line == self.pools[*pool].line
            }
            _ => named == show,
        };
        rule.show.len() == shows.len() && rule.show.iter().zip(shows).all(is_offered)
    }
}
