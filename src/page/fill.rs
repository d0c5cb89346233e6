//! Which number each line shows to one visitor, and the writing of pieces accordingly.

use super::Lines;
use super::piece::{Aside, Piece, Place, Slot};
use crate::number::Shown;

/// What each line of the business shows: its own number, unless said otherwise.
#[derive(Clone, Debug, Default)]
pub struct Filling {
    shown: Vec<Option<Shown>>,
    texts: Texts,
    /// Lines that are shown in links only.
    in_links: Vec<usize>,
}

/// Which numbers in text are shown as a visitor's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Texts {
    #[default]
    All,
    /// Those that stand in one piece: of a number in parts nobody could tell in the browser what it was.
    Whole,
    None,
}

impl Filling {
    /// Every line shows its own number.
    pub fn canonical() -> Self {
        Filling::default()
    }

    pub fn show(&mut self, line: usize, shown: Shown) {
        if self.shown.len() <= line {
            self.shown.resize(line + 1, None);
        }
        self.shown[line] = Some(shown);
    }

    /// From here on only these numbers in text are shown; links are as they were.
    pub fn limit_texts(&mut self, texts: Texts) {
        self.texts = texts;
    }

    /// From here on this line is shown in links only.
    pub fn limit_to_links(&mut self, line: usize) {
        self.in_links.push(line);
    }

    /// Whether this line stays in such a place, where others may be shown.
    pub fn withholds(&self, line: usize, place: Place) -> bool {
        place == Place::Text && self.in_links.contains(&line)
    }

    /// Whether a slot is one in which anything is shown.
    pub fn is_open(&self, slot: &Slot, lines: &Lines) -> bool {
        match (slot.place, self.texts) {
            (Place::Link(_), _) | (Place::Text, Texts::All) => true,
            (Place::Text, Texts::Whole) => slot.rendition.is_whole(lines.canonical(slot.line)),
            (Place::Text, Texts::None) => false,
        }
    }

    /// Whether anything is shown in what this accompanies.
    pub fn is_accompanied(&self, aside: &Aside) -> bool {
        self.is_open_at(aside.place)
            && (aside.place != Place::Text || aside.whole || self.texts == Texts::All)
    }

    /// Whether anything is shown in such a place.
    pub fn is_open_at(&self, place: Place) -> bool {
        place != Place::Text || self.texts != Texts::None
    }

    /// What a line shows instead of its own number.
    pub fn shown(&self, line: usize) -> Option<&Shown> {
        self.shown.get(line)?.as_ref()
    }

    /// Writes a piece to `out`.
    pub fn write(&self, piece: &Piece, lines: &Lines, out: &mut Vec<u8>) {
        match piece {
            Piece::Origin(bytes) => out.extend_from_slice(bytes),
            Piece::Head(_) => {}
            Piece::Slot(slot) => self.write_slot(slot, lines, out),
            Piece::Aside(aside) => match self.shown_at(aside.line, aside.place, lines) {
                Some(_) if self.is_accompanied(aside) => out.extend_from_slice(&aside.shown),
                _ => out.extend_from_slice(&aside.origin),
            },
        }
    }

    fn write_slot(&self, slot: &Slot, lines: &Lines, out: &mut Vec<u8>) {
        match self.shown_at(slot.line, slot.place, lines).filter(|_| self.is_open(slot, lines)) {
            Some(shown) => slot.rendition.write(lines.canonical(slot.line), &shown.number, out),
            None => out.extend_from_slice(slot.rendition.as_written()),
        }
    }

    /// What is shown there instead of the line's own number: a page with its own numbers is the website's page.
    fn shown_at(&self, line: usize, place: Place, lines: &Lines) -> Option<&Shown> {
        let shown = self.shown(line).filter(|shown| *shown.number != *lines.canonical(line))?;
        let is_open = self.is_open_at(place) && !self.withholds(line, place);
        (is_open && place.reaches(shown.carries)).then_some(shown)
    }
}
