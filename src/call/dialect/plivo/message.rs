//! What Plivo's messages mean (plivo.com/docs/voice/xml/request, dial, record and getinput).

use super::super::callback::Callback;
use super::super::caller::{caller, dialled, with_plus};
use super::super::form::Form;
use super::super::stir;
use super::super::{Address, Meaning, Message, Told, Unreadable};
use crate::call::carrier::CarrierName;
use crate::call::event::{
    Attestation, By, Caller, Dialled, Leg, Pressed, Progress, Recorded, Ring, Status, Transcribed, What,
};

pub fn read(message: &Message<'_>) -> Result<Told, Unreadable> {
    let form = Form::of_message(CarrierName::Plivo, message)?;
    let callback = Callback::read(message.query);
    let call = call(message.address, &callback, &form)?;
    let meaning = match message.address {
        Address::Ring => Meaning::Rings(ring(&form)?),
        Address::Status if callback.is_leg => Meaning::Happened(leg(&callback, &form)),
        Address::Status => Meaning::Happened(caller_leg(&form).map(What::Caller).into_iter().collect()),
        Address::Recording => {
            let recorded = recorded(&callback, &form).ok_or(Unreadable::Missing("RecordingID"))?;
            Meaning::Happened(vec![What::Recorded(recorded)])
        }
        Address::Transcription => Meaning::Happened(vec![What::Transcribed(transcribed(&form, &call))]),
        Address::Next => Meaning::Next {
            step: callback.wanted_step()?,
            happened: ended(&callback, &form),
            to: to(&callback, &form),
        },
        Address::Whisper => Meaning::Whispers { step: callback.wanted_step()?, happened: Vec::new() },
        Address::Menu => pressed(&callback, &form)?,
    };
    Ok(Told { call, meaning })
}

/// The caller's leg: our own addresses carry it, and messages about what was dialled call it the A leg.
fn call(address: Address, callback: &Callback, form: &Form) -> Result<String, Unreadable> {
    let carried = callback.call.clone().filter(|_| address != Address::Ring);
    let named = || ["DialALegUUID", "CallUUID", "call_uuid"].iter().find_map(|name| form.owned(name));
    carried.or_else(named).ok_or(Unreadable::Missing("CallUUID"))
}

fn number(form: &Form, name: &str) -> Option<String> {
    form.number(name).map(|written| with_plus(&written))
}

fn ring(form: &Form) -> Result<Ring, Unreadable> {
    let from = caller(&number(form, "From").unwrap_or_default());
    Ok(Ring {
        to: dialled(&number(form, "To").ok_or(Unreadable::Missing("To"))?),
        // Of some calls it is the number once more.
        name: form.owned("CallerName").filter(|name| from != Caller::Withheld && number_of(name).is_none()),
        from,
        city: None,
        state: None,
        country: None,
        forwarded_from: number(form, "ForwardedFrom").map(|number| dialled(&number)),
        attestation: attestation(form),
    })
}

fn number_of(name: &str) -> Option<String> {
    match caller(&with_plus(name)) {
        Caller::Number(number) => Some(number),
        Caller::Withheld | Caller::Other(_) => None,
    }
}

/// `Verified` is level A, `Not Verified` B or C, which is told beside it; neither says that a signature was wrong.
fn attestation(form: &Form) -> Attestation {
    let said = form.get("STIRVerification").or_else(|| form.get("stir_verification"));
    let level = form.get("STIRAttestation");
    match said {
        Some("Verified") => stir::validated(level.filter(|level| level.len() == 1).or(Some("A")), Some(true)),
        Some("Not Verified") => stir::validated(level, Some(true)),
        _ => Attestation::default(),
    }
}

fn caller_leg(form: &Form) -> Option<Progress> {
    Some(Progress {
        status: status(form.get("CallStatus")?)?,
        sequence: None,
        // `EndTime` is of the account's own zone, which nobody tells.
        time: None,
        duration: form.seconds("Duration"),
        cause: form.owned("HangupCauseName").or_else(|| form.owned("HangupCause")),
    })
}

/// A message of `Dial`'s callbackUrl.
fn leg(callback: &Callback, form: &Form) -> Vec<What> {
    // It waits for the key by itself, and says that it was pressed by putting them through.
    let accepted = (callback.is_screened && form.get("DialAction") == Some("connected"))
        .then(|| What::Pressed(Pressed { by: By::Called, step: callback.step, keys: "1".to_owned() }));
    leg_progress(form).into_iter().chain(accepted).collect()
}

