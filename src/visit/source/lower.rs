//! A short string in ASCII lower case, on the stack. Sources and hosts are compared without regard
//! to case on every visit, and no look-up is worth an allocation.

/// A host name has at most 253 characters (RFC 1035 section 2.3.4); no name in our tables is longer.
const LONGEST: usize = 253;

#[derive(Clone)]
pub(super) struct Lower {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Lower {
    /// `None` for what is too long to be a host or a name that we know.
    pub(super) fn of(written: &str) -> Option<Lower> {
        let mut bytes = [0; LONGEST];
        let lower = bytes.get_mut(..written.len())?;
        lower.copy_from_slice(written.as_bytes());
        lower.make_ascii_lowercase();
        Some(Lower { bytes, length: written.len() })
    }

    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.length])
            .expect("changing the case of ASCII letters keeps UTF-8 intact")
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
