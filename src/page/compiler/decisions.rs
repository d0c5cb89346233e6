//! What becomes of the numbers in structured data: decided once it is known what they are in, or once it is too late to know.

use super::Compiler;
use crate::page::window::Window;

impl Compiler {
    /// Decides about the numbers in elements that have ended. `markup` is what the window holds.
    pub(super) fn decide(&mut self, markup: &Window) {
        for closed in self.structured.take_closed() {
            self.inserts.decide(&closed, markup, &self.lines);
        }
    }

    /// The page ends at byte `at`, and what is open in it; else it goes through from here on, undecided.
    pub(super) fn end_open(&mut self, at: usize) {
        if self.through {
            if let Some(start) = self.structured.held() {
                self.inserts.drop_from(start);
            }
            return;
        }
        self.structured.end(at);
        let markup = std::mem::take(&mut self.window);
        self.decide(&markup);
        self.window = markup;
    }

    /// Byte `at` of the page has been reached: what is still undecided that far behind stays canonical.
    pub(super) fn reach(&mut self, at: usize) {
        let late = self.structured.reach(at);
        if let Some(start) = late.texts {
            self.scanner.end(self.lines.matcher(), &mut self.found);
            self.settle();
            self.inserts.drop_texts_from(start);
        }
        if let Some(start) = late.links {
            self.inserts.drop_links_from(start);
        }
        for link in late.subjects {
            self.inserts.settle_subject(&link, true);
        }
    }
}
