//! Structured data: which elements' texts are values that parsers extract, and how far those elements reach.
//!
//! Follows microdata (HTML Standard §5), RDFa (HTML+RDFa 1.1 §3), microformats 2 and their classic forms (microformats2
//! parsing specification). An element of interest is followed from its start tag to where it ends, be it by its end
//! tag, an end tag further out, or the next of its kind where the end tag may be left out. What an edit looks like is
//! [`edit`]'s to say.

pub(super) mod edit;
mod meaning;

use std::ops::Range;

use super::tag::Tag;
use meaning::{Meaning, Root};

/// Bytes behind the start of an element within which everything about it must be known. What needs more stays canonical.
pub(super) const LOOK_AHEAD: usize = if cfg!(test) { 300 } else { 4096 };

/// Elements open at once that are followed; deeper ones stay canonical.
const DEEPEST: usize = 512;

/// Follows the elements that structured data is in, and those whose numbers no edit could keep.
#[derive(Debug, Default)]
pub(super) struct Structured {
    /// From the outermost element of interest on, all that are open.
    open: Vec<Element>,
    /// Too much was open at once to know what this is.
    lost: bool,
    has_vocabulary: bool,
    closed: Vec<Closed>,
}

#[derive(Debug)]
struct Element {
    name: Box<[u8]>,
    /// Bytes of its start tag.
    tag: Range<usize>,
    means: Meaning,
    is_inline: bool,
    may_be_left_open: bool,
    /// Nothing is known of it yet that was needed.
    pending: bool,
}

/// An element that has ended in time to decide about the numbers in it.
#[derive(Debug)]
pub(super) struct Closed {
    /// Bytes of its start tag, and of what is in it.
    pub tag: Range<usize>,
    pub content: Range<usize>,
    pub means: Meaning,
}

impl Closed {
    /// Whether the number in its text would name the card.
    pub fn names_itself(&self) -> bool {
        self.means.root.as_ref().is_some_and(Root::is_read_as_text)
    }

    /// The card, if a link in it may be its address.
    pub fn without_address(&self) -> Option<&Root> {
        self.means.root.as_ref().filter(|root| !root.is_classic && !root.has_address)
    }
}

impl Structured {
    /// Whether numbers are to be left alone here.
    pub fn forbids(&self) -> bool {
        self.lost || self.open.iter().any(|element| element.means.is_silent)
    }

    /// Whether what stands here may have been left for the sake of what it is to parsers or visitors.
    pub fn guards(&self) -> bool {
        let means = |element: &Element| element.means.text.is_some() || element.means.root.is_some();
        self.forbids() || self.open.iter().any(means)
    }

    /// Whether links are to be left alone here.
    pub fn forbids_links(&self) -> bool {
        self.forbids() || self.open.iter().any(|element| element.means.keeps_links)
    }

    /// Whether RDFa gives words without a prefix a meaning.
    pub fn has_vocabulary(&self) -> bool {
        self.has_vocabulary
    }

