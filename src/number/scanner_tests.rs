use bytes::Bytes;

use super::*;
use crate::number::{Country, PhoneNumber};

#[path = "decoy_tests.rs"]
mod decoys;

fn matcher(numbers: &[&str], country: &str) -> (Matcher, Vec<PhoneNumber>) {
    let country: Country = country.parse().unwrap();
    let numbers: Vec<_> = numbers.iter().map(|n| PhoneNumber::parse(n, country).unwrap()).collect();
    (Matcher::new(&numbers), numbers)
}

fn scan(matcher: &Matcher, charset: &Charset, text: &[u8], pieces: &[usize]) -> Vec<Found> {
    let (mut scanner, mut found, mut at) = (Scanner::new(charset.clone()), Vec::new(), 0);
    for len in pieces.iter().copied().chain([text.len()]) {
        let end = (at + len).min(text.len());
        scanner.feed(matcher, &text[at..end], at, &mut found);
        if let Some(held) = scanner.held() {
            assert!(found.iter().all(|f| f.segments.iter().all(|s| s.end <= held)), "held after found");
        }
        at = end;
    }
    scanner.end(matcher, &mut found);
    assert_eq!(scanner.held(), None);
    found
}

/// The text with every number found replaced by `shown`, however the text arrives.
fn fill(numbers: &[&str], country: &str, text: &str, shown: &str) -> String {
    fill_bytes(numbers, country, &Charset::Utf8, text.as_bytes(), shown, |bytes| {
        String::from_utf8(bytes.to_vec()).unwrap()
    })
}

fn fill_bytes<T>(
    numbers: &[&str],
    country: &str,
    charset: &Charset,
    text: &[u8],
    shown: &str,
    read: impl Fn(&[u8]) -> T,
) -> T {
    let (matcher, canonical) = matcher(numbers, country);
    let shown = PhoneNumber::parse(shown, country.parse().unwrap()).unwrap();
    let found = scan(&matcher, charset, text, &[]);
    assert_eq!(found, scan(&matcher, charset, text, &vec![1; text.len()]), "byte by byte");
    for size in 2..7 {
        assert_eq!(
            found,
            scan(&matcher, charset, text, &vec![size; text.len() / size]),
            "in pieces of {size}"
        );
    }
    let (mut out, mut copied) = (Vec::new(), 0);
    for found in &found {
        for segment in &found.segments {
            out.extend_from_slice(&text[copied..segment.start]);
            let raw = Bytes::copy_from_slice(&text[segment.start..segment.end]);
            segment.rendition(found, raw, None).write(&canonical[usize::from(found.line)], &shown, &mut out);
            copied = segment.end;
        }
    }
    out.extend_from_slice(&text[copied..]);
    read(&out)
}

const US: [&str; 1] = ["+1 212 555 0100"];

fn us(text: &str) -> String {
    fill(&US, "US", text, "+1 212 555 0199")
}

#[test]
fn the_usual_forms_are_found_and_kept() {
    for (written, becomes) in [
        ("(212) 555-0100", "(212) 555-0199"),
        ("212-555-0100", "212-555-0199"),
        ("212.555.0100", "212.555.0199"),
        ("2125550100", "2125550199"),
        ("+1 212 555 0100", "+1 212 555 0199"),
        ("+1 (212) 555-0100", "+1 (212) 555-0199"),
        ("1-212-555-0100", "1-212-555-0199"),
        ("001 212 555 0100", "001 212 555 0199"),
        ("212&nbsp;555&#8209;0100", "212&nbsp;555&#8209;0199"),
        ("212\u{2011}555\u{a0}0100", "212\u{2011}555\u{a0}0199"),
        ("212 - \n\t  555 0100", "212 - \n\t  555 0199"),
        ("&#50;12-555-010&#x30;", "&#50;12-555-019&#x39;"),
        ("&#0050;12-555-01&#X30;&#048;", "&#0050;12-555-01&#x39;&#57;"),
        ("212-555-0\u{200b}100", "212-555-0\u{200b}199"),
        ("212~555_0100", "212~555_0199"),
        ("&#x28;212&#41; 555-0100", "&#x28;212&#41; 555-0199"),
        ("２１２-５５５-０１００", "２１２-５５５-０１９９"),
        ("٢١٢ ٥٥٥ ٠١٠٠", "٢١٢ ٥٥٥ ٠١٩٩"),
    ] {
        let text = |number: &str| format!("Call {number}, day or night: {number}.");
        assert_eq!(us(&text(written)), text(becomes));
    }
}

