//! A look at what the proxy passes over: telephones that nobody configured, and marks of what takes the page over in the
//! browser. It is for advice only, and reads the page with lol_html alone.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use lol_html::html_content::{Comment, Element, TextChunk, TextType};
use lol_html::{RewriteStrSettings, doc_comments, doc_text, element, rewrite_str};

use super::framework::Framework;
use super::stranger;
use crate::number::{Country, Legible, LinkScheme, PhoneNumber, dialled};
use crate::page::{Spot, VISIBLE};

/// Elements that a number may run through.
const INLINE: [&str; 15] = [
    "a", "abbr", "b", "bdi", "bdo", "code", "em", "font", "i", "mark", "small", "span", "strong", "u", "wbr",
];

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
    /// Text since the last border of a block, as the page writes it.
    text: String,
    /// Where in it what line of the page begins.
    lines: Vec<(usize, usize)>,
    script: String,
    behind: Behind,
    pub strangers: Vec<Stranger>,
    pub frameworks: BTreeSet<Framework>,
    /// Addresses of scripts, as the page writes them.
    pub scripts: Vec<String>,
}

/// What was read last.
#[derive(Clone, Copy, Debug)]
enum Behind {
    Text {
        ends_in_blank: bool,
    },
    /// The comment `<!-- -->` behind a text.
    Seam {
        is_tight: bool,
    },
    Other,
}

impl Look {
    /// What a page shows. A page that can't be read to its end shows what was read.
    pub fn at(page: &str, country: Country) -> Self {
        let look = Rc::new(RefCell::new(Look::begin(page, country)));
        let settings = RewriteStrSettings::new()
            .with_strict(false)
            .append_element_content_handler(element!("*", |element| {
                look.borrow_mut().pass(element);
                hear_end(&look, element);
                Ok(())
            }))
            .append_document_content_handler(doc_text!(|text| {
                look.borrow_mut().read(text);
                Ok(())
            }))
            .append_document_content_handler(doc_comments!(|comment| {
                look.borrow_mut().pass_comment(comment);
                Ok(())
            }));
        // What is rewritten is of no interest, and what couldn't be read neither.
        let _ = rewrite_str(page, settings);
        let mut look = look.replace(Look::begin("", country));
        look.end_block();
        look
    }

    fn begin(page: &str, country: Country) -> Self {
        Look {
            country,
            ends: memchr::memchr_iter(b'\n', page.as_bytes()).collect(),
            text: String::new(),
            lines: Vec::new(),
            script: String::new(),
            behind: Behind::Other,
            strangers: Vec::new(),
            frameworks: BTreeSet::new(),
            scripts: Vec::new(),
        }
    }

    fn pass(&mut self, element: &Element<'_, '_>) {
        let name = element.tag_name();
        self.border(&name);
        self.frameworks.extend(Framework::of_element(&name));
        for attribute in element.attributes() {
            self.frameworks.extend(Framework::of_attribute(&attribute.name(), &attribute.value()));
        }
        let line = self.line_of(element.source_location().bytes().start);
        let value = |attribute: &str| element.get_attribute(attribute).unwrap_or_default();
        match name.as_str() {
            "script" | "link" => {
                for attribute in ["src", "href", "id"] {
                    self.frameworks.extend(Framework::of_script(&value(attribute)));
                }
                let is_module = name == "link" && value("rel").eq_ignore_ascii_case("modulepreload");
                let address = value(if is_module { "href" } else { "src" });
                self.scripts.extend(Some(address).filter(|address| !address.is_empty()));
            }
            "a" | "area" => self.dial(&value("href"), line),
            _ => {}
        }
        if !matches!(name.as_str(), "meta" | "link") {
            VISIBLE.iter().for_each(|attribute| self.find(&value(attribute), Spot::Attribute, |_| line));
        }
    }

    /// A start or end tag of this name has been reached.
    fn border(&mut self, name: &str) {
        self.behind = Behind::Other;
        if !INLINE.contains(&name) {
            self.end_block();
        }
    }

