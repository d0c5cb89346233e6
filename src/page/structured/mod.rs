//! Structured data: which elements' texts are values that parsers extract, and how far those elements reach.
//!
//! Follows microdata (HTML Standard §5), RDFa (HTML+RDFa 1.1 §3), microformats 2 and their classic forms (microformats2
//! parsing specification). An element of interest is followed from its start tag to where it ends, be it by its end
//! tag, an end tag further out, or the next of its kind where the end tag may be left out. What an edit looks like is
//! [`edit`]'s to say.

mod card;
mod classic;
pub(super) mod edit;
mod ends;
mod meaning;
mod open;
mod spaces;
mod value;

use std::ops::Range;

use super::tag::Tag;
pub(super) use card::Implied;
use card::{Root, classes};
use edit::Leads;
use ends::has_optional_end;
use meaning::{Link, Meaning, is_described_whole, is_property_of_item, is_rdfa, relates_by_whole_name};
use open::{Element, Open};

/// Bytes behind the start of an element within which everything about it must be known. What needs more stays canonical.
pub(super) const LOOK_AHEAD: usize = if cfg!(test) { 300 } else { 4096 };

/// Elements open at once that are followed; deeper ones stay canonical.
const DEEPEST: usize = 512;

/// Values in each other: a text is said again for each that it is in.
const DEEPEST_VALUE: usize = 4;

/// Follows the elements that structured data is in, and those whose numbers no edit could keep.
#[derive(Debug, Default)]
pub(super) struct Structured {
    open: Open,
    /// Too much was open at once to know what this is.
    lost: bool,
    /// All of the page is RDFa.
    is_rdfa: bool,
    closed: Vec<Closed>,
}

/// An element that has ended in time to decide about the numbers in it.
#[derive(Debug)]
pub(super) struct Closed {
    /// Bytes of its start tag, and of what is in it.
    pub tag: Range<usize>,
    pub content: Range<usize>,
    pub means: Meaning,
    /// Where it ends can't be known, or it goes on elsewhere.
    pub is_unsure: bool,
}

/// From where on what stays that wasn't known in time.
#[derive(Debug, Default)]
pub(super) struct Late {
    pub texts: Option<usize>,
    pub links: Option<usize>,
    /// Start tags of links that may yet be what RDFa is about.
    pub subjects: Vec<Range<usize>>,
}

impl Closed {
    /// Whether the number in its text would be the card's name, or an item's value.
    pub fn is_read_as_text(&self) -> bool {
        let is_bare = self.means.item.is_some_and(|item| item.is_bare);
        is_bare || self.means.root.as_ref().is_some_and(Root::is_read_as_text)
    }

    /// The card, if a link in it may be its address, and which.
    pub fn without_address(&self) -> Option<(&Root, Implied)> {
        let card = self.means.root.as_ref().filter(|root| root.is_modern() && !root.has_address)?;
        Some((card, if self.is_unsure { Implied::Any } else { card.implied() }))
    }
}

impl Structured {
    /// Whether numbers are to be left alone here.
    pub fn forbids(&self) -> bool {
        self.lost || self.open.counts().silent > 0
    }

    /// Whether what stands here may have been left for the sake of what it is to parsers or visitors.
    pub fn guards(&self) -> bool {
        self.forbids() || self.open.counts().values > 0 || self.is_in_card()
    }

    /// Whether this is in a value that parsers extract with its mark-up.
    pub fn is_in_html_value(&self) -> bool {
        self.open.is_in_html_value()
    }

    /// Whether links are to be left alone here.
    pub fn forbids_links(&self) -> bool {
        self.forbids() || self.open.counts().keeping_links > 0
    }

    /// Whether RDFa leads to a link here that says nothing itself.
    pub fn may_lead(&self) -> Leads {
        match self.open.counts().hanging {
            0 if !self.is_rdfa => Leads::Nowhere,
            0 => Leads::About,
            _ => Leads::ToIt,
        }
    }

