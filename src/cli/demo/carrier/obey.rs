//! A call from its ring to its end: one verb after the other is obeyed.

use std::time::Duration;

use super::account::{Fields, sid};
use super::people::{MESSAGE, PRESSED_AFTER, asked_for, spoken_for};
use super::trouble::Trouble;
use super::twiml::{Document, Gather, Record, Verb};
use super::{Carrier, Ending, From, Placed, Step, Wanted};
use crate::Timestamp;

/// Documents that one leads to; more go in a circle.
pub(super) const MOST_DOCUMENTS: usize = 40;

/// A call while it goes on.
pub(super) struct Call<'c> {
    pub carrier: &'c Carrier,
    pub wanted: Wanted,
    pub from: String,
    pub sid: String,
    /// The first second after it began to ring.
    began: Timestamp,
    /// Seconds since then.
    pub clock: u32,
    /// Somebody, or a voice, has answered the caller: from then on it costs.
    is_answered: bool,
    /// How it ended, once it has.
    ended: Option<&'static str>,
    steps: Vec<Step>,
    /// What is told once the call is over: where, and what.
    later: Vec<(String, Fields)>,
    is_recorded: bool,
    is_transcribed: bool,
}

/// How a call goes on after a verb.
pub(super) enum Then {
    /// With the next verb.
    Next,
    /// With another document.
    Document(Document),
    /// Not at all.
    Over,
}

/// What was recorded.
pub(super) struct Recorded {
    pub seconds: u32,
    pub channels: u8,
    /// The carrier's word for what recorded it.
    pub by: &'static str,
}

impl<'c> Call<'c> {
    pub fn new(carrier: &'c Carrier, wanted: Wanted, from: String) -> Self {
        // Carriers' clocks tell seconds.
        let began = Timestamp((Timestamp::now().0 / 1000 + 1) * 1000);
        Call {
            carrier,
            wanted,
            from,
            sid: sid("CA"),
            began,
            clock: 0,
            is_answered: false,
            ended: None,
            steps: Vec::new(),
            later: Vec::new(),
            is_recorded: false,
            is_transcribed: false,
        }
    }

    pub async fn run(mut self) -> Placed {
        let obeyed = self.obey().await;
        if let Err(trouble) = &obeyed {
            self.note(format!("the caller hears that an application error has occurred: {trouble}"));
            self.end("failed");
        }
        let told = self.tell_end().await;
        Placed {
            sid: self.sid,
            steps: self.steps,
            trouble: obeyed.and(told).err().map(|trouble| trouble.to_string()),
            is_recorded: self.is_recorded,
            is_transcribed: self.is_transcribed,
        }
    }

    async fn obey(&mut self) -> Result<(), Trouble> {
        self.note(format!("{} calls {}", self.caller(), self.wanted.to));
        let mut document = self.ask(&self.carrier.account.voice_address(), self.ring()).await?;
        for _ in 0..MOST_DOCUMENTS {
            let mut then = Then::Next;
            for verb in std::mem::take(&mut document.verbs) {
                then = self.perform(verb).await?;
                if !matches!(then, Then::Next) {
                    break;
                }
            }
            match then {
                Then::Document(next) => document = next,
                Then::Next => {
                    self.hang_up();
                    return Ok(());
                }
                Then::Over => return Ok(()),
            }
        }
        Err(Trouble::Endless(MOST_DOCUMENTS))
    }

    async fn perform(&mut self, verb: Verb) -> Result<Then, Trouble> {
        match verb {
            Verb::Say(text) => {
                self.is_answered = true;
                self.hears("the caller", &text);
                Ok(Then::Next)
            }
            Verb::Gather(gather) => self.gather(&gather).await,
            Verb::Dial(dial) => self.dial(&dial).await,
            Verb::Record(record) => self.record(&record).await,
            Verb::Redirect(address) => Ok(Then::Document(self.ask(&address, Vec::new()).await?)),
            Verb::Reject { is_busy } => {
                let (heard, status) =
                    if is_busy { ("a busy tone", "busy") } else { ("a refusal", "no-answer") };
                self.note(format!("the call is refused: the caller hears {heard}"));
                self.end(status);
                Ok(Then::Over)
            }
            Verb::Hangup => {
                self.hang_up();
                Ok(Then::Over)
            }
        }
    }

    async fn gather(&mut self, gather: &Gather) -> Result<Then, Trouble> {
        self.is_answered = true;
        for prompt in &gather.prompts {
            self.hears("the caller", prompt);
        }
        let Some(key) = asked_for(&gather.prompts).filter(|key| !gather.finish_on.contains(*key)) else {
            self.clock += gather.timeout;
            self.note("the caller presses nothing".to_owned());
            return Ok(Then::Next);
        };
        self.clock += PRESSED_AFTER;
        self.note(format!("the caller presses {key}"));
        let fields = vec![("Digits", key.to_string()), ("msg", "Gather End".to_owned())];
        Ok(Then::Document(self.ask(&gather.action, fields).await?))
    }

