//! What a start tag makes its element for parsers of structured data.

use super::super::tag::Tag;
use super::card::{Kind, Root, classes, is_veiled};
use super::classic::Classics;

/// What an element is.
#[derive(Debug, Default)]
pub(in super::super) struct Meaning {
    /// Its text is a value.
    pub text: Option<Text>,
    /// It is a card.
    pub root: Option<Root>,
    /// It is a microdata item.
    pub item: Option<Item>,
    /// It is a link that is edited.
    pub link: Option<Link>,
    /// No edit could keep what is in it: HTML values, dates, what visitors edit, what isn't read as text.
    pub is_silent: bool,
    /// What is in it is a value with its mark-up, which is why it is silent.
    pub is_html: bool,
    /// The links in it stay.
    pub keeps_links: bool,
    /// SVG or MathML, where the tokenizer takes the content of style, script and title for text (HTML Standard §13.2.6.5).
    pub is_foreign: bool,
    /// It is a place of RDFa's, in which all tags are of interest.
    pub describes: bool,
    /// What it relates to is the next thing in it that has an address (RDFa Core 1.1 §7.5, incomplete triples).
    pub hangs: bool,
    /// Its value is an attribute's, unless a value-title stands in it (microformats2 parsing, "parsing a p- property").
    pub yields: bool,
}

/// For which syntaxes an element's text is a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Text {
    pub microdata: bool,
    pub rdfa: bool,
    /// In a card: `p-*`, and the classic names of such properties.
    pub microformat: Option<Kind>,
    /// In a card: `u-*` on an element that has no address.
    pub address: Option<Kind>,
}

/// A microdata item. One without properties is its text, to some parsers.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Item {
    pub is_bare: bool,
}

/// A link that is edited.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Link {
    /// Structured data is why: none of its edits would do for a link that goes on elsewhere.
    pub is_value: bool,
    /// It was not said yet whether it is what RDFa in it is about.
    pub is_open: bool,
    /// It is.
    pub is_subject: bool,
}

impl Meaning {
    /// What this start tag begins, in a card or in none.
    pub fn of(tag: &Tag<'_>, card: Option<&Root>, in_foreign: bool) -> Self {
        let kind = card.map(|card| card.kind);
        let of_card = kind.filter(|kind| classes(tag).any(|class| kind.is_text(class)));
        let of_address = kind.filter(|kind| classes(tag).any(|class| kind.is_address(class)));
        let text = Text {
            microdata: is_property_of_item(tag) && !tag.has("itemscope") && !MICRODATA.says(tag),
            rdfa: rdfa_text(tag),
            microformat: of_card.filter(|_| !MICROFORMAT.says(tag)),
            address: of_address.filter(|_| !ADDRESS.says(tag)),
        };
        // Some parsers read its text, whatever its attributes say, and what stands in a value as one too.
        let is_value = of_card.is_some() || card.is_some_and(|card| card.is_value);
        let root = Root::of(tag).map(|root| Root { is_value, ..root });
        let text = match &root {
            Some(_) => Text { microformat: None, address: None, ..text },
            None => text,
        };
        let (text, is_empty) = (text.is_any().then_some(text), tag.is_void());
        let item = Item { is_bare: !tag.has("itemref") };
        Meaning {
            is_silent: is_silent(tag, kind, root.as_ref(), in_foreign)
                || text.is_some_and(|text| in_foreign || is_contested(tag, text)),
            is_html: kind.is_some_and(|kind| classes(tag).any(|class| kind.is_html(class))),
            is_foreign: tag.is_one_of(&["svg", "math"]) && !tag.is_self_closing(),
            item: (tag.has("itemscope") && !is_empty).then_some(item),
            describes: describes(tag) && !is_whole_page(tag) && !is_empty,
            hangs: hangs(tag) && !is_empty,
            yields: (of_card.is_some() || of_address.is_some()) && root.is_none() && MICROFORMAT.says(tag),
            text,
            root,
            link: None,
            keeps_links: false,
        }
    }

