//! On a page that marks its telephone up a person reads the tracking number all the same.

use dni_edge::number::PhoneNumber;

use crate::support::{Fixture, visible_text};

/// How often a person reads the business's own number on a filled page, and why.
const STAYS: [(&str, usize, &str); 2] = [
    ("amp.html", 2, "AMP pages go through as they are"),
    ("unsafe-places.html", 6, "no edit there keeps what parsers extract"),
];

/// The same, where the number is to be replaced. Where that comes true, the entry must be taken off this list.
const NOT_REPLACED_YET: [(&str, usize, &str); 16] = [
    ("all-at-once.html", 2, MARKED_UP),
    ("copies.html", 2, MARKED_UP),
    ("h-card-p-tel.html", 2, MARKED_UP),
    ("h-card-u-tel.html", 2, MARKED_UP),
    ("hcard-tel.html", 3, MARKED_UP),
    ("hcard-type-value.html", 2, MARKED_UP),
    ("microdata-contact-point.html", 2, MARKED_UP),
    ("microdata-itemref.html", 1, MARKED_UP),
    ("microdata-link.html", 1, MARKED_UP),
    ("microdata-list.html", 2, MARKED_UP),
    ("microdata-span.html", 2, MARKED_UP),
    ("microdata-table-cell.html", 2, MARKED_UP),
    ("microdata-value.html", 2, MARKED_UP),
    ("rdfa-link.html", 2, MARKED_UP),
    ("rdfa-rel.html", 2, MARKED_UP),
    ("rdfa-text.html", 3, MARKED_UP),
];
const MARKED_UP: &str = "what is marked up as a telephone stays canonical, in sight too";

#[test]
fn a_person_reads_the_tracking_number_where_a_telephone_is_marked_up() {
    for fixture in Fixture::structured() {
        let (own, shown) = (&fixture.lines[0].canonical, &fixture.lines[0].shown);
        let page = digits(&visible_text(&fixture.decode(&fixture.page)));
        let filled = digits(&visible_text(&fixture.filled_page()));
        let times = |text: &str, number: &PhoneNumber| text.matches(number.national_digits()).count();
        let left = STAYS.iter().chain(&NOT_REPLACED_YET).find(|(page, ..)| *page == fixture.name);
        let left = left.map_or(0, |(_, times, _)| *times);
        assert_eq!(times(&filled, own), left, "{}: the business's own number is read", fixture.name);
        let replaced = times(&page, own) - left;
        assert_eq!(times(&filled, shown), replaced, "{}: the tracking number is read", fixture.name);
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
