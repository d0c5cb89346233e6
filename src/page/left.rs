//! Numbers of the business that a page shows somewhere and that are left as they are, and why.
//!
//! Owns the second look at a page that a person takes to understand the first: it reads the whole page, and more loosely. What
//! it says changes nothing.

use std::ops::Range;

use super::Lines;
use super::interest;
use super::piece::Spot;
use super::structured::edit::{Change, Edit, keep_link};
use super::structured::{Structured, is_card};
use super::tag::{Attribute, SILENT, Tag, Token};
use crate::number::{Charset, Found, Scanner};

/// A number that was seen and left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The line, by its place in [`Lines`].
    pub line: usize,
    pub place: Spot,
    /// Where it stands, in bytes of the page.
    pub at: Range<usize>,
    pub why: String,
}

const TIED: &str = "it is tied to what stands beside it, as part of something longer";
const STRUCTURED: &str = "it is in structured data that no edit keeps for every parser";
const STRUCTURED_AND_HYDRATING: &str = "it is in structured data that no edit keeps for every parser without an element that the page's own scripts don't expect";
const CONTENT: &str = "it is in the content of an entry (hentry, h-entry), or another value that parsers extract with its mark-up";
const VALUE: &str = "the link is a value of structured data that no edit keeps for every parser";
const ADDRESS: &str =
    "the link may be the address of the card that it is in, which no edit keeps for every parser";
const UNSURE: &str = "where the link ends, or what it is in, isn't certain within 4 KB";
const TEMPLATE: &str = "it is in a template, from which scripts copy what they need";
const EDITED: &str = "it is in what visitors edit";
const DRAWN: &str = "it is in a drawing's or formula's title, style or script";
const IN_CARD: &str = "parsers take this attribute in a card for a value";
const OTHER_ATTRIBUTE: &str = "of attributes, only a link's address and what people see or hear is filled";
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
            silence: STRUCTURED,
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
    /// Why numbers are to be left alone here, where they are.
    silence: &'static str,
    scanner: Scanner,
    structured: Structured,
    left: Vec<Left>,
}

impl<'a> Look<'a> {
    fn take(&mut self) {
        let (mut at, mut found) = (0, Vec::new());
        while let Some(token) = Token::read(&self.page[at..]) {
            let why = self.why_in_text();
            let end = at + token.len();
            match &token {
                Token::Text(_) => {
                    self.scanner.feed(self.lines.matcher(), &self.page[at..end], at, &mut found);
                }
                Token::Comment(_) => {
                    self.scanner.edge(self.lines.matcher(), at, &mut found);
                    self.search(at..end, Spot::Text, COMMENT);
                }
                Token::Tag(tag) => self.pass(tag, at, &mut found),
            }
            self.note(&mut found, Spot::Text, why);
            at = match token {
                Token::Tag(tag) => self.pass_raw(&tag, end),
                _ => end,
            };
        }
        self.scanner.end(self.lines.matcher(), &mut found);
        self.note(&mut found, Spot::Text, self.why_in_text());
        self.search(at..self.page.len(), Spot::Text, "the page ends inside a tag or comment");
    }

    fn pass(&mut self, tag: &Tag<'_>, at: usize, found: &mut Vec<Found>) {
        let (was_silent, was_foreign) = (self.structured.forbids(), self.structured.is_foreign());
        let border = self.structured.pass(tag, at);
        self.structured.take_closed();
        if !was_silent {
            self.silence = self.silence_of(tag, was_foreign);
        }
        match tag.is_inline() && !border {
            true => self.scanner.edge(self.lines.matcher(), at, found),
            false => self.scanner.end(self.lines.matcher(), found),
        }
        for Attribute { name, value, .. } in tag.attributes() {
            let (place, why) = match name.eq_ignore_ascii_case(b"href") {
                true => (Spot::Href, self.why_in_address(tag, at, tag.bytes(value))),
                false => (Spot::Attribute, self.why_in_attribute(tag, name)),
            };
            self.search(at + value.start..at + value.end, place, why);
        }
    }

    /// Why numbers would be left alone in what this tag begins, if they are.
    fn silence_of(&self, tag: &Tag<'_>, in_foreign: bool) -> &'static str {
        let is_edited = |value: &[u8]| !value.eq_ignore_ascii_case(b"false");
        match () {
            () if tag.is("template") && !tag.closing => TEMPLATE,
            () if tag.value("contenteditable").is_some_and(is_edited) => EDITED,
            () if in_foreign && tag.may_hold_silence() => DRAWN,
            () => self.structured_data(),
        }
    }

    fn structured_data(&self) -> &'static str {
        if self.lines.hydrates { STRUCTURED_AND_HYDRATING } else { STRUCTURED }
    }

