//! The open elements, from the outermost of interest on, and what they are together.
//!
//! Owns the counts that answer for all of them at once, so that a tag costs the same however many are open.

use std::collections::VecDeque;
use std::ops::Range;

use super::super::tag::Tag;
use super::card::Root;
use super::meaning::Meaning;

/// An element that hasn't ended.
#[derive(Debug)]
pub(super) struct Element {
    pub name: Box<[u8]>,
    /// Bytes of its start tag.
    pub tag: Range<usize>,
    pub means: Meaning,
    /// It keeps an element that isn't open that is ended in it (HTML Standard §13.2.4.2, "special").
    pub is_special: bool,
    /// What ends it from outside opens it again behind that (HTML Standard §13.2.4.3).
    pub is_formatting: bool,
    /// Another of its kind ends it.
    pub has_optional_end: bool,
    /// It is something to parsers in its card only.
    pub needs_card: bool,
    /// Its end tag has come, and it ends with what is open in it.
    pub is_over: bool,
    /// Nothing is known of it yet that was needed.
    pub pending: bool,
}

impl Element {
    pub fn is_named(&self, name: &[u8]) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether an item in it is another's than one around it.
    fn holds_lists(&self) -> bool {
        self.is_special && !["address", "div", "p"].iter().any(|name| self.is_named(name.as_bytes()))
    }

    fn holds_cells(&self) -> bool {
        ["table", "template"].iter().any(|name| self.is_named(name.as_bytes()))
    }
}

/// The open elements, the outermost first.
#[derive(Debug, Default)]
pub(super) struct Open {
    list: Vec<Element>,
    counts: Counts,
    /// Places of cards, of microdata items, and of what is pending.
    cards: Vec<usize>,
    items: Vec<usize>,
    pending: VecDeque<usize>,
    /// How many have a name of this sort.
    sorts: [u16; SORTS],
}

/// Sorts of names: by their first letters and lengths.
const SORTS: usize = 32;

/// How many of the open elements are what.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub silent: usize,
    pub keeping_links: usize,
    pub foreign: usize,
    pub values: usize,
    pub special: usize,
    pub hanging: usize,
    pub describing: usize,
    pub yielding: usize,
    /// Edited links of which it isn't known whether RDFa is about them.
    pub open_links: usize,
    pub of_interest: usize,
}

impl Counts {
    fn add(&mut self, element: &Element) {
        self.each(element, |count| *count += 1);
    }

    fn remove(&mut self, element: &Element) {
        self.each(element, |count| *count -= 1);
    }

    fn each(&mut self, element: &Element, change: impl Fn(&mut usize)) {
        let means = &element.means;
        for (count, is_it) in [
            (&mut self.silent, means.is_silent),
            (&mut self.keeping_links, means.keeps_links),
            (&mut self.foreign, means.is_foreign),
            (&mut self.values, means.text.is_some()),
            (&mut self.special, element.is_special),
            (&mut self.hanging, means.hangs),
            (&mut self.describing, means.describes),
            (&mut self.yielding, means.yields),
            (&mut self.open_links, means.link.is_some_and(|link| link.is_open)),
            (&mut self.of_interest, !means.is_plain()),
        ] {
            if is_it {
                change(count);
            }
        }
    }
}

/// Which element an end tag ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    This(usize),
    /// None, though it is one's name: something in that must not end with it.
    Barred(usize),
    None,
}

impl Open {
    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Whether any of them is in a value with its mark-up. Costs more, the more are open.
    pub fn is_in_html_value(&self) -> bool {
        self.list.iter().any(|element| element.means.is_html)
    }

    pub fn first(&self) -> Option<&Element> {
        self.list.first()
    }

    pub fn last(&self) -> Option<&Element> {
        self.list.last()
    }

    pub fn get(&self, place: usize) -> &Element {
        &self.list[place]
    }

    /// The innermost card, and how many levels below it this is.
    pub fn card(&self) -> Option<(&Root, usize)> {
        let place = *self.cards.last()?;
        self.list[place].means.root.as_ref().map(|root| (root, self.list.len() - place))
    }

