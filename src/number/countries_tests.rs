//! Example numbers of every country in libphonenumber's metadata, found in every format and replaced.

use bytes::Bytes;
use phonenumber::metadata::DATABASE;

use super::{Charset, Country, Matcher, PhoneNumber, Scanner};

/// The text with another last digit where the number was found.
fn fill(matcher: &Matcher, number: &PhoneNumber, shown: &PhoneNumber, text: &str) -> String {
    let (mut scanner, mut found) = (Scanner::new(Charset::Utf8), Vec::new());
    scanner.feed(matcher, text.as_bytes(), 0, &mut found);
    scanner.end(matcher, &mut found);
    let (mut out, mut copied) = (Vec::new(), 0);
    for found in &found {
        let segment = &found.segments[0];
        out.extend_from_slice(&text.as_bytes()[copied..segment.start]);
        let raw = Bytes::copy_from_slice(&text.as_bytes()[segment.start..segment.end]);
        segment.rendition(found, raw, None).write(number, shown, &mut out);
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

#[test]
fn every_countrys_numbers_are_found_in_every_format() {
    let (mut numbers, mut missed) = (0, Vec::new());
    for metadata in DATABASE.iter() {
        let Ok(country) = metadata.id().parse::<Country>() else { continue };
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
        for example in kinds.into_iter().flatten().filter_map(|kind| kind.example()) {
            let written = format!("+{}{example}", metadata.country_code());
            let Ok(number) = PhoneNumber::parse(&written, country) else { continue };
            let shown = PhoneNumber::parse(&with_other_last_digit(number.e164()), country).unwrap();
            if shown.national_digits().len() != number.national_digits().len() {
                continue; // its first digit is read as a trunk prefix
            }
            let matcher = Matcher::new([&number]);
            let international = number.international_format();
            let trunk = number.trunk_prefix().unwrap_or_default();
            numbers += 1;
            // Without prefix, short numbers are only found as they are printed.
            let is_short = number.national_digits().len() < 7 && trunk.is_empty();
            let in_digits = match is_short {
                true => number.national_format().to_owned(),
                false => format!("{trunk}{}", number.national_digits()),
            };
            for text in [
                number.national_format().to_owned(),
                international.to_owned(),
                international.replace(' ', "-"),
                number.e164().to_owned(),
                format!("00{}", &number.e164()[1..]),
                in_digits,
                format!("+{} (0) {}", number.country_code(), number.national_digits()),
            ] {
                let text = format!("Call {text}, please");
                if fill(&matcher, &number, &shown, &text) != with_other_last_digit(&text) {
                    missed.push(format!("{country} {number}: {text}"));
                }
            }
            let link = format!("tel:{}", international.replace(' ', "-"));
            if matcher.find_in_link(link.as_bytes(), 0, &Charset::Utf8).is_none() {
                missed.push(format!("{country} {number}: {link}"));
            }
        }
    }
    assert!(numbers > 1000, "{numbers} numbers");
    assert!(missed.is_empty(), "{} missed: {missed:#?}", missed.len());
}
