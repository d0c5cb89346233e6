//! What nearly every browser says, letter for letter, and nobody means anything by: it need not be read. Since 2023 browsers
//! freeze most of their User-Agent (Chromium, "User-Agent reduction"), so that little else is left of it.

use std::ops::Range;

const START: &[u8] = b"Mozilla/5.0 (";

#[rustfmt::skip]
const PLATFORMS: &[&[u8]] = &[
    b"Windows NT 10.0; Win64; x64",
    b"Linux; Android 10; K",
    b"Macintosh; Intel Mac OS X 10_15_7",
    b"X11; Linux x86_64",
    b"X11; CrOS x86_64 14541.0.0",
];

const ENGINES: &[&[u8]] = &[
    b") AppleWebKit/537.36 (KHTML, like Gecko) ",
    b") AppleWebKit/605.1.15 (KHTML, like Gecko) ",
    b") Gecko/20100101 ",
];

/// Products, each with a version that is figures and points.
const PRODUCTS: &[&[u8]] = &[b"Chrome/", b"Safari/", b"Version/", b"Firefox/", b"Edg/", b"CriOS/", b"FxiOS/"];

const MOBILE: &[&[u8]] = &[b"Mobile ", b"Mobile/15E148 "];

/// What is left to be read: where words may begin that say something.
pub(super) struct Rest {
    pub stretches: [Range<usize>; 2],
    /// What was passed over names a browser's engine.
    pub names_engine: bool,
}

impl Rest {
    pub fn of(user_agent: &[u8]) -> Rest {
        Rest::behind_engine(user_agent).unwrap_or_else(|| Rest::all_of(user_agent))
    }

    pub fn all_of(user_agent: &[u8]) -> Rest {
        Rest { stretches: [0..user_agent.len(), 0..0], names_engine: false }
    }

    fn behind_engine(user_agent: &[u8]) -> Option<Rest> {
        let platform = START.len()..memchr::memchr(b')', user_agent.strip_prefix(START)?)? + START.len();
        let engine = ENGINES.iter().find(|engine| user_agent[platform.end..].starts_with(engine))?;
        let mut at = platform.end + engine.len();
        while let Some(end) = product_end(&user_agent[at..]) {
            at += end;
        }
        let is_frozen = PLATFORMS.contains(&&user_agent[platform.clone()]);
        let platform = if is_frozen { 0..0 } else { platform };
        Some(Rest { stretches: [platform, at..user_agent.len()], names_engine: true })
    }
}

/// Where a product ends that stands here, the space behind it included.
fn product_end(here: &[u8]) -> Option<usize> {
    if let Some(mobile) = MOBILE.iter().find(|mobile| here.starts_with(mobile)) {
        return Some(mobile.len());
    }
    let product = PRODUCTS.iter().find(|product| here.starts_with(product))?;
    let mut version =
        here[product.len()..].iter().enumerate().skip_while(|(_, byte)| matches!(byte, b'0'..=b'9' | b'.'));
    match version.next() {
        Some((length, b' ')) => Some(product.len() + length + 1),
        Some(_) => None,
        None => Some(here.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{
        AI_FETCHERS, CARDS, CRAWLERS, ENDINGS, INNOCENT, MONITORS, PREVIEWS, SIGNS, TOOLS,
    };
    use super::*;

    #[test]
    fn no_word_that_says_something_begins_in_what_is_passed_over() {
        let lists = [AI_FETCHERS, PREVIEWS, CARDS, MONITORS, CRAWLERS, TOOLS, SIGNS, ENDINGS, INNOCENT];
        let mut passed: Vec<_> =
            [&[START], ENGINES, PRODUCTS, MOBILE].concat().iter().map(|part| part.to_vec()).collect();
        passed.extend(PLATFORMS.iter().map(|platform| [*platform, b")"].concat()));
        for word in lists.concat() {
            for part in &passed {
                for at in 0..part.len() {
                    let rest = part[at..].to_ascii_lowercase();
                    let is_begun = word.as_bytes().starts_with(&rest) || rest.starts_with(word.as_bytes());
                    assert!(!is_begun, "{word:?} in {:?}", String::from_utf8_lossy(part));
                }
            }
            let figures = word.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'.')).count();
            assert!(figures == 0 || !matches!(word.as_bytes().get(figures), None | Some(b' ')), "{word:?}");
        }
    }

    #[test]
    fn what_is_left_is_what_differs() {
        let left = |user_agent: &str| {
            let stretches = Rest::of(user_agent.as_bytes()).stretches;
            stretches.map(|stretch| user_agent[stretch].to_owned())
        };
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let chrome =
            format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/143.0.0.0 Safari/537.36");
        assert_eq!(left(&chrome), ["", ""]);
        assert_eq!(left(&format!("{chrome} (compatible; a)")), ["", "(compatible; a)"]);
        assert_eq!(left(&format!("{chrome}x")), ["", "Safari/537.36x"]);
        assert_eq!(left("Mozilla/5.0 (Windows; rv:1) Gecko/20100101 Firefox/1.0"), ["Windows; rv:1", ""]);
        assert_eq!(left("Mozilla/5.0 (a) b"), ["Mozilla/5.0 (a) b", ""]);
        assert_eq!(left("Mozilla/5.0 ("), ["Mozilla/5.0 (", ""]);
        assert_eq!(left(""), ["", ""]);
    }
}
