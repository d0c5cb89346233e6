//! Where numbers stay canonical although a person reads them: telephones marked up for machines, and what visitors edit.
//!
//! Owns the extent of such an element: from its start tag to where it ends, be it by its end tag, an end tag further
//! out, or the next of its kind where the end tag may be left out.

use super::tag::Tag;

/// Follows the element that guards its content, if one is open.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// Names of the elements open since the guarding one, which is the first.
    open: Vec<Box<[u8]>>,
}

impl Guard {
    /// Whether numbers are to be left alone here.
    pub fn is_up(&self) -> bool {
        !self.open.is_empty()
    }

    /// Takes note of a tag.
    pub fn pass(&mut self, tag: &Tag<'_>) {
        match (self.is_up(), tag.closing) {
            (false, false) if guards(tag) && !tag.is_void() => self.open.push(tag.name().into()),
            (false, _) => {}
            (true, true) => self.close(tag),
            (true, false) => self.nest(tag),
        }
    }

    fn close(&mut self, tag: &Tag<'_>) {
        // An end tag that nothing in here opened ends an element further out, and this one with it.
        let opened = self.open.iter().rposition(|name| name.eq_ignore_ascii_case(tag.name()));
        self.open.truncate(opened.unwrap_or(0));
    }

    fn nest(&mut self, tag: &Tag<'_>) {
        let last = self.open.last().map(|name| &name[..]).unwrap_or_default();
        if last.eq_ignore_ascii_case(tag.name()) && has_optional_end(tag) {
            self.open.pop();
            return self.pass(tag);
        }
        if !tag.is_void() {
            self.open.push(tag.name().into());
        }
    }
}

/// Elements that another of the same name ends (HTML Standard §13.1.2.4).
fn has_optional_end(tag: &Tag<'_>) -> bool {
    ["li", "dt", "dd", "p", "td", "th", "tr", "option"].iter().any(|name| tag.is(name))
}

fn guards(tag: &Tag<'_>) -> bool {
    let tokens = |name| tag.value(name).unwrap_or_default().split(|byte: &u8| byte.is_ascii_whitespace());
    tokens("itemprop").any(is_telephone)
        || tokens("property").chain(tokens("rel")).any(is_telephone)
        || tokens("class").any(|class| matches!(class, b"tel" | b"p-tel" | b"u-tel"))
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
        assert_eq!(guarded("<div contenteditable>b</div><div contenteditable=false>c</div>"), "Bc");
    }

    #[test]
    fn a_missing_end_tag_ends_the_guard_where_browsers_end_the_element() {
        assert_eq!(guarded("<ul><li itemprop=telephone>b<li>c</ul>d"), "Bcd");
        assert_eq!(guarded("<ul><li itemprop=telephone>b</ul>d"), "Bd");
        assert_eq!(guarded("<meta itemprop=telephone content=1>d"), "d");
    }
}
