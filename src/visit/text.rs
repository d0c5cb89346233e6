//! What is asked of names and texts in more than one place.

/// Whether a word, which is not empty, stands in a text. Without regard to case.
pub(super) fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

/// Whether a host is this domain, or lies below it; both in lower case. `notexample.com` does not lie below `example.com`.
pub fn is_of_domain(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}
