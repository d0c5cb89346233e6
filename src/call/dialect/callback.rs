//! The addresses that a carrier is handed to come back to. They carry in their query what they are about, the call and the step
//! of its plan, so that nothing depends on which of its ids a carrier names later.

use super::form::Form;
use super::{Script, Unreadable};
use crate::call::event::Status;
use crate::call::plan::Dial;

/// What the query of one of our addresses carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// The carrier's own id of the call; none where the carrier was told of the address by other means.
    pub call: Option<String>,
    pub step: Option<usize>,
    /// It is about a leg that was dialled.
    pub is_leg: bool,
    /// The recording is a voicemail.
    pub is_voicemail: bool,
    /// Whoever was called pressed the keys.
    pub is_called: bool,
    /// Whoever answers is asked whether they take the call.
    pub is_screened: bool,
    /// What was dialled.
    pub to: Option<String>,
}

impl Callback {
    pub fn read(query: &str) -> Self {
        let form = Form::of(query.as_bytes());
        let is = |name| form.get(name) == Some("1");
        Callback {
            call: form.owned("call"),
            step: form.count("step"),
            is_leg: is("leg"),
            is_voicemail: is("voicemail"),
            is_called: is("called"),
            is_screened: is("screened"),
            to: form.number("dialled"),
        }
    }

    /// Whether the two were put through, where the carrier says only that what it dialled was answered: none where whoever answered
    /// was asked first, for they may have refused.
    pub fn bridged(&self, status: Status) -> Option<bool> {
        match status {
            Status::Completed => (!self.is_screened).then_some(true),
            _ => Some(false),
        }
    }

    /// # Errors
    /// [`Unreadable::Missing`] where the address is none that we gave.
    pub fn wanted_step(&self) -> Result<usize, Unreadable> {
        self.step.ok_or(Unreadable::Missing("step"))
    }
}

impl Script<'_> {
    /// Where to come back to when this step has come to its end.
    pub(super) fn next(&self) -> String {
        self.of_dial("next", &[("step", &self.step.to_string())])
    }

    /// Where to ask for what whoever answers is told.
    pub(super) fn whispering(&self) -> String {
        self.address("whisper", &[("step", &self.step.to_string())])
    }

    /// Where to tell which key the caller pressed.
    pub(super) fn menu(&self) -> String {
        self.address("menu", &[("step", &self.step.to_string())])
    }

    /// Where to tell whether whoever answered takes the call.
    pub(super) fn screening(&self) -> String {
        self.address("menu", &[("step", &self.step.to_string()), ("called", "1")])
    }

    /// Where to tell how a dialled leg goes.
    pub(super) fn leg_status(&self) -> String {
        self.of_dial("status", &[("leg", "1"), ("step", &self.step.to_string())])
    }

    fn of_dial(&self, path: &str, query: &[(&str, &str)]) -> String {
        match self.dial() {
            Some(Dial { screen: true, .. }) => self.address(path, &[query, &[("screened", "1")]].concat()),
            _ => self.address(path, query),
        }
    }

    pub(super) fn recording(&self) -> String {
        self.address("recording", &[])
    }

    pub(super) fn voicemail(&self) -> String {
        self.address("recording", &[("voicemail", "1")])
    }

    pub(super) fn transcription(&self) -> String {
        self.address("transcription", &[])
    }

    fn address(&self, path: &str, query: &[(&str, &str)]) -> String {
        let mut encoded = url::form_urlencoded::Serializer::new(String::new());
        encoded.extend_pairs(query);
        for (name, value) in [("call", self.call), ("dialled", self.to)] {
            if !value.is_empty() {
                encoded.append_pair(name, value);
            }
        }
        format!("{}/{path}?{}", self.base, encoded.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::plan::{Plan, Step};

    #[test]
    fn what_an_address_carries_is_read_back() {
        let plan = Plan::default();
        let call = "v3:9X2vx-aiQ &?";
        let base = "https://www.example.com/.dni/calls/telnyx";
        let script = Script {
            plan: &plan,
            step: 3,
            consented: false,
            base,
            call,
            from: "",
            to: "+12125550110",
            login: None,
        };
        assert_eq!(
            script.next(),
            "https://www.example.com/.dni/calls/telnyx/next?step=3&call=v3%3A9X2vx-aiQ+%26%3F&dialled=%2B12125550110"
        );
        let read = |address: String| Callback::read(address.split_once('?').expect("a query").1);
        let plain = Callback {
            call: Some(call.to_owned()),
            step: None,
            is_leg: false,
            is_voicemail: false,
            is_called: false,
            is_screened: false,
            to: Some("+12125550110".to_owned()),
        };
        let step = Callback { step: Some(3), ..plain.clone() };
        assert_eq!(read(script.next()), step);
        assert_eq!(read(script.whispering()), step);
        assert_eq!(read(script.menu()), step);
        assert_eq!(read(script.screening()), Callback { is_called: true, ..step.clone() });
        assert_eq!(read(script.leg_status()), Callback { is_leg: true, ..step.clone() });
        assert_eq!(read(script.voicemail()), Callback { is_voicemail: true, ..plain.clone() });
        assert_eq!(read(script.recording()), plain);
        assert_eq!(read(script.transcription()), plain);
        let dial = Dial { screen: true, ..Dial::plain("+12125550100") };
        let plan = Plan { steps: vec![Step::Dial(dial)] };
        let screened = Script { plan: &plan, step: 0, ..script };
        let step = Callback { step: Some(0), is_screened: true, ..plain };
        assert_eq!(read(screened.next()), step);
        assert_eq!(read(screened.leg_status()), Callback { is_leg: true, ..step });
    }

    #[test]
    fn what_was_answered_is_connected_unless_they_were_asked() {
        let asked = |query| Callback::read(query).bridged(Status::Completed);
        assert_eq!((asked("step=0"), asked("step=0&screened=1")), (Some(true), None));
        assert_eq!(Callback::read("step=0&screened=1").bridged(Status::Busy), Some(false));
    }
}
