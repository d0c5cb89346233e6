//! Example numbers of every country in libphonenumber's metadata, found in every format and replaced; and what has the digits
//! of some countries' numbers and is something else.

use bytes::Bytes;
use phonenumber::metadata::DATABASE;

use super::{Charset, Country, Found, LinkScheme, Matcher, PhoneNumber, Scanner};

fn scan<'a>(matcher: &Matcher, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Found> {
    let (mut scanner, mut found, mut at) = (Scanner::new(Charset::Utf8), Vec::new(), 0);
    for piece in pieces {
        scanner.feed(matcher, piece, at, &mut found);
        at += piece.len();
    }
    scanner.end(matcher, &mut found);
    found
}

/// The text with `shown` where the number was found, whether the text arrives whole or byte by byte.
fn fill(matcher: &Matcher, number: &PhoneNumber, shown: &PhoneNumber, text: &str) -> String {
    let found = scan(matcher, [text.as_bytes()].into_iter());
    assert_eq!(found, scan(matcher, text.as_bytes().chunks(1)), "{text}, byte by byte");
    write(&found, None, number, shown, text)
}

/// The same for a link. None where no number is found in it.
fn fill_link(matcher: &Matcher, number: &PhoneNumber, shown: &PhoneNumber, link: &str) -> Option<String> {
    let (scheme, found) = matcher.find_in_link(link.as_bytes(), 0, &Charset::Utf8)?;
    Some(write(&[found], Some(scheme), number, shown, link))
}

fn write(
    found: &[Found],
    link: Option<LinkScheme>,
    number: &PhoneNumber,
    shown: &PhoneNumber,
    text: &str,
) -> String {
    let (mut out, mut copied) = (Vec::new(), 0);
    for found in found {
        let [segment] = &found.segments[..] else { panic!("{text} has no tags") };
        out.extend_from_slice(&text.as_bytes()[copied..segment.start]);
        let raw = Bytes::copy_from_slice(&text.as_bytes()[segment.start..segment.end]);
        segment.rendition(found, raw, link).write(number, shown, &mut out);
        copied = segment.end;
    }
    out.extend_from_slice(&text.as_bytes()[copied..]);
    String::from_utf8(out).unwrap()
}

fn with_other_last_digit(text: &str) -> String {
    let at = text.rfind(|c: char| c.is_ascii_digit()).unwrap();
    let other = if text[at..].starts_with('9') { "8" } else { "9" };
    [&text[..at], other, &text[at + 1..]].concat()
}

/// The example numbers of each country, one of each kind of line.
fn examples() -> impl Iterator<Item = (Country, String)> {
    // What is no country has numbers of its own, such as those of satellites.
    let countries = DATABASE.iter().filter_map(|metadata| Some((metadata.id().parse().ok()?, metadata)));
    countries.flat_map(|(country, metadata)| {
        let kinds = metadata.descriptors();
        let kinds = [
            kinds.fixed_line(),
            kinds.mobile(),
            kinds.toll_free(),
            kinds.premium_rate(),
            kinds.shared_cost(),
            kinds.personal_number(),
            kinds.voip(),
            kinds.uan(),
        ];
        let examples = kinds.into_iter().flatten().filter_map(|kind| kind.example());
        examples.map(move |example| (country, format!("+{}{example}", metadata.country_code())))
    })
}

/// The ways to write a number that every country has.
fn formats(number: &PhoneNumber) -> Vec<String> {
    let (international, code) = (number.international_format(), number.country_code());
    let (digits, trunk) = (number.national_digits(), number.trunk_prefix().unwrap_or_default());
    let mut formats = vec![
        number.national_format().to_owned(),
        international.to_owned(),
        international.replace(' ', "-"),
        number.e164().to_owned(),
        format!("00{}", &number.e164()[1..]),
        format!("+{code} (0) {digits}"),
    ];
    // Without prefix, short numbers are only found as they are printed.
    if !trunk.is_empty() || digits.len() >= 7 {
        formats.push(format!("{trunk}{digits}"));
    }
    formats
}

