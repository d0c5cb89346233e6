//! Whether a page's own policy lets our script run (Content Security Policy Level 3). Owns the reading of the policy's header, and
//! never loosens one.

use http::HeaderMap;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue};

/// What a page's policies say of a script of the page's own host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// It may run as it is.
    Plain,
    /// It may run with this nonce.
    Nonce(String),
    Forbidden,
}

impl Permit {
    /// What the policies of a response say together: each one must allow the script (§4.2.3).
    pub fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(CONTENT_SECURITY_POLICY).iter();
        let Ok(lines) = lines.map(HeaderValue::to_str).collect::<Result<Vec<_>, _>>() else {
            return Permit::Forbidden; // what can't be read may forbid it
        };
        let policies: Vec<_> = lines.iter().flat_map(|line| line.split(',')).map(Policy::read).collect();
        let mut nonces = policies.iter().flat_map(Policy::nonces);
        match nonces.find(|nonce| policies.iter().all(|policy| policy.allows(Some(nonce)))) {
            Some(nonce) => Permit::Nonce(nonce.to_owned()),
            None if policies.iter().all(|policy| policy.allows(None)) => Permit::Plain,
            None => Permit::Forbidden,
        }
    }
}

/// What one policy says of scripts.
struct Policy<'a> {
    /// Where scripts may come from; none where it doesn't say.
    sources: Option<Vec<&'a str>>,
    /// The page is in a sandbox without scripts.
    sandboxed: bool,
}

impl<'a> Policy<'a> {
    fn read(policy: &'a str) -> Self {
        let directive = |name: &str| {
            policy.split(';').find_map(|directive| {
                let mut words = directive.split_ascii_whitespace();
                // Of a directive that stands there twice the first counts (§2.2.1).
                words
                    .next()
                    .filter(|first| first.eq_ignore_ascii_case(name))
                    .map(|_| words.collect::<Vec<_>>())
            })
        };
        // Which directive speaks of script elements (§6.8.3).
        let sources = ["script-src-elem", "script-src", "default-src"].into_iter().find_map(directive);
        let sandboxed = directive("sandbox")
            .is_some_and(|allowed| !allowed.iter().any(|word| word.eq_ignore_ascii_case("allow-scripts")));
        Policy { sources, sandboxed }
    }

    fn allows(&self, nonce: Option<&str>) -> bool {
        let Some(sources) = &self.sources else { return !self.sandboxed };
        let says = |word: &str| sources.iter().any(|source| source.eq_ignore_ascii_case(word));
        // With 'strict-dynamic' hosts don't count (§8.2).
        let by_host = !says("'strict-dynamic'") && (says("'self'") || says("*"));
        let by_nonce = nonce.is_some_and(|nonce| self.nonces().any(|allowed| allowed == nonce));
        !self.sandboxed && (by_host || by_nonce)
    }

    /// The policy's nonces (§2.3.1): what isn't written as one is none, and can't end an attribute.
    fn nonces(&self) -> impl Iterator<Item = &'a str> {
        let sources = self.sources.iter().flatten();
        sources.filter_map(|source| {
            let (start, value) = source.split_at_checked("'nonce-".len())?;
            let value = value.strip_suffix('\'')?;
            let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
            (start.eq_ignore_ascii_case("'nonce-") && !value.is_empty() && value.bytes().all(base64))
                .then_some(value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permit(policies: &[&'static str]) -> Permit {
        let line = |policy: &&'static str| (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        Permit::of(&policies.iter().map(line).collect())
    }

    fn nonce(nonce: &str) -> Permit {
        Permit::Nonce(nonce.to_owned())
    }

    #[test]
    fn without_a_word_on_scripts_it_may_run() {
        assert_eq!(permit(&[]), Permit::Plain);
        assert_eq!(permit(&["img-src 'none'; upgrade-insecure-requests"]), Permit::Plain);
    }

    #[test]
    fn self_is_enough_unless_trust_is_passed_on_by_scripts_alone() {
        assert_eq!(permit(&["default-src 'self'"]), Permit::Plain);
        assert_eq!(permit(&["Script-Src https://cdn.example 'SELF' 'sha256-abc'"]), Permit::Plain);
        assert_eq!(permit(&["script-src 'self' 'strict-dynamic' 'sha256-abc'"]), Permit::Forbidden);
        assert_eq!(permit(&["default-src 'self'; script-src 'none'"]), Permit::Forbidden);
        assert_eq!(permit(&["script-src 'none'; script-src-elem 'self'"]), Permit::Plain);
        assert_eq!(permit(&["script-src; script-src 'self'"]), Permit::Forbidden);
    }

    #[test]
    fn a_nonce_is_copied() {
        assert_eq!(permit(&["script-src 'self' 'nonce-a'"]), nonce("a"));
        assert_eq!(permit(&["script-src 'nonce-aB3+/_-=' 'strict-dynamic'"]), nonce("aB3+/_-="));
        assert_eq!(permit(&["script-src 'NONCE-a'"]), nonce("a"));
        assert_eq!(permit(&["script-src 'nonce-a\">' 'nonce-'"]), Permit::Forbidden);
    }

    #[test]
    fn all_policies_must_agree() {
        assert_eq!(permit(&["script-src 'self'", "script-src 'nonce-a'"]), nonce("a"));
        assert_eq!(permit(&["script-src 'nonce-b' 'nonce-a', script-src 'nonce-a'"]), nonce("a"));
        assert_eq!(permit(&["script-src 'nonce-a'", "script-src 'nonce-b'"]), Permit::Forbidden);
        assert_eq!(permit(&["script-src 'self'", "sandbox allow-forms"]), Permit::Forbidden);
        assert_eq!(permit(&["sandbox allow-scripts"]), Permit::Plain);
    }
}
