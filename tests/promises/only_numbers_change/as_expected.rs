//! `fixtures/pages/expect.json`, held against what `rewrite --show` makes of each page.

use encoding_rs::Encoding;
use serde_json::Value;

use crate::support::{Filled, Fixture, Line, hrefs, visible_text};

/// What could be read or tapped, and stays all the same: page, places in its `filled`, why. What turns out to be replaced must be
/// taken off this list.
const STAYS: [(&str, &[usize], &str); 2] = [
    ("links.html", &[47, 48], "a link that says two numbers dials neither, and nobody reads it"),
    ("structured.html", &[8], "a microdata text with a line break at its end, which only some parsers trim"),
];

#[test]
fn what_a_person_reads_or_taps_is_replaced_in_its_own_form_and_nothing_else_is() {
    for fixture in Fixture::all() {
        let filled = fixture.filled_page();
        let page = fixture.decode(&fixture.page);
        assert_eq!(visible_text(&filled), expected_text(&fixture, &page), "{}", fixture.name);
        assert_eq!(hrefs(&filled), expected_hrefs(&fixture, &page), "{}", fixture.name);
        for left in &fixture.left {
            assert_eq!(filled.matches(left).count(), 1, "{}: {left}", fixture.name);
        }
        for attribute in fixture.filled.iter().filter(|filled| filled.place == "attribute") {
            let shown = respell(&fixture.lines, &attribute.written);
            assert!(filled.contains(&shown), "{}: {shown} for {}", fixture.name, attribute.written);
        }
    }
}

/// What `--explain` says is what `rewrite` does: replacing what it names, where it says, makes of one page the other.
#[test]
fn what_is_explained_is_what_is_replaced() {
    for fixture in Fixture::all() {
        let shows: Vec<_> =
            fixture.lines.iter().map(|line| format!("--show={}={}", line.name, line.shown)).collect();
        let shows: Vec<_> = shows.iter().map(String::as_str).collect();
        let outcome = fixture.run(&[&shows[..], &["--explain"]].concat());
        let encoding = Encoding::for_label(fixture.charset.as_bytes()).unwrap();
        let (mut made, mut at) = (Vec::new(), 0);
        for line in outcome.stderr.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let place = |key: &str| line[key].as_u64().unwrap() as usize;
            let (start, end) = (place("start"), place("end"));
            assert!(at <= start, "{}: in the order of the page, each once: {line}", fixture.name);
            assert_eq!(fixture.decode(&fixture.page[start..end]), line["written"].as_str().unwrap());
            made.extend_from_slice(&fixture.page[at..start]);
            at = start;
            if let Some(becomes) = line["becomes"].as_str() {
                made.extend_from_slice(&encoding.encode(becomes).0);
                at = end;
            }
        }
        made.extend_from_slice(&fixture.page[at..]);
        assert!(made == outcome.stdout, "{}", fixture.name);
    }
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
    all
}

/// What says a number at this kind of place, and whether it is to be filled.
fn fillings<'a>(fixture: &'a Fixture, place: &'a str) -> impl Iterator<Item = (&'a Filled, bool)> {
    let stays = STAYS.iter().filter(|(page, ..)| *page == fixture.name);
    let stays: Vec<usize> = stays.flat_map(|(_, places, _)| *places).copied().collect();
    let all = fixture.filled.iter().enumerate().filter(move |(_, filled)| filled.place == place);
    all.map(move |(index, filled)| (filled, !stays.contains(&index)))
}

/// The same with the number that its line shows.
fn respell(lines: &[Line], written: &str) -> String {
    lines.iter().find_map(|line| line.respell(written)).unwrap_or_else(|| written.to_owned())
}
