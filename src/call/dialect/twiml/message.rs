//! What the messages mean (twilio.com/docs/voice/twiml, "Request parameters", and `Dial`, `Number`, `Record`, `Gather`).

use super::super::callback::Callback;
use super::super::caller::{caller, dialled, is_private};
use super::super::form::{Form, instant};
use super::super::{Address, Meaning, Message, Told, Unreadable};
use super::{attestation, cause};
use crate::call::carrier::CarrierName;
use crate::call::event::{
    By, Caller, Dialled, Leg, Pressed, Progress, Recorded, Ring, Status, Transcribed, What,
};

pub fn read(carrier: CarrierName, message: &Message<'_>) -> Result<Told, Unreadable> {
    let form = Form::of_message(carrier, message)?;
    let callback = Callback::read(message.query);
    let call = call(message.address, &callback, &form)?;
    let meaning = match message.address {
        Address::Ring => Meaning::Rings(ring(carrier, &form)?),
        Address::Status => Meaning::Happened(status(&callback, &form)?),
        Address::Recording => {
            let recorded = recorded(&callback, &form).ok_or(Unreadable::Missing("RecordingSid"))?;
            Meaning::Happened(vec![What::Recorded(recorded)])
        }
        Address::Transcription => Meaning::Happened(vec![What::Transcribed(transcribed(&form)?)]),
        Address::Next => Meaning::Next {
            step: callback.wanted_step()?,
            happened: ended(&callback, &form),
            to: to(&callback, &form),
        },
        Address::Whisper => Meaning::Whispers {
            step: callback.wanted_step()?,
            happened: progress(&form)
                .map(|progress| leg(&form, progress))
                .into_iter()
                .collect::<Result<_, _>>()?,
        },
        Address::Menu => pressed(&callback, &form)?,
    };
    Ok(Told { call, meaning })
}

/// The caller's leg: our own addresses carry it. A leg that was dialled names it as its parent.
fn call(address: Address, callback: &Callback, form: &Form) -> Result<String, Unreadable> {
    if address != Address::Ring {
        if let Some(call) = callback.call.clone().or_else(|| form.owned("ParentCallSid")) {
            return Ok(call);
        }
        if callback.is_leg || callback.is_called || address == Address::Whisper {
            return Err(Unreadable::Missing("ParentCallSid"));
        }
    }
    form.wanted("CallSid").map(str::to_owned)
}

fn ring(carrier: CarrierName, form: &Form) -> Result<Ring, Unreadable> {
    let withheld = form.get("SipHeader_Privacy").is_some_and(is_private);
    let from = if withheld { Caller::Withheld } else { caller(&form.number("From").unwrap_or_default()) };
    Ok(Ring {
        to: dialled(&form.number("To").ok_or(Unreadable::Missing("To"))?),
        name: form.owned("CallerName").filter(|_| from != Caller::Withheld),
        from,
        city: form.owned("FromCity"),
        state: form.owned("FromState"),
        country: form.owned("FromCountry"),
        forwarded_from: form.number("ForwardedFrom").map(|number| dialled(&number)),
        attestation: attestation(carrier, form),
    })
}

fn status(callback: &Callback, form: &Form) -> Result<Vec<What>, Unreadable> {
    let Some(progress) = progress(form) else { return Ok(Vec::new()) };
    let is_leg = callback.is_leg || form.get("ParentCallSid").is_some();
    Ok(vec![if is_leg { leg(form, progress)? } else { What::Caller(progress) }])
}

fn leg(form: &Form, progress: Progress) -> Result<What, Unreadable> {
    let id = form.wanted("CallSid")?.to_owned();
    Ok(What::Leg(Leg { id, to: form.number("To").map(|number| dialled(&number)), progress }))
}

fn progress(form: &Form) -> Option<Progress> {
    Some(Progress {
        status: leg_status(form.get("CallStatus")?)?,
        sequence: form.count("SequenceNumber"),
        time: form.get("Timestamp").and_then(instant),
        duration: form.seconds("CallDuration"),
        cause: cause(form),
    })
}