    /// Whether every tag must be passed, so that it is known where an element ends.
    pub fn is_watching(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether attributes that people see may be values here too.
    pub fn is_in_card(&self) -> bool {
        self.card().is_some()
    }

    /// The first byte that waits for what comes.
    pub fn held(&self) -> Option<usize> {
        self.open.iter().find(|element| element.pending).map(|element| element.tag.start)
    }

    /// Elements that have ended since the last call, inner ones first.
    pub fn take_closed(&mut self) -> Vec<Closed> {
        std::mem::take(&mut self.closed)
    }

    /// Byte `at` of the page has been reached: what was to be known by then, and isn't, stays canonical. The texts from the
    /// first place on do, and the links from the second on.
    pub fn reach(&mut self, at: usize) -> (Option<usize>, Option<usize>) {
        let (mut texts, mut links): (Option<usize>, Option<usize>) = (None, None);
        let late = |element: &&mut Element| element.pending && at > element.tag.start + LOOK_AHEAD;
        for element in self.open.iter_mut().filter(|element| late(element)) {
            element.pending = false;
            let (start, means) = (element.tag.start, &mut element.means);
            let names_itself = means.root.as_ref().is_some_and(Root::is_read_as_text);
            if means.text.take().is_some() || names_itself {
                means.is_silent = true;
                texts.get_or_insert(start);
            }
            if means.root.as_ref().is_some_and(|root| !root.is_classic && !root.has_address) {
                means.keeps_links = true;
                links.get_or_insert(start);
            }
        }
        (texts, links)
    }

    /// Takes note of a tag at byte `at` of the page. Returns whether a text can't go on behind it.
    pub fn pass(&mut self, tag: &Tag<'_>, at: usize) -> bool {
        if self.lost {
            return false;
        }
        match tag.closing {
            true => self.close(tag, at),
            false => self.begin(tag, at),
        }
    }

    /// The card that this is in.
    pub fn card(&self) -> Option<&Root> {
        self.open.iter().rev().find_map(|element| element.means.root.as_ref())
    }

    /// Whether this is in a drawing or a formula.
    pub fn is_foreign(&self) -> bool {
        self.open.iter().any(|element| element.means.is_foreign)
    }

    fn begin(&mut self, tag: &Tag<'_>, at: usize) -> bool {
        self.has_vocabulary |= tag.attribute("vocab").is_some();
        let mut border = false;
        let same = self.open.last().is_some_and(|last| last.name.eq_ignore_ascii_case(tag.name()));
        if same && has_optional_end(tag) {
            border = self.end_from(self.open.len() - 1, at);
        }
        let foreign = self.is_foreign();
        let means = Meaning::of(tag, self.card(), foreign);
        self.tell_card(tag, &means);
        let is_empty = tag.is_void() || foreign && tag.is_self_closing();
        if is_empty || self.open.is_empty() && means.is_plain() {
            return border;
        }
        if self.open.len() >= DEEPEST {
            self.lost = true;
        }
        let pending = !self.forbids() && means.is_to_be_decided();
        let is_border = means.text.is_some() || means.is_silent || means.root.is_some();
        let name = tag.name().into();
        let may_be_left_open = has_optional_end(tag) || tag.is_inline();
        self.open.push(Element {
            name,
            tag: at..at + tag.len(),
            means,
            is_inline: tag.is_inline(),
            may_be_left_open,
            pending,
        });
        border || is_border
    }

    /// A card learns from the tags in it: what names it, and where it leads.
    fn tell_card(&mut self, tag: &Tag<'_>, means: &Meaning) {
        let Some(place) = self.open.iter().rposition(|element| element.means.root.is_some()) else { return };
        let depth = self.open.len() - place;
        if let Some(root) = &mut self.open[place].means.root {
            root.hear(tag, means, depth);
        }
    }

    fn close(&mut self, tag: &Tag<'_>, at: usize) -> bool {
        let is_it = |element: &Element| element.name.eq_ignore_ascii_case(tag.name());
        let opened = self.open.iter().rposition(is_it);
        // What isn't inline keeps an inline element open that is closed in it (HTML Standard §13.2.6.4.7, "any other end tag").
        let is_barred =
            |place: usize| tag.is_inline() && self.open[place + 1..].iter().any(|inner| !inner.is_inline);
        match opened {
            Some(place) if is_barred(place) => false,
            Some(place) => self.end_from(place, at),
            // It ends an element further out, and this one with it, if this one's own end tag may be left out; else it is
            // nobody's.
            None if !tag.is_inline()
                && !tag.is_void()
                && self.open.first().is_some_and(|outer| outer.may_be_left_open) =>
            {
                self.end_from(0, at)
            }
            None => false,
        }
    }

    /// The open elements from this place on end at byte `at` of the page.
    fn end_from(&mut self, place: usize, at: usize) -> bool {
        let mut border = false;
        for element in self.open.drain(place..).rev() {
            let Element { tag, means, pending, .. } = element;
            border |= means.text.is_some() || means.is_silent || means.root.is_some();
            if pending {
                self.closed.push(Closed { content: tag.end..at, tag, means });
            }
        }
        border
    }
}

/// Whether the element is a card itself.
pub(super) fn is_card(tag: &Tag<'_>) -> bool {
    meaning::root(tag).is_some()
}

/// Elements that another of the same name ends (HTML Standard §13.1.2.4).
fn has_optional_end(tag: &Tag<'_>) -> bool {
    ["li", "dt", "dd", "p", "td", "th", "tr", "option"].iter().any(|name| tag.is(name))
}
