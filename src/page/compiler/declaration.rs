//! What a page says of itself in its head: its charset, and that it is an AMP page.

use super::Compiler;
use crate::page::encoding::{Declared, charset_of_meta};
use crate::page::tag::Tag;

/// Within so many bytes a page is to name its charset (HTML Standard §4.2.5.5), and calls itself AMP.
const EARLY: usize = if cfg!(test) { 24 } else { 1024 };

/// A head is no longer. In all of it a charset counts that nothing named before: browsers begin anew with it (HTML Standard
/// §13.2.3.5), and here it counts from its place on.
const LONGEST_HEAD: usize = 64 << 10;

impl Compiler {
    /// Whether the page may say something of itself at this byte.
    pub(super) fn may_declare_at(&self, at: usize) -> bool {
        let is_head = self.declared == Declared::Unknown && !self.is_behind_head && at < LONGEST_HEAD;
        at < EARLY || is_head
    }

    pub(super) fn heed_head(&mut self, tag: &Tag<'_>) {
        if tag.is("body") || tag.closing {
            self.is_behind_head |= tag.is("body") || tag.is("head");
            return;
        }
        // Such pages must keep to a validator's letter.
        if tag.is("html") && (tag.attribute("amp").is_some() || tag.attribute("⚡").is_some()) {
            self.through = true;
        }
        if tag.is("meta") && self.declared == Declared::Unknown {
            let text = |name| tag.value(name).map(String::from_utf8_lossy);
            let (charset, equiv, content) = (text("charset"), text("http-equiv"), text("content"));
            if let Some(encoding) = charset_of_meta(charset.as_deref(), equiv.as_deref(), content.as_deref())
            {
                self.declare(encoding);
            }
        }
    }

    pub(super) fn declare(&mut self, encoding: &'static encoding_rs::Encoding) {
        self.declared = Declared::Certainly(encoding);
        match self.declared.charset() {
            Some(charset) => {
                self.scanner.set_charset(charset.clone());
                self.charset = charset;
            }
            None => self.through = true,
        }
    }
}
