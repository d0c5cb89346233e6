//! Our script on the page: whether its element is written, and when it is known what that says.

use http::HeaderMap;

use super::{LineState, Showing};
use crate::config::Hydration;
use crate::page::{Piece, Texts};
use crate::proxy::csp::{Permit, Policies};
use crate::proxy::known::LineSet;
use crate::proxy::own::{SCRIPT, TAP, TAP_SCRIPT, VISIT, script};
use crate::visit::Show;

impl Showing {
    /// Decides whether our script runs in the page: only if the page's own policy, which stands in its head, allows it. Where React
    /// would put numbers in text back, and lose what the visitor typed with it, they are not swapped then.
    pub(in crate::proxy) fn hydrate(&mut self, headers: &HeaderMap, document: bool) {
        let hydration = self.site.site.hydration;
        if hydration == Hydration::None || !document {
            return;
        }
        let policies = Policies::of(headers, self.address.as_ref());
        let permit = policies.script(SCRIPT);
        self.script_may_ask = policies.may_ask(VISIT);
        let tap = policies.script(TAP_SCRIPT);
        self.tap_script = (tap != Permit::Forbidden && policies.may_ask(TAP)).then_some(tap);
        if permit != Permit::Forbidden {
            self.script = Some(permit);
            if hydration == Hydration::React {
                self.filling.limit_texts(Texts::Whole);
            }
            return;
        }
        let blocked = &self.site.counts.hydration_blocked;
        blocked.inc();
        if blocked.get() == 1 {
            tracing::warn!(site = %self.site.name, "a page's Content-Security-Policy keeps swap.js from running");
        }
        if hydration == Hydration::React {
            self.filling.limit_texts(Texts::None);
            self.explain("the page's policy forbids our script, so numbers in text stay canonical");
        }
    }

    /// The same for a page that is everybody's: it is told nothing, and asks for whatever the visitor is shown.
    pub(in crate::proxy) fn bring_script(&mut self, headers: &HeaderMap) {
        let policies = Policies::of(headers, self.address.as_ref());
        let permit = policies.script(SCRIPT);
        match permit != Permit::Forbidden && policies.may_ask(VISIT) {
            true => self.script = Some(permit),
            false => self.site.counts.hydration_blocked.inc(),
        }
    }

    /// Whether it can't be said yet what the script is to be told: a page that isn't known has printed no number so far, and may
    /// print one that must be leased. `ahead`: what has come of the page.
    pub(in crate::proxy) fn script_waits<'a>(&self, ahead: impl Iterator<Item = &'a Piece>) -> bool {
        if self.script.is_none() || !self.may_lease || self.page_is_known {
            return false;
        }
        let must_be_leased = |line: &LineState| match line {
            LineState::Open(Show::Pool(pool)) => !self.holds(*pool),
            _ => false,
        };
        let printed = self.printed_in(ahead);
        self.lines.iter().any(must_be_leased) && !(0..self.lines.len()).any(|line| printed.contains(line))
    }

    fn printed_in<'a>(&self, pieces: impl Iterator<Item = &'a Piece>) -> LineSet {
        let mut printed = LineSet::default();
        for piece in pieces {
            if let Piece::Slot(slot) = piece
                && self.can_be_shown(piece, slot.line, slot.place)
            {
                printed.insert(slot.line);
            }
        }
        printed
    }

    /// Whether a lease must be waited for before the script's element can be written.
    pub(in crate::proxy) fn script_takes_time(&self) -> bool {
        let takes_time = |line: &LineState| match line {
            LineState::Open(Show::Pool(_)) | LineState::Coming(..) => true,
            LineState::Asked(lease) => !lease.is_durable(),
            LineState::Open(Show::Static(_)) | LineState::Canonical | LineState::Shown(_) => false,
        };
        self.script.is_some() && self.lines.iter().any(takes_time)
    }

    /// Writes the script's element, with the numbers of this visitor's that are known by now. `ahead` as above. Of others React
    /// couldn't be told, so that it would put them back in text.
    pub(in crate::proxy) async fn write_script<'a>(
        &mut self,
        ahead: impl Iterator<Item = &'a Piece>,
        out: &mut Vec<u8>,
    ) {
        // Once: a page that turns out to be another one may have its head in another place.
        let Some(permit) = self.script.take() else { return };
        if self.is_everybodys {
            let element = script::element_for_everybody(&self.site.site, &permit);
            out.extend_from_slice(element.as_bytes());
            return;
        }
        let printed = self.printed_in(ahead);
        let mut told = Vec::new();
        for line in 0..self.lines.len() {
            let costs_none = match &self.lines[line] {
                LineState::Open(Show::Pool(pool)) => self.holds(*pool),
                LineState::Open(Show::Static(_)) | LineState::Coming(..) | LineState::Asked(_) => true,
                LineState::Canonical | LineState::Shown(_) => false,
            };
            if costs_none || printed.contains(line) {
                self.decide(line).await;
            }
            let may_be_asked_for =
                self.script_may_ask && self.may_lease && matches!(self.lines[line], LineState::Open(_));
            let own = &self.site.site.lines[line];
            match (self.filling.shown(line), self.may_carry(line).filter(|_| may_be_asked_for)) {
                (Some(shown), _) => told.push(script::swap(own, shown)),
                (None, Some(carries)) => told.push(script::ask(own, carries)),
                (None, None) => {}
            }
            if self.site.site.hydration == Hydration::React && self.filling.shown(line).is_none() {
                self.filling.limit_to_links(line);
            }
        }
        if !told.is_empty() {
            out.extend_from_slice(script::element(&self.site.site, &permit, &told).as_bytes());
            let tap = self.tap_script.as_ref().map(script::tap_element);
            out.extend_from_slice(tap.unwrap_or_default().as_bytes());
        }
    }
}
