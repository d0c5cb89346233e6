//! `[[site.rule]]` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::{Moment, OneOrMany};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Rule {
    /// All conditions hold together; a list holds where any of its patterns does; "!" negates.
    #[schemars(with = "Option<When>")]
    pub when: Option<Spanned<When>>,
    /// "pool:NAME" or "static:NAME", one a line of the business.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub show: Vec<Spanned<String>>,
    /// A pool of the same line whose area suits the visitor is shown instead: none, country or area.
    #[schemars(with = "Option<String>")]
    pub near: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct When {
    #[schemars(with = "Option<OneOrMany>")]
    pub channel: Option<Spanned<OneOrMany>>,
    #[schemars(with = "Option<OneOrMany>")]
    pub source: Option<Spanned<OneOrMany>>,
    #[schemars(with = "Option<OneOrMany>")]
    pub medium: Option<Spanned<OneOrMany>>,
    #[schemars(with = "Option<OneOrMany>")]
    pub campaign: Option<Spanned<OneOrMany>>,
    #[schemars(with = "Option<OneOrMany>")]
    pub term: Option<Spanned<OneOrMany>>,
    #[schemars(with = "Option<OneOrMany>")]
    pub content: Option<Spanned<OneOrMany>>,
    #[schemars(with = "Option<OneOrMany>")]
    pub click_id: Option<Spanned<OneOrMany>>,
    #[schemars(with = "Option<OneOrMany>")]
    pub landing_host: Option<Spanned<OneOrMany>>,
    #[schemars(with = "Option<OneOrMany>")]
    pub landing_path: Option<Spanned<OneOrMany>>,
    #[schemars(with = "Option<OneOrMany>")]
    pub referrer_host: Option<Spanned<OneOrMany>>,
    /// The language that the browser asks for first.
    #[schemars(with = "Option<OneOrMany>")]
    pub language: Option<Spanned<OneOrMany>>,
    /// Needs site.cdn.country.
    #[schemars(with = "Option<OneOrMany>")]
    pub country: Option<Spanned<OneOrMany>>,
    /// mobile or desktop
    #[schemars(with = "Option<OneOrMany>")]
    pub device: Option<Spanned<OneOrMany>>,
    /// Parameters of the landing page's query.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, OneOrMany>")]
    pub query: BTreeMap<String, Spanned<OneOrMany>>,
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, OneOrMany>")]
    pub cookie: BTreeMap<String, Spanned<OneOrMany>>,
    /// From the first of two times on, until before the second; UTC unless they carry an offset.
    #[schemars(with = "Option<[String; 2]>")]
    pub between: Option<Spanned<Vec<Moment>>>,
    /// A share of all sessions, from 0 to 100.
    #[schemars(with = "Option<f64>")]
    pub percent: Option<Spanned<f64>>,
}

impl When {
    /// Those that compare a word with patterns, by name.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, &Spanned<OneOrMany>)> {
        [
            ("channel", &self.channel),
            ("source", &self.source),
            ("medium", &self.medium),
            ("campaign", &self.campaign),
            ("term", &self.term),
            ("content", &self.content),
            ("click_id", &self.click_id),
            ("landing_host", &self.landing_host),
            ("landing_path", &self.landing_path),
            ("referrer_host", &self.referrer_host),
            ("language", &self.language),
            ("country", &self.country),
            ("device", &self.device),
        ]
        .into_iter()
        .filter_map(|(key, written)| Some((key, written.as_ref()?)))
    }
}