    /// React parts two texts of its own by `<!-- -->`.
    fn pass_comment(&mut self, comment: &Comment<'_>) {
        let text = comment.text();
        self.frameworks.extend(Framework::of_comment(&text));
        self.behind = match self.behind {
            Behind::Text { ends_in_blank } if text == " " => Behind::Seam { is_tight: !ends_in_blank },
            _ => Behind::Other,
        };
    }

    fn read(&mut self, text: &TextChunk<'_>) {
        let written = text.as_str();
        match text.text_type() {
            TextType::Data if !written.is_empty() => {
                let line = self.line_of(text.source_location().bytes().start);
                self.lines.push((self.text.len(), line));
                self.text.push_str(written);
                if matches!(self.behind, Behind::Seam { is_tight } if is_tight || !written.starts_with(char::is_whitespace))
                {
                    self.frameworks.insert(Framework::React);
                }
                self.behind = Behind::Text { ends_in_blank: written.ends_with(char::is_whitespace) };
            }
            TextType::ScriptData => {
                self.script.push_str(written);
                if text.last_in_text_node() {
                    self.frameworks.extend(Framework::of_script(&self.script));
                    self.script.clear();
                }
            }
            _ => {}
        }
    }

    /// Takes note of whom a link calls or writes to.
    fn dial(&mut self, href: &str, line: usize) {
        let Some((scheme, written)) = dialled(href) else { return };
        let legible = Legible::of_link(written);
        let Some(at) = dialled_part(legible.as_str()) else { return };
        let number = &legible.as_str()[at.clone()];
        let parsed = match scheme {
            LinkScheme::WhatsApp if !number.starts_with('+') => {
                PhoneNumber::parse(&format!("+{number}"), self.country)
            }
            _ => PhoneNumber::parse(number, self.country),
        };
        let Some(number) = parsed.ok().filter(PhoneNumber::is_valid) else { return };
        let written = written[legible.written(at)].to_owned();
        self.strangers.push(Stranger { number, written, place: Spot::Href, line });
    }

    fn end_block(&mut self) {
        let (text, lines) = (std::mem::take(&mut self.text), std::mem::take(&mut self.lines));
        self.find(&text, Spot::Text, |at| {
            let known = lines.partition_point(|(place, _)| *place <= at).saturating_sub(1);
            let (place, line) = lines.get(known).copied().unwrap_or_default();
            line + memchr::memchr_iter(b'\n', &text.as_bytes()[place..at]).count()
        });
    }

    /// Takes note of the telephones in a text, of which it is known on what line of the page each byte stands.
    fn find(&mut self, written: &str, place: Spot, line_of: impl Fn(usize) -> usize) {
        let legible = Legible::of_text(written);
        for (at, number) in stranger::numbers_in(legible.as_str(), self.country) {
            let at = legible.written(at);
            let line = line_of(at.start);
            self.strangers.push(Stranger { number, written: written[at].to_owned(), place, line });
        }
    }

    /// From 1.
    fn line_of(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at) + 1
    }
}

/// Has the look told of the element's end tag.
fn hear_end(look: &Rc<RefCell<Look>>, element: &mut Element<'_, '_>) {
    let (look, name) = (Rc::clone(look), element.tag_name());
    if let Some(handlers) = element.end_tag_handlers() {
        handlers.push(Box::new(move |_| {
            look.borrow_mut().border(&name);
            Ok(())
        }));
    }
}

/// Where in what a link dials the number stands, without parameters and extensions.
fn dialled_part(text: &str) -> Option<Range<usize>> {
    let start = text.find(|c: char| !matches!(c, ' ' | '/'))?;
    let is_of_number = |c: char| c.is_ascii_digit() || "+()-. /".contains(c);
    let len = text[start..].find(|c| !is_of_number(c)).unwrap_or(text.len() - start);
    let last = text[start..start + len].rfind(|c: char| c.is_ascii_digit())?;
    Some(start..start + last + 1)
}
