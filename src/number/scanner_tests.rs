use bytes::Bytes;

use super::*;
use crate::number::{Country, PhoneNumber};

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
fn what_only_resembles_the_number_is_left_alone() {
    for decoy in [
        "2125550100123",
        "order 2125550100-99",
        "SKU 8212-555-01004",
        "$212.555.0100",
        "212-555-0101",
        "212-555-010",
        "8-212-555-0100",
        "id=2125550100",
        "https://example.com/2125550100",
        "a2125550100",
        "2125550100e7",
        "3.2125550100",
        "2125550100@example.com",
        "&#2125550100;",
    ] {
        assert_eq!(us(decoy), decoy);
    }
}

#[test]
fn amounts_coordinates_moments_and_machines_are_no_numbers() {
    for decoy in [
        "£212.555.0100",
        "Preis: € 2125550100",
        "&euro;&nbsp;2125550100",
        "&#163;2125550100",
        "¥2125550100",
        "212 555 0100 €",
        "2125550100€",
        "212.555.0100&nbsp;&euro;",
        "21.25550100, -157.81234567",
        "2125-55-01 00:00",
        "212.55.50.100",
        "2.125.550.100",
        "40,2125550100",
        "USD 2125550100",
        "Price: EUR&nbsp;2125550100.",
        "(CHF\u{202f}2125550100)",
        "2125550100 EUR",
        "2125550100&nbsp;USD, or",
        "2125550100,00",
        "2125550100,50 EUR",
        "+999 212 555 0100",
        "+44  212 555 0100",
        "+44-212-555-0100",
        "(+44) 212 555 0100",
        "+44 20 212 555 0100",
    ] {
        assert_eq!(us(decoy), decoy);
    }
    for (written, becomes) in [
        ("$5, 212-555-0100", "$5, 212-555-0199"),
        ("5 €: 212-555-0100", "5 €: 212-555-0199"),
        ("€ (212) 555-0100", "€ (212) 555-0199"),
        ("+2125550100", "+2125550199"),
        ("CAD 212-555-0100", "CAD 212-555-0199"),
        ("AUTOCAD 2125550100", "AUTOCAD 2125550199"),
        ("Usd 2125550100, TRY 2125550100", "Usd 2125550199, TRY 2125550199"),
        ("USD: 2125550100", "USD: 2125550199"),
        ("2125550100 EUROPE", "2125550199 EUROPE"),
        ("2125550100 EU, 2125550100 E", "2125550199 EU, 2125550199 E"),
        ("2125550100, 00", "2125550199, 00"),
        ("2125550100,0,", "2125550199,0,"),
        ("2125550100,001", "2125550199,001"),
        ("2125550100 US2125550100", "2125550199 US2125550100"),
        ("2125550100 U 2125550100,2", "2125550199 U 2125550199,2"),
        ("+1 212 555 0100 €", "+1 212 555 0199 €"),
        ("+44 20 7946 0100 212-555-0100", "+44 20 7946 0100 212-555-0199"),
        ("+44 now 212-555-0100", "+44 now 212-555-0199"),
        ("212-555-0100,212-555-0100", "212-555-0199,212-555-0199"),
        ("2125550100,2125550100", "2125550199,2125550199"),
        ("646-555-0199,212-555-0100", "646-555-0199,212-555-0199"),
        ("212.5550100, or", "212.5550199, or"),
        ("212-555-01 00: ask", "212-555-01 99: ask"),
        ("212&nbsp555&nbsp0100", "212&nbsp555&nbsp0199"),
        ("212&#150;555&#x96;0100", "212&#150;555&#x96;0199"),
    ] {
        assert_eq!(us(written), becomes);
    }
    let spanish = |text: &str| fill(&["+34 91 123 45 67"], "ES", text, "+34 91 123 45 99");
    assert_eq!(spanish("91.123.45.67"), "91.123.45.99");
    let norwegian = |text: &str| fill(&["+47 20 26 03 04"], "NO", text, "+47 20 26 03 99");
    assert_eq!(norwegian("2026-03-04, 20.26.03.04"), "2026-03-04, 20.26.03.99");
}

