//! Numbers in a tag's attributes: links that telephone, and what people see or hear.

use super::Compiler;
use crate::number::Scanner;
use crate::page::interest;
use crate::page::piece::Place;
use crate::page::structured::edit::{Edit, keep_link, keep_subject};
use crate::page::structured::is_card;
use crate::page::tag::Tag;

impl Compiler {
    /// The number that a link calls or writes to, with the edits that keep it canonical for whoever reads structured data.
    pub(super) fn find_link(&mut self, tag: &Tag<'_>, at: usize) {
        let Some(href) = tag.attribute("href") else { return };
        let value = tag.value("href").unwrap_or_default();
        let value_at = at + href.value.start;
        let Some((scheme, mut found)) = self.lines.matcher().find_in_link(value, value_at, &self.charset)
        else {
            return;
        };
        let (place, line) = (Place::Link(scheme), usize::from(found.line));
        let card = self.structured.card();
        let edits = keep_link(tag, at, card, self.structured.may_lead());
        let Some(edits) = edits.filter(|edits| self.inserts.may_make(edits)) else { return };
        let subject = keep_subject(tag, at);
        found.in_attribute = true;
        self.inserts.fill([found], place);
        if self.structured.follow_link(tag, at, !edits.is_empty()) {
            self.inserts.accompany_subject(line, place, subject);
        }
        self.inserts.accompany(line, place, edits);
        if self.lines.mark && tag.attribute("data-nap").is_none() {
            let mark = Edit::mark(at + href.end, self.lines.canonical(line));
            self.inserts.accompany(line, place, [mark]);
        }
    }

    /// Numbers in attributes that people see or hear.
    pub(super) fn find_visible(&mut self, tag: &Tag<'_>, at: usize) {
        if tag.is("meta") || tag.is("link") {
            return;
        }
        // Parsers take other attributes of what is in a card for its values.
        let in_card = self.structured.is_in_card() || is_card(tag);
        for name in interest::VISIBLE.iter().skip(if in_card { interest::VALUES_IN_CARDS } else { 0 }) {
            let Some(attribute) = tag.attribute(name) else { continue };
            let value = tag.bytes(&attribute.value);
            let mut found =
                Scanner::numbers_in(self.lines.matcher(), value, at + attribute.value.start, &self.charset);
            let is_unquoted = attribute.end == attribute.value.end;
            found.iter_mut().for_each(|found| (found.in_attribute, found.unquoted) = (true, is_unquoted));
            self.inserts.fill(found, Place::Text);
        }
    }
}
