//! A tap on a telephone link of a page: whoever calls that number a moment later is known by it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Response, StatusCode, header};
use parking_lot::Mutex;

use super::{posted, same_origin};
use crate::ledger::Tap;
use crate::number::{Charset, LinkScheme, Matcher, PhoneNumber};
use crate::proxy::body::Body;
use crate::proxy::failure::Failure;
use crate::proxy::inbound::Inbound;
use crate::proxy::showing::Showing;
use crate::proxy::{Edge, SiteState, filled};
use crate::visit::SessionHash;

/// The address of a link that dials a number is no longer than that, in bytes.
const LONGEST_LINK: usize = 128;

/// Within that, a session that taps a number again has done so once.
const ONCE: Duration = Duration::from_secs(1);

impl Edge {
    /// Takes note of a tap on the number that the visitor is shown. Of anybody else's nothing is kept, and the answer is the same:
    /// nobody learns by it whose a number is.
    ///
    /// # Errors
    /// [`Failure`] where another origin tells of it, or the body is too long to be a number's link.
    pub(super) async fn tap(
        self: &Arc<Self>,
        site: &Arc<SiteState>,
        mut inbound: Inbound,
    ) -> Result<Response<Body>, Failure> {
        same_origin::require(&inbound)?;
        let link = posted::whole(inbound.request.body_mut(), LONGEST_LINK).await?;
        let visit = self.identify_script(site, &inbound, None).await;
        if let Some(session) = &visit.session {
            // Whoever taps a number sees it now.
            let mut showing = Showing::new(Arc::clone(self), Arc::clone(site), &visit);
            showing.decide_all().await;
            let mut shown = (0..site.site.lines.len()).filter_map(|line| showing.shown(line));
            if let Some(shown) = shown.find(|shown| dials(&link, &shown.number))
                && self.taps.is_new(session.hash, &shown.number, Instant::now())
            {
                let number = shown.number.e164().to_owned();
                self.ledger.tapped(Tap { session: session.hash, number, time: visit.now });
            }
        }
        let mut response = Response::new(Body::Whole(None));
        *response.status_mut() = StatusCode::NO_CONTENT;
        filled::keep_private(response.headers_mut());
        if let Some(cookie) = visit.set_cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }
}

/// Whether a link dials this number, in whatever form it is written.
fn dials(link: &[u8], number: &PhoneNumber) -> bool {
    let found = Matcher::new([number]).find_in_link(link, 0, &Charset::Utf8);
    matches!(found, Some((LinkScheme::Tel, _)))
}

/// Who tapped which number a moment ago.
#[derive(Default)]
pub(in crate::proxy) struct Taps(Mutex<HashMap<(SessionHash, PhoneNumber), Instant>>);

impl Taps {
    /// Takes note of a tap. False where it is one with the tap before.
    fn is_new(&self, session: SessionHash, number: &PhoneNumber, now: Instant) -> bool {
        let mut taps = self.0.lock();
        taps.retain(|_, tapped| now.duration_since(*tapped) < ONCE);
        let known = taps.len();
        taps.entry((session, number.clone())).or_insert(now);
        taps.len() > known
    }

    /// Forgets what this session tapped.
    pub fn erase(&self, session: SessionHash) {
        self.0.lock().retain(|(tapped_by, _), _| *tapped_by != session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(written: &str) -> PhoneNumber {
        PhoneNumber::parse(written, "US".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_link_dials_its_number_however_it_is_written() {
        let number = number("+16465550100");
        for link in
            ["tel:+16465550100", "tel:(646)%20555-0100", "callto:646.555.0100", "tel:6465550100;ext=5"]
        {
            assert!(dials(link.as_bytes(), &number), "{link}");
        }
        for link in ["", "+16465550100", "tel:+16465550101", "tel:+441646555010", "sms:+16465550100"] {
            assert!(!dials(link.as_bytes(), &number), "{link}");
        }
    }

    #[test]
    fn taps_of_a_session_on_a_number_within_a_second_are_one() {
        let (taps, now) = (Taps::default(), Instant::now());
        let (mine, yours) = (SessionHash([1; 16]), SessionHash([2; 16]));
        let (first, second) = (number("+16465550100"), number("+16465550101"));
        assert!(taps.is_new(mine, &first, now));
        assert!(!taps.is_new(mine, &first, now + ONCE / 2));
        assert!(taps.is_new(yours, &first, now) && taps.is_new(mine, &second, now));
        assert!(taps.is_new(mine, &first, now + ONCE), "a second after the first that counted");
        assert_eq!(taps.0.lock().len(), 1, "what is long ago is forgotten");
        taps.erase(mine);
        assert!(taps.0.lock().is_empty());
    }
}