#[test]
fn a_date_is_no_number_however_its_writer_puts_it() {
    for (number, country, decoys) in [
        (
            "+47 22 12 20 23",
            "NO",
            &["22.12.2023", "22-12-2023", "22/12/2023", "(22.12.2023)", "&#50;2&sol;12&sol;2023"][..],
        ),
        ("+45 31 12 20 24", "DK", &["31.12.2024"]),
        ("+852 3112 2024", "HK", &["31/12/2024"]),
        ("+47 20 23 12 22", "NO", &["2023/12/22", "2023.12.22", "2023-12-22."]),
        ("+61 13 12 21", "AU", &["13/12/21", "13.12.21", "13-12-21"]),
        ("+354 512 2023", "IS", &["5/12/2023", "5.12.2023"]),
    ] {
        let shown = [&number[..number.len() - 1], "9"].concat();
        for decoy in decoys {
            for text in [(*decoy).to_owned(), format!("On {decoy}, at noon")] {
                assert_eq!(fill(&[number], country, &text, &shown), text);
            }
        }
    }
    let shown = |text: &str| fill(&["+47 22 12 20 23"], "NO", text, "+47 22 12 20 29");
    assert_eq!(shown("22 12 20 23, 2212-2023 and 22 12 2023"), "22 12 20 29, 2212-2029 and 22 12 2029");
    let shown = |text: &str| fill(&["+47 22 13 20 23"], "NO", text, "+47 22 13 20 29");
    assert_eq!(shown("22.13.2023"), "22.13.2029");
    let shown = |text: &str| fill(&["+1 212 307 7050", "+1 800 451 9930"], "US", text, US[0]);
    assert_eq!(shown("212-307-7050/800-451-9930"), "212-555-0100/212-555-0100");
}

#[test]
fn digits_behind_another_countrys_code_are_no_number_however_it_is_dialled() {
    for decoy in [
        "011 44 212 555 0100",
        "01144 212-555-0100",
        "0044 212 555 0100",
        "00 44 212 555 0100",
        "(0044) 212 555 0100",
        "call 0011 44 212 555 0100",
    ] {
        assert_eq!(us(decoy), decoy);
    }
    let german = |text: &str| fill(&["+49 30 23125 100"], "DE", text, "+49 30 23125 199");
    for decoy in ["0043 30 23125100", "(0043) 30 23125100", "Tel.0043 30 23125100", "Tel.:0043/30/23125100"] {
        assert_eq!(german(decoy), decoy);
    }
    for (written, becomes) in [
        ("0049 (0)30 23125100", "0049 (0)30 23125199"),
        ("0011 49 30 23125100", "0011 49 30 23125199"),
        ("0043 1 5550100, 030 23125100", "0043 1 5550100, 030 23125199"),
        ("0043 1 5550100 030 23125100", "0043 1 5550100 030 23125199"),
        ("8:00 17 030 23125100", "8:00 17 030 23125199"),
        ("9.00-17.30 030 23125100", "9.00-17.30 030 23125199"),
        ("000 17 030 23125100", "000 17 030 23125199"),
    ] {
        assert_eq!(german(written), becomes);
    }
    let british = |text: &str| fill(&["+44 20 7946 0100"], "GB", text, "+44 20 7946 0199");
    for written in
        ["020 7946 0012 / 020 7946 01", "(020) 7946 0012 (020) 7946 01", "020 7946 0012 020 7946 01"]
    {
        assert_eq!(british(&format!("{written}00")), format!("{written}99"));
    }
    let southern = |text: &str| fill(&["+27 11 555 0100"], "ZA", text, "+27 11 555 0199");
    assert_eq!(southern("011 555 0101, 011 555 0100"), "011 555 0101, 011 555 0199");
}

#[test]
fn the_second_of_two_coordinates_is_no_number() {
    let jamaican = |text: &str| fill(&["+1 876 298 0199"], "JM", text, "+1 876 298 0198");
    for decoy in [
        "41.87811360, -87.62980199",
        "41.87811360,-87.62980199",
        "41.87811360 -87.62980199",
        "(41.8781 | -87.62980199)",
        "(-87.62980199",
        "-87.62980199",
        "Lat 41.8781, Lon -87.62980199",
        "Lat 41.8781, Lon \u{2212}87.62980199.",
        "41.87811360, 87.62980199",
        "41.87811360,  87.62980199",
    ] {
        assert_eq!(jamaican(decoy), decoy);
    }
    for (written, becomes) in [
        ("87.62980199", "87.62980198"),
        ("- 87.62980199", "- 87.62980198"),
        ("Room 5, 87.62980199", "Room 5, 87.62980198"),
        ("-876.2980199", "-876.2980198"),
    ] {
        assert_eq!(jamaican(written), becomes);
    }
    assert_eq!(us("2.1255, 212.5550100"), "2.1255, 212.5550199");
    let german = |text: &str| fill(&["+49 30 23125 100"], "DE", text, "+49 30 23125 109");
    assert_eq!(german("30.23125100, 030-23125100"), "30.23125100, 030-23125109");
    assert_eq!(german("30.23125100 or 030.23125100"), "30.23125109 or 030.23125109");
}

