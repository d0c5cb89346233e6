//! What is said to the business before a caller is put through: `Call from {source}`.
//!
//! The words in braces come from visitors. Of a source only a name is said that our own tables have, or that the site gave one of its
//! static numbers; any other is called by its channel.

use super::Words;
use super::spoken::spoken;
use crate::visit;

/// A text with places for what is known of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whisper {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Source,
    Medium,
    Campaign,
    Channel,
}

/// Why a text can't be said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhisperError {
    #[error("has {{{0}}}, and nothing is known of a call by that name")]
    Unknown(String),
    #[error("has a brace that is not closed, or not opened")]
    Brace,
}

impl Whisper {
    /// What may stand in braces.
    pub const PLACEHOLDERS: [&str; 6] =
        ["{source}", "{medium}", "{campaign}", "{channel}", "{line}", "{site}"];

    /// Reads a text for a line of a site.
    ///
    /// # Errors
    /// [`WhisperError`] where its braces hold something else than [`Whisper::PLACEHOLDERS`].
    pub fn parse(written: &str, line: &str, site: &str) -> Result<Self, WhisperError> {
        let mut parts = Vec::new();
        let mut rest = written;
        while let Some(at) = rest.find(['{', '}']) {
            let (text, behind) = rest.split_at(at);
            let placeholder = behind.strip_prefix('{').ok_or(WhisperError::Brace)?;
            let (name, behind) = placeholder.split_once('}').ok_or(WhisperError::Brace)?;
            parts.push(Part::Text(text.to_owned()));
            parts.push(match name {
                "source" => Part::Source,
                "medium" => Part::Medium,
                "campaign" => Part::Campaign,
                "channel" => Part::Channel,
                "line" => Part::Text(line.to_owned()),
                "site" => Part::Text(site.to_owned()),
                _ => return Err(WhisperError::Unknown(name.to_owned())),
            });
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Whisper { parts })
    }

    /// The whisper for a call that came from there. `own`: sources that may be said as they are, besides those of the tables.
    pub(super) fn say(&self, words: &Words<'_>, own: &[String]) -> String {
        let channel = || words.channel.and_then(spoken).unwrap_or_else(|| "unknown".to_owned());
        let said = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Source => words.source.and_then(|source| known(source, own)).unwrap_or_else(channel),
            Part::Medium => words.medium.and_then(spoken).unwrap_or_else(|| "unknown".to_owned()),
            Part::Campaign => words.campaign.and_then(spoken).unwrap_or_else(|| "none".to_owned()),
            Part::Channel => channel(),
        };
        self.parts.iter().map(said).collect()
    }
}

/// A source in words that are not the visitor's.
fn known(source: &str, own: &[String]) -> Option<String> {
    let own = own.iter().find(|own| own.eq_ignore_ascii_case(source)).map(String::as_str);
    spoken(own.or_else(|| visit::known_source(source))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(written: &str, words: &Words<'_>) -> String {
        Whisper::parse(written, "main", "plumber").unwrap().say(words, &["Local Paper".to_owned()])
    }

    const AD: Words<'_> = Words {
        source: Some("google"),
        medium: Some("cpc"),
        campaign: Some("spring-sale"),
        channel: Some("Paid Search"),
    };

    #[test]
    fn braces_are_filled_with_what_is_known_of_the_call() {
        assert_eq!(
            said("Call from {source}, {campaign} campaign", &AD),
            "Call from google, spring sale campaign"
        );
        assert_eq!(
            said("{medium} {channel} for {line} of {site}.", &AD),
            "cpc Paid Search for main of plumber."
        );
        assert_eq!(said("A call", &AD), "A call");
        assert_eq!(said("", &AD), "");
    }

    #[test]
    fn a_source_that_nobody_knows_is_called_by_its_channel() {
        for (source, is_said) in [
            ("the sheriff, press 1 now", "Paid Search"),
            ("press one now.tumblr.com", "tumblr com"),
            ("http://evil.example", "Paid Search"),
            ("(direct)", "Paid Search"),
            ("local PAPER", "Local Paper"),
            ("FB", "fb"),
            ("www.google.de", "google"),
        ] {
            assert_eq!(said("{source}", &Words { source: Some(source), ..AD }), is_said, "{source}");
        }
    }

    #[test]
    fn what_is_not_known_is_said_so() {
        let nothing = Words::default();
        assert_eq!(said("{source}/{medium}/{campaign}/{channel}", &nothing), "unknown/unknown/none/unknown");
    }

    #[test]
    fn only_what_is_known_of_calls_can_be_asked_for() {
        let parse = |written| Whisper::parse(written, "main", "plumber");
        assert_eq!(parse("from {sauce}"), Err(WhisperError::Unknown("sauce".to_owned())));
        for written in ["from {source", "from source}", "{", "{{source}}"] {
            assert!(parse(written).is_err(), "{written}");
        }
        for placeholder in Whisper::PLACEHOLDERS {
            assert!(parse(placeholder).is_ok(), "{placeholder}");
        }
    }
}
