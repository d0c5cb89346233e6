//! What is to stand in a page beside its own bytes: slots for numbers, what accompanies them, the head; and whether numbers in
//! structured data may be among them.
//!
//! Owns all of it from where it was found until the page has left up to there. What an edit looks like is
//! [`structured::edit`](super::structured::edit)'s to say.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::Lines;
use super::head::Beginning;
use super::piece::{Aside, Head, Piece, Place, Slot};
use super::structured::edit::{Change, Edit, keep_address, keep_text};
use super::structured::{Closed, Implied};
use super::tag::Token;
use super::window::Window;
use crate::number::Found;

/// What is to stand in the page.
pub(super) struct Inserts {
    /// In the page's order.
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
    Slot {
        found: Box<Found>,
        segment: usize,
        place: Place,
    },
    Aside {
        line: usize,
        place: Place,
        shown: Bytes,
        change: Change,
        whole: bool,
        /// It is needed only if RDFa turns out to be about the link.
        is_open: bool,
    },
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
                self.put(Insert { at, what: What::Slot { found: Box::new(found.clone()), segment, place } });
            }
        }
    }

    /// Edits of a link that are made where the line shows a tracking number.
    pub fn accompany(&mut self, line: usize, place: Place, edits: impl IntoIterator<Item = Edit>) {
        for edit in edits {
            self.put(Insert::aside(line, place, edit));
        }
    }

    /// The same, of a link with which it is to be seen whether RDFa is about it.
    pub fn accompany_subject(&mut self, line: usize, place: Place, edits: impl IntoIterator<Item = Edit>) {
        for edit in edits {
            let mut insert = Insert::aside(line, place, edit);
            if let What::Aside { is_open, .. } = &mut insert.what {
                *is_open = true;
            }
            self.put(insert);
        }
    }

    /// It is known now whether RDFa is about the link with this start tag.
    pub fn settle_subject(&mut self, tag: &Range<usize>, is_subject: bool) {
        let from = self.list.partition_point(|insert| insert.at.start < tag.start);
        for insert in self.list[from..].iter_mut().take_while(|insert| insert.at.start < tag.end) {
            if let What::Aside { is_open, .. } = &mut insert.what {
                *is_open &= !is_subject;
            }
        }
        self.drop_in(tag, |insert| matches!(insert.what, What::Aside { is_open: true, .. }));
    }

    pub fn begin_head(&mut self, begins: Option<Beginning>) {
        if let Some(Beginning { at, implied }) = begins {
            self.put(Insert { at: at..at, what: What::Head(Head { implied }) });
        }
    }

    /// From byte `start` of the page on, numbers in text stay.
    pub fn drop_texts_from(&mut self, start: usize) {
        self.drop_in(&(start..usize::MAX), Insert::is_text);
    }

    /// From byte `start` of the page on, links stay.
    pub fn drop_links_from(&mut self, start: usize) {
        self.drop_in(&(start..usize::MAX), |insert| insert.link().is_some());
    }

    /// From byte `start` of the page on, all numbers stay.
    pub fn drop_from(&mut self, start: usize) {
        self.drop_in(&(start..usize::MAX), |insert| insert.line_and_place().is_some());
    }

    /// Takes what ends before byte `to` of the page, in its order. What is to stand right there isn't certain before the byte is.
    pub fn take_before(&mut self, to: usize) -> Vec<Insert> {
        let is_ready = |insert: &&Insert| insert.at.start < to && insert.at.end <= to;
        let ready = self.list.iter().take_while(is_ready).count();
        self.list.drain(..ready).collect()
    }

    /// Whether the page bears these edits: an element that scripts don't expect has them draw the page anew.
    pub fn may_make(&self, edits: &[Edit]) -> bool {
        !self.hydrates || edits.iter().all(|edit| edit.change == Change::Attribute)
    }

    /// An element of structured data has ended: the numbers in it are shown where an edit keeps what parsers extract.
    pub fn decide(&mut self, closed: &Closed, markup: &Window, lines: &Lines) {
        let numbers: Vec<usize> =
            self.inside(&closed.content).filter_map(|insert| insert.text_line()).collect();
        if let Some(line) = numbers.first().copied() {
            let same = numbers.iter().all(|other| *other == line);
            let may_keep = same && !closed.is_read_as_text() && !closed.is_unsure;
            match may_keep.then(|| self.keep_text(closed, markup)).flatten() {
                Some(edits) => {
                    let whole = self.inside(&closed.content).any(|insert| insert.is_whole(markup, lines));
                    for edit in edits {
                        self.put_before_others(Insert::aside(line, Place::Text, edit).of_whole(whole));
                    }
                }
                None => self.drop_in(&closed.content, Insert::is_text),
            }
        }
        if let Some(link) = closed.means.link {
            match closed.is_unsure && link.is_value {
                true => self.drop_in(&closed.tag, |insert| insert.link().is_some()),
                false => self.settle_subject(&closed.tag, link.is_subject),
            }
        }
        self.decide_address(closed, markup);
    }

    fn keep_text(&self, closed: &Closed, markup: &Window) -> Option<Vec<Edit>> {
        let Some(text) = closed.means.text else { return Some(Vec::new()) };
        let at = closed.tag.start;
        let Some(Token::Tag(tag)) = Token::read(markup.from(at)) else { return None };
        let content = markup.get(closed.content.clone());
        if memchr::memmem::find(content, b"<![CDATA[").is_some() {
            return None; // a parser's text, or a comment, depending on where it stands
        }
        let edits = keep_text(&tag, at, text, content)?;
        let has_title = edits.iter().any(|edit| edit.change == Change::ValueTitle);
        if has_title && self.inside(&closed.content).any(Insert::is_value_title) {
            return None; // one would be read behind the other
        }
        // Nothing else begins to be edited before this element and reaches into it.
        let from = self.list.partition_point(|insert| insert.at.start < at);
        let near = || self.list[from..].iter().take_while(|insert| insert.at.start <= closed.tag.end);
        let overlaps =
            |edit: &Edit| near().any(|insert| insert.at.start < edit.at.end && edit.at.start < insert.at.end);
        (self.may_make(&edits) && !edits.iter().any(overlaps)).then_some(edits)
    }

    /// A card without an address may take a link's.
    fn decide_address(&mut self, closed: &Closed, markup: &Window) {
        let Some((card, implied)) = closed.without_address() else { return };
        let edit = match implied {
            Implied::None => return,
            Implied::Any => None,
            Implied::Link(at) => {
                let Some(Token::Tag(tag)) = Token::read(markup.from(at)) else { return };
                let is_link = |insert: &&Insert| insert.link().is_some() && !insert.is_aside();
                let Some(link) = self.inside(&(at..at + tag.len())).find(is_link) else { return };
                // An address that is said takes the picture's place too.
                let may_be_said = card.links == 1 && !card.has_picture && !self.hydrates;
                let edit = keep_address(&tag, at).filter(|_| may_be_said);
                edit.and_then(|edit| link.link().map(|(line, place)| (line, place, edit)))
            }
        };
        match edit {
            Some((line, place, edit)) => self.accompany(line, place, [edit]),
            None => self.drop_in(&closed.content, |insert| insert.link().is_some()),
        }
    }

    /// What begins in this part of the page.
    fn inside(&self, part: &Range<usize>) -> impl Iterator<Item = &Insert> {
        let from = self.list.partition_point(|insert| insert.at.start < part.start);
        let end = part.end;
        self.list[from..].iter().take_while(move |insert| insert.at.start < end)
    }

    fn drop_in(&mut self, part: &Range<usize>, is_dropped: impl Fn(&Insert) -> bool) {
        let from = self.list.partition_point(|insert| insert.at.start < part.start);
        let behind = self.list.split_off(from);
        let stays = |insert: &Insert| insert.at.start >= part.end || !is_dropped(insert);
        self.list.extend(behind.into_iter().filter(stays));
    }

    /// Puts it where it belongs, which is near the end, behind others at the same place.
    fn put(&mut self, insert: Insert) {
        let behind = self.list.iter().rev().take_while(|other| other.place() > insert.place()).count();
        self.list.insert(self.list.len() - behind, insert);
    }

    /// The same before others at the same place: they belong to what is in this one's element, and values have an order.
    fn put_before_others(&mut self, insert: Insert) {
        let behind = self.list.iter().rev().take_while(|other| other.place() >= insert.place()).count();
        self.list.insert(self.list.len() - behind, insert);
    }
}