#[test]
fn numbers_that_touch_other_text_are_found() {
    for (written, becomes) in [
        ("212-555-0100 x410", "212-555-0199 x410"),
        ("212-555-0100x410", "212-555-0199x410"),
        ("212-555-0100/212-555-0111", "212-555-0199/212-555-0111"),
        ("212-555-0111/212-555-0100", "212-555-0111/212-555-0199"),
        ("open 24/7 212-555-0100", "open 24/7 212-555-0199"),
        ("2125550100. 24 hours", "2125550199. 24 hours"),
        ("Tel.:212-555-0100", "Tel.:212-555-0199"),
        ("電話212-555-0100まで", "電話212-555-0199まで"),
        ("212-555-0100 – 24 h", "212-555-0199 – 24 h"),
        ("212 555 0100 212 555 0101", "212 555 0199 212 555 0101"),
    ] {
        assert_eq!(us(written), becomes);
    }
}

#[test]
fn a_word_that_says_so_may_be_glued_to_the_number() {
    let found = |number: &str, country: &str, written: &str| {
        let shown = |text: &str| [&text[..text.len() - 1], "9"].concat();
        for written in [written, &format!("{:10}{written}", "Or")] {
            assert_eq!(fill(&[number], country, written, &shown(number)), shown(written), "{written}");
        }
    };
    for (number, country, written) in [
        (US[0], "US", "Tel.212-555-0100"),
        (US[0], "US", "Ph.212-555-0100"),
        (US[0], "US", "(Phone/212-555-0100"),
        (US[0], "US", "P.212.555.0100"),
        (US[0], "US", "T212-555-0100"),
        (US[0], "US", "Tel/Fax.212-555-0100"),
        (US[0], "US", "MOBILE-212-555-0100"),
        (US[0], "US", "Tel.12125550100"),
        (US[0], "US", "電話TEL212-555-0100"),
        ("+81 3 5550 1234", "JP", "TEL.03-5550-1234"),
        ("+81 3 5550 1234", "JP", "TEL/03-5550-1234"),
        ("+81 3 5550 1234", "JP", "TEL03-5550-1234"),
        ("+81 3 5550 1234", "JP", "fax0355501234"),
        ("+33 1 99 00 12 34", "FR", "Tél.01 99 00 12 34"),
        ("+33 1 99 00 12 34", "FR", "TÉL-01.99.00.12.34"),
        ("+49 30 23125100", "DE", "Tel.030/23125100"),
        ("+49 30 23125100", "DE", "Tel030/23125100"),
    ] {
        found(number, country, written);
    }
    for decoy in [
        "www.x.com/212-555-0100",
        "www.x.tel/212-555-0100",
        "https://x.com/tel/212-555-0100",
        "https://x.com/p212-555-0100",
        "x.com/?p=1&t212-555-0100",
        "file-2125550100",
        "img.2125550100",
        "Tel.2125550100",
        "M12125550100",
        "hotel.212-555-0100",
        "Hôtél.212-555-0100",
        "please-call-212-555-0100",
        "5Tel.212-555-0100",
        "Tel_212-555-0100",
    ] {
        assert_eq!(us(decoy), decoy);
    }
}

