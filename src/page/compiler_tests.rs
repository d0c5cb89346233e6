use super::*;
use crate::number::{Country, PhoneNumber};
use crate::page::{Carries, Filling, Shown};
use proptest::prelude::*;

const UTF_8: Declared = Declared::Certainly(encoding_rs::UTF_8);

pub(super) fn lines(numbers: &[&str], mark: bool) -> Arc<Lines> {
    let us: Country = "US".parse().unwrap();
    Arc::new(Lines::new(numbers.iter().map(|n| PhoneNumber::parse(n, us).unwrap()).collect(), mark))
}

/// Compiles the page in pieces of these sizes, and the rest at once.
pub(super) fn compile(lines: &Arc<Lines>, declared: Declared, page: &[u8], sizes: &[usize]) -> Vec<Piece> {
    let (mut compiler, mut pieces, mut at) = (Compiler::new(Arc::clone(lines), declared), Vec::new(), 0);
    for size in sizes.iter().copied().chain([page.len()]) {
        let end = (at + size).min(page.len());
        compiler.write(&page[at..end], &mut pieces);
        at = end;
    }
    compiler.end(&mut pieces);
    pieces
}

pub(super) fn fill(lines: &Arc<Lines>, pieces: &[Piece], filling: &Filling) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces {
        filling.write(piece, lines, &mut out);
    }
    out
}

pub(super) fn showing(number: &str) -> Filling {
    let number = Arc::new(PhoneNumber::parse(number, "US".parse().unwrap()).unwrap());
    let mut filling = Filling::canonical();
    filling.show(0, Shown { number, carries: Carries::EVERYTHING });
    filling
}

/// The page filled with 212-555-0199 for 212-555-0100, the same however it arrives.
pub(super) fn filled_as(declared: Declared, mark: bool, page: &[u8]) -> Vec<u8> {
    let lines = lines(&["+12125550100"], mark);
    let whole = compile(&lines, declared, page, &[]);
    assert_eq!(fill(&lines, &whole, &Filling::canonical()), page, "canonical is the origin's page");
    let filled = fill(&lines, &whole, &showing("+12125550199"));
    for size in [1, 2, 3, 5, 7, 16, 61] {
        let pieces = compile(&lines, declared, page, &vec![size; page.len() / size]);
        let again = fill(&lines, &pieces, &showing("+12125550199"));
        assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&filled), "in pieces of {size}");
    }
    filled
}

pub(super) fn filled(page: &str) -> String {
    let filled = filled_as(UTF_8, false, page.as_bytes());
    assert_eq!(
        filled_as(Declared::Unknown, false, page.as_bytes()),
        filled,
        "in a charset that nobody names"
    );
    String::from_utf8(filled).unwrap()
}

#[test]
fn text_and_links_are_filled() {
    assert_eq!(
        filled("<p>Call (212) 555-0100</p><a class=b href='tel:+12125550100'>+1 212 555 0100</a>"),
        "<p>Call (212) 555-0199</p><a class=b href='tel:+12125550199'>+1 212 555 0199</a>"
    );
    assert_eq!(filled("<A HREF=TEL:2125550100>x</A>"), "<A HREF=TEL:2125550199>x</A>");
    assert_eq!(filled("<area href=sms:2125550100?body=x>"), "<area href=sms:2125550199?body=x>");
}

#[test]
fn what_no_person_reads_stays() {
    for page in [
        "<title>212-555-0100</title>",
        "<textarea>212-555-0100</textarea>",
        "<script>var p = '<a href=\"tel:212-555-0100\">212-555-0100</a>'</script>",
        "<style>a::after{content:'212-555-0100'}</style>",
        "<!-- <a href='tel:2125550100'>212-555-0100</a> -->",
        "<script type='application/ld+json'>{\"telephone\":\"212-555-0100\"}</script>",
        "<meta content='212-555-0100'><link href='tel:2125550100'>",
        "<i data-phone='212-555-0100' title='a>b'></i>",
        "<noscript>212-555-0100</noscript>",
        "<html amp><p>212-555-0100</p><p>212-555-0100",
    ] {
        assert_eq!(filled(page), page);
    }
}

