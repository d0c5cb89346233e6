//! A page that is filled for one visitor: its bytes, and the headers that speak of them.
//!
//! Owns every header that would be wrong, or would let a cache show the page to somebody else.

use std::collections::VecDeque;

use bytes::Bytes;
use http::Response;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use tokio::time::error::Elapsed;

use super::body::{Body, BodyError};
use super::coding::{PageSink, PageSource, Part};
use super::everybody;
use super::inbound::Page;
use super::judge::How;
use super::showing::Showing;
use super::upstream::Answered;
use crate::page::{Declared, Head, Outcome, Piece, Reading};

/// Headers that speak of the origin's bytes, or of how to ask for some of them (RFC 9110 §8.6, §8.8, §14.3; RFC 9530).
pub(super) const OF_OTHER_BYTES: [HeaderName; 11] = [
    header::CONTENT_LENGTH,
    header::ETAG,
    header::LAST_MODIFIED,
    header::ACCEPT_RANGES,
    header::CONTENT_RANGE,
    header::TRAILER,
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("unencoded-digest"),
];

/// Headers that caches heed beside or before Cache-Control; those that end in its name besides (RFC 9213 §2).
const FOR_CACHES: [HeaderName; 5] = [
    header::EXPIRES,
    header::AGE,
    header::PRAGMA,
    HeaderName::from_static("edge-control"),
    HeaderName::from_static("x-accel-expires"),
];

/// Headers that would be answered with a part of the page, or with "as before": neither is this visitor's page.
const CONDITIONS: [HeaderName; 6] = [
    header::RANGE,
    header::IF_RANGE,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_MATCH,
    header::IF_UNMODIFIED_SINCE,
];

/// Of a page that isn't known, so much may wait behind the script's element for the number that it prints, in bytes.
const MOST_WAITING: usize = 64 << 10;

/// Makes a request ask for the page itself, whatever its visitor has of it already.
pub(super) fn ask_for_whole_page(headers: &mut HeaderMap) {
    for name in CONDITIONS {
        headers.remove(name);
    }
}

/// Makes sure that no cache keeps the response.
pub(super) fn keep_private(headers: &mut HeaderMap) {
    let targeted: Vec<HeaderName> = headers
        .keys()
        .filter(|name| {
            ["cache-control", "surrogate-control"].iter().any(|kind| name.as_str().ends_with(kind))
        })
        .cloned()
        .collect();
    for name in targeted.into_iter().chain(FOR_CACHES) {
        headers.remove(name);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
}

/// The response that fills the origin's page as it passes.
pub(super) fn fill(answer: Response<Answered>, how: How, showing: Showing, page: Page) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    match showing.is_everybodys() {
        true => everybody::rewrite_head(&mut parts.headers, how.gzip),
        false => rewrite_head(&mut parts.headers),
    }
    let gzip = how.gzip && showing.visitor_takes_gzip();
    if how.gzip && !gzip {
        parts.headers.remove(header::CONTENT_ENCODING);
    }
    if how.head_only {
        return Response::from_parts(parts, Body::Origin(body));
    }
    let filler = Filler {
        source: PageSource::new(body, how.gzip),
        sink: PageSink::new(gzip),
        reading: showing.reading(&page, how.declared),
        declared: how.declared,
        xml: how.xml,
        waits_until: None,
        pieces: VecDeque::new(),
        room: showing.page_bytes(),
        showing,
        page,
        stage: Stage::Reading,
    };
    let parts_of_page = futures_util::stream::unfold(filler, |mut filler| async move {
        let next = filler.next().await?;
        Some((next, filler))
    });
    Response::from_parts(parts, Body::Filled(Box::pin(parts_of_page)))
}

fn rewrite_head(headers: &mut HeaderMap) {
    for name in OF_OTHER_BYTES {
        headers.remove(name);
    }
    keep_private(headers);
    merge_vary(headers, &["Accept-Encoding", "Cookie"]);
}

/// One Vary line, each name once, with what the page varies by on our account (RFC 9110 §12.5.5).
pub(super) fn merge_vary(headers: &mut HeaderMap, ours: &[&str]) {
    let mut names: Vec<String> = Vec::new();
    let ours = ours.iter().map(|name| (*name).to_owned());
    let theirs = headers.get_all(header::VARY).iter().filter_map(|line| line.to_str().ok());
    for name in theirs.flat_map(|line| line.split(',')).map(|name| name.trim().to_owned()).chain(ours) {
        if !name.is_empty() && !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            names.push(name);
        }
    }
    let vary = if names.iter().any(|name| name == "*") { "*".to_owned() } else { names.join(", ") };
    if let Ok(vary) = HeaderValue::from_str(&vary) {
        headers.insert(header::VARY, vary);
    }
}

