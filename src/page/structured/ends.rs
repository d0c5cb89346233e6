//! Where elements end: at their own end tag, at one further out, before a start tag that they can't hold, or nobody knows where.
//!
//! Follows the HTML Standard's tree construction (§13.2.6) as far as the elements that are open go. Where parsers differ from
//! it, or it goes on with an element elsewhere, it is in doubt where that ends.

use super::meaning::Meaning;
use super::open::{Element, Ended};
use super::{Closed, Structured};
use crate::page::tag::Tag;

/// What ends elements.
#[derive(Clone, Copy, Debug)]
enum End {
    /// The outermost one's own end tag, or what stands for that.
    Own,
    /// The end of what they are in.
    Outer,
    /// The end of a cell or of the page, behind which no browser goes on with them.
    Certain,
}

impl Structured {
    /// The page ends at byte `at`, and with it all that is open.
    pub fn end(&mut self, at: usize) {
        self.end_from(0, at, End::Certain);
    }

    /// What ends before this start tag, at byte `at` of the page, for it can't hold it. Returns whether a text can't go on.
    pub(super) fn end_before(&mut self, tag: &Tag<'_>, at: usize) -> bool {
        let mut border = false;
        if let Some(place) = self.open.ended_before(tag) {
            border |= self.end_item(place, at);
        }
        if tag.is("a") {
            border |= self.end_link(tag, at);
        }
        if let Some(place) = self.open.paragraph().filter(|_| tag.ends_paragraph()) {
            border |= self.end_paragraph(place, tag, at);
        }
        border
    }

    /// Another item or cell ends the one that is open: not to the parsers that don't follow the HTML Standard, where more is open
    /// in it. Those are parsers of microdata and RDFa.
    fn end_item(&mut self, place: usize, at: usize) -> bool {
        let goes_on = |means: &Meaning| {
            let is_read = means.text.is_some_and(|text| !text.is_only_of_card());
            is_read
                || means.item.is_some_and(|item| item.is_bare)
                || means.link.is_some_and(|link| link.is_value)
        };
        let doubtful: Vec<usize> = match place + 1 == self.open.len() {
            true => Vec::new(),
            false => (place..self.open.len()).filter(|inner| goes_on(&self.open.get(*inner).means)).collect(),
        };
        if doubtful.is_empty() {
            return self.end_from(place, at, End::Own);
        }
        doubtful.into_iter().for_each(|inner| self.doubt(inner, at));
        true
    }

    /// A block ends the paragraph that is open (HTML Standard §13.2.6.4.7): to all parsers, if it is another paragraph right in it.
    fn end_paragraph(&mut self, place: usize, tag: &Tag<'_>, at: usize) -> bool {
        if tag.is("p") {
            return self.end_from(place, at, End::Own);
        }
        let means = &self.open.get(place).means;
        let is_doubtful =
            !means.is_silent && (means.is_doubled() || means.item.is_some_and(|item| item.is_bare));
        if is_doubtful {
            self.doubt(place, at);
        }
        is_doubtful
    }

    /// Another link ends the one that is open (HTML Standard §13.2.6.4.7, "a"): not to all parsers, where it isn't right in it.
    fn end_link(&mut self, tag: &Tag<'_>, at: usize) -> bool {
        let Ended::This(place) = self.open.ended_by(tag) else { return false };
        if place + 1 == self.open.len() || !self.open.get(place).means.is_doubled() {
            return self.end_from(place, at, End::Own);
        }
        self.doubt(place, at);
        self.open.change(place, |element| (element.is_formatting, element.is_over) = (false, true));
        true
    }

    pub(super) fn close(&mut self, tag: &Tag<'_>, at: usize) -> bool {
        match self.open.ended_by(tag) {
            Ended::This(place) => self.end_from(place, at, End::Own),
            Ended::Barred(place) => {
                // A browser goes on with it in what bars it (HTML Standard §13.2.6.4.7, "adoption agency algorithm").
                if self.open.get(place).is_formatting && self.open.get(place).means.is_doubled() {
                    self.doubt(place, at);
                    self.open
                        .change(place, |element| (element.is_formatting, element.is_over) = (false, true));
                }
                false
            }
            Ended::None => self.close_further_out(tag, at),
        }
    }

