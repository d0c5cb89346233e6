//! A text as it comes: however it is cut up, the same numbers are found in it, and their digits are those configured.
//!
//! The input is the text, in whatever charset.

#![no_main]

#[path = "../cut.rs"]
mod cut;

use std::sync::LazyLock;

use dni_edge::number::{Charset, Found, Matcher, PhoneNumber, Scanner};
use libfuzzer_sys::fuzz_target;

/// Those of the fixtures, which the corpus is taken from, and one that letters spell.
const NUMBERS: [&str; 10] = [
    "+12125550100",
    "+12125550101",
    "+442079460100",
    "+441632960123",
    "+493023125100",
    "+33199001234",
    "+97145550123",
    "+81355501234",
    "+861055501234",
    "+18003569377",
];

static CONFIGURED: LazyLock<Vec<PhoneNumber>> = LazyLock::new(|| {
    let us = "US".parse().expect("a country");
    NUMBERS.map(|number| PhoneNumber::parse(number, us).expect("a number")).into()
});

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| Matcher::new(&*CONFIGURED));

static CHARSETS: LazyLock<Vec<Charset>> = LazyLock::new(|| {
    [encoding_rs::UTF_8, encoding_rs::WINDOWS_1252, encoding_rs::SHIFT_JIS, encoding_rs::GB18030]
        .map(|encoding| Charset::of(encoding).expect("numbers can be read in it"))
        .into()
});

fuzz_target!(|text: &[u8]| {
    for charset in &*CHARSETS {
        let whole = scan(charset, [text]);
        assert_eq!(whole, scan(charset, text.chunks(1)), "byte by byte in {charset:?}");
        assert_eq!(whole, scan(charset, cut::pieces(text)), "in pieces in {charset:?}");
        whole.iter().for_each(|found| assert_is_spelled(found, text));
    }
});

fn scan<'a>(charset: &Charset, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Found> {
    let (mut scanner, mut found, mut at) = (Scanner::new(charset.clone()), Vec::new(), 0);
    for piece in pieces {
        scanner.feed(&MATCHER, piece, at, &mut found);
        at += piece.len();
        if let Some(held) = scanner.held() {
            let mut ends = found.iter().flat_map(|found| &found.segments).map(|segment| segment.end);
            assert!(ends.all(|end| end <= held), "what was found is held no more");
        }
    }
    scanner.end(&MATCHER, &mut found);
    assert_eq!(scanner.held(), None, "nothing is held behind the end");
    found
}

/// Which digits a number has is told here without the scanner, where it is written in nothing but ASCII digits.
fn assert_is_spelled(found: &Found, text: &[u8]) {
    let written: Vec<u8> =
        found.segments.iter().flat_map(|segment| &text[segment.start..segment.end]).copied().collect();
    if written.iter().any(|byte| !byte.is_ascii() || byte.is_ascii_alphabetic() || *byte == b'&') {
        return;
    }
    let digits: String =
        written.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| *byte as char).collect();
    let number = &CONFIGURED[usize::from(found.line)];
    let national = number.national_digits();
    let is_local = number.country_code() == "1" && digits == national[3..];
    assert!(digits.ends_with(national) || is_local, "{digits} is not {}", number.e164());
}
