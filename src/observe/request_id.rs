//! A request's id, by which its lines in the logs of a proxy before us, of ours, and of the website behind us are found.

use http::{HeaderMap, HeaderName, HeaderValue};

/// No standard, but what nginx, Envoy, Heroku and most frameworks call it.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A longer one is none.
const LONGEST: usize = 128;

/// The id that a trusted proxy gave the request, where it is one; else a new one: 128 random bits in hexadecimal.
pub(super) fn of(headers: &HeaderMap, is_trusted: bool) -> HeaderValue {
    given(headers).filter(|_| is_trusted).cloned().unwrap_or_else(|| {
        let id = format!("{:032x}", rand::random::<u128>());
        HeaderValue::from_str(&id).expect("hexadecimal digits are a header's value")
    })
}

fn given(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut lines = headers.get_all(X_REQUEST_ID).iter();
    let (Some(id), None) = (lines.next(), lines.next()) else { return None };
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:=+/@".contains(byte);
    let is_id = (1..=LONGEST).contains(&id.len()) && id.as_bytes().iter().all(is_plain);
    is_id.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(ids: &[&str]) -> HeaderMap {
        ids.iter().map(|id| (X_REQUEST_ID, HeaderValue::from_str(id).unwrap())).collect()
    }

    fn is_new(id: &HeaderValue) -> bool {
        id.len() == 32 && id.as_bytes().iter().all(u8::is_ascii_hexdigit)
    }

    #[test]
    fn only_a_trusted_proxys_id_is_kept_and_only_if_it_is_one() {
        let envoys = "7f3c0a51-9a3e-4a0e-8f2c-1d2e3f405162";
        assert_eq!(of(&headers(&[envoys]), true), envoys);
        assert!(is_new(&of(&headers(&[envoys]), false)));
        let long = "a".repeat(LONGEST + 1);
        for none in [&[][..], &[""], &["two words"], &["a\"b"], &[&long], &["one", "two"]] {
            assert!(is_new(&of(&headers(none), true)), "{none:?}");
        }
        assert_eq!(of(&headers(&[&long[1..]]), true).len(), LONGEST);
    }

    #[test]
    fn no_two_are_the_same() {
        assert_ne!(of(&headers(&[]), true), of(&headers(&[]), true));
    }
}
