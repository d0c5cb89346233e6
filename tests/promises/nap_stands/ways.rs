//! The ways in which a site's settings have its pages filled.

use std::sync::Arc;

use dni_edge::page::{Carries, Compiler, Declared, Filling, Lines, Shown};

use crate::support::Line;

pub struct Way {
    pub name: &'static str,
    marks: bool,
    hydrates: bool,
}

pub const WAYS: [Way; 3] = [
    Way { name: "by default", marks: true, hydrates: false },
    Way { name: "with mark = false", marks: false, hydrates: false },
    Way { name: "with hydration = \"observe\"", marks: true, hydrates: true },
];

impl Way {
    /// The page as a visitor reads it who is shown other numbers on all lines, before any script of ours is put into it.
    pub fn fill(&self, page: &[u8], declared: Declared, lines: &[Line]) -> Vec<u8> {
        let numbers = lines.iter().map(|line| line.canonical.clone()).collect();
        let known = Lines::new(numbers, self.marks);
        let known = Arc::new(if self.hydrates { known.of_pages_that_hydrate() } else { known });
        let mut filling = Filling::canonical();
        for (place, line) in lines.iter().enumerate() {
            filling.show(place, Shown { number: Arc::new(line.shown.clone()), carries: Carries::EVERYTHING });
        }
        let (mut compiler, mut pieces) = (Compiler::new(Arc::clone(&known), declared), Vec::new());
        compiler.write(page, &mut pieces);
        compiler.end(&mut pieces);
        let mut out = Vec::new();
        pieces.iter().for_each(|piece| filling.write(piece, &known, &mut out));
        out
    }
}
