//! A page that a CDN keeps for everybody: the origin's, but for the element of our script, which brings each visitor's numbers.
//!
//! Owns that such an answer depends on nothing but what is asked for, and that its validators stay true. The element is the same
//! whatever is configured of lines and numbers, so that a page which a cache keeps is not out of date with them.

use std::sync::Arc;

use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode};

use super::body::Body;
use super::failure::Failure;
use super::filled::{self, OF_OTHER_BYTES};
use super::identify::is_document;
use super::inbound::Inbound;
use super::judge::Judgement;
use super::showing::Showing;
use super::{Edge, SiteState, coding, forwarded};
use crate::visit::Navigation;

impl Edge {
    /// Answers a request for anything of the site's as it is answered to everybody: nobody's session begins here.
    ///
    /// # Errors
    /// [`Failure`] where the origin can't be asked.
    pub(super) async fn same_for_everybody(
        self: &Arc<Self>,
        site: &Arc<SiteState>,
        mut inbound: Inbound,
    ) -> Result<Response<Body>, Failure> {
        let visit = self.identify_kind(site, &inbound).await;
        self.count(site, &inbound, &visit);
        ask_for_readable_page(&mut inbound);
        let (method, page) = (inbound.method().clone(), inbound.page());
        let known = inbound.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect();
        let mut showing = Showing::to_everybody(Arc::clone(self), Arc::clone(site), &inbound, &visit);
        let mut answer = self.upstream.send(site, inbound, &visit).await?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            name_as_asked(answer.headers_mut(), known);
        }
        if site.site.shows_numbers() {
            showing.bring_script(answer.headers());
        }
        let response = match Judgement::of(&method, &showing, &answer) {
            Judgement::Fill(how) => filled::fill(answer, how, showing, page),
            Judgement::Pass => answer.map(Body::Origin),
        };
        Ok(forwarded::answer(response, &visit))
    }
}

/// Of what may be a page, a coding is asked for that can be read. A part of what a browser opens would be one of other bytes than it
/// has: the whole is asked for, which is always allowed (RFC 9110 §14.2).
fn ask_for_readable_page(inbound: &mut Inbound) {
    let opens = is_document(inbound);
    let headers = inbound.request.headers_mut();
    if opens {
        headers.remove(header::RANGE);
        headers.remove(header::IF_RANGE);
    }
    if Navigation::may_become(&http::Method::GET, headers) && headers.contains_key(header::ACCEPT_ENCODING) {
        let readable = if coding::accepts_gzip(headers) { "gzip" } else { "identity" };
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(readable));
    }
}

/// Makes the headers of a page those of the same page with our element in it. Its tag is weak, for other bytes have the same
/// meaning (RFC 9110 §8.8.1): the origin, asked whether it still holds, compares weakly, and says so of the page that it knows.
pub(super) fn rewrite_head(headers: &mut HeaderMap, gzip: bool) {
    let stay = [header::ETAG, header::LAST_MODIFIED];
    for name in OF_OTHER_BYTES.into_iter().filter(|name| !stay.contains(name)) {
        headers.remove(name);
    }
    weaken(headers);
    if gzip {
        filled::merge_vary(headers, &["Accept-Encoding"]); // it is unpacked for whom it doesn't suit
    }
}

fn weaken(headers: &mut HeaderMap) {
    let weak = headers.get(header::ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/")).map(|tag| {
        HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat())
            .expect("a tag stays one behind these letters")
    });
    if let Some(weak) = weak {
        headers.insert(header::ETAG, weak);
    }
}

/// A page that is still what it was is called by the tag that it was asked for by: our pages' are weak.
fn name_as_asked(headers: &mut HeaderMap, known: Vec<HeaderValue>) {
    let mut weak = HeaderMap::new();
    weak.extend(headers.get(header::ETAG).map(|tag| (header::ETAG, tag.clone())));
    weaken(&mut weak);
    let is_asked_for = |tag: &HeaderValue| {
        known.iter().any(|line| {
            line.as_bytes().split(|byte| *byte == b',').any(|item| item.trim_ascii() == tag.as_bytes())
        })
    };
    if let Some(tag) = weak.remove(header::ETAG).filter(is_asked_for) {
        headers.insert(header::ETAG, tag);
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn validators_stay_and_what_speaks_of_bytes_goes() {
        let mut page = headers(&[
            ("etag", "\"a\""),
            ("last-modified", "Wed, 21 Oct 2015 07:28:00 GMT"),
            ("content-length", "9"),
            ("accept-ranges", "bytes"),
            ("repr-digest", "sha-256=:AA==:"),
            ("cache-control", "public, s-maxage=60"),
            ("vary", "Origin"),
        ]);
        rewrite_head(&mut page, false);
        let expected = headers(&[
            ("etag", "W/\"a\""),
            ("last-modified", "Wed, 21 Oct 2015 07:28:00 GMT"),
            ("cache-control", "public, s-maxage=60"),
            ("vary", "Origin"),
        ]);
        assert_eq!(page, expected);
        rewrite_head(&mut page, true);
        assert_eq!(page["etag"], "W/\"a\"");
        assert_eq!(page["vary"], "Origin, Accept-Encoding");
    }

    #[test]
    fn what_was_not_modified_is_called_as_it_was_asked_for() {
        for (asked, known, told) in [
            ("W/\"a\"", "\"a\"", "W/\"a\""),
            ("\"b\", W/\"a\"", "\"a\"", "W/\"a\""),
            ("\"a\"", "\"a\"", "\"a\""),
            ("*", "\"a\"", "\"a\""),
            ("W/\"a\"", "W/\"a\"", "W/\"a\""),
        ] {
            let mut answer = headers(&[("etag", known)]);
            name_as_asked(&mut answer, vec![HeaderValue::from_static(asked)]);
            assert_eq!(answer["etag"], told, "{asked}");
        }
        let mut without = HeaderMap::new();
        name_as_asked(&mut without, vec![HeaderValue::from_static("W/\"a\"")]);
        assert!(without.is_empty());
    }
}