#[test]
fn numbers_run_through_inline_tags_but_not_through_blocks() {
    assert_eq!(filled("<p>(212) <b class='x'>555-0100</b></p>"), "<p>(212) <b class='x'>555-0199</b></p>");
    assert_eq!(filled("<b>212</b>-<b>555</b>-<b>0100</b>"), "<b>212</b>-<b>555</b>-<b>0199</b>");
    assert_eq!(filled("212-<!-- no -->555-01<wbr>00"), "212-<!-- no -->555-01<wbr>99");
    for page in [
        "<p>212<p>555-0100",
        "212<br>555-0100",
        "<td>212</td><td>555-0100</td>",
        "212<script>1</script>555-0100",
    ] {
        assert_eq!(filled(page), page);
    }
}

#[test]
fn a_link_is_filled_whatever_parameters_it_has() {
    for link in [
        "https://api.whatsapp.com/send?phone=12125550100&text=Hi",
        "https://web.whatsapp.com/send?text=Hi&phone=12125550100",
        "https://wa.me/12125550100?text=Hi&utm_source=web",
        "whatsapp://send?phone=12125550100&text=Hi",
        "sms:+12125550100&body=Hi",
        "tel:2125550100?a&b",
    ] {
        let page = format!("<a href='{link}'>Write</a>");
        assert_eq!(filled(&page), page.replace("0100", "0199"));
    }
}

#[test]
fn a_link_is_filled_however_its_ampersands_are_written() {
    for and in ["&", "&amp;", "&#38;", "&#038;", "&#x26;", "&#X0026;"] {
        let page =
            format!("<a href='https://api.whatsapp.com/send?text=x{and}phone=12125550100{and}y=z'>Write</a>");
        assert_eq!(filled(&page), page.replace("0100", "0199"));
    }
    let page = "<a href='https://api.whatsapp.com/send?text=x&#39;phone=12125550100'>Write</a>";
    assert_eq!(filled(page), page);
}

#[test]
fn what_no_person_sees_parts_nothing() {
    for unseen in ["<!-- -->", "<!---->", "<wbr>", "<!-- 7 --><!-- x -->"] {
        for page in [
            "Order #|2125550100",
            "$|2125550100",
            "id=|2125550100",
            "5|2125550100",
            "1234567|2125550100",
            "+44| 212 555 0100",
        ] {
            let page = page.replace('|', unseen);
            // A break is a tag, before which text without digits isn't read.
            if unseen != "<wbr>" || page.starts_with(|c: char| c.is_ascii_digit()) {
                assert_eq!(filled(&page), page);
                assert_eq!(filled(&far(&page)), far(&page));
            }
        }
        for page in ["2125550100|-99", "2125550100|1234", "2125550100|,00", "2125550100|%"] {
            let page = page.replace('|', unseen);
            assert_eq!(filled(&page), page);
        }
        for page in
            ["Call |212-555-0100| now", "(|212|) |555-|0|100", "<b>212</b>|-555-0100", "212-555-0100|, or|"]
        {
            let (page, wanted) = (page.replace('|', unseen), page.replace("100", "199").replace('|', unseen));
            assert_eq!(filled(&page), wanted);
        }
    }
    let far_apart = format!("212<!--{}-->-555-0100", "x".repeat(300));
    assert_eq!(filled(&far_apart), far_apart);
}

#[test]
fn another_countrys_code_counts_through_inline_tags() {
    for page in ["+44<b> 212 555 0100</b>", "<b>+44</b> 212 555 0100", "+44 <i>(0)</i><b>212</b> 555 0100"] {
        assert_eq!(filled(page), page);
    }
    assert_eq!(filled("<p>+44</p>212 555 0100"), "<p>+44</p>212 555 0199");
}

#[test]
fn lines_may_break_inside_a_number_at_any_depth() {
    let page = |number: &str| format!("(212)\n{}{number}", " ".repeat(60));
    assert_eq!(filled(&page("555-0100")), page("555-0199"));
    let page = format!("(212){}555-0100", "- ".repeat(20));
    assert_eq!(filled(&page), page);
    let page = format!("(212){}555-0100", " ".repeat(300));
    assert_eq!(filled(&page), page);
}

