//! A short string in ASCII lower case. Sources and hosts are compared without regard to case on every visit, and nearly
//! all of them are written small already: those are borrowed.

use std::borrow::Cow;

/// A host name has at most 253 characters (RFC 1035 section 2.3.4); no name in our tables is longer.
const LONGEST: usize = 253;

#[derive(Clone)]
pub(super) struct Lower<'w>(Cow<'w, str>);

impl<'w> Lower<'w> {
    /// `None` for what is too long to be a host or a name that we know.
    pub(super) fn of(written: &'w str) -> Option<Lower<'w>> {
        let has_capitals = written.bytes().fold(false, |any, byte| any | byte.is_ascii_uppercase());
        (written.len() <= LONGEST).then(|| match has_capitals {
            true => Lower(Cow::Owned(written.to_ascii_lowercase())),
            false => Lower(Cow::Borrowed(written)),
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind a prefix, or all of it.
    pub(super) fn without_prefix(&self, prefix: &str) -> Cow<'w, str> {
        match &self.0 {
            Cow::Borrowed(lower) => Cow::Borrowed(lower.strip_prefix(prefix).unwrap_or(lower)),
            Cow::Owned(lower) => Cow::Owned(lower.strip_prefix(prefix).unwrap_or(lower).to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_letters_become_small_and_nothing_else_changes() {
        assert_eq!(Lower::of("WWW.Bücher.DE").expect("short").as_str(), "www.bücher.de");
        assert!(Lower::of(&"a".repeat(253)).is_some());
        assert!(Lower::of(&"a".repeat(254)).is_none());
    }
}
