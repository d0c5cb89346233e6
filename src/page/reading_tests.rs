use proptest::prelude::*;

use super::*;
use crate::number::{Country, PhoneNumber};
use crate::page::{Carries, Filling, Shown, Slot};

const UTF_8: Declared = Declared::Certainly(encoding_rs::UTF_8);

fn lines() -> Arc<Lines> {
    let us: Country = "US".parse().unwrap();
    Arc::new(Lines::new(vec![PhoneNumber::parse("+12125550100", us).unwrap()], true))
}

/// The page as a visitor with 212-555-0199 reads it, and what is to be remembered of it.
fn read(
    lines: &Arc<Lines>,
    remembered: Option<Arc<Remembered>>,
    page: &[u8],
    sizes: &[usize],
) -> (String, Outcome) {
    read_as(UTF_8, lines, remembered, page, sizes)
}

fn read_as(
    declared: Declared,
    lines: &Arc<Lines>,
    remembered: Option<Arc<Remembered>>,
    page: &[u8],
    sizes: &[usize],
) -> (String, Outcome) {
    let mut reading = Reading::new(Arc::clone(lines), declared, remembered);
    let (mut pieces, mut at) = (Vec::new(), 0);
    for size in sizes.iter().copied().chain([page.len()]) {
        let end = (at + size).min(page.len());
        reading.write(&page[at..end], &mut pieces);
        at = end;
    }
    let outcome = reading.end(&mut pieces);
    (fill(lines, &pieces), outcome)
}

fn fill(lines: &Lines, pieces: &[Piece]) -> String {
    let number = Arc::new(PhoneNumber::parse("+12125550199", "US".parse().unwrap()).unwrap());
    let mut filling = Filling::canonical();
    filling.show(0, Shown { number, carries: Carries::EVERYTHING });
    let mut out = Vec::new();
    pieces.iter().for_each(|piece| filling.write(piece, lines, &mut out));
    String::from_utf8_lossy(&out).into_owned()
}

fn remember(lines: &Arc<Lines>, page: &[u8], sizes: &[usize]) -> Option<Arc<Remembered>> {
    match read(lines, None, page, sizes).1 {
        Outcome::Read { page, .. } => Some(Arc::new(page)),
        _ => None,
    }
}

const PAGE: &str = "<html><body><p>Call (212) 555-0100 or <a href='tel:2125550100'>212-<b>555</b>-0100</a>, 7 days</p></body>";

#[test]
fn the_same_page_is_filled_the_same_without_reading_it() {
    let lines = lines();
    let remembered = remember(&lines, PAGE.as_bytes(), &[]).expect("an ordinary page is remembered");
    let (filled, _) = read(&lines, None, PAGE.as_bytes(), &[]);
    assert!(filled.contains("(212) 555-0199") && filled.contains("data-nap"));
    for size in [1, 2, 7, 1000] {
        let (again, outcome) =
            read(&lines, Some(Arc::clone(&remembered)), PAGE.as_bytes(), &vec![size; PAGE.len() / size]);
        assert_eq!(again, filled);
        assert!(matches!(outcome, Outcome::Same));
    }
}

#[test]
fn bytes_of_a_known_page_leave_as_they_come() {
    let lines = lines();
    let remembered = remember(&lines, PAGE.as_bytes(), &[]).expect("an ordinary page is remembered");
    let mut reading = Reading::new(Arc::clone(&lines), UTF_8, Some(remembered));
    let mut pieces = Vec::new();
    let (first, rest) = PAGE.split_at(PAGE.find(" or <a").unwrap());
    reading.write(first.as_bytes(), &mut pieces);
    assert!(fill(&lines, &pieces).starts_with("<html><body><p>"), "tags need not wait");
    let behind_link = rest.find("</a>").unwrap() + 4;
    reading.write(&rest.as_bytes()[..behind_link], &mut pieces);
    assert!(fill(&lines, &pieces).contains("tel:2125550199"), "a number needs only its own end");
}

#[test]
fn a_page_that_changed_is_read_from_where_it_changed() {
    let lines = lines();
    let remembered = remember(&lines, PAGE.as_bytes(), &[]).expect("an ordinary page is remembered");
    for (from, to) in [
        ("7 days", "24 hours, 212-555-0100"),
        ("(212) 555-0100 or", "(212) 555-01001 or"),
        ("(212) 555-0100 or", "(212) 555-010 or"),
        ("(212) 555-0100", "$(212) 555-0100"),
        ("<p>Call", "<p itemprop=telephone>Call"),
        ("tel:2125550100", "tel:2125550100 or 7"),
        ("<html>", "<html amp>"),
        ("<b>555</b>", "<p>555</p>"),
        ("</body>", ""),
        ("</body>", "</body></html>"),
    ] {
        let page = PAGE.replacen(from, to, 1);
        let (wanted, _) = read(&lines, None, page.as_bytes(), &[]);
        for size in [1, 3, 1000] {
            let sizes = vec![size; page.len() / size];
            let (filled, outcome) = read(&lines, Some(Arc::clone(&remembered)), page.as_bytes(), &sizes);
            assert_eq!(filled, wanted, "{to} in pieces of {size}");
            assert!(!matches!(outcome, Outcome::Same));
        }
    }
}

#[test]
fn a_page_that_was_cut_inside_a_tag_is_read_anew_when_it_is_whole() {
    let lines = lines();
    let filler = "x".repeat(1100);
    let was = format!("<p>{filler}</p><a href='tel:21255501");
    let is = format!("<p>{filler}</p><a href='tel:2125550100'>Call</a>");
    let remembered = remember(&lines, was.as_bytes(), &[]);
    let (wanted, _) = read(&lines, None, is.as_bytes(), &[]);
    assert!(wanted.contains("tel:2125550199"));
    for size in [1, 7, 1000] {
        let (filled, _) = read(&lines, remembered.clone(), is.as_bytes(), &vec![size; is.len() / size]);
        assert_eq!(filled, wanted);
    }
}

