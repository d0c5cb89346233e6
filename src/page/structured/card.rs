//! Microformats' cards: which class names make an element one, and what stands in it.

use super::super::tag::Tag;
use super::classic::Classics;
use super::meaning::Meaning;

/// A microformat's root, and what has been seen in it so far.
#[derive(Clone, Debug)]
pub(in super::super) struct Root {
    pub kind: Kind,
    /// It holds a `p-*`, an `e-*` or another root: its text isn't its name.
    pub is_named: bool,
    /// It holds a name.
    pub has_name: bool,
    /// It is a property of another card, or in one that is; its value is its name, or else its text.
    pub is_value: bool,
    /// It holds a `u-*` or another root: no link of it is its address unless it says so.
    pub has_address: bool,
    /// It is or holds a picture, which may be its own.
    pub has_picture: bool,
    /// Elements directly in it.
    pub children: usize,
    /// Links directly in it, and one level below; the byte of the page where the last of them starts.
    pub links: usize,
    pub deeper_links: usize,
    pub last_link: usize,
    /// It holds an `area`, an `a` that leads nowhere, or what some take for a card: parsers differ on its address.
    pub has_odd_link: bool,
}

/// A card's address that nothing says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Implied {
    None,
    /// The link with the start tag at this byte of the page.
    Link(usize),
    /// Whichever link parsers take.
    Any,
}

/// Which class names are properties in a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    /// Microformats 2.
    Modern,
    Classic(Classics),
}

impl Kind {
    /// Whether the class makes a text a value: `p-tel`, `tel`.
    pub fn is_text(self, class: &[u8]) -> bool {
        match self {
            Kind::Modern => is_property(class, "p-"),
            Kind::Classic(classics) => classics.is_text(class),
        }
    }

    /// Whether it makes an address a value, or else a text: `u-tel`, `url`.
    pub fn is_address(self, class: &[u8]) -> bool {
        match self {
            Kind::Modern => is_property(class, "u-"),
            Kind::Classic(classics) => classics.is_address(class),
        }
    }

    /// Whether it makes the mark-up in an element a value, as it stands.
    pub fn is_html(self, class: &[u8]) -> bool {
        match self {
            Kind::Modern => is_property(class, "e-"),
            Kind::Classic(_) => class == b"entry-content" && self.is_settled(class),
        }
    }

    /// Whether it makes a text the card's name.
    pub fn is_name(self, class: &[u8]) -> bool {
        match self {
            Kind::Modern => class == b"p-name",
            Kind::Classic(_) => class == b"fn" && self.is_text(class),
        }
    }

    /// Whether it makes something a value that no edit keeps.
    pub fn is_settled(self, class: &[u8]) -> bool {
        match self {
            Kind::Modern => is_property(class, "e-") || is_property(class, "dt-"),
            Kind::Classic(classics) => classics.is_settled(class),
        }
    }
}

/// Roots of microformats 2, beside those of vendors. Any other `h-*` is a style: `h-full`, `h-screen`.
const ROOTS: [&str; 17] = [
    "h-adr",
    "h-app",
    "h-breadcrumb",
    "h-card",
    "h-cite",
    "h-entry",
    "h-event",
    "h-feed",
    "h-geo",
    "h-item",
    "h-listing",
    "h-news",
    "h-product",
    "h-recipe",
    "h-resume",
    "h-review",
    "h-review-aggregate",
];

/// Elements that may be a card's picture, be it the card itself.
const PICTURES: [&str; 2] = ["img", "object"];

/// Tags that begin no element where a browser doesn't expect them, and an element that some parsers leave out.
const NO_CHILDREN: [&str; 15] = [
    "html", "head", "body", "frame", "form", "template", "caption", "col", "colgroup", "tbody", "td",
    "tfoot", "th", "thead", "tr",
];

impl Root {
    /// The card that this start tag begins.
    pub fn of(tag: &Tag<'_>) -> Option<Self> {
        let is_modern =
            |class: &[u8]| ROOTS.iter().any(|name| name.as_bytes() == class) || is_property(class, "h-x-");
        let kind = match classes(tag).any(is_modern) {
            true => Kind::Modern,
            false => Kind::Classic(Classics::of(classes(tag))?),
        };
        Some(Root {
            kind,
            is_named: false,
            has_name: false,
            is_value: false,
            has_address: false,
            has_picture: tag.is_one_of(&PICTURES),
            children: 0,
            links: 0,
            deeper_links: 0,
            last_link: 0,
            has_odd_link: false,
        })
    }

