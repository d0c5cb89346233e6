//! What a page becomes doesn't hang on how it arrives.

use super::tests::*;
use super::*;
use crate::number::{Country, PhoneNumber};
use crate::page::{Carries, Filling, Shown};
use proptest::prelude::*;

#[test]
fn what_stands_before_a_number_is_the_same_at_every_split() {
    for page in ["&#97;-2125550100", "a\u{feff}-2125550100", "&#36;2125550100"] {
        filled(page); // compares all splits
    }
}

#[test]
fn where_the_head_begins_is_the_same_at_every_split() {
    let us: Country = "US".parse().unwrap();
    let number = PhoneNumber::parse("+12125550100", us).unwrap();
    let lines = Arc::new(Lines::new(vec![number], true).of_pages_that_hydrate());
    for page in [
        "<!doctype html>\n<html lang=en><!-- a --><head class='>'>|<title>212-555-0100</title></head>",
        "\u{feff}\n<!-- 212-555-0100 -->\n|212-555-0100 <head>",
        "<html>\n|<script>2125550100</script><p>212-555-0100",
        &format!("<!--{}-->|<a href=tel:2125550100>call</a>", "a".repeat(2000)),
    ] {
        let (before, after) = page.split_once('|').unwrap();
        let whole = [before, after].concat();
        for size in [1, 2, 7, whole.len()] {
            let sizes = vec![size; whole.len() / size];
            let pieces = compile(&lines, Declared::Unknown, whole.as_bytes(), &sizes);
            let heads: Vec<_> =
                (0..pieces.len()).filter(|at| matches!(pieces[*at], Piece::Head(_))).collect();
            let [head] = heads[..] else { panic!("one head: {page}") };
            let canonical = Filling::canonical();
            let (written, rest) =
                (fill(&lines, &pieces[..head], &canonical), fill(&lines, &pieces[head..], &canonical));
            assert_eq!((written, rest), (before.as_bytes().to_vec(), after.as_bytes().to_vec()), "{page}");
        }
    }
}

#[test]
fn what_looks_like_a_link_in_a_script_is_none_however_it_arrives() {
    for page in [
        "<script><!--<script><a href='tel:2125550100'><",
        "<script><!--<script></script><a href='tel:2125550100'></script>",
        "<textarea></text<a href='tel:2125550100'>",
        "<script></script><style></style><a href='tel:2125550101'>",
    ] {
        assert_eq!(filled(page), page);
        assert_eq!(filled(&far(page)), far(page));
    }
}

#[test]
fn how_far_seven_digits_may_be_does_not_hang_on_how_the_page_arrives() {
    let page = |comment: &str, number: &str| far(&format!("212-555-0199</b><!--{comment}-->-555-{number}"));
    let was = |comment: &str| page(comment, "0100").replacen("0199", "0100", 1);
    assert_eq!(filled(&was(" 1 ")), page(" 1 ", "0199"));
    assert_eq!(filled(&was(" 12 ")), page(" 12 ", "0100"));
}

/// Bits of pages that are hard when they meet.
const BITS: [&str; 72] = [
    "<!--<script>",
    "<noscript>",
    "</noscript>",
    "<div class='h-card'>",
    "</div>",
    "<i class=p-tel>",
    "<b class='value'>",
    "<a class=u-tel href='tel:2125550100'>",
    "<i property=tel>",
    "</i>",
    "<img alt='212-555-0100'>",
    "<i class=tel>",
    "<svg>",
    "<![CDATA[",
    "]]>",
    "</svg>",
    "<title>",
    "</title>",
    "<path/>",
    "<a title='",
    "<p contentEditable>",
    "212",
    "-555-",
    "0100",
    "(212) ",
    "555-0100",
    "+1",
    " ",
    "\n  ",
    "&nbsp;",
    "&#8209;",
    "&#50;",
    "&",
    "<b>",
    "</b>",
    "<p>",
    "</p>",
    "<br>",
    "<a href='tel:2125550100'>",
    "<a href=\"tel:+1-212-555-0100\" class=tel>",
    "</a>",
    "<",
    ">",
    "<!-- x -->",
    "<!--",
    "<script>",
    "</script>",
    "<span itemprop=telephone>",
    "</span>",
    "\u{200b}",
    "é",
    "２",
    "$",
    "<textarea>",
    "</textarea>",
    "<meta charset=windows-1252>",
    "2125550100",
    "<i class=vcard>",
    "<div itemscope>",
    "<a property=x href='tel:2125550100'>",
    "<p rel='x:y'>",
    "<td>",
    "<b itemprop=x>",
    "<div class=adr>",
    "<wbr>",
    "<!---->",
    "+44",
    "5",
    "800-",
    "FLOWERS",
    "<i title='(800) FLOWERS'>",
    "<i aria-label=800-FLOWERS>",
];

