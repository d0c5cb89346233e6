//! The two at the ends of a call: who calls, and who is called. They do what the call was asked to be like.

use std::sync::atomic::{AtomicU32, Ordering};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How a call goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// Somebody takes it, and the two talk
    #[default]
    Answered,
    /// Whoever is called is talking already
    Busy,
    /// Nobody takes it, and the caller leaves no message
    Missed,
    /// The caller hangs up while it rings
    Abandoned,
    /// Nobody takes it, and the caller leaves a message
    Voicemail,
}

/// Seconds that a telephone rings before somebody takes it, or the caller gives up.
pub(super) const PICKED_UP_AFTER: u32 = 6;
pub(super) const GIVEN_UP_AFTER: u32 = 9;

/// Seconds until somebody who was asked for a key has pressed it.
pub(super) const PRESSED_AFTER: u32 = 1;

/// What the caller leaves behind the tone.
pub(super) const MESSAGE: &str = "Hello, this is Ada Finch in Saltmarsh Lane. A pipe has burst, and the cellar is full of water. \
                                  Please call me back.";

/// Seconds that it takes to say a text: about 150 words a minute.
pub(super) fn spoken_for(text: &str) -> u32 {
    let words = u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX);
    words.saturating_mul(2).div_ceil(5)
}

/// The first key that is asked for: 1 in "Please press 1 to be connected." Who is asked for none presses none.
pub(super) fn asked_for(prompts: &[String]) -> Option<char> {
    let words: Vec<&str> = prompts.iter().flat_map(|prompt| prompt.split_whitespace()).collect();
    words.windows(2).find_map(|pair| {
        let key = pair[1].trim_end_matches(['.', ',', ':', ';', '!']);
        let mut key = key.chars().filter(|_| pair[0].eq_ignore_ascii_case("press"));
        let first = key.next().filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))?;
        key.next().is_none().then_some(first)
    })
}

/// Numbers of people who haven't called before: each call comes from another, until they are all used up.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    calls: AtomicU32,
}

impl Strangers {
    /// E.164, of those that are never given out (+1 971 555 0100 to 0199).
    pub fn next(&self) -> String {
        let so_far = self.calls.fetch_add(1, Ordering::Relaxed);
        format!("+197155501{:02}", (so_far + 23) % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_pressed_that_was_asked_for() {
        for (prompt, key) in [
            ("Call from Google. Press 1 to take this call.", Some('1')),
            ("To have this call recorded, please press 1. Otherwise stay on the line.", Some('1')),
            ("Please press 5 to be connected.", Some('5')),
            ("For emergencies press *, for appointments press 2.", Some('*')),
            ("Please press on.", None),
            ("Press 12 to go on.", None),
            ("Leave a message.", None),
            ("press", None),
        ] {
            assert_eq!(asked_for(&[prompt.to_owned()]), key, "{prompt}");
        }
    }

    #[test]
    fn no_two_calls_in_a_row_come_from_one_telephone() {
        let strangers = Strangers::default();
        let numbers: std::collections::BTreeSet<_> = (0..100).map(|_| strangers.next()).collect();
        assert_eq!(numbers.len(), 100);
        assert!(numbers.iter().all(|number| number.len() == 12), "{numbers:?}");
    }

    #[test]
    fn words_take_time() {
        assert_eq!([spoken_for(""), spoken_for("one"), spoken_for("one two three four five")], [0, 1, 2]);
    }
}