    /// Which links in it may be its address, as nothing says that they aren't (microformats2 parsing, "implied properties"): the
    /// only one directly in it, or in the only element in it.
    pub fn implied(&self) -> Implied {
        match (self.links, self.deeper_links) {
            _ if self.has_odd_link => Implied::Any,
            (1, 0) => Implied::Link(self.last_link),
            (1, _) => Implied::Any,
            (0, 1) if self.children <= 1 => Implied::Link(self.last_link),
            _ => Implied::None,
        }
    }

    pub fn is_modern(&self) -> bool {
        self.kind == Kind::Modern
    }

    /// Whether its text, numbers included, is its name or its value.
    pub fn is_read_as_text(&self) -> bool {
        self.is_modern() && !self.is_named || self.is_value && !self.has_name
    }

    /// Takes note of a start tag in the card, at byte `at` of the page and this many levels below the card.
    pub fn hear(&mut self, tag: &Tag<'_>, at: usize, means: &Meaning, depth: usize) {
        let has = |prefix: &str| classes(tag).any(|class| is_property(class, prefix));
        self.is_named |= means.root.is_some() || has("p-") || has("e-");
        self.has_name |= classes(tag).any(|class| self.kind.is_name(class));
        self.has_address |= means.root.is_some() || has("u-");
        self.children += usize::from(depth == 1 && !tag.is_one_of(&NO_CHILDREN));
        self.has_picture |= tag.is_one_of(&PICTURES);
        match tag.is("a") && tag.has("href") {
            true => {
                self.links += usize::from(depth == 1);
                self.deeper_links += usize::from(depth == 2);
                self.last_link = if depth <= 2 { at } else { self.last_link };
            }
            false => self.has_odd_link |= tag.is("a") || tag.is("area"),
        }
        self.has_odd_link |= classes(tag).any(|class| class == b"item"); // a card to some
    }
}

pub(super) fn classes<'a>(tag: &Tag<'a>) -> impl Iterator<Item = &'a [u8]> + Clone {
    tag.value("class").unwrap_or_default().split(|byte: &u8| byte.is_ascii_whitespace())
}

/// Whether a class is a property of microformats 2 of this kind: `p-tel`, `p-x2-tel`.
pub(super) fn is_property(class: &[u8], prefix: &str) -> bool {
    let Some(name) = class.strip_prefix(prefix.as_bytes()) else { return false };
    let mut parts = name.split(|byte| *byte == b'-').enumerate().peekable();
    while let Some((place, part)) = parts.next() {
        let may_have_digits = place == 0 && parts.peek().is_some(); // a vendor's prefix
        let is_letter = |byte: &u8| byte.is_ascii_lowercase() || may_have_digits && byte.is_ascii_digit();
        if part.is_empty() || !part.iter().all(is_letter) {
            return false;
        }
    }
    true
}

/// Whether a character reference may stand for part of a class's name, or between two.
pub(super) fn is_veiled(tag: &Tag<'_>) -> bool {
    let written = tag.value("class").unwrap_or_default();
    let has = |part: &[u8]| memchr::memmem::find(written, part).is_some();
    has(b"&#") && !only_quotes(written) || has(b"&Tab;") || has(b"&NewLine;")
}

/// Whether the numeric references are only those of quotation marks, which libraries write for them.
fn only_quotes(written: &[u8]) -> bool {
    memchr::memmem::find_iter(written, b"&#").all(|at| {
        let reference = &written[at..];
        [b"&#39;".as_slice(), b"&#34;", b"&#x27;", b"&#x22;", b"&#039;"]
            .iter()
            .any(|quote| reference.starts_with(quote))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_have_letters_and_a_vendor_may_have_digits() {
        for class in ["p-tel", "p-job-title", "p-x2-tel"] {
            assert!(is_property(class.as_bytes(), "p-"), "{class}");
        }
        for class in ["p-", "p-3", "p-x-3", "p-x2", "p--tel", "p-Tel", "u-tel"] {
            assert!(!is_property(class.as_bytes(), "p-"), "{class}");
        }
    }
}
