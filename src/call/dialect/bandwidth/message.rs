//! What Bandwidth's events mean (dev.bandwidth.com/docs/voice/webhooks).

use super::super::callback::Callback;
use super::super::caller::{caller, dialled};
use super::super::form::{Form, instant};
use super::super::stir;
use super::super::{Address, Meaning, Message, Told, Unreadable};
use crate::call::carrier::CarrierName;
use crate::call::event::{By, Caller, Dialled, Leg, Pressed, Progress, Recorded, Ring, Status, What};

pub fn read(message: &Message<'_>) -> Result<Told, Unreadable> {
    let form = Form::of_any(CarrierName::Bandwidth, message)?;
    let callback = Callback::read(message.query);
    let call = call(message.address, &callback, &form)?;
    let meaning = match message.address {
        Address::Ring => Meaning::Rings(ring(&form)?),
        Address::Status => Meaning::Happened(status(&callback, &form)?),
        Address::Recording => {
            let recorded = recorded(&callback, &form).ok_or(Unreadable::Missing("recordingId"))?;
            Meaning::Happened(vec![What::Recorded(recorded)])
        }
        // It says where the text is, and not the text.
        Address::Transcription => Meaning::Happened(Vec::new()),
        Address::Next => Meaning::Next {
            step: callback.wanted_step()?,
            happened: ended(&callback, &form),
            to: callback.to.clone().or_else(|| form.number("to")).map(|number| dialled(&number)),
        },
        Address::Whisper => {
            let progress = progress(&form, Status::Answered);
            Meaning::Whispers { step: callback.wanted_step()?, happened: vec![leg(&form, progress)?] }
        }
        Address::Menu => pressed(&callback, &form)?,
    };
    Ok(Told { call, meaning })
}

/// The caller's leg: our own addresses carry it. A leg that was dialled names it as its parent.
fn call(address: Address, callback: &Callback, form: &Form) -> Result<String, Unreadable> {
    if address != Address::Ring
        && let Some(call) = callback.call.clone().or_else(|| form.owned("parentCallId"))
    {
        return Ok(call);
    }
    form.wanted("callId").map(str::to_owned)
}

/// Who withholds their number is a word: Anonymous, Private, Restricted, Unavailable.
fn ring(form: &Form) -> Result<Ring, Unreadable> {
    let from = caller(&form.number("from").unwrap_or_default());
    Ok(Ring {
        to: dialled(&form.number("to").ok_or(Unreadable::Missing("to"))?),
        from,
        name: None,
        city: None,
        state: None,
        country: None,
        forwarded_from: form
            .number("diversion.origTo")
            .map(|number| dialled(&number))
            .filter(|number| caller(number) != Caller::Withheld),
        attestation: stir::attestation(
            form.get("stirShaken.verstat"),
            form.get("stirShaken.attestationIndicator"),
        ),
    })
}

/// `disconnect` tells of the caller's leg, `transferDisconnect` of one that was dialled.
fn status(callback: &Callback, form: &Form) -> Result<Vec<What>, Unreadable> {
    let is_leg = callback.is_leg || form.get("parentCallId").is_some();
    let status = match form.get("eventType") {
        Some("disconnect" | "transferDisconnect") => ending(form.get("cause").unwrap_or_default()),
        Some("answer" | "transferAnswer") => Status::Answered,
        Some("initiate") => Status::Initiated,
        _ => return Ok(Vec::new()),
    };
    let progress = progress(form, status);
    Ok(vec![if is_leg { leg(form, progress)? } else { What::Caller(progress) }])
}

fn leg(form: &Form, progress: Progress) -> Result<What, Unreadable> {
    let to = form.number("transferTo").or_else(|| form.number("to"));
    Ok(What::Leg(Leg {
        id: form.wanted("callId")?.to_owned(),
        to: to.map(|number| dialled(&number)),
        progress,
    }))
}

/// A dialled leg lasts from when it was answered, the caller's from its start.
fn progress(form: &Form, status: Status) -> Progress {
    let is_leg = form.get("transferTo").is_some() || form.get("parentCallId").is_some();
    let began = if is_leg { "answerTime" } else { "startTime" };
    let time = form.get("endTime").or_else(|| form.get("eventTime")).and_then(instant);
    Progress {
        status,
        sequence: None,
        time,
        duration: between(form, began, "endTime"),
        cause: form.owned("cause"),
    }
}

fn between(form: &Form, began: &str, ended: &str) -> Option<u32> {
    let (began, ended) = (instant(form.get(began)?)?, instant(form.get(ended)?)?);
    u32::try_from((ended.since(began).as_millis() + 500) / 1000).ok()
}

/// What a step that has come to its end says of itself: `transferComplete` how it went, `recordComplete` where the voicemail is.
fn ended(callback: &Callback, form: &Form) -> Vec<What> {
    match form.get("eventType") {
        Some("transferComplete") => {
            let cause = form.get("cause").unwrap_or_default();
            let status = ending(cause);
            vec![What::Dialled(Dialled {
                step: callback.step,
                status,
                leg: None,
                // How long the two talked is told by the leg's own end.
                talk: (status != Status::Completed).then_some(0),
                bridged: callback.bridged(status),
                caller_gone: status == Status::Canceled,
                duration: None,
                cause: form.owned("cause"),
            })]
        }
        Some("recordComplete") => recorded(callback, form)
            .map(|recorded| What::Recorded(Recorded { is_voicemail: true, ..recorded }))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// "This list is not exhaustive": what is not in it is a failure.
fn ending(cause: &str) -> Status {
    match cause {
        "hangup" => Status::Completed,
        "busy" | "rejected" => Status::Busy,
        "timeout" => Status::NoAnswer,
        "cancel" => Status::Canceled,
        _ => Status::Failed,
    }
}

fn pressed(callback: &Callback, form: &Form) -> Result<Meaning, Unreadable> {
    let step = callback.wanted_step()?;
    let keys = form.owned("digits").unwrap_or_default();
    let accepted = keys == "1";
    let by = if callback.is_called { By::Called } else { By::Caller };
    let happened = vec![What::Pressed(Pressed { by, step: Some(step), keys })];
    let to = callback.to.clone().or_else(|| form.number("to")).map(|number| dialled(&number));
    Ok(match by {
        By::Called => Meaning::Screened { step, accepted, happened },
        By::Caller => Meaning::Next { step, happened, to },
    })
}

/// None where it speaks of no recording.
fn recorded(callback: &Callback, form: &Form) -> Option<Recorded> {
    let failed = form.get("status") == Some("error");
    let duration: Option<jiff::SignedDuration> =
        form.get("duration").and_then(|written| written.parse().ok());
    Some(Recorded {
        id: form.owned("recordingId")?,
        place: form.owned("mediaUrl").filter(|_| !failed),
        duration: duration
            .and_then(|duration| u32::try_from(duration.as_millis().saturating_add(500) / 1000).ok()),
        channels: form.count("channels"),
        is_voicemail: callback.is_voicemail,
        failed,
    })
}
