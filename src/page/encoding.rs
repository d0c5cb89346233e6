//! Which charset a page is in: byte order mark, then header, then `<meta>` (HTML Standard §13.2.3.2).

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::number::Charset;

/// What is known of a page's charset before `<meta>` is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// By header or byte order mark: `<meta>` can't change it.
    Certainly(&'static Encoding),
    /// Not at all, so UTF-8 until `<meta>` says otherwise.
    Unknown,
}

impl Declared {
    /// Whether numbers can be read in a page of which this is known.
    pub fn is_readable(self) -> bool {
        self.charset().is_some()
    }

    pub(super) fn charset(self) -> Option<Charset> {
        match self {
            Declared::Certainly(encoding) => Charset::of(encoding),
            Declared::Unknown => Some(Charset::Utf8),
        }
    }
}

/// The charset that a Content-Type header names: `text/html; charset=utf-8` (RFC 9110 §8.3.2). A label that nobody
/// knows counts as none.
pub fn charset_of_content_type(content_type: &str) -> Declared {
    let label = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    label
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .map_or(Declared::Unknown, Declared::Certainly)
}

/// The charset that a `<meta>` element names, by its `charset` attribute or its `content`. A page that can be read as
/// far as its `<meta>` isn't in UTF-16, whatever it says, and `x-user-defined` is windows-1252 (HTML Standard §13.2.3.2).
pub(super) fn charset_of_meta(
    charset: Option<&str>,
    http_equiv: Option<&str>,
    content: Option<&str>,
) -> Option<&'static Encoding> {
    let of_content = || {
        http_equiv.filter(|equiv| equiv.trim().eq_ignore_ascii_case("content-type"))?;
        charset_in(content?)
    };
    let label = charset.filter(|label| !label.trim().is_empty()).or_else(of_content)?;
    let named = Encoding::for_label(label.trim().as_bytes())?;
    Some(match named.name() {
        "UTF-16LE" | "UTF-16BE" => UTF_8,
        "x-user-defined" => WINDOWS_1252,
        _ => named,
    })
}

/// The label that a `<meta>` element's `content` names, read more freely than a header's (HTML Standard §2.5.2, "extracting a
/// character encoding from a meta element").
fn charset_in(content: &str) -> Option<&str> {
    const NAME: &str = "charset";
    let mut rest = content;
    loop {
        let at = memchr::memmem::find(rest.to_ascii_lowercase().as_bytes(), NAME.as_bytes())?;
        rest = rest[at + NAME.len()..].trim_ascii_start();
        let Some(value) = rest.strip_prefix('=') else { continue };
        let value = value.trim_ascii_start();
        return match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split_once(quote).map(|(label, _)| label),
            _ => value.split(|c: char| c == ';' || c.is_ascii_whitespace()).next(),
        };
    }
}

/// What the first bytes of a page say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A byte order mark of this encoding (Encoding Standard §6, "BOM sniff").
    Is(&'static Encoding),
    /// Fewer bytes than a mark has, and they might become one.
    Maybe,
    No,
}

pub(super) fn byte_order_mark(start: &[u8]) -> Mark {
    if let Some((encoding, _)) = Encoding::for_bom(start) {
        return Mark::Is(encoding);
    }
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe"];
    match marks.iter().any(|mark| start.len() < mark.len() && mark.starts_with(start)) {
        true => Mark::Maybe,
        false => Mark::No,
    }
}

/// How many of the bytes come before a UTF-8 character that isn't whole yet.
pub(super) fn whole_characters(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    for (index, byte) in bytes[tail..].iter().enumerate() {
        let needed = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => continue,
        };
        if tail + index + needed > bytes.len() {
            return tail + index;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_in_its_usual_spellings() {
        for header in [
            "text/html; charset=windows-1252",
            "text/html;CHARSET=\"Windows-1252\"",
            "text/html; x=y; charset=cp1252",
        ] {
            assert_eq!(charset_of_content_type(header), Declared::Certainly(WINDOWS_1252));
        }
        assert_eq!(charset_of_content_type("text/html"), Declared::Unknown);
        assert_eq!(charset_of_content_type("text/html; charset=klingon"), Declared::Unknown);
    }

    #[test]
    fn meta_is_read_in_both_spellings_and_never_as_utf_16() {
        assert_eq!(charset_of_meta(Some("ISO-8859-1"), None, None), Some(WINDOWS_1252));
        let content = Some("text/html; charset=koi8-r");
        assert_eq!(charset_of_meta(None, Some("Content-Type"), content), Some(encoding_rs::KOI8_R));
        assert_eq!(charset_of_meta(None, Some("refresh"), content), None);
        assert_eq!(charset_of_meta(Some(""), Some("Content-Type"), content), Some(encoding_rs::KOI8_R));
        for content in [
            "text/html charset=cp1252",
            "charset=cp1252",
            "a; charset = 'cp1252'x",
            "charset charset=cp1252;",
        ] {
            let named = charset_of_meta(None, Some("content-type"), Some(content));
            assert_eq!(named, Some(WINDOWS_1252), "{content}");
        }
        for content in ["text/html", "charset='cp1252", "charset=", "charset=klingon"] {
            assert_eq!(charset_of_meta(None, Some("content-type"), Some(content)), None, "{content}");
        }
        assert_eq!(charset_of_meta(Some("utf-16"), None, None), Some(UTF_8));
        assert_eq!(charset_of_meta(Some("x-user-defined"), None, None), Some(WINDOWS_1252));
    }

    #[test]
    fn a_mark_may_arrive_in_parts() {
        assert_eq!(byte_order_mark(b"\xef\xbb"), Mark::Maybe);
        assert_eq!(byte_order_mark(b"\xef\xbb\xbf<"), Mark::Is(UTF_8));
        assert_eq!(byte_order_mark(b"\xff\xfe"), Mark::Is(encoding_rs::UTF_16LE));
        assert_eq!(byte_order_mark(b"<h"), Mark::No);
    }
}
