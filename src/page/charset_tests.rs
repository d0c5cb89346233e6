//! Pages in charsets whose characters are several bytes.

use super::tests::{compile, fill, filled_as, lines, showing};
use super::*;
use crate::page::Filling;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS};
use proptest::prelude::*;

const MULTI_BYTE: [&Encoding; 6] = [SHIFT_JIS, EUC_JP, EUC_KR, BIG5, GBK, GB18030];

/// The page as written in this charset, filled: by its header, and by its own word.
fn filled_in(encoding: &'static Encoding, page: &str) -> String {
    let (written, _, _) = encoding.encode(page);
    let by_header = filled_as(Declared::Certainly(encoding), false, &written);
    let meta = format!("<meta charset={}>", encoding.name());
    let by_meta = filled_as(Declared::Unknown, false, &[meta.as_bytes(), &written].concat());
    assert_eq!(by_meta, [meta.as_bytes(), &by_header].concat(), "{meta}");
    encoding.decode_without_bom_handling(&by_header).0.into_owned()
}

#[test]
fn numbers_are_found_and_written_in_the_charset_of_the_page() {
    for encoding in MULTI_BYTE {
        for (page, filled) in [
            ("<p>一（２１２）５５５－０１００中</p>", "<p>一（２１２）５５５－０１９９中</p>"),
            ("<p>＋１　２１２　５５５　０１００", "<p>＋１　２１２　５５５　０１９９"),
            ("<a href='tel:２１２５５５０１００'>中</a>", "<a href='tel:２１２５５５０１９９'>中</a>"),
            ("<p title=中>中212-555-0100中", "<p title=中>中212-555-0199中"),
            ("２１２<b>５５５</b>０１００", "２１２<b>５５５</b>０１９９"),
        ] {
            assert_eq!(filled_in(encoding, page), filled, "{encoding:?}");
        }
    }
}

#[test]
fn a_byte_that_looks_like_a_letter_or_digit_is_none_inside_a_character() {
    // In these charsets the last bytes of such characters are `F`, `d`, `\\`, `A`, `8`, and so on.
    for (encoding, before) in
        [(SHIFT_JIS, "：電ソア表"), (BIG5, "功許蓋一"), (GBK, "亊丂丄"), (GB18030, "🎂ñٱ"), (EUC_KR, "똠샾")]
    {
        for c in before.chars() {
            let page = format!("<p>{c}212-555-0100</p>{c}-212-555-0100<i>{c}</i>{c}{c}2125550100{c}");
            let wanted = page.replace("0100", "0199");
            assert_eq!(filled_in(encoding, &page), wanted, "{encoding:?}");
        }
    }
    for letter in ["x", "7", "表A"] {
        let page = format!("<p>{letter}212-555-0100</p>");
        assert_eq!(filled_in(SHIFT_JIS, &page), page);
    }
}

#[test]
fn a_sum_of_money_is_one_however_it_arrives() {
    for price in
        [&b"\xa3\xa42125550100"[..], b"\xa3\xa4 2125550100", b"\x80 212-555-0100", b"a \x80212-555-0100"]
    {
        assert_eq!(filled_as(Declared::Certainly(GB18030), false, price), price);
    }
}

#[test]
fn a_text_may_begin_with_what_looks_like_characters_cut_off() {
    // Two bytes each of which begins a character in UTF-8.
    for encoding in [EUC_JP, EUC_KR, BIG5, GBK] {
        let c = encoding.decode_without_bom_handling(b"\xc5\xc5").0;
        let page = format!("<p>{c}２１２－５５５－０１００<p>{c}{c}<!-- -->２１２５５５０１００");
        assert_eq!(filled_in(encoding, &page), page.replace("０１００", "０１９９"), "{encoding:?}");
    }
}

#[test]
fn digits_of_four_bytes_are_written_as_four_bytes() {
    assert_eq!(filled_in(GB18030, "<p>٢١٢-٥٥٥-٠١٠٠"), "<p>٢١٢-٥٥٥-٠١٩٩");
    assert_eq!(filled_in(GB18030, "<p>२१२५५५०१००"), "<p>२१२५५५०१९९");
}

