//! Numbers of the business that a page shows somewhere and that are left as they are, and why.
//!
//! Owns the second look at a page that a person takes to understand the first: it reads the whole page, and more loosely. What
//! it says changes nothing.

use std::ops::Range;

use super::Lines;
use super::structured::Structured;
use super::tag::{Attribute, SILENT, Tag, Token};
use crate::number::{Charset, Found, Scanner};

/// A number that was seen and left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The line, by its place in [`Lines`].
    pub line: usize,
    pub place: LeftPlace,
    /// Where it stands, in bytes of the page.
    pub at: Range<usize>,
    pub why: String,
}

/// Where a number that was left alone stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftPlace {
    Text,
    Href,
    /// Any other attribute.
    Attribute,
}

const TIED: &str = "it is tied to what stands beside it, as part of something longer";
const GUARDED: &str =
    "it is in structured data that no edit keeps for every parser, in a template, or in what visitors edit";
const OTHER_ATTRIBUTE: &str =
    "of attributes, only a link's address and what people see or hear is filled, and that not in a card";
const OTHER_LINK: &str = "the link leads elsewhere, or says more than one number";
const COMMENT: &str = "it is in a comment";

impl Left {
    /// What of these lines' numbers stands on a page, in this charset, and is in none of the slots, whose places ascend.
    /// `through`: why the page went through before it ended.
    pub(super) fn on(
        page: &[u8],
        lines: &Lines,
        charset: &Charset,
        slots: &[Range<usize>],
        through: Option<&str>,
    ) -> Vec<Left> {
        let mut look = Look {
            page,
            lines,
            charset,
            slots,
            in_text: through.unwrap_or(TIED),
            scanner: Scanner::lenient(charset.clone()),
            structured: Structured::default(),
            left: Vec::new(),
        };
        look.take();
        look.left.sort_by_key(|left| left.at.start);
        look.left
    }
}

/// The second look at a page.
struct Look<'a> {
    page: &'a [u8],
    lines: &'a Lines,
    charset: &'a Charset,
    slots: &'a [Range<usize>],
    /// Why what stands in text that a person reads is left.
    in_text: &'a str,
    scanner: Scanner,
    structured: Structured,
    left: Vec<Left>,
}

impl Look<'_> {
    fn take(&mut self) {
        let (mut at, mut found) = (0, Vec::new());
        while let Some(token) = Token::read(&self.page[at..]) {
            let guarded = self.structured.guards();
            let end = at + token.len();
            match &token {
                Token::Text(_) => {
                    self.scanner.feed(self.lines.matcher(), &self.page[at..end], at, &mut found);
                }
                Token::Comment(_) => {
                    self.scanner.edge(self.lines.matcher(), at, &mut found);
                    self.search(at..end, LeftPlace::Text, COMMENT);
                }
                Token::Tag(tag) => self.pass(tag, at, &mut found),
            }
            self.note(&mut found, LeftPlace::Text, if guarded { GUARDED } else { self.in_text });
            at = match token {
                Token::Tag(tag) => self.pass_raw(&tag, end),
                _ => end,
            };
        }
        self.scanner.end(self.lines.matcher(), &mut found);
        self.note(&mut found, LeftPlace::Text, if self.structured.guards() { GUARDED } else { self.in_text });
        self.search(at..self.page.len(), LeftPlace::Text, "the page ends inside a tag or comment");
    }

    fn pass(&mut self, tag: &Tag<'_>, at: usize, found: &mut Vec<Found>) {
        let border = self.structured.pass(tag, at);
        self.structured.take_closed();
        match tag.is_inline() && !border {
            true => self.scanner.edge(self.lines.matcher(), at, found),
            false => self.scanner.end(self.lines.matcher(), found),
        }
        let link = !tag.closing && (tag.is("a") || tag.is("area"));
        for Attribute { name, value, .. } in tag.attributes() {
            let href = name.eq_ignore_ascii_case(b"href");
            let (place, why) = match href {
                true if link && self.structured.guards() => (LeftPlace::Href, GUARDED),
                true if link => (LeftPlace::Href, OTHER_LINK),
                true => (LeftPlace::Href, OTHER_ATTRIBUTE),
                false => (LeftPlace::Attribute, OTHER_ATTRIBUTE),
            };
            self.search(at + value.start..at + value.end, place, why);
        }
    }

    /// Passes over the content of an element that no person reads as text; returns where that ends.
    fn pass_raw(&mut self, tag: &Tag<'_>, at: usize) -> usize {
        let Some(name) = SILENT.iter().find(|name| !tag.closing && tag.is(name)) else { return at };
        if self.structured.is_foreign() {
            return at; // a drawing's, whose content is read as that of other elements
        }
        let end = end_of_raw(&self.page[at..], name).map_or(self.page.len(), |len| at + len);
        self.search(at..end, LeftPlace::Text, &format!("it is in a {name} element"));
        end
    }

    /// Looks for numbers in a part of the page by itself.
    fn search(&mut self, at: Range<usize>, place: LeftPlace, why: &str) {
        let mut found = Vec::new();
        let mut scanner = match place {
            LeftPlace::Href => Scanner::lenient_for_link(self.charset.clone()),
            LeftPlace::Text | LeftPlace::Attribute => Scanner::lenient(self.charset.clone()),
        };
        scanner.feed(self.lines.matcher(), &self.page[at.clone()], at.start, &mut found);
        scanner.end(self.lines.matcher(), &mut found);
        self.note(&mut found, place, why);
    }

    /// Takes note of what was found and is in no slot.
    fn note(&mut self, found: &mut Vec<Found>, place: LeftPlace, why: &str) {
        for found in found.drain(..) {
            let [first, .., last] = &found.segments[..] else {
                let [only] = &found.segments[..] else { continue };
                self.note_at(found.line, only.start..only.end, place, why);
                continue;
            };
            self.note_at(found.line, first.start..last.end, place, why);
        }
    }

    fn note_at(&mut self, line: u16, at: Range<usize>, place: LeftPlace, why: &str) {
        let slot = self.slots.partition_point(|slot| slot.end <= at.start);
        if self.slots.get(slot).is_none_or(|slot| slot.start >= at.end) {
            self.left.push(Left { line: usize::from(line), place, at, why: why.to_owned() });
        }
    }
}

/// Where the end tag of an element begins whose content is raw text.
fn end_of_raw(content: &[u8], name: &str) -> Option<usize> {
    memchr::memmem::find_iter(content, "</").find(|end| {
        let rest = &content[end + 2..];
        rest.len() > name.len()
            && rest[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            && !rest[name.len()].is_ascii_alphanumeric()
    })
}
