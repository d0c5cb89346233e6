//! A page that is filled for one visitor: its bytes, and the headers that speak of them.
//!
//! Owns every header that would be wrong, or would let a cache show the page to somebody else.

use bytes::Bytes;
use http::Response;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::body::Incoming;

use super::body::{Body, BodyError};
use super::coding::{PageSink, PageSource};
use super::inbound::Page;
use super::judge::How;
use super::showing::Showing;
use crate::page::{Declared, Piece, Reading};

/// Headers that speak of the origin's bytes, or of how to ask for some of them (RFC 9110 §8.6, §8.8, §14.3; RFC 9530).
const OF_OTHER_BYTES: [HeaderName; 11] = [
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

/// Headers that caches heed before Cache-Control (RFC 9213, and what CDNs and servers made of it).
const FOR_CACHES: [HeaderName; 10] = [
    header::EXPIRES,
    header::AGE,
    header::PRAGMA,
    HeaderName::from_static("cdn-cache-control"),
    HeaderName::from_static("cloudflare-cdn-cache-control"),
    HeaderName::from_static("surrogate-control"),
    HeaderName::from_static("edge-control"),
    HeaderName::from_static("x-accel-expires"),
    HeaderName::from_static("x-litespeed-cache-control"),
    HeaderName::from_static("x-cache-control"),
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

/// Makes a request ask for the page itself, whatever its visitor has of it already.
pub(super) fn ask_for_whole_page(headers: &mut HeaderMap) {
    for name in CONDITIONS {
        headers.remove(name);
    }
}

/// Makes sure that no cache keeps the response.
pub(super) fn keep_private(headers: &mut HeaderMap) {
    for name in FOR_CACHES {
        headers.remove(name);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
}

/// The response that fills the origin's page as it passes.
pub(super) fn fill(answer: Response<Incoming>, how: How, showing: Showing, page: Page) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    rewrite_head(&mut parts.headers);
    if how.head_only {
        return Response::from_parts(parts, Body::Origin(body));
    }
    let gzip = how.gzip && showing.visitor_takes_gzip();
    if how.gzip && !gzip {
        parts.headers.remove(header::CONTENT_ENCODING);
    }
    let filler = Filler {
        source: PageSource::new(body, how.gzip),
        sink: PageSink::new(gzip),
        reading: showing.reading(&page, how.declared),
        declared: how.declared,
        pieces: Vec::new(),
        room: showing.page_bytes(),
        showing,
        page,
        ended: false,
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
    merge_vary(headers);
}

/// One Vary line, each name once, with what the page varies by on our account (RFC 9110 §12.5.5).
fn merge_vary(headers: &mut HeaderMap) {
    let mut names: Vec<String> = Vec::new();
    let ours = ["Accept-Encoding", "Cookie"].map(str::to_owned);
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
    pieces: Vec<Piece>,
    /// Bytes that may still be read before the page counts as too long.
    room: u64,
    showing: Showing,
    page: Page,
    ended: bool,
}

impl Filler {
    /// The next bytes for the visitor: what has become certain of the page, with this visitor's numbers.
    async fn next(&mut self) -> Option<Result<Bytes, BodyError>> {
        while !self.ended {
            match self.source.next().await {
                Some(Ok(bytes)) => self.read(&bytes),
                Some(Err(error)) => {
                    self.ended = true;
                    return Some(Err(error));
                }
                None => {
                    self.ended = true;
                    let outcome = self.reading.end(&mut self.pieces);
                    let last = self.last_bytes().await;
                    self.showing.learn(&self.page, self.declared, outcome);
                    return Some(last);
                }
            }
            if !self.pieces.is_empty() {
                let filled = self.filled().await;
                return Some(self.sink.encode(filled).await);
            }
        }
        None
    }

    fn read(&mut self, bytes: &[u8]) {
        self.reading.write(bytes, &mut self.pieces);
        self.room = self.room.saturating_sub(bytes.len() as u64);
        if self.room == 0 && !self.reading.has_given_up() {
            self.reading.give_up(&mut self.pieces);
        }
    }

    async fn last_bytes(&mut self) -> Result<Bytes, BodyError> {
        let filled = self.filled().await;
        let filled = self.sink.encode(filled).await?;
        let end = self.sink.finish().await?;
        Ok(if end.is_empty() { filled } else { [filled, end].concat().into() })
    }

    async fn filled(&mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.pieces.iter().map(|piece| piece.origin().len() + 8).sum());
        for piece in self.pieces.drain(..) {
            self.showing.write(&piece, &mut out).await;
        }
        out
    }
}
