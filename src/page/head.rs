//! Where a page's head begins: the place of what must come before everything that the page itself brings.
//!
//! Owns the first few tokens of a page, up to the one that settles it.

use super::tag::{Tag, Token};

/// Looks for the beginning of the head.
#[derive(Debug, Default)]
pub(super) struct Head {
    found: bool,
}

/// A head that begins, at this byte of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    pub at: usize,
    /// The page doesn't write its tag: browsers make the head up (HTML Standard §13.2.6.4.3).
    pub implied: bool,
}

impl Head {
    /// A search that is over before it begins.
    pub fn not_wanted() -> Self {
        Head { found: true }
    }

    pub fn is_found(&self) -> bool {
        self.found
    }

    /// Takes note of what stands at byte `at` of the page. The head begins behind its tag, else before the first thing that
    /// belongs in it or behind it.
    pub fn pass(&mut self, token: &Token<'_>, raw: &[u8], at: usize) -> Option<Beginning> {
        match token {
            Token::Comment(_) => None,
            Token::Text(_) => self.pass_text(raw, at),
            Token::Tag(tag) if is_ignored(tag) => None,
            Token::Tag(tag) if tag.is("head") => self.find(at + raw.len(), false),
            Token::Tag(_) => self.find(at, true),
        }
    }

    /// Takes note of text at byte `at` of the page. It may come in parts.
    pub fn pass_text(&mut self, text: &[u8], at: usize) -> Option<Beginning> {
        let mark = if at == 0 && text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let first = text[mark..].iter().position(|byte| !byte.is_ascii_whitespace())?;
        self.find(at + mark + first, true)
    }

    fn find(&mut self, at: usize, implied: bool) -> Option<Beginning> {
        (!std::mem::replace(&mut self.found, true)).then_some(Beginning { at, implied })
    }
}

/// Tags before which no head begins: `<html>`, and end tags of nothing (HTML Standard §13.2.6.4.2 and 3).
fn is_ignored(tag: &Tag<'_>) -> bool {
    match tag.closing {
        true => !tag.is_one_of(&["head", "body", "html", "br"]),
        false => tag.is("html"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page with a bar where its head begins, and a double one where the page doesn't say so.
    fn marked(page: &str) -> String {
        let (mut head, mut at) = (Head::default(), 0);
        while let Some(token) = Token::read(&page.as_bytes()[at..]) {
            let raw = &page.as_bytes()[at..at + token.len()];
            if let Some(Beginning { at, implied }) = head.pass(&token, raw, at) {
                let bar = if implied { "||" } else { "|" };
                return format!("{}{bar}{}", &page[..at], &page[at..]);
            }
            at += token.len();
        }
        page.to_owned()
    }

    #[test]
    fn it_begins_behind_its_tag() {
        for page in [
            "<!doctype html><html><head>|<title>a</title></head>",
            "\u{feff}<!-- <p> -->\n<!doctype html>\n<HTML lang='>'>\n<HEAD class=a>|<title>",
            "<?xml version='1.0'?><html><head/>|<body>",
        ] {
            assert_eq!(marked(&page.replace('|', "")), page);
        }
    }

    #[test]
    fn without_a_tag_it_begins_before_the_first_thing_that_stands_there() {
        for page in [
            "<!doctype html>\n||<title>a</title>",
            "<html>||<body><header><head>",
            "<!doctype html> ||Call <b>us</b>",
            "||<p>a",
            "</p>||<p>a",
            "||</body>",
        ] {
            assert_eq!(marked(&page.replace('|', "")), page);
        }
    }

    #[test]
    fn a_page_of_nothing_has_none() {
        for page in ["", " \n", "<!doctype html>", "<html>"] {
            assert_eq!(marked(page), page);
        }
    }
}
