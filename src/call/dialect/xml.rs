//! XML as carriers read it: elements, written out well-formed whatever text goes in. It knows no carrier's words.

use std::fmt::{self, Write};

/// An element to be written.
#[derive(Clone, Debug)]
pub struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Vec<Content>,
}

#[derive(Clone, Debug)]
enum Content {
    Element(Element),
    Text(String),
}

impl Element {
    pub fn new(name: &'static str) -> Self {
        Element { name, attributes: Vec::new(), content: Vec::new() }
    }

    pub fn with(mut self, attribute: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((attribute, value.into()));
        self
    }

    /// As [`Element::with`], where there is a value.
    pub fn with_some(self, attribute: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(attribute, value),
            None => self,
        }
    }

    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.content.push(Content::Text(text.into()));
        self
    }

    pub fn child(mut self, child: Element) -> Self {
        self.add(child);
        self
    }

    pub fn add(&mut self, child: Element) {
        self.content.push(Content::Element(child));
    }

    /// The document whose root this is.
    pub fn document(&self) -> String {
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{self}")
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"")?;
            escape(value, f)?;
            f.write_char('"')?;
        }
        if self.content.is_empty() {
            return f.write_str("/>");
        }
        f.write_char('>')?;
        for content in &self.content {
            match content {
                Content::Element(child) => child.fmt(f)?,
                Content::Text(text) => escape(text, f)?,
            }
        }
        write!(f, "</{}>", self.name)
    }
}

/// Writes text so that a parser reads it as it was, without what no document may have. A parser would make a line feed of a
/// carriage return, and of any white space in an attribute a space, unless they are written as references (XML 1.0, 2.11 and
/// 3.3.3).
fn escape(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.chars().filter(|c| is_allowed(*c)).try_for_each(|c| match c {
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        '&' => f.write_str("&amp;"),
        '"' => f.write_str("&quot;"),
        '\t' | '\n' | '\r' => write!(f, "&#{};", u32::from(c)),
        c => f.write_char(c),
    })
}

/// XML 1.0, 2.2: "Char"; surrogates are no `char`.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parsed::Parsed;
    use super::*;

    #[test]
    fn elements_are_written_in_order() {
        let element = Element::new("Response")
            .child(Element::new("Say").text("Fish & <chips>"))
            .child(Element::new("Hangup").with_some("reason", None::<&str>));
        assert_eq!(
            element.document(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Say>Fish &amp; &lt;chips&gt;</Say><Hangup/></Response>"
        );
    }

    #[test]
    fn what_no_document_may_have_is_dropped() {
        let document = Element::new("Say").text("a\0b\u{b}c\u{ffff}d\u{1b}[31m").document();
        assert_eq!(Parsed::of(&document).text, "abcd[31m");
    }

    proptest! {
        #[test]
        fn any_text_comes_out_of_a_parser_as_it_went_in(text: String) {
            let document = Element::new("Say").with("voice", text.clone()).text(text.clone()).document();
            let allowed: String = text.chars().filter(|c| is_allowed(*c)).collect();
            let parsed = Parsed::of(&document);
            prop_assert_eq!(&parsed.text, &allowed);
            prop_assert_eq!(parsed.attribute("voice"), Some(allowed.as_str()));
        }
    }
}
