//! On a page that marks its telephone up a person reads the tracking number all the same.

use dni_edge::number::PhoneNumber;

use crate::support::{Fixture, visible_text};

/// How often a person reads the business's own number on a filled page, and why.
const STAYS: [(&str, usize, &str); 20] = [
    ("descriptions.html", 1, "an article's body of several paragraphs"),
    ("implied-properties.html", 2, "a card's own text is its name"),
    ("microdata-list.html", 2, WHITE_SPACE),
    ("microdata-value.html", 1, "microdata with a content attribute, which parsers read differently"),
    ("microdata-table-cell.html", 1, WHITE_SPACE),
    ("copies.html", 1, "a template is for scripts"),
    ("amp.html", 2, "AMP pages go through as they are"),
    ("unsafe-places.html", 6, "no edit there keeps what parsers extract"),
    ("classic-roots.html", 10, "dates, HTML, cards in cards and relations of classic microformats"),
    ("microformats-2-roots.html", 5, "four cards' own texts are their names, and a class in references"),
    ("microdata-elements.html", 6, "what parsers read differently, and items without properties"),
    ("cards-in-cards.html", 4, "a card's text is its value, and an object's its picture"),
    ("rdfa-nested.html", 1, "around a property deeper in another, some parsers read no text"),
    ("hentry.html", 3, "an entry's content, of which parsers keep the mark-up"),
    ("odd-values.html", 2, "a text of class value, which comes before an attribute"),
    ("white-space.html", 10, "white space in a value that some parsers fold or trim"),
    (
        "titles-and-values.html",
        8,
        "an attribute that is missing, empty, or yields to what stands in its element",
    ),
    ("opened-again.html", 12, "an element that browsers open once more would be said twice"),
    ("links-in-values.html", 1, "a value in a value, which would be read one behind the other"),
    ("rdfa-relations.html", 4, "a text beside a relation's address, or with a comment, and a date"),
];

/// In a cell or item whose end tag is left out.
const WHITE_SPACE: &str = "white space at the end of a microdata value, which only some parsers trim";

#[test]
fn a_person_reads_the_tracking_number_where_a_telephone_is_marked_up() {
    for fixture in Fixture::structured() {
        let (own, shown) = (&fixture.lines[0].canonical, &fixture.lines[0].shown);
        let page = digits(&visible_text(&fixture.decode(&fixture.page)));
        let filled = digits(&visible_text(&fixture.filled_page()));
        let times = |text: &str, number: &PhoneNumber| text.matches(number.national_digits()).count();
        let left = STAYS.iter().find(|(page, ..)| *page == fixture.name);
        let left = left.map_or(0, |(_, times, _)| *times);
        assert_eq!(times(&filled, own), left, "{}: the business's own number is read", fixture.name);
        let replaced = times(&page, own) - left;
        assert_eq!(times(&filled, shown), replaced, "{}: the tracking number is read", fixture.name);
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
