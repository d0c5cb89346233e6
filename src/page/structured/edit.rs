//! The smallest edits that keep what parsers extract, where a person reads another number.
//!
//! A text that is a value gets the origin's as a value of its own beside it: microdata a `meta`, RDFa a `content` attribute,
//! a microformat a `value-title` or `data`. A link that is a value hands its property to an element before it. Each is
//! what parsers of that syntax were seen to survive; where the text is more than words in inline elements, there is none.

use std::ops::Range;

use super::super::tag::{Attribute, Tag};
use super::card::{Kind, Root, classes};
use super::meaning::{Text, is_rdfa};
use super::spaces;
use super::value::Value;
use crate::number::PhoneNumber;

/// Bytes of the page, and what stands there instead.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Edit {
    pub at: Range<usize>,
    pub shown: Vec<u8>,
    pub change: Change,
}

/// What an edit is to whoever reads the page's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Change {
    /// An element of the page has other attributes.
    Attribute,
    /// There is an element more.
    Element,
    /// There is one more that takes the place of the text that it is in (microformats.org, value class pattern).
    ValueTitle,
}

impl Edit {
    /// The mark of a link whose number is another: its own, behind the link's address, which ends at byte `at` of the page.
    pub fn mark(at: usize, own: &PhoneNumber) -> Self {
        let shown = format!(" data-nap=\"{}\"", own.e164()).into_bytes();
        Edit { at: at..at, shown, change: Change::Attribute }
    }

    /// Elements put at byte `at` of the page.
    fn elements(at: usize, shown: Vec<u8>) -> Self {
        Edit { at: at..at, shown, change: Change::Element }
    }
}

/// What keeps an element's text as the value that it is. `tag` stands at byte `at` of the page, with `content` behind it.
/// None where nothing does.
pub(in super::super) fn keep_text(tag: &Tag<'_>, at: usize, text: Text, content: &[u8]) -> Option<Vec<Edit>> {
    let value =
        Value::of(content).filter(|value| !says_twice(tag) && value.reads_the_same_in_attributes())?;
    let (mut edits, mut inside, mut change) = (Vec::new(), Vec::new(), Change::Element);
    if text.microdata {
        if value.runs_together || !spaces::are_plain(&value.text) {
            return None; // some parsers part the words of two elements
        }
        let property = tag.attribute("itemprop")?;
        edits.push(without(tag, at, property));
        inside.extend(element("meta", &[("itemprop", tag.bytes(&property.value)), ("content", &value.text)]));
    }
    if text.rdfa {
        if value.has_comment || value.has_property {
            return None; // to some a comment is part of the text, or what stands around the property isn't
        }
        edits.push(with(tag, at, "content", &value.text));
    }
    if let Some(kind) = text.microformat.or(text.address) {
        let title = value.text.trim_ascii();
        if value.has_odd_class || !spaces::are_kept(title) {
            return None;
        }
        match &value.of_class {
            None if text.address.is_none() => {
                inside.extend(element("span", &[("class", b"value-title"), ("title", title)]));
                change = Change::ValueTitle;
            }
            of_class => {
                let (kept, moved) =
                    classes_apart(tag, |class| kind.is_text(class) || kind.is_address(class))?;
                let class = tag.attribute("class")?;
                edits.push(with_classes(tag, at, class, &kept));
                let value = of_class.as_deref().unwrap_or(title);
                inside.extend(element("data", &[("class", &moved), ("value", value)]));
            }
        }
    }
    if !inside.is_empty() {
        let end = at + tag.len();
        edits.push(Edit { change, ..Edit::elements(end, inside) });
    }
    Some(edits)
}

/// What keeps a link's address as the value that it is. None where nothing does; nothing where it is none.
pub(in super::super) fn keep_link(
    tag: &Tag<'_>,
    at: usize,
    card: Option<&Root>,
    leads: Leads,
) -> Option<Vec<Edit>> {
    let (mut edits, mut before) = (Vec::new(), Vec::new());
    let href = tag.bytes(&tag.attribute("href")?.value);
    if Root::of(tag).is_some_and(|root| root.is_modern()) || tag.has("itemscope") {
        return None;
    }
    if let Some(property) = tag.attribute("itemprop") {
        // Where an item refers to the link by its id, it is to find the property there (HTML Standard §5.2.2). Beside
        // `content`, parsers differ on the value. And what RDFa leads to next would be the element put before the link.
        if tag.has_one_of(&["id", "content"]) || leads == Leads::ToIt {
            return None;
        }
        edits.push(without(tag, at, property));
        before.extend(element("link", &[("itemprop", tag.bytes(&property.value)), ("href", href)]));
    }
    if leads != Leads::Nowhere || is_rdfa(tag) {
        edits.extend(keep_subject(tag, at));
    }
    if tag.has("property") && tag.has_one_of(&["rel", "rev"]) && !tag.has("content") {
        return None; // the link's text is the value then
    }
    if card.is_none() && classes(tag).any(|class| class == b"url") {
        return None; // some parsers take any `item` for a card
    }
    if let Some(card) = card {
        let (kept, moved) = classes_apart(tag, |class| card.kind.is_address(class))?;
        if !moved.is_empty() {
            if tag.is("area") || names_twice(tag, card.kind) {
                return None; // it is the name too, or a text of the same name has its place before the address
            }
            edits.push(with_classes(tag, at, tag.attribute("class")?, &kept));
            before.extend(element("data", &[("class", &moved), ("value", href)]));
        }
    }
    if !before.is_empty() {
        edits.insert(0, Edit::elements(at, before));
    }
    (edits.is_empty() || !says_twice(tag)).then_some(edits)
}

