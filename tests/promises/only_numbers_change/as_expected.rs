//! `fixtures/pages/expect.json`, held against what `rewrite --show` makes of each page.

use super::rewrite;
use crate::support::{Filled, Fixture, Line, hrefs, visible_text};

/// What a person reads and is not shown replaced yet: page, places in its `filled`, why. What turns out to be replaced must be
/// taken off this list.
const NOT_FILLED_YET: [(&str, &[usize], &str); 3] = [
    ("links.html", &[47, 48], "a link that says two numbers"),
    ("odd-markup.html", &[19], "CDATA in SVG"),
    (
        "structured.html",
        &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 24, 25],
        "what is marked up as a telephone stays canonical, in sight too",
    ),
];

/// Attributes that are read out, such as `alt` and `title`, are later work.
const NOT_FILLED_ATTRIBUTES: usize = 9;

/// What must stay and does not yet: page, the entries of its `left`, why.
const NOT_LEFT_YET: [(&str, &[&str], &str); 1] = [(
    "never-touched.html",
    &["<p>212-555-0100 in a template</p><a href=\"tel:+12125550100\">template link</a>"],
    "templates are read as the page that they may become",
)];

#[test]
fn what_a_person_reads_or_taps_is_replaced_in_its_own_form_and_nothing_else_is() {
    let mut attributes = 0;
    for fixture in Fixture::all() {
        let shows: Vec<_> =
            fixture.lines.iter().map(|line| format!("--show={}={}", line.name, line.shown)).collect();
        let shows: Vec<_> = shows.iter().map(String::as_str).collect();
        let filled = fixture.decode(&rewrite(&fixture, &shows).stdout);
        let page = fixture.decode(&fixture.page);
        assert_eq!(visible_text(&filled), expected_text(&fixture, &page), "{}", fixture.name);
        assert_eq!(hrefs(&filled), expected_hrefs(&fixture, &page), "{}", fixture.name);
        let not_left = not_left_yet(&fixture);
        for left in &fixture.left {
            let stands = filled.matches(left).count() == 1;
            assert_eq!(stands, !not_left.contains(&left.as_str()), "{}: {left}", fixture.name);
        }
        attributes += fixture.filled.iter().filter(|filled| filled.place == "attribute").count();
    }
    assert_eq!(attributes, NOT_FILLED_ATTRIBUTES);
}

/// The visible text, with numbers replaced in the order of the page.
fn expected_text(fixture: &Fixture, page: &str) -> String {
    let (mut text, mut at) = (visible_text(page), 0);
    for (filled, replaced) in fillings(fixture, "text") {
        let from = text[at..].find(&filled.written);
        let from = at + from.unwrap_or_else(|| panic!("{}: {:?}", fixture.name, filled.written));
        let new = if replaced { respell(&fixture.lines, &filled.written) } else { filled.written.clone() };
        text.replace_range(from..from + filled.written.len(), &new);
        at = from + new.len();
    }
    for left in not_left_yet(fixture).into_iter().map(visible_text) {
        text = text.replace(&left, &respell(&fixture.lines, &left));
    }
    text
}

/// The addresses of links, with numbers replaced in the order of the page.
fn expected_hrefs(fixture: &Fixture, page: &str) -> Vec<String> {
    let (mut all, mut at) = (hrefs(page), 0);
    for (filled, replaced) in fillings(fixture, "href") {
        // A link that holds two numbers stands there twice.
        let same = at > 0 && all[at - 1] == filled.written;
        let place = all[at..].iter().position(|href| *href == filled.written).map(|place| at + place);
        let place = place.or(same.then(|| at - 1));
        let place = place.unwrap_or_else(|| panic!("{}: {:?}", fixture.name, filled.written));
        if replaced {
            all[place] = respell(&fixture.lines, &filled.written);
        }
        at = place + 1;
    }
    for left in not_left_yet(fixture).into_iter().flat_map(hrefs) {
        let place = all.iter().position(|href| *href == left).expect("the link is there");
        all[place] = respell(&fixture.lines, &left);
    }
    all
}

/// What is to be filled at this kind of place, and whether it is by now.
fn fillings<'a>(fixture: &'a Fixture, place: &'a str) -> impl Iterator<Item = (&'a Filled, bool)> {
    let not_yet = NOT_FILLED_YET.iter().filter(|(page, ..)| *page == fixture.name);
    let not_yet: Vec<usize> = not_yet.flat_map(|(_, places, _)| *places).copied().collect();
    let all = fixture.filled.iter().enumerate().filter(move |(_, filled)| filled.place == place);
    all.map(move |(index, filled)| (filled, !not_yet.contains(&index)))
}

fn not_left_yet(fixture: &Fixture) -> Vec<&'static str> {
    let here = NOT_LEFT_YET.iter().filter(|(page, ..)| *page == fixture.name);
    here.flat_map(|(_, entries, _)| *entries).copied().collect()
}

/// The same with the number that its line shows.
fn respell(lines: &[Line], written: &str) -> String {
    lines.iter().find_map(|line| line.respell(written)).unwrap_or_else(|| written.to_owned())
}
