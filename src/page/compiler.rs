//! The reading of a page into pieces, while it arrives.
//!
//! Owns the page's bytes from their arrival until it is certain what they are. Whatever goes wrong, from then on the
//! origin's own bytes are the pieces.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use aho_corasick::packed::Searcher;
use bytes::{Bytes, BytesMut};

use super::Lines;
use super::encoding::{Declared, Mark, byte_order_mark, charset_of_meta};
use super::guard::Guard;
use super::head::{Beginning, Head};
use super::piece::{self, Aside, Piece, Place, Slot};
use super::reader::{Part, Reader, Unreadable};
use super::tag::{Tag, Token};
use crate::number::{Charset, Found, Scanner};

/// A page that names its charset, or calls itself AMP, does so within its first bytes (HTML Standard §13.2.3.2).
const EARLY: usize = 1024;

/// Bytes that are given to the reader at once: how much it may have seen before a look is taken doesn't hang on how the
/// page arrives.
const AT_ONCE: usize = 16 << 10;

/// Reads one page.
pub struct Compiler {
    lines: Arc<Lines>,
    declared: Declared,
    charset: Charset,
    /// From here on the page goes through as it is.
    through: bool,
    reader: Reader,
    scanner: Scanner,
    guard: Guard,
    head: Head,
    /// Bytes that are no pieces yet, the first of which is byte `base` of the page.
    window: BytesMut,
    base: usize,
    /// The two bytes before the window.
    behind: [u8; 2],
    /// Up to where lol_html has been given the page, and up to where the page has been looked at.
    given: usize,
    looked: usize,
    /// Where a number, or what numbers depend on, was looked for: until its end was known, nothing here was certain.
    alerts: Vec<Range<usize>>,
    alert: Option<usize>,
    /// Where something of interest stands that hasn't been looked at, and up to where it was searched for.
    of_interest: VecDeque<usize>,
    searched: usize,
    inserts: Vec<Insert>,
    parts: Vec<Part>,
    found: Vec<Found>,
}

/// A slot or aside, and the bytes that it stands for.
struct Insert {
    at: Range<usize>,
    what: What,
}

enum What {
    Slot { found: Box<Found>, segment: usize, place: Place },
    Aside { line: usize, place: Place, shown: Bytes },
    Head(piece::Head),
}

