//! `[[site.line]]` as it is written, with its routes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::{Moment, OneOrMany};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Line {
    #[schemars(with = "Option<String>")]
    pub name: Option<Spanned<String>>,
    /// The business's own number.
    #[schemars(with = "Option<String>")]
    pub canonical: Option<Spanned<String>>,
    /// Vanity forms of it, such as 1-800-PLUMBER.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub also_written: Vec<Spanned<String>>,
    /// Where callers are connected whom no route suits; the canonical number by default.
    #[schemars(with = "Option<String>")]
    pub destination: Option<Spanned<String>>,
    /// The first that suits a call says what is done with it.
    #[serde(default)]
    #[schemars(with = "Vec<Route>")]
    pub route: Vec<Spanned<Route>>,
}

/// What is done with calls. Without `to`, `menu` and `voicemail` the line's destination is called.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Route {
    /// All conditions hold together; without any the route is for every call.
    #[schemars(with = "Option<RouteWhen>")]
    pub when: Option<Spanned<RouteWhen>>,
    /// Who is called.
    #[schemars(with = "Option<Vec<String>>")]
    pub to: Option<Spanned<Vec<Spanned<String>>>>,
    /// order, together or weight
    #[schemars(with = "Option<String>")]
    pub how: Option<Spanned<String>>,
    /// How often each is called first, relative to the others, with how = "weight".
    #[schemars(with = "Option<Vec<u32>>")]
    pub weights: Option<Spanned<Vec<u32>>>,
    /// A returning caller reaches whoever took the last call.
    #[schemars(with = "Option<bool>")]
    pub sticky: Option<Spanned<bool>>,
    /// How long each telephone rings.
    #[schemars(with = "Option<String>")]
    pub timeout: Option<Spanned<String>>,
    /// Said to whoever answers, with {source}, {medium}, {campaign}, {channel}, {line} and {site}.
    #[schemars(with = "Option<String>")]
    pub whisper: Option<Spanned<String>>,
    /// Whoever answers must press 1 to take the call.
    #[schemars(with = "Option<bool>")]
    pub screen: Option<Spanned<bool>>,
    /// Said to the caller.
    #[schemars(with = "Option<String>")]
    pub announce: Option<Spanned<String>>,
    /// none, announce or press1
    #[schemars(with = "Option<String>")]
    pub record: Option<Spanned<String>>,
    /// Which number the business is shown: caller or tracking
    #[schemars(with = "Option<String>")]
    pub caller_id: Option<Spanned<String>>,
    #[schemars(with = "Option<Menu>")]
    pub menu: Option<Spanned<Menu>>,
    /// Said to callers whom nobody took, who may leave a message then.
    #[schemars(with = "Option<String>")]
    pub voicemail: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RouteWhen {
    /// Such as "Mon-Fri 08:00-18:00", "Fri 22:00-02:00", "Sat-Sun".
    #[schemars(with = "Option<OneOrMany>")]
    pub hours: Option<Spanned<OneOrMany>>,
    /// Of the tz database, such as "America/New_York"; UTC by default.
    #[schemars(with = "Option<String>")]
    pub zone: Option<Spanned<String>>,
    /// Days on which the hours are not: "2026-12-25", or "12-25" of every year.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub except: Vec<Spanned<Moment>>,
    /// Area codes of the site's country, or what numbers begin with, such as "+44 20".
    #[schemars(with = "Option<OneOrMany>")]
    pub caller_area: Option<Spanned<OneOrMany>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Menu {
    /// Said to the caller, who is to press a key.
    #[schemars(with = "Option<String>")]
    pub say: Option<Spanned<String>>,
    /// Who is called by each key, all at once: 0 to 9, "*" and "#".
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    pub keys: BTreeMap<String, Spanned<Vec<Spanned<String>>>>,
}
