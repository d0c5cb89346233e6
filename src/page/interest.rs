//! What in a page's tags is of interest: links that telephone, structured data, attributes that people see.
//!
//! Without any of these words, tags need not be read. They are searched for in any case, many bytes at a time.

use std::collections::VecDeque;
use std::sync::LazyLock;

use aho_corasick::packed::Searcher;

use super::reader::{LONG, Part};
use super::window::Window;
use crate::number::FEWEST_BEFORE_LETTERS;

/// Words that a tag of interest holds, in small letters and of four at least. The searcher has every sixteenth of them in
/// one bucket, and looks closer where the bytes of a bucket's words are mixed: in this order hardly ever on real pages
/// without a word's first four letters being there, in another a third of the times.
#[rustfmt::skip]
const WORDS: [&str; 54] = [
    "h-adr", "vcard", "h-event", "h-feed", "callto:", "editable", "<template", "hentry", "h-item", "vocab",
    "alt ", "hresume", "hnews", "<svg", "title ", "'adr", "h-cite", "title=", "h-news", "h-review", "smsto:",
    "h-resume", "itemscope", "h-product", "h-breadcrumb", "aria-label", "h-recipe", "hproduct", "hreview",
    "placeholder", "wa.me/", " adr", "h-card", "<math", "h-listing", "hfeed", "sms:", "=adr", "typeof=",
    "itemprop", "hlisting", "property", "phone", "hrecipe", "h-app", "tel:", "alt=", "\"adr", "h-geo", "vevent",
    "h-entry", "h-x-", "rel=", "rev=",
];

/// Of these, attributes that people see or hear. They matter where their value may hold a number.
pub(crate) const VISIBLE: [&str; 4] = ["alt", "title", "aria-label", "placeholder"];

/// So many of the first are values of a card (microformats2 parsing specification, `p-*`).
pub(super) const VALUES_IN_CARDS: usize = 2;

/// Bytes that a visible attribute is looked at for digits in.
const LONGEST_VISIBLE: usize = 256;

/// Bytes of the longest word: what is cut off may go on with so many.
const LONGEST: usize = 12;

/// Bytes that are searched at a time: their copy in small letters stays in the nearest cache.
const BLOCK: usize = 4096;

static SEARCHER: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(WORDS));

/// Searches markup as it arrives.
#[derive(Debug, Default)]
pub(super) struct Interest {
    small: Vec<u8>,
    /// Where something of interest stands that hasn't been asked for, and up to where it was searched for.
    found: VecDeque<usize>,
    searched: usize,
}

impl Interest {
    /// Where the next thing of interest stands, from this byte of the page on, in what was searched.
    pub fn next(&mut self, from: usize) -> Option<usize> {
        while self.found.front().is_some_and(|place| *place < from) {
            self.found.pop_front();
        }
        self.found.front().copied()
    }

    /// Searches the page up to byte `to`, where it hasn't been searched yet, but for long texts among its `parts`.
    pub fn search(&mut self, window: &Window, parts: &[Part], to: usize) {
        let mut from = self.searched.max(window.start());
        for text in parts.iter().map(Part::place).filter(|text| text.len() >= LONG) {
            self.search_between(window, from, text.start);
            from = from.max(text.end);
        }
        self.search_between(window, from, to);
        // What is cut off is looked for again.
        let last = self.found.back().map_or(0, |last| last + 1);
        self.searched = to.saturating_sub(LONGEST).max(last);
    }

    fn search_between(&mut self, window: &Window, from: usize, to: usize) {
        if from < to {
            // A search in a few bytes takes longer than one in more.
            let from = from.min(to.saturating_sub(LONG)).max(window.start());
            self.search_markup(window.get(from..to), from);
        }
    }