impl Insert {
    fn aside(line: usize, place: Place, edit: Edit) -> Self {
        let Edit { at, shown, change } = edit;
        let what = What::Aside { line, place, shown: shown.into(), change, whole: true, is_open: false };
        Insert { at, what }
    }

    /// The same, of a text in which a number stands in one piece, or none does.
    fn of_whole(mut self, is_whole: bool) -> Self {
        if let What::Aside { whole, .. } = &mut self.what {
            *whole = is_whole;
        }
        self
    }

    /// The piece that it becomes; `origin` are the page's own bytes there.
    pub fn piece(self, origin: Bytes) -> Piece {
        match self.what {
            What::Slot { found, segment, place } => {
                let rendition = found.segments[segment].rendition(&found, origin, place.link());
                let (line, in_attribute) = (usize::from(found.line), found.in_attribute);
                Piece::Slot(Arc::new(Slot { line, place, in_attribute, rendition }))
            }
            What::Aside { line, place, shown, whole, .. } => {
                Piece::Aside(Arc::new(Aside { line, place, origin, shown, whole }))
            }
            What::Head(head) => Piece::Head(head),
        }
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

    fn is_value_title(&self) -> bool {
        matches!(self.what, What::Aside { change: Change::ValueTitle, .. })
    }

    /// Where it stands: at the same byte, what is put there comes before what is replaced.
    fn place(&self) -> (usize, usize) {
        (self.at.start, self.at.end)
    }

    /// Whether it is a number in text that stands in one piece.
    fn is_whole(&self, markup: &Window, lines: &Lines) -> bool {
        let What::Slot { found, segment, place: Place::Text } = &self.what else { return false };
        let written = Bytes::copy_from_slice(markup.get(self.at.clone()));
        let rendition = found.segments[*segment].rendition(found, written, None);
        rendition.is_whole(lines.canonical(usize::from(found.line)))
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
