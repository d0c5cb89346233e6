//! What a route does with a call: what is said to the caller, who is called and how, and what is left where nobody takes it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Asking, Ring, Whisper};
use crate::call::plan::{Dial, Recording, Step};
use crate::number::PhoneNumber;

/// Said where the caller is to agree, for an announcement need not say how.
const CONSENT: &str = "To have this call recorded, please press 1. Otherwise stay on the line.";

#[derive(Clone, Debug)]
pub struct Treatment {
    /// Who is called. None: the line's destination, unless the route has a voicemail and no menu.
    pub ring: Option<Ring>,
    /// Whoever took the caller's last call is called first.
    pub sticky: bool,
    /// How long each rings.
    pub timeout: Duration,
    pub whisper: Option<Whisper>,
    /// Whoever answers must press 1 to take the call.
    pub screen: bool,
    /// Said to the caller.
    pub announce: Option<String>,
    pub record: Record,
    /// The business is shown the number that was dialled, in place of the caller's.
    pub shows_dialled: bool,
    pub menu: Option<Menu>,
    /// Said to the caller whom nobody took, before the tone.
    pub voicemail: Option<String>,
}

/// Whether the call is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Record {
    #[default]
    Never,
    /// Once it was announced; where nothing is, it is not.
    Announced,
    /// Where the caller presses 1.
    Agreed,
}

/// Keys, and who is called by each. Whoever presses none is connected as if there were no menu.
#[derive(Clone, Debug)]
pub struct Menu {
    pub say: String,
    pub keys: BTreeMap<char, Vec<PhoneNumber>>,
}

impl Default for Treatment {
    fn default() -> Self {
        Treatment {
            ring: None,
            sticky: false,
            timeout: Duration::from_secs(20),
            whisper: None,
            screen: false,
            announce: None,
            record: Record::Never,
            shows_dialled: false,
            menu: None,
            voicemail: None,
        }
    }
}

impl Treatment {
    /// The steps, of which the last dials or takes a message. `said`: as of [`Whisper::say`].
    pub(super) fn steps(
        &self,
        destination: &PhoneNumber,
        said: &[String],
        asking: &Asking<'_>,
        because: &mut Vec<String>,
    ) -> Vec<Step> {
        let whisper = self.whisper.as_ref().map(|whisper| whisper.say(&asking.words, said));
        let dial = |to: &[&str]| Dial {
            to: to.iter().map(|number| (*number).to_owned()).collect(),
            timeout: self.timeout,
            caller_id: self.shows_dialled.then(|| asking.dialled.to_owned()),
            whisper: whisper.clone(),
            screen: self.screen,
            record: self.recording(),
        };
        let mut steps: Vec<_> = self.announce.iter().cloned().map(Step::Say).collect();
        if self.record == Record::Agreed {
            steps.push(Step::Consent { say: CONSENT.to_owned() });
        }
        if let Some(menu) = &self.menu {
            because.push("the caller is asked whom to call".to_owned());
            let chosen =
                |numbers: &Vec<PhoneNumber>| dial(&numbers.iter().map(PhoneNumber::e164).collect::<Vec<_>>());
            let keys = menu.keys.iter().filter(|(_, numbers)| !numbers.is_empty());
            let keys = keys.map(|(key, numbers)| (*key, chosen(numbers))).collect();
            steps.push(Step::Menu { say: menu.say.clone(), keys });
        }
        let groups = self.groups(destination, asking, because);
        if !groups.is_empty() {
            let groups: Vec<_> = groups.iter().map(|group| group.join(" and ")).collect();
            because.push(format!("the call goes to {}", groups.join(", then to ")));
        }
        steps.extend(groups.iter().map(|group| Step::Dial(dial(group))));
        if let Some(say) = &self.voicemail {
            let after = if groups.is_empty() { "" } else { ", where nobody answers" };
            because.push(format!("the caller may leave a message{after}"));
            steps.push(Step::Voicemail { say: say.clone() });
        }
        steps
    }

    /// Those that ring at once, group after group.
    fn groups<'a>(
        &'a self,
        destination: &'a PhoneNumber,
        asking: &Asking<'_>,
        because: &mut Vec<String>,
    ) -> Vec<Vec<&'a str>> {
        let first = asking.last_taken_by.filter(|_| self.sticky);
        let groups = self.ring.as_ref().map(|ring| ring.groups(first, asking.chance)).unwrap_or_default();
        if groups.first().is_some_and(|group| first.is_some_and(|first| *group == [first])) {
            because.push(format!("{} took this caller's last call", groups[0][0]));
        }
        let takes_messages_only = self.ring.is_none() && self.menu.is_none() && self.voicemail.is_some();
        match groups.is_empty() && !takes_messages_only {
            true => vec![vec![destination.e164()]],
            false => groups,
        }
    }

    fn recording(&self) -> Recording {
        match self.record {
            Record::Announced if self.announce.is_some() => Recording::Record,
            Record::Agreed => Recording::IfConsented,
            Record::Announced | Record::Never => Recording::None,
        }
    }
}
