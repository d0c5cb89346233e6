//! What real parsers of structured data extract from a filled page is what they extract from the website's.

use dni_edge::page::{Declared, charset_of_content_type};
use serde_json::{Value, json};

use super::generated::pages;
use super::ways::WAYS;
use crate::support::{Fixture, Line, Tool};

/// The parsers, each under its name.
struct Parsers([Tool; 2]);

impl Parsers {
    fn start() -> Option<Self> {
        let folder = Tool::folder();
        let (python, modules) = (folder.join("venv/bin/python"), folder.join("node_modules"));
        let in_python = Tool::start(python.to_str().unwrap(), "extract.py", &[], &[&python])?;
        Some(Parsers([in_python, Tool::start("node", "extract.mjs", &[], &[&modules])?]))
    }

    /// What each parser extracts from a page.
    fn extract(&mut self, name: &str, html: &str) -> Vec<(String, Value)> {
        let question = json!({ "id": name, "html": html });
        let answers = self.0.iter_mut().map(|tool| tool.ask(&question));
        let answers = answers.map(|mut answer| match answer["extracted"].take() {
            Value::Object(extracted) => extracted,
            other => panic!("{name}: {other}"),
        });
        answers.flatten().collect()
    }

    /// What they extract from a page in each way that it may be filled, where that is something else: each time in a line.
    fn judge(
        &mut self,
        name: &str,
        page: &[u8],
        decode: impl Fn(&[u8]) -> String,
        declared: Declared,
        lines: &[Line],
    ) -> Vec<String> {
        let before = self.extract(name, &decode(page));
        let (mut wrong, mut judged) = (Vec::new(), vec![page.to_vec()]);
        for way in WAYS {
            let filled = way.fill(page, declared, lines);
            if judged.contains(&filled) {
                continue;
            }
            for ((parser, before), (_, after)) in before.iter().zip(&self.extract(name, &decode(&filled))) {
                if before != after {
                    wrong.push(format!("{name} {}, {parser}: {}", way.name, difference(before, after)));
                }
            }
            judged.push(filled);
        }
        wrong
    }
}

#[test]
fn parsers_extract_from_a_filled_page_what_they_extract_from_the_websites() {
    let Some(mut parsers) = Parsers::start() else { return };
    let mut wrong = Vec::new();
    for fixture in Fixture::all().iter().chain(&Fixture::structured()) {
        let (name, page) = (fixture.name.as_str(), &fixture.page);
        let declared = charset_of_content_type(&fixture.content_type());
        let filled = fixture.filled_page();
        assert_eq!(
            filled == fixture.decode(page),
            name == "amp.html",
            "{name}: all are filled but AMP pages"
        );
        let again = WAYS[0].fill(page, declared, &fixture.lines);
        assert!(fixture.decode(&again) == filled, "{name}: a page is filled here as the program fills it");
        wrong.extend(parsers.judge(name, page, |page| fixture.decode(page), declared, &fixture.lines));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn parsers_extract_the_same_from_pages_that_nobody_wrote() {
    let Some(mut parsers) = Parsers::start() else { return };
    let lines = &Fixture::structured()[0].lines;
    let decode = |page: &[u8]| String::from_utf8_lossy(page).into_owned();
    let mut judge = |name: &str, page: &str| {
        parsers.judge(
            name,
            page.as_bytes(),
            decode,
            charset_of_content_type("text/html; charset=utf-8"),
            lines,
        )
    };
    let mut wrong = Vec::new();
    for page in pages() {
        let of_all = judge("the page", &page.whole());
        if !of_all.is_empty() {
            let of_each = page.parts().flat_map(|part| judge(part, part));
            let of_each: Vec<_> = of_each.collect();
            wrong.extend(if of_each.is_empty() { of_all } else { of_each });
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn parsers_extract_the_telephone_of_each_structured_page() {
    let Some(mut parsers) = Parsers::start() else { return };
    for fixture in Fixture::structured() {
        let extracted = parsers.extract(&fixture.name, &fixture.decode(&fixture.page));
        let digits = |value: &Value| value.to_string().replace(|c: char| !c.is_ascii_digit(), "");
        let number = fixture.lines[0].canonical.national_digits();
        let found = extracted.iter().any(|(_, value)| digits(value).contains(number));
        assert!(found, "{}: {extracted:#?}", fixture.name);
        assert!(extracted.iter().all(|(_, value)| value.get("error").is_none()), "{extracted:#?}");
    }
}

/// The first line that differs, before and after.
fn difference(before: &Value, after: &Value) -> String {
    let (before, after) = (format!("{before:#}"), format!("{after:#}"));
    let mut lines = before.lines().zip(after.lines());
    lines.find(|(before, after)| before != after).map_or_else(
        || format!("{} and {} lines", before.lines().count(), after.lines().count()),
        |(before, after)| format!("{} became {}", before.trim(), after.trim()),
    )
}
