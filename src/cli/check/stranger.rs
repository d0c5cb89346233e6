//! Numbers that look like telephones, whoever's they are. Owns the cautious reading of text by the ranges that countries give
//! out; dates, prices and long identifiers are none.

use std::ops::Range;

use crate::number::{Country, PhoneNumber};

/// Digits of a telephone number, as pages write one.
const DIGITS: Range<usize> = 7..16;

/// Characters between two groups of digits of one number.
const LONGEST_GAP: usize = 3;

/// The valid numbers in a text that is [legible](crate::number::Legible), and where they stand.
pub(super) fn numbers_in(text: &str, country: Country) -> Vec<(Range<usize>, PhoneNumber)> {
    let groups = groups(text);
    let (mut numbers, mut first) = (Vec::new(), 0);
    while first < groups.len() {
        let number = (first..groups.len())
            .take_while(|last| *last == first || is_gap(&text[groups[last - 1].end..groups[*last].start]))
            .filter_map(|last| Some((last, number(text, &groups[first..=last], country)?)))
            .last();
        first = match number {
            Some((last, number)) => {
                numbers.push(number);
                last + 1
            }
            None => first + 1,
        };
    }
    numbers
}

fn groups(text: &str) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        match groups.last_mut() {
            Some(group) if group.end == at => group.end += 1,
            _ => groups.push(at..at + 1),
        }
    }
    groups
}

fn is_gap(between: &str) -> bool {
    let joins = |c: char| matches!(c, '(' | ')' | '-' | '.' | '/') || c.is_ascii_whitespace();
    // Blanks in a row are one.
    let mut parts: Vec<char> = between.chars().collect();
    parts.dedup_by(|next, last| next.is_ascii_whitespace() && last.is_ascii_whitespace());
    parts.len() <= LONGEST_GAP && between.chars().all(joins)
}

fn number(text: &str, groups: &[Range<usize>], country: Country) -> Option<(Range<usize>, PhoneNumber)> {
    let lengths: Vec<usize> = groups.iter().map(Range::len).collect();
    let (first, last) = (groups.first()?, groups.last()?);
    let before = text[..first.start].trim_end_matches(['(', '+']);
    let at = before.len()..last.end;
    if !DIGITS.contains(&lengths.iter().sum())
        || is_date(&lengths)
        || !stands_alone(before, &text[last.end..])
    {
        return None;
    }
    let digits: String = groups.iter().map(|group| &text[group.clone()]).collect();
    let written = text[at.clone()].split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let number = PhoneNumber::parse(&written, country).ok().filter(PhoneNumber::is_valid)?;
    let is_national = || {
        let national: String = number.national_format().chars().filter(char::is_ascii_digit).collect();
        let trunk = number.trunk_prefix().unwrap_or_default();
        let parted = groups.len() > 1 || written.starts_with('(') || trunk == "0" && digits.starts_with('0');
        parted && (digits == national || digits == format!("{trunk}{}", number.national_digits()))
    };
    (written.trim_start_matches('(').starts_with('+') || is_national()).then_some((at, number))
}

/// `31.12.2026`, `2026-12-31`.
fn is_date(lengths: &[usize]) -> bool {
    matches!(lengths, [1..=2, 1..=2, 4] | [4, 1..=2, 1..=2])
}

/// Whether what stands before and behind is no part of something longer.
fn stands_alone(before: &str, behind: &str) -> bool {
    let mut back = before.chars().rev();
    let clean_before = match (back.next(), back.next()) {
        (Some(c), _) if c.is_alphanumeric() || "#=@%_$€£-".contains(c) => false,
        (Some('.' | ',' | '/'), Some(c)) => !c.is_alphanumeric(),
        _ => true,
    };
    let mut ahead = behind.chars();
    let clean_behind = match (ahead.next(), ahead.next()) {
        (Some(c), _) if c.is_alphanumeric() || "@%=_".contains(c) => false,
        (Some('-' | '.' | '/' | ','), Some(c)) => !c.is_ascii_digit(),
        _ => true,
    };
    clean_before && clean_behind
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str, country: &str) -> Vec<String> {
        let found = numbers_in(text, country.parse().unwrap());
        found.into_iter().map(|(at, number)| format!("{} {number}", &text[at])).collect()
    }

    #[test]
    fn telephones_are_seen_in_the_usual_forms() {
        assert_eq!(
            numbers("Call (312) 555-0177, 312.555.0178 or +44 20 7946 0958.", "US"),
            ["(312) 555-0177 +13125550177", "312.555.0178 +13125550178", "+44 20 7946 0958 +442079460958"]
        );
        assert_eq!(numbers("Tel. 030 23125 100", "DE"), ["030 23125 100 +493023125100"]);
    }

    #[test]
    fn dates_prices_and_identifiers_are_no_telephones() {
        for text in [
            "2026-12-31",
            "12/31/2026",
            "$312 555 0177",
            "order 3125550177",
            "A-312-555-0177",
            "312-555-0177-9",
        ] {
            assert!(numbers(text, "US").is_empty(), "{text}");
        }
        assert!(numbers("05.03.2025 und 10115 Berlin", "DE").is_empty());
    }
}
