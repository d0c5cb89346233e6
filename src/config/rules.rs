//! Rules: from globs as written to conditions, and the finding of rules that can never match.

use toml::Spanned;

use super::finding::{At, Findings};
use super::written::{self, Moment, OneOrMany};
use crate::clock::Timestamp;
use crate::visit::{
    Channel, ClickId, Condition, Device, Field, LONGEST_PARAMETER, Pattern, Rule, Share, Show, take_in,
};

/// What rules are read for: a site with these hosts, behind such a CDN.
pub(super) struct Reader<'a, 'b> {
    pub hosts: &'a [String],
    pub cdn: &'a super::Cdn,
    pub findings: &'a mut Findings<'b>,
}

impl Reader<'_, '_> {
    /// The conditions of the rule in this place. Says which can't be met.
    pub fn conditions(&mut self, when: &Spanned<written::When>, rule: usize) -> Vec<Condition> {
        let when = when.get_ref();
        let mut conditions: Vec<_> =
            when.words().map(|(key, written)| self.words(word(key), written)).collect();
        for (name, written) in &when.query {
            conditions.push(self.words(Field::Query(name.as_str().into()), written));
        }
        for (name, written) in &when.cookie {
            conditions.push(self.words(Field::Cookie(name.as_str().into()), written));
        }
        conditions.extend(when.between.as_ref().and_then(|written| self.between(written)));
        conditions.extend(when.percent.as_ref().and_then(|written| self.percent(written, rule)));
        conditions
    }

    fn words(&mut self, field: Field, written: &Spanned<OneOrMany>) -> Condition {
        let patterns: Vec<_> = written.get_ref().as_slice().iter().map(|glob| Pattern::new(glob)).collect();
        let at = At::new(written.span(), format!("site.rule.when.{}", field.key()));
        let condition = Condition::Matches { field, patterns };
        if let Some((why, remedy)) = self.never(&condition) {
            self.findings.warning(at, format!("the rule can never match: {why}"), remedy);
        }
        condition
    }

    /// Why nothing can meet a condition, and what to do.
    fn never(&self, condition: &Condition) -> Option<(&'static str, String)> {
        let Condition::Matches { field, patterns } = condition else { return None };
        let general = || "give a glob that something can match, such as \"spring*\"".to_owned();
        if let Some(why) = leaves_nothing(patterns) {
            return Some((why, general()));
        }
        let wanted = patterns.iter().filter(|pattern| !pattern.negated);
        let has_wanted = patterns.iter().any(|pattern| !pattern.negated);
        let none_is = |may_match: &dyn Fn(&str) -> bool| {
            has_wanted && !wanted.clone().any(|pattern| may_match(pattern.written()))
        };
        let one_of = |names: &[&str]| !names.iter().any(|name| take_in(patterns, name));
        match field {
            Field::Channel if one_of(&channel_names()) => {
                Some(("there is no such channel", format!("channels are {}", channel_names().join(", "))))
            }
            Field::Device if one_of(&Device::ALL.map(Device::name)) => {
                Some(("there is no such device", "write \"mobile\" or \"desktop\"".to_owned()))
            }
            Field::LandingHost if one_of(&self.hosts.iter().map(String::as_str).collect::<Vec<_>>()) => {
                Some(("the site has no such host", format!("its hosts are {}", self.hosts.join(", "))))
            }
            Field::Channel if one_of(&channels_of_visits()) => {
                Some(("no visit has this channel: it is for those who call a static number", general()))
            }
            Field::ClickId if has_wanted && one_of(&ClickId::names().collect::<Vec<_>>()) => Some((
                "there is no such click id",
                format!("click ids are {}", ClickId::names().collect::<Vec<_>>().join(", ")),
            )),
            Field::LandingPath if none_is(&|glob| glob.starts_with(['/', '*', '?'])) => {
                Some(("a path begins with a slash", "write it as \"/lp/*\"".to_owned()))
            }
            Field::ReferrerHost if none_is(&|glob| !glob.contains(['/', ':'])) => {
                Some(("a host has no scheme, port or path", "write it as \"*.example.org\"".to_owned()))
            }
            Field::Country if none_is(&|glob| glob.chars().count() == 2 || glob.contains('*')) => Some((
                "a country has two letters",
                "write it as ISO 3166-1 has it, such as \"US\"".to_owned(),
            )),
            Field::Query(name) if name.len() > LONGEST_PARAMETER => Some((
                "no parameter of so long a name is read",
                format!("at most {LONGEST_PARAMETER} bytes are"),
            )),
            Field::Country if self.cdn.country.is_none() && !take_in(patterns, "") => Some((
                "nobody tells the visitor's country",
                "name the header in which your CDN does, such as site.cdn.country = \"CF-IPCountry\""
                    .to_owned(),
            )),
            _ => None,
        }
    }

