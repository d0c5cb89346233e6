//! XML answers as a parser reads them: what tests judge replies by.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// An element with all that is in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub children: Vec<Parsed>,
    /// Its own, without its children's.
    pub text: String,
}

impl Parsed {
    /// The root of a well-formed document.
    pub fn of(document: &str) -> Self {
        let mut reader = Reader::from_str(document);
        let mut open = vec![Parsed::default()];
        loop {
            let event = reader.read_event().unwrap_or_else(|error| panic!("{error}: {document}"));
            let innermost = open.last_mut().expect("an end tag for every start tag");
            match event {
                Event::Start(start) => open.push(Parsed::started(&start)),
                Event::Empty(start) => innermost.children.push(Parsed::started(&start)),
                Event::End(_) => {
                    let ended = open.pop().expect("one that was opened");
                    open.last_mut().expect("the document").children.push(ended);
                }
                Event::Text(text) => innermost.text.push_str(&text.xml10_content().expect("UTF-8")),
                Event::GeneralRef(reference) => match reference.resolve_char_ref().expect("a character") {
                    Some(c) => innermost.text.push(c),
                    None => {
                        let name = reference.decode().expect("UTF-8");
                        let resolved = quick_xml::escape::resolve_xml_entity(&name);
                        innermost.text.push_str(resolved.expect("one of XML's own"));
                    }
                },
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(open.len(), 1, "unclosed: {document}");
        let [root] = &open[0].children[..] else { panic!("one root: {document}") };
        root.clone()
    }

    fn started(start: &BytesStart<'_>) -> Self {
        let mut element = Parsed {
            name: String::from_utf8(start.name().as_ref().to_vec()).expect("UTF-8"),
            ..Parsed::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute.expect("well-formed");
            let name = String::from_utf8(attribute.key.as_ref().to_vec()).expect("UTF-8");
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).expect("known references");
            element.attributes.insert(name, value.into_owned());
        }
        element
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The names of its children.
    pub fn names(&self) -> Vec<&str> {
        self.children.iter().map(|child| child.name.as_str()).collect()
    }
}