#[test]
fn attributes_without_quotes_stay_one() {
    let shown = showing("+493023125100");
    let as_german = |page: &str| {
        let pieces = compile(&lines(&["+12125550100"], false), Declared::Unknown, page.as_bytes(), &[]);
        String::from_utf8(fill(&lines(&["+12125550100"], false), &pieces, &shown)).unwrap()
    };
    assert_eq!(as_german("<b title=2125550100 id=x>"), "<b title=+49&#32;30&#32;23125100 id=x>");
    assert_eq!(as_german("<img alt=(212)555-0100>"), "<img alt=+49&#32;30&#32;23125100>");
    assert_eq!(as_german("<b title='2125550100'>"), "<b title='+49 30 23125100'>");
    // What is opened and closed elsewhere is no part of the number.
    for (open, close) in [("(", ")"), ("\u{ff08}", "\u{ff09}"), ("&lpar;", "&rpar;"), ("&#40;", "&#41;")] {
        assert_eq!(as_german(&format!("{open}212-555-0100{close}")), format!("{open}+49 30 23125100{close}"));
        assert_eq!(as_german(&format!("{open}212{close} 555-0100")), "+49 30 23125100");
    }
}

#[test]
fn attributes_of_a_card_that_are_none_of_its_values_are_filled() {
    let page = |title: &str, label: &str| {
        format!(
            "<div class=vcard><b title='{title}' aria-label='{label}'>x</b><input placeholder='{label}'></div>"
        )
    };
    assert_eq!(filled(&page("212-555-0100", "212-555-0100")), page("212-555-0100", "212-555-0199"));
}

#[test]
fn what_is_seen_in_an_attribute_does_not_hang_on_its_place() {
    let vanity = crate::number::PhoneNumber::parse("+18003569377", "US".parse().unwrap()).unwrap();
    let lines = Arc::new(Lines::new(vec![vanity], false));
    for attribute in [
        "title='800-FLOWERS'",
        "alt='(800) FLOWERS'",
        "aria-label=800.FLOWERS",
        "alt\t= '1-800-356-9377'",
        "title\n='1-800-356-9377'",
        "TITLE='&#49;-800-356-9377'",
    ] {
        for before in ["".to_owned(), "x ".repeat(700)] {
            let page = format!("<p>{before}</p><b {attribute}>x</b>");
            for size in [1, 7, 100, 1000] {
                let sizes = vec![size; page.len() / size];
                let pieces = compile(&lines, UTF_8, page.as_bytes(), &sizes);
                assert!(pieces.iter().any(|piece| piece.line().is_some()), "{attribute} in pieces of {size}");
            }
        }
    }
}

#[test]
fn letters_that_spell_the_number_are_filled() {
    let vanity = crate::number::Vanity::parse("1-800-MATTRESS").unwrap();
    let us: Country = "US".parse().unwrap();
    let number = PhoneNumber::parse("+12125550100", us).unwrap();
    let lines = Arc::new(Lines::new(vec![number], false).also_written(0, &vanity));
    let page =
        b"<p>1-800-<b>Mattress</b> or 800.mattress</p><a href='tel:1-800-MATTRESS'>Call</a> 1-800-MATTRESSES";
    for sizes in [vec![], vec![1; page.len()]] {
        let pieces = compile(&lines, Declared::Unknown, page, &sizes);
        assert_eq!(fill(&lines, &pieces, &Filling::canonical()), page);
        let filled = fill(&lines, &pieces, &showing("+12125550199"));
        let wanted = "<p>(212) 555-0199<b></b> or (212) 555-0199</p><a href='tel:+12125550199'>Call</a> 1-800-MATTRESSES";
        assert_eq!(String::from_utf8_lossy(&filled), wanted);
    }
}

