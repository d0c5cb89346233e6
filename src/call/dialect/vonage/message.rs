//! What Vonage's events mean (developer.vonage.com/voice/voice-api/webhook-reference). A call is known by its conversation: the
//! caller's leg and those that are dialled have it in common, and a recording names nothing else.

use super::super::callback::Callback;
use super::super::caller::{caller, dialled, with_plus};
use super::super::form::{Form, instant};
use super::super::{Address, Meaning, Message, Told, Unreadable};
use crate::call::carrier::CarrierName;
use crate::call::event::{Attestation, By, Dialled, Leg, Pressed, Progress, Recorded, Ring, Status, What};

pub fn read(message: &Message<'_>) -> Result<Told, Unreadable> {
    let form = Form::of_any(CarrierName::Vonage, message)?;
    let callback = Callback::read(message.query);
    let carried = callback.call.clone().filter(|_| message.address != Address::Ring);
    let named = || form.owned("conversation_uuid").or_else(|| form.owned("uuid"));
    let call = carried.or_else(named).ok_or(Unreadable::Missing("conversation_uuid"))?;
    let meaning = match message.address {
        Address::Ring => Meaning::Rings(ring(&form)?),
        // One address takes all events, unless it was told of others.
        Address::Status | Address::Recording => {
            let recorded = recorded(&callback, &form);
            let what = if recorded.is_some() { recorded } else { status(&callback, &form) };
            Meaning::Happened(what.into_iter().collect())
        }
        Address::Transcription => Meaning::Happened(Vec::new()),
        Address::Next => next(&callback, &form)?,
        Address::Whisper => {
            let progress = Progress { status: Status::Answered, ..progress(&form, Status::Answered) };
            Meaning::Whispers {
                step: callback.wanted_step()?,
                happened: leg(&form, progress).into_iter().collect(),
            }
        }
        Address::Menu => pressed(&callback, &form)?,
    };
    Ok(Told { call, meaning })
}

fn number(form: &Form, name: &str) -> Option<String> {
    form.number(name).map(|written| with_plus(&written))
}

fn ring(form: &Form) -> Result<Ring, Unreadable> {
    Ok(Ring {
        to: dialled(&number(form, "to").ok_or(Unreadable::Missing("to"))?),
        from: caller(&number(form, "from").unwrap_or_default()),
        name: None,
        city: None,
        state: None,
        country: None,
        forwarded_from: None,
        // It tells nothing of it.
        attestation: Attestation::default(),
    })
}

fn status(callback: &Callback, form: &Form) -> Option<What> {
    let progress = progress(form, status_of(form)?);
    let is_leg = callback.is_leg || form.get("direction") == Some("outbound");
    if is_leg { leg(form, progress) } else { Some(What::Caller(progress)) }
}

fn leg(form: &Form, progress: Progress) -> Option<What> {
    let to = number(form, "to").map(|number| dialled(&number));
    Some(What::Leg(Leg { id: form.owned("uuid")?, to, progress }))
}

fn progress(form: &Form, status: Status) -> Progress {
    Progress {
        status,
        sequence: None,
        time: form.get("timestamp").and_then(instant),
        duration: form.seconds("duration"),
        cause: form.owned("detail"),
    }
}

/// An event of a `connect`, which is asked about at each of them: only its end asks how to go on.
fn next(callback: &Callback, form: &Form) -> Result<Meaning, Unreadable> {
    let step = callback.wanted_step()?;
    let Some(status) = status_of(form) else {
        return Ok(Meaning::Happened(Vec::new()));
    };
    let progress = progress(form, status);
    let talk = if status == Status::Completed { progress.duration } else { Some(0) };
    let mut happened: Vec<What> = leg(form, progress).into_iter().collect();
    if !status.is_final() {
        return Ok(Meaning::Happened(happened));
    }
    happened.push(What::Dialled(Dialled {
        step: Some(step),
        status,
        leg: form.owned("uuid"),
        talk,
        // It can't ask whoever answers.
        bridged: Some(status == Status::Completed),
        // Who called gave up before anybody answered.
        caller_gone: status == Status::Canceled,
        duration: None,
        cause: form.owned("detail"),
    }));
    Ok(Meaning::Next { step, happened, to: callback.to.clone() })
}

/// Keys stand in an object of their own, or, as it was at first, as they are.
fn pressed(callback: &Callback, form: &Form) -> Result<Meaning, Unreadable> {
    let step = callback.wanted_step()?;
    let keys = form.owned("dtmf.digits").or_else(|| form.owned("dtmf")).unwrap_or_default();
    let happened = vec![What::Pressed(Pressed { by: By::Caller, step: Some(step), keys })];
    Ok(Meaning::Next { step, happened, to: callback.to.clone() })
}

/// None where it speaks of no recording.
fn recorded(callback: &Callback, form: &Form) -> Option<What> {
    let place = form.owned("recording_url")?;
    let instant = |name| form.get(name).and_then(instant);
    let duration =
        instant("start_time").zip(instant("end_time")).map(|(start, end)| end.since(start).as_millis());
    Some(What::Recorded(Recorded {
        id: form.owned("recording_uuid").unwrap_or_else(|| place.clone()),
        place: Some(place),
        duration: duration.and_then(|millis| u32::try_from((millis + 500) / 1000).ok()),
        channels: None,
        is_voicemail: callback.is_voicemail,
        failed: false,
    }))
}

/// Whoever was called may have declined: that is not the carrier's failure.
fn status_of(form: &Form) -> Option<Status> {
    match (form.get("status")?, form.get("detail")) {
        ("rejected", Some("declined")) => Some(Status::Busy),
        (status, _) => leg_status(status),
    }
}

fn leg_status(written: &str) -> Option<Status> {
    Some(match written {
        "started" => Status::Initiated,
        "ringing" => Status::Ringing,
        "answered" => Status::Answered,
        "completed" | "disconnected" => Status::Completed,
        "busy" => Status::Busy,
        "unanswered" | "timeout" => Status::NoAnswer,
        "cancelled" => Status::Canceled,
        // "Rejected by Vonage before it was connected."
        "failed" | "rejected" => Status::Failed,
        _ => return None,
    })
}
