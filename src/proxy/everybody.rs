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
use super::{Edge, SiteState, coding, forwarded, passed};
use crate::observe::Trail;
use crate::visit::Navigation;

/// What a tag of ours begins with; the rest is that of the origin's. Who keeps a page by it may be told by the origin itself whether
/// it still holds, and by one that compares letter by letter, too.
const OURS: &str = "W/\"dni-";

impl Edge {
    /// Answers a request for anything of the site's as it is answered to everybody: nobody's session begins here.
    ///
    /// # Errors
    /// [`Failure`] where the origin can't be asked.
    pub(super) async fn same_for_everybody(
        self: &Arc<Self>,
        site: &Arc<SiteState>,
        mut inbound: Inbound,
        trail: &mut Trail,
    ) -> Result<Response<Body>, Failure> {
        let mut visit = self.identify_kind(site, &inbound).await;
        self.count(site, &inbound, &visit);
        visit.note(trail);
        ask_for_readable_page(&mut inbound);
        let (method, page, version) = (inbound.method().clone(), inbound.page(), inbound.hop.version);
        let knows_ours = ask_by_the_origins_tags(inbound.request.headers_mut());
        let mut showing = Showing::to_everybody(Arc::clone(self), Arc::clone(site), &inbound, &visit);
        let mut answer = self.ask(site, inbound, &visit, trail).await?;
        if answer.status() == StatusCode::NOT_MODIFIED && knows_ours {
            mark_tag(answer.headers_mut());
        }
        if site.site.shows_numbers() {
            showing.bring_script(answer.headers());
        }
        let response = match Judgement::of(&method, &showing, &answer) {
            Judgement::Fill(how) => filled::fill(answer, how, showing, page),
            Judgement::Pass => passed(&method, answer),
        };
        Ok(forwarded::answer(response, version, &visit))
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

/// Asks whether a page still holds by the tag that the origin has for it. Says whether one of the tags was ours.
fn ask_by_the_origins_tags(headers: &mut HeaderMap) -> bool {
    let header::Entry::Occupied(mut lines) = headers.entry(header::IF_NONE_MATCH) else { return false };
    let mut knows_ours = false;
    for line in lines.iter_mut() {
        // No tag has a quotation mark within (RFC 9110 §8.8.3).
        let Some(known) = line.to_str().ok().filter(|known| known.contains(OURS)) else { continue };
        if let Ok(theirs) = HeaderValue::from_str(&known.replace(OURS, "\"")) {
            *line = theirs;
            knows_ours = true;
        }
    }
    knows_ours
}

/// Makes the headers of a page those of the same page with our element in it.
pub(super) fn rewrite_head(headers: &mut HeaderMap, gzip: bool) {
    let stay = [header::ETAG, header::LAST_MODIFIED];
    for name in OF_OTHER_BYTES.into_iter().filter(|name| !stay.contains(name)) {
        headers.remove(name);
    }
    mark_tag(headers);
    if gzip {
        filled::merge_vary(headers, &["Accept-Encoding"]); // it is unpacked for whom it doesn't suit
    }
}

/// Makes a strong tag one of ours, which is weak: other bytes with the same meaning (RFC 9110 §8.8.1).
fn mark_tag(headers: &mut HeaderMap) {
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()?.strip_prefix('"'));
    if let Some(ours) = tag.and_then(|tag| HeaderValue::from_str(&format!("{OURS}{tag}")).ok()) {
        headers.insert(header::ETAG, ours);
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
            ("etag", "W/\"dni-a\""),
            ("last-modified", "Wed, 21 Oct 2015 07:28:00 GMT"),
            ("cache-control", "public, s-maxage=60"),
            ("vary", "Origin"),
        ]);
        assert_eq!(page, expected);
        rewrite_head(&mut page, true);
        assert_eq!(page["etag"], "W/\"dni-a\"");
        assert_eq!(page["vary"], "Origin, Accept-Encoding");
    }

    #[test]
    fn the_origin_is_asked_by_its_own_tags() {
        for (asked, theirs) in [
            ("W/\"dni-a\"", Some("\"a\"")),
            ("\"b,\", W/\"dni-a, b\",W/\"dni-\", W/\"c\"", Some("\"b,\", \"a, b\",\"\", W/\"c\"")),
            ("\"a\"", None),
            ("W/\"a\"", None),
            ("*", None),
        ] {
            let mut request = headers(&[("if-none-match", asked)]);
            assert_eq!(ask_by_the_origins_tags(&mut request), theirs.is_some(), "{asked}");
            assert_eq!(request["if-none-match"], theirs.unwrap_or(asked));
        }
        assert!(!ask_by_the_origins_tags(&mut HeaderMap::new()));
    }

    #[test]
    fn what_is_no_strong_tag_stays() {
        for tag in ["W/\"a\"", "a", ""] {
            let mut page = headers(&[("etag", tag)]);
            mark_tag(&mut page);
            assert_eq!(page["etag"], tag);
        }
    }
}
