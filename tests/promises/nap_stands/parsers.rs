//! What real parsers of structured data extract from a filled page is what they extract from the website's.

use serde_json::{Value, json};

use crate::support::{Fixture, Tool};

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
}

#[test]
fn parsers_extract_from_a_filled_page_what_they_extract_from_the_websites() {
    let Some(mut parsers) = Parsers::start() else { return };
    let mut wrong = Vec::new();
    for fixture in Fixture::all().iter().chain(&Fixture::structured()) {
        let name = fixture.name.as_str();
        let before = parsers.extract(name, &fixture.decode(&fixture.page));
        let filled = fixture.filled_page();
        let untouched = filled == fixture.decode(&fixture.page);
        assert_eq!(untouched, name == "amp.html", "{name}: all are filled but AMP pages");
        let after = parsers.extract(name, &filled);
        for ((parser, before), (_, after)) in before.iter().zip(&after) {
            if before != after {
                wrong.push(format!("{name}, {parser}: {}", difference(before, after)));
            }
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