    /// Whether it is nothing that needs to be followed.
    pub fn is_plain(&self) -> bool {
        let is_bare = self.item.is_some_and(|item| item.is_bare);
        let of_rdfa = self.describes || self.hangs;
        let is_card = self.text.is_some() || self.root.is_some() || self.link.is_some();
        !is_bare && !of_rdfa && !is_card && !self.is_silent && !self.keeps_links && !self.is_foreign
    }

    /// Whether numbers in it wait until it has ended.
    pub fn is_to_be_decided(&self) -> bool {
        let may_be_named = self.root.as_ref().is_some_and(|root| root.is_modern() || root.is_value);
        let is_bare = self.item.is_some_and(|item| item.is_bare);
        self.link.is_some() || !self.is_silent && (self.text.is_some() || may_be_named || is_bare)
    }

    /// Whether a text can't go on across its start and end.
    pub fn is_border(&self) -> bool {
        self.text.is_some() || self.root.is_some() || self.is_silent
    }

    /// Whether it would be something once more where a browser goes on with it elsewhere.
    pub fn is_doubled(&self) -> bool {
        self.is_border() || self.link.is_some_and(|link| link.is_value)
    }
}

impl Text {
    fn is_any(&self) -> bool {
        self.microdata || self.rdfa || self.is_of_card()
    }

    /// Whether it is a value in a card.
    pub fn is_of_card(&self) -> bool {
        self.microformat.is_some() || self.address.is_some()
    }

    pub fn is_only_of_card(&self) -> bool {
        !self.microdata && !self.rdfa
    }
}

/// Whether the tag names a microdata property.
pub(super) fn is_property_of_item(tag: &Tag<'_>) -> bool {
    tag.value("itemprop").is_some_and(|names| !names.trim_ascii().is_empty())
}

/// Elements whose value is an attribute's: each with that attribute.
pub(super) struct ByAttribute<const COUNT: usize>([(&'static str, &'static str); COUNT]);

/// In microdata (HTML Standard §5.2.4, "property value").
#[rustfmt::skip]
const MICRODATA: ByAttribute<15> = ByAttribute([
    ("meta", "content"), ("audio", "src"), ("embed", "src"), ("iframe", "src"), ("img", "src"), ("source", "src"),
    ("track", "src"), ("video", "src"), ("a", "href"), ("area", "href"), ("link", "href"), ("object", "data"),
    ("data", "value"), ("meter", "value"), ("time", "datetime"),
]);

/// In `p-*` and its like (microformats2 parsing specification, "parsing a p- property").
pub(super) const MICROFORMAT: ByAttribute<6> = ByAttribute([
    ("abbr", "title"),
    ("link", "title"),
    ("data", "value"),
    ("input", "value"),
    ("img", "alt"),
    ("area", "alt"),
]);

/// In `u-*` and its like (microformats2 parsing specification, "parsing a u- property").
#[rustfmt::skip]
const ADDRESS: ByAttribute<13> = ByAttribute([
    ("a", "href"), ("area", "href"), ("link", "href"), ("img", "src"), ("audio", "src"), ("video", "src"),
    ("source", "src"), ("iframe", "src"), ("video", "poster"), ("object", "data"), ("abbr", "title"),
    ("data", "value"), ("input", "value"),
]);

impl<const COUNT: usize> ByAttribute<COUNT> {
    /// Whether the tag's value is an attribute's.
    pub fn says(&self, tag: &Tag<'_>) -> bool {
        self.attributes(tag).any(|attribute| tag.value(attribute).is_some_and(|value| !value.is_empty()))
    }

    /// Whether it has such an attribute and its value is empty: to some its text is the value then.
    fn says_nothing(&self, tag: &Tag<'_>) -> bool {
        !self.says(tag) && self.attributes(tag).any(|attribute| tag.has(attribute))
    }