const BITS: [&str; 45] = [
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
    "&nbsp;",
    "&#8209;",
    "&",
    "<b>",
    "</b>",
    "<p>",
    "</p>",
    "<a href='tel:2125550100'>",
    "<a href=\"tel:+1-212-555-0100\" class=tel>",
    "</a>",
    "<",
    "<!-- x -->",
    "<script>",
    "</script>",
    "<span itemprop=telephone>",
    "</span>",
    "\u{200b}",
    "é",
    "$",
    "text ",
    "2125550100",
    "<i class=vcard>",
    "</i>",
    "<html amp>",
    "<meta charset=windows-1252>",
    "<textarea>",
    "</textarea>",
    "<!--",
    ">",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the page was when it was last read, and however either arrives, it is filled as it is now.
    #[test]
    fn what_is_remembered_never_shows(
        before in proptest::collection::vec(0..BITS.len(), 0..40),
        now in proptest::collection::vec(0..BITS.len(), 0..12),
        kept in 0usize..300,
        first in proptest::collection::vec(1usize..30, 0..20),
        then in proptest::collection::vec(1usize..30, 0..60),
        is_declared in any::<bool>(),
    ) {
        let declared = if is_declared { UTF_8 } else { Declared::Unknown };
        let lines = lines();
        let spell = |bits: &[usize]| bits.iter().map(|bit| BITS[*bit]).collect::<String>().into_bytes();
        let was = spell(&before);
        let is = [&was[..kept.min(was.len())], &spell(&now)].concat();
        let remembered = match read_as(declared, &lines, None, &was, &first).1 {
            Outcome::Read { page, .. } => Some(Arc::new(page)),
            _ => None,
        };
        let (wanted, _) = read_as(declared, &lines, None, &is, &[]);
        let (filled, _) = read_as(declared, &lines, remembered, &is, &then);
        // Behind a tag that had left in part when it turned out to be another, the page is the origin's.
        let page = String::from_utf8_lossy(&is).into_owned();
        let as_wanted = common(filled.bytes(), wanted.bytes());
        let as_it_is = common(filled.bytes().rev(), page.bytes().rev());
        prop_assert!(filled == wanted || as_wanted + as_it_is >= filled.len(), "{filled}\n{wanted}");
    }
}

/// How many bytes they have in common at the start.
fn common(one: impl Iterator<Item = u8>, other: impl Iterator<Item = u8>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).count()
}

#[test]
fn what_stands_before_a_tag_waits_for_the_tag() {
    let lines = lines();
    let page = |link: &str| format!("<p>{}</p><p>{link}", "x".repeat(1100));
    let was = page("<a itemprop=telephone data-n=1 href='tel:2125550100'>Call</a>");
    let remembered = remember(&lines, was.as_bytes(), &[]);
    for link in [
        "<a itemprop=telephone data-n=2 href='tel:2125550100'>Call</a>",
        "<a itemprop=telephone data-n=1 href='/contact'>Call</a>",
        "<a itemprop=telephone data-n=1 href='tel:2125550100'>Call</p>",
    ] {
        let is = page(link);
        let (wanted, _) = read(&lines, None, is.as_bytes(), &[]);
        for cut in 1100..is.len() {
            let (filled, _) = read(&lines, remembered.clone(), is.as_bytes(), &[cut]);
            assert_eq!(filled, wanted, "cut at {cut}");
        }
    }
}

#[test]
fn a_tag_that_left_in_part_before_it_changed_stays_the_origins() {
    let lines = lines();
    let filler = "x".repeat(1100);
    let was = format!("<p>{filler}</p><a id=x></a>");
    for tag in [
        "<a id=x itemprop=telephone href='tel:2125550100'>Call</a>",
        "<a id=x property=telephone href='tel:2125550100'>Call</a>",
    ] {
        let is = format!("<p>{filler}</p>{tag} 212-555-0100");
        let remembered = remember(&lines, was.as_bytes(), &[]);
        let (filled, outcome) =
            read(&lines, remembered.clone(), is.as_bytes(), &[is.find("id=x").unwrap() + 4]);
        assert_eq!(filled, is);
        assert!(matches!(outcome, Outcome::Forget));
        let (wanted, _) = read(&lines, None, is.as_bytes(), &[]);
        let (again, _) = read(&lines, remembered, is.as_bytes(), &[1100]);
        assert_eq!(again, wanted, "nothing of the tag had left");
        assert_ne!(wanted, is);
    }
}

#[test]
fn what_a_remembered_page_takes_is_counted_and_does_not_hang_on_how_it_arrived() {
    let lines = lines();
    let weight =
        |page: &str, size: usize| match read(&lines, None, page.as_bytes(), &vec![size; page.len() / size]) {
            (_, Outcome::Read { page, .. }) => page.weight(),
            _ => panic!("{size}: the page is remembered"),
        };
    assert_eq!(weight(PAGE, 1), weight(PAGE, PAGE.len()));
    let numbers = "212-555-0100, ".repeat(1000);
    assert!(weight(&numbers, numbers.len()) > 1000 * size_of::<Slot>());
    let too_heavy = "212-555-0100, ".repeat(20_000);
    assert!(matches!(read(&lines, None, too_heavy.as_bytes(), &[]).1, Outcome::Forget));
}
