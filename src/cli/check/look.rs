//! A look at what the proxy passes over: telephones that nobody configured, and marks of what takes the page over in the
//! browser. It is for advice only, and reads the page with lol_html alone.

use std::cell::RefCell;
use std::collections::BTreeSet;

use lol_html::html_content::{Element, TextChunk, TextType};
use lol_html::{RewriteStrSettings, doc_text, element, rewrite_str};

use super::stranger;
use crate::config::Hydration;
use crate::number::{Country, PhoneNumber};
use crate::page::Spot;

/// Elements that a number may run through.
const INLINE: [&str; 14] =
    ["a", "abbr", "b", "bdi", "bdo", "code", "em", "font", "i", "mark", "small", "span", "strong", "u"];

/// What takes pages over in the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Framework {
    Next,
    React,
    Nuxt,
    Vue,
    Angular,
    Svelte,
    Htmx,
    Turbo,
}

impl Framework {
    pub fn name(self) -> &'static str {
        match self {
            Framework::Next => "Next.js",
            Framework::React => "React",
            Framework::Nuxt => "Nuxt",
            Framework::Vue => "Vue",
            Framework::Angular => "Angular",
            Framework::Svelte => "Svelte",
            Framework::Htmx => "htmx",
            Framework::Turbo => "Turbo",
        }
    }

    /// What `site.hydration` is for it.
    pub fn hydration(self) -> Hydration {
        match self {
            Framework::Next | Framework::React => Hydration::React,
            _ => Hydration::Observe,
        }
    }

    /// By an attribute's name.
    fn of_attribute(name: &str) -> Option<Self> {
        match name {
            "data-reactroot" | "data-reactid" => Some(Framework::React),
            "data-v-app" | "data-server-rendered" => Some(Framework::Vue),
            "ng-version" | "ng-server-context" => Some(Framework::Angular),
            "data-turbo" | "data-turbo-track" | "data-turbo-frame" => Some(Framework::Turbo),
            _ if name.starts_with("data-svelte") => Some(Framework::Svelte),
            _ if name.starts_with("hx-") || name.starts_with("data-hx-") => Some(Framework::Htmx),
            _ => None,
        }
    }

    /// By what a script's or style sheet's address, or a script's text, holds.
    fn of_script(text: &str) -> impl Iterator<Item = Self> {
        [
            ("/_next/", Framework::Next),
            ("__NEXT_DATA__", Framework::Next),
            ("/_nuxt/", Framework::Nuxt),
            ("__NUXT__", Framework::Nuxt),
            ("__sveltekit_", Framework::Svelte),
            ("/_app/immutable/", Framework::Svelte),
        ]
        .into_iter()
        .filter(move |(mark, _)| text.contains(mark))
        .map(|(_, framework)| framework)
    }
}

/// A telephone that was seen.
pub(super) struct Stranger {
    pub number: PhoneNumber,
    pub written: String,
    pub place: Spot,
    /// The line of the page, from 1.
    pub line: usize,
}

/// What was seen on a page.
pub(super) struct Look {
    country: Country,
    /// Where the page's lines end.
    ends: Vec<usize>,
    /// Text since the last border of a block.
    text: String,
    /// Where in it what line of the page begins.
    lines: Vec<(usize, usize)>,
    script: String,
    pub strangers: Vec<Stranger>,
    pub frameworks: BTreeSet<Framework>,
}

impl Look {
    /// What a page shows. A page that can't be read to its end shows what was read.
    pub fn at(page: &str, country: Country) -> Self {
        let look = RefCell::new(Look {
            country,
            ends: memchr::memchr_iter(b'\n', page.as_bytes()).collect(),
            text: String::new(),
            lines: Vec::new(),
            script: String::new(),
            strangers: Vec::new(),
            frameworks: BTreeSet::new(),
        });
        let settings = RewriteStrSettings::new()
            .with_strict(false)
            .append_element_content_handler(element!("*", |element| {
                look.borrow_mut().pass(element);
                Ok(())
            }))
            .append_document_content_handler(doc_text!(|text| {
                look.borrow_mut().read(text);
                Ok(())
            }));
        // What is rewritten is of no interest, and what couldn't be read neither.
        let _ = rewrite_str(page, settings);
        let mut look = look.into_inner();
        look.end_block();
        look
    }

    fn pass(&mut self, element: &Element<'_, '_>) {
        let name = element.tag_name();
        if !INLINE.contains(&name.as_str()) {
            self.end_block();
        }
        if name == "turbo-frame" || name == "turbo-stream" {
            self.frameworks.insert(Framework::Turbo);
        }
        for attribute in element.attributes() {
            self.frameworks.extend(Framework::of_attribute(&attribute.name()));
        }
        if name == "script" || name == "link" {
            for attribute in ["src", "href", "id"] {
                let value = element.get_attribute(attribute).unwrap_or_default();
                self.frameworks.extend(Framework::of_script(&value));
            }
        }
        if name == "a" || name == "area" {
            let href = element.get_attribute("href").unwrap_or_default();
            self.dial(&href, element.source_location().bytes().start);
        }
    }

    /// Takes note of whom a link calls or writes to.
    fn dial(&mut self, href: &str, at: usize) {
        let Some((scheme, number)) = href.trim().split_once(':') else { return };
        if !["tel", "sms"].iter().any(|dials| scheme.eq_ignore_ascii_case(dials)) {
            return;
        }
        let written = number.split([';', '?', '&']).next().unwrap_or_default();
        let plain = written.replace("%20", " ").replace("%2B", "+").replace("%2b", "+");
        let number = PhoneNumber::parse(&plain, self.country).ok().filter(PhoneNumber::is_valid);
        let line = self.line_of(at);
        self.strangers.extend(number.map(|number| Stranger {
            number,
            written: written.to_owned(),
            place: Spot::Href,
            line,
        }));
    }

    fn read(&mut self, text: &TextChunk<'_>) {
        match text.text_type() {
            TextType::Data => {
                let line = self.line_of(text.source_location().bytes().start);
                self.lines.push((self.text.len(), line));
                self.text.push_str(&plain(text.as_str()));
            }
            TextType::ScriptData => {
                self.script.push_str(text.as_str());
                if text.last_in_text_node() {
                    self.frameworks.extend(Framework::of_script(&self.script));
                    self.script.clear();
                }
            }
            _ => {}
        }
    }

    fn end_block(&mut self) {
        let (text, lines) = (std::mem::take(&mut self.text), std::mem::take(&mut self.lines));
        for (at, number) in stranger::numbers_in(&text, self.country) {
            let known = lines.partition_point(|(place, _)| *place <= at.start).saturating_sub(1);
            let (place, line) = lines.get(known).copied().unwrap_or_default();
            let further = text.as_bytes()[place..at.start].iter().filter(|byte| **byte == b'\n').count();
            self.strangers.push(Stranger {
                number,
                written: text[at].to_owned(),
                place: Spot::Text,
                line: line + further,
            });
        }
    }

    /// From 1.
    fn line_of(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at) + 1
    }
}

/// The text without the references that numbers are written with.
fn plain(text: &str) -> String {
    let mut plain = text.to_owned();
    for (reference, character) in [
        ("&nbsp;", " "),
        ("&#160;", " "),
        ("&#xa0;", " "),
        ("&#xA0;", " "),
        ("&thinsp;", " "),
        ("&ndash;", "-"),
        ("&#8209;", "-"),
        ("&plus;", "+"),
        ("&#43;", "+"),
    ] {
        plain = plain.replace(reference, character);
    }
    plain
}