#[test]
fn seven_digits_directly_beside_the_number_are_it() {
    assert_eq!(filled("212-555-0100<br>&nbsp;(555-0100)"), "212-555-0199<br>&nbsp;(555-0199)");
    assert_eq!(filled("<b>212-555-0100</b> <i>555-0100</i>"), "<b>212-555-0199</b> <i>555-0199</i>");
    assert_eq!(filled("1.212.555.0100<br />\n555-0100"), "1.212.555.0199<br />\n555-0199");
    for page in ["<p>x</p>555-0100", "<p>212-555-0101<br>555-0100"] {
        assert_eq!(filled(page), page);
    }
    for between in ["< ", "<3>", "<<br>"] {
        let page = |number: &str| far(&format!("<b>{number}</b>{between}555-0100"));
        assert_eq!(filled(&page("212-555-0100")), page("212-555-0199"));
    }
    assert_eq!(filled("212-555-0100<br>a<br>555-0100"), "212-555-0199<br>a<br>555-0100");
    assert_eq!(
        filled("212-555-0100<br>        <b></b> 555-0100"),
        "212-555-0199<br>        <b></b> 555-0100"
    );
}

#[test]
fn how_far_seven_digits_may_be_does_not_hang_on_how_the_page_arrives() {
    let page = |comment: &str, number: &str| far(&format!("212-555-0199</b><!--{comment}-->-555-{number}"));
    let was = |comment: &str| page(comment, "0100").replacen("0199", "0100", 1);
    assert_eq!(filled(&was(" 1 ")), page(" 1 ", "0199"));
    assert_eq!(filled(&was(" 12 ")), page(" 12 ", "0100"));
}

#[test]
fn neighbours_in_other_tags_are_words_of_their_own() {
    assert_eq!(filled("<a>212-555-0100</a><a>212-555-0101</a>"), "<a>212-555-0199</a><a>212-555-0101</a>");
    assert_eq!(filled("<sup>1</sup>212-555-0100<sup>2</sup>"), "<sup>1</sup>212-555-0199<sup>2</sup>");
    assert_eq!(filled("$212.555.0100 and a < b > 212-555-0100"), "$212.555.0100 and a < b > 212-555-0199");
}

#[test]
fn an_edited_link_is_marked_and_an_unedited_one_is_not() {
    let mark = |page: &str| String::from_utf8(filled_as(Declared::Unknown, true, page.as_bytes())).unwrap();
    assert_eq!(
        mark("<a href=\"tel:2125550100\" id=x>Call</a>"),
        "<a href=\"tel:2125550199\" data-nap=\"+12125550100\" id=x>Call</a>"
    );
    assert_eq!(
        mark("<a href=tel:2125550100>Call</a>"),
        "<a href=tel:2125550199 data-nap=\"+12125550100\">Call</a>"
    );
    assert_eq!(mark("<a data-nap=y href=tel:2125550100>"), "<a data-nap=y href=tel:2125550199>");
}

#[test]
fn bytes_that_are_no_characters_stay_as_they_are() {
    let page = b"<p>Caf\xe9 \xff\xfe 7 days: 212-555-0100 ok\xc3</p>\xe2\x80<b>212-555-0100</b>\xc3<\xc3";
    let wanted = b"<p>Caf\xe9 \xff\xfe 7 days: 212-555-0199 ok\xc3</p>\xe2\x80<b>212-555-0199</b>\xc3<\xc3";
    assert_eq!(filled_as(Declared::Unknown, false, page), wanted);
}

#[test]
fn charsets_come_from_mark_header_and_meta_in_this_order() {
    let latin = Declared::Certainly(encoding_rs::WINDOWS_1252);
    let (page, wanted) =
        (b"<p>\x93212\xa0555\xa00100\x94".as_slice(), b"<p>\x93212\xa0555\xa00199\x94".as_slice());
    assert_eq!(filled_as(latin, false, page), wanted);
    assert_eq!(filled_as(Declared::Unknown, false, page), page, "0xa0 is no space in UTF-8");
    let meta = [b"<meta charset=windows-1252>".as_slice(), page].concat();
    assert_eq!(filled_as(Declared::Unknown, false, &meta), [&meta[..27], wanted].concat());
    let marked = "\u{feff}<p>212\u{a0}555\u{a0}0100".as_bytes();
    assert_eq!(filled_as(latin, false, marked), "\u{feff}<p>212\u{a0}555\u{a0}0199".as_bytes());
}