    async fn record(&mut self, record: &Record) -> Result<Then, Trouble> {
        self.is_answered = true;
        if !matches!(self.wanted.ending, Ending::Voicemail | Ending::Answered) {
            self.note("the caller hangs up before the tone".to_owned());
            self.end("completed");
            return Ok(Then::Over);
        }
        let seconds = spoken_for(MESSAGE).min(record.longest);
        self.clock += seconds;
        self.note(format!("the caller leaves a message of {seconds} s, and hangs up"));
        self.end("completed");
        let told =
            self.recorded(record.callback.as_deref(), Recorded { seconds, channels: 1, by: "RecordVerb" });
        if let Some(transcription) = &record.transcription {
            let mut fields = self.fields();
            fields.extend([
                ("TranscriptionSid", sid("TR")),
                ("TranscriptionText", MESSAGE.to_owned()),
                ("TranscriptionStatus", "completed".to_owned()),
                ("TranscriptionType", "fast".to_owned()),
            ]);
            fields.extend(told.clone());
            self.later.push((transcription.clone(), fields));
            self.is_transcribed = true;
        }
        // Nobody is there to hear what is answered.
        let mut fields = vec![("Digits", "hangup".to_owned()), ("RecordingDuration", seconds.to_string())];
        fields.extend(told);
        self.ask(&record.action, fields).await?;
        Ok(Then::Over)
    }

    /// Keeps a recording, and tells of it once the call is over. The fields by which others tell of it.
    pub fn recorded(&mut self, callback: Option<&str>, recorded: Recorded) -> Fields {
        let id = sid("RE");
        let address = self.carrier.recording_address(&id);
        self.carrier.recordings.keep(&id, recorded.seconds);
        self.note(format!("a recording of {} s is at {address}", recorded.seconds));
        let told = vec![("RecordingSid", id), ("RecordingUrl", address)];
        if let Some(callback) = callback {
            let mut fields =
                vec![("CallSid", self.sid.clone()), ("AccountSid", self.carrier.account.sid.clone())];
            fields.extend(told.clone());
            fields.extend([
                ("RecordingStatus", "completed".to_owned()),
                ("RecordingDuration", recorded.seconds.to_string()),
                ("RecordingChannels", recorded.channels.to_string()),
                ("RecordingSource", recorded.by.to_owned()),
                ("RecordingStartTime", self.time(self.clock.saturating_sub(recorded.seconds))),
            ]);
            self.later.push((callback.to_owned(), fields));
            self.is_recorded = true;
        }
        told
    }

    fn hang_up(&mut self) {
        self.note("the carrier hangs up".to_owned());
        self.end(if self.is_answered { "completed" } else { "no-answer" });
    }

    /// The caller gives up.
    pub fn give_up(&mut self) {
        self.note("the caller hangs up".to_owned());
        self.end(if self.is_answered { "completed" } else { "no-answer" });
    }

    /// The first end counts.
    fn end(&mut self, status: &'static str) {
        self.ended.get_or_insert(status);
    }

    pub fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    pub fn is_put_through(&mut self) {
        self.is_answered = true;
    }

    /// The end of the call, and what is told after it.
    async fn tell_end(&mut self) -> Result<(), Trouble> {
        let mut fields = self.fields();
        fields.extend([
            ("CallDuration", self.clock.to_string()),
            ("SequenceNumber", "0".to_owned()),
            ("CallbackSource", "call-progress-events".to_owned()),
            ("Timestamp", self.time(self.clock)),
        ]);
        let account = &self.carrier.account;
        account.tell(&account.status_address(), fields).await?;
        for (address, fields) in std::mem::take(&mut self.later) {
            account.tell(&address, fields).await?;
        }
        Ok(())
    }

    /// Asks how this call is to go on.
    pub async fn ask(&self, address: &str, more: Fields) -> Result<Document, Trouble> {
        let mut fields = self.fields();
        fields.extend(more);
        self.carrier.account.ask(address, fields).await
    }

    /// What every message about the caller's leg carries.
    fn fields(&self) -> Fields {
        let status = match (self.ended, self.is_answered) {
            (Some(ended), _) => ended,
            (None, true) => "in-progress",
            (None, false) => "ringing",
        };
        vec![
            ("CallSid", self.sid.clone()),
            ("AccountSid", self.carrier.account.sid.clone()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("Direction", "inbound".to_owned()),
            ("CallStatus", status.to_owned()),
            ("From", self.from.clone()),
            ("Caller", self.from.clone()),
            ("To", self.wanted.to.clone()),
            ("Called", self.wanted.to.clone()),
        ]
    }

    /// What is told of the caller when it rings.
    fn ring(&self) -> Fields {
        let (place, attestation) = match &self.wanted.from {
            From::Stranger => (&["PORTLAND", "OR", "97201"][..], "TN-Validation-Passed-A"),
            From::Number(_) => (&[][..], "TN-Validation-Passed-A"),
            From::Anonymous => (&[][..], "No-TN-Validation"),
        };
        let names = ["FromCity", "FromState", "FromZip"];
        let mut fields: Fields = names.into_iter().zip(place.iter().map(|text| (*text).to_owned())).collect();
        if self.from.starts_with("+1") {
            fields.push(("FromCountry", "US".to_owned()));
        }
        fields.push(("StirVerstat", attestation.to_owned()));
        fields
    }

    fn caller(&self) -> String {
        match self.wanted.from {
            From::Anonymous => "Somebody who withholds the number".to_owned(),
            _ => self.from.clone(),
        }
    }

    /// Somebody hears a text to its end.
    pub fn hears(&mut self, who: &str, text: &str) {
        self.note(format!("{who} hears: {text}"));
        self.clock += spoken_for(text);
    }

    pub fn note(&mut self, what: String) {
        self.steps.push(Step { at: self.clock, what });
    }

    /// As carriers' clocks tell so many seconds of the call: RFC 2822.
    pub fn time(&self, seconds: u32) -> String {
        let time = self.began.plus(Duration::from_secs(u64::from(seconds)));
        time.in_zone(&jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
    }
}
