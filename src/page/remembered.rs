//! A page that was read to its end, and the reading of it again by comparison alone.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::piece::{Aside, Piece, Slot};

/// A page and its pieces, all slices of the same bytes.
#[derive(Debug)]
pub struct Remembered {
    page: Bytes,
    pieces: Box<[Piece]>,
    /// Where the page must be known further on before what stands here is certain: between a digit and the end of what
    /// it may belong to. Ascending, and apart from each other.
    alerts: Box<[Range<usize>]>,
}

impl Remembered {
    /// Puts a page together from its pieces.
    pub(super) fn new(pieces: Vec<Piece>, alerts: Vec<Range<usize>>) -> Self {
        let page: Bytes =
            pieces.iter().flat_map(|piece| piece.origin().iter().copied()).collect::<Vec<u8>>().into();
        let (mut kept, mut at, mut origin_at): (Vec<Piece>, usize, usize) = Default::default();
        for piece in pieces {
            let end = at + piece.origin().len();
            match (&piece, kept.last()) {
                // However the page arrived in parts, what lies between two slots is one piece.
                (Piece::Origin(_), Some(Piece::Origin(_))) => kept.truncate(kept.len() - 1),
                _ => origin_at = at,
            }
            kept.push(with_origin(piece, page.slice(origin_at..end)));
            at = end;
        }
        Remembered { page, pieces: kept.into(), alerts: alerts.into() }
    }

    /// What it takes to remember the page, in bytes.
    pub fn weight(&self) -> usize {
        let pieces: usize = self.pieces.iter().map(Piece::weight).sum();
        pieces + size_of_val(&*self.alerts)
    }

    /// How much of the page is certain, once its first `known` bytes are known.
    fn certain(&self, known: usize) -> usize {
        let place = self.alerts.partition_point(|alert| alert.end <= known);
        match self.alerts.get(place) {
            Some(alert) if alert.start < known => alert.start,
            _ => known,
        }
    }
}

/// The same piece, as a slice of other bytes that read the same.
fn with_origin(piece: Piece, origin: Bytes) -> Piece {
    match piece {
        Piece::Origin(_) => Piece::Origin(origin),
        Piece::Head(head) => Piece::Head(head),
        Piece::Slot(slot) => {
            let rendition = slot.rendition.clone().of_same_bytes(origin);
            Piece::Slot(Arc::new(Slot { rendition, ..*slot }))
        }
        Piece::Aside(aside) => {
            let shown = aside.shown.clone();
            Piece::Aside(Arc::new(Aside { origin, shown, ..*aside }))
        }
    }
}

/// A page on its way that has been the remembered one so far.
#[derive(Debug)]
pub(super) struct Replay {
    remembered: Arc<Remembered>,
    /// Bytes that have come and were the same.
    matched: usize,
    /// Bytes whose pieces have been given out, and how many whole pieces that is.
    given: usize,
    next: usize,
    /// Where the next piece starts.
    start: usize,
}

/// The page is another one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Differs;

impl Replay {
    pub fn new(remembered: Arc<Remembered>) -> Self {
        Replay { remembered, matched: 0, given: 0, next: 0, start: 0 }
    }

    /// Compares on; what has become certain is appended to `pieces`.
    ///
    /// # Errors
    /// [`Differs`] where the page goes on differently. None of `bytes` counts as having come then.
    pub fn write(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) -> Result<(), Differs> {
        let expected = self.remembered.page.get(self.matched..self.matched + bytes.len());
        if expected != Some(bytes) {
            return Err(Differs);
        }
        self.matched += bytes.len();
        self.give(self.remembered.certain(self.matched), pieces);
        Ok(())
    }

    /// The page ends here.
    ///
    /// # Errors
    /// [`Differs`] where the remembered one goes on.
    pub fn end(&mut self, pieces: &mut Vec<Piece>) -> Result<(), Differs> {
        if self.matched < self.remembered.page.len() {
            return Err(Differs);
        }
        self.give(usize::MAX, pieces);
        Ok(())
    }

    /// What has come so far, and how much of it has been given out.
    pub fn so_far(&self) -> (Bytes, usize) {
        (self.remembered.page.slice(..self.matched), self.given)
    }

    /// Gives out what stands before byte `certain` of the page. What is to stand right there isn't certain before the byte is.
    fn give(&mut self, certain: usize, pieces: &mut Vec<Piece>) {
        while let Some(piece) = self.remembered.pieces.get(self.next) {
            let end = self.start + piece.origin().len();
            match piece {
                Piece::Origin(bytes) if certain.min(end) > self.given => {
                    let upto = certain.min(end);
                    pieces.push(Piece::Origin(bytes.slice(self.given - self.start..upto - self.start)));
                    self.given = upto;
                }
                Piece::Slot(_) | Piece::Aside(_) | Piece::Head(_)
                    if self.start < certain && end <= certain =>
                {
                    pieces.push(piece.clone());
                    self.given = end;
                }
                _ => {}
            }
            if end > certain || self.start >= certain {
                return;
            }
            self.next += 1;
            self.start = end;
        }
    }
}