    /// The same, to take note of what stands in it.
    pub fn card_mut(&mut self) -> Option<(&mut Root, usize)> {
        let (place, len) = (*self.cards.last()?, self.list.len());
        self.list[place].means.root.as_mut().map(|root| (root, len - place))
    }

    /// The place of the innermost microdata item.
    pub fn item(&self) -> Option<usize> {
        self.items.last().copied()
    }

    /// The place of the outermost element that is pending.
    pub fn pending(&self) -> Option<usize> {
        self.pending.iter().copied().find(|place| self.list[*place].pending)
    }

    pub fn push(&mut self, element: Element) {
        let place = self.list.len();
        self.counts.add(&element);
        self.sorts[sort_of(&element.name)] += 1;
        if element.means.root.is_some() {
            self.cards.push(place);
        }
        if element.means.item.is_some() {
            self.items.push(place);
        }
        if element.pending {
            self.pending.push_back(place);
        }
        self.list.push(element);
    }

    /// Changes what an element is, though not into a card or an item.
    pub fn change(&mut self, place: usize, change: impl FnOnce(&mut Element)) {
        let element = &mut self.list[place];
        self.counts.remove(element);
        let was_pending = element.pending;
        change(element);
        self.counts.add(element);
        if element.pending && !was_pending {
            self.pending.push_back(place);
        }
        while self.pending.front().is_some_and(|place| !self.list[*place].pending) {
            self.pending.pop_front();
        }
    }

    /// Takes all from this place on, the outermost first.
    pub fn take_from(&mut self, place: usize) -> Vec<Element> {
        for list in [&mut self.cards, &mut self.items] {
            list.truncate(list.partition_point(|index| *index < place));
        }
        while self.pending.back().is_some_and(|index| *index >= place) {
            self.pending.pop_back();
        }
        let taken: Vec<Element> = self.list.drain(place..).collect();
        for element in &taken {
            self.counts.remove(element);
            self.sorts[sort_of(&element.name)] -= 1;
        }
        taken
    }

    /// The place of what ends before this start tag, though without an end tag: an item of a list before another, a cell or a row
    /// (HTML Standard §13.2.6.4.7, "li" and "dd"; §13.2.6.4.13 to 15).
    pub fn ended_before(&self, tag: &Tag<'_>) -> Option<usize> {
        let (names, is_barrier): (&[&str], fn(&Element) -> bool) = match () {
            () if tag.is("li") => (&["li"], Element::holds_lists),
            () if tag.is_one_of(&["dt", "dd"]) => (&["dt", "dd"], Element::holds_lists),
            () if tag.is_one_of(&["td", "th"]) => (&["td", "th"], Element::holds_cells),
            () if tag.is("tr") => (&["tr"], Element::holds_cells),
            () if tag.is("option") => (&["option"], |_| true),
            () => return None,
        };
        if names.iter().all(|name| self.sorts[sort_of(name.as_bytes())] == 0) {
            return None;
        }
        for (place, element) in self.list.iter().enumerate().rev() {
            match names.iter().any(|name| element.is_named(name.as_bytes())) {
                true => return Some(place),
                false if is_barrier(element) => return None,
                false => {}
            }
        }
        None
    }

    /// The place of a paragraph that another block would end.
    pub fn paragraph(&self) -> Option<usize> {
        if self.sorts[sort_of(b"p")] == 0 {
            return None;
        }
        let place = self.list.iter().rposition(|element| element.is_special)?;
        self.list[place].is_named(b"p").then_some(place)
    }

    /// What an end tag ends (HTML Standard §13.2.6.4.7, "any other end tag").
    pub fn ended_by(&self, tag: &Tag<'_>) -> Ended {
        if self.sorts[sort_of(tag.name())] == 0 {
            return Ended::None;
        }
        let may_be_barred = !tag.is_special();
        let mut is_barred = false;
        for (place, element) in self.list.iter().enumerate().rev() {
            if element.is_named(tag.name()) {
                return if is_barred { Ended::Barred(place) } else { Ended::This(place) };
            }
            is_barred |= may_be_barred && element.is_special;
        }
        Ended::None
    }
}

fn sort_of(name: &[u8]) -> usize {
    let first = name.first().map_or(0, u8::to_ascii_lowercase);
    (usize::from(first) + 5 * name.len()) % SORTS
}