/// That a leg was hung up does not say whether anybody had answered: its length does, or why.
fn leg_progress(form: &Form) -> Option<What> {
    let cause = form.owned("DialBLegHangupCauseName").or_else(|| form.owned("DialBLegHangupCause"));
    let duration = form.seconds("DialBLegDuration");
    let status = match form.get("DialAction").or_else(|| form.get("DialBLegStatus"))? {
        "answer" | "connected" => Status::Answered,
        "hangup" if duration.is_some_and(|seconds| seconds > 0) => Status::Completed,
        "hangup" => hung_up(cause.as_deref().unwrap_or_default()),
        _ => return None,
    };
    Some(What::Leg(Leg {
        id: form.owned("DialBLegUUID")?,
        to: number(form, "DialBLegTo").map(|number| dialled(&number)),
        progress: Progress { status, sequence: None, time: None, duration, cause },
    }))
}

fn hung_up(cause: &str) -> Status {
    match cause.to_ascii_uppercase().replace([' ', '-'], "_").as_str() {
        "NORMAL_CLEARING" | "NORMAL_HANGUP" => Status::Completed,
        "USER_BUSY" | "BUSY_LINE" | "CALL_REJECTED" | "REJECTED" => Status::Busy,
        "NO_ANSWER" | "NO_USER_RESPONSE" | "RING_TIMEOUT_REACHED" => Status::NoAnswer,
        "ORIGINATOR_CANCEL" | "CANCELLED" | "LOSE_RACE" => Status::Canceled,
        _ => Status::Failed,
    }
}

/// What a step that has come to its end says of itself: a `Dial` how it went, a `Record` where the voicemail is.
fn ended(callback: &Callback, form: &Form) -> Vec<What> {
    let dialled = form.get("DialStatus").and_then(status).filter(|status| status.is_final()).map(|status| {
        let talk = if status == Status::Completed { form.seconds("DialBLegDuration") } else { Some(0) };
        What::Dialled(Dialled {
            step: callback.step,
            status,
            leg: form.owned("DialBLegUUID"),
            talk,
            bridged: callback.bridged(status),
            caller_gone: form.get("CallStatus").and_then(self::status).is_some_and(Status::is_final),
            duration: form.seconds("Duration"),
            cause: form.owned("DialHangupCause"),
        })
    });
    let is_voicemail = form.get("DialStatus").is_none();
    let recorded = recorded(callback, form).map(|recorded| {
        What::Recorded(Recorded { is_voicemail: recorded.is_voicemail || is_voicemail, ..recorded })
    });
    dialled.into_iter().chain(recorded).collect()
}

fn pressed(callback: &Callback, form: &Form) -> Result<Meaning, Unreadable> {
    let step = callback.wanted_step()?;
    let keys = form.owned("Digits").unwrap_or_default();
    let happened = vec![What::Pressed(Pressed { by: By::Caller, step: Some(step), keys })];
    Ok(Meaning::Next { step, happened, to: to(callback, form) })
}

/// None where it speaks of no recording.
fn recorded(callback: &Callback, form: &Form) -> Option<Recorded> {
    Some(Recorded {
        id: form.owned("RecordingID")?,
        place: form.owned("RecordUrl").or_else(|| form.owned("RecordFile")),
        // -1 while it is not known.
        duration: form.seconds("RecordingDuration"),
        channels: None,
        is_voicemail: callback.is_voicemail,
        failed: false,
    })
}

fn transcribed(form: &Form, call: &str) -> Transcribed {
    let recording = form.owned("recording_id").or_else(|| form.owned("RecordingID"));
    let text = form.owned("transcription").filter(|_| form.get("error").is_none());
    Transcribed { id: recording.clone().unwrap_or_else(|| call.to_owned()), recording, text }
}

fn to(callback: &Callback, form: &Form) -> Option<String> {
    callback.to.clone().or_else(|| number(form, "To")).map(|number| dialled(&number))
}

fn status(written: &str) -> Option<Status> {
    Some(match written {
        "ringing" => Status::Ringing,
        "in-progress" | "answer" => Status::Answered,
        "completed" => Status::Completed,
        "busy" => Status::Busy,
        "no-answer" | "timeout" => Status::NoAnswer,
        "cancel" => Status::Canceled,
        "failed" => Status::Failed,
        _ => return None,
    })
}
