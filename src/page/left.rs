//! Numbers of the business that a page shows somewhere and that are left as they are, and why.
//!
//! Owns the second look at a page that a person takes to understand the first: it reads the whole page, and more loosely. What
//! it says changes nothing.

use std::ops::Range;

use super::Lines;
use super::structured::Structured;
use super::structured::edit::{Change, Edit, keep_link};
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
const CONTENT: &str = "it is in the content of an entry (hentry, h-entry), or another value that parsers extract with its mark-up";
const VALUE: &str = "the link is a value of structured data that no edit keeps for every parser";
const HYDRATED: &str =
    "what keeps its value for parsers is an element more, which scripts that take the page over don't expect";
const ADDRESS: &str =
    "the link may be the address of the card that it is in, which no edit keeps for every parser";
const UNSURE: &str = "where the link ends, or what it is in, isn't certain within 4 KB";
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
            through,
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
    /// Why the page went through before it ended.
    through: Option<&'a str>,
    scanner: Scanner,
    structured: Structured,
    left: Vec<Left>,
}

impl<'a> Look<'a> {
    fn take(&mut self) {
        let (mut at, mut found) = (0, Vec::new());
        while let Some(token) = Token::read(&self.page[at..]) {
            let why = self.why_text_stays();
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
            self.note(&mut found, LeftPlace::Text, why);
            at = match token {
                Token::Tag(tag) => self.pass_raw(&tag, end),
                _ => end,
            };
        }
        self.scanner.end(self.lines.matcher(), &mut found);
        self.note(&mut found, LeftPlace::Text, self.why_text_stays());
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
                true if link => (LeftPlace::Href, self.why_link_stays(tag, at)),
                true => (LeftPlace::Href, OTHER_ATTRIBUTE),
                false => (LeftPlace::Attribute, OTHER_ATTRIBUTE),
            };
            self.search(at + value.start..at + value.end, place, why);
        }
    }

    fn why_text_stays(&self) -> &'a str {
        match () {
            () if self.structured.is_in_html_value() => CONTENT,
            () if self.structured.forbids() => GUARDED,
            () if self.structured.guards() && self.lines.hydrates => HYDRATED,
            () if self.structured.guards() => GUARDED,
            () => self.through.unwrap_or(TIED),
        }
    }

    /// Why the number in this link stays, whose start tag, at byte `at` of the page, was passed last.
    fn why_link_stays(&self, tag: &Tag<'_>, at: usize) -> &'a str {
        let value = tag.value("href").unwrap_or_default();
        if self.lines.matcher().find_in_link(value, at, self.charset).is_none() {
            return OTHER_LINK;
        }
        let edits = keep_link(tag, at, self.structured.card(), self.structured.may_lead());
        let adds = |edits: &[Edit]| edits.iter().any(|edit| edit.change != Change::Attribute);
        match edits {
            _ if self.structured.is_in_html_value() => CONTENT,
            _ if self.structured.forbids_links() => GUARDED,
            None => VALUE,
            Some(edits) if self.lines.hydrates && adds(&edits) => HYDRATED,
            Some(_) if self.structured.card().is_some_and(|card| card.is_modern()) => ADDRESS,
            Some(_) => self.through.unwrap_or(UNSURE),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::PhoneNumber;

    /// Why each number on the page would stay, if none were filled.
    fn reasons(page: &str, hydrates: bool) -> Vec<String> {
        let number = PhoneNumber::parse("+12125550100", "US".parse().unwrap()).unwrap();
        let lines = Lines::new(vec![number], false);
        let lines = if hydrates { lines.of_pages_that_hydrate() } else { lines };
        let left = Left::on(page.as_bytes(), &lines, &Charset::Utf8, &[], None);
        left.into_iter().map(|left| left.why).collect()
    }

    #[test]
    fn a_link_stays_for_its_own_reason() {
        let link = |more: &str| format!("<a {more} href='tel:2125550100'>call</a>");
        for (page, why) in [
            ("<a href='/2125550100'>call</a>".to_owned(), OTHER_LINK),
            (link("id=t itemprop=telephone"), VALUE),
            (format!("<p class=h-card>{}</p>", link("")), ADDRESS),
            (format!("<p contenteditable>{}</p>", link("")), GUARDED),
            (format!("<p class=hentry><i class=entry-content>{}</i></p>", link("")), CONTENT),
            (link(""), UNSURE),
        ] {
            assert_eq!(reasons(&page, false), [why], "{page}");
        }
        assert_eq!(reasons(&link("itemprop=telephone"), true), [HYDRATED]);
    }

    #[test]
    fn a_text_stays_for_its_own_reason() {
        for (page, why) in [
            ("<p itemprop=x>212-555-0100</p>", GUARDED),
            ("<p class=h-entry><i class=e-content><b>212-555-0100</b></i></p>", CONTENT),
            ("<p>212-555-0100</p>", TIED),
        ] {
            assert_eq!(reasons(page, false), [why], "{page}");
        }
        assert_eq!(reasons("<p itemprop=x>212-555-0100</p>", true), [HYDRATED]);
    }
}
