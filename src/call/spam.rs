//! How likely a call is spam, and what is done about it. Nothing is read or written here: what is known of the caller is given.
//!
//! Each signal has a weight: how likely a call is spam that shows this and nothing else. Signals are taken for independent, so a call is
//! good only where it is good by every one of them (noisy-or): score = 1 − ∏(1 − weight). The weights are our judgement, not measured;
//! none that an honest caller may well show comes near the usual threshold alone.

use std::time::Duration;

use super::event::{Attestation, Caller, Level, Verified};
use crate::number::{Country, PhoneNumber};

/// A call in which the two talked for less is very short: whoever calls in earnest says what for.
pub const VERY_SHORT: Duration = Duration::from_secs(6);

/// From which score on a call is spam, unless the site says otherwise.
pub const THRESHOLD: f64 = 0.8;

/// The caller's number was signed by somebody, and the signature is wrong: nobody fails this by mistake, yet carriers do break
/// signatures on the way.
const VERIFICATION_FAILED: f64 = 0.6;

/// Level C says where the call entered the network, and nothing of who called. So are most robocalls, and honest calls from
/// abroad.
const GATEWAY_ATTESTATION: f64 = 0.3;

/// Many withhold their number for good reasons; who sells by telephone mostly shows a wrong one instead.
const WITHHELD: f64 = 0.15;

/// Machines dial numbers in a row, and so find those of a pool that nobody was shown. People who dial wrong do too.
const NEVER_SHOWN: f64 = 0.5;

/// For each call within the hour beyond the third: who found the line busy tries again, but not for ever.
const ONE_MORE_CALL: f64 = 0.2;
const USUAL_CALLS: u32 = 3;

/// For each very short call beyond the second: machines hang up as soon as a person, or a machine, answers.
const ONE_MORE_SHORT_CALL: f64 = 0.3;
const USUAL_SHORT_CALLS: u32 = 2;

/// For each number beyond the second: a visitor who comes back may have been shown another one, and a flyer has a third; nobody
/// else knows that they are one business's.
const ONE_MORE_NUMBER: f64 = 0.5;
const USUAL_NUMBERS: u32 = 2;

/// What is known of a call that may be spam. The caller's earlier calls are counted, this one is not; of who withholds their number
/// there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    pub attestation: Attestation,
    pub is_withheld: bool,
    /// A number of a pool that nobody was shown.
    pub is_unshown: bool,
    /// Within the last hour.
    pub calls: u32,
    /// Of those within the last day, answered ones shorter than [`VERY_SHORT`].
    pub short_calls: u32,
    /// Different tracking numbers that were dialled within the last day, this call's included.
    pub numbers: u32,
}

/// How likely a call is spam, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scored {
    /// From 0 to 1, in thousandths.
    pub score: f64,
    pub because: Vec<String>,
}

/// What a site does about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spam {
    pub policy: Policy,
    /// The score from which on a call is spam: more than 0, at most 1.
    pub threshold: f64,
    /// Who is refused whatever the score is.
    pub blocked: Vec<Blocked>,
}

/// What is done with calls that are spam.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// They are connected, and marked.
    #[default]
    Allow,
    /// A key must be pressed before they are connected.
    Challenge,
    Block,
}

/// A caller, or all whose numbers begin alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// E.164
    Number(String),
    /// With the plus sign.
    Prefix(String),
    Withheld,
}

/// A text names no callers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is neither a number, nor what numbers begin with, nor \"withheld\"")]
pub struct BlockedError;

/// What is to be done with a caller before the call is routed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Suspect {
    #[default]
    None,
    Challenge,
    Block,
}

