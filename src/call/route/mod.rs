//! Where a call goes: the routes of a line, of which the first that suits the call says what is done with it.
//!
//! Nothing is read or written here: time, caller and chance are given. Whatever is asked, the answer is a plan that ends with
//! somebody who is called, with a voicemail, or with a refusal that somebody asked for.

mod area;
mod hours;
mod ring;
mod spoken;
mod treatment;
mod when;
mod whisper;

pub use area::{CallerArea, CallerAreaError};
pub use hours::{Holiday, HolidayError, Hours, Span, SpanError, zone};
pub use ring::Ring;
pub use treatment::{Menu, Record, Treatment};
pub use when::When;
pub use whisper::{Whisper, WhisperError};

use super::event::Caller;
use super::plan::{Dial, Plan, Rejection, Step};
use super::spam::Suspect;
use crate::clock::Timestamp;
use crate::number::PhoneNumber;

/// The routes of a line.
#[derive(Clone, Debug)]
pub struct Routes {
    /// Where callers are connected whom no route suits.
    destination: PhoneNumber,
    routes: Vec<Route>,
    /// Sources that the site's static numbers are of: these may be said, whatever the tables know.
    said: Vec<String>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Route {
    pub when: When,
    pub then: Treatment,
}

/// A call whose plan is asked for. The same call asks the same, and gets the same plan.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    pub time: Timestamp,
    pub caller: &'a Caller,
    /// Who took this caller's last answered call, E.164.
    pub last_taken_by: Option<&'a str>,
    /// As good as random, and the same for every repetition of the call.
    pub chance: u64,
    /// The number that was dialled, E.164.
    pub dialled: &'a str,
    pub words: Words<'a>,
    pub suspect: Suspect,
}

/// Where the likeliest candidate came from, in a visitor's own words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Words<'a> {
    pub source: Option<&'a str>,
    pub medium: Option<&'a str>,
    pub campaign: Option<&'a str>,
    /// By its name.
    pub channel: Option<&'a str>,
}

/// A plan, and the sentences that tell how it came about. They name no caller.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Never empty.
    pub plan: Plan,
    pub because: Vec<String>,
}

impl Routes {
    /// `said`: the sources of the site's static numbers.
    pub fn new(destination: PhoneNumber, routes: Vec<Route>, said: Vec<String>) -> Self {
        Routes { destination, routes, said }
    }

    pub fn destination(&self) -> &PhoneNumber {
        &self.destination
    }

    /// What is to be done with a call.
    pub fn plan(&self, asking: &Asking<'_>) -> Planned {
        if asking.suspect == Suspect::Block {
            let plan = Plan { steps: vec![Step::Reject(Rejection::Blocked)] };
            return Planned { plan, because: vec!["the call is refused".to_owned()] };
        }
        let mut because = Vec::new();
        let mut steps = Vec::new();
        if asking.suspect == Suspect::Challenge {
            let key = key_by(asking.chance);
            steps.push(Step::Challenge { say: format!("Please press {key} to be connected."), key });
            because.push(format!("the caller is asked to press {key} first"));
        }
        match self.first_that_suits(asking, &mut because) {
            Some(route) => {
                steps.extend(route.then.steps(&self.destination, &self.said, asking, &mut because));
            }
            None => {
                because.push(format!("the call goes to the line's destination {}", self.destination));
                steps.push(Step::Dial(Dial::plain(self.destination.e164())));
            }
        }
        Planned { plan: Plan { steps }, because }
    }

    fn first_that_suits(&self, asking: &Asking<'_>, because: &mut Vec<String>) -> Option<&Route> {
        for (place, route) in self.routes.iter().enumerate() {
            match route.when.unmet(asking.time, asking.caller) {
                Some(why) => because.push(format!("route {} does not suit: {why}", place + 1)),
                None => {
                    let why = route.when.met(asking.time);
                    because.push(format!("route {} suits: {why}", place + 1));
                    return Some(route);
                }
            }
        }
        if !self.routes.is_empty() {
            because.push("no route suits".to_owned());
        }
        None
    }
}

/// A machine that presses the same key everywhere is right in one call of nine.
fn key_by(chance: u64) -> char {
    // The lower half draws by weight; the two draws must not tell of each other.
    char::from(b'1' + ((chance >> 32) % 9) as u8)
}

#[cfg(test)]
mod tests;
