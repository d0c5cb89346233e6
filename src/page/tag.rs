//! Tags and what lies between them, as the HTML Standard's tokenizer sees them (§13.2.5).
//!
//! lol_html says where texts, scripts and comments are; this file reads the little that is left between those, and only
//! where something of interest was seen there.

use std::ops::Range;

use smallvec::SmallVec;

/// What stands at the start of some markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Tag(Tag<'a>),
    /// A comment, a doctype, or what browsers make a comment of.
    Comment(usize),
    Text(usize),
}

/// A start or end tag, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    raw: &'a [u8],
    name: &'a [u8],
    pub closing: bool,
    attributes: SmallVec<[Attribute<'a>; 3]>,
}

/// An attribute and where it stands in its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    /// Where its name starts.
    pub start: usize,
    pub name: &'a [u8],
    /// The value without its quotes; empty where there is none.
    pub value: Range<usize>,
    /// Behind the attribute and its closing quote.
    pub end: usize,
}

impl<'a> Token<'a> {
    /// The token at the start of `markup`. None where it isn't whole.
    pub fn read(markup: &'a [u8]) -> Option<Self> {
        if markup.first() != Some(&b'<') {
            let text = memchr::memchr(b'<', markup).unwrap_or(markup.len());
            return (text > 0).then_some(Token::Text(text));
        }
        let closing = markup.get(1)? == &b'/';
        let name_at = if closing { 2 } else { 1 };
        match markup.get(name_at)? {
            first if first.is_ascii_alphabetic() => Tag::read(markup, name_at, closing).map(Token::Tag),
            b'!' | b'?' if !closing => comment(markup).map(Token::Comment),
            _ if closing => memchr::memchr(b'>', markup).map(|end| Token::Comment(end + 1)),
            _ => Some(Token::Text(1)),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Token::Tag(tag) => tag.raw.len(),
            Token::Comment(len) | Token::Text(len) => *len,
        }
    }
}

fn comment(markup: &[u8]) -> Option<usize> {
    match markup.strip_prefix(b"<!--") {
        Some(body) if body.starts_with(b">") => Some(5),
        Some(body) => memchr::memmem::find(body, b"-->").map(|end| 4 + end + 3),
        None => memchr::memchr(b'>', markup).map(|end| end + 1),
    }
}

impl<'a> Tag<'a> {
    fn read(markup: &'a [u8], name_at: usize, closing: bool) -> Option<Self> {
        let ends_name = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let name_end = name_at + markup[name_at..].iter().position(ends_name)?;
        let mut reading = Attributes { raw: markup, at: name_end };
        let attributes = reading.by_ref().collect();
        let end = reading.at;
        (markup.get(end) == Some(&b'>')).then(|| Tag {
            raw: &markup[..=end],
            name: &markup[name_at..name_end],
            closing,
            attributes,
        })
    }

    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    pub fn is_one_of(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(name))
    }

    pub fn name(&self) -> &'a [u8] {
        self.name
    }

    pub fn attributes(&self) -> &[Attribute<'a>] {
        &self.attributes
    }

    /// The attribute of this name; the first where there are several (HTML Standard §13.2.5.33).
    pub fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Whether the tag has an attribute of this name, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    pub fn has_one_of(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(name))
    }

    /// Bytes of the whole tag.
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// The bytes at a place in the tag.
    pub fn bytes(&self, place: &Range<usize>) -> &'a [u8] {
        &self.raw[place.clone()]
    }

    /// The bytes of an attribute's value.
    pub fn value(&self, name: &str) -> Option<&'a [u8]> {
        self.attribute(name).map(|attribute| self.bytes(&attribute.value))
    }
}

