//! `[site.spam]` as it is written.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Spam {
    /// What is done with calls that are spam: allow, challenge or block
    #[schemars(with = "Option<String>")]
    pub policy: Option<Spanned<String>>,
    /// The score from which on a call is spam, from 0 to 1.
    #[schemars(with = "Option<f64>")]
    pub threshold: Option<Spanned<f64>>,
    /// Numbers that are refused, what numbers begin with ("+1900*"), or "withheld".
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub blocked_callers: Vec<Spanned<String>>,
}
