//! What is to stand in a page beside its own bytes: slots for numbers, what accompanies them, the head; and whether numbers in
//! structured data may be among them.
//!
//! Owns all of it from where it was found until the page has left up to there. What an edit looks like is
//! [`structured::edit`](super::structured::edit)'s to say.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::head::Beginning;
use super::piece::{Aside, Head, Piece, Place, Slot};
use super::structured::Closed;
use super::structured::edit::{Edit, keep_address, keep_text};
use super::tag::Token;
use crate::number::Found;

/// What is to stand in the page.
pub(super) struct Inserts {
    list: Vec<Insert>,
    /// Scripts take the page over in the browser.
    hydrates: bool,
}

/// A slot, an aside or the head, and the bytes of the page that it stands for.
pub(super) struct Insert {
    pub at: Range<usize>,
    what: What,
}

enum What {
    Slot { found: Box<Found>, segment: usize, place: Place },
    Aside { line: usize, place: Place, shown: Bytes },
    Head(Head),
}

impl Inserts {
    pub fn new(hydrates: bool) -> Self {
        Inserts { list: Vec::new(), hydrates }
    }

    /// Slots for these numbers.
    pub fn fill(&mut self, numbers: impl IntoIterator<Item = Found>, place: Place) {
        for found in numbers {
            for segment in 0..found.segments.len() {
                let at = found.segments[segment].start..found.segments[segment].end;
                self.list
                    .push(Insert { at, what: What::Slot { found: Box::new(found.clone()), segment, place } });
            }
        }
    }

    /// Edits that are made where the line shows a tracking number.
    pub fn accompany(&mut self, line: usize, place: Place, edits: impl IntoIterator<Item = Edit>) {
        let aside =
            |Edit { at, shown }| Insert { at, what: What::Aside { line, place, shown: shown.into() } };
        self.list.extend(edits.into_iter().map(aside));
    }

    pub fn begin_head(&mut self, begins: Option<Beginning>) {
        if let Some(Beginning { at, implied }) = begins {
            self.list.push(Insert { at: at..at, what: What::Head(Head { implied }) });
        }
    }

    /// From byte `start` of the page on, numbers in text stay.
    pub fn drop_texts_from(&mut self, start: usize) {
        self.list.retain(|insert| insert.at.start < start || !insert.is_text());
    }

    /// From byte `start` of the page on, links stay.
    pub fn drop_links_from(&mut self, start: usize) {
        self.list.retain(|insert| insert.at.start < start || insert.link().is_none());
    }

    /// Takes what ends before byte `to` of the page, in its order.
    pub fn take_before(&mut self, to: usize) -> Vec<Insert> {
        self.list.sort_by_key(|insert| (insert.at.start, insert.at.end));
        let ready = self.list.iter().take_while(|insert| insert.at.end <= to).count();
        self.list.drain(..ready).collect()
    }

    /// Whether the page bears these edits: an element that scripts don't expect has them draw the page anew.
    pub fn may_make(&self, edits: &[Edit]) -> bool {
        !self.hydrates || !edits.iter().any(|edit| edit.shown.starts_with(b"<"))
    }

    /// An element of structured data has ended: the numbers in it are shown where an edit keeps what parsers extract. `markup`
    /// is the page from byte `base` on.
    pub fn decide(&mut self, closed: &Closed, markup: &[u8], base: usize) {
        let is_inside = |insert: &Insert| closed.content.contains(&insert.at.start);
        let lines: Vec<usize> =
            self.list.iter().filter(|insert| is_inside(insert)).filter_map(Insert::text_line).collect();
        if let Some(line) = lines.first().copied() {
            let same = lines.iter().all(|other| *other == line);
            let edits =
                if same && !closed.names_itself() { self.keep_text(closed, markup, base) } else { None };
            match edits {
                Some(edits) => self.accompany(line, Place::Text, edits),
                None => self.list.retain(|insert| !is_inside(insert) || !insert.is_text()),
            }
        }
        self.decide_address(closed, markup, base);
    }

