//! A text as a person reads it, as far as telephone numbers go: whoever's they are, and for advice only.
//!
//! Owns the way back from what can be read to what is written.

use std::ops::Range;

use super::charset::Charset;
use super::unit::{Class, Joint, Next, Reader};

/// A text without the ways in which pages spell it: references are read, in links percent-encoding too; digits, dashes and
/// blanks are ASCII's; what takes no room is left out.
pub(crate) struct Legible {
    text: String,
    /// Where each byte of it is written, and its end.
    places: Vec<usize>,
}

impl Legible {
    /// A text of the page, or an attribute's value, as the page writes it.
    pub fn of_text(written: &str) -> Self {
        Self::read(written, false)
    }

    /// A part of a link's address, as the page writes it.
    pub fn of_link(written: &str) -> Self {
        Self::read(written, true)
    }

    fn read(written: &str, percent: bool) -> Self {
        let reader = Reader { charset: Charset::Utf8, percent };
        let (mut legible, mut at) = (Legible { text: String::new(), places: Vec::new() }, 0);
        while let Some(rest) = written.get(at..).filter(|rest| !rest.is_empty()) {
            let Next::Unit(class, len) = reader.next(rest.as_bytes(), true) else { break };
            let character = if len == 1 { rest.chars().next() } else { character(class) };
            legible.text.extend(character);
            legible.places.resize(legible.text.len(), at);
            at += len;
        }
        legible.places.push(at);
        legible
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where in the written text this part of the legible one is written.
    pub fn written(&self, part: Range<usize>) -> Range<usize> {
        self.places[part.start]..self.places[part.end]
    }
}

/// The usual character of a class; none for what takes no room.
fn character(class: Class) -> Option<char> {
    match class {
        Class::Digit { value, .. } => Some(char::from(b'0' + value)),
        Class::Letter(c) | Class::Other(c) => Some(c),
        Class::Plus => Some('+'),
        Class::Open => Some('('),
        Class::Separator(Joint::Blank) => Some(' '),
        Class::Separator(Joint::Dot) => Some('.'),
        Class::Separator(Joint::Dash) => Some('-'),
        Class::Separator(Joint::Slash) => Some('/'),
        Class::Transparent | Class::Edge => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelled_in_any_way_reads_the_same() {
        for written in [
            "(312) 555-0166",
            "&#40;312&#41;&#32;555&#45;0166",
            "&lpar;312&rpar;&nbsp;555&#x2011;0166",
            "\u{ff08}312\u{ff09} 555\u{2011}0166",
            "(312)\u{200b} 555-\u{ff10}166",
        ] {
            let legible = Legible::of_text(written);
            assert_eq!(legible.as_str().replace(')', " "), "(312  555-0166", "{written}");
        }
        assert_eq!(Legible::of_link("&#43;1%20312%2D555%2d0166").as_str(), "+1 312-555-0166");
        assert_eq!(Legible::of_text("5% of $3/€4_x").as_str(), "5% of $3/€4_x");
    }

    #[test]
    fn it_is_known_where_a_part_is_written() {
        let written = "a&nbsp;312&#45;7 é";
        let legible = Legible::of_text(written);
        assert_eq!(legible.as_str(), "a 312-7 é");
        assert_eq!(&written[legible.written(2..7)], "312&#45;7");
        assert_eq!(legible.written(0..legible.as_str().len()), 0..written.len());
    }
}
