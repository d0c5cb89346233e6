//! What a carrier is told at once: what is said, and the first step whose end must be known before it goes on.

use super::Script;
use crate::call::plan::{Dial, Rejection, Step};

pub struct Scene<'a> {
    /// Said to the caller, in this order.
    pub said: Vec<&'a str>,
    /// As of the step that comes then.
    pub here: Script<'a>,
    pub then: Then<'a>,
}

pub enum Then<'a> {
    /// The caller is asked to press one of these keys.
    Asks {
        say: &'a str,
        keys: Vec<char>,
    },
    Dials(&'a Dial),
    /// The caller leaves a message.
    Records {
        say: &'a str,
    },
    /// The call is not answered at all.
    Refuses(Rejection),
    Ends,
}

impl<'a> Scene<'a> {
    pub fn of(script: &Script<'a>) -> Self {
        let mut said = Vec::new();
        for (index, step) in script.plan.steps.iter().enumerate().skip(script.step) {
            let then = match step {
                Step::Say(text) => {
                    said.push(text.as_str());
                    continue;
                }
                Step::Challenge { say, key } => Then::Asks { say, keys: vec![*key] },
                Step::Consent { say } => Then::Asks { say, keys: vec!['1'] },
                Step::Menu { say, keys } => Then::Asks { say, keys: keys.keys().copied().collect() },
                Step::Dial(dial) => Then::Dials(dial),
                Step::Voicemail { say } => Then::Records { say },
                Step::Reject(rejection) if index == 0 => Then::Refuses(*rejection),
                // What was answered can't be refused any more, only ended.
                Step::Reject(_) => Then::Ends,
            };
            return Scene { said, here: Script { step: index, ..*script }, then };
        }
        Scene { said, here: Script { step: script.plan.steps.len(), ..*script }, then: Then::Ends }
    }
}
