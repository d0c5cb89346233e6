//! What `rewrite --explain` says: each number on the page, whether it is filled, and why.

use std::io::Write;
use std::ops::Range;

use encoding_rs::Encoding;
use serde::Serialize;

use crate::config::Site;
use crate::page::{Compiler, Filling, Left, Piece, Place};

/// A page and its slots, collected while the page is filled.
pub(super) struct Explanation<'a> {
    site: &'a Site,
    filling: &'a Filling,
    page: Vec<u8>,
    slots: Vec<(Range<usize>, Piece)>,
    through: Option<&'static str>,
}

/// A line of the explanation. Places are in bytes of the page.
#[derive(Serialize)]
#[serde(untagged)]
enum Line<'a> {
    Filled {
        line: &'a str,
        place: &'static str,
        start: usize,
        end: usize,
        written: String,
        becomes: String,
        why: String,
    },
    Left {
        place: &'static str,
        start: usize,
        end: usize,
        written: String,
        left: String,
    },
    /// The whole page was left, from somewhere on.
    Page {
        place: &'static str,
        written: String,
        left: &'a str,
    },
}

impl<'a> Explanation<'a> {
    pub fn new(site: &'a Site, filling: &'a Filling) -> Self {
        Explanation { site, filling, page: Vec::new(), slots: Vec::new(), through: None }
    }

    /// Takes note of a piece of the page, and of whether the page goes through by now.
    pub fn note(&mut self, piece: &Piece) {
        let start = self.page.len();
        self.page.extend_from_slice(piece.origin());
        if piece.line().is_some() {
            self.slots.push((start..self.page.len(), piece.clone()));
        }
    }

    /// Takes note of why the page goes through; to be asked before its end, with which every page does.
    pub fn note_through(&mut self, compiler: &Compiler) {
        self.through = compiler.gave_up_because();
    }

    /// Writes a JSON object a line, in the order of the page.
    ///
    /// # Errors
    /// Where `out` can't be written.
    pub fn write(&self, compiler: &Compiler, out: &mut impl Write) -> std::io::Result<()> {
        let encoding = compiler.encoding();
        if let Some(left) = self.through {
            let written = encoding.name().to_owned();
            say(out, &Line::Page { place: "page", written, left })?;
        }
        let slots = self.slots.iter().filter(|(_, piece)| matches!(piece, Piece::Slot(_)));
        let places: Vec<_> = slots.map(|(at, _)| at.clone()).collect();
        let mut lines: Vec<_> =
            self.slots.iter().filter_map(|(at, piece)| self.filled(at, piece, encoding)).collect();
        let left = compiler.left(&self.page, &places, self.through);
        lines.extend(left.into_iter().map(|left| self.left(left, encoding)));
        lines.sort_by_key(|(start, _)| *start);
        lines.iter().try_for_each(|(_, line)| say(out, line))
    }

    fn filled(
        &self,
        at: &Range<usize>,
        piece: &Piece,
        encoding: &'static Encoding,
    ) -> Option<(usize, Line<'a>)> {
        let line = piece.line()?;
        let mut becomes = Vec::new();
        self.filling.write(piece, &self.site.page_lines, &mut becomes);
        let line = Line::Filled {
            line: &self.site.lines[line].name,
            place: match piece {
                Piece::Slot(slot) => slot.spot().name(),
                _ => "beside",
            },
            start: at.start,
            end: at.end,
            written: text(piece.origin(), encoding),
            becomes: text(&becomes, encoding),
            why: why(piece),
        };
        Some((at.start, line))
    }

    fn left(&self, left: Left, encoding: &'static Encoding) -> (usize, Line<'a>) {
        let Range { start, end } = left.at;
        let written = text(&self.page[start..end], encoding);
        (start, Line::Left { place: left.place.name(), start, end, written, left: left.why })
    }
}

fn say(out: &mut impl Write, line: &Line<'_>) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

fn text(bytes: &[u8], encoding: &'static Encoding) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

fn why(piece: &Piece) -> String {
    match piece {
        Piece::Slot(slot) if slot.place == Place::Text => slot.rendition.manner().to_owned(),
        Piece::Slot(slot) => format!("the link leads to {}", slot.rendition.manner()),
        _ => "it keeps the business's own number where parsers and owners look for it".to_owned(),
    }
}
