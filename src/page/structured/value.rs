//! What an element's text says to parsers, and whether an attribute can say the same.

use super::super::tag::Token;
use super::card::classes;
use super::meaning::MICROFORMAT;
use super::spaces;

/// What an element's text says.
#[derive(Default)]
pub(super) struct Value {
    /// All of it, as the page writes it.
    pub text: Vec<u8>,
    /// Only what stands in elements of class `value` (microformats.org, value class pattern).
    pub of_class: Option<Vec<u8>>,
    /// Parsers differ on what these say together: white space at an edge of one, one in another, or one with its own value.
    pub has_odd_class: bool,
    pub has_comment: bool,
    /// An RDFa property stands in it, in another element.
    pub has_property: bool,
    /// Words of two elements stand beside each other with nothing between.
    pub runs_together: bool,
}

impl Value {
    /// None where the text is more than words in inline elements, each of them closed.
    pub fn of(content: &[u8]) -> Option<Self> {
        let mut value = Value::default();
        let mut rest = content;
        // Each by its name, and one of class `value` with where its text begins among those.
        let mut open: Vec<(&[u8], Option<usize>)> = Vec::new();
        let mut is_text_behind = true;
        while !rest.is_empty() {
            let token = Token::read(rest)?;
            match &token {
                Token::Comment(_) => value.has_comment = true,
                Token::Text(len) => {
                    let words = &rest[..*len];
                    value.runs_together |= !is_text_behind && run_together(&value.text, words);
                    value.text.extend_from_slice(words);
                    if open.iter().any(|(_, value)| value.is_some()) {
                        value.of_class.get_or_insert_default().extend_from_slice(words);
                    }
                }
                Token::Tag(tag) if !tag.is_inline() || tag.is("slot") => return None,
                Token::Tag(tag) if tag.closing => {
                    let (name, of_class) = open.pop()?;
                    if !tag.name().eq_ignore_ascii_case(name) {
                        return None;
                    }
                    if let Some(start) = of_class {
                        let said = value.of_class.as_deref().unwrap_or_default().get(start..);
                        value.has_odd_class |= !said.is_some_and(spaces::are_kept_untrimmed);
                    }
                }
                Token::Tag(tag) if tag.has_one_of(&["itemscope", "typeof"]) => {
                    return None; // a thing of its own in the text
                }
                Token::Tag(tag) if tag.is_void() => {}
                Token::Tag(tag) => {
                    value.has_property |= tag.has("property") && !open.is_empty();
                    if classes(tag).any(|class| class == b"value-title") || tag.is("abbr") {
                        return None;
                    }
                    let is_of_class = classes(tag).any(|class| class == b"value");
                    let is_in_other = open.iter().any(|(_, value)| value.is_some());
                    value.has_odd_class |= is_of_class && (is_in_other || MICROFORMAT.says(tag));
                    let said = value.of_class.as_ref().map_or(0, Vec::len);
                    open.push((tag.name(), is_of_class.then_some(said)));
                }
            }
            is_text_behind = matches!(token, Token::Text(_));
            rest = &rest[token.len()..];
        }
        open.is_empty().then_some(value)
    }

    pub fn reads_the_same_in_attributes(&self) -> bool {
        reads_the_same_in_attributes(&self.text)
            && self.of_class.as_deref().is_none_or(reads_the_same_in_attributes)
    }
}

/// Whether nothing shows where one of two texts ends: no white space, nor punctuation that belongs to one of them.
fn run_together(before: &[u8], behind: &[u8]) -> bool {
    let is_apart = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'(';
    let is_behind = |byte: &u8| byte.is_ascii_whitespace() || b",:;.!?\")".contains(byte);
    !before.last().is_none_or(is_apart) && !behind.first().is_none_or(is_behind)
}

/// Whether a text reads the same as an attribute's value: a character reference without semicolon may read differently there
/// (HTML Standard §13.2.5.73).
fn reads_the_same_in_attributes(text: &[u8]) -> bool {
    memchr::memchr_iter(b'&', text).all(|place| {
        let behind = &text[place + 1..];
        let len = behind.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
        len == 0 || behind.get(len) == Some(&b';')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_without_semicolon_reads_differently_in_attributes() {
        assert!(reads_the_same_in_attributes(b"a & b&nbsp;&#38;"));
        assert!(!reads_the_same_in_attributes(b"212&nbsp555"));
    }

    #[test]
    fn only_words_in_inline_elements_are_a_value() {
        let text =
            |content: &str| Value::of(content.as_bytes()).map(|value| String::from_utf8(value.text).unwrap());
        assert_eq!(text("Call <b>212</b>-<!-- x -->555<wbr>").as_deref(), Some("Call 212-555"));
        for content in
            ["a<br>b", "<p>a", "<b>a", "a</b>", "<i><b>a</i></b>", "<img alt=x>", "<script>1</script>"]
        {
            assert_eq!(text(content), None, "{content}");
        }
        let value = Value::of(b"<b class='value x'>212</b> or <b>1</b><i class=value>-5</i>").unwrap();
        assert_eq!(value.of_class.as_deref(), Some(&b"212-5"[..]));
    }

    #[test]
    fn what_stands_in_elements_of_class_value_is_one_text_to_all_parsers_or_odd() {
        for (content, is_odd) in [
            ("<b class=value>+1</b> <i class=value>212-555</i>", false),
            ("<b class=value> 212-555</b>", true),
            ("<b class=value>1 <i class=value>212-555</i></b>", true),
            ("<data class=value value=x>212-555</data>", true),
        ] {
            assert_eq!(Value::of(content.as_bytes()).unwrap().has_odd_class, is_odd, "{content}");
        }
    }
}
