//! What a page is made of once it has been read.

use std::sync::Arc;

use bytes::Bytes;

use crate::number::{Carries, LinkScheme, Rendition};

/// A piece of a page. A page's pieces in their order, each as the origin wrote it, are the origin's page.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Bytes that are the same for everybody.
    Origin(Bytes),
    Slot(Arc<Slot>),
    Aside(Arc<Aside>),
    Head(Head),
}

/// Where the page's head begins. The origin has nothing here; what a visitor is shown that must come before everything
/// else of the page is written here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The page doesn't write the head's tag: in HTML browsers make it up, in XML there is no head here.
    pub implied: bool,
}

/// A place where a number of the business stands.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The line, by its place in [`Lines`](super::Lines).
    pub line: usize,
    pub place: Place,
    /// It stands in an attribute's value; in text that is one that people see or hear.
    pub in_attribute: bool,
    pub rendition: Rendition,
}

/// What accompanies a slot: written only where its line shows a tracking number.
#[derive(Clone, Debug)]
pub struct Aside {
    pub line: usize,
    pub place: Place,
    /// What the origin has here; nothing, for an insertion.
    pub origin: Bytes,
    pub shown: Bytes,
    /// It accompanies a number that stands in one piece, or a link.
    pub whole: bool,
}

/// Where a number stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Text,
    Link(LinkScheme),
}

/// What kind of place a number stands in, as people are told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Text,
    Href,
    /// Any other attribute.
    Attribute,
}

impl Spot {
    /// Its name in what commands print.
    pub fn name(self) -> &'static str {
        match self {
            Spot::Text => "text",
            Spot::Href => "href",
            Spot::Attribute => "attribute",
        }
    }
}

impl Slot {
    pub fn spot(&self) -> Spot {
        match self.place {
            Place::Link(_) => Spot::Href,
            Place::Text if self.in_attribute => Spot::Attribute,
            Place::Text => Spot::Text,
        }
    }
}

impl Place {
    /// The link that the number stands in.
    pub(super) fn link(self) -> Option<LinkScheme> {
        match self {
            Place::Text => None,
            Place::Link(scheme) => Some(scheme),
        }
    }

    /// Whether who calls or writes from here reaches a number that receives no more than this.
    pub fn reaches(self, carries: Carries) -> bool {
        self.link().map_or(carries.voice, |scheme| scheme.reaches(carries))
    }
}

impl Piece {
    /// The line whose number decides how this piece reads.
    pub fn line(&self) -> Option<usize> {
        match self {
            Piece::Origin(_) | Piece::Head(_) => None,
            Piece::Slot(slot) => Some(slot.line),
            Piece::Aside(aside) => Some(aside.line),
        }
    }

    /// Where the number stands that decides how this piece reads. An edit that accompanies a number may come before it.
    pub fn place(&self) -> Option<Place> {
        match self {
            Piece::Origin(_) | Piece::Head(_) => None,
            Piece::Slot(slot) => Some(slot.place),
            Piece::Aside(aside) => Some(aside.place),
        }
    }

    /// What the piece takes in memory, in bytes: itself, and the origin's bytes.
    pub(super) fn weight(&self) -> usize {
        let behind = match self {
            Piece::Origin(_) | Piece::Head(_) => 0,
            Piece::Slot(_) => size_of::<Slot>(),
            Piece::Aside(aside) => size_of::<Aside>() + aside.shown.len(),
        };
        size_of::<Piece>() + behind + self.origin().len()
    }

    /// The origin's bytes.
    pub fn origin(&self) -> &Bytes {
        static NOTHING: Bytes = Bytes::new();
        match self {
            Piece::Origin(bytes) => bytes,
            Piece::Slot(slot) => slot.rendition.as_written(),
            Piece::Aside(aside) => &aside.origin,
            Piece::Head(_) => &NOTHING,
        }
    }
}
