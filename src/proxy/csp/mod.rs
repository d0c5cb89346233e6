//! Whether a page's own policy lets our script run, and ask for numbers (Content Security Policy Level 3; Subresource Integrity).
//! Owns the reading of the policies' headers, and never loosens one.

mod integrity;
mod source;

use http::HeaderMap;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use url::Url;

/// What a page's policies say of our script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// It may run as it is.
    Plain,
    /// It may run with this nonce.
    Nonce(String),
    Forbidden,
}

/// The policies of a response. Each one must allow what is to be allowed (§4.1.2, §4.1.3).
pub(crate) struct Policies<'a> {
    /// None where they can't be read: they may forbid anything.
    policies: Option<Vec<Policy<'a>>>,
    /// Scripts without a hash of their own are kept from the page.
    requires_integrity: bool,
    page: Option<&'a Url>,
}

impl<'a> Policies<'a> {
    /// Those of a response with these headers. `page`: its address, as its visitor sees it, where that is known.
    pub fn of(headers: &'a HeaderMap, page: Option<&'a Url>) -> Self {
        let lines = headers.get_all(CONTENT_SECURITY_POLICY).iter().map(HeaderValue::to_str);
        let lines: Option<Vec<_>> = lines.collect::<Result<_, _>>().ok();
        let read = |lines: Vec<&'a str>| {
            lines.iter().flat_map(|line| line.split(',')).map(Policy::read).collect::<Vec<_>>()
        };
        Policies { policies: lines.map(read), requires_integrity: integrity::is_required(headers), page }
    }

    /// Whether the script at this path of the page's own host may run.
    pub fn script(&self, path: &str) -> Permit {
        let Some(policies) = self.policies.as_ref().filter(|_| !self.requires_integrity) else {
            return Permit::Forbidden;
        };
        let all_allow = |nonce| policies.iter().all(|policy| policy.allows_script(self.page, path, nonce));
        let mut nonces = policies.iter().flat_map(Policy::nonces);
        match nonces.find(|nonce| all_allow(Some(nonce))) {
            Some(nonce) => Permit::Nonce(nonce.to_owned()),
            None if all_allow(None) => Permit::Plain,
            None => Permit::Forbidden,
        }
    }

    /// Whether scripts may ask this path of the page's own host.
    pub fn may_ask(&self, path: &str) -> bool {
        let allows = |policy: &Policy| {
            let mut sources = policy.connections.iter().flatten();
            policy.connections.is_none() || sources.any(|source| source::allows(source, self.page, path))
        };
        self.policies.as_ref().is_some_and(|policies| policies.iter().all(allows))
    }
}

