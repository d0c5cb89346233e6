//! lol_html, as the reader of pages: where texts, scripts and comments lie.
//!
//! It only looks, and its output goes nowhere. It is asked for texts and comments and nothing more, since each further
//! subscription costs: what lies between them are tags, and those that matter are read where a text ended last.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use encoding_rs::{UTF_8, X_USER_DEFINED};
use lol_html::html_content::TextType;
use lol_html::send::{HtmlRewriter, Settings};
use lol_html::{AsciiCompatibleEncoding, MemorySettings, OutputSink, doc_comments, doc_text};
use parking_lot::Mutex;

use crate::number::Charset;

/// What the reader may hold for one page: a longer tag makes the page too odd to fill.
const MEMORY: usize = if cfg!(test) { 1 << 16 } else { 1 << 20 };

/// A part of the page, in bytes of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Text that a person reads. A number may begin `from` this byte of it on.
    Text {
        place: Range<usize>,
        from: usize,
    },
    /// Text that a person reads, and that was not searched for digits.
    AnyText(Range<usize>),
    /// Text that a person reads, and in which no number begins. Only where it is [`LONG`].
    Dull(Range<usize>),
    /// A section of characters in a drawing or a formula: text, whatever in it looks like markup.
    Characters(Range<usize>),
    /// What no person reads as text: script, style, title and the like.
    Silent(Range<usize>),
    Comment(Range<usize>),
}

/// Bytes of a text that is long enough to be worth passing over.
pub(super) const LONG: usize = 160;

impl Part {
    pub fn place(&self) -> &Range<usize> {
        match self {
            Part::Text { place, .. }
            | Part::AnyText(place)
            | Part::Dull(place)
            | Part::Characters(place)
            | Part::Silent(place)
            | Part::Comment(place) => place,
        }
    }
}

/// Reads one page.
pub struct Reader {
    /// None once the page has ended.
    rewriter: Option<HtmlRewriter<'static, Nowhere>>,
    progress: Arc<Progress>,
}

/// What the reader's handlers have seen.
#[derive(Default)]
struct Progress {
    parts: Mutex<Vec<Part>>,
    texts: TextEnds,
    /// The last text was none that a person reads.
    in_silence: AtomicBool,
    /// It was in a script in which what looks like its end tag need not be it (HTML Standard §13.2.5.18 to 31).
    is_escaped: AtomicBool,
}

struct Nowhere;

impl OutputSink for Nowhere {
    fn handle_chunk(&mut self, _: &[u8]) {}
}

/// Where the last texts and comments ended: a tag or comment begins there.
struct TextEnds {
    places: [AtomicUsize; TEXTS],
    count: AtomicUsize,
}

/// More texts than most pages have in what is given to the reader at once. A power of two.
const TEXTS: usize = 1024;

impl Default for TextEnds {
    fn default() -> Self {
        TextEnds { places: [const { AtomicUsize::new(0) }; TEXTS], count: AtomicUsize::new(0) }
    }
}

impl TextEnds {
    fn push(&self, place: usize) {
        let count = self.count.load(Ordering::Relaxed);
        self.places[count % TEXTS].store(place, Ordering::Relaxed);
        self.count.store(count + 1, Ordering::Relaxed);
    }

    /// The last one up to `place`, if it is still known.
    fn before(&self, place: usize) -> Option<usize> {
        let count = self.count.load(Ordering::Relaxed);
        let at = |index: usize| self.places[index % TEXTS].load(Ordering::Relaxed);
        let (mut low, mut high) = (count.saturating_sub(TEXTS), count);
        while low < high {
            let middle = low.midpoint(high);
            if at(middle) <= place { low = middle + 1 } else { high = middle }
        }
        (low > count.saturating_sub(TEXTS)).then(|| at(low - 1))
    }
}

/// The page can't be read on.
#[derive(Debug)]
pub struct Unreadable;

impl Reader {
    /// A reader for a page that is in this charset, if that is known for certain. In one with several bytes a character, or
    /// where it is not known, texts come without a search for digits: lol_html gets them as one byte a character then,
    /// for of what may be cut off in the middle it doesn't tell the place.
    pub(super) fn new(charset: Option<&Charset>) -> Self {
        let searches = charset.is_some_and(|charset| !charset.is_multi_byte());
        let encoding = if searches { UTF_8 } else { X_USER_DEFINED };
        let encoding = AsciiCompatibleEncoding::new(encoding).expect("they are compatible with ASCII");
        let progress = Arc::new(Progress::default());
        let settings = settings()
            .with_encoding(encoding)
            .append_document_content_handler(see_texts(&progress, searches))
            .append_document_content_handler(see_comments(&progress));
        Reader { rewriter: Some(HtmlRewriter::new(settings, Nowhere)), progress }
    }