#[test]
fn the_charset_of_meta_counts_for_all_that_comes_behind_it() {
    let (digits, _, _) = SHIFT_JIS.encode("２１２５５５０１００");
    let far = "<i>x</i>".repeat(400);
    for before in ["", "<title>表</title>", "<p>表</p>"] {
        let head = [before.as_bytes(), b"<meta charset=shift_jis>", far.as_bytes()].concat();
        let page = [&head[..], &digits].concat();
        let filled = filled_as(Declared::Unknown, false, &page);
        assert_eq!(filled, [&head[..], &SHIFT_JIS.encode("２１２５５５０１９９").0].concat());
    }
    let late = |before: &[u8]| [before, b"<meta charset=shift_jis>", &digits].concat();
    let script = [b"<head><script>", &b"x".repeat(2000)[..], b"</script>"].concat();
    assert_ne!(filled_as(Declared::Unknown, false, &late(&script)), late(&script), "a long head is one");
    let body = [&script[..], b"</head>"].concat();
    assert_eq!(filled_as(Declared::Unknown, false, &late(&body)), late(&body), "it comes too late");
}

/// Bits of pages that are hard when they meet, before they are written in a charset.
const BITS: [&str; 37] = [
    "212",
    "-555-",
    "0100",
    "(212) ",
    "555-0100",
    "2125550100",
    "２１２",
    "－５５５－",
    "０１００",
    "（",
    "＋１",
    "　",
    " ",
    "表",
    "：",
    "亊",
    "똠",
    "功",
    "🎂",
    "٢١٢",
    "ｱ",
    "A",
    "-",
    "&nbsp;",
    "&#50;",
    "&",
    "<",
    ">",
    "<b>",
    "</b>",
    "<p>",
    "<!-- 表 -->",
    "<a href='tel:2125550100'>",
    "<a title='表' href=\"tel:２１２５５５０１００\">",
    "</a>",
    "<script>",
    "</script>",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// However a page arrives, it becomes the same; and filled with its own numbers it is the origin's. Here and there a byte
    /// is amiss.
    #[test]
    fn every_page_is_itself_and_the_same_at_every_split(
        place in 0..MULTI_BYTE.len(),
        by_meta in any::<bool>(),
        bits in prop::collection::vec((0..BITS.len(), prop::option::weighted(0.1, 0x30u8..)), 0..30),
        sizes in prop::collection::vec(1usize..20, 0..60),
    ) {
        let encoding = MULTI_BYTE[place];
        let declared = if by_meta { Declared::Unknown } else { Declared::Certainly(encoding) };
        let mut page = if by_meta { format!("<meta charset={}>", encoding.name()).into_bytes() } else { Vec::new() };
        for (bit, amiss) in bits {
            page.extend_from_slice(&encoding.encode(BITS[bit]).0);
            page.extend(amiss);
        }
        let lines = lines(&["+12125550100"], true);
        let whole = compile(&lines, declared, &page, &[]);
        let split = compile(&lines, declared, &page, &sizes);
        prop_assert_eq!(&fill(&lines, &whole, &Filling::canonical()), &page);
        prop_assert_eq!(&fill(&lines, &split, &Filling::canonical()), &page);
        // Shown its own number, a page is the same but for the marks of links.
        let own = fill(&lines, &split, &showing("+12125550100"));
        let marks = b" data-nap=\"+12125550100\"";
        prop_assert_eq!(without(&own, marks), page);
        let shown = showing("+12125550199");
        prop_assert_eq!(fill(&lines, &whole, &shown), fill(&lines, &split, &shown));
    }
}

fn without(bytes: &[u8], what: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some(place) = memchr::memmem::find(rest, what) {
        out.extend_from_slice(&rest[..place]);
        rest = &rest[place + what.len()..];
    }
    out.extend_from_slice(rest);
    out
}
