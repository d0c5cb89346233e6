//! `[[site.tag]]` as it is written.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::OneOrMany;

/// A word that calls are given by rule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Tag {
    #[schemars(with = "Option<String>")]
    pub name: Option<Spanned<String>>,
    /// All conditions hold together; a list holds where any of it does; "!" negates.
    #[schemars(with = "Option<TagWhen>")]
    pub when: Option<Spanned<TagWhen>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct TagWhen {
    /// How long the two talked: ">= 60s".
    #[schemars(with = "Option<OneOrMany>")]
    pub talk_time: Option<Spanned<OneOrMany>>,
    /// How long the whole call took: "< 10s".
    #[schemars(with = "Option<OneOrMany>")]
    pub duration: Option<Spanned<OneOrMany>>,
    /// answered, missed, busy, failed, abandoned, voicemail, screened or blocked
    #[schemars(with = "Option<OneOrMany>")]
    pub outcome: Option<Spanned<OneOrMany>>,
    #[schemars(with = "Option<OneOrMany>")]
    pub source: Option<Spanned<OneOrMany>>,
    #[schemars(with = "Option<OneOrMany>")]
    pub channel: Option<Spanned<OneOrMany>>,
    /// Words that were said: "*boiler*".
    #[schemars(with = "Option<OneOrMany>")]
    pub transcript: Option<Spanned<OneOrMany>>,
    /// What the caller pressed.
    #[schemars(with = "Option<OneOrMany>")]
    pub keypress: Option<Spanned<OneOrMany>>,
    /// The line of the business, by its name.
    #[schemars(with = "Option<OneOrMany>")]
    pub line: Option<Spanned<OneOrMany>>,
    /// The number that was dialled.
    #[schemars(with = "Option<OneOrMany>")]
    pub number: Option<Spanned<OneOrMany>>,
}
