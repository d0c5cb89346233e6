//! What is to be done with a call, step by step, until somebody has spoken with the caller.
//!
//! A carrier is told of the steps up to the first whose end must be known before it goes on, and asks again then; a PBX is told
//! of all that it can do by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The steps of a call, in their order. After the last one the call ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Said to the caller.
    Say(String),
    /// Said to the caller, who is to press this key; who does not is gone.
    Challenge { say: String, key: char },
    /// Said to the caller, who may press 1 to be recorded from there on.
    Consent { say: String },
    /// The caller chooses who is dialled in place of the next step; who chooses nothing is led on to it.
    Menu { say: String, keys: BTreeMap<char, Dial> },
    /// Once it was answered, the plan has come to its end.
    Dial(Dial),
    /// What the caller leaves is recorded.
    Voicemail { say: String },
    /// The call is refused before it is answered: nobody pays for it.
    Reject(Rejection),
}

/// Telephones that ring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dial {
    /// All at once, E.164; the first that answers has the call. Never empty.
    pub to: Vec<String>,
    /// How long they ring.
    pub timeout: Duration,
    /// What the called are shown: the caller's number (none), or this one of ours.
    pub caller_id: Option<String>,
    /// Said to whoever answers, before they are put through.
    pub whisper: Option<String>,
    /// Whoever answers must press 1 to be put through.
    pub screen: bool,
    pub record: Recording,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recording {
    #[default]
    None,
    Record,
    /// Where the caller has pressed 1.
    IfConsented,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// The number was never ours.
    Unknown,
    /// The caller is blocked.
    Blocked,
}

impl Plan {
    /// The one that loses no caller: this telephone rings.
    pub fn connect(to: &str) -> Self {
        Plan { steps: vec![Step::Dial(Dial::plain(to))] }
    }

    /// The same, for a carrier that lets no more than so many telephones ring at once: the others ring after them. (Those that a
    /// menu leads to are no step of their own, and stay as they are.)
    pub fn ringing_at_most(self, most: usize) -> Self {
        let parts = |step| match step {
            Step::Dial(dial) if dial.to.len() > most => {
                let part = |to: &[String]| Step::Dial(Dial { to: to.to_vec(), ..dial.clone() });
                dial.to.chunks(most.max(1)).map(part).collect()
            }
            step => vec![step],
        };
        Plan { steps: self.steps.into_iter().flat_map(parts).collect() }
    }

    /// Never rings this telephone, which was dialled: it would be this very call again. Where nobody is left who could be rung the call is
    /// refused, for it would go round for ever. Whether it was to be rung.
    pub fn leave_out(&mut self, dialled: &str) -> bool {
        let without = |dial: &mut Dial| {
            dial.to.retain(|to| to != dialled);
            !dial.to.is_empty()
        };
        let before = self.clone();
        for step in &mut self.steps {
            if let Step::Menu { keys, .. } = step {
                keys.retain(|_, dial| without(dial));
            }
        }
        self.steps.retain_mut(|step| match step {
            Step::Dial(dial) => without(dial),
            _ => true,
        });
        let goes_on = |step: &Step| match step {
            Step::Dial(_) | Step::Voicemail { .. } | Step::Reject(_) => true,
            Step::Menu { keys, .. } => !keys.is_empty(),
            Step::Say(_) | Step::Challenge { .. } | Step::Consent { .. } => false,
        };
        let is_changed = *self != before;
        if is_changed && !self.steps.iter().any(goes_on) {
            self.steps = vec![Step::Reject(Rejection::Unknown)];
        }
        is_changed
    }
}

impl Dial {
    /// Nothing is said, nothing recorded, and the caller's number is shown.
    pub fn plain(to: &str) -> Self {
        Dial {
            to: vec![to.to_owned()],
            timeout: Duration::from_secs(30),
            caller_id: None,
            whisper: None,
            screen: false,
            record: Recording::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephones_that_a_carrier_does_not_ring_at_once_ring_after_the_others() {
        let to: Vec<String> = (0..5).map(|last| format!("+1212555010{last}")).collect();
        let voicemail = Step::Voicemail { say: "Please.".to_owned() };
        let dial = |to: &[String]| Step::Dial(Dial { to: to.to_vec(), screen: true, ..Dial::plain("") });
        let plan = Plan { steps: vec![dial(&to), voicemail.clone()] };
        assert_eq!(plan.clone().ringing_at_most(5), plan);
        let expected = vec![dial(&to[..2]), dial(&to[2..4]), dial(&to[4..]), voicemail];
        assert_eq!(plan.ringing_at_most(2).steps, expected);
    }
}