#[test]
fn a_short_number_is_found_as_its_country_prints_it() {
    let australian = |text: &str| fill(&["+61 13 12 21"], "AU", text, "+61 13 12 29");
    for (written, becomes) in
        [("Call 13 12 21.", "Call 13 12 29."), ("+61 131221, 0061 13 12 21", "+61 131229, 0061 13 12 29")]
    {
        assert_eq!(australian(written), becomes);
    }
    for decoy in ["Order 131221 shipped", "131 221 people", "1312 21"] {
        assert_eq!(australian(decoy), decoy);
    }
    let caledonian = |text: &str| fill(&["+687 20 12 34"], "NC", text, "+687 20 12 39");
    assert_eq!(caledonian("20.12.34, 20 12 34 and 20/12/34"), "20.12.39, 20 12 39 and 20/12/34");
}

#[test]
fn an_amount_is_no_number_whichever_way_it_says_its_currency() {
    let norwegian = |text: &str| fill(&["+47 22 12 34 56"], "NO", text, "+47 22 12 34 59");
    for decoy in [
        "kr 22 123 456",
        "kr. 22123456",
        "(kr&nbsp;22.123.456)",
        "22 123 456 kr",
        "(22 123 456 kr.)",
        "22 123 456kr",
        "22 123 456,-",
        "22.123.456,–",
        "22 123 456,00",
        "22123456 kroner",
        "22123456,- kr",
        "NOK 22 123 456",
        "22 123 456 NOK",
        "Rs. 22123456, zł 22 123 456",
        "22 123 456 zł, 22 123 456 Kč",
        "$(22 123 456 €)",
    ] {
        assert_eq!(norwegian(decoy), decoy);
    }
    for (written, becomes) in [
        ("kr: 22 12 34 56", "kr: 22 12 34 59"),
        ("kr 22 12 34 56", "kr 22 12 34 59"),
        ("22 12 34 56 NOK", "22 12 34 59 NOK"),
        ("22 123 456 krig", "22 123 459 krig"),
        ("Ankr 22 123 456", "Ankr 22 123 459"),
        ("22 123 456, - ", "22 123 459, - "),
        ("22 123 456,-5", "22 123 459,-5"),
        ("22 123 456 kro", "22 123 459 kro"),
    ] {
        assert_eq!(norwegian(written), becomes);
    }
    for decoy in ["2125550100,-", "(2125550100 EUR)", "(21.25550100, 5)", "(212.55.50.100)"] {
        assert_eq!(us(decoy), decoy);
    }
    assert_eq!(us("CAD 212-555-0100, 212-555-0100,-"), "CAD 212-555-0199, 212-555-0199,-");
    assert_eq!(us("212 555 0100 kr, (212) 555 0100 €"), "212 555 0199 kr, (212) 555 0199 €");
    let spanish = |text: &str| fill(&["+34 912 345 678"], "ES", text, "+34 912 345 679");
    assert_eq!(spanish("912 345 678 EUR, 912 345 678"), "912 345 678 EUR, 912 345 679");
}

#[test]
fn a_part_of_a_longer_row_is_no_number() {
    let norwegian = |text: &str| fill(&["+47 22 12 34 56"], "NO", text, "+47 22 12 34 59");
    let singaporean = |text: &str| fill(&["+65 6123 4567"], "SG", text, "+65 6123 4569");
    for decoy in ["01 22 12 34 56", "22 12 34 56 78", "98 76 22 12 34 56"] {
        assert_eq!(norwegian(decoy), decoy);
    }
    for decoy in ["DE12 6123 4567 8901 2345 67", "4111 6123 4567 1111", "9999 4111 6123&nbsp;4567"] {
        assert_eq!(singaporean(decoy), decoy);
    }
    for decoy in ["4111 2125550100 1111", "44444 2125550100 55555"] {
        assert_eq!(us(decoy), decoy);
    }
    assert_eq!(us("6465550100 2125550100 6465550101"), "6465550100 2125550199 6465550101");
    assert_eq!(us("2 2125550100 5, 1234 2125550100"), "2 2125550199 5, 1234 2125550199");
    for (written, becomes) in [
        ("22 12 34 56 / 22 12 34 57", "22 12 34 59 / 22 12 34 57"),
        ("22 12 34 57 / 22 12 34 56", "22 12 34 57 / 22 12 34 59"),
        ("22 12 34 56, 22 12 34 57", "22 12 34 59, 22 12 34 57"),
        ("22 12 34 56 22 12 34 56", "22 12 34 59 22 12 34 59"),
        ("1 22 12 34 56 2024", "1 22 12 34 59 2024"),
        ("01 +47 22 12 34 56 78", "01 +47 22 12 34 59 78"),
        ("98-01: 22 12 34 56", "98-01: 22 12 34 59"),
        ("87654321 22123456", "87654321 22123459"),
        ("01  22 12 34 56", "01  22 12 34 59"),
    ] {
        assert_eq!(norwegian(written), becomes);
    }
    let australian = |text: &str| fill(&["+61 13 12 21"], "AU", text, "+61 13 12 29");
    assert_eq!(australian("sizes 10 11 12 13 12 21"), "sizes 10 11 12 13 12 21");
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
