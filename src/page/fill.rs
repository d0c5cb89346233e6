//! Which number each line shows to one visitor, and the writing of pieces accordingly.

use super::Lines;
use super::piece::{Piece, Place, Slot};
use crate::number::{LinkScheme, Shown};

/// What each line of the business shows: its own number, unless said otherwise.
#[derive(Clone, Debug, Default)]
pub struct Filling {
    shown: Vec<Option<Shown>>,
    links_only: bool,
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

    /// From here on numbers in text stay as they are.
    pub fn show_in_links_only(&mut self) {
        self.links_only = true;
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
            Piece::Aside(aside) => match self.shown_at(aside.line, aside.place) {
                Some(_) => out.extend_from_slice(&aside.shown),
                None => out.extend_from_slice(&aside.origin),
            },
        }
    }

    fn write_slot(&self, slot: &Slot, lines: &Lines, out: &mut Vec<u8>) {
        match self.shown_at(slot.line, slot.place) {
            Some(shown) => slot.rendition.write(lines.canonical(slot.line), &shown.number, out),
            None => out.extend_from_slice(slot.rendition.as_written()),
        }
    }

    fn shown_at(&self, line: usize, place: Place) -> Option<&Shown> {
        let shown = self.shown(line)?;
        let carried = match place {
            Place::Text if self.links_only => false,
            Place::Text | Place::Link(LinkScheme::Tel) => shown.carries.voice,
            Place::Link(LinkScheme::Sms) => shown.carries.sms,
        };
        carried.then_some(shown)
    }
}