/// A tag's attributes in their order (HTML Standard §13.2.5.32 to 39). Stops before the closing `>`, or where the bytes end.
#[derive(Debug)]
struct Attributes<'a> {
    raw: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        self.skip(|byte| byte.is_ascii_whitespace() || byte == b'/');
        if matches!(self.raw.get(self.at), None | Some(b'>')) {
            return None;
        }
        let start = self.at;
        self.at += 1; // even an equals sign: it begins a name here
        self.skip(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'>' | b'='));
        let name = &self.raw[start..self.at];
        let name_end = self.at;
        self.skip(|byte| byte.is_ascii_whitespace());
        if self.raw.get(self.at) != Some(&b'=') {
            self.at = self.at.min(self.raw.len());
            return Some(Attribute { start, name, value: name_end..name_end, end: name_end });
        }
        self.at += 1;
        self.skip(|byte| byte.is_ascii_whitespace());
        let value = match self.raw.get(self.at) {
            Some(&quote @ (b'"' | b'\'')) => self.quoted(quote),
            _ => {
                let start = self.at;
                self.skip(|byte| !byte.is_ascii_whitespace() && byte != b'>');
                start..self.at
            }
        };
        Some(Attribute { start, name, value, end: self.at })
    }
}

impl Attributes<'_> {
    fn skip(&mut self, while_: impl Fn(u8) -> bool) {
        let skipped = self.raw[self.at..].iter().position(|byte| !while_(*byte));
        self.at = skipped.map_or(self.raw.len(), |skipped| self.at + skipped);
    }

    fn quoted(&mut self, quote: u8) -> Range<usize> {
        let start = self.at + 1;
        let end = memchr::memchr(quote, &self.raw[start..]).map_or(self.raw.len(), |len| start + len);
        self.at = (end + 1).min(self.raw.len());
        start..end
    }
}

/// Elements that stand in a line of text without breaking it (HTML Standard §4.5, and what came before it).
static INLINE: Names<37> = Names::of([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "blink", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "mark", "nobr", "output", "q", "s", "samp", "slot", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tspan", "tt", "u", "var", "wbr",
]);

/// Elements that a browser ends only by their own end tag or one further out (HTML Standard §13.2.4.2).
#[rustfmt::skip]
static SPECIAL: Names<83> = Names::of([
    "address", "applet", "area", "article", "aside", "base", "basefont", "bgsound", "blockquote", "body", "br",
    "button", "caption", "center", "col", "colgroup", "dd", "details", "dir", "div", "dl", "dt", "embed",
    "fieldset", "figcaption", "figure", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6",
    "head", "header", "hgroup", "hr", "html", "iframe", "img", "input", "keygen", "li", "link", "listing", "main",
    "marquee", "menu", "meta", "nav", "noembed", "noframes", "noscript", "object", "ol", "p", "param", "plaintext",
    "pre", "script", "search", "section", "select", "source", "style", "summary", "table", "tbody", "td",
    "template", "textarea", "tfoot", "th", "thead", "title", "tr", "track", "ul", "wbr", "xmp",
]);

/// Elements that a paragraph ends before (HTML Standard §13.2.6.4.7).
#[rustfmt::skip]
static BLOCKS: Names<36> = Names::of([
    "address", "article", "aside", "blockquote", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "li",
    "main", "menu", "nav", "ol", "p", "pre", "search", "section", "table", "ul",
]);

/// Elements that a browser opens again where another ended them (HTML Standard §13.2.4.3).
static FORMATTING: Names<14> = Names::of([
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
]);

/// Parts of tables and of the page whose end tags are nobody else's.
static CELLS: Names<10> =
    Names::of(["td", "th", "caption", "tr", "tbody", "thead", "tfoot", "table", "body", "html"]);

/// Elements without content (HTML Standard §13.1.2).
static VOID: Names<15> = Names::of([
    "area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
]);

/// Elements whose content is no text of the page (HTML Standard §13.1.2, raw text and the like).
pub(super) const SILENT: [&str; 10] =
    ["script", "style", "title", "textarea", "noscript", "iframe", "xmp", "noembed", "noframes", "plaintext"];

static SILENT_NAMES: Names<10> = Names::of(SILENT);

/// Names of elements, each as a number, so that a tag's name is compared with all of them in a few instructions.
struct Names<const COUNT: usize>([u128; COUNT]);

