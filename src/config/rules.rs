//! Rules: from globs as written to conditions, and the finding of rules that can never match.

use toml::Spanned;

use super::finding::{At, Findings};
use super::written::{self, OneOrMany};
use crate::visit::{Channel, Condition, Field, Pattern, Rule, Show};

/// The conditions of a rule, and whether it can match at all.
pub(super) fn conditions(when: &Spanned<written::When>, findings: &mut Findings<'_>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (key, written) in when.get_ref().fields() {
        let at = At::new(written.span(), format!("site.rule.when.{key}"));
        let field = Field::named(key).expect("each written condition is a field");
        let condition = Condition { field, patterns: patterns(written.get_ref()) };
        if let Some(why) = never(&condition) {
            findings.warning(at, format!("the rule can never match: {why}"), remedy(field));
        }
        conditions.push(condition);
    }
    conditions
}

fn patterns(written: &OneOrMany) -> Vec<Pattern> {
    written.as_slice().iter().map(|glob| Pattern::new(glob)).collect()
}

/// Why nothing can meet a condition.
fn never(condition: &Condition) -> Option<String> {
    if condition.patterns.is_empty() {
        return Some("the list is empty".to_owned());
    }
    let hopeless = condition.patterns.iter().any(|pattern| pattern.negated && pattern.matches_everything());
    if hopeless {
        return Some("\"!*\" leaves nothing".to_owned());
    }
    let names: &[&str] = match condition.field {
        Field::Channel => &channel_names(),
        _ => return None,
    };
    (!names.iter().any(|name| condition.matches(name))).then(|| "there is no such channel".to_owned())
}

fn channel_names() -> Vec<&'static str> {
    Channel::ALL.iter().map(|channel| channel.name()).collect()
}

fn remedy(field: Field) -> String {
    match field {
        Field::Channel => format!("channels are {}", channel_names().join(", ")),
        _ => "give a glob that something can match, such as \"spring*\"".to_owned(),
    }
}

/// Warns of rules that an earlier one leaves nothing for. A rule that is not whole, since something in its conditions is
/// wrong, casts no shadow.
pub(super) fn find_shadowed(rules: &[(Rule, At, bool)], findings: &mut Findings<'_>) {
    for (later, (rule, at, _)) in rules.iter().enumerate() {
        let shadow = rules[..later].iter().position(|(earlier, _, whole)| *whole && covers(earlier, rule));
        if let Some(earlier) = shadow {
            findings.warning(
                at.clone(),
                format!("the rule can never match: rule {} matches all that it would", earlier + 1),
                "move it before that rule, or take it out",
            );
        }
    }
}

/// Whether every visit that meets the later rule meets the earlier one too.
fn covers(earlier: &Rule, later: &Rule) -> bool {
    earlier.when.iter().all(|wide| {
        let narrow = later.when.iter().find(|narrow| narrow.field == wide.field);
        narrow.is_some_and(|narrow| covers_condition(wide, narrow))
    })
}

fn covers_condition(wide: &Condition, narrow: &Condition) -> bool {
    if wide.patterns == narrow.patterns {
        return true;
    }
    // Only plain words are compared with globs: whether one glob contains another is not worth a proof here.
    narrow.patterns.iter().all(|pattern| pattern.literal().is_some_and(|word| wide.matches(word)))
}

/// What a rule shows, as written: `pool:NAME` or `static:NAME`.
pub(super) fn show(
    entry: &str,
    pools: &[super::Pool],
    statics: &[super::Static],
) -> Result<Show, (String, String)> {
    let names = |names: Vec<String>| match names.is_empty() {
        true => "the site has none".to_owned(),
        false => format!("the site has {}", names.join(", ")),
    };
    match entry.split_once(':') {
        Some(("pool", name)) => match pools.iter().position(|pool| pool.name == name) {
            Some(place) => Ok(Show::Pool(place)),
            None => {
                let known = names(pools.iter().map(|pool| format!("pool:{}", pool.name)).collect());
                Err(("no pool has this name".to_owned(), known))
            }
        },
        Some(("static", name)) => match statics.iter().position(|known| known.name == name) {
            Some(place) => Ok(Show::Static(place)),
            None => {
                let known = names(statics.iter().map(|known| format!("static:{}", known.name)).collect());
                Err(("no static number has this name".to_owned(), known))
            }
        },
        _ => Err((
            "is neither a pool nor a static number".to_owned(),
            "write \"pool:NAME\" or \"static:NAME\"".to_owned(),
        )),
    }
}
