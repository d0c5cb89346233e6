//! Where numbers stay canonical although a person reads them: telephones marked up for machines, and what visitors edit.
//!
//! Owns the extent of such an element: from its start tag to where it ends, be it by its end tag, an end tag further
//! out, or the next of its kind where the end tag may be left out.

use super::tag::Tag;

/// Follows the elements that guard what is in them.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// The element whose numbers are left alone.
    telephone: Extent,
    /// An hCard: only in one is a `tel` class a telephone, and not just a style.
    card: Extent,
    /// SVG or MathML, where the tokenizer takes the content of style, script and title for text (HTML Standard §13.2.6.5).
    foreign: Extent,
}

impl Guard {
    /// Whether numbers are to be left alone here.
    pub fn is_up(&self) -> bool {
        self.telephone.is_open()
    }

    /// Whether every tag must be passed, so that it is known where an element ends.
    pub fn is_watching(&self) -> bool {
        self.telephone.is_open() || self.card.is_open() || self.foreign.is_open()
    }

    /// Takes note of a tag.
    pub fn pass(&mut self, tag: &Tag<'_>) {
        self.foreign
            .pass(tag, |tag| ["svg", "math"].iter().any(|name| tag.is(name)) && !tag.is_self_closing());
        let in_foreign = self.foreign.is_open();
        if in_foreign && tag.is_self_closing() {
            return; // it has no content there
        }
        self.card.pass(tag, |tag| classes(tag).any(|class| class == b"vcard"));
        let in_card = self.card.is_open();
        self.telephone.pass(tag, |tag| guards(tag, in_card) || in_foreign && is_silent(tag));
    }
}

/// How far an element reaches.
#[derive(Debug, Default)]
struct Extent {
    /// Names of the elements open since the one in question, which is the first.
    open: Vec<Box<[u8]>>,
}

impl Extent {
    fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    fn pass(&mut self, tag: &Tag<'_>, begins: impl Fn(&Tag<'_>) -> bool) {
        match (self.is_open(), tag.closing) {
            (false, false) if !tag.is_void() && begins(tag) => self.open.push(tag.name().into()),
            (false, _) => {}
            (true, true) => self.close(tag),
            (true, false) => self.nest(tag, begins),
        }
    }

    fn close(&mut self, tag: &Tag<'_>) {
        // An end tag that nothing in here opened ends an element further out, and this one with it.
        let opened = self.open.iter().rposition(|name| name.eq_ignore_ascii_case(tag.name()));
        if opened.is_none() && (tag.is_inline() || tag.is_void()) {
            return;
        }
        self.open.truncate(opened.unwrap_or(0));
    }

    fn nest(&mut self, tag: &Tag<'_>, begins: impl Fn(&Tag<'_>) -> bool) {
        let last = self.open.last().map(|name| &name[..]).unwrap_or_default();
        if last.eq_ignore_ascii_case(tag.name()) && has_optional_end(tag) {
            self.open.pop();
            return self.pass(tag, begins);
        }
        let closes_itself = tag.is_self_closing() && self.is_foreign();
        if !tag.is_void() && !closes_itself {
            self.open.push(tag.name().into());
        }
    }

    /// Whether the element in question is one in which a tag may close itself.
    fn is_foreign(&self) -> bool {
        self.open.first().is_some_and(|name| {
            [&b"svg"[..], b"math"].iter().any(|foreign| name.eq_ignore_ascii_case(foreign))
        })
    }
}

/// Elements whose content no person reads as text of the page.
fn is_silent(tag: &Tag<'_>) -> bool {
    let silent = [
        "script",
        "style",
        "title",
        "textarea",
        "noscript",
        "iframe",
        "xmp",
        "noembed",
        "noframes",
        "plaintext",
    ];
    silent.iter().any(|name| tag.is(name))
}

/// Elements that another of the same name ends (HTML Standard §13.1.2.4).
fn has_optional_end(tag: &Tag<'_>) -> bool {
    ["li", "dt", "dd", "p", "td", "th", "tr", "option"].iter().any(|name| tag.is(name))
}

fn classes<'a>(tag: &Tag<'a>) -> impl Iterator<Item = &'a [u8]> {
    tag.value("class").unwrap_or_default().split(|byte: &u8| byte.is_ascii_whitespace())
}

fn guards(tag: &Tag<'_>, in_card: bool) -> bool {
    let tokens = |name| tag.value(name).unwrap_or_default().split(|byte: &u8| byte.is_ascii_whitespace());
    tokens("itemprop").any(is_telephone)
        || tokens("property").chain(tokens("rel")).any(is_telephone)
        || classes(tag).any(|class| matches!(class, b"p-tel" | b"u-tel") || in_card && class == b"tel")
        || tag.value("contenteditable").is_some_and(|value| !value.eq_ignore_ascii_case(b"false"))
}

/// Telephone properties of schema.org, FOAF and vCard, with or without a prefix or the vocabulary's whole address.
fn is_telephone(property: &[u8]) -> bool {
    let name = property.rsplit(|byte| matches!(byte, b':' | b'/' | b'#')).next().unwrap_or_default();
    [&b"telephone"[..], b"faxNumber", b"phone", b"tel", b"hasTelephone"]
        .iter()
        .any(|term| name.eq_ignore_ascii_case(term))
}

#[cfg(test)]
mod tests {
    use super::super::tag::Token;
    use super::*;

    /// The markup with guarded text in capitals.
    fn guarded(markup: &str) -> String {
        let (mut guard, mut out, mut rest) = (Guard::default(), String::new(), markup);
        while let Some(token) = Token::read(rest.as_bytes()) {
            let (raw, behind) = rest.split_at(token.len());
            match token {
                Token::Tag(tag) => guard.pass(&tag),
                Token::Text(_) if guard.is_up() => out.push_str(&raw.to_uppercase()),
                _ => out.push_str(raw),
            }
            rest = behind;
        }
        out
    }

    #[test]
    fn marked_up_telephones_are_guarded_to_their_end() {
        assert_eq!(guarded("<p>a<span itemprop=telephone>b<b>c</b>d</span>e"), "aBCDe");
        assert_eq!(guarded("<span itemprop='name telephone'>b<span>c</span>d</span>e"), "BCDe");
        assert_eq!(guarded("<i property=schema:telephone>b</i>c<a rel='foaf:phone'>d</a>"), "BcD");
        assert_eq!(guarded("<i class='x p-tel'>b</i>c<i class=hotel>d</i>"), "Bcd");
        assert_eq!(
            guarded("<i class=tel>a</i><p class='a vcard'><i class=tel>b</i>c</p><i class=tel>d</i>"),
            "aBcd"
        );
        assert_eq!(guarded("<div contenteditable>b</div><div contenteditable=false>c</div>"), "Bc");
    }

    #[test]
    fn a_missing_end_tag_ends_the_guard_where_browsers_end_the_element() {
        assert_eq!(guarded("<ul><li itemprop=telephone>b<li>c</ul>d"), "Bcd");
        assert_eq!(guarded("<ul><li itemprop=telephone>b</ul>d"), "Bd");
        assert_eq!(guarded("<meta itemprop=telephone content=1>d"), "d");
    }
}