    /// lol_html alone, with a text handler that does nothing: the least that reading a page costs. Benchmarks compare with it,
    /// in the same compiled copy of lol_html's code; two copies differ by up to a tenth, as their loops happen to lie.
    pub fn bare() -> Self {
        let settings = settings().append_document_content_handler(doc_text!(|_| Ok(())));
        Reader { rewriter: Some(HtmlRewriter::new(settings, Nowhere)), progress: Arc::default() }
    }

    /// Reads on. `bytes` must not end inside a UTF-8 character, or lol_html's places are off.
    ///
    /// # Errors
    /// [`Unreadable`] where lol_html gives up; it must not be used again then.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
        let rewriter = self.rewriter.as_mut().ok_or(Unreadable)?;
        fail_open(|| rewriter.write(bytes))
    }

    /// The page ends here.
    ///
    /// # Errors
    /// As [`Reader::write`].
    pub fn end(&mut self) -> Result<(), Unreadable> {
        let rewriter = self.rewriter.take().ok_or(Unreadable)?;
        fail_open(|| rewriter.end())
    }

    /// Moves what was seen since the last call to `parts`.
    pub(super) fn seen(&mut self, parts: &mut Vec<Part>) {
        std::mem::swap(&mut *self.progress.parts.lock(), parts);
    }

    /// Whether what was read last is no text of the page, so that what comes is certain only if it ends that.
    pub fn is_in_silence(&self) -> bool {
        self.progress.in_silence.load(Ordering::Relaxed)
    }

    /// Whether even an end tag is not certain before lol_html has seen more.
    pub fn is_escaped(&self) -> bool {
        self.progress.is_escaped.load(Ordering::Relaxed)
    }

    /// The last place up to `place` where a text ended and a tag or comment begins, if that is still known.
    pub fn text_end_before(&self, place: usize) -> Option<usize> {
        self.progress.texts.before(place)
    }
}

fn settings() -> Settings<'static, 'static> {
    Settings::new_send()
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MEMORY))
        .with_strict(false)
}

/// Whatever is wrong in lol_html may cost the visitor the number, but not the page.
fn fail_open<E>(read: impl FnOnce() -> Result<(), E>) -> Result<(), Unreadable> {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
    outcome.map_err(|_| Unreadable)?.map_err(|_| Unreadable)
}

fn see_texts(progress: &Arc<Progress>, searches: bool) -> lol_html::send::DocumentContentHandlers<'static> {
    let progress = Arc::clone(progress);
    doc_text!(move |chunk| {
        let place = chunk.source_location().bytes();
        if place.is_empty() {
            return Ok(()); // it only says that the text has ended
        }
        progress.texts.push(place.end);
        let (kind, text) = (chunk.text_type(), chunk.as_str());
        progress.in_silence.store(kind != TextType::Data, Ordering::Relaxed);
        let escapes = kind == TextType::ScriptData
            && (progress.is_escaped.load(Ordering::Relaxed) || text.starts_with('!') || text.contains("<!"));
        progress.is_escaped.store(escapes, Ordering::Relaxed);
        let part = if kind == TextType::CDataSection {
            Part::Characters(place)
        } else if kind != TextType::Data {
            Part::Silent(place)
        } else if !searches {
            Part::AnyText(place)
        } else if let Some(from) = Charset::Utf8.beginning(text.as_bytes()) {
            // Where the page's bytes are no UTF-8, they were read as others, and what follows is elsewhere.
            let from = if text.len() == place.len() { from } else { 0 };
            Part::Text { place, from }
        } else if place.len() >= LONG {
            Part::Dull(place)
        } else {
            return Ok(());
        };
        progress.parts.lock().push(part);
        Ok(())
    })
}

fn see_comments(progress: &Arc<Progress>) -> lol_html::send::DocumentContentHandlers<'static> {
    let progress = Arc::clone(progress);
    doc_comments!(move |comment| {
        let place = comment.source_location().bytes();
        progress.texts.push(place.end);
        progress.in_silence.store(false, Ordering::Relaxed);
        progress.is_escaped.store(false, Ordering::Relaxed);
        progress.parts.lock().push(Part::Comment(place));
        Ok(())
    })
}