    /// An end tag of an element that isn't followed. It ends one further out, and what is open with it, where that may be
    /// left open; or it is nobody's.
    fn close_further_out(&mut self, tag: &Tag<'_>, at: usize) -> bool {
        let Some(first) = self.open.first().filter(|_| tag.is_special() && !tag.is_void()) else {
            return false;
        };
        // No paragraph is open around what would have ended it.
        let is_stray = tag.is("p") && self.open.counts().special > 0;
        if is_stray || first.is_special && !first.has_optional_end {
            return false;
        }
        if tag.ends_cell() {
            return self.end_from(0, at, End::Certain);
        }
        if first.has_optional_end {
            return self.end_from(0, at, End::Outer);
        }
        let is_doubtful = first.means.is_doubled();
        if is_doubtful {
            self.doubt(0, at);
        }
        is_doubtful
    }

    /// From byte `at` of the page on it can't be known whether this element has ended: numbers in it stay, and behind it up to
    /// its end tag.
    fn doubt(&mut self, place: usize, at: usize) {
        let element = self.open.get(place);
        let (tag, was_pending) = (element.tag.clone(), element.pending);
        self.open.change(place, |element| {
            element.pending = false;
            let means = &mut element.means;
            (means.is_silent, means.text) = (true, None);
        });
        if was_pending {
            let means = &self.open.get(place).means;
            let (link, root) = (means.link, means.root.clone());
            self.open.change(place, |element| element.means.link = None);
            let means = Meaning { is_silent: true, link, root, ..Meaning::default() };
            self.closed.push(Closed { content: tag.end..at, tag, means, is_unsure: true });
        }
    }

    /// The open elements from this place on end at byte `at` of the page. Returns whether a text can't go on.
    fn end_from(&mut self, place: usize, at: usize, end: End) -> bool {
        // An element that is over ends with the one that it is in.
        let over = (0..place).rev().take_while(|outer| self.open.get(*outer).is_over).count();
        let (mut border, mut in_cell, mut in_card) = (false, false, false);
        let (mut closed, mut again) = (Vec::new(), Vec::new());
        for (index, element) in self.open.take_from(place - over).into_iter().enumerate() {
            let is_certain = match end {
                End::Own => index <= over,
                End::Outer => false,
                End::Certain => true,
            };
            // What is in a cell goes no further than the cell (HTML Standard §13.2.4.3, "markers").
            let goes_on = !is_certain && !in_cell && element.goes_on(in_card);
            in_cell |= ["td", "th", "caption"].iter().any(|name| element.is_named(name.as_bytes()));
            in_card |= element.means.root.is_some();
            border |= element.means.is_border();
            again.extend(goes_on.then(|| element.again()));
            if element.pending {
                let Element { tag, means, .. } = element;
                closed.push(Closed { content: tag.end..at, tag, means, is_unsure: goes_on });
            }
        }
        self.closed.extend(closed.into_iter().rev());
        again.into_iter().for_each(|element| self.open.push(element));
        border
    }
}

impl Element {
    /// Whether a browser opens it again behind what ended it, and parsers would read it once more there.
    fn goes_on(&self, in_card: bool) -> bool {
        self.is_formatting && self.means.is_doubled() && !(in_card && self.needs_card)
    }

    /// The element as it is opened again: numbers in it stay.
    fn again(&self) -> Self {
        let means = Meaning { is_silent: true, ..Meaning::default() };
        Element { name: self.name.clone(), tag: self.tag.clone(), means, pending: false, ..*self }
    }
}

/// Elements that another of the same name ends (HTML Standard §13.1.2.4).
pub(super) fn has_optional_end(tag: &Tag<'_>) -> bool {
    tag.is_one_of(&["li", "dt", "dd", "p", "td", "th", "tr", "option"])
}