impl Compiler {
    /// A compiler for a page on which these lines' numbers are looked for. `declared` is what its header says of its
    /// charset; in one that numbers can't be read in, the page goes through.
    pub fn new(lines: Arc<Lines>, declared: Declared) -> Self {
        let readable = declared.charset();
        let charset = readable.clone().unwrap_or(Charset::Utf8);
        Compiler {
            head: if lines.hydrates { Head::default() } else { Head::not_wanted() },
            lines,
            declared,
            through: readable.is_none(),
            reader: Reader::new(),
            scanner: Scanner::new(charset.clone()),
            charset,
            guard: Guard::default(),
            window: BytesMut::new(),
            base: 0,
            behind: [b' '; 2],
            given: 0,
            looked: 0,
            alerts: Vec::new(),
            alert: None,
            of_interest: VecDeque::new(),
            searched: 0,
            inserts: Vec::new(),
            parts: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Reads on. What has become certain is appended to `pieces`; together the pieces are the bytes written so far, but
    /// for the few that are not certain yet.
    pub fn write(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) {
        self.window.extend_from_slice(bytes);
        if self.given == 0 && !self.through {
            match byte_order_mark(&self.window) {
                Mark::Maybe => return,
                Mark::Is(encoding) => self.declare(encoding),
                Mark::No => {}
            }
        }
        self.advance(self.base + whole_characters(&self.window), pieces);
    }

    /// The page ends here: the rest of its pieces.
    pub fn end(&mut self, pieces: &mut Vec<Piece>) {
        let len = self.base + self.window.len();
        if self.read_on(len).is_ok() {
            let alerts = self.alerts.len();
            let undecided = self.alert.unwrap_or(self.looked);
            if self.reader.end().is_ok() {
                self.reader.seen(&mut self.parts);
                self.look(len);
                self.scanner.end(self.lines.matcher(), &mut self.found);
                self.settle();
            }
            self.alerts.truncate(alerts);
            self.alerts.push(undecided..usize::MAX);
        }
        self.through = true;
        self.emit(len, pieces);
    }

    /// From here on the page goes through as it is.
    pub fn give_up(&mut self, pieces: &mut Vec<Piece>) {
        self.through = true;
        self.emit(self.base + self.window.len(), pieces);
    }

    /// Whether the page, from here on, goes through as it is.
    pub fn has_given_up(&self) -> bool {
        self.through
    }

    /// The places where the page must be known further on before what stands there is certain.
    pub fn take_alerts(&mut self) -> Vec<Range<usize>> {
        std::mem::take(&mut self.alerts)
    }

    /// Reads up to byte `to` of the page, and makes pieces of what is certain.
    fn advance(&mut self, to: usize, pieces: &mut Vec<Piece>) {
        match self.read_on(to) {
            Ok(read) => self.emit(self.scanner.held().unwrap_or(read).min(read), pieces),
            Err(Unreadable) => self.give_up(pieces),
        }
    }

    /// Gives the page up to byte `to` to the reader, looks at what it saw, and returns how far it has read for certain.
    ///
    /// # Errors
    /// [`Unreadable`] where the page goes through.
    fn read_on(&mut self, to: usize) -> Result<usize, Unreadable> {
        let mut read = self.looked;
        while self.given < to && !self.through {
            let end = to.min(self.given + AT_ONCE);
            let piece = &self.window[self.given - self.base..end - self.base];
            let piece = if end < to { &piece[..whole_characters(piece)] } else { piece };
            let outcome = self.reader.write(piece);
            self.given += piece.len();
            self.reader.seen(&mut self.parts);
            self.search();
            read = self.end_of_tokens(read);
            self.look(read);
            outcome?;
        }
        if self.through { Err(Unreadable) } else { Ok(read) }
    }

    /// Up to where the reader has read for certain: tokens that are whole, after the last text. `read`: where that was before.
    fn end_of_tokens(&self, read: usize) -> usize {
        let mut read = self.reader.text_end_before(self.given).unwrap_or(0).max(read);
        while let Some(token) = Token::read(&self.window[read - self.base..self.given - self.base]) {
            read += token.len();
        }
        read
    }

    /// Looks at what has been read, up to byte `read` of the page.
    fn look(&mut self, read: usize) {
        let mut parts = std::mem::take(&mut self.parts);
        for part in parts.drain(..) {
            self.cross(part.place().start);
            if self.through {
                break;
            }
            if let (Part::Text(place), false) = (&part, self.head.is_found()) {
                let text = &self.window[place.start - self.base..place.end - self.base];
                let begins = self.head.pass_text(text, place.start);
                self.begin_head(begins);
            }
            match part {
                Part::Text(place) => {
                    self.alert.get_or_insert(place.start);
                    let end = place.end;
                    self.read_text(place);
                    self.calm_down(end);
                }
                Part::Silent(place) => {
                    self.scanner.end(self.lines.matcher(), &mut self.found);
                    self.calm_down(place.end);
                    self.looked = place.end;
                }
                Part::Comment(place) => {
                    self.scanner.edge(self.lines.matcher(), place.start, &mut self.found);
                    self.calm_down(place.end);
                    self.looked = place.end;
                }
            }
            self.settle();
        }
        self.parts = parts;
        self.cross(read);
        self.settle();
    }

    /// Once nothing is in the balance any more, at byte `at` of the page, that is noted.
    fn calm_down(&mut self, at: usize) {
        if self.scanner.is_idle()
            && let Some(start) = self.alert.take()
        {
            self.alerts.push(start..at);
        }
    }

    fn read_text(&mut self, place: Range<usize>) {
        if !self.guard.is_up() {
            if self.scanner.is_idle() && !self.scanner.goes_on_at(place.start) {
                self.scanner.begin_behind(place.start, self.two_bytes_before(place.start));
            }
            let text = &self.window[place.start - self.base..place.end - self.base];
            self.scanner.feed(self.lines.matcher(), text, place.start, &mut self.found);
        }
        self.looked = place.end;
    }

    fn two_bytes_before(&self, at: usize) -> [u8; 2] {
        let byte = |back: usize| match (at - self.base).checked_sub(back) {
            Some(index) => self.window[index],
            None => self.behind[2 - (back - (at - self.base))],
        };
        [byte(2), byte(1)]
    }

    /// Crosses from what was last looked at to byte `to` of the page: tags, and text that holds no digits. Most of it is
    /// of no interest, and not even looked at.
    fn cross(&mut self, to: usize) {
        while self.looked < to && !self.through {
            let is_early = self.looked < EARLY || !self.head.is_found();
            if !self.scanner.is_idle() || self.guard.is_watching() || is_early {
                self.walk(self.looked + 1, to);
            } else if let Some(place) = self.next_of_interest().filter(|place| *place < to) {
                // Tags before it need not be read.
                self.looked = self.reader.text_end_before(place).unwrap_or(0).max(self.looked);
                self.walk(place + 1, to);
            } else {
                break;
            }
        }
        self.looked = self.looked.max(to);
    }

    /// Where the next thing of interest stands in what the reader was given.
    fn next_of_interest(&mut self) -> Option<usize> {
        while self.of_interest.front().is_some_and(|place| *place < self.looked) {
            self.of_interest.pop_front();
        }
        self.of_interest.front().copied()
    }

    /// Looks for what is of interest in what the reader has been given since the last time.
    fn search(&mut self) {
        let from = self.searched.max(self.base);
        self.of_interest
            .extend(what_matters(&self.window[from - self.base..self.given - self.base]).map(|at| from + at));
        // What is cut off is looked for again.
        let last = self.of_interest.back().map_or(0, |last| last + 1);
        self.searched = self.given.saturating_sub(LONGEST_OF_INTEREST).max(last);
    }

    /// Looks at tokens until one ends at byte `until` or later.
    fn walk(&mut self, until: usize, to: usize) {
        let lines = Arc::clone(&self.lines);
        // Tags borrow the bytes while the compiler takes note of them.
        let markup = std::mem::take(&mut self.window);
        while self.looked < until && !self.through {
            let rest = &markup[self.looked - self.base..to - self.base];
            // Tags are read whole, so that an angle bracket at the end is a text's.
            let token = Token::read(rest).unwrap_or(match rest.len() {
                1 => Token::Text(1),
                len => Token::Comment(len),
            });
            if !self.head.is_found() {
                let begins = self.head.pass(&token, &rest[..token.len()], self.looked);
                self.begin_head(begins);
            }
            match token {
                Token::Tag(tag) => {
                    self.alert.get_or_insert(self.looked);
                    self.pass(&tag, self.looked);
                }
                Token::Comment(_) => self.scanner.edge(lines.matcher(), self.looked, &mut self.found),
                Token::Text(len) if !self.scanner.is_idle() => {
                    self.scanner.feed(lines.matcher(), &rest[..len], self.looked, &mut self.found);
                }
                Token::Text(_) => {}
            }
            self.looked += token.len();
            self.calm_down(self.looked);
        }
        self.window = markup;
    }

    fn pass(&mut self, tag: &Tag<'_>, at: usize) {
        let guarded = self.guard.is_up();
        self.guard.pass(tag);
        let lines = Arc::clone(&self.lines);
        match tag.is_inline() && guarded == self.guard.is_up() {
            true => self.scanner.edge(lines.matcher(), at, &mut self.found),
            false => self.scanner.end(lines.matcher(), &mut self.found),
        }
        if tag.closing {
            return;
        }
        if at < EARLY {
            self.heed_head(tag);
        }
        if !self.guard.is_up() && (tag.is("a") || tag.is("area")) {
            self.find_link(tag, at);
        }
    }

    /// A page's own word on its charset, and on being AMP, whose pages must keep to a validator's letter.
    fn heed_head(&mut self, tag: &Tag<'_>) {
        if tag.is("html") && (tag.attribute("amp").is_some() || tag.attribute("⚡").is_some()) {
            self.through = true;
        }
        if tag.is("meta") && self.declared == Declared::Unknown {
            let text = |name| tag.value(name).map(String::from_utf8_lossy);
            let (charset, equiv, content) = (text("charset"), text("http-equiv"), text("content"));
            if let Some(encoding) = charset_of_meta(charset.as_deref(), equiv.as_deref(), content.as_deref())
            {
                self.declare(encoding);
            }
        }
    }

    fn declare(&mut self, encoding: &'static encoding_rs::Encoding) {
        self.declared = Declared::Certainly(encoding);
        match self.declared.charset() {
            Some(charset) => {
                self.scanner.set_charset(charset.clone());
                self.charset = charset;
            }
            None => self.through = true,
        }
    }

    fn begin_head(&mut self, begins: Option<Beginning>) {
        if let Some(Beginning { at, implied }) = begins {
            self.inserts.push(Insert { at: at..at, what: What::Head(piece::Head { implied }) });
        }
    }

    fn find_link(&mut self, tag: &Tag<'_>, at: usize) {
        let Some(href) = tag.attribute("href") else { return };
        let value = tag.value("href").unwrap_or_default();
        let value_at = at + href.value.start;
        let Some((scheme, found)) = self.lines.matcher().find_in_link(value, value_at, &self.charset) else {
            return;
        };
        let (place, line) = (Place::Link(scheme), usize::from(found.line));
        self.insert(found, place);
        if self.lines.mark && tag.attribute("data-nap").is_none() {
            let mark = format!(" data-nap=\"{}\"", self.lines.canonical(line).e164());
            let end = at + href.end;
            self.inserts.push(Insert { at: end..end, what: What::Aside { line, place, shown: mark.into() } });
        }
    }

    /// Makes slots of the numbers found in text.
    fn settle(&mut self) {
        for found in std::mem::take(&mut self.found) {
            self.insert(found, Place::Text);
        }
    }

    fn insert(&mut self, found: Found, place: Place) {
        for segment in 0..found.segments.len() {
            let at = found.segments[segment].start..found.segments[segment].end;
            self.inserts
                .push(Insert { at, what: What::Slot { found: Box::new(found.clone()), segment, place } });
        }
    }

    /// Makes pieces of everything before byte `to` of the page.
    fn emit(&mut self, to: usize, pieces: &mut Vec<Piece>) {
        self.inserts.sort_by_key(|insert| insert.at.start);
        let ready = self.inserts.iter().take_while(|insert| insert.at.end <= to).count();
        let inserts: Vec<Insert> = self.inserts.drain(..ready).collect();
        for insert in inserts {
            self.emit_origin(insert.at.start, pieces);
            let origin = self.take(insert.at.end);
            pieces.push(insert.what.piece(origin));
        }
        self.emit_origin(to, pieces);
    }

    fn emit_origin(&mut self, to: usize, pieces: &mut Vec<Piece>) {
        let bytes = self.take(to);
        if !bytes.is_empty() {
            pieces.push(Piece::Origin(bytes));
        }
    }

    /// Takes the bytes before byte `to` of the page out of the window.
    fn take(&mut self, to: usize) -> Bytes {
        let taken = self.window.split_to(to.saturating_sub(self.base)).freeze();
        self.base += taken.len();
        match taken[..] {
            [.., a, b] => self.behind = [a, b],
            [b] => self.behind = [self.behind[1], b],
            [] => {}
        }
        self.given = self.given.max(self.base);
        taken
    }
}

impl What {
    fn piece(self, origin: Bytes) -> Piece {
        match self {
            What::Slot { found, segment, place } => {
                let in_link = matches!(place, Place::Link(_));
                let rendition = found.segments[segment].rendition(&found, origin, in_link);
                Piece::Slot(Arc::new(Slot { line: usize::from(found.line), place, rendition }))
            }
            What::Aside { line, place, shown } => {
                Piece::Aside(Arc::new(Aside { line, place, origin, shown }))
            }
            What::Head(head) => Piece::Head(head),
        }
    }
}

/// What a tag holds that matters here, a link or a guard, in any case: how it begins, and how it goes on. Without it, tags
/// need not be read.
const OF_INTEREST: [(&str, &str); 9] = [
    ("tel", ":"),
    ("tel", "ephone"),
    ("sms", ":"),
    ("pho", "ne"),
    ("fax", "number"),
    ("vca", "rd"),
    ("edi", "table"),
    ("<sv", "g"),
    ("<ma", "th"),
];

/// Finds how something of interest begins. More than 64 different beginnings are too many for it.
static SEARCHER: LazyLock<Option<Searcher>> = LazyLock::new(|| {
    let beginnings: BTreeSet<Vec<u8>> = OF_INTEREST.iter().flat_map(|(word, _)| in_any_case(word)).collect();
    Searcher::new(beginnings)
});

/// Bytes of the longest thing of interest, and one on either side.
const LONGEST_OF_INTEREST: usize = 11;

fn what_matters(markup: &[u8]) -> impl Iterator<Item = usize> {
    let searcher = SEARCHER.as_ref().expect("what is of interest has few beginnings");
    searcher.find_iter(markup).map(|hit| hit.start()).filter(|place| matters_at(markup, *place))
}

/// Whether what begins here goes on as something of interest. Beside the words, `tel` is one by itself: a class, a property.
fn matters_at(markup: &[u8], place: usize) -> bool {
    let (begins, goes_on) = markup[place..].split_at(3);
    let listed = OF_INTEREST.iter().any(|(word, rest)| {
        begins.eq_ignore_ascii_case(word.as_bytes())
            && goes_on.get(..rest.len()).is_some_and(|next| next.eq_ignore_ascii_case(rest.as_bytes()))
    });
    let stands_alone = || {
        let before = place.checked_sub(1).and_then(|before| markup.get(before));
        let borders = [before, goes_on.first()];
        borders.into_iter().flatten().all(|byte| !byte.is_ascii_alphanumeric())
    };
    listed || begins.eq_ignore_ascii_case(b"tel") && stands_alone()
}

fn in_any_case(word: &str) -> impl Iterator<Item = Vec<u8>> + '_ {
    let capital = |mask: u32| {
        move |(place, byte): (usize, u8)| {
            if mask >> place & 1 == 1 { byte.to_ascii_uppercase() } else { byte }
        }
    };
    (0..1u32 << word.len()).map(move |mask| word.bytes().enumerate().map(capital(mask)).collect())
}

/// How many of the bytes come before a UTF-8 character that isn't whole yet.
fn whole_characters(bytes: &[u8]) -> usize {
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
#[path = "compiler_tests.rs"]
mod tests;
