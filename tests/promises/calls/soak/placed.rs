//! A call as its carrier knows it, what the carrier has to tell of it, and what follows from as much of that as came.

use std::collections::BTreeSet;

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::support::{FLYER, Form, Request, from_pbx, from_twilio};

/// How a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Answered,
    Busy,
    Unanswered,
    Abandoned,
    Failed,
    /// Somebody answered, and did not want it.
    Refused,
    /// Nobody answered, and the caller spoke to a machine.
    Voicemail,
}

/// One message of a carrier's about a call, by what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// Where does the call go?
    Rings,
    Ringing,
    /// The caller's own leg is up, by a PBX.
    Up,
    /// Somebody has answered, by Twilio.
    Answered,
    /// The dialled leg is over.
    LegEnds,
    /// The dialling is over.
    DialEnds,
    /// The call is over; by a PBX, how the dialling went too.
    Ends,
    Voicemail,
    Recording,
}

/// A call as its carrier knows it.
#[derive(Clone, Debug)]
pub struct Placed {
    pub id: String,
    pub carrier: &'static str,
    course: Course,
    from: String,
    to: String,
    /// Seconds.
    talk: u32,
    lasts: u32,
    /// Where Twilio was told to come back to.
    pub addresses: Addresses,
}

#[derive(Clone, Debug, Default)]
pub struct Addresses {
    pub action: String,
    pub leg: String,
}

impl Placed {
    pub fn nth(n: usize, carrier: &'static str, to: &[String], random: &mut StdRng) -> Self {
        let courses = [
            Course::Answered,
            Course::Busy,
            Course::Unanswered,
            Course::Abandoned,
            Course::Failed,
            Course::Refused,
            Course::Voicemail,
        ];
        // The last two are a PBX's own doing; Twilio does what it is told, and is told of neither here.
        let kinds = if carrier == "pbx" { 7 } else { 5 };
        let course = courses[random.random_range(0..kinds)];
        let talk = if course == Course::Answered { random.random_range(1..600) } else { 0 };
        Placed {
            id: format!("{carrier}-{n}"),
            carrier,
            course,
            from: format!("+1305{:03}{n:04}", if carrier == "pbx" { 555 } else { 556 }),
            to: to[n % to.len()].clone(),
            talk,
            lasts: talk + random.random_range(1..30),
            addresses: Addresses::default(),
        }
    }

    /// All that its carrier has to tell, in the order in which it happens.
    pub fn messages(&self) -> Vec<Told> {
        let mut told = vec![Told::Rings, Told::Ringing];
        if self.carrier == "pbx" {
            let is_up = matches!(self.course, Course::Answered | Course::Refused);
            told.extend(is_up.then_some(Told::Up));
            told.extend((self.course == Course::Voicemail).then_some(Told::Voicemail));
            told.extend((self.course == Course::Answered).then_some(Told::Recording));
        } else {
            told.extend((self.course == Course::Answered).then_some(Told::Answered));
            told.extend([Told::LegEnds, Told::DialEnds]);
        }
        told.push(Told::Ends);
        told
    }

    pub fn request(&self, told: Told) -> Request {
        match self.carrier {
            "pbx" => self.of_pbx(told),
            _ => self.of_twilio(told),
        }
    }

    fn of_pbx(&self, told: Told) -> Request {
        let (talk, lasts) = (self.talk.to_string(), self.lasts.to_string());
        let (recording, voicemail) = (format!("{}.wav", self.id), format!("{}-voicemail.wav", self.id));
        let mut fields = vec![("CallSid", self.id.as_str())];
        match told {
            Told::Rings => fields.extend([("From", self.from.as_str()), ("To", &self.to)]),
            Told::Ringing => fields.push(("CallStatus", "ringing")),
            Told::Up => fields.push(("CallStatus", "answered")),
            Told::Voicemail => fields.push(("Voicemail", &voicemail)),
            Told::Recording => fields.push(("RecordingFile", &recording)),
            Told::Ends => {
                let status = match self.course {
                    Course::Answered | Course::Refused => "ANSWER",
                    Course::Busy => "BUSY",
                    Course::Unanswered | Course::Voicemail => "NOANSWER",
                    Course::Abandoned => "CANCEL",
                    Course::Failed => "CHANUNAVAIL",
                };
                fields.extend([
                    ("CallStatus", "completed"),
                    ("DialCallStatus", status),
                    ("CallDuration", &lasts),
                ]);
                fields
                    .extend((self.course == Course::Answered).then_some(("DialCallDuration", talk.as_str())));
            }
            Told::Answered | Told::LegEnds | Told::DialEnds => unreachable!("Twilio tells that"),
        }
        from_pbx(if told == Told::Rings { "" } else { "/status" }, &fields)
    }

