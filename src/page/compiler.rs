//! The reading of a page into pieces, while it arrives.
//!
//! Owns the page's bytes from their arrival until it is certain what they are. Whatever goes wrong, from then on the
//! origin's own bytes are the pieces.

mod attributes;
mod decisions;
mod declaration;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::Lines;
use super::encoding::{Declared, Mark, byte_order_mark, whole_characters};
use super::head::Head;
use super::inserts::Inserts;
use super::interest::Interest;
use super::left::Left;
use super::piece::{Piece, Place};
use super::reader::{Part, Reader, Unreadable};
use super::structured::Structured;
use super::tag::{Tag, Token};
use super::window::Window;
use crate::number::{Charset, Found, Scanner};

/// Bytes that are given to the reader at once: how much it may have seen before a look is taken doesn't hang on how the
/// page arrives.
const AT_ONCE: usize = 16 << 10;

/// Reads one page.
pub struct Compiler {
    lines: Arc<Lines>,
    declared: Declared,
    charset: Charset,
    /// The page's head has ended, by its own word.
    is_behind_head: bool,
    /// From here on the page goes through as it is.
    through: bool,
    /// Bytes of the page that have left as the origin's, whatever they turn out to be.
    out: usize,
    reader: Reader,
    scanner: Scanner,
    structured: Structured,
    head: Head,
    window: Window,
    /// Up to where lol_html has been given the page, and up to where the page has been looked at.
    given: usize,
    looked: usize,
    /// Where a number, or what numbers depend on, was looked for: until its end was known, nothing here was certain.
    alerts: Vec<Range<usize>>,
    alert: Option<usize>,
    interest: Interest,
    inserts: Inserts,
    parts: Vec<Part>,
    found: Vec<Found>,
}

impl Compiler {
    /// A compiler for a page on which these lines' numbers are looked for. `declared` is what its header says of its
    /// charset; in one that numbers can't be read in, the page goes through.
    pub fn new(lines: Arc<Lines>, declared: Declared) -> Self {
        let readable = declared.charset();
        let (through, charset) = (readable.is_none(), readable.clone().unwrap_or(Charset::Utf8));
        Compiler {
            head: if lines.hydrates { Head::default() } else { Head::not_wanted() },
            inserts: Inserts::new(lines.hydrates),
            lines,
            declared,
            is_behind_head: false,
            through,
            out: 0,
            reader: Reader::new(readable.filter(|_| declared != Declared::Unknown).as_ref()),
            scanner: Scanner::new(charset.clone()),
            charset,
            structured: Structured::default(),
            window: Window::default(),
            given: 0,
            looked: 0,
            alerts: Vec::new(),
            alert: None,
            interest: Interest::default(),
            parts: Vec::new(),
            found: Vec::new(),
        }
    }

    /// The same for a page that begins with bytes which have left as the origin's already. From a tag on of which they were
    /// only a part, the page goes through: what belongs before the tag would be missing.
    pub fn behind(lines: Arc<Lines>, declared: Declared, out: usize) -> Self {
        Compiler { out, ..Compiler::new(lines, declared) }
    }

    /// Reads on. What has become certain is appended to `pieces`; together the pieces are the bytes written so far, but
    /// for the few that are not certain yet.
    pub fn write(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) {
        self.window.write(bytes);
        if self.given == 0 && !self.through {
            match byte_order_mark(self.window.bytes()) {
                Mark::Maybe => return,
                Mark::Is(encoding) => self.declare(encoding),
                Mark::No => {}
            }
        }
        self.advance(self.window.start() + whole_characters(self.window.bytes()), pieces);
    }

    /// The page ends here: the rest of its pieces.
    pub fn end(&mut self, pieces: &mut Vec<Piece>) {
        let len = self.window.end();
        if self.read_on(len).is_ok() {
            let alerts = self.alerts.len();
            let undecided = self.alert.unwrap_or(self.looked);
            if self.reader.end().is_ok() {
                self.reader.seen(&mut self.parts);
                self.look(len);
                self.scanner.end(self.lines.matcher(), &mut self.found);
                self.settle();
                if !self.through {
                    self.reach(len);
                }
            } else {
                self.through = true;
            }
            self.alerts.truncate(alerts);
            self.alerts.push(undecided..usize::MAX);
        }
        self.end_open(len);
        self.through = true;
        self.emit(usize::MAX, pieces);
    }

