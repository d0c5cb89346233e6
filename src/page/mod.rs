//! A page: read once into pieces, filled for each visitor.
//!
//! A [`Compiler`] reads the origin's bytes as they arrive and tells where the business's numbers stand; the result is
//! a list of [`Piece`]s, slices of those very bytes with slots between them. A [`Filling`] says which number each
//! line shows, and writes the pieces out. What is no slot can't change. The room knows no HTTP.

mod compiler;
mod encoding;
mod fill;
mod head;
mod inserts;
mod interest;
mod left;
mod piece;
mod reader;
mod reading;
mod remembered;
mod structured;
mod tag;
mod window;

use crate::number::{Matcher, PhoneNumber, Vanity};

pub use crate::number::{Carries, Shown};
pub use compiler::Compiler;
pub use encoding::{Declared, charset_of_content_type};
pub use fill::{Filling, Texts};
pub(crate) use interest::VISIBLE;
pub use left::Left;
pub use piece::{Aside, Head, Piece, Place, Slot, Spot};
pub use reader::{Reader, Unreadable};
pub use reading::{Outcome, Reading};
pub use remembered::Remembered;

/// The business's lines, as pages show them.
#[derive(Debug)]
pub struct Lines {
    numbers: Box<[PhoneNumber]>,
    matcher: Matcher,
    mark: bool,
    hydrates: bool,
}

impl Lines {
    /// Lines by their canonical numbers; a line is known by its place in the list. With `mark`, an edited link keeps
    /// its canonical number in `data-nap`.
    pub fn new(numbers: Vec<PhoneNumber>, mark: bool) -> Self {
        let matcher = Matcher::new(&numbers);
        Lines { numbers: numbers.into(), matcher, mark, hydrates: false }
    }

    /// The same lines on pages that scripts take over in the browser: where their head begins is a piece.
    pub fn of_pages_that_hydrate(self) -> Self {
        Lines { hydrates: true, ..self }
    }

    /// The same, with another way to write a line's number.
    pub fn also_written(mut self, line: usize, vanity: &Vanity) -> Self {
        self.matcher.add_vanity(line as u16, vanity, &self.numbers[line]);
        self
    }

    pub fn canonical(&self, line: usize) -> &PhoneNumber {
        &self.numbers[line]
    }

    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Whether an edited link keeps its canonical number.
    pub fn mark(&self) -> bool {
        self.mark
    }

    pub fn matcher(&self) -> &Matcher {
        &self.matcher
    }
}