#[test]
fn letters_behind_digits_spell_the_number() {
    let shown = |text: &str| fill(&["+1 888 588 7661", "+1 877 768 2265"], "US", text, "+1 212 555 0199");
    for (written, becomes) in [
        ("Call 1.888.LUTRON1 now", "Call (212) 555-0199 now"),
        ("1-877-SOV-BANK (768-2265).", "(212) 555-0199 (555-0199)."),
        ("(888) lutron1", "(212) 555-0199"),
        ("1-888-5LUTR-ON1", "1-888-5LUTR-ON1"),
        ("1-888-588-ROM1, 1-888-5887661", "(212) 555-0199, 1-212-5550199"),
        ("+1 877 SOVBANK (1-877-768-2265)", "(212) 555-0199 (1-212-555-0199)"),
    ] {
        assert_eq!(shown(written), becomes);
    }
    for decoy in [
        "LUTRON1",
        "1-888-LUTRON12",
        "1-888-LUTRON1X",
        "1-888-LUTRON",
        "1-888-LUTRONS",
        "888 people",
        "588-7661",
    ] {
        assert_eq!(shown(decoy), decoy);
    }
    assert_eq!(
        us("212-555-0100 call, 212-555-0100x1, 212 555 O1OO"),
        "212-555-0199 call, 212-555-0199x1, 212 555 O1OO"
    );
    let german = |text: &str| fill(&["+49 30 23125", "+49 30 23125 228"], "DE", text, "+49 30 23199");
    assert_eq!(
        german("030 23125 ac, 030 23125 ace and 030/23125 ab"),
        "030 23199 ac, 030 23199 ace and 030/23199 ab"
    );
}

#[test]
fn seven_digits_beside_the_number_are_it() {
    for (written, becomes) in [
        ("212-555-0100 (555-0100)", "212-555-0199 (555-0199)"),
        ("212-555-0100 / 555.0100", "212-555-0199 / 555.0199"),
        ("555-0100, 212-555-0100, 555-0100", "555-0100, 212-555-0199, 555-0100"),
        ("212-555-0100 or 555-0100", "212-555-0199 or 555-0100"),
        ("212-555-0100 555-0101", "212-555-0199 555-0101"),
        ("212-555-0100 555-01001", "212-555-0199 555-01001"),
        ("646-555-0100 555-0100", "646-555-0100 555-0100"),
    ] {
        assert_eq!(us(written), becomes);
    }
    let abroad = fill(&US, "US", "212-555-0100 (555-0100)", "+49 30 23125 100");
    assert_eq!(abroad, "+49 30 23125100 (555-0100)");
}

#[test]
fn a_long_row_of_digits_is_searched_without_growing() {
    let row = "1 2 3 4 5 6 7 8 9 10 ".repeat(200);
    assert_eq!(us(&format!("{row}212 555 0100 {row}")), format!("{row}212 555 0199 {row}"));
    let digits = "2125550100".repeat(500);
    assert_eq!(us(&digits), digits);
    let (matcher, _) = matcher(&US, "US");
    let mut scanner = Scanner::new(Charset::Utf8);
    scanner.feed(&matcher, digits.as_bytes(), 0, &mut Vec::new());
    assert!(scanner.units.len() < 100);
}

#[test]
fn a_row_without_end_costs_each_digit_the_same() {
    let (matcher, _) = matcher(&["+1 222 222 2222", "+1 800 356 9377"], "US");
    for row in ["-2", "2", "2 ", ".2.1", "222-222-", "+2", "2&shy;", "800 fl ", "&#50;-"] {
        let mut scanner = Scanner::new(Charset::Utf8);
        for (place, piece) in row.repeat(5000).as_bytes().chunks(1000).enumerate() {
            scanner.feed(&matcher, piece, place * 1000, &mut Vec::new());
            assert!(scanner.units.len() < 300, "{row}: {} units are looked at again", scanner.units.len());
        }
    }
}

#[test]
fn countries_write_their_own_way() {
    let german = |text: &str| fill(&["+49 30 23125 100"], "DE", text, "+49 30 23125 199");
    for (written, becomes) in [
        ("+49 (0) 30 23125 - 100", "+49 (0) 30 23125 - 199"),
        ("030/23125-100", "030/23125-199"),
        ("0049 30 23125 100", "0049 30 23125 199"),
        ("+49 030 23125100", "+49 030 23125199"),
    ] {
        assert_eq!(german(written), becomes);
    }
    assert_eq!(german("+49 30 23125 10"), "+49 30 23125 10");
    let italian = |text: &str| fill(&["+39 06 5550 1234"], "IT", text, "+39 06 5550 1299");
    assert_eq!(italian("+39 06 5550 1234 e 06 55501234"), "+39 06 5550 1299 e 06 55501299");
    let french = |text: &str| fill(&["+33 1 99 00 12 34"], "FR", text, "+33 1 99 00 12 99");
    assert_eq!(french("( 33 1) 99 00 12 34"), "( 33 1) 99 00 12 99");
    assert_eq!(french("01.99.00.12.34"), "01.99.00.12.99");
}

