//! Globs, as rules and lists in the configuration are written in.

/// A glob, in which `*` is any text and `?` any character; upper and lower case are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    written: Box<str>,
    glob: Box<[char]>,
    pub negated: bool,
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

    /// The glob, without what negates it.
    pub fn written(&self) -> &str {
        &self.written
    }

    pub fn matches_everything(&self) -> bool {
        !self.glob.is_empty() && self.glob.iter().all(|c| *c == '*')
    }

    /// The word itself, where the pattern has no wildcard and isn't negated.
    pub fn literal(&self) -> Option<&str> {
        let plain = !self.negated && !self.glob.iter().any(|c| matches!(c, '*' | '?'));
        plain.then_some(&*self.written)
    }

    /// Whether the glob covers the whole text; negation is not looked at. Takes time in proportion to both lengths.
    pub fn matches(&self, text: &str) -> bool {
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

/// Whether a list of patterns takes a value in: one of the patterns that are not negated matches it, if there are any, and
/// none of those that are. An absent value matches no pattern but a negated one.
pub fn take_in(patterns: &[Pattern], value: &str) -> bool {
    let mut wanted = patterns.iter().filter(|pattern| !pattern.negated).peekable();
    let included =
        wanted.peek().is_none() || (!value.is_empty() && wanted.any(|pattern| pattern.matches(value)));
    included && !patterns.iter().any(|pattern| pattern.negated && pattern.matches(value))
}

/// The same for a field that has several values, or none: one of them is taken in, and none is taken out.
pub fn take_in_any<V: AsRef<str>>(patterns: &[Pattern], values: &[V]) -> bool {
    let is_taken_out =
        |value: &V| patterns.iter().any(|pattern| pattern.negated && pattern.matches(value.as_ref()));
    match values {
        [] => take_in(patterns, ""),
        values => {
            values.iter().any(|value| take_in(patterns, value.as_ref())) && !values.iter().any(is_taken_out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes_in(patterns: &[&str], value: &str) -> bool {
        take_in(&patterns.iter().map(|pattern| Pattern::new(pattern)).collect::<Vec<_>>(), value)
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
        let gbp = ["gbp*", "!gbp-test"];
        assert!(takes_in(&gbp, "gbp-north") && !takes_in(&gbp, "gbp-test") && !takes_in(&gbp, "spring"));
        let others = ["!spring*"];
        assert!(takes_in(&others, "") && takes_in(&others, "autumn") && !takes_in(&others, "spring"));
        assert!(!takes_in(&["*"], ""), "an absent value matches no glob");
    }
}
