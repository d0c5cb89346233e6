//! The visitor's cookies, as the website and consent tools set them.

use std::borrow::Cow;

use http::{HeaderMap, header};

/// Values of the cookies of this name, in their order (RFC 6265 §4.2.1). Those that are no text are passed over.
pub fn values<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    let pairs =
        headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(move |pair| value_of(pair, name)).filter_map(|value| str::from_utf8(value).ok())
}

/// The value of a pair of this name. Other sites' cookies may hold any bytes, so names and values are bytes.
pub fn value_of<'h>(pair: &'h [u8], name: &str) -> Option<&'h [u8]> {
    pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"=")
}

/// A value as it was sent and, where that is another, percent-decoded: scripts write cookies either way.
pub(super) fn readings(value: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let decoded = value.contains('%').then(|| percent_encoding::percent_decode_str(value).decode_utf8().ok());
    let other = decoded.flatten().filter(|decoded| decoded != value);
    std::iter::once(Cow::Borrowed(value)).chain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_sent_and_decoded() {
        let read = |value| readings(value).collect::<Vec<_>>();
        assert_eq!(read("marketing:true"), ["marketing:true"]);
        assert_eq!(
            read("%7B%22marketing%22%3Atrue%7D"),
            ["%7B%22marketing%22%3Atrue%7D", "{\"marketing\":true}"]
        );
        assert_eq!(read("100%"), ["100%"]);
        assert_eq!(read("%ff"), ["%ff"]);
    }
}