/// Those in which nothing is structured data, nor a text that looks like markup.
fn is_plain(bit: &str) -> bool {
    let words = ["class", "item", "property", "rel", "<meta", "script", "title>", "textarea", "svg", "CDATA"];
    !words.iter().any(|word| bit.contains(word))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// However a page arrives, it becomes the same; and filled with its own numbers it is the origin's.
    #[test]
    fn every_page_is_itself_and_the_same_at_every_split(
        bits in proptest::collection::vec(0..BITS.len(), 0..40),
        sizes in proptest::collection::vec(1usize..20, 0..60),
        noise in proptest::collection::vec(any::<u8>(), 0..6),
        noise_at in 0usize..40,
        is_declared in any::<bool>(),
    ) {
        let declared = if is_declared { UTF_8 } else { Declared::Unknown };
        let mut page = Vec::new();
        for (index, bit) in bits.into_iter().enumerate() {
            if index == noise_at {
                page.extend_from_slice(&noise);
            }
            page.extend_from_slice(BITS[bit].as_bytes());
        }
        let lines = lines(&["+12125550100", "+18003569377"], true);
        let whole = compile(&lines, declared, &page, &[]);
        let split = compile(&lines, declared, &page, &sizes);
        prop_assert_eq!(&fill(&lines, &whole, &Filling::canonical()), &page);
        prop_assert_eq!(&fill(&lines, &split, &Filling::canonical()), &page);
        let shown = showing_all(&["+12125550199", "+493023125100"]);
        let (whole, split) = (fill(&lines, &whole, &shown), fill(&lines, &split, &shown));
        prop_assert_eq!(String::from_utf8_lossy(&whole), String::from_utf8_lossy(&split));
    }

    /// Whatever number is shown, a page's tags and their attributes are those of the origin.
    #[test]
    fn no_number_makes_other_tags(bits in proptest::collection::vec(0..BITS.len(), 0..40)) {
        let page: String = bits.into_iter().map(|bit| BITS[bit]).filter(|bit| is_plain(bit)).collect();
        let lines = lines(&["+12125550100", "+18003569377"], false);
        let pieces = compile(&lines, UTF_8, page.as_bytes(), &[]);
        let filled = fill(&lines, &pieces, &showing_all(&["+493023125100", "+442079460123"]));
        prop_assert_eq!(names(page.as_bytes()), names(&filled), "{}", String::from_utf8_lossy(&filled));
    }
}

fn showing_all(numbers: &[&str]) -> Filling {
    let mut filling = Filling::canonical();
    for (line, number) in numbers.iter().enumerate() {
        let number = Arc::new(PhoneNumber::parse(number, "US".parse().unwrap()).unwrap());
        filling.show(line, Shown { number, carries: Carries::EVERYTHING });
    }
    filling
}

/// The names of a page's tags and attributes, in their order.
fn names(mut page: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(token) = Token::read(page) {
        if let Token::Tag(tag) = &token {
            let attributes = tag.attributes().iter().map(|attribute| attribute.name);
            names.extend(
                [tag.name()]
                    .into_iter()
                    .chain(attributes)
                    .map(|name| String::from_utf8_lossy(name).into_owned()),
            );
        }
        page = &page[token.len()..];
    }
    names
}