    /// Finds what is of interest in this markup, which stands at a byte of the page.
    fn search_markup(&mut self, markup: &[u8], place: usize) {
        let searcher = SEARCHER.as_ref().expect("so few words can be searched for at once");
        let mut at = 0;
        loop {
            let block = &markup[at..markup.len().min(at + BLOCK)];
            self.small.clear();
            self.small.extend(block.iter().map(|byte| plain(*byte)));
            for hit in searcher.find_iter(&self.small).map(|hit| hit.start()..hit.end()) {
                let start = place + at + hit.start;
                let is_new = self.found.back().is_none_or(|last| *last < start);
                if is_new && matters(&self.small[hit.clone()], &markup[at + hit.end..]) {
                    self.found.push_back(start);
                }
            }
            if at + block.len() == markup.len() {
                return;
            }
            // What a block cuts off is found in the next.
            at += BLOCK - LONGEST;
        }
    }
}

/// Small letters, and blanks for all that parts attributes.
fn plain(byte: u8) -> u8 {
    if byte < b' ' { b' ' } else { byte.to_ascii_lowercase() }
}

/// Whether a word matters, by what stands behind it. What is cut off may.
fn matters(word: &[u8], behind: &[u8]) -> bool {
    if matches!(word, b"rel=" | b"rev=") {
        return may_hold_a_whole_name(behind);
    }
    if !VISIBLE.iter().any(|name| word.starts_with(name.as_bytes())) {
        return true;
    }
    let rest = behind.trim_ascii_start();
    let value = if word.ends_with(b"=") { Some(rest) } else { rest.strip_prefix(b"=") };
    rest.is_empty() || value.is_some_and(may_hold_a_number)
}

/// Whether the attribute's value that begins here holds a colon, as RDFa's relations do.
fn may_hold_a_whole_name(behind: &[u8]) -> bool {
    let (value, end) = match behind {
        [quote @ (b'"' | b'\''), value @ ..] => (value, memchr::memchr(*quote, value)),
        value => (value, value.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>')),
    };
    end.is_none_or(|end| value[..end].contains(&b':'))
}

/// Whether the value of an attribute that begins about here may hold a number.
fn may_hold_a_number(behind: &[u8]) -> bool {
    let value = &behind[..behind.len().min(LONGEST_VISIBLE)];
    let begins = value.iter().position(|byte| matches!(byte, b'"' | b'\''));
    let end = match begins {
        Some(begins) if begins < 4 => {
            memchr::memchr(value[begins], &value[begins + 1..]).map(|len| begins + 1 + len)
        }
        _ => value.iter().position(|byte| matches!(byte, b'>')),
    };
    let is_likely = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b'&' | 0x80..);
    end.is_none_or(|end| value[..end].iter().filter(is_likely).count() >= FEWEST_BEFORE_LETTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(markup: &str) -> Vec<usize> {
        let mut interest = Interest::default();
        interest.search_markup(markup.as_bytes(), 0);
        interest.found.into()
    }

    #[test]
    fn what_a_block_cuts_off_is_found_once() {
        for before in BLOCK - 2 * LONGEST..BLOCK + LONGEST {
            let markup =
                format!("{}tel:1 placeholder='1234' {} sms:1", "x".repeat(before), "x".repeat(BLOCK));
            assert_eq!(places(&markup), [before, before + 6, before + BLOCK + 26], "{before}");
        }
    }

    #[test]
    fn tags_of_no_interest_need_not_be_read() {
        let dull = "<a class='hotel' href=/telefon title='24 h'><main class='h-full'><img alt=\"\">";
        assert!(places(dull).is_empty());
        assert_eq!(places("<a href=Tel:1><b class='VCARD'>"), [8, 24]);
        assert_eq!(places("<img alt='212-555'><i title=2125550>"), [5, 22]);
        assert_eq!(places("<img alt\t='800-FL'><i title\n= 2125550>"), [5, 22]);
        assert_eq!(places("<img alt = '212-555'><i title = 2125550><title>2125550</title>"), [5, 24]);
        assert!(
            places("<h2 class='title'>2125550</h2><a aria-labelledby='n2125550'>the alt 2125550").is_empty()
        );
        assert_eq!(
            places("<p class='a h-card'><p class=h-4><p class=\"h-screen h-event\">  <p></p>"),
            [12, 52]
        );
        assert_eq!(
            places("<a rel='a b' href='c:d'><p rel=\"e f:g\"><p rev=h:i><p rel=j><p rel='k"),
            [27, 42, 62]
        );
        assert!(WORDS.iter().all(|word| word.len() <= LONGEST));
    }
}
