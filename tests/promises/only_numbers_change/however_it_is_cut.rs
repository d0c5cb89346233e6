//! A page reads the same however it is cut up on its way.

use std::sync::{Arc, LazyLock};

use dni_edge::page::{Carries, Compiler, Declared, Filling, Lines, Shown, charset_of_content_type};
use proptest::prelude::*;

use crate::support::Fixture;

/// A page, who is on it, and how it reads when it comes whole.
struct Known {
    name: String,
    page: Vec<u8>,
    declared: Declared,
    lines: Arc<Lines>,
    filling: Filling,
    filled: Vec<u8>,
}

static PAGES: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let all = Fixture::all().into_iter().chain(Fixture::structured());
    // An AMP page goes through as it is, however it comes.
    all.filter(|fixture| fixture.name != "amp.html").map(Known::new).collect()
});

impl Known {
    fn new(fixture: Fixture) -> Self {
        let mut filling = Filling::canonical();
        for (place, line) in fixture.lines.iter().enumerate() {
            let number = Arc::new(line.shown.clone());
            filling.show(place, Shown { number, carries: Carries::EVERYTHING });
        }
        let numbers = fixture.lines.iter().map(|line| line.canonical.clone()).collect();
        let mut known = Known {
            declared: charset_of_content_type(&fixture.content_type()),
            name: fixture.name,
            page: fixture.page,
            lines: Arc::new(Lines::new(numbers, true)),
            filling,
            filled: Vec::new(),
        };
        let (canonical, filled) = known.read(&[]);
        assert!(canonical == known.page && filled != known.page, "{} whole", known.name);
        known.filled = filled;
        known
    }

    /// The page filled with its own numbers, and with others. It comes in parts of these sizes, over and over again; with
    /// none, it comes whole.
    fn read(&self, sizes: &[usize]) -> (Vec<u8>, Vec<u8>) {
        let mut compiler = Compiler::new(Arc::clone(&self.lines), self.declared);
        let (mut pieces, mut rest) = (Vec::new(), &self.page[..]);
        for size in sizes.iter().cycle() {
            let (part, behind) = rest.split_at(rest.len().min(*size));
            compiler.write(part, &mut pieces);
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        compiler.write(rest, &mut pieces);
        compiler.end(&mut pieces);
        let fill = |filling: &Filling| {
            let mut out = Vec::new();
            pieces.iter().for_each(|piece| filling.write(piece, &self.lines, &mut out));
            out
        };
        (fill(&Filling::canonical()), fill(&self.filling))
    }

    fn assert_reads_the_same(&self, sizes: &[usize]) {
        let (canonical, filled) = self.read(sizes);
        assert!(canonical == self.page, "{} in parts of {sizes:?}, filled with its own numbers", self.name);
        assert!(filled == self.filled, "{} in parts of {sizes:?}, filled with others", self.name);
    }
}

#[test]
fn in_equal_parts() {
    for page in PAGES.iter() {
        for size in [1, 2, 3, 7, 64, 1000] {
            page.assert_reads_the_same(&[size]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn at_random(page in any::<prop::sample::Index>(), sizes in prop::collection::vec(1usize..80, 1..40)) {
        page.get(&PAGES).assert_reads_the_same(&sizes);
    }

    #[test]
    fn in_two(page in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>()) {
        let page = page.get(&PAGES);
        let cut = 1 + cut.index(page.page.len() - 1);
        page.assert_reads_the_same(&[cut, page.page.len()]);
    }
}