/// What one policy says of scripts.
struct Policy<'a> {
    /// Where script elements may come from; none where it doesn't say.
    sources: Option<Vec<&'a str>>,
    /// What scripts may ask; none where it doesn't say.
    connections: Option<Vec<&'a str>>,
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
        // Which directive speaks of them (§6.8.3).
        let sources = ["script-src-elem", "script-src", "default-src"].into_iter().find_map(directive);
        let connections = ["connect-src", "default-src"].into_iter().find_map(directive);
        let sandboxed = directive("sandbox")
            .is_some_and(|allowed| !allowed.iter().any(|word| word.eq_ignore_ascii_case("allow-scripts")));
        Policy { sources, connections, sandboxed }
    }

    fn allows_script(&self, page: Option<&Url>, path: &str, nonce: Option<&str>) -> bool {
        let Some(sources) = &self.sources else { return !self.sandboxed };
        // With 'strict-dynamic' addresses don't count (§8.2).
        let is_strict = sources.iter().any(|source| source.eq_ignore_ascii_case("'strict-dynamic'"));
        let by_address = !is_strict && sources.iter().any(|source| source::allows(source, page, path));
        let by_nonce = nonce.is_some_and(|nonce| self.nonces().any(|allowed| allowed == nonce));
        !self.sandboxed && (by_address || by_nonce)
    }

    /// The policy's nonces (§2.3.1): what isn't written as one is none, and can't end an attribute.
    fn nonces(&self) -> impl Iterator<Item = &'a str> {
        let sources = self.sources.iter().flatten();
        sources.filter_map(|source| {
            let (start, value) = source.split_at_checked("'nonce-".len())?;
            let value = value.strip_suffix('\'')?;
            let base64 = value.trim_end_matches('=');
            let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
            let is_nonce = !base64.is_empty() && value.len() - base64.len() <= 2;
            (start.eq_ignore_ascii_case("'nonce-") && is_nonce && base64.bytes().all(is_base64))
                .then_some(value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(policies: &[&str]) -> HeaderMap {
        let line = |policy: &&str| (CONTENT_SECURITY_POLICY, HeaderValue::from_str(policy).unwrap());
        policies.iter().map(line).collect()
    }

    fn permit(policies: &[&str]) -> Permit {
        let page = Url::parse("https://www.example.com/a").unwrap();
        Policies::of(&headers(policies), Some(&page)).script("/.dni/swap.js")
    }

    fn may_ask(policies: &[&str]) -> bool {
        let page = Url::parse("https://www.example.com/a").unwrap();
        Policies::of(&headers(policies), Some(&page)).may_ask("/.dni/visit")
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
        assert_eq!(permit(&["script-src 'nonce-YQ=='"]), nonce("YQ=="));
        for none in ["nonce-a\">", "nonce-", "nonce-=", "nonce-==", "nonce-a=b", "nonce-=a", "nonce-YQ==="] {
            assert_eq!(permit(&[&*format!("script-src '{none}'")]), Permit::Forbidden, "{none}");
        }
    }

    #[test]
    fn all_policies_must_agree() {
        assert_eq!(permit(&["script-src 'self'", "script-src 'nonce-a'"]), nonce("a"));
        assert_eq!(permit(&["script-src 'nonce-b' 'nonce-a', script-src 'nonce-a'"]), nonce("a"));
        assert_eq!(permit(&["script-src 'nonce-a'", "script-src 'nonce-b'"]), Permit::Forbidden);
        assert_eq!(permit(&["script-src 'self'", "sandbox allow-forms"]), Permit::Forbidden);
        assert_eq!(permit(&["sandbox allow-scripts"]), Permit::Plain);
    }

    #[test]
    fn addresses_are_enough_too_unless_trust_is_passed_on_by_scripts_alone() {
        assert_eq!(permit(&["script-src https:"]), Permit::Plain);
        assert_eq!(permit(&["default-src *.example.com"]), Permit::Plain);
        assert_eq!(permit(&["script-src www.example.com/.dni/ 'sha256-abc'"]), Permit::Plain);
        assert_eq!(permit(&["script-src https://cdn.example"]), Permit::Forbidden);
        assert_eq!(permit(&["script-src https: * 'strict-dynamic'"]), Permit::Forbidden);
        assert_eq!(permit(&["script-src https:; script-src-elem cdn.example"]), Permit::Forbidden);
        assert_eq!(permit(&["default-src 'none'; script-src https:"]), Permit::Plain);
        assert_eq!(permit(&["script-src *", "script-src www.example.com/js/"]), Permit::Forbidden);
    }

    #[test]
    fn asking_is_a_matter_of_connections() {
        assert!(may_ask(&[]) && may_ask(&["script-src 'none'"]) && may_ask(&["default-src https:"]));
        assert!(may_ask(&["default-src 'none'; connect-src 'self'"]));
        assert!(may_ask(&["connect-src www.example.com/.dni/visit"]));
        assert!(!may_ask(&["default-src 'none'; script-src 'self'"]));
        assert!(!may_ask(&["connect-src", "connect-src *"]));
        assert!(!may_ask(&["connect-src https://api.example.com www.example.com/api/"]));
    }
}