/// Whether RDFa around a link leads to one that says nothing itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Leads {
    Nowhere,
    /// It may be about the link.
    About,
    /// A relation further out is one to the next thing with an address (RDFa Core 1.1 §7.5, incomplete triples).
    ToIt,
}

/// What keeps a link's address as the value, the object or the subject of what stands in it (RDFa Core 1.1 §7.5): `resource`
/// comes first, and nothing is needed where it is there.
pub(in super::super) fn keep_subject(tag: &Tag<'_>, at: usize) -> Option<Edit> {
    let href = tag.attribute("href").filter(|_| !tag.has("resource"))?;
    Some(with(tag, at, "resource", tag.bytes(&href.value)))
}

/// Whether a text and an address are values of the same name: `p-tel u-tel`.
fn names_twice(tag: &Tag<'_>, kind: Kind) -> bool {
    let name = |class: &'_ [u8]| class.get(2..).map(<[u8]>::to_vec);
    let mut addresses = classes(tag).filter(|class| kind.is_address(class));
    kind == Kind::Modern
        && addresses
            .any(|address| classes(tag).any(|class| kind.is_text(class) && name(class) == name(address)))
}

/// What keeps the address of a card that has no other: the link with this start tag.
pub(in super::super) fn keep_address(tag: &Tag<'_>, at: usize) -> Option<Edit> {
    let href = tag.bytes(&tag.attribute("href")?.value);
    Some(Edit::elements(at, element("data", &[("class", b"u-url"), ("value", href)])))
}

/// Whether the tag holds an attribute of these twice: without the first, the second would count.
fn says_twice(tag: &Tag<'_>) -> bool {
    ["itemprop", "class", "property", "content", "href", "resource"].iter().any(|name| {
        tag.attributes()
            .iter()
            .filter(|attribute| attribute.name.eq_ignore_ascii_case(name.as_bytes()))
            .nth(1)
            .is_some()
    })
}

/// Classes that stay, and those that go to another element. None where some parsers read them otherwise once they are
/// written anew: there are those that part them at spaces only.
fn classes_apart(tag: &Tag<'_>, goes: impl Fn(&[u8]) -> bool) -> Option<(Vec<u8>, Vec<u8>)> {
    let (moved, kept): (Vec<&[u8]>, Vec<&[u8]>) =
        classes(tag).filter(|class| !class.is_empty()).partition(|class| goes(class));
    let written = tag.value("class").unwrap_or_default();
    let is_plain =
        moved.is_empty() || !written.iter().any(|byte| byte.is_ascii_whitespace() && *byte != b' ');
    is_plain.then(|| (kept.join(&b' '), moved.join(&b' ')))
}

/// The tag without this attribute.
fn without(tag: &Tag<'_>, at: usize, attribute: &Attribute<'_>) -> Edit {
    debug_assert!(attribute.end <= tag.len());
    instead_of(at, attribute, Vec::new())
}

/// The tag with one attribute more, in front of all others.
fn with(tag: &Tag<'_>, at: usize, name: &str, value: &[u8]) -> Edit {
    let place = at + 1 + tag.name().len();
    let shown = [b" ", name.as_bytes(), b"=\"", &quoted(value)[..], b"\""].concat();
    Edit { at: place..place, shown, change: Change::Attribute }
}

/// The tag with these classes in place of those of its attribute.
fn with_classes(tag: &Tag<'_>, at: usize, attribute: &Attribute<'_>, classes: &[u8]) -> Edit {
    if classes.is_empty() {
        return without(tag, at, attribute);
    }
    let shown = [b"class=\"", &quoted(classes)[..], b"\""].concat();
    instead_of(at, attribute, shown)
}

/// The tag, which stands at byte `at` of the page, with this in place of an attribute.
fn instead_of(at: usize, attribute: &Attribute<'_>, shown: Vec<u8>) -> Edit {
    Edit { at: at + attribute.start..at + attribute.end, shown, change: Change::Attribute }
}

/// An element with these attributes and nothing in it.
fn element(name: &str, attributes: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = [b"<", name.as_bytes()].concat();
    for (name, value) in attributes {
        out.extend([b" ", name.as_bytes(), b"=\"", &quoted(value)[..], b"\""].concat());
    }
    match name {
        "meta" | "link" => out.extend(b"/>"), // XHTML pages are filled too
        _ => out.extend([b"></", name.as_bytes(), b">"].concat()),
    }
    out
}

/// An attribute's value, as it reads the same between double quotes.
fn quoted(written: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(written.len());
    for byte in written {
        match byte {
            b'"' => out.extend_from_slice(b"&quot;"),
            _ => out.push(*byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_reads_the_same() {
        assert_eq!(quoted(b"a \"b\" & c&nbsp;<i>"), b"a &quot;b&quot; & c&nbsp;<i>");
    }
}