/// Fills one page.
struct Filler {
    source: PageSource,
    sink: PageSink,
    reading: Reading,
    declared: Declared,
    /// The page is XHTML.
    xml: bool,
    /// The script's element waits until then at most.
    waits_until: Option<Instant>,
    /// What has become certain and isn't written yet.
    pieces: VecDeque<Piece>,
    /// Bytes that may still be read before the page counts as too long.
    room: u64,
    showing: Showing,
    page: Page,
    stage: Stage,
}

enum Stage {
    Reading,
    /// All has been read; with this outcome.
    Ending(Outcome),
    Ended,
}

impl Filler {
    /// The next bytes for the visitor: what has become certain of the page, with this visitor's numbers.
    async fn next(&mut self) -> Option<Result<Bytes, BodyError>> {
        loop {
            if !self.pieces.is_empty() && !self.script_waits() {
                let filled = self.fill_some().await;
                return Some(self.sink.encode(filled).await);
            }
            match std::mem::replace(&mut self.stage, Stage::Ended) {
                Stage::Reading => match self.next_part().await {
                    Ok(Some(Ok(Part::Page(bytes)))) => {
                        self.stage = Stage::Reading;
                        self.read(&bytes);
                    }
                    Ok(Some(Ok(Part::Raw(bytes)))) => {
                        self.stage = Stage::Reading;
                        self.sink = PageSink::Plain;
                        self.pieces.push_back(Piece::Origin(bytes));
                    }
                    Ok(Some(Err(error))) => return Some(Err(error)),
                    Ok(None) => self.end(),
                    Err(_) => self.stage = Stage::Reading, // and what has come goes on
                },
                Stage::Ending(outcome) => {
                    self.showing.learn(&self.page, self.declared, outcome);
                    let end = self.sink.finish().await;
                    if !matches!(&end, Ok(end) if end.is_empty()) {
                        return Some(end);
                    }
                }
                Stage::Ended => return None,
            }
        }
    }

    /// The next bytes of the page; in time, where the script's element waits for them.
    async fn next_part(&mut self) -> Result<Option<Result<Part, BodyError>>, Elapsed> {
        if self.pieces.is_empty() {
            return Ok(self.source.next().await);
        }
        let wait = self.showing.lease_timeout();
        let until = *self.waits_until.get_or_insert_with(|| Instant::now() + wait);
        tokio::time::timeout_at(until, self.source.next()).await
    }

    /// Whether what comes next is the script's element, and more of the page must come before it is known what it says.
    fn script_waits(&self) -> bool {
        let is_reading = matches!(self.stage, Stage::Reading) && !self.reading.has_given_up();
        let is_next = matches!(self.pieces.front(), Some(Piece::Head(head)) if !(head.implied && self.xml));
        let is_late = self.waits_until.is_some_and(|until| until <= Instant::now());
        let held = || self.pieces.iter().map(|piece| piece.origin().len()).sum::<usize>();
        is_reading
            && is_next
            && !is_late
            && self.showing.script_waits(self.pieces.iter())
            && held() < MOST_WAITING
    }

    fn read(&mut self, bytes: &[u8]) {
        let mut pieces = Vec::new();
        self.reading.write(bytes, &mut pieces);
        self.room = self.room.saturating_sub(bytes.len() as u64);
        if self.room == 0 && !self.reading.has_given_up() {
            self.reading.give_up(&mut pieces);
        }
        self.pieces.extend(pieces);
    }

    fn end(&mut self) {
        let mut pieces = Vec::new();
        self.stage = Stage::Ending(self.reading.end(&mut pieces));
        self.pieces.extend(pieces);
    }

    /// Writes what is certain; but what comes before a number that must be waited for doesn't wait with it.
    async fn fill_some(&mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.pieces.iter().map(|piece| piece.origin().len() + 8).sum());
        while let Some(piece) = self.pieces.pop_front() {
            let waits = match &piece {
                Piece::Head(_) => self.showing.script_takes_time(),
                piece => self.showing.must_wait_for(piece),
            };
            if !out.is_empty() && waits {
                self.pieces.push_front(piece);
                break;
            }
            match piece {
                Piece::Head(Head { implied: true }) if self.xml => {}
                Piece::Head(_) => self.showing.write_script(self.pieces.iter(), &mut out).await,
                piece => self.showing.write(&piece, &mut out).await,
            }
        }
        out
    }
}