#[test]
fn trunk_zeros_and_significant_zeros_are_told_apart() {
    for (number, written) in [
        ("+49 30 5683800060", "+49 030 5683 8000 60"),
        ("+49 9973 84590", "+49 (0) 99 73 84 59 – 0"),
        ("+49 9973 84590", "09973 / 84 59-0"),
        ("+39 0474 123456", "+39 0474 123456"),
        ("+33 1 42 68 53 00", "( 33 1) 42 68 53 00"),
        ("+54 9 11 2345 6789", "011 15-2345-6789"),
        ("+375 152 450911", "8 0152 45-09-11"),
        ("+423 234 56 78", "234 56 78"),
        ("+683 4002", "4002"),
    ] {
        let shown = |text: &str| [&text[..text.len() - 1], "1"].concat();
        assert_eq!(fill(&[number], "US", written, &shown(number)), shown(written), "{number}");
    }
    let italian = |text: &str| fill(&["+39 0474 123456"], "IT", text, "+39 0474 123451");
    assert_eq!(italian("+39 474 123456"), "+39 474 123456");
}

#[test]
fn a_mobiles_token_is_kept_where_the_page_has_it() {
    let argentine = |text: &str| fill(&["+54 9 11 2345 6789"], "AR", text, "+54 9 11 2345 6711");
    for written in [
        "(011) 15-2345-67",
        "011.15.2345.67",
        "(11) 15-2345-67",
        "11 15 2345 67",
        "+54 11 15 2345 67",
        "+54 9 11 15 2345 67",
        "0054 (0)11 15 2345 67",
        "+54 9 11 2345 67",
    ] {
        assert_eq!(argentine(&format!("{written}89.")), format!("{written}11."));
    }
    let cordoba = |text: &str| fill(&["+54 9 351 234 5678"], "AR", text, "+54 9 351 234 5611");
    assert_eq!(cordoba("0351 15-234-5678"), "0351 15-234-5611");
    let elsewhere = |text: &str| fill(&["+54 9 11 2345 6789"], "AR", text, "+54 9 351 234 5678");
    assert_eq!(elsewhere("(011) 15-2345-6789"), "0351 15-234-5678");
    assert_eq!(elsewhere("+54 11 15-2345-6789"), "+54 9 351 234-5678");
    let fixed = |text: &str| fill(&["+54 9 11 2345 6789"], "AR", text, "+54 11 2345 6711");
    assert_eq!(fixed("011 15-2345-6789"), "011 2345-6711");
    let mexican = |text: &str| fill(&["+52 55 5555 1234"], "MX", text, "+52 55 5555 1299");
    assert_eq!(
        mexican("+52 1 55 5555 1234, 0052 1 (55) 5555-1234, 55 5555 1234"),
        "+52 1 55 5555 1299, 0052 1 (55) 5555-1299, 55 5555 1299"
    );
    for link in ["tel:+5215555551234", "https://wa.me/5215555551234"] {
        let (matcher, _) = matcher(&["+52 55 5555 1234"], "MX");
        assert!(matcher.find_in_link(link.as_bytes(), 0, &Charset::Utf8).is_some(), "{link}");
    }
}

#[test]
fn a_number_of_another_length_takes_its_own_countrys_format() {
    let shown = |text: &str| fill(&["+49 30 23125 100"], "DE", text, "+49 30 23121 9991");
    assert_eq!(shown("Tel. 030 23125-100."), "Tel. 030 231219991.");
    let abroad = |text: &str| fill(&["+49 30 23125 100"], "DE", text, "+1 212 555 0100");
    assert_eq!(abroad("Tel. (030) 23125-100."), "Tel. +1 212-555-0100.");
}

#[test]
fn a_no_break_space_of_one_byte_separates() {
    let charset = Charset::of(encoding_rs::WINDOWS_1252).unwrap();
    let filled =
        fill_bytes(&US, "US", &charset, b"\x93212\xa0555\x960100\x94", "+12125550199", <[u8]>::to_vec);
    assert_eq!(filled, b"\x93212\xa0555\x960199\x94");
}

