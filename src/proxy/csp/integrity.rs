//! Whether a page wants no script without a hash of its own: the header `Integrity-Policy` (Subresource Integrity), a
//! dictionary of structured fields (RFC 9651 §3.2). Ours has none, for a hash is heeded only of what is asked for with CORS.

use http::{HeaderMap, HeaderName};

const INTEGRITY_POLICY: HeaderName = HeaderName::from_static("integrity-policy");

/// What can't be read is no policy.
pub(super) fn is_required(headers: &HeaderMap) -> bool {
    let lines: Result<Vec<_>, _> =
        headers.get_all(INTEGRITY_POLICY).iter().map(|line| line.to_str()).collect();
    let Ok(lines) = lines else { return false };
    let policy = lines.join(",");
    // Of a member that stands there twice the last counts.
    let member = |name: &str| policy.split(',').rev().find_map(|member| list(member, name));
    let sources = member("sources");
    member("blocked-destinations").is_some_and(|blocked| blocked.contains(&"script"))
        && sources.is_none_or(|sources| sources.contains(&"inline"))
}

/// The tokens of a member that is a list and has this name.
fn list<'a>(member: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let (key, value) = member.split_once('=')?;
    let (list, _) = value.strip_prefix('(')?.split_once(')')?;
    (key.trim_matches([' ', '\t']) == name)
        .then(|| list.split(' ').filter(|token| !token.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn scripts_are_kept_away_by_a_list_that_names_them() {
        let is_required = |policies: &[&str]| {
            let line = |policy: &&str| (INTEGRITY_POLICY, HeaderValue::from_str(policy).unwrap());
            super::is_required(&policies.iter().map(line).collect())
        };
        assert!(is_required(&["blocked-destinations=(script)"]));
        assert!(is_required(&["blocked-destinations=(style script), sources=(inline), endpoints=(a)"]));
        assert!(is_required(&["endpoints=(a)", " blocked-destinations=( script );a=1"]));
        assert!(!is_required(&[]) && !is_required(&["blocked-destinations=(style)"]));
        assert!(!is_required(&["blocked-destinations=(script), sources=()"]));
        assert!(!is_required(&["blocked-destinations=(script)", "blocked-destinations=(style)"]));
        assert!(!is_required(&["blocked-destinations=script"]) && !is_required(&["x=(script)"]));
    }
}