    /// From here on the page goes through as it is.
    pub fn give_up(&mut self, pieces: &mut Vec<Piece>) {
        self.through = true;
        self.end_open(self.looked);
        self.emit(usize::MAX, pieces);
    }

    /// Whether the page, from here on, goes through as it is.
    pub fn has_given_up(&self) -> bool {
        self.through
    }

    /// Why the page, from here on, goes through as it is; none where it doesn't. To be asked before the page's end.
    pub fn gave_up_because(&self) -> Option<&'static str> {
        match self.declared.is_readable() {
            _ if !self.through => None,
            false => Some("numbers can't be read in the page's charset"),
            true => Some("the page is an AMP page, or too odd to be read on"),
        }
    }

    /// What the page is written in, as far as is known by now.
    pub fn encoding(&self) -> &'static encoding_rs::Encoding {
        match self.declared {
            Declared::Certainly(encoding) => encoding,
            Declared::Unknown => encoding_rs::UTF_8,
        }
    }

    /// What of the lines' numbers stands on the whole page and is in none of the slots, whose places ascend. `through`: why
    /// the page went through before it ended.
    pub fn left(&self, page: &[u8], slots: &[Range<usize>], through: Option<&str>) -> Vec<Left> {
        Left::on(page, &self.lines, &self.charset, slots, through)
    }

    /// The places where the page must be known further on before what stands there is certain.
    pub fn take_alerts(&mut self) -> Vec<Range<usize>> {
        std::mem::take(&mut self.alerts)
    }

    /// Reads up to byte `to` of the page, and makes pieces of what is certain.
    fn advance(&mut self, to: usize, pieces: &mut Vec<Piece>) {
        match self.read_on(to) {
            Ok(read) => self.emit(self.held().map_or(read, |held| held.min(read)), pieces),
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
            let piece = self.window.get(self.given..end);
            let piece = if end < to { &piece[..whole_characters(piece)] } else { piece };
            let outcome = self.reader.write(piece);
            self.given += piece.len();
            self.reader.seen(&mut self.parts);
            self.interest.search(&self.window, &self.parts, self.given);
            read = self.end_of_tokens(read);
            self.look(read);
            outcome?;
        }
        if self.through { Err(Unreadable) } else { Ok(read) }
    }

    /// Up to where the reader has read for certain: tokens that are whole, after the last text. `read`: where that was before.
    fn end_of_tokens(&self, read: usize) -> usize {
        let mut read = self.reader.text_end_before(self.given).unwrap_or(0).max(read);
        let mut in_silence = self.reader.is_in_silence();
        if self.reader.is_escaped() {
            return read;
        }
        while let Some(token) = Token::read(self.window.get(read..self.given)) {
            // Whatever looks like a tag in a script may be text, but for what ends it.
            match &token {
                Token::Tag(tag) if in_silence => match tag.ends_silence() {
                    true => in_silence = false,
                    false => break,
                },
                Token::Tag(tag) => in_silence = tag.may_hold_silence(),
                _ if in_silence => break,
                _ => {}
            }
            read += token.len();
        }
        read
    }

    /// Looks at what has been read, up to byte `read` of the page.
    fn look(&mut self, read: usize) {
        let mut parts = std::mem::take(&mut self.parts);
        for part in parts.drain(..) {
            if self.is_needless(&part) {
                continue;
            }
            self.cross(part.place().start);
            if self.through {
                break;
            }
            if let (Part::Text { place, .. } | Part::AnyText(place), false) = (&part, self.head.is_found()) {
                let begins = self.head.pass_text(self.window.get(place.clone()), place.start);
                self.inserts.begin_head(begins);
            }
            self.look_at(part);
            self.settle();
        }
        self.parts = parts;
        self.cross(read);
        self.settle();
        if self.scanner.is_idle() && !self.through {
            self.reach(read);
        }
    }

    fn look_at(&mut self, part: Part) {
        match part {
            Part::AnyText(place) if self.is_dull(&place) => {
                self.reach(place.start);
                self.read_text(place);
            }
            Part::Text { place, from } => self.search_text(place, from),
            Part::AnyText(place) | Part::Characters(place) => self.search_text(place, 0),
            Part::Dull(_) => {}
            Part::Silent(place) => {
                self.scanner.end(self.lines.matcher(), &mut self.found);
                self.calm_down(place.end);
                self.looked = place.end;
            }
            Part::Comment(place) => {
                self.pass_unseen(place.clone());
                self.calm_down(place.end);
                self.looked = place.end;
            }
        }
    }

    fn pass_unseen(&mut self, place: Range<usize>) {
        let before = self.window.before(place.start);
        self.scanner.pass_unseen(self.lines.matcher(), place, before, &mut self.found);
    }

    /// Once nothing is in the balance any more, at byte `at` of the page, that is noted.
    fn calm_down(&mut self, at: usize) {
        if self.scanner.is_idle()
            && self.structured.held().is_none()
            && let Some(start) = self.alert.take()
        {
            self.alerts.push(start..at);
        }
    }

    /// Whether the part is a text that need not be read, in a charset that is known by now: it doesn't even tell where the
    /// characters of the next text begin.
    fn is_needless(&self, part: &Part) -> bool {
        let place = match part {
            Part::Dull(_) => return true,
            Part::AnyText(place) => place,
            Part::Text { place, from } if self.head.is_found() && self.is_before_tag(place.end) => {
                return self.scanner.is_needless(self.lines.matcher(), &self.text(place)[*from..]);
            }
            _ => return false,
        };
        !self.may_declare_at(self.looked)
            && self.is_dull(place)
            && (!self.charset.is_multi_byte() || self.text(place).is_ascii())
    }

    /// Whether no number begins in a text, nor goes on in it.
    fn is_dull(&self, place: &Range<usize>) -> bool {
        self.scanner.is_idle() && self.charset.beginning(self.text(place)).is_none()
    }

    /// Whether the text that ends here ends with a tag, and one that parts it from what follows: `<wbr>` does not.
    fn is_before_tag(&self, end: usize) -> bool {
        matches!(self.window.from(end), [b'<', first, ..] if !matches!(first, b'w' | b'W'))
    }

    fn text(&self, place: &Range<usize>) -> &[u8] {
        self.window.get(place.clone())
    }

    /// Reads a text in which a number may go on, or begin `from` this byte of it on.
    fn search_text(&mut self, place: Range<usize>, from: usize) {
        self.reach(place.start);
        let start = if self.scanner.is_idle() { place.start + from } else { place.start };
        self.alert.get_or_insert(start);
        self.read_text(start..place.end);
        self.calm_down(place.end);
    }

    fn read_text(&mut self, place: Range<usize>) {
        if !self.structured.forbids() {
            if self.scanner.is_idle() && !self.scanner.goes_on_at(place.start) {
                self.scanner.begin_behind(place.start, self.window.before(place.start));
            }
            let text = self.window.get(place.clone());
            self.scanner.feed(self.lines.matcher(), text, place.start, &mut self.found);
        }
        self.looked = place.end;
    }

    /// Crosses from what was last looked at to byte `to` of the page: tags, and text that holds no digits. Most of it is
    /// of no interest, and not even looked at.
    fn cross(&mut self, to: usize) {
        while self.looked < to && !self.through {
            let is_head = self.may_declare_at(self.looked) || !self.head.is_found();
            if !self.scanner.is_idle() || self.structured.is_watching() || is_head {
                self.walk(self.looked + 1, to);
            } else if let Some(place) = self.interest.next(self.looked).filter(|place| *place < to) {
                // Tags before it need not be read.
                self.looked = self.reader.text_end_before(place).unwrap_or(0).max(self.looked);
                self.walk(place + 1, to);
            } else {
                break;
            }
        }
        self.looked = self.looked.max(to);
    }

    /// Looks at tokens until one ends at byte `until` or later.
    fn walk(&mut self, until: usize, to: usize) {
        let lines = Arc::clone(&self.lines);
        // Tags borrow the bytes while the compiler takes note of them.
        let markup = std::mem::take(&mut self.window);
        while self.looked < until && !self.through {
            let rest = markup.get(self.looked..to);
            // Tags are read whole, so that an angle bracket at the end is a text's.
            let token = Token::read(rest).unwrap_or(match rest.len() {
                1 => Token::Text(1),
                len => Token::Comment(len),
            });
            if !self.head.is_found() {
                let begins = self.head.pass(&token, &rest[..token.len()], self.looked);
                self.inserts.begin_head(begins);
            }
            match &token {
                Token::Tag(tag) => {
                    self.alert.get_or_insert(self.looked);
                    self.pass(tag, self.looked, &markup);
                }
                Token::Comment(len) => {
                    let place = self.looked..self.looked + len;
                    let before = markup.before(place.start);
                    self.scanner.pass_unseen(lines.matcher(), place, before, &mut self.found);
                }
                Token::Text(len) if !self.scanner.is_idle() && !self.structured.forbids() => {
                    self.scanner.feed(lines.matcher(), &rest[..*len], self.looked, &mut self.found);
                }
                Token::Text(_) => {}
            }
            self.looked += token.len();
            self.calm_down(self.looked);
        }
        self.window = markup;
    }

    fn pass(&mut self, tag: &Tag<'_>, at: usize, markup: &Window) {
        if (at + 1..at + tag.len()).contains(&self.out) {
            self.through = true;
            return;
        }
        self.reach(at);
        let border = self.structured.pass(tag, at);
        let lines = Arc::clone(&self.lines);
        match tag.is_inline() && !border {
            true if tag.is("wbr") => {
                let (place, before) = (at..at + tag.len(), markup.before(at));
                self.scanner.pass_unseen(lines.matcher(), place, before, &mut self.found);
            }
            true => self.scanner.edge(lines.matcher(), at, &mut self.found),
            false => self.scanner.end(lines.matcher(), &mut self.found),
        }
        self.settle();
        self.decide(markup);
        if self.may_declare_at(at) {
            self.heed_head(tag);
        }
        if tag.closing {
            return;
        }
        if (tag.is("a") || tag.is("area")) && !self.structured.forbids_links() {
            self.find_link(tag, at);
        }
        if !self.structured.forbids() {
            self.find_visible(tag, at);
        }
    }

    /// The first byte that may yet read otherwise.
    fn held(&self) -> Option<usize> {
        [self.scanner.held(), self.structured.held()].into_iter().flatten().min()
    }

    /// Makes slots of the numbers found in text.
    fn settle(&mut self) {
        self.inserts.fill(self.found.drain(..), Place::Text);
    }

    /// Makes pieces of everything before byte `to` of the page; of all that has come, where it is further on.
    fn emit(&mut self, to: usize, pieces: &mut Vec<Piece>) {
        for insert in self.inserts.take_before(to) {
            self.emit_origin(insert.at.start, pieces);
            let origin = self.take(insert.at.end);
            pieces.push(insert.piece(origin));
        }
        self.emit_origin(to.min(self.window.end()), pieces);
    }

    fn emit_origin(&mut self, to: usize, pieces: &mut Vec<Piece>) {
        let bytes = self.take(to);
        if !bytes.is_empty() {
            pieces.push(Piece::Origin(bytes));
        }
    }

    fn take(&mut self, to: usize) -> Bytes {
        let taken = self.window.take(to);
        self.given = self.given.max(self.window.start());
        taken
    }
}

#[cfg(test)]
#[path = "compiler_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "arrival_tests.rs"]
mod arrival_tests;

#[cfg(test)]
#[path = "attribute_tests.rs"]
mod attribute_tests;

#[cfg(test)]
#[path = "charset_tests.rs"]
mod charset_tests;

#[cfg(test)]
#[path = "structured_tests.rs"]
mod structured_tests;
