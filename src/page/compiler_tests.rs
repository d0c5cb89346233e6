use super::*;
use crate::number::{Country, PhoneNumber};
use crate::page::{Carries, Filling, Shown};

pub(super) const UTF_8: Declared = Declared::Certainly(encoding_rs::UTF_8);

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
fn neighbours_in_other_tags_are_words_of_their_own() {
    assert_eq!(filled("<a>212-555-0100</a><a>212-555-0101</a>"), "<a>212-555-0199</a><a>212-555-0101</a>");
    assert_eq!(filled("<sup>1</sup>212-555-0100<sup>2</sup>"), "<sup>1</sup>212-555-0199<sup>2</sup>");
    assert_eq!(filled("$212.555.0100 and a < b > 212-555-0100"), "$212.555.0100 and a < b > 212-555-0199");
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
pub(super) fn far(page: &str) -> String {
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