#[test]
fn a_charset_that_cannot_be_read_goes_through_untouched() {
    for page in [
        "<meta charset=hz-gb-2312><p>212-555-0100</p><p>212-555-0100",
        "<meta charset=iso-2022-jp><p>212-555-0100",
    ] {
        assert_eq!(filled_as(Declared::Unknown, false, page.as_bytes()), page.as_bytes());
    }
    let page: Vec<u8> = "\u{feff}<p>212-555-0100".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(filled_as(Declared::Unknown, false, &page), page);
    assert_eq!(
        filled_as(Declared::Certainly(encoding_rs::UTF_16BE), false, b"<p>212-555-0100"),
        b"<p>212-555-0100"
    );
}

#[test]
fn a_page_too_odd_to_read_goes_through_from_there() {
    let page = format!("<p>212-555-0100</p><a title='{}'>212-555-0100</a>", "x".repeat(200_000));
    let lines = lines(&["+12125550100"], false);
    let pieces = compile(&lines, Declared::Unknown, page.as_bytes(), &vec![1000; 300]);
    let filled = fill(&lines, &pieces, &showing("+12125550199"));
    assert_eq!(String::from_utf8(filled).unwrap(), page.replacen("0100", "0199", 1));
}

#[test]
fn pieces_leave_as_soon_as_they_are_certain() {
    let lines = lines(&["+12125550100"], false);
    let mut compiler = Compiler::new(Arc::clone(&lines), Declared::Unknown);
    let mut so_far = |bytes: &str| {
        let mut pieces = Vec::new();
        compiler.write(bytes.as_bytes(), &mut pieces);
        String::from_utf8(fill(&lines, &pieces, &showing("+12125550199"))).unwrap()
    };
    assert_eq!(so_far("<p>Hello, call 212-5"), "<p>Hello, call ");
    assert_eq!(so_far("55-010"), "");
    assert_eq!(so_far("0 now"), "212-555-0199 now");
    assert_eq!(so_far("<a href='tel:"), "");
    assert_eq!(so_far("2125550100'>212-555-0100</a>"), "<a href='tel:2125550199'>212-555-0199</a>");
    assert_eq!(so_far("<p>We have 7"), "<p>We have ");
    assert_eq!(so_far("</p><p>"), "7</p><p>");
}

/// Enough that a page's first bytes, which are always looked at, are over.
fn far(page: &str) -> String {
    format!("<p>{}</p>{page}", "x".repeat(1100))
}

#[test]
fn a_tag_that_never_ends_is_no_text() {
    for page in ["7<a title=\"212-555-0100", "<p>7 <a href='tel:2125550100", "7<!-- 212-555-0100"] {
        assert_eq!(filled(page), page);
    }
}

#[test]
fn links_and_guards_are_found_in_any_case_and_anywhere() {
    assert_eq!(filled(&far("<a href='tEl:2125550100'>x</a>")), far("<a href='tEl:2125550199'>x</a>"));
    for page in ["<p contentEditable>212-555-0100</p>", "<p itemprop=FAXNUMBER content=x>212-555-0100</p>"] {
        assert_eq!(filled(&far(page)), far(page));
    }
}

#[test]
fn what_stands_before_a_number_is_the_same_at_every_split() {
    for page in ["&#97;-2125550100", "a\u{feff}-2125550100", "&#36;2125550100"] {
        filled(page); // compares all splits
    }
}

#[test]
fn what_is_silent_in_a_drawing_stays_and_its_text_is_filled() {
    let silent =
        "<svg><style>2125550100</style><script>var a='212-555-0100'</script><title>212-555-0100</title>";
    for page in
        [format!("{silent}</svg>"), far(&format!("{silent}<title/></svg>")), format!("<math>{silent}</math>")]
    {
        assert_eq!(filled(&page), page);
    }
    assert_eq!(
        filled(&far("<svg><path d=''/><title/><text>212-555-0100</text></svg>212-555-0100")),
        far("<svg><path d=''/><title/><text>212-555-0199</text></svg>212-555-0199")
    );
}

