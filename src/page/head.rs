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
        let begins = match token {
            Token::Comment(_) => None,
            Token::Text(_) if is_blank(raw, at) => None,
            Token::Tag(tag) if is_ignored(tag) => None,
            Token::Tag(tag) if tag.is("head") => Some(Beginning { at: at + raw.len(), implied: false }),
            Token::Tag(_) | Token::Text(_) => Some(Beginning { at, implied: true }),
        };
        let begins = begins.filter(|_| !self.found);
        self.found |= begins.is_some();
        begins
    }

    /// Text or a script stands at byte `at` of the page.
    pub fn pass_content(&mut self, at: usize) -> Option<Beginning> {
        (!std::mem::replace(&mut self.found, true)).then_some(Beginning { at, implied: true })
    }
}

/// Tags before which no head begins: `<html>`, and end tags of nothing (HTML Standard §13.2.6.4.2 and 3).
fn is_ignored(tag: &Tag<'_>) -> bool {
    match tag.closing {
        true => !["head", "body", "html", "br"].iter().any(|name| tag.is(name)),
        false => tag.is("html"),
    }
}

/// White space, and a byte order mark at the start of the page.
fn is_blank(text: &[u8], at: usize) -> bool {
    let text = if at == 0 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text };
    text.iter().all(u8::is_ascii_whitespace)
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
