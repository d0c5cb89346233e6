//! The pages of `fixtures/pages`, and what `expect.json` says of each; those of `fixtures/structured`.

use std::path::PathBuf;

use dni_edge::number::PhoneNumber;
use encoding_rs::Encoding;
use serde_json::Value;

use super::command::{Outcome, run};
use super::config::CANONICAL;

pub struct Fixture {
    pub name: String,
    pub page: Vec<u8>,
    pub charset: String,
    pub country: String,
    pub lines: Vec<Line>,
    pub filled: Vec<Filled>,
    pub left: Vec<String>,
}

/// A line of the business, and the number that tests show instead of its own.
pub struct Line {
    pub name: String,
    pub canonical: PhoneNumber,
    pub shown: PhoneNumber,
}

/// Something that a person reads or taps and is to see replaced.
pub struct Filled {
    /// text, href or attribute
    pub place: String,
    pub written: String,
}

impl Fixture {
    /// The pages of `fixtures/pages`.
    pub fn all() -> Vec<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/pages");
        let expect = std::fs::read_to_string(folder.join("expect.json")).unwrap();
        let expect: serde_json::Map<String, Value> = serde_json::from_str(&expect).unwrap();
        let fixtures: Vec<_> = expect
            .iter()
            .map(|(name, says)| Fixture::new(name, says, std::fs::read(folder.join(name)).unwrap()))
            .collect();
        assert!(fixtures.len() >= 25, "{} pages", fixtures.len());
        fixtures
    }

    /// The pages of `fixtures/structured`, which say nothing of what is filled: each a business with one line in New York.
    pub fn structured() -> Vec<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/structured");
        let says = serde_json::json!({
            "country": "US", "charset": "utf-8", "lines": {"main": CANONICAL}, "filled": [], "left": []
        });
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let mut pages: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|extension| extension == "html")).collect();
        pages.sort();
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        pages.iter().map(|path| Fixture::new(&name(path), &says, std::fs::read(path).unwrap())).collect()
    }

    fn new(name: &str, says: &Value, page: Vec<u8>) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let country = text(&says["country"]);
        let lines = says["lines"].as_object().unwrap().iter().enumerate();
        let filled = says["filled"].as_array().unwrap().iter();
        Fixture {
            name: name.to_owned(),
            page,
            charset: text(&says["charset"]),
            lines: lines
                .map(|(place, (name, number))| Line::new(name, &text(number), &country, place))
                .collect(),
            country,
            filled: filled
                .map(|filled| Filled { place: text(&filled["place"]), written: text(&filled["written"]) })
                .collect(),
            left: says["left"].as_array().unwrap().iter().map(text).collect(),
        }
    }

    /// A site with this page.
    pub fn site(&self, host: &str, origin: &str) -> String {
        let (name, country) = (&self.name, &self.country);
        let mut toml = format!(
            "[[site]]\nname = {name:?}\nhosts = [{host:?}]\norigin = {origin:?}\ncountry = {country:?}\n"
        );
        for line in &self.lines {
            toml +=
                &format!("[[site.line]]\nname = {:?}\ncanonical = {:?}\n", line.name, line.canonical.e164());
        }
        toml
    }

    /// Runs `rewrite` on the page.
    pub fn rewrite(&self, more: &[&str]) -> Outcome {
        let outcome = self.run(more);
        assert_eq!(outcome.stderr, "", "{}", self.name);
        outcome
    }

    /// Runs `rewrite` on the page, which may say something.
    pub fn run(&self, more: &[&str]) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("dni-edge.toml");
        std::fs::write(&config, self.site("www.example.com", "http://127.0.0.1:9")).unwrap();
        let (config, content_type) = (config.to_str().unwrap(), self.content_type());
        let mut arguments =
            vec!["rewrite", "--config", config, "--site", &self.name, "--content-type", &content_type];
        arguments.extend(more);
        let outcome = run(&arguments, &self.page);
        assert_eq!(outcome.status, 0, "{}: {}", self.name, outcome.stderr);
        outcome
    }

    /// The page as a visitor reads it who is shown other numbers on all lines.
    pub fn filled_page(&self) -> String {
        let shows = self.lines.iter().map(|line| format!("--show={}={}", line.name, line.shown));
        let shows: Vec<_> = shows.collect();
        let shows: Vec<_> = shows.iter().map(String::as_str).collect();
        self.decode(&self.rewrite(&shows).stdout)
    }

    pub fn content_type(&self) -> String {
        format!("text/html; charset={}", self.charset)
    }

    pub fn decode(&self, page: &[u8]) -> String {
        Encoding::for_label(self.charset.as_bytes()).unwrap().decode_without_bom_handling(page).0.into_owned()
    }
}

impl Line {
    fn new(name: &str, number: &str, country: &str, place: usize) -> Self {
        let country = country.parse().unwrap();
        let shown = format!("{}{}", &number[..number.len() - 4], ["9876", "5432"][place]);
        Line {
            name: name.to_owned(),
            canonical: PhoneNumber::parse(number, country).unwrap(),
            shown: PhoneNumber::parse(&shown, country).unwrap(),
        }
    }

    /// What was written with the line's own number, with the shown one in the same form; none where it isn't this line's.
    pub fn respell(&self, written: &str) -> Option<String> {
        let (own, shown) = (self.canonical.national_digits(), self.shown.national_digits());
        let digits = digits(written);
        let values: String = digits.iter().map(|(_, value, _)| char::from(b'0' + value)).collect();
        let first = values.find(own)?;
        let mut respelt = written.to_owned();
        for ((at, _, zero), value) in digits[first..first + own.len()].iter().zip(shown.bytes()).rev() {
            let digit = char::from_u32(*zero as u32 + u32::from(value - b'0')).unwrap();
            respelt.replace_range(at..&(at + zero.len_utf8()), digit.encode_utf8(&mut [0; 4]));
        }
        Some(respelt)
    }
}

/// Digits in any script with their places, values and zeros; those of percent-encoding are none.
fn digits(written: &str) -> Vec<(usize, u8, char)> {
    let zeros = ['0', '٠', '۰', '０'];
    let mut digits = Vec::new();
    let mut chars = written.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '%' {
            chars.nth(1);
        }
        let of = |zero: char| (c as u32).checked_sub(zero as u32).filter(|value| *value < 10);
        digits.extend(zeros.iter().find_map(|zero| Some((at, of(*zero)? as u8, *zero))));
    }
    digits
}