#[test]
fn a_drawings_text_may_be_a_section_of_characters() {
    for (page, becomes) in [
        (
            "<svg><text><![CDATA[212-555-0100 <b> & ]]></text></svg>",
            "<svg><text><![CDATA[212-555-0199 <b> & ]]></text></svg>",
        ),
        ("<svg><text><![CDATA[212-555-0100]]></text>]]>", "<svg><text><![CDATA[212-555-0199]]></text>]]>"),
        ("<svg><![CDATA[]]]212-555-0100]]", "<svg><![CDATA[]]]212-555-0199]]"),
        ("<svg><![CDATA[ a > b ]]>212-555-0100", "<svg><![CDATA[ a > b ]]>212-555-0199"),
        ("<svg><style><![CDATA[/*2125550100*/]]></style>", "<svg><style><![CDATA[/*2125550100*/]]></style>"),
        ("<p><![CDATA[212-555-0100]]>", "<p><![CDATA[212-555-0100]]>"),
        (
            "<svg><![CDATA[<p>text</p><textarea><b>212-555-0100",
            "<svg><![CDATA[<p>text</p><textarea><b>212-555-0199",
        ),
        (
            "<b itemprop=telephone><svg><text><![CDATA[212-555-0100]]></text></svg></b>",
            "<b itemprop=telephone><svg><text><![CDATA[212-555-0100]]></text></svg></b>",
        ),
    ] {
        assert_eq!(filled(page), becomes);
        assert_eq!(filled(&far(page)), far(becomes));
    }
}

#[test]
fn a_byte_that_is_no_character_does_not_stop_the_stream() {
    let lines = lines(&["+12125550100"], false);
    let mut compiler = Compiler::new(Arc::clone(&lines), Declared::Certainly(encoding_rs::WINDOWS_1252));
    let page = [b"<p>\xe9</p>".to_vec(), b"<img src=x><br>".repeat(1000)].concat();
    let mut pieces = Vec::new();
    compiler.write(&page, &mut pieces);
    let out: usize = pieces.iter().map(|piece| piece.origin().len()).sum();
    assert!(page.len() - out < 100, "{} of {} bytes are held", page.len() - out, page.len());
}

#[test]
fn tags_and_digits_without_end_take_time_in_proportion() {
    let lines = lines(&["+12125550100"], false);
    let page = format!("212{}", "<b>".repeat(20_000));
    let pieces = compile(&lines, Declared::Unknown, page.as_bytes(), &[7; 9000]);
    assert_eq!(fill(&lines, &pieces, &showing("+12125550199")), page.as_bytes());
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
fn attributes_that_people_see_follow_the_text() {
    assert_eq!(
        filled(&far(
            "<a aria-label='Call 212-555-0100' href=/x><img alt=\"(212)&nbsp;555-0100\" data-x='212-555-0100'></a>"
        )),
        far(
            "<a aria-label='Call 212-555-0199' href=/x><img alt=\"(212)&nbsp;555-0199\" data-x='212-555-0100'></a>"
        )
    );
    assert_eq!(filled(&far("<input placeholder=212-555-0100>")), far("<input placeholder=212-555-0199>"));
    for name in ["alt", "title", "aria-label", "placeholder"] {
        let page = far(&format!("<img {name} = '212-555-0100'>"));
        assert_eq!(filled(&page), page.replace("0100", "0199"), "a blank before the equals sign");
    }
    assert_eq!(filled(&far("<TEXTAREA TITLE='212-555-0100'>")), far("<TEXTAREA TITLE='212-555-0199'>"));
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
fn an_element_that_waits_for_its_end_waits_no_longer_whatever_is_in_it() {
    let lines = lines(&["+12125550100"], false);
    for (filler, begin) in [("x", ""), ("x", "<plaintext>"), ("x", "<script>"), ("<!-- -->", ""), ("7 ", "")]
    {
        let page = format!("<b itemprop=telephone>212-555-0100{begin}{}", filler.repeat(1000));
        for declared in [Declared::Unknown, Declared::Certainly(encoding_rs::UTF_8)] {
            let (mut compiler, mut pieces) = (Compiler::new(Arc::clone(&lines), declared), Vec::new());
            compiler.write(page.as_bytes(), &mut pieces);
            let out: usize = pieces.iter().map(|piece| piece.origin().len()).sum();
            assert!(page.len() - out < 64, "{begin}{filler}: {} bytes are held", page.len() - out);
        }
    }
}