/// What a step that has come to its end says of itself: a `Dial` how it went, a `Record` where the voicemail is.
fn ended(callback: &Callback, form: &Form) -> Vec<What> {
    let dialled = form.get("DialCallStatus").and_then(dial_status).map(|status| {
        // Only Twilio says it.
        let said = form.get("DialBridged").map(|bridged| bridged.eq_ignore_ascii_case("true"));
        let bridged = said.or_else(|| callback.bridged(status));
        // A leg that was answered and not put through has lasted, but nobody talked.
        let talk = if bridged == Some(false) || status != Status::Completed {
            Some(0)
        } else {
            form.seconds("DialCallDuration")
        };
        What::Dialled(Dialled {
            step: callback.step,
            status,
            leg: form.owned("DialCallSid"),
            talk,
            bridged,
            caller_gone: form.get("CallStatus").and_then(leg_status).is_some_and(Status::is_final),
            duration: form.seconds("CallDuration"),
            cause: cause(form),
        })
    });
    let is_voicemail = form.get("DialCallStatus").is_none();
    let recorded = recorded(callback, form).map(|recorded| {
        What::Recorded(Recorded { is_voicemail: recorded.is_voicemail || is_voicemail, ..recorded })
    });
    dialled.into_iter().chain(recorded).collect()
}

fn pressed(callback: &Callback, form: &Form) -> Result<Meaning, Unreadable> {
    let step = callback.wanted_step()?;
    let keys = form.owned("Digits").unwrap_or_default();
    let accepted = keys == "1";
    let by = if callback.is_called { By::Called } else { By::Caller };
    let happened = vec![What::Pressed(Pressed { by, step: Some(step), keys })];
    Ok(match by {
        By::Called => Meaning::Screened { step, accepted, happened },
        By::Caller => Meaning::Next { step, happened, to: to(callback, form) },
    })
}

/// None where it speaks of no recording.
fn recorded(callback: &Callback, form: &Form) -> Option<Recorded> {
    let place = form.owned("RecordingUrl");
    let status = form.get("RecordingStatus").unwrap_or("completed");
    let failed = matches!(status, "failed" | "absent");
    Some(Recorded {
        id: form.owned("RecordingSid").or_else(|| id_in(place.as_deref()?))?,
        place: place.filter(|_| status == "completed"),
        duration: form.seconds("RecordingDuration"),
        channels: form.count("RecordingChannels"),
        is_voicemail: callback.is_voicemail || form.get("RecordingSource") == Some("RecordVerb"),
        failed,
    })
}

/// A recording's address ends in its id.
fn id_in(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let name = path.rsplit('/').next()?;
    let id = name.split_once('.').map_or(name, |(id, _)| id);
    (!id.is_empty()).then(|| id.to_owned())
}

fn transcribed(form: &Form) -> Result<Transcribed, Unreadable> {
    let has_failed = form.get("TranscriptionStatus").is_some_and(|status| status != "completed");
    Ok(Transcribed {
        id: form.wanted("TranscriptionSid")?.to_owned(),
        recording: form.owned("RecordingSid"),
        text: form.owned("TranscriptionText").filter(|_| !has_failed),
    })
}

fn to(callback: &Callback, form: &Form) -> Option<String> {
    callback.to.clone().or_else(|| form.number("To")).map(|number| dialled(&number))
}

/// None for what is not known: nothing is made of it.
pub fn leg_status(written: &str) -> Option<Status> {
    Some(match written {
        "queued" | "initiated" => Status::Initiated,
        "ringing" => Status::Ringing,
        "in-progress" | "answered" => Status::Answered,
        "completed" => Status::Completed,
        "busy" => Status::Busy,
        "no-answer" => Status::NoAnswer,
        "canceled" | "cancelled" => Status::Canceled,
        "failed" => Status::Failed,
        _ => return None,
    })
}

/// How a `Dial` ended: one that was answered has ended too.
pub fn dial_status(written: &str) -> Option<Status> {
    match leg_status(written)? {
        Status::Answered => Some(Status::Completed),
        status => Some(status).filter(|status| status.is_final()),
    }
}
