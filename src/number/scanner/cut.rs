//! A character or reference that arrives in pieces.

use smallvec::SmallVec;

use super::Scanner;
use crate::number::found::Found;
use crate::number::matcher::Matcher;
use crate::number::unit::Next;

/// Bytes after which it is certain what a character or reference is.
const LONGEST_CHARACTER: usize = 24;

impl Scanner {
    /// Completes a cut character with the first bytes of `text`; returns how many those were.
    pub(super) fn feed_cut(
        &mut self,
        matcher: &Matcher,
        text: &[u8],
        at: usize,
        found: &mut Vec<Found>,
    ) -> usize {
        let had = self.cut.len();
        let mut bytes = std::mem::take(&mut self.cut);
        bytes.extend_from_slice(&text[..text.len().min(LONGEST_CHARACTER)]);
        let mut position = 0;
        while position < had {
            match self.reader.next(&bytes[position..], false) {
                Next::Unit(class, len) => {
                    let (unit, start) = (&bytes[position..position + len], at - had + position);
                    // What no number begins with would have been passed over, had it come whole.
                    match self.units.is_empty() && !unit.is_ascii() && !class.begins_number() {
                        true => self.vicinity.pass(unit, false, &self.reader),
                        false => self.take(matcher, class, start, len, found),
                    }
                    position += len;
                }
                Next::Incomplete => {
                    self.cut = SmallVec::from_slice(&bytes[position..]);
                    self.cut_at = at - had + position;
                    return text.len();
                }
            }
        }
        position - had
    }

    /// The text ends, or is parted: what is cut off is what it is.
    pub(super) fn flush_cut(&mut self, matcher: &Matcher, found: &mut Vec<Found>) {
        while !self.cut.is_empty() {
            let bytes = std::mem::take(&mut self.cut);
            let start = self.cut_at;
            let Next::Unit(class, len) = self.reader.next(&bytes, true) else { return };
            self.take(matcher, class, start, len, found);
            if len < bytes.len() {
                self.feed(matcher, &bytes[len..], start + len, found);
            }
        }
    }
}
