//! What a start tag makes its element for parsers of structured data.

use super::super::tag::Tag;

/// What an element is.
#[derive(Debug, Default)]
pub(in super::super) struct Meaning {
    /// Its text is a value.
    pub text: Option<Text>,
    /// It is a card.
    pub root: Option<Root>,
    /// No edit could keep what is in it: HTML values, dates, what visitors edit, what isn't read as text.
    pub is_silent: bool,
    /// The links in it stay.
    pub keeps_links: bool,
    /// SVG or MathML, where the tokenizer takes the content of style, script and title for text (HTML Standard §13.2.6.5).
    pub is_foreign: bool,
}

/// For which syntaxes an element's text is a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Text {
    pub microdata: bool,
    pub rdfa: bool,
    /// `p-*`, and the classic names of such properties.
    pub microformat: bool,
    /// `u-*` on an element that has no address.
    pub address: bool,
}

/// A microformat's root, and what has been seen in it so far.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Root {
    pub is_classic: bool,
    /// It holds a `p-*`, an `e-*` or another root: its text isn't its name.
    pub is_named: bool,
    /// It holds a name.
    pub has_name: bool,
    /// It is a property of another card, whose value is its name, or else its text.
    pub is_value: bool,
    /// It holds a `u-*`: no link of it is its address unless it says so.
    pub has_address: bool,
    /// It holds a picture, which may be its own.
    pub has_picture: bool,
    /// Links directly in it, and one level below.
    pub links: usize,
    pub deeper_links: usize,
}

impl Meaning {
    /// What this start tag begins, in a card or in none.
    pub fn of(tag: &Tag<'_>, card: Option<&Root>, in_foreign: bool) -> Self {
        let root = root(tag).map(|root| Root { is_value: microformat_text(tag, card), ..root });
        let text = Text {
            microdata: microdata_text(tag),
            rdfa: rdfa_text(tag),
            microformat: root.is_none() && microformat_text(tag, card),
            address: root.is_none() && address_text(tag, card),
        };
        let is_value = text != Text::default();
        Meaning {
            is_silent: is_silent(tag, card, in_foreign) || is_value && (in_foreign || is_contested(tag)),
            text: is_value.then_some(text),
            is_foreign: ["svg", "math"].iter().any(|name| tag.is(name)) && !tag.is_self_closing(),
            root,
            keeps_links: false,
        }
    }

    /// Whether it is nothing that needs to be followed.
    pub fn is_plain(&self) -> bool {
        self.text.is_none() && self.root.is_none() && !self.is_silent && !self.is_foreign
    }

    /// Whether numbers in it wait until it has ended.
    pub fn is_to_be_decided(&self) -> bool {
        let may_be_named = self.root.as_ref().is_some_and(|root| !root.is_classic || root.is_value);
        !self.is_silent && (self.text.is_some() || may_be_named)
    }
}

impl Root {
    /// Whether its text, numbers included, is its name or its value.
    pub fn is_read_as_text(&self) -> bool {
        !self.is_classic && !self.is_named || self.is_value && !self.has_name
    }

    /// Takes note of a start tag in the card, this many levels below it.
    pub fn hear(&mut self, tag: &Tag<'_>, means: &Meaning, depth: usize) {
        let has = |prefix: &str| classes(tag).any(|class| is_property(class, prefix));
        self.is_named |= means.root.is_some() || has("p-") || has("e-");
        self.has_name |= classes(tag).any(|class| matches!(class, b"p-name" | b"fn"));
        self.has_address |= has("u-");
        self.has_picture |= ["img", "object"].iter().any(|name| tag.is(name));
        if tag.is("a") && tag.attribute("href").is_some() {
            self.links += usize::from(depth == 1);
            self.deeper_links += usize::from(depth == 2);
        }
    }
}

pub(super) fn classes<'a>(tag: &Tag<'a>) -> impl Iterator<Item = &'a [u8]> {
    tag.value("class").unwrap_or_default().split(|byte: &u8| byte.is_ascii_whitespace())
}

/// Whether a class is a property of microformats 2 of this kind: `p-tel`.
fn is_property(class: &[u8], prefix: &str) -> bool {
    class.strip_prefix(prefix.as_bytes()).is_some_and(|name| {
        !name.is_empty()
            && name
                .split(|b| *b == b'-')
                .all(|part| part.iter().all(u8::is_ascii_lowercase) && !part.is_empty())
    })
}

/// Roots of microformats 2. Any other `h-*` is a style: `h-full`, `h-screen`.
const ROOTS: [&str; 13] = [
    "h-adr",
    "h-app",
    "h-card",
    "h-cite",
    "h-entry",
    "h-event",
    "h-feed",
    "h-geo",
    "h-item",
    "h-product",
    "h-recipe",
    "h-resume",
    "h-review",
];

/// Roots of classic microformats (microformats.org, "Backcompat").
const CLASSIC_ROOTS: [&str; 10] = [
    "vcard",
    "vevent",
    "hentry",
    "hreview",
    "hreview-aggregate",
    "hproduct",
    "hresume",
    "hrecipe",
    "hlisting",
    "hfeed",
];