/// Scores a call. Of somebody who calls for the first time, with nothing odd about it, the score is 0.
pub fn score(signals: &Signals) -> Scored {
    let Signals { attestation, is_withheld, is_unshown, calls, short_calls, numbers } = *signals;
    let repeated = |count: u32, usual: u32, each: f64| {
        1.0 - (1.0 - each).powi(i32::try_from(count.saturating_sub(usual)).unwrap_or(i32::MAX))
    };
    let found = [
        // One fact in two words: a failed verification is not made worse by the level that it failed for.
        match attestation {
            Attestation { verified: Verified::Failed, .. } => (
                VERIFICATION_FAILED,
                "the caller's number is not verified: its signature is wrong".to_owned(),
            ),
            Attestation { level: Some(Level::C), .. } => {
                (GATEWAY_ATTESTATION, "nobody vouches for the caller's number: attestation C".to_owned())
            }
            Attestation { .. } => (0.0, String::new()),
        },
        (flag(is_withheld, WITHHELD), "the caller withholds the number".to_owned()),
        (flag(is_unshown, NEVER_SHOWN), "nobody was shown the number that was dialled".to_owned()),
        (
            repeated(calls, USUAL_CALLS, ONE_MORE_CALL),
            format!("the caller called {calls} times in the last hour"),
        ),
        (
            repeated(short_calls, USUAL_SHORT_CALLS, ONE_MORE_SHORT_CALL),
            format!("{short_calls} calls of this caller were very short"),
        ),
        (
            repeated(numbers, USUAL_NUMBERS, ONE_MORE_NUMBER),
            format!("the caller dialled {numbers} different tracking numbers within a day"),
        ),
    ];
    let good: f64 = found.iter().map(|(weight, _)| 1.0 - weight).product();
    let mut because: Vec<_> = found
        .into_iter()
        .filter(|(weight, _)| *weight > 0.0)
        .map(|(weight, why)| format!("{why} ({weight:.2})"))
        .collect();
    // Sums of tenths in binary miss a threshold by a hair.
    let score = ((1.0 - good) * 1000.0).round() / 1000.0;
    if because.len() > 1 {
        because.push(format!("together that is a spam score of {score:.2}"));
    }
    Scored { score, because }
}

fn flag(is_so: bool, weight: f64) -> f64 {
    if is_so { weight } else { 0.0 }
}

/// Calls are connected, and marked from [`THRESHOLD`] on.
impl Default for Spam {
    fn default() -> Self {
        Spam { policy: Policy::Allow, threshold: THRESHOLD, blocked: Vec::new() }
    }
}

impl Spam {
    /// Whether a call of this score is spam, whatever is done about it.
    pub fn is_spam(&self, scored: &Scored) -> bool {
        scored.score >= self.threshold
    }

    /// What is to be done with a caller, and why. The sentences name no caller.
    pub fn judge(&self, scored: &Scored, caller: &Caller) -> (Suspect, Vec<String>) {
        if let Some(place) = self.blocked.iter().position(|blocked| blocked.has(caller)) {
            let why = format!("the caller is blocked by entry {} of blocked_callers", place + 1);
            return (Suspect::Block, vec![why]);
        }
        let mut because = scored.because.clone();
        if !self.is_spam(scored) {
            if !because.is_empty() {
                because.push(format!("that is below the threshold of {}", self.threshold));
            }
            return (Suspect::None, because);
        }
        let (suspect, done) = match self.policy {
            Policy::Allow => (Suspect::None, "is connected all the same, as the site's policy is"),
            Policy::Challenge => (Suspect::Challenge, "must show to be a person, as the site's policy is"),
            Policy::Block => (Suspect::Block, "is refused, as the site's policy is"),
        };
        because.push(format!("that is spam, from {} on: the caller {done}", self.threshold));
        (suspect, because)
    }
}

impl Blocked {
    /// Reads a number, what numbers in E.164 begin with (`+1900*`), or `withheld`.
    ///
    /// # Errors
    /// [`BlockedError`] where it is none of these.
    pub fn parse(written: &str, country: Country) -> Result<Self, BlockedError> {
        let written = written.trim();
        if written.eq_ignore_ascii_case("withheld") {
            return Ok(Blocked::Withheld);
        }
        let Some(prefix) = written.strip_suffix('*') else {
            let number = PhoneNumber::parse(written, country).map_err(|_| BlockedError)?;
            return Ok(Blocked::Number(number.e164().to_owned()));
        };
        let digits = prefix.strip_prefix('+').ok_or(BlockedError)?;
        let digits: String = digits.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
        let is_prefix = (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_prefix { Ok(Blocked::Prefix(format!("+{digits}"))) } else { Err(BlockedError) }
    }

    pub fn has(&self, caller: &Caller) -> bool {
        match (self, caller) {
            (Blocked::Number(blocked), Caller::Number(number)) => blocked == number,
            (Blocked::Prefix(prefix), Caller::Number(number)) => number.starts_with(&**prefix),
            (Blocked::Withheld, Caller::Withheld) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
