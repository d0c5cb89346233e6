//! What is known of pages: what they print, so that a number can be asked for before the page has come; and the pages
//! themselves, so that they need not be read again while they stay the same.

use std::sync::Arc;

use moka::sync::Cache;

use super::inbound::Page;
use crate::page::{Declared, Outcome, Remembered};

/// Memory for pages, in bytes. What falls out is read again at its next visit.
const MEMORY: u64 = 32 << 20;

/// What a page weighs beside its bytes.
const OVERHEAD: usize = 512;

/// Longer paths are not pages that people come back to, in bytes.
const LONGEST_PATH: usize = 1024;

/// A page that turned out to be another one so many times in a row is not worth remembering.
const CHANGES: u8 = 3;

/// Lines of the business, by their place; those beyond the 64th are never known ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LineSet(u64);

impl LineSet {
    pub fn insert(&mut self, line: usize) {
        self.0 |= 1u64.checked_shl(line as u32).unwrap_or(0);
    }

    pub fn contains(self, line: usize) -> bool {
        self.0 & 1u64.checked_shl(line as u32).unwrap_or(0) != 0
    }
}

/// What is known of a page.
#[derive(Clone, Default)]
struct Memory {
    /// Lines that it printed when it was last read to its end.
    printed: LineSet,
    page: Option<(Declared, Arc<Remembered>)>,
    /// How many times in a row it was another page.
    changes: u8,
}

pub(super) struct Known {
    pages: Cache<(Arc<str>, Page), Memory>,
}

impl Default for Known {
    fn default() -> Self {
        let weight = |(_, page): &(Arc<str>, Page), memory: &Memory| {
            let bytes = memory.page.as_ref().map_or(0, |(_, page)| page.weight());
            u32::try_from(bytes + page.host.len() + page.path.len() + OVERHEAD).unwrap_or(u32::MAX)
        };
        Known { pages: Cache::builder().weigher(weight).max_capacity(MEMORY).build() }
    }
}

impl Known {
    /// The lines that a page is known to print; none where nothing is known of it.
    pub fn printed(&self, site: &Arc<str>, page: Page) -> Option<LineSet> {
        self.pages.get(&(Arc::clone(site), page)).map(|memory| memory.printed)
    }

    /// The page as it was when it was last read, with this word on its charset.
    pub fn page(&self, site: &Arc<str>, page: Page, declared: Declared) -> Option<Arc<Remembered>> {
        let (known, page) = self.pages.get(&(Arc::clone(site), page))?.page?;
        (known == declared).then_some(page)
    }

    /// A page has been read to its end.
    pub fn learn(&self, site: &Arc<str>, page: Page, declared: Declared, printed: LineSet, outcome: Outcome) {
        if page.path.len() > LONGEST_PATH {
            return;
        }
        let key = (Arc::clone(site), page);
        let before = self.pages.get(&key).unwrap_or_default();
        let memory = match outcome {
            Outcome::Same if before.printed == printed && before.changes == 0 => return,
            Outcome::Same => Memory { printed, changes: 0, ..before },
            Outcome::Forget => Memory { printed, page: None, changes: before.changes },
            Outcome::Read { page, differed } => {
                let changes = before.changes.saturating_add(u8::from(differed)).min(CHANGES);
                let page = (changes < CHANGES).then(|| (declared, Arc::new(page)));
                Memory { printed, page, changes }
            }
        };
        self.pages.insert(key, memory);
    }
}
