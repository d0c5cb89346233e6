//! What a person reads on a page and what a finger can tap, as a browser has it.

use lol_html::html_content::TextType;
use lol_html::{RewriteStrSettings, doc_text, element, rewrite_str};

/// The text that is seen: without scripts, styles, titles and the like, character references read.
pub fn visible_text(page: &str) -> String {
    let mut text = String::new();
    let handler = doc_text!(|chunk| {
        if matches!(chunk.text_type(), TextType::Data | TextType::CDataSection) {
            text.push_str(chunk.as_str());
        }
        Ok(())
    });
    let settings = RewriteStrSettings::new().append_document_content_handler(handler);
    rewrite_str(page, settings).unwrap();
    decoded(&text)
}

/// The addresses of all links.
pub fn hrefs(page: &str) -> Vec<String> {
    let mut hrefs = Vec::new();
    let handler = element!("a[href], area[href]", |link| {
        hrefs.push(decoded(&link.get_attribute("href").unwrap_or_default()));
        Ok(())
    });
    let settings = RewriteStrSettings::new().append_element_content_handler(handler);
    rewrite_str(page, settings).unwrap();
    hrefs
}

/// Character references that the pages use (HTML Standard §13.5); some count without a semicolon.
const NAMED: [(&str, &str); 24] = [
    ("nbsp", "\u{a0}"),
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("laquo", "«"),
    ("raquo", "»"),
    ("copy", "©"),
    ("middot", "·"),
    ("centerdot", "·"),
    ("lpar", "("),
    ("rpar", ")"),
    ("hyphen", "\u{2010}"),
    ("dash", "\u{2010}"),
    ("plus", "+"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("period", "."),
    ("sol", "/"),
    ("lowbar", "_"),
    ("shy", "\u{ad}"),
    ("ZeroWidthSpace", "\u{200b}"),
    ("NoBreak", "\u{2060}"),
    ("thinsp", "\u{2009}"),
];
const NAMED_SPACES: [(&str, &str); 4] =
    [("ensp", "\u{2002}"), ("emsp", "\u{2003}"), ("Tab", "\t"), ("NewLine", "\n")];
const WITHOUT_SEMICOLON: [&str; 9] = ["nbsp", "amp", "lt", "gt", "quot", "laquo", "raquo", "copy", "middot"];

fn decoded(raw: &str) -> String {
    let mut parts = raw.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match numeric(part).or_else(|| named(part)) {
            Some((what, rest)) => out += &format!("{what}{rest}"),
            None => out += &format!("&{part}"),
        }
    }
    out
}

fn numeric(part: &str) -> Option<(String, &str)> {
    let part = part.strip_prefix('#')?;
    let (digits, radix) = part.strip_prefix(['x', 'X']).map_or((part, 10), |hex| (hex, 16));
    let len = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let code = u32::from_str_radix(&digits[..len], radix).ok()?;
    // 128 to 159 mean what they mean in windows-1252 (HTML Standard §13.2.5.80).
    let what = match code {
        0x80..0xa0 => encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[code as u8]).0.into_owned(),
        code => char::from_u32(code)?.to_string(),
    };
    Some((what, digits[len..].strip_prefix(';').unwrap_or(&digits[len..])))
}

fn named(part: &str) -> Option<(String, &str)> {
    NAMED.iter().chain(&NAMED_SPACES).find_map(|(name, what)| {
        let rest = part.strip_prefix(name)?;
        let rest = match rest.strip_prefix(';') {
            Some(rest) => rest,
            None => WITHOUT_SEMICOLON.contains(name).then_some(rest)?,
        };
        Some(((*what).to_owned(), rest))
    })
}
