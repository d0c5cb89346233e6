//! Telephones ring: one is taken, or none.

use super::Ending;
use super::account::{Fields, sid};
use super::obey::{Call, MOST_DOCUMENTS, Recorded, Then};
use super::people::{GIVEN_UP_AFTER, PICKED_UP_AFTER, PRESSED_AFTER, asked_for};
use super::trouble::Trouble;
use super::twiml::{Dial, Document, Gather, Number, Verb};

/// A telephone that is called.
struct Leg<'d> {
    sid: String,
    number: &'d Number,
    /// Who it shows as calling.
    shows: &'d str,
    /// Messages about it so far.
    told: u32,
    /// Where it is, in the carrier's word.
    status: &'static str,
    /// When it was taken, on the call's clock.
    taken: Option<u32>,
}

/// How it went with all of them.
struct Ended {
    /// The carrier's word.
    status: &'static str,
    leg: String,
    /// Seconds that the two talked; none where nobody took it.
    talk: Option<u32>,
    /// Of both.
    recording: Fields,
}

impl Call<'_> {
    pub(super) async fn dial(&mut self, dial: &Dial) -> Result<Then, Trouble> {
        if !dial.answer_on_bridge {
            self.is_put_through();
        }
        let shows = dial.caller_id.clone().unwrap_or_else(|| self.from.clone());
        let mut legs: Vec<Leg<'_>> = dial.numbers.iter().map(|number| Leg::new(number, &shows)).collect();
        for leg in &mut legs {
            self.progress(leg, "initiated", "initiated").await?;
        }
        if self.wanted.ending != Ending::Busy {
            for leg in &mut legs {
                self.note(format!("{} rings", leg.number.number));
                self.progress(leg, "ringing", "ringing").await?;
            }
        }
        let ended = match self.wanted.ending {
            Ending::Answered if dial.timeout >= PICKED_UP_AFTER => self.taken(dial, &mut legs).await?,
            Ending::Busy => {
                self.note("it is busy".to_owned());
                self.untaken(&mut legs, "busy").await?
            }
            Ending::Abandoned if dial.timeout > GIVEN_UP_AFTER => {
                self.clock += GIVEN_UP_AFTER;
                self.give_up();
                self.untaken(&mut legs, "canceled").await?
            }
            _ => {
                self.clock += dial.timeout;
                self.note("nobody takes it".to_owned());
                self.untaken(&mut legs, "no-answer").await?
            }
        };
        self.go_on(dial, ended).await
    }

    /// The first takes it, hears what is said to them, and talks.
    async fn taken(&mut self, dial: &Dial, legs: &mut [Leg<'_>]) -> Result<Ended, Trouble> {
        self.clock += PICKED_UP_AFTER;
        let Some((leg, others)) = legs.split_first_mut() else { return self.untaken(legs, "failed").await };
        leg.taken = Some(self.clock);
        self.note(format!("{} answers", leg.number.number));
        self.progress(leg, "answered", "in-progress").await?;
        for other in others {
            self.progress(other, "completed", "canceled").await?;
        }
        let is_put_through = self.whisper(leg).await?;
        let (mut talk, mut recording) = (0, Fields::new());
        if is_put_through {
            self.is_put_through();
            talk = self.wanted.talk;
            self.note("the two are put through to each other".to_owned());
            self.clock += talk;
            self.note(format!("they have talked for {talk} s, and hang up"));
            if let Some(record) = &dial.record {
                let channels = if record.is_dual { 2 } else { 1 };
                let recorded = Recorded { seconds: talk, channels, by: "DialVerb" };
                recording = self.recorded(record.callback.as_deref(), recorded);
            }
        } else {
            self.note(format!("{} does not take the call", leg.number.number));
        }
        self.progress(leg, "completed", "completed").await?;
        Ok(Ended { status: "completed", leg: leg.sid.clone(), talk: Some(talk), recording })
    }

    async fn untaken(&mut self, legs: &mut [Leg<'_>], status: &'static str) -> Result<Ended, Trouble> {
        for leg in &mut *legs {
            self.progress(leg, "completed", status).await?;
        }
        let leg = legs.first().map(|leg| leg.sid.clone()).unwrap_or_default();
        Ok(Ended { status, leg, talk: None, recording: Fields::new() })
    }

    /// Tells how it ended, and does what is answered, if the caller is there still.
    async fn go_on(&mut self, dial: &Dial, ended: Ended) -> Result<Then, Trouble> {
        let Some(action) = &dial.action else {
            return Ok(if self.is_over() { Then::Over } else { Then::Next });
        };
        let is_bridged = ended.talk.is_some_and(|talk| talk > 0);
        let mut fields = vec![
            ("DialCallStatus", ended.status.to_owned()),
            ("DialCallSid", ended.leg),
            ("DialBridged", is_bridged.to_string()),
        ];
        fields.extend(ended.talk.map(|talk| ("DialCallDuration", talk.to_string())));
        fields.extend(ended.recording);
        let document = self.ask(action, fields).await?;
        Ok(if self.is_over() { Then::Over } else { Then::Document(document) })
    }

    /// What is said to whoever has answered, before the two are put through. Whether they are.
    async fn whisper(&mut self, leg: &Leg<'_>) -> Result<bool, Trouble> {
        let Some(address) = &leg.number.url else { return Ok(true) };
        let mut document = self.ask_for(leg, address, Fields::new()).await?;
        for _ in 0..MOST_DOCUMENTS {
            let mut next = None;
            for verb in document.verbs {
                next = match verb {
                    Verb::Say(text) => {
                        self.hears(&leg.number.number, &text);
                        None
                    }
                    Verb::Gather(gather) => self.screen(leg, &gather).await?,
                    Verb::Redirect(address) => Some(self.ask_for(leg, &address, Fields::new()).await?),
                    Verb::Hangup => return Ok(false),
                    verb @ (Verb::Dial(_) | Verb::Record(_) | Verb::Reject { .. }) => {
                        return Err(Trouble::InWhisper(verb.name()));
                    }
                };
                if next.is_some() {
                    break;
                }
            }
            match next {
                Some(next) => document = next,
                None => return Ok(true),
            }
        }
        Err(Trouble::Endless(MOST_DOCUMENTS))
    }

    /// Whoever has answered is asked for a key, and presses it. What follows; none where none was asked for.
    async fn screen(&mut self, leg: &Leg<'_>, gather: &Gather) -> Result<Option<Document>, Trouble> {
        for prompt in &gather.prompts {
            self.hears(&leg.number.number, prompt);
        }
        let Some(key) = asked_for(&gather.prompts).filter(|key| !gather.finish_on.contains(*key)) else {
            self.clock += gather.timeout;
            return Ok(None);
        };
        self.clock += PRESSED_AFTER;
        self.note(format!("{} presses {key}", leg.number.number));
        let fields = vec![("Digits", key.to_string()), ("msg", "Gather End".to_owned())];
        self.ask_for(leg, &gather.action, fields).await.map(Some)
    }

    async fn ask_for(&self, leg: &Leg<'_>, address: &str, more: Fields) -> Result<Document, Trouble> {
        let mut fields = self.leg_fields(leg);
        fields.extend(more);
        self.carrier.account.ask(address, fields).await
    }

    /// Tells of an event of a leg, where that is wanted.
    async fn progress(
        &mut self,
        leg: &mut Leg<'_>,
        event: &str,
        status: &'static str,
    ) -> Result<(), Trouble> {
        leg.status = status;
        let sequence = leg.told;
        leg.told += 1;
        let Some(callback) = &leg.number.callback else { return Ok(()) };
        if !leg.number.events.iter().any(|wanted| wanted == event) {
            return Ok(());
        }
        let mut fields = self.leg_fields(leg);
        fields.extend([
            ("SequenceNumber", sequence.to_string()),
            ("CallbackSource", "call-progress-events".to_owned()),
            ("Timestamp", self.time(self.clock)),
        ]);
        if event == "completed" {
            let lasted = leg.taken.map_or(0, |taken| self.clock - taken);
            fields.push(("CallDuration", lasted.to_string()));
        }
        self.carrier.account.tell(callback, fields).await
    }

    /// What every message about a leg carries.
    fn leg_fields(&self, leg: &Leg<'_>) -> Fields {
        vec![
            ("CallSid", leg.sid.clone()),
            ("ParentCallSid", self.sid.clone()),
            ("AccountSid", self.carrier.account.sid.clone()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("Direction", "outbound-dial".to_owned()),
            ("CallStatus", leg.status.to_owned()),
            ("From", leg.shows.to_owned()),
            ("Caller", leg.shows.to_owned()),
            ("To", leg.number.number.clone()),
            ("Called", leg.number.number.clone()),
        ]
    }
}

impl<'d> Leg<'d> {
    fn new(number: &'d Number, shows: &'d str) -> Self {
        Leg { sid: sid("CA"), number, shows, told: 0, status: "queued", taken: None }
    }
}
