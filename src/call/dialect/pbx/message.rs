//! What a telephone system's forms mean, with Asterisk's names for how a call went, Q.850's causes and SIP's codes.

use super::super::caller::{caller, dialled, is_private};
use super::super::form::Form;
use super::super::stir;
use super::super::twiml::{dial_status, leg_status};
use super::super::{Address, Meaning, Message, Told, Unreadable};
use crate::call::carrier::CarrierName;
use crate::call::event::{Caller, Dialled, Leg, Progress, Recorded, Ring, Status, Transcribed, What};

pub fn read(message: &Message<'_>) -> Result<Told, Unreadable> {
    let form = Form::of_message(CarrierName::Pbx, message)?;
    let call = form.wanted("CallSid")?.to_owned();
    let meaning = match message.address {
        Address::Ring => Meaning::Rings(ring(&form)?),
        // Whatever is told comes in one form or several, to whichever address.
        Address::Status | Address::Recording | Address::Transcription => {
            let result = result(&form);
            let leg = result.as_ref().and_then(taken_by);
            let told =
                [caller_leg(&form), leg, result.map(What::Dialled), voicemail(&form), recording(&form)];
            Meaning::Happened(told.into_iter().flatten().chain(transcription(&form, &call)).collect())
        }
        Address::Next | Address::Whisper | Address::Menu => {
            return Err(Unreadable::Form(
                CarrierName::Pbx,
                "it is told everything when the phone rings".into(),
            ));
        }
    };
    Ok(Told { call, meaning })
}

/// With a P-Asserted-Identity the number is there although it is withheld: `CallerPres` decides, or `Privacy`.
fn ring(form: &Form) -> Result<Ring, Unreadable> {
    let is_prohibited = form
        .get("CallerPres")
        .is_some_and(|pres| pres.trim().get(..6).is_some_and(|start| start.eq_ignore_ascii_case("prohib")));
    let is_withheld = is_prohibited || form.get("Privacy").is_some_and(is_private);
    let from = if is_withheld { Caller::Withheld } else { caller(&form.number("From").unwrap_or_default()) };
    Ok(Ring {
        to: dialled(&form.number("To").ok_or(Unreadable::Missing("To"))?),
        name: form.owned("CallerName").filter(|_| from != Caller::Withheld),
        from,
        city: None,
        state: None,
        country: None,
        forwarded_from: form.number("Diversion").map(|number| dialled(&number)),
        attestation: stir::attestation(form.get("StirVerstat"), None),
    })
}

fn caller_leg(form: &Form) -> Option<What> {
    Some(What::Caller(Progress {
        status: leg_status(&form.get("CallStatus")?.to_ascii_lowercase())?,
        sequence: form.count("SequenceNumber"),
        time: None,
        duration: form.seconds("CallDuration"),
        cause: cause(form),
    }))
}

/// How the dialling went. That it was answered does not mean that the two were connected: who refuses a call that they are
/// screening has answered it too. Only talk does, and no talk is told as nothing at all.
fn result(form: &Form) -> Option<Dialled> {
    // Only then is it known whether they talked.
    if !form
        .get("CallStatus")
        .and_then(|status| leg_status(&status.to_ascii_lowercase()))
        .is_none_or(Status::is_final)
    {
        return None;
    }
    let status = match form.get("DialCallStatus") {
        Some(written) => asterisk(written).or_else(|| dial_status(&written.to_ascii_lowercase()))?,
        None => of_sip(form.count("SipCode")?)?,
    };
    let talk = form.seconds("DialCallDuration").filter(|_| status == Status::Completed);
    Some(Dialled {
        step: None,
        status,
        leg: form.number("DialCallTo").map(|number| dialled(&number)),
        talk: Some(talk.unwrap_or(0)),
        bridged: Some(talk.is_some()),
        caller_gone: status == Status::Canceled,
        duration: form.seconds("CallDuration"),
        cause: cause(form),
    })
}

/// Whoever of several was put through, where it is said; the number is the leg's id too.
fn taken_by(result: &Dialled) -> Option<What> {
    let number = result.leg.clone().filter(|_| result.is_connected())?;
    let progress = Progress {
        status: Status::Completed,
        sequence: None,
        time: None,
        duration: result.talk,
        cause: None,
    };
    Some(What::Leg(Leg { id: number.clone(), to: Some(number), progress }))
}

/// Asterisk's DIALSTATUS.
fn asterisk(written: &str) -> Option<Status> {
    Some(match written.trim().to_ascii_uppercase().as_str() {
        "ANSWER" => Status::Completed,
        "BUSY" => Status::Busy,
        "NOANSWER" => Status::NoAnswer,
        "CANCEL" => Status::Canceled,
        "CHANUNAVAIL" | "CONGESTION" => Status::Failed,
        _ => return None,
    })
}

/// How it went by the final SIP response alone (RFC 3261, 21), as a proxy knows it.
fn of_sip(code: u16) -> Option<Status> {
    Some(match code {
        200..=299 => Status::Completed,
        486 | 600 | 603 => Status::Busy,
        408 | 480 => Status::NoAnswer,
        487 => Status::Canceled,
        300..=699 => Status::Failed,
        _ => return None,
    })
}

fn cause(form: &Form) -> Option<String> {
    let code = || form.get("SipCode").map(|code| format!("SIP {code}"));
    form.owned("HangupCause").or_else(code)
}

fn voicemail(form: &Form) -> Option<What> {
    let file = file(form, "Voicemail")?;
    Some(recorded(form, file, true))
}

fn recording(form: &Form) -> Option<What> {
    let file = file(form, "RecordingFile")?;
    Some(recorded(form, file, false))
}

fn recorded(form: &Form, file: String, is_voicemail: bool) -> What {
    What::Recorded(Recorded {
        id: file.clone(),
        place: Some(file),
        duration: form.seconds("RecordingDuration"),
        channels: form.count("RecordingChannels"),
        is_voicemail,
        failed: false,
    })
}

/// A name below `[carrier.pbx] files`; none that leads out of it.
fn file(form: &Form, field: &'static str) -> Option<String> {
    let name = form.get(field)?;
    let leads_out = name.starts_with('/')
        || name.contains(['\\', '\0', ':'])
        || name.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    if leads_out {
        tracing::warn!(
            field,
            name,
            "a telephone system names a file that is passed over: it must be relative to [carrier.pbx] files, without .."
        );
        return None;
    }
    Some(name.to_owned())
}

fn transcription(form: &Form, call: &str) -> Option<What> {
    let text = form.owned("TranscriptionText")?;
    let recording = form.owned("RecordingFile").or_else(|| form.owned("Voicemail"));
    let id = form.owned("TranscriptionSid").or_else(|| recording.clone()).unwrap_or_else(|| call.to_owned());
    Some(What::Transcribed(Transcribed { id, recording, text: Some(text) }))
}
