//! Which part of a file is asked for (RFC 9110 §14).

use http::header::{self, HeaderMap, HeaderValue};

/// What is to be sent of something with so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    Whole,
    /// From the first of them to the last, both within it.
    Part(u64, u64),
    /// There is nothing where it was asked for.
    Unsatisfiable,
}

impl Range {
    /// `tag`: the entity tag of what there is. A part is sent of the version that was asked for, and of another all of it (§13.1.5);
    /// several parts at once, and what can't be read, are answered with all of it (§14.2).
    pub fn of(headers: &HeaderMap, bytes: u64, tag: &HeaderValue) -> Self {
        let is_of_another = headers.get(header::IF_RANGE).is_some_and(|version| version != tag);
        let Some(asked) = headers.get(header::RANGE).filter(|_| !is_of_another) else { return Range::Whole };
        asked.to_str().ok().and_then(|asked| Range::read(asked, bytes)).unwrap_or(Range::Whole)
    }

    fn read(asked: &str, bytes: u64) -> Option<Self> {
        let (unit, range) = asked.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let end = bytes.checked_sub(1);
        let (first, last) = match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => (Some(first), end.map(|end| last.min(end))),
            (Some(first), None) if last.is_empty() => (Some(first), end),
            // The last so many bytes.
            (None, Some(count)) if first.is_empty() => {
                (Some(bytes.saturating_sub(count)).filter(|_| count > 0), end)
            }
            _ => return None,
        };
        Some(match (first, last) {
            (Some(first), Some(last)) if first <= last => Range::Part(first, last),
            _ => Range::Unsatisfiable,
        })
    }
}

/// Digits alone (§14.1.1); more than can be counted is beyond any file.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::Range::{Part, Unsatisfiable, Whole};
    use super::*;

    const TAG: HeaderValue = HeaderValue::from_static("\"v1\"");

    fn of(range: &str, version: Option<&'static str>, bytes: u64) -> Range {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_str(range).unwrap());
        if let Some(version) = version {
            headers.insert(header::IF_RANGE, HeaderValue::from_static(version));
        }
        Range::of(&headers, bytes, &TAG)
    }

    #[test]
    fn a_part_is_what_was_asked_for_within_what_there_is() {
        for (asked, wanted) in [
            ("bytes=0-0", Part(0, 0)),
            ("bytes=0-", Part(0, 9)),
            ("bytes=3-5", Part(3, 5)),
            ("Bytes = 3-5", Part(3, 5)),
            ("bytes=3-99", Part(3, 9)),
            ("bytes=3-99999999999999999999999", Part(3, 9)),
            ("bytes=-4", Part(6, 9)),
            ("bytes=-99", Part(0, 9)),
            ("bytes=10-", Unsatisfiable),
            ("bytes=10-12", Unsatisfiable),
            ("bytes=99999999999999999999999-", Unsatisfiable),
            ("bytes=-0", Unsatisfiable),
            ("bytes=5-3", Whole),
            ("bytes=0-1,3-4", Whole),
            ("bytes=", Whole),
            ("bytes=-", Whole),
            ("bytes=+1-2", Whole),
            ("bytes=1-2-3", Whole),
            ("lines=1-2", Whole),
            ("1-2", Whole),
        ] {
            assert_eq!(of(asked, None, 10), wanted, "{asked}");
        }
        assert_eq!(of("bytes=0-", None, 0), Unsatisfiable);
        assert_eq!(Range::of(&HeaderMap::new(), 10, &TAG), Whole);
    }

    #[test]
    fn of_another_version_all_is_sent() {
        assert_eq!(of("bytes=3-5", Some("\"v1\""), 10), Part(3, 5));
        for other in ["\"v2\"", "W/\"v1\"", "Sat, 28 Nov 2026 19:00:00 GMT"] {
            assert_eq!(of("bytes=3-5", Some(other), 10), Whole, "{other}");
        }
    }
}