    fn keep_text(&self, closed: &Closed, markup: &[u8], base: usize) -> Option<Vec<Edit>> {
        let Some(text) = closed.means.text else { return Some(Vec::new()) };
        let at = closed.tag.start;
        let Some(Token::Tag(tag)) = Token::read(&markup[at - base..]) else { return None };
        let is_edited = |insert: &Insert| closed.content.contains(&insert.at.start) && insert.is_aside();
        if (text.microformat || text.address) && self.list.iter().any(is_edited) {
            return None; // parsers would read the edit in it too
        }
        let content = &markup[closed.content.start - base..closed.content.end - base];
        if memchr::memmem::find(content, b"<![CDATA[").is_some() {
            return None; // a parser's text, or a comment, depending on where it stands
        }
        let edits = keep_text(&tag, at, text, content)?;
        let overlaps = |edit: &Edit| {
            self.list.iter().any(|insert| insert.at.start < edit.at.end && edit.at.start < insert.at.end)
        };
        (self.may_make(&edits) && !edits.iter().any(overlaps)).then_some(edits)
    }

    /// A card without an address may take a link's: the only one directly in it (microformats2 parsing, "implied properties").
    fn decide_address(&mut self, closed: &Closed, markup: &[u8], base: usize) {
        let Some(card) = closed.without_address() else { return };
        let is_link = |insert: &Insert| closed.content.contains(&insert.at.start) && insert.link().is_some();
        let mut links = self.list.iter().filter(|insert| is_link(insert) && !insert.is_aside());
        let is_implied = card.links == 1 || card.links == 0 && card.deeper_links == 1;
        let Some(link) = links.next().filter(|_| is_implied) else { return };
        let is_only = card.links == 1 && card.deeper_links == 0 && !card.has_picture;
        let edit = if is_only && !self.hydrates { link.address_edit(closed, markup, base) } else { None };
        match edit {
            Some((line, place, edit)) => self.accompany(line, place, [edit]),
            None => self.list.retain(|insert| !is_link(insert)),
        }
    }
}

impl Insert {
    /// The piece that it becomes; `origin` are the page's own bytes there.
    pub fn piece(self, origin: Bytes) -> Piece {
        match self.what {
            What::Slot { found, segment, place } => {
                let rendition = found.segments[segment].rendition(&found, origin, place.link());
                Piece::Slot(Arc::new(Slot { line: usize::from(found.line), place, rendition }))
            }
            What::Aside { line, place, shown } => {
                Piece::Aside(Arc::new(Aside { line, place, origin, shown }))
            }
            What::Head(head) => Piece::Head(head),
        }
    }

    /// The edit before the start tag of this link, which is in the card.
    fn address_edit(&self, closed: &Closed, markup: &[u8], base: usize) -> Option<(usize, Place, Edit)> {
        let (line, place) = self.link()?;
        let mut at = closed.content.start;
        while at <= self.at.start {
            let token = Token::read(&markup[at - base..])?;
            match token {
                Token::Tag(tag) if at + tag.len() > self.at.start => {
                    return Some((line, place, keep_address(&tag, at)?));
                }
                _ => at += token.len(),
            }
        }
        None
    }

    /// The line that decides how it reads, and where its number stands.
    fn line_and_place(&self) -> Option<(usize, Place)> {
        match &self.what {
            What::Slot { found, place, .. } => Some((usize::from(found.line), *place)),
            What::Aside { line, place, .. } => Some((*line, *place)),
            What::Head(_) => None,
        }
    }

    fn is_text(&self) -> bool {
        self.line_and_place().is_some_and(|(_, place)| place == Place::Text)
    }

    fn is_aside(&self) -> bool {
        matches!(self.what, What::Aside { .. })
    }

    /// The line of a number in text.
    fn text_line(&self) -> Option<usize> {
        self.line_and_place()
            .filter(|(_, place)| *place == Place::Text && !self.is_aside())
            .map(|(line, _)| line)
    }

    /// The line and place of a number in a link, or of what accompanies it.
    fn link(&self) -> Option<(usize, Place)> {
        self.line_and_place().filter(|(_, place)| *place != Place::Text)
    }
}
