//! White space in texts, which parsers keep, trim or fold, each in its way, and otherwise than in attributes.

/// Whether white space in a text is only single spaces between words, plain ones. Some parsers of microdata trim a text, or
/// fold white space in it of any kind, but not in an attribute.
pub fn are_plain(text: &[u8]) -> bool {
    are_kept_untrimmed(text) && !is_wide(text) && !references(text).any(char::is_whitespace)
}

/// Whether it is nothing that a parser of microformats changes: those fold white space as browsers do, and trim any.
pub fn are_kept(trimmed: &[u8]) -> bool {
    let is_other = |byte: &u8| byte.is_ascii_whitespace() && *byte != b' ';
    let is_folded = trimmed.iter().any(is_other)
        || memchr::memmem::find(trimmed, b"  ").is_some()
        || references(trimmed).any(|blank| blank.is_ascii());
    !is_folded && !edges(trimmed).into_iter().any(|edge| is_wide(edge) || references(edge).next().is_some())
}

/// The same of a text that isn't trimmed.
pub fn are_kept_untrimmed(text: &[u8]) -> bool {
    text.trim_ascii().len() == text.len() && are_kept(text)
}

/// Whether there is white space beyond ASCII; where it isn't UTF-8, whether there may be.
fn is_wide(text: &[u8]) -> bool {
    const IN_OTHER_CHARSETS: [&[u8]; 4] = [b"\xa0", b"\xa1\xa1", b"\xa1\x40", b"\x81\x40"];
    match std::str::from_utf8(text) {
        Ok(text) => text.chars().any(|c| !c.is_ascii() && c.is_whitespace()),
        Err(_) => IN_OTHER_CHARSETS.iter().any(|space| memchr::memmem::find(text, space).is_some()),
    }
}

/// The first and last character or reference, and a byte more in other charsets than UTF-8.
fn edges(text: &[u8]) -> [&[u8]; 2] {
    let first = match text.first() {
        Some(b'&') => memchr::memchr(b';', text).map_or(0, |end| end + 1),
        _ => std::str::from_utf8(text).map_or(2, |text| text.chars().next().map_or(0, char::len_utf8)),
    };
    let last = match text.last() {
        Some(b';') => memchr::memrchr(b'&', text).map_or(0, |start| text.len() - start),
        _ => std::str::from_utf8(text).map_or(2, |text| text.chars().next_back().map_or(0, char::len_utf8)),
    };
    [&text[..first.min(text.len())], &text[text.len() - last.min(text.len())..]]
}

/// White space that is written as a character reference (HTML Standard §13.5).
fn references(text: &[u8]) -> impl Iterator<Item = char> {
    const NAMED: [(&[u8], char); 16] = [
        (b"Tab", '\t'),
        (b"NewLine", '\n'),
        (b"nbsp", '\u{a0}'),
        (b"NonBreakingSpace", '\u{a0}'),
        (b"ensp", '\u{2002}'),
        (b"emsp", '\u{2003}'),
        (b"emsp13", '\u{2004}'),
        (b"emsp14", '\u{2005}'),
        (b"numsp", '\u{2007}'),
        (b"puncsp", '\u{2008}'),
        (b"thinsp", '\u{2009}'),
        (b"ThinSpace", '\u{2009}'),
        (b"hairsp", '\u{200a}'),
        (b"VeryThinSpace", '\u{200a}'),
        (b"MediumSpace", '\u{205f}'),
        (b"ThickSpace", '\u{205f}'),
    ];
    let named = |name: &[u8]| NAMED.iter().find(|(other, _)| *other == name).map(|(_, space)| *space);
    memchr::memchr_iter(b'&', text).filter_map(move |start| {
        let len = memchr::memchr(b';', &text[start..])?;
        let name = &text[start + 1..start + len];
        let Some(number) = name.strip_prefix(b"#") else { return named(name) };
        let (digits, radix) = match number.split_first() {
            Some((b'x' | b'X', digits)) => (digits, 16),
            _ => (number, 10),
        };
        let code = u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()?;
        char::from_u32(code).filter(|c| c.is_whitespace())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_parsers_do_to_white_space_depends_on_the_syntax() {
        for (text, is_plain, is_kept) in [
            ("Call 212-555-0100", true, true),
            ("Joe\u{2019}s, voil\u{e0} \u{200b}1", true, true),
            ("Call&nbsp;1", false, true),
            ("Call\u{2009}1", false, true),
            ("Call  1", false, false),
            ("Call\n1", false, false),
            ("Call&#x0A;1", false, false),
            ("Call&NewLine;1", false, false),
            ("Call &#32;1", false, false),
            ("1&nbsp;", false, false),
            ("&#160;1", false, false),
            ("\u{3000}1", false, false),
            ("&quot;1&quot;", true, true),
        ] {
            assert_eq!(are_plain(text.as_bytes()), is_plain, "{text:?}");
            assert_eq!(are_kept(text.as_bytes()), is_kept, "{text:?}");
        }
        for bytes in [b"\xe9 1\xa0".as_slice(), b"\xa1\xa11", b"\x81\x401"] {
            assert!(!are_plain(bytes) && !are_kept(bytes), "{bytes:x?}");
        }
        assert!(are_kept(b"\xe9t\xe9 1"));
        assert!(!are_plain(b" 1") && !are_kept_untrimmed(b"1 "));
    }
}