impl<const COUNT: usize> Names<COUNT> {
    const fn of(names: [&str; COUNT]) -> Self {
        let mut keys = [0; COUNT];
        let mut at = 0;
        while at < COUNT {
            assert!(names[at].len() < size_of::<u128>(), "a name of up to 15 bytes");
            keys[at] = key(names[at].as_bytes());
            at += 1;
        }
        Names(keys)
    }

    fn hold(&self, name: &[u8]) -> bool {
        name.len() < size_of::<u128>() && self.0.contains(&key(name))
    }
}

/// Up to 16 bytes in small letters, as a number.
const fn key(name: &[u8]) -> u128 {
    let mut key = 0;
    let mut at = 0;
    while at < name.len() {
        key = key << 8 | name[at].to_ascii_lowercase() as u128;
        at += 1;
    }
    key
}

impl Tag<'_> {
    /// Whether a reader's eye goes on from the text before this tag to the text behind it.
    pub fn is_inline(&self) -> bool {
        INLINE.hold(self.name)
    }

    /// Whether it begins an element that holds no text of the page.
    pub fn may_hold_silence(&self) -> bool {
        !self.closing && SILENT_NAMES.hold(self.name)
    }

    /// Whether it ends such an element.
    pub fn ends_silence(&self) -> bool {
        self.closing && SILENT_NAMES.hold(self.name)
    }

    /// Whether the tag closes itself, which counts in SVG and MathML only (HTML Standard §13.2.5.40).
    pub fn is_self_closing(&self) -> bool {
        self.raw.ends_with(b"/>")
    }

    /// Whether an end tag of another kind can't end it from inside, unless further out it ends what this is in.
    pub fn is_special(&self) -> bool {
        SPECIAL.hold(self.name)
    }

    /// Whether it ends a paragraph that it stands in.
    pub fn ends_paragraph(&self) -> bool {
        !self.closing && BLOCKS.hold(self.name)
    }

    /// Whether it is opened again where its end tag was left out.
    pub fn is_formatting(&self) -> bool {
        FORMATTING.hold(self.name)
    }

    /// Whether it ends a cell of a table, or the page.
    pub fn ends_cell(&self) -> bool {
        self.closing && CELLS.hold(self.name)
    }

    pub fn is_void(&self) -> bool {
        VOID.hold(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(tag: &str) -> Vec<(&str, &str)> {
        let Some(Token::Tag(read)) = Token::read(tag.as_bytes()) else { panic!("{tag} is a tag") };
        assert_eq!(read.raw.len(), tag.len(), "{tag} is read to its end");
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        read.attributes().iter().map(|a| (text(a.name), &tag[a.value.clone()])).collect()
    }

    #[test]
    fn attributes_are_read_as_browsers_read_them() {
        assert_eq!(attributes("<a href=tel:1 class='b c'>"), [("href", "tel:1"), ("class", "b c")]);
        assert_eq!(attributes("<a title=\"a>b\" hidden/>"), [("title", "a>b"), ("hidden", "")]);
        assert_eq!(attributes("<A HREF = \"x\"y=z>"), [("HREF", "x"), ("y", "z")]);
        assert_eq!(attributes("<a title=it's =b>"), [("title", "it's"), ("=b", "")]);
        assert_eq!(attributes("<a \"x\" href=a/b/>"), [("\"x\"", ""), ("href", "a/b/")]);
        assert_eq!(attributes("</b >"), []);
    }

    #[test]
    fn a_tag_that_is_not_whole_is_none() {
        for cut in ["<", "</", "<a", "<a href='>", "<a href=", "<!-- >", "<!doctype html"] {
            assert_eq!(Token::read(cut.as_bytes()), None, "{cut}");
        }
    }

    #[test]
    fn a_bare_angle_bracket_is_text() {
        assert_eq!(Token::read(b"< b>"), Some(Token::Text(1)));
        assert_eq!(Token::read(b"a < b <i>"), Some(Token::Text(2)));
        assert_eq!(Token::read(b"<!-- <p> -->x"), Some(Token::Comment(12)));
        assert_eq!(Token::read(b"</ >x"), Some(Token::Comment(4)));
    }
}
