//! A page as it comes: filled with its own numbers it is itself, with others it is the same however it is cut up, and what it
//! begins with doesn't hold the rest back.
//!
//! The input is the page, in whatever charset.

#![no_main]

#[path = "../cut.rs"]
mod cut;

use std::sync::{Arc, LazyLock};

use dni_edge::number::PhoneNumber;
use dni_edge::page::{Carries, Compiler, Declared, Filling, Lines, Piece, Shown};
use libfuzzer_sys::fuzz_target;

/// With links marked and not, with the head's place and without.
static LINES: LazyLock<[Arc<Lines>; 2]> = LazyLock::new(|| {
    let numbers = ["+12125550100", "+12125550101", "+18003569377"];
    let lines = |mark| Lines::new(numbers.map(number).into(), mark);
    [Arc::new(lines(true)), Arc::new(lines(false).of_pages_that_hydrate())]
});

/// A number of the same form, one of another country, and one for what letters spell.
static TRACKING: LazyLock<Filling> = LazyLock::new(|| {
    let mut filling = Filling::canonical();
    for (line, shown) in ["+12125550199", "+442079460123", "+18005550199"].into_iter().enumerate() {
        filling.show(line, Shown { number: Arc::new(number(shown)), carries: Carries::EVERYTHING });
    }
    filling
});

/// Ends whatever a page may have begun.
const END: &str =
    "x'\">--></script>]]></script></style></textarea></title></xmp></iframe></noembed></noframes></noscript>";

/// More bytes than what stands before them may wait for.
const ORDINARY: usize = 8 << 10;

/// Bytes that an ordinary page may hold back at any time.
const HELD: usize = 64;

fuzz_target!(|page: &[u8]| {
    let [marking, hydrating] = &*LINES;
    for (lines, declared) in [
        (marking, Declared::Unknown),
        (marking, Declared::Certainly(encoding_rs::UTF_8)),
        (hydrating, Declared::Certainly(encoding_rs::WINDOWS_1252)),
        (hydrating, Declared::Certainly(encoding_rs::SHIFT_JIS)),
    ] {
        let filled = |arriving: &mut dyn Iterator<Item = &[u8]>| filled(lines, declared, page, arriving);
        let whole = filled(&mut [page].into_iter());
        let cut = filled(&mut cut::pieces(page));
        assert_eq!(String::from_utf8_lossy(&cut), String::from_utf8_lossy(&whole), "however it is cut");
        let read = filled(&mut before_tags(page));
        assert_eq!(String::from_utf8_lossy(&read), String::from_utf8_lossy(&whole), "nothing passed over");
    }
    assert_flows(marking, page);
});

/// The page, which comes in these pieces, as a visitor with tracking numbers is shown it.
fn filled(
    lines: &Arc<Lines>,
    declared: Declared,
    page: &[u8],
    arriving: &mut dyn Iterator<Item = &[u8]>,
) -> Vec<u8> {
    let (mut compiler, mut pieces) = (Compiler::new(Arc::clone(lines), declared), Vec::new());
    arriving.for_each(|bytes| compiler.write(bytes, &mut pieces));
    compiler.end(&mut pieces);
    assert_eq!(written(lines, &pieces, &Filling::canonical()), page, "filled with its own numbers");
    written(lines, &pieces, &TRACKING)
}

fn written(lines: &Lines, pieces: &[Piece], filling: &Filling) -> Vec<u8> {
    let mut out = Vec::new();
    pieces.iter().for_each(|piece| filling.write(piece, lines, &mut out));
    out
}

/// Behind enough of an ordinary page nothing of what it began with is held back.
fn assert_flows(lines: &Arc<Lines>, page: &[u8]) {
    let (mut compiler, mut pieces) = (Compiler::new(Arc::clone(lines), Declared::Unknown), Vec::new());
    let ordinary = "<p>An ordinary page.</p>\n".repeat(ORDINARY / 25);
    let page = [page, END.as_bytes(), ordinary.as_bytes()].concat();
    page.chunks(1000).for_each(|bytes| compiler.write(bytes, &mut pieces));
    let out: usize = pieces.iter().map(|piece| piece.origin().len()).sum();
    assert!(page.len() - out <= HELD, "{} bytes are held back", page.len() - out);
}

/// The page's pieces, each of which ends where a tag may begin: while a text is read, it is not known that it ends there.
fn before_tags(mut page: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let next = page.get(1..)?.iter().position(|byte| *byte == b'<').map_or(page.len(), |at| 1 + at);
        let (piece, rest) = page.split_at(next);
        page = rest;
        Some(piece)
    })
}

fn number(written: &str) -> PhoneNumber {
    PhoneNumber::parse(written, "US".parse().expect("a country")).expect("a number")
}
