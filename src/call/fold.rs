//! A call, folded from its messages: in whatever order they came, however often, and however many never did.
//!
//! Each part of the call is read from all messages at once, and none from the order in which they came. What is final stays: a
//! message that says less than another takes nothing back.

mod course;
pub mod recording;

use super::event::{Caller, Event, Note, Ring, What};
use super::log::{Attributed, Call, Opened, Told, Touched};
use super::seal::Seal;
use crate::clock::Timestamp;
use crate::ledger::{StoredCall, Visited};
use crate::visit::Touch;
use course::Course;

/// Pages that are told of a visit: the latest.
const PAGES: usize = 50;

/// The call as the ledger knows it. `now` tells whether a call of which nothing more was heard may be going on still.
pub fn fold(stored: &StoredCall, seal: &Seal, now: Timestamp) -> Call {
    let events: Vec<Event> = stored.events.iter().filter_map(|event| seal.open(event)).collect();
    let mut call = Call {
        id: stored.record.id.to_string(),
        site: stored.record.site.clone(),
        line: stored.record.line.clone(),
        start_time: stored.record.started.to_string(),
        tracking_phone_number: stored.record.number.clone(),
        carrier: stored.record.carrier.to_string(),
        carrier_call_id: stored.record.carrier_call.clone(),
        ..Call::default()
    };
    attribute(&mut call, stored);
    if let Some(visit) = &stored.visit {
        tell_visit(&mut call, visit);
    }
    ring(&mut call, &events);
    if !events.is_empty() {
        course(&mut call, stored.record.started, &events, now);
    }
    recording(&mut call, &events);
    notes(&mut call, &events);
    if events.len() < stored.events.len() {
        let sealed = stored.events.len() - events.len();
        call.decisions.push(format!("{sealed} messages were sealed with another secret, and can't be read"));
    }
    call
}

/// Where it came from: the likeliest candidate's source.
fn attribute(call: &mut Call, stored: &StoredCall) {
    call.attribution.candidates = stored.candidates.iter().map(Told::from).collect();
    if let Some(first) = call.attribution.candidates.first() {
        call.source = first.source.clone();
        call.medium = first.medium.clone();
        call.campaign = first.campaign.clone();
        call.channel = first.channel.clone();
    }
}

fn tell_visit(call: &mut Call, visit: &Visited) {
    let known = |page: &str| (!page.is_empty()).then(|| page.to_owned());
    let click_id = |name: &str| {
        let mut ids = visit.last.source.click_ids.iter();
        ids.find(|id| id.name == name).map(|id| id.value.to_string())
    };
    call.keywords = visit.last.source.term.clone();
    call.landing_page_url = known(&visit.landing_page);
    call.referring_url = visit.referring_page.clone();
    call.last_requested_url = visit.pages.last().map(|(_, page)| page.clone());
    (call.gclid, call.fbclid, call.msclkid) = (click_id("gclid"), click_id("fbclid"), click_id("msclkid"));
    call.first_touch = Some(touched(&visit.first));
    call.last_touch = Some(touched(&visit.last));
    let latest = visit.pages.iter().skip(visit.pages.len().saturating_sub(PAGES));
    call.journey = latest.map(|(time, page)| Opened { time: time.to_string(), page: page.clone() }).collect();
}

fn touched(touch: &Touch) -> Touched {
    let source = &touch.source;
    Touched {
        time: touch.time.to_string(),
        source: source.source.clone(),
        medium: source.medium.clone(),
        campaign: source.campaign.clone(),
        term: source.term.clone(),
        content: source.content.clone(),
        channel: source.channel.name().to_owned(),
    }
}

/// Who called, and what was decided then.
fn ring(call: &mut Call, events: &[Event]) {
    let rang = events.iter().find_map(|event| match &event.what {
        What::Rang(ring, decision) => Some((ring, decision)),
        _ => None,
    });
    let Some((ring, decision)) = rang else { return };
    let Ring { from, name, city, state, country, forwarded_from, attestation, .. } = &**ring;
    call.customer_phone_number = match from {
        Caller::Number(number) | Caller::Other(number) => Some(number.clone()),
        Caller::Withheld => None,
    };
    call.customer_name = name.clone();
    call.customer_city = city.clone();
    call.customer_state = state.clone();
    call.customer_country = country.clone();
    call.forwarded_from = forwarded_from.clone();
    call.attestation = attestation.level;
    call.prior_calls = decision.prior_calls;
    call.first_call = decision.prior_calls.map(|prior| prior == 0);
    call.spam_score = decision.spam_score;
    call.spam = decision.spam;
    let (how, candidates) = (decision.how.name(), std::mem::take(&mut call.attribution.candidates));
    call.attribution = Attributed { how, confidence: decision.confidence, candidates };
    call.decisions = decision.because.clone();
}

/// How it went, and how it ended.
fn course(call: &mut Call, started: Timestamp, events: &[Event], now: Timestamp) {
    let course = Course::of(started, events);
    call.outcome = course.outcome(now);
    call.answered = course.answered().is_some();
    call.voicemail = course.voicemail();
    call.business_phone_number = course.connected_to();
    call.talk_time = course.talk();
    call.duration = course.duration();
    call.ring_time = course.ring_time();
    call.answered_time = course.answered().map(|time| time.to_string());
    call.end_time = course.ended().filter(|_| call.outcome.is_some()).map(|time| time.to_string());
    if call.outcome.is_some() && course.ended().is_none() {
        call.decisions.push("the carrier never said how it ended".to_owned());
    }
    call.keypresses = course.pressed_by_caller();
}

/// What was recorded, and what was said.
fn recording(call: &mut Call, events: &[Event]) {
    if let Some(told) = recording::of(events) {
        call.recording = told.place();
        call.recording_duration = told.recorded.duration;
    }
    let text = |event: &Event| match &event.what {
        What::Transcribed(transcribed) => transcribed.text.clone().map(|text| (transcribed.id.clone(), text)),
        _ => None,
    };
    call.transcription = events.iter().filter_map(text).max().map(|(_, text)| text);
}

/// What was written by hand, one after the other.
fn notes(call: &mut Call, events: &[Event]) {
    let mut notes: Vec<(Timestamp, &Note)> = events
        .iter()
        .filter_map(|event| match &event.what {
            What::Noted(note) => Some((event.received, note)),
            _ => None,
        })
        .collect();
    notes.sort_by(|(time, note), (other_time, other)| (time, &note.id).cmp(&(other_time, &other.id)));
    for (_, note) in notes {
        call.tags.retain(|tag| !note.remove.contains(tag));
        for tag in &note.add {
            if !call.tags.contains(tag) {
                call.tags.push(tag.clone());
            }
        }
        call.untagged.retain(|tag| !note.add.contains(tag));
        call.untagged.extend(note.remove.iter().cloned());
        call.note = note.note.clone().or(call.note.take());
        call.value = note.value.clone().or(call.value.take());
        call.lead_status = note.lead.or(call.lead_status);
        call.spam = note.spam.unwrap_or(call.spam);
    }
}

#[cfg(test)]
mod tests;