pub(super) fn root(tag: &Tag<'_>) -> Option<Root> {
    let is = |names: &[&str]| classes(tag).any(|class| names.iter().any(|name| name.as_bytes() == class));
    match (is(&ROOTS), is(&CLASSIC_ROOTS)) {
        (true, _) => Some(Root::default()),
        (false, true) => Some(Root { is_classic: true, ..Root::default() }),
        (false, false) => None,
    }
}

/// Elements whose microdata value is an attribute, or an item (HTML Standard §5.2.4).
fn microdata_text(tag: &Tag<'_>) -> bool {
    const BY_ATTRIBUTE: [&str; 14] = [
        "meta", "audio", "embed", "iframe", "img", "source", "track", "video", "a", "area", "link", "object",
        "data", "meter",
    ];
    let has = |name| tag.attribute(name).is_some();
    let by_attribute = BY_ATTRIBUTE.iter().any(|name| tag.is(name)) || tag.is("time") && has("datetime");
    let is_named = tag.value("itemprop").is_some_and(|names| !names.trim_ascii().is_empty());
    is_named && !has("itemscope") && !by_attribute
}

/// Elements whose RDFa value is their text (RDFa Core 1.1 §7.5, HTML+RDFa 1.1 §3.1).
fn rdfa_text(tag: &Tag<'_>) -> bool {
    const OTHERWISE: [&str; 6] = ["content", "typeof", "href", "src", "resource", "datetime"];
    tag.attribute("property").is_some() && !OTHERWISE.iter().any(|name| tag.attribute(name).is_some())
}

/// Classic properties that are texts.
const CLASSIC_TEXTS: [&str; 31] = [
    "fn",
    "n",
    "family-name",
    "given-name",
    "additional-name",
    "honorific-prefix",
    "honorific-suffix",
    "nickname",
    "adr",
    "street-address",
    "extended-address",
    "locality",
    "region",
    "postal-code",
    "country-name",
    "label",
    "tel",
    "org",
    "organization-name",
    "organization-unit",
    "title",
    "role",
    "note",
    "category",
    "summary",
    "location",
    "entry-title",
    "entry-summary",
    "author",
    "item",
    "rating",
];

/// Classic properties that are HTML.
const CLASSIC_HTML: [&str; 3] = ["entry-content", "description", "instructions"];

fn microformat_text(tag: &Tag<'_>, card: Option<&Root>) -> bool {
    const BY_ATTRIBUTE: [(&str, &str); 8] = [
        ("abbr", "title"),
        ("link", "title"),
        ("data", "value"),
        ("input", "value"),
        ("meter", "value"),
        ("img", "alt"),
        ("area", "alt"),
        ("time", "datetime"),
    ];
    let by_attribute =
        BY_ATTRIBUTE.iter().any(|(name, value)| tag.is(name) && tag.attribute(value).is_some());
    let is_text = |class: &[u8]| match card {
        Some(root) if root.is_classic => CLASSIC_TEXTS.iter().any(|name| name.as_bytes() == class),
        Some(_) => is_property(class, "p-"),
        None => false,
    };
    !by_attribute && classes(tag).any(is_text)
}

/// Whether a class makes a text a value: `p-tel`, `u-tel`, `tel`.
pub(super) fn is_text_class(class: &[u8]) -> bool {
    is_property(class, "p-")
        || is_property(class, "u-")
        || CLASSIC_TEXTS.iter().any(|name| name.as_bytes() == class)
}

fn address_text(tag: &Tag<'_>, card: Option<&Root>) -> bool {
    const BY_ATTRIBUTE: [&str; 5] = ["href", "src", "data", "value", "title"];
    card.is_some_and(|root| !root.is_classic)
        && classes(tag).any(|class| is_property(class, "u-"))
        && !BY_ATTRIBUTE.iter().any(|name| tag.attribute(name).is_some())
}

/// Values that parsers read differently, or of which they keep the markup, and elements that nothing can be put into.
fn is_contested(tag: &Tag<'_>) -> bool {
    const CLOSED: [&str; 8] = ["table", "thead", "tbody", "tfoot", "tr", "select", "optgroup", "option"];
    if CLOSED.iter().any(|name| tag.is(name)) {
        return true;
    }
    tag.attribute("content").is_some() && tag.attribute("itemprop").is_some()
        || tag.attribute("datatype").is_some()
        || tag.attribute("property").is_some() && tag.attribute("value").is_some()
}

fn is_silent(tag: &Tag<'_>, card: Option<&Root>, in_foreign: bool) -> bool {
    let is_html = |class: &[u8]| match card {
        Some(root) if root.is_classic => CLASSIC_HTML.iter().any(|name| name.as_bytes() == class),
        Some(_) => is_property(class, "e-") || is_property(class, "dt-"),
        None => false,
    };
    // Scripts copy from a template what they need; only a shadow root's is shown as it stands.
    let is_template = tag.is("template") && tag.attribute("shadowrootmode").is_none();
    is_template
        || in_foreign && tag.may_hold_silence()
        || tag.value("contenteditable").is_some_and(|value| !value.eq_ignore_ascii_case(b"false"))
        || card.is_some() && classes(tag).any(is_html)
}