    /// Why numbers are left alone here whatever they are in, if they are.
    fn why_here(&self) -> Option<&'static str> {
        match () {
            () if self.structured.is_in_html_value() => Some(CONTENT),
            () if self.structured.forbids() => Some(self.silence),
            () => None,
        }
    }

    fn why_in_text(&self) -> &'a str {
        let structured = || self.structured.guards().then(|| self.structured_data());
        self.why_here().or_else(structured).or(self.through).unwrap_or(TIED)
    }

    /// Why the number in this address stays. Its tag, at byte `at` of the page, was passed last.
    fn why_in_address(&self, tag: &Tag<'_>, at: usize, value: &[u8]) -> &'a str {
        if tag.closing || !tag.is_one_of(&["a", "area"]) {
            return OTHER_ATTRIBUTE;
        }
        if self.lines.matcher().find_in_link(value, at, self.charset).is_none() {
            return OTHER_LINK;
        }
        if let Some(why) = self.why_here() {
            return why;
        }
        let edits = keep_link(tag, at, self.structured.card(), self.structured.may_lead());
        let adds = |edits: &[Edit]| edits.iter().any(|edit| edit.change != Change::Attribute);
        match edits {
            None => VALUE,
            Some(edits) if self.lines.hydrates && adds(&edits) => STRUCTURED_AND_HYDRATING,
            _ if self.structured.forbids_links() => ADDRESS,
            Some(_) if self.structured.card().is_some_and(|card| card.is_modern()) => ADDRESS,
            Some(_) => self.through.unwrap_or(UNSURE),
        }
    }

    fn why_in_attribute(&self, tag: &Tag<'_>, name: &[u8]) -> &'a str {
        let visible = interest::VISIBLE.iter().position(|seen| name.eq_ignore_ascii_case(seen.as_bytes()));
        let Some(visible) = visible.filter(|_| !tag.closing && !tag.is("meta") && !tag.is("link")) else {
            return OTHER_ATTRIBUTE;
        };
        let in_card = visible < interest::VALUES_IN_CARDS && (self.structured.is_in_card() || is_card(tag));
        self.why_here().or(in_card.then_some(IN_CARD)).or(self.through).unwrap_or(TIED)
    }

    /// Passes over the content of an element that no person reads as text; returns where that ends.
    fn pass_raw(&mut self, tag: &Tag<'_>, at: usize) -> usize {
        let Some(name) = SILENT.iter().find(|name| !tag.closing && tag.is(name)) else { return at };
        if self.structured.is_foreign() {
            return at; // a drawing's, whose content is read as that of other elements
        }
        let end = end_of_raw(&self.page[at..], name).map_or(self.page.len(), |len| at + len);
        self.search(at..end, Spot::Text, &format!("it is in a {name} element"));
        end
    }

    /// Looks for numbers in a part of the page by itself.
    fn search(&mut self, at: Range<usize>, place: Spot, why: &str) {
        let mut found = Vec::new();
        let mut scanner = match place {
            Spot::Href => Scanner::lenient_for_link(self.charset.clone()),
            Spot::Text | Spot::Attribute => Scanner::lenient(self.charset.clone()),
        };
        scanner.feed(self.lines.matcher(), &self.page[at.clone()], at.start, &mut found);
        scanner.end(self.lines.matcher(), &mut found);
        self.note(&mut found, place, why);
    }

    /// Takes note of what was found and is in no slot.
    fn note(&mut self, found: &mut Vec<Found>, place: Spot, why: &str) {
        for found in found.drain(..) {
            let [first, .., last] = &found.segments[..] else {
                let [only] = &found.segments[..] else { continue };
                self.note_at(found.line, only.start..only.end, place, why);
                continue;
            };
            self.note_at(found.line, first.start..last.end, place, why);
        }
    }

    fn note_at(&mut self, line: u16, at: Range<usize>, place: Spot, why: &str) {
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
            (format!("<p contenteditable>{}</p>", link("")), EDITED),
            (format!("<p class=hentry><i class=entry-content>{}</i></p>", link("")), CONTENT),
            (link(""), UNSURE),
        ] {
            assert_eq!(reasons(&page, false), [why], "{page}");
        }
        assert_eq!(reasons(&link("itemprop=telephone"), true), [STRUCTURED_AND_HYDRATING]);
    }

    #[test]
    fn a_text_stays_for_its_own_reason() {
        for (page, why) in [
            ("<p itemprop=x>212-555-0100</p>", STRUCTURED),
            ("<p class=h-entry><i class=e-content><b>212-555-0100</b></i></p>", CONTENT),
            ("<p>212-555-0100</p>", TIED),
        ] {
            assert_eq!(reasons(page, false), [why], "{page}");
        }
        assert_eq!(reasons("<p itemprop=x>212-555-0100</p>", true), [STRUCTURED_AND_HYDRATING]);
    }
}