    /// The attributes that are the value of such an element.
    fn attributes(&self, tag: &Tag<'_>) -> impl Iterator<Item = &'static str> {
        let of_tag = |(element, _): &&(&str, &str)| tag.is(element);
        self.0.iter().filter(of_tag).map(|(_, attribute)| *attribute)
    }
}

/// Whether the tag says something in RDFa.
pub(super) fn is_rdfa(tag: &Tag<'_>) -> bool {
    tag.has_one_of(&["property", "typeof", "about", "rev", "rel"])
}

/// Whether what is in the element is likely to be RDFa.
fn describes(tag: &Tag<'_>) -> bool {
    tag.has_one_of(&["vocab", "typeof"])
}

/// Whether the whole page is: to follow this would be to read every tag.
pub(super) fn is_described_whole(tag: &Tag<'_>) -> bool {
    describes(tag) && is_whole_page(tag)
}

fn is_whole_page(tag: &Tag<'_>) -> bool {
    tag.is_one_of(&["html", "head", "body"])
}

/// Whether the tag names a relation by an IRI, or by one that is shortened (RDFa Core 1.1 §7.4).
pub(super) fn relates_by_whole_name(tag: &Tag<'_>) -> bool {
    ["rel", "rev"].iter().filter_map(|name| tag.value(name)).any(|names| names.contains(&b':'))
}

fn hangs(tag: &Tag<'_>) -> bool {
    tag.has_one_of(&["rel", "rev"]) && !tag.has_one_of(&["resource", "href", "src"])
}

/// Elements whose RDFa value is their text (RDFa Core 1.1 §7.5, HTML+RDFa 1.1 §3.1). Beside a relation, an address is the
/// relation's.
fn rdfa_text(tag: &Tag<'_>) -> bool {
    let is_thing = tag.has_one_of(&["href", "src", "resource"]) || tag.has("typeof") && !tag.has("about");
    let by_address = is_thing && !tag.has_one_of(&["rel", "rev"]);
    tag.has("property") && !tag.has("content") && !by_address
}

/// Values that parsers read differently, or of which they keep the markup, and elements that nothing can be put into.
fn is_contested(tag: &Tag<'_>, text: Text) -> bool {
    const CLOSED: [&str; 8] = ["table", "thead", "tbody", "tfoot", "tr", "select", "optgroup", "option"];
    // In a form's action it describes what is to be put in (schema.org/docs/actions.html).
    let is_of_action = |name: &[u8]| name.ends_with(b"-input") || name.ends_with(b"-output");
    let in_microdata = tag.has("itemprop")
        && (tag.has("content")
            || tag.is("output")
            || text.microdata && MICRODATA.attributes(tag).next().is_some() // which it lacks
            || tag.value("itemprop").is_some_and(|names| is_of_action(names.trim_ascii())));
    let relates = tag.has_one_of(&["rel", "rev"]) && tag.has_one_of(&["typeof", "href", "src", "resource"]);
    let in_rdfa = tag.has("property") && (tag.has_one_of(&["value", "datetime", "datatype"]) || relates);
    let in_card = text.microformat.is_some() && MICROFORMAT.says_nothing(tag)
        || text.address.is_some() && ADDRESS.says_nothing(tag);
    // Some close it at once.
    let is_closed = tag.is_self_closing() && !tag.is_void();
    tag.is_one_of(&CLOSED) || in_microdata || in_rdfa || in_card || tag.has("datatype") || is_closed
}

fn is_silent(tag: &Tag<'_>, card: Option<Kind>, root: Option<&Root>, in_foreign: bool) -> bool {
    // Scripts copy from a template what they need; only a shadow root's is shown as it stands.
    let is_template = tag.is("template") && !tag.has("shadowrootmode");
    is_template
        || in_foreign && tag.may_hold_silence()
        || tag.value("contenteditable").is_some_and(|value| !value.eq_ignore_ascii_case(b"false"))
        || is_veiled(tag)
        || card.is_some_and(|card| is_settled(tag, card, root))
}

/// Whether it is something in a card that no edit keeps.
fn is_settled(tag: &Tag<'_>, card: Kind, root: Option<&Root>) -> bool {
    let in_classic = matches!(card, Kind::Classic(_));
    let relates = || {
        let mut relations = tag.value("rel").unwrap_or_default().split(u8::is_ascii_whitespace);
        relations.any(Classics::is_relation)
    };
    let parsers_differ = |root: &Root| {
        let is_odd = matches!(root.kind, Kind::Classic(classics) if !classics.are_known_to_all());
        is_odd || classes(tag).any(|class| card.is_address(class))
    };
    classes(tag).any(|class| card.is_settled(class))
        || in_classic && relates()
        || root.is_some_and(parsers_differ)
}
