//! Which number a visit is to be shown: rules, tried in their order, of which the first that matches decides.

use super::source::{ClickId, Source};

/// A rule: what it asks of a visit, and what it then shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// All of these hold together.
    pub when: Vec<Condition>,
    /// At most one for each line of the business.
    pub show: Vec<Show>,
}

/// What a line shows, by its place among the site's pools or static numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Show {
    Pool(usize),
    Static(usize),
}

/// Something asked of a visit: that a field of its source matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub field: Field,
    pub patterns: Vec<Pattern>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Channel,
    Source,
    Medium,
    Campaign,
    Term,
    Content,
    /// Holds where any of the visit's click ids does, by name.
    ClickId,
}

/// A glob, in which `*` is any text and `?` any character; upper and lower case are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    written: Box<str>,
    glob: Box<[char]>,
    pub negated: bool,
}

impl Rule {
    /// The first rule that matches, by its place.
    pub fn first(rules: &[Rule], source: &Source) -> Option<usize> {
        rules.iter().position(|rule| rule.matches(source))
    }

    pub fn matches(&self, source: &Source) -> bool {
        self.when.iter().all(|condition| condition.holds(source))
    }
}

impl Field {
    pub fn named(key: &str) -> Option<Self> {
        let fields = [
            Field::Channel,
            Field::Source,
            Field::Medium,
            Field::Campaign,
            Field::Term,
            Field::Content,
            Field::ClickId,
        ];
        fields.into_iter().find(|field| field.key() == key)
    }

    /// What a source has in this field, for people.
    pub fn read(self, source: &Source) -> String {
        let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "absent".to_owned());
        match self {
            Field::Channel => source.channel.name().to_owned(),
            Field::Source => source.source.clone(),
            Field::Medium => source.medium.clone(),
            Field::Campaign => word(&source.campaign),
            Field::Term => word(&source.term),
            Field::Content => word(&source.content),
            Field::ClickId if source.click_ids.is_empty() => "absent".to_owned(),
            Field::ClickId => source.click_ids.iter().map(|id| &*id.name).collect::<Vec<_>>().join(", "),
        }
    }

    /// As the configuration calls it.
    pub fn key(self) -> &'static str {
        match self {
            Field::Channel => "channel",
            Field::Source => "source",
            Field::Medium => "medium",
            Field::Campaign => "campaign",
            Field::Term => "term",
            Field::Content => "content",
            Field::ClickId => "click_id",
        }
    }
}

impl Condition {
    pub fn holds(&self, source: &Source) -> bool {
        let word = |word: &Option<String>| self.matches(word.as_deref().unwrap_or_default());
        match self.field {
            Field::Channel => self.matches(source.channel.name()),
            Field::Source => self.matches(&source.source),
            Field::Medium => self.matches(&source.medium),
            Field::Campaign => word(&source.campaign),
            Field::Term => word(&source.term),
            Field::Content => word(&source.content),
            Field::ClickId if source.click_ids.is_empty() => self.matches(""),
            Field::ClickId => {
                let taken_out = |id: &ClickId| self.patterns.iter().any(|p| p.negated && p.matches(&id.name));
                source.click_ids.iter().any(|id| self.matches(&id.name))
                    && !source.click_ids.iter().any(taken_out)
            }
        }
    }

    /// Whether a value matches: one of the patterns that are not negated, if there are any, and none of those that are.
    /// An absent value matches no pattern but a negated one.
    pub fn matches(&self, value: &str) -> bool {
        let mut wanted = self.patterns.iter().filter(|pattern| !pattern.negated).peekable();
        let included =
            wanted.peek().is_none() || (!value.is_empty() && wanted.any(|pattern| pattern.matches(value)));
        included && !self.patterns.iter().any(|pattern| pattern.negated && pattern.matches(value))
    }
}

impl Pattern {
    /// A pattern as written; a leading `!` negates.
    pub fn new(written: &str) -> Self {
        let (negated, glob) = match written.strip_prefix('!') {
            Some(glob) => (true, glob),
            None => (false, written),
        };
        Pattern { written: glob.into(), glob: glob.chars().flat_map(char::to_lowercase).collect(), negated }
    }

    pub fn matches_everything(&self) -> bool {
        !self.glob.is_empty() && self.glob.iter().all(|c| *c == '*')
    }

    /// The word itself, where the pattern has no wildcard and isn't negated.
    pub fn literal(&self) -> Option<&str> {
        let plain = !self.negated && !self.glob.iter().any(|c| matches!(c, '*' | '?'));
        plain.then_some(&*self.written)
    }

    /// Whether the glob covers the whole text. Takes time in proportion to both lengths.
    fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
        let (mut at, mut read, mut star) = (0, 0, None);
        while read < text.len() {
            match self.glob.get(at) {
                Some('*') => {
                    star = Some((at, read));
                    at += 1;
                }
                Some('?') => (at, read) = (at + 1, read + 1),
                Some(c) if *c == text[read] => (at, read) = (at + 1, read + 1),
                _ => match star {
                    Some((place, taken)) => {
                        (at, read) = (place + 1, taken + 1);
                        star = Some((place, taken + 1));
                    }
                    None => return false,
                },
            }
        }
        self.glob[at..].iter().all(|c| *c == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(field: Field, patterns: &[&str]) -> Condition {
        Condition { field, patterns: patterns.iter().map(|pattern| Pattern::new(pattern)).collect() }
    }

    #[test]
    fn globs_match_whole_words_in_any_case() {
        for (glob, word, matches) in [
            ("spring*", "Spring-2026", true),
            ("*sale", "summer SALE", true),
            ("*a*b*", "xxaxxbxx", true),
            ("a?c", "abc", true),
            ("spring", "spring-2026", false),
            ("*", "anything", true),
            ("ä*", "Ärger", true),
        ] {
            assert_eq!(Pattern::new(glob).matches(word), matches, "{glob} {word}");
        }
    }

    #[test]
    fn a_list_is_any_of_and_an_exclamation_mark_takes_out() {
        let gbp = condition(Field::Campaign, &["gbp*", "!gbp-test"]);
        assert!(gbp.matches("gbp-north") && !gbp.matches("gbp-test") && !gbp.matches("spring"));
        let others = condition(Field::Campaign, &["!spring*"]);
        assert!(others.matches("") && others.matches("autumn") && !others.matches("spring"));
        assert!(!condition(Field::Campaign, &["*"]).matches(""), "an absent value matches no glob");
    }

    #[test]
    fn a_click_id_is_present_or_taken_out() {
        let mut source = Source::direct();
        source.click_ids =
            ["gclid", "fbclid"].map(|name| ClickId { name: name.into(), value: "1".to_owned() }).into();
        assert!(condition(Field::ClickId, &["fbclid"]).holds(&source));
        assert!(!condition(Field::ClickId, &["!gclid"]).holds(&source));
        assert!(condition(Field::ClickId, &["!msclkid"]).holds(&source));
        assert!(!condition(Field::ClickId, &["*"]).holds(&Source::direct()));
    }
}