    fn of_twilio(&self, told: Told) -> Request {
        match told {
            Told::Rings => {
                from_twilio("/.dni/calls/twilio", &[&self.own()[..], &[("CallStatus", "ringing")]].concat())
            }
            Told::Ringing => self.of_leg("ringing", "1", &[]),
            Told::Answered => self.of_leg("in-progress", "2", &[]),
            Told::LegEnds => self.of_leg(self.leg_ends(), "3", &[("CallDuration", &self.talk.to_string())]),
            Told::DialEnds => self.dial_ends(),
            Told::Ends => {
                let end = [("CallStatus", "completed"), ("CallDuration", &*self.lasts.to_string())];
                from_twilio("/.dni/calls/twilio/status", &[&self.own()[..], &end].concat())
            }
            Told::Up | Told::Voicemail | Told::Recording => unreachable!("a PBX tells that"),
        }
    }

    fn own(&self) -> [(&str, &str); 3] {
        [("CallSid", &self.id), ("From", &self.from), ("To", &self.to)]
    }

    fn of_leg(&self, status: &str, sequence: &str, more: Form<'_>) -> Request {
        let leg = format!("{}-leg", self.id);
        let fields = [
            ("CallSid", &*leg),
            ("ParentCallSid", &self.id),
            ("CallStatus", status),
            ("SequenceNumber", sequence),
        ];
        from_twilio(&self.addresses.leg, &[&fields[..], more].concat())
    }

    fn dial_ends(&self) -> Request {
        // Who gives up is gone by then.
        let status = if self.course == Course::Abandoned { "completed" } else { "in-progress" };
        let mut fields = self.own().to_vec();
        fields.extend([("CallStatus", status), ("DialCallStatus", self.leg_ends())]);
        let talk = self.talk.to_string();
        if self.course == Course::Answered {
            fields.extend([("DialCallDuration", &*talk), ("DialBridged", "true")]);
        }
        from_twilio(&self.addresses.action, &fields)
    }

    fn leg_ends(&self) -> &'static str {
        match self.course {
            Course::Answered | Course::Refused => "completed",
            Course::Busy => "busy",
            Course::Unanswered | Course::Voicemail => "no-answer",
            Course::Abandoned => "canceled",
            Course::Failed => "failed",
        }
    }

    /// What those messages that came say of how it ended.
    fn outcome(&self, came: &BTreeSet<Told>) -> Option<&'static str> {
        let has = |told| came.contains(&told);
        let went = match self.course {
            Course::Answered => "answered",
            Course::Busy => "busy",
            Course::Unanswered | Course::Voicemail => "missed",
            Course::Abandoned => "abandoned",
            Course::Failed => "failed",
            Course::Refused => "screened",
        };
        if self.carrier == "pbx" {
            // What was said to the machine is there to be heard, whoever tells of it.
            return match (has(Told::Voicemail), has(Told::Ends)) {
                (true, _) => Some("voicemail"),
                (false, true) => Some(went),
                (false, false) => None,
            };
        }
        if has(Told::DialEnds) {
            return Some(went);
        }
        if self.course == Course::Answered && (has(Told::LegEnds) || has(Told::Answered) && has(Told::Ends)) {
            return Some("answered");
        }
        if has(Told::Answered) {
            // They talk still, as far as anybody said.
            return None;
        }
        // The call is over, and nobody is known to have answered: how the leg ended says why, else the caller has hung up.
        has(Told::Ends).then_some(if has(Told::LegEnds) { went } else { "abandoned" })
    }

    /// Seconds that they talked; none where nobody who came said it.
    fn talked(&self, came: &BTreeSet<Told>) -> Option<u32> {
        let says = match self.carrier {
            "pbx" => came.contains(&Told::Ends),
            _ => came.contains(&Told::DialEnds) || came.contains(&Told::LegEnds),
        };
        match self.outcome(came) {
            Some("answered") => says.then_some(self.talk),
            _ => Some(0),
        }
    }

    /// What the log says otherwise than what came.
    pub fn differs(&self, call: &Value, came: &BTreeSet<Told>) -> Vec<String> {
        let outcome = self.outcome(came);
        let file = match (came.contains(&Told::Recording), came.contains(&Told::Voicemail)) {
            (true, _) => Some(format!("{}.wav", self.id)),
            (_, true) => Some(format!("{}-voicemail.wav", self.id)),
            _ => None,
        };
        let mut expected = vec![
            ("outcome", json!(outcome)),
            (
                "answered",
                json!(outcome.map_or(came.contains(&Told::Answered), |outcome| outcome == "answered")),
            ),
            ("carrier", json!(self.carrier)),
            ("tracking_phone_number", json!(self.to)),
            ("customer_phone_number", json!(self.from)),
            ("medium", json!(if self.to == FLYER { Value::Null } else { json!("cpc") })),
            ("recording", json!(file)),
        ];
        expected.extend(self.talked(came).map(|talk| ("talk_time", json!(talk))));
        expected.extend(came.contains(&Told::Ends).then(|| ("duration", json!(self.lasts))));
        let differs = expected.into_iter().filter(|(field, expected)| call[*field] != *expected);
        differs
            .map(|(field, expected)| {
                format!("{field} of {self:?} is {} and not {expected}: {came:?}", call[field])
            })
            .collect()
    }
}
