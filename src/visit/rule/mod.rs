//! Which number a visit is to be shown: rules, tried in their order, of which the first that matches decides.

mod condition;
mod facts;
mod near;
mod pattern;

pub use condition::{Condition, Field, Share};
pub use facts::{Device, Facts};
pub use near::{Near, Nearness, Whereabouts};
pub use pattern::{Pattern, take_in, take_in_any};

/// A rule: what it asks of a visit, and what it then shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// All of these hold together.
    pub when: Vec<Condition>,
    /// At most one for each line of the business.
    pub show: Vec<Show>,
    /// Whether a pool of the same line that is nearer to the visitor is shown instead.
    pub near: Near,
}

/// What a line shows, by its place among the site's pools or static numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Show {
    Pool(usize),
    Static(usize),
}

impl Rule {
    /// The first rule that matches, by its place.
    pub fn first(rules: &[Rule], facts: &Facts<'_>) -> Option<usize> {
        rules.iter().position(|rule| rule.when.iter().all(|condition| condition.holds(facts)))
    }
}
