//! A document as its elements, with what each has in it. What the words mean is not known here.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Elements in one another; more is no answer to a call.
const DEEPEST: usize = 8;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    pub name: String,
    attributes: BTreeMap<String, String>,
    pub children: Vec<Element>,
    /// Its own, without its children's.
    text: String,
}

/// Why a text is no document.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotXml {
    #[error("{0}")]
    Malformed(Box<dyn std::error::Error + Send + Sync>),
    #[error("an entity that XML doesn't have: &{0};")]
    Entity(String),
    #[error("it has {0} elements on top, where one is wanted")]
    Roots(usize),
    #[error("its elements stand more than {DEEPEST} deep in one another")]
    Deep,
    #[error("it ends within <{0}>")]
    Unclosed(String),
}

impl Element {
    /// The only element on top.
    ///
    /// # Errors
    /// [`NotXml`] where the text is not well-formed.
    pub fn root(document: &str) -> Result<Element, NotXml> {
        let mut reader = Reader::from_str(document);
        let mut top = Element::default();
        let mut open: Vec<Element> = Vec::new();
        loop {
            let event = reader.read_event().map_err(malformed)?;
            let depth = open.len();
            let innermost = open.last_mut().unwrap_or(&mut top);
            match event {
                Event::Start(_) if depth == DEEPEST => return Err(NotXml::Deep),
                Event::Start(start) => open.push(Element::started(&start)?),
                Event::Empty(start) => innermost.children.push(Element::started(&start)?),
                Event::End(_) => {
                    // The reader has refused an end without a start.
                    let ended = open.pop().unwrap_or_default();
                    open.last_mut().unwrap_or(&mut top).children.push(ended);
                }
                Event::Text(text) => innermost.text.push_str(&text.xml10_content().map_err(malformed)?),
                Event::CData(text) => innermost.text.push_str(&text.decode().map_err(malformed)?),
                Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(malformed)? {
                    Some(c) => innermost.text.push(c),
                    None => innermost.text.push_str(entity(&reference.decode().map_err(malformed)?)?),
                },
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        if let Some(unclosed) = open.pop() {
            return Err(NotXml::Unclosed(unclosed.name));
        }
        let roots = top.children.len();
        top.children.pop().filter(|_| roots == 1).ok_or(NotXml::Roots(roots))
    }

    fn started(start: &BytesStart<'_>) -> Result<Element, NotXml> {
        let mut element = Element { name: named(start.name().as_ref()), ..Element::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(malformed)?;
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(malformed)?;
            element.attributes.insert(named(attribute.key.as_ref()), value.into_owned());
        }
        Ok(element)
    }

    /// An attribute, which is then no longer there: what is left in the end was not understood.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.attributes.remove(name)
    }

    /// The name of one that nobody took.
    pub fn left(&self) -> Option<&str> {
        self.attributes.keys().next().map(String::as_str)
    }

    /// Without the white space around it.
    pub fn text(&self) -> &str {
        self.text.trim()
    }
}

fn named(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

fn entity(name: &str) -> Result<&'static str, NotXml> {
    quick_xml::escape::resolve_xml_entity(name).ok_or_else(|| NotXml::Entity(name.to_owned()))
}

fn malformed(error: impl std::error::Error + Send + Sync + 'static) -> NotXml {
    NotXml::Malformed(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_keep_their_attributes_children_and_text() {
        let document =
            "<?xml version='1.0'?><!-- x --><A b=\"1 &amp; &#50;\"><B/> a &lt; <![CDATA[<b>]]> </A>";
        let mut a = Element::root(document).unwrap();
        assert_eq!((a.name.as_str(), a.children[0].name.as_str(), a.text()), ("A", "B", "a < <b>"));
        assert_eq!(a.left(), Some("b"));
        assert_eq!(a.take("b").as_deref(), Some("1 & 2"));
        assert_eq!(a.left(), None);
        assert_eq!(a.take("b"), None);
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        let deep = "<a>".repeat(9) + &"</a>".repeat(9);
        for wrong in ["", "text", "<a>", "<a></b>", "<a/><b/>", "<a b=c/>", "<a>&nbsp;</a>", &deep] {
            assert!(Element::root(wrong).is_err(), "{wrong}");
        }
    }
}
