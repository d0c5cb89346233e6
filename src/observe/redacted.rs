//! What may be written down of an address: of the client's, the network; of the page's, its path and the names in its query.

use std::net::IpAddr;

use http::Uri;
use ipnet::IpNet;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Stands for what is left out.
const LEFT_OUT: &str = "*";

/// Carriers' addresses begin so. Whatever digits stand there are a number's.
const CARRIERS: &str = "/.dni/calls/";

/// So many digits behind a plus are a telephone number (E.164 has at most 15; the shortest in use have seven).
const FEWEST_OF_NUMBER: usize = 7;

/// A longer name in a query is somebody's value.
const LONGEST_NAME: usize = 40;

/// A name with more digits may be a telephone number.
const MOST_DIGITS_OF_NAME: usize = 5;

/// What would end a word, a quotation or a line. What is not ASCII is written so anyway.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'\\').add(b'<').add(b'>').add(b'`');

/// The client's network: the first 24 bits of an IPv4 address, 48 of an IPv6 one.
pub(super) fn network(address: IpAddr) -> IpAddr {
    let address = address.to_canonical();
    let bits = if address.is_ipv4() { 24 } else { 48 };
    IpNet::new(address, bits).map_or(address, |network| network.network())
}

/// A host, whatever it is.
pub(super) fn host(authority: &str) -> String {
    let without_user = authority.rsplit('@').next().unwrap_or_default();
    escaped(&without_user.to_ascii_lowercase())
}

/// The path without telephone numbers.
pub(super) fn path(path: &str) -> String {
    if path.starts_with(CARRIERS) {
        return escaped(&without_digits(path, |_, _| true));
    }
    let is_number = |before: &str, digits| {
        let behind_plus = before.ends_with('+') || before.to_ascii_uppercase().ends_with("%2B");
        digits >= FEWEST_OF_NUMBER && (behind_plus || before.ends_with("tel:"))
    };
    escaped(&without_digits(path, is_number))
}

/// The path, and the names in the query without their values.
pub(super) fn target(uri: &Uri) -> String {
    let mut target = path(uri.path());
    if let Some(query) = uri.query() {
        target.push('?');
        let pairs: Vec<String> = query.split('&').map(pair).collect();
        target.push_str(&pairs.join("&"));
    }
    target
}

fn pair(pair: &str) -> String {
    let (name, has_value) = match pair.split_once('=') {
        Some((name, _)) => (name, true),
        None => (pair, false),
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.[]".contains(&byte);
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_name = name.len() <= LONGEST_NAME && digits <= MOST_DIGITS_OF_NAME && name.bytes().all(is_plain);
    let name = if is_name { name } else { LEFT_OUT };
    let value = if has_value { "=*" } else { "" };
    format!("{name}{value}")
}

/// Leaves out runs of digits, where `is_number` says so of what stands before one and of how many there are.
fn without_digits(path: &str, is_number: impl Fn(&str, usize) -> bool) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        out.push_str(before);
        // A digit of a percent-encoded plus belongs to what stands before.
        let written = if is_number(&out, end) { LEFT_OUT } else { &from[..end] };
        out.push_str(written);
        rest = &from[end..];
    }
    out.push_str(rest);
    out
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(written: &str) -> String {
        target(&written.parse().unwrap())
    }

    #[test]
    fn an_address_is_shortened_to_its_network() {
        for (address, shortened) in [
            ("203.0.113.77", "203.0.113.0"),
            ("::ffff:203.0.113.77", "203.0.113.0"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
            ("::1", "::"),
        ] {
            assert_eq!(network(address.parse().unwrap()).to_string(), shortened, "{address}");
        }
    }

    #[test]
    fn a_querys_names_are_kept_and_no_value_is() {
        for (written, kept) in [
            ("/", "/"),
            ("/?", "/?"),
            ("/a?gclid=EAIaIQ&utm_source=google&x=", "/a?gclid=*&utm_source=*&x=*"),
            ("/a?preview&q=a=b", "/a?preview&q=*"),
            ("/a?jane@example.com", "/a?*"),
            ("/a?%2B12125550123", "/a?*"),
            ("/a?12125550123=1", "/a?*=*"),
            ("/a?items[0]=1&b;c=2", "/a?items[0]=*&*=*"),
        ] {
            assert_eq!(redacted(written), kept, "{written}");
        }
    }

    #[test]
    fn telephone_numbers_are_taken_out_of_paths() {
        for (written, kept) in [
            ("/products/12345678/2026", "/products/12345678/2026"),
            ("/call/+12125550123", "/call/+*"),
            ("/call/%2b12125550123/x", "/call/%2b*/x"),
            ("/call/tel:2125550123", "/call/tel:*"),
            ("/a+1b", "/a+1b"),
            ("/.dni/calls/pbx/12125550123", "/.dni/calls/pbx/*"),
            ("/.dni/calls/pbx/212-555-0123", "/.dni/calls/pbx/*-*-*"),
            ("/.dni/calls/twilio/next?to=%2B12125550123&step=2", "/.dni/calls/twilio/next?to=*&step=*"),
        ] {
            assert_eq!(redacted(written), kept, "{written}");
        }
    }

    #[test]
    fn nothing_that_comes_from_outside_can_end_a_word_or_a_line() {
        assert_eq!(host("user:word@WWW.Example.com:80"), "www.example.com:80");
        assert_eq!(host("a b\r\n\u{1b}[2J\"\u{85}"), "a%20b%0D%0A%1B[2j%22%C2%85");
        assert_eq!(redacted("/a\"b\u{e9}"), "/a%22b%C3%A9");
    }
}
