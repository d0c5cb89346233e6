//! Calls put together from the rows that tell of them, whichever database those are from.

use std::collections::HashMap;

use super::{CallId, CallRecord, Candidate, EventRecord, StoredCall, Visited};
use crate::clock::Timestamp;

/// Calls in their order, which rows are added to.
#[derive(Default)]
pub(in crate::ledger) struct Gathered {
    calls: Vec<StoredCall>,
    places: HashMap<CallId, usize>,
}

impl Gathered {
    pub fn call(&mut self, record: CallRecord) {
        self.places.insert(record.id, self.calls.len());
        self.calls.push(StoredCall { record, candidates: Vec::new(), events: Vec::new(), visit: None });
    }

    /// The likeliest come first.
    pub fn candidate(&mut self, of: CallId, candidate: Candidate) {
        if let Some(call) = self.of(of) {
            call.candidates.push(candidate);
        }
    }

    /// They come in their order.
    pub fn event(&mut self, event: EventRecord) {
        if let Some(call) = self.of(event.call) {
            call.events.push(event);
        }
    }

    pub fn visit(&mut self, of: CallId, visit: Visited) {
        if let Some(call) = self.of(of) {
            call.visit = Some(visit);
        }
    }

    /// They come in their order, after the visit.
    pub fn page(&mut self, of: CallId, time: Timestamp, page: String) {
        if let Some(visit) = self.of(of).and_then(|call| call.visit.as_mut()) {
            visit.pages.push((time, page));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    pub fn calls(self) -> Vec<StoredCall> {
        self.calls
    }

    fn of(&mut self, id: CallId) -> Option<&mut StoredCall> {
        self.places.get(&id).map(|place| &mut self.calls[*place])
    }
}