    fn between(&mut self, written: &Spanned<Vec<Moment>>) -> Option<Condition> {
        let at = At::new(written.span(), "site.rule.when.between");
        let times: Option<Vec<_>> =
            written.get_ref().iter().map(|moment| Timestamp::parse(&moment.to_string())).collect();
        match times.as_deref() {
            Some(&[from, to]) => {
                if to <= Timestamp::now() {
                    self.findings.warning(
                        at.clone(),
                        "the rule can never match: the time is over",
                        "take the rule out, or give it a later end",
                    );
                }
                if from >= to {
                    let remedy = "write the earlier time first";
                    self.findings.warning(
                        at,
                        "the rule can never match: the time ends before it begins",
                        remedy,
                    );
                }
                Some(Condition::Between { from, to })
            }
            _ => {
                let remedy = "write two times, such as [\"2026-03-01\", \"2026-06-01T00:00:00+02:00\"]";
                self.findings.error(at, "is no time from one to another", remedy);
                None
            }
        }
    }

    fn percent(&mut self, written: &Spanned<f64>, rule: usize) -> Option<Condition> {
        let (percent, at) = (*written.get_ref(), At::new(written.span(), "site.rule.when.percent"));
        if !(0.0..=100.0).contains(&percent) {
            self.findings.error(at, "is no share of a hundred", "give a number from 0 to 100");
            return None;
        }
        let hundredths = (percent * 100.0).round() as u16;
        if hundredths == 0 {
            self.findings.warning(at, "the rule can never match: its share is none", "take the rule out");
        }
        Some(Condition::Percent(Share { hundredths, rule }))
    }
}

/// Why no value at all is taken in by a list of patterns, if none is.
pub(super) fn leaves_nothing(patterns: &[Pattern]) -> Option<&'static str> {
    if patterns.is_empty() {
        return Some("the list is empty");
    }
    if patterns.iter().any(|pattern| pattern.negated && pattern.matches_everything()) {
        return Some("\"!*\" leaves nothing");
    }
    let mut wanted = patterns.iter().filter(|pattern| !pattern.negated).peekable();
    let has_wanted = wanted.peek().is_some();
    // A glob that matches another as it is written, wildcards and all, matches all that that one does.
    let is_taken_out = |wanted: &Pattern| {
        patterns.iter().any(|pattern| pattern.negated && pattern.matches(wanted.written()))
    };
    if has_wanted && wanted.clone().all(is_taken_out) {
        return Some("what it asks for is taken out again");
    }
    if has_wanted && wanted.all(|pattern| pattern.written().is_empty()) {
        return Some("nothing is empty: what is absent matches no glob");
    }
    None
}

fn word(key: &str) -> Field {
    match key {
        "channel" => Field::Channel,
        "source" => Field::Source,
        "medium" => Field::Medium,
        "campaign" => Field::Campaign,
        "term" => Field::Term,
        "content" => Field::Content,
        "click_id" => Field::ClickId,
        "landing_host" => Field::LandingHost,
        "landing_path" => Field::LandingPath,
        "referrer_host" => Field::ReferrerHost,
        "language" => Field::Language,
        "country" => Field::Country,
        "device" => Field::Device,
        _ => unreachable!("each written condition is a field"),
    }
}

fn channels_of_visits() -> Vec<&'static str> {
    channel_names().into_iter().filter(|name| *name != Channel::Offline.name()).collect()
}

pub(super) fn channel_names() -> Vec<&'static str> {
    Channel::ALL.iter().map(|channel| channel.name()).collect()
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
    earlier.when.iter().all(|wide| later.when.iter().any(|narrow| covers_condition(wide, narrow)))
}

fn covers_condition(wide: &Condition, narrow: &Condition) -> bool {
    match (wide, narrow) {
        (
            Condition::Matches { field, patterns: wide },
            Condition::Matches { field: other, patterns: narrow },
        ) => {
            // Only plain words are compared with globs: whether one glob contains another is not worth a proof here.
            let is_taken_in = |pattern: &Pattern| pattern.literal().is_some_and(|word| take_in(wide, word));
            // Where a visit has several values, one that the later rule doesn't ask for may take it out of the earlier.
            let is_safe = !field.has_several() || !wide.iter().any(|pattern| pattern.negated);
            field == other && (wide == narrow || is_safe && narrow.iter().all(is_taken_in))
        }
        (Condition::Between { from, to }, Condition::Between { from: later, to: earlier }) => {
            from <= later && earlier <= to
        }
        // Each rule draws for itself.
        (Condition::Percent(share), _) => share.hundredths == 10_000,
        _ => false,
    }
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