    /// Whether every tag must be passed, so that it is known where an element ends.
    pub fn is_watching(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether attributes that people see may be values here too.
    pub fn is_in_card(&self) -> bool {
        self.open.card().is_some()
    }

    /// The first byte that waits for what comes.
    pub fn held(&self) -> Option<usize> {
        self.open.pending().map(|place| self.open.get(place).tag.start)
    }

    /// Elements that have ended since the last call, inner ones first.
    pub fn take_closed(&mut self) -> Vec<Closed> {
        std::mem::take(&mut self.closed)
    }

    /// Byte `at` of the page has been reached: what was to be known by then, and isn't, stays canonical.
    pub fn reach(&mut self, at: usize) -> Late {
        let mut late = Late::default();
        while let Some(place) = self.open.pending() {
            let start = self.open.get(place).tag.start;
            if at <= start + LOOK_AHEAD {
                break;
            }
            self.open.change(place, |element| give_up(element, &mut late));
        }
        self.forget();
        late
    }

    /// Takes note of a tag at byte `at` of the page. Returns whether a text can't go on behind it.
    pub fn pass(&mut self, tag: &Tag<'_>, at: usize) -> bool {
        if self.lost {
            return false;
        }
        let border = match tag.closing {
            true => self.close(tag, at),
            false => self.begin(tag, at),
        };
        self.forget();
        border
    }

    /// The start tag that was passed last, at byte `at` of the page, is a link's that is edited. With `is_value`, structured
    /// data is why. Returns whether it is to be seen whether RDFa in it is about it.
    pub fn follow_link(&mut self, tag: &Tag<'_>, at: usize, is_value: bool) -> bool {
        if self.lost || tag.is_void() {
            return false;
        }
        let link = Link { is_value, is_open: !is_rdfa(tag), is_subject: false };
        let is_last = self.open.last().is_some_and(|last| last.tag.start == at);
        if !is_last {
            self.open.push(Element::new(tag, at, Meaning::default()));
        }
        self.open.change(self.open.len() - 1, |element| {
            element.means.link = Some(link);
            element.pending = true;
        });
        link.is_open
    }

    /// The card that this is in.
    pub fn card(&self) -> Option<&Root> {
        self.open.card().map(|(root, _)| root)
    }

    /// Whether this is in a drawing or a formula.
    pub fn is_foreign(&self) -> bool {
        self.open.counts().foreign > 0
    }

    fn begin(&mut self, tag: &Tag<'_>, at: usize) -> bool {
        self.is_rdfa |= is_described_whole(tag);
        let mut border = self.end_before(tag, at);
        let foreign = self.is_foreign();
        let mut means = Meaning::of(tag, self.card(), foreign);
        // Without a vocabulary a relation is a whole name, or nothing (HTML+RDFa 1.1 §3.1).
        means.hangs &= self.is_rdfa || self.open.counts().describing > 0 || relates_by_whole_name(tag);
        self.tell(tag, at, &means);
        let is_empty = tag.is_void() || foreign && tag.is_self_closing();
        if is_empty || self.open.is_empty() && means.is_plain() {
            return border;
        }
        if self.open.len() >= DEEPEST {
            self.lost = true;
        }
        let mut element = Element::new(tag, at, means);
        let counts = self.open.counts();
        element.means.is_silent |= element.means.text.is_some() && counts.values >= DEEPEST_VALUE;
        element.means.is_silent |= counts.yielding > 0 && takes_over(tag, &element.means);
        element.pending = !self.forbids() && element.means.is_to_be_decided();
        border |= element.means.is_border();
        self.open.push(element);
        border
    }

    /// Cards, items and links learn from the tags in them what they are.
    fn tell(&mut self, tag: &Tag<'_>, at: usize, means: &Meaning) {
        if let Some((root, depth)) = self.open.card_mut() {
            root.hear(tag, at, means, depth);
        }
        if let Some(place) = self.open.item().filter(|_| is_property_of_item(tag)) {
            self.open.change(place, |element| {
                element.means.item.iter_mut().for_each(|item| item.is_bare = false);
                element.pending &= element.means.is_to_be_decided();
            });
        }
        if self.open.counts().open_links > 0 && is_rdfa(tag) {
            let is_open = |place: &usize| self.open.get(*place).means.link.is_some_and(|link| link.is_open);
            let Some(place) = (0..self.open.len()).rev().find(is_open) else { return };
            self.open.change(place, |element| {
                element
                    .means
                    .link
                    .iter_mut()
                    .for_each(|link| (link.is_open, link.is_subject) = (false, true));
            });
        }
    }

    /// Nothing that is open is of interest any more.
    fn forget(&mut self) {
        if !self.open.is_empty() && self.open.counts().of_interest == 0 {
            self.open.take_from(0);
        }
    }
}

impl Element {
    fn new(tag: &Tag<'_>, at: usize, means: Meaning) -> Self {
        Element {
            needs_card: means.text.is_some_and(|text| text.is_only_of_card()),
            is_over: false,
            name: tag.name().into(),
            tag: at..at + tag.len(),
            means,
            is_special: tag.is_special(),
            is_formatting: tag.is_formatting(),
            has_optional_end: has_optional_end(tag),
            pending: false,
        }
    }
}

/// What was to be known of an element, and isn't, is settled.
fn give_up(element: &mut Element, late: &mut Late) {
    element.pending = false;
    let (start, means) = (element.tag.start, &mut element.means);
    let names_itself = means.root.as_ref().is_some_and(Root::is_read_as_text);
    if means.text.take().is_some() || names_itself {
        means.is_silent = true;
        late.texts.get_or_insert(start);
    }
    if means.root.as_ref().is_some_and(|root| root.is_modern() && !root.has_address) {
        means.keeps_links = true;
        late.links.get_or_insert(start);
    }
    // So long an item has properties further on.
    means.item.iter_mut().for_each(|item| item.is_bare = false);
    if means.link.take().is_some_and(|link| link.is_open || link.is_subject) {
        late.subjects.push(element.tag.clone());
    }
}

/// Whether an element's text, or what would be put into it, is read as the value of one that yields to it.
fn takes_over(tag: &Tag<'_>, means: &Meaning) -> bool {
    means.text.is_some_and(|text| text.is_of_card()) || classes(tag).any(|class| class == b"value")
}

/// Whether the element is a card itself.
pub(super) fn is_card(tag: &Tag<'_>) -> bool {
    Root::of(tag).is_some()
}
