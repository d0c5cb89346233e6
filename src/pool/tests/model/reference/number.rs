//! What the reference knows of a number: how it stands, how it stood, and its leases.

use std::time::Duration;

use super::{Asker, FLOOR, Span, Visitor};
use crate::clock::Timestamp;
use crate::pool::Network;
use crate::pool::tests::under::Kind;

/// A number, by its place.
#[derive(Debug)]
pub(super) struct Number {
    pub state: State,
    /// How it was before, the latest last, in case nobody is shown the lease that it has. A file's pool knows how it was when it
    /// was last shown to somebody, a database what each lease says.
    pub before: Vec<State>,
    pub leases: Vec<Lease>,
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub holder: Option<usize>,
    pub source: usize,
    /// What it counts as seen at; never: none.
    pub seen: Option<Span>,
    /// The same by what is on disk.
    pub written: Option<Span>,
    /// Views that each node saw, and has not written.
    pub pending: Vec<Option<Span>>,
    /// The holder has shown a cookie; none: perhaps.
    pub is_confirmed: Option<bool>,
    /// Nodes that know of a cookie, and have not written it.
    pub knowing: Vec<bool>,
    pub network: Option<Network>,
    /// By place.
    pub lease: Option<usize>,
}

#[derive(Debug)]
pub(super) struct Lease {
    pub who: usize,
    pub source: usize,
    pub started: Span,
    pub asked: Timestamp,
    pub is_provisional: bool,
    /// Pages that may yet show it, by node.
    pub in_hand: Vec<usize>,
    pub is_shown: bool,
    /// What each node takes it for: one that it was told of by a database was shown elsewhere.
    pub is_shown_to: Vec<bool>,
    /// Somebody asked for it again before it was shown.
    pub is_touched: bool,
    /// A node was gone before it could say that it wasn't shown.
    pub is_orphan: bool,
    pub is_given_back: bool,
}

/// After a restart a file's pool knows what was written, and counts all of it as seen a second later.
pub(super) fn remember(number: &mut Number, visitors: &[Visitor]) {
    number.before.clear();
    let Some(place) = number.leases.iter().rposition(|lease| !lease.is_given_back) else { return };
    let lease = &number.leases[place];
    let state = &mut number.state;
    let written = state.written.filter(|_| state.lease == Some(place)).unwrap_or(lease.started);
    let later = |at: Timestamp| Timestamp(at.0 + FLOOR);
    *state = State {
        holder: Some(lease.who),
        source: lease.source,
        seen: Some(Span { from: later(written.from), to: later(written.to) }),
        written: Some(written),
        is_confirmed: Some(!lease.is_provisional || visitors[lease.who].is_written),
        network: None,
        lease: Some(place),
        ..state.clone()
    };
}

impl State {
    /// Time since the last view that somebody else's lease must keep away from, in milliseconds.
    pub fn bound(&self, now: Span) -> i64 {
        let seen = self.seen.iter().chain(self.pending.iter().flatten());
        seen.map(|at| now.to.0 - at.from.0).min().unwrap_or(i64::MAX)
    }

    /// In which it may be: 1 stayed provisional, 2 is confirmed.
    pub fn classes(&self) -> &'static [u8] {
        match self.is_confirmed {
            Some(false) => &[1],
            Some(true) => &[2],
            None => &[1, 2],
        }
    }

    pub fn factor(&self, asker: &Asker) -> i64 {
        if self.source == asker.source { 5 } else { 1 }
    }

    pub fn flushed(&mut self, kind: Kind, node: usize, took: Duration, is_past: bool) {
        if let Some(view) = self.pending[node].take() {
            let late = match kind {
                Kind::File => self.seen.unwrap_or(view),
                // It writes how long ago that was.
                Kind::Database => Span { from: view.from, to: view.to.plus(took) },
            };
            let known = self.written.unwrap_or(late);
            let from = if is_past && kind == Kind::Database { known.from } else { known.from.max(late.from) };
            self.written = Some(Span { from, to: known.to.max(late.to) });
            if let Some(seen) = self.seen.as_mut().filter(|_| kind == Kind::Database) {
                *seen = Span { from: seen.from.max(from), to: seen.to.max(late.to) };
            }
        }
        if std::mem::take(&mut self.knowing[node]) && self.is_confirmed.is_none() && !is_past {
            self.is_confirmed = Some(true);
        }
    }
}

impl Lease {
    /// Whether somebody was shown it, as far as the ledger knows.
    pub fn counts(&self) -> bool {
        self.is_shown || self.is_orphan
    }
}