#[test]
fn a_number_goes_on_behind_an_inline_tag() {
    let (matcher, _) = matcher(&US, "US");
    let (mut scanner, mut found) = (Scanner::new(Charset::Utf8), Vec::new());
    scanner.feed(&matcher, b"(212) ", 0, &mut found);
    scanner.edge(&matcher, 6, &mut found);
    scanner.feed(&matcher, b"555-0100", 9, &mut found);
    assert_eq!(scanner.held(), Some(0));
    scanner.edge(&matcher, 17, &mut found);
    assert_eq!(scanner.held(), None, "a whole number need not wait for what follows the tag");
    let parts: Vec<_> = found[0].segments.iter().map(|s| (s.start, s.end)).collect();
    assert_eq!(parts, [(0, 6), (9, 17)]);
}

#[test]
fn nothing_is_held_without_bound() {
    let (matcher, _) = matcher(&US, "US");
    for filler in ["(", "+", "\u{200b}", "&shy;"] {
        let text = format!("212-555-{}0100", filler.repeat(30_000));
        assert_eq!(us(&text[..2000]), text[..2000], "{filler}");
        let mut scanner = Scanner::new(Charset::Utf8);
        scanner.feed(&matcher, text.as_bytes(), 0, &mut Vec::new());
        assert!(scanner.units.len() < 100, "{filler}");
        assert_eq!(scan(&matcher, &Charset::Utf8, text.as_bytes(), &[]), [], "{filler}");
    }
    let mut scanner = Scanner::new(Charset::Utf8);
    scanner.feed(&matcher, b"212", 0, &mut Vec::new());
    for at in 0..1000 {
        scanner.edge(&matcher, 3 + at, &mut Vec::new());
    }
    assert_eq!(scanner.held(), None, "tags without end are no part of a number");
}

#[test]
fn a_number_that_begins_another_does_not_win_at_a_tag() {
    let (matcher, _) = matcher(&["+49 30 23125", "+49 30 23125 100"], "DE");
    let (mut scanner, mut found) = (Scanner::new(Charset::Utf8), Vec::new());
    scanner.feed(&matcher, b"+49 30 23125", 0, &mut found);
    scanner.edge(&matcher, 12, &mut found);
    scanner.feed(&matcher, b"-100", 15, &mut found);
    scanner.end(&matcher, &mut found);
    assert_eq!(found.iter().map(|found| found.line).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_number_before_a_long_row_of_digits_is_found() {
    let digits = "123456789012345678901234567890123";
    assert_eq!(us(&format!("212 555 0100 {digits}")), format!("212 555 0199 {digits}"));
}

#[test]
fn a_parenthesis_around_more_than_the_number_stays() {
    let shown = |text: &str| fill(&["+49 30 23125 100"], "DE", text, "+49 30 23121 9991");
    assert_eq!(shown("Tel. (030 23125-100)."), "Tel. (030 231219991).");
}

#[test]
fn what_was_cut_off_is_no_character_before_the_number() {
    let latin = Charset::of(encoding_rs::WINDOWS_1252).unwrap();
    for charset in [Charset::Utf8, latin] {
        for decoy in [b"\xc3x-2125550100".as_slice(), b"\xe2\x80x-2125550100", b"\xf0\xc3x-2125550100"] {
            let filled = fill_bytes(&US, "US", &charset, decoy, "+12125550199", <[u8]>::to_vec);
            assert_eq!(filled, decoy);
        }
    }
}

#[test]
fn a_cut_character_that_no_number_begins_with_stands_before_it_as_a_whole_one() {
    for text in ["0x\u{feff}2125550100", "a\u{ff0e}2125550100", "a\u{ff0d}2125550100", "7\u{ff0f}2125550100"]
    {
        us(text); // compares all splits
    }
    let japanese = Charset::of(encoding_rs::SHIFT_JIS).unwrap();
    for text in ["a－2125550100", "a。2125550100", "7／2125550100", "（a）2125550100"] {
        let (text, ..) = encoding_rs::SHIFT_JIS.encode(text);
        fill_bytes(&US, "US", &japanese, &text, "+12125550199", <[u8]>::to_vec);
    }
}
