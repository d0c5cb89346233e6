//! What pages are known to print: a number can be asked for before the page has come.

use std::sync::Arc;

use moka::sync::Cache;

use super::inbound::Page;

/// Pages that are remembered. What falls out is learnt again at its next visit.
const PAGES: u64 = 100_000;

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

/// Which lines' numbers a page printed when it was last read to its end.
pub(super) struct Known {
    pages: Cache<(Arc<str>, Page), LineSet>,
}

impl Default for Known {
    fn default() -> Self {
        Known { pages: Cache::new(PAGES) }
    }
}

impl Known {
    pub fn printed(&self, site: &Arc<str>, page: Page) -> LineSet {
        self.pages.get(&(Arc::clone(site), page)).unwrap_or_default()
    }

    pub fn learn(&self, site: &Arc<str>, page: Page, printed: LineSet) {
        self.pages.insert((Arc::clone(site), page), printed);
    }
}