#[test]
fn every_countrys_numbers_are_found_in_every_format() {
    let (mut numbers, mut missed, mut unread) = (0, Vec::new(), Vec::new());
    let number = |written: &str, country| PhoneNumber::parse(written, country);
    let us: Country = "US".parse().unwrap();
    let abroad = [number("+12125550100", us).unwrap(), number("+493023125100", us).unwrap()];
    for (country, written) in examples() {
        let Ok(number) = number(&written, country) else {
            unread.push(format!("{country} {written}"));
            continue;
        };
        let shown = PhoneNumber::parse(&with_other_last_digit(number.e164()), country).unwrap();
        let abroad = &abroad[usize::from(number.country_code() == "1")];
        let matcher = Matcher::new([&number]);
        numbers += 1;
        for written in formats(&number) {
            let text = format!("Call {written}, please");
            let becomes = with_other_last_digit(&text);
            let becomes_abroad = format!("Call {}, please", abroad.international_format());
            if shown.has_form_of(&number) && fill(&matcher, &number, &shown, &text) != becomes
                || fill(&matcher, &number, abroad, &text) != becomes_abroad
            {
                missed.push(format!("{country} {number}: {text}"));
            }
        }
        let link = format!("tel:{}", number.international_format().replace(' ', "-"));
        if fill_link(&matcher, &number, abroad, &link) != Some(format!("tel:{abroad}")) {
            missed.push(format!("{country} {number}: {link}"));
        }
        if !shown.has_form_of(&number) {
            unread.push(format!("{country} {number}: {shown}"));
        }
    }
    assert!(numbers > 1000, "{numbers} numbers");
    assert!(missed.is_empty(), "{} missed: {missed:#?}", missed.len());
    // Iran's has too few digits for a number, and of Lithuania's the first digit is read as a trunk prefix.
    let others = ["IR +989601", "LT +370012345: +37012349", "LT +370812345: +37012349"];
    assert_eq!(unread, others);
}

/// A country's number, and what has its digits and is something else.
const DECOYS: [(&str, &str, &[&str]); 15] = [
    (
        "US",
        "+1 212 555 0100",
        &[
            "011 44 212 555 0100",
            "0044 212 555 0100",
            "4111 2125550100 1111",
            "2125550100,-",
            "www.x.com/212-555-0100",
            "img.2125550100",
        ],
    ),
    ("JM", "+1 876 298 0199", &["41.87811360, -87.62980199", "Lat 41.8781, Lon -87.62980199"]),
    ("NO", "+47 22 12 20 23", &["22.12.2023", "22-12-2023", "22/12/2023", "31 22 12 20 23"]),
    ("NO", "+47 20 23 12 22", &["2023/12/22", "2023-12-22", "2023-12-22 20:23"]),
    (
        "NO",
        "+47 22 12 34 56",
        &[
            "kr 22 123 456",
            "22 123 456 kr",
            "22 123 456,-",
            "22 123 456,00",
            "22123456 kroner",
            "NOK 22 123 456",
            "01 22 12 34 56",
            "22 12 34 56 78",
        ],
    ),
    ("DK", "+45 31 12 20 24", &["31.12.2024", "kr. 31.122.024", "0045 6 31 12 20 24"]),
    ("SE", "+46 8 12 34 56", &["0047 8 12 34 56", "8/12/3456"]),
    ("PL", "+48 22 345 67 89", &["223 456 789 zł", "223456789,00 zł", "PLN 223 456 789"]),
    ("CZ", "+420 223 456 789", &["223 456 789 Kč", "223 456 789,- Kč"]),
    ("DE", "+49 30 23125100", &["0043 30 23125100", "(0043) 30 23125100", "-30.23125100", "3023125100 EUR"]),
    ("SG", "+65 6123 4567", &["DE12 6123 4567 8901 2345 67", "4111 6123 4567 1111", "SGD 61234567"]),
    ("HK", "+852 3112 2024", &["31/12/2024", "31.12.2024", "HKD 31122024"]),
    ("IS", "+354 512 2023", &["5.12.2023", "5/12/2023", "5122023 kr"]),
    (
        "AU",
        "+61 13 12 21",
        &[
            "13/12/21",
            "13.12.21",
            "13-12-21",
            "Order 131221 shipped",
            "131 221 people",
            "sizes 10 11 12 13 12 21",
        ],
    ),
    ("IN", "+91 22 2345 6789", &["Rs 2223456789", "Rs. 2223456789", "0092 22 2345 6789"]),
];

#[test]
fn what_only_has_the_digits_of_a_countrys_number_is_left_alone() {
    for (country, number, decoys) in DECOYS {
        let country: Country = country.parse().unwrap();
        let number = PhoneNumber::parse(number, country).unwrap();
        let shown = PhoneNumber::parse(&with_other_last_digit(number.e164()), country).unwrap();
        let matcher = Matcher::new([&number]);
        for decoy in decoys {
            for text in [(*decoy).to_owned(), format!("Here: {decoy}."), format!("({decoy}) or")] {
                assert_eq!(fill(&matcher, &number, &shown, &text), text);
            }
        }
        let control = number.national_format();
        assert_eq!(fill(&matcher, &number, &shown, control), with_other_last_digit(control));
    }
}
