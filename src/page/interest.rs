//! What in a page's tags is of interest: links that telephone, structured data, attributes that people see.
//!
//! Without any of these words, tags need not be read. They are searched for in any case, many bytes at a time.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::packed::Searcher;

use super::reader::{LONG, Part};
use super::window::Window;
use crate::number::FEWEST_BEFORE_LETTERS;

/// Words that a tag of interest holds, in small letters and of four at least. The searcher has every sixteenth of them in
/// one bucket, and looks closer where the first four bytes may be some mixture of a bucket's words, or fewer where a search
/// begins. In this order, annealed over real pages, one look in twenty-five is at bytes that begin no word; in others half are.
#[rustfmt::skip]
const WORDS: [&str; 54] = [
    "aria-label", "\"adr", "hfeed", "h-x-", "rel=", "callto:", "alt=", "hresume", "itemprop", "editable",
    "title ", "typeof=", "property", "phone", "vcard", "h-listing", "vocab", "'adr", "h-feed", "<math",
    "h-event", "hrecipe", "alt ", "hlisting", "wa.me/", "hentry", "<svg", "h-resume", "h-app", "h-entry",
    "h-breadcrumb", "tel:", "h-card", "=adr", "vevent", "smsto:", "hnews", "itemscope", "rev=", "h-review",
    "<template", "h-item", "hproduct", "h-news", "sms:", "h-adr", "h-product", "h-cite", "title=", " adr",
    "h-geo", "h-recipe", "hreview", "placeholder",
];

/// Of these, attributes that people see or hear. They matter where their value may hold a number.
pub(crate) const VISIBLE: [&str; 4] = ["alt", "title", "aria-label", "placeholder"];

/// So many of the first are values of a card (microformats2 parsing specification, `p-*`).
pub(super) const VALUES_IN_CARDS: usize = 2;

/// Bytes that a visible attribute is looked at for digits in.
const LONGEST_VISIBLE: usize = 256;

/// Bytes of the longest word: what is cut off may go on with so many.
const LONGEST: usize = 12;

/// Stands between two runs of markup where they are searched as one, and is in no word.
const APART: u8 = 0x7f;

static SEARCHER: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(WORDS));

/// Searches markup as it arrives.
#[derive(Debug, Default)]
pub(super) struct Interest {
    /// The markup that is searched, and where in it and on the page each run of it begins. To begin a search costs as much as
    /// a hundred bytes of it, so runs are searched together.
    small: Vec<u8>,
    runs: Vec<(usize, usize)>,
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
        self.small.clear();
        self.runs.clear();
        let mut from = self.searched.max(window.start());
        for text in parts.iter().map(Part::place).filter(|text| text.len() >= LONG) {
            self.take(window, from..text.start);
            from = from.max(text.end);
        }
        self.take(window, from..to);
        for byte in &mut self.small {
            *byte = plain(*byte);
        }
        self.search_small(window, to);
        // What is cut off is looked for again.
        let last = self.found.back().map_or(0, |last| last + 1);
        self.searched = to.saturating_sub(LONGEST).max(last);
    }

    /// Takes a run of markup.
    fn take(&mut self, window: &Window, place: Range<usize>) {
        if !place.is_empty() {
            self.runs.push((self.small.len(), place.start));
            self.small.extend_from_slice(window.get(place));
            self.small.push(APART);
        }
    }

    /// Finds what is of interest in the runs that were taken, of a page that is known up to byte `to`.
    fn search_small(&mut self, window: &Window, to: usize) {
        let searcher = SEARCHER.as_ref().expect("so few words can be searched for at once");
        let mut runs = self.runs.iter().peekable();
        let mut run = (0, 0);
        for hit in searcher.find_iter(&self.small).map(|hit| hit.start()..hit.end()) {
            while let Some(next) = runs.next_if(|(begins, _)| *begins <= hit.start) {
                run = *next;
            }
            let start = run.1 + hit.start - run.0;
            let is_new = self.found.back().is_none_or(|last| *last < start);
            if is_new && matters(&self.small[hit.clone()], window.get(start + hit.len()..to)) {
                self.found.push_back(start);
            }
        }
    }
}

/// Small letters, and blanks for all that parts attributes.
fn plain(byte: u8) -> u8 {
    byte.max(b' ').to_ascii_lowercase()
}

/// Whether a word matters, by what stands behind it. What is cut off may.
fn matters(word: &[u8], behind: &[u8]) -> bool {
    match word {
        b"rel=" | b"rev=" => may_hold_a_whole_name(behind),
        b"alt=" | b"title=" => may_hold_a_number(behind.trim_ascii_start()),
        b"alt " | b"title " | b"aria-label" | b"placeholder" => {
            let rest = behind.trim_ascii_start();
            rest.is_empty() || rest.strip_prefix(b"=").is_some_and(may_hold_a_number)
        }
        _ => true,
    }
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
        places_as_it_arrives(markup, &[], &[markup.len()])
    }

    /// What is found in markup with these parts, which arrives up to each of these bytes in turn.
    fn places_as_it_arrives(markup: &str, parts: &[Part], ends: &[usize]) -> Vec<usize> {
        let (mut interest, mut window) = (Interest::default(), Window::default());
        for end in ends {
            window.write(&markup.as_bytes()[window.end()..*end]);
            interest.search(&window, parts, *end);
        }
        interest.found.into()
    }

    #[test]
    fn what_is_cut_off_is_found_once() {
        let markup = "<a href=tel:1 placeholder='1234' rel=a:b><a href=sms:1";
        for cut in 0..=markup.len() {
            assert_eq!(places_as_it_arrives(markup, &[], &[cut, markup.len()]), [8, 14, 33, 49], "{cut}");
        }
    }

    #[test]
    fn what_stands_behind_long_texts_is_found_where_it_stands() {
        let text = format!("tel:{}te", "x".repeat(LONG));
        let markup = format!("<a rel=tel:1>{text}l:<b>{text}<i title=12345>{text}<b class=vcard>");
        let begins =
            |count| markup.match_indices(&text).nth(count).map(|(at, _)| at..at + text.len()).unwrap();
        let parts: Vec<_> = (0..3).map(|count| Part::Dull(begins(count))).collect();
        let (first, title, card) = (3, markup.find("title").unwrap(), markup.find("vcard").unwrap());
        assert_eq!(places_as_it_arrives(&markup, &parts, &[markup.len()]), [first, 7, title, card]);
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
        for name in VISIBLE {
            assert_eq!(
                places(&format!("<i {name}='24 h'><i {name}='2125550'>")),
                [14 + name.len()],
                "{name}"
            );
        }
        assert!(WORDS.iter().all(|word| word.len() <= LONGEST && !word.as_bytes().contains(&APART)));
    }
}
