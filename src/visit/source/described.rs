//! A source as far as it is told: by the configuration, as much of it as somebody cared to say; by the ledger, as much as is kept.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Channel, Source};

/// Where the callers of a static number come from, or who was shown a number. What isn't said may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    pub channel: Option<Channel>,
    pub source: Option<String>,
    pub medium: Option<String>,
    pub campaign: Option<String>,
}

impl Described {
    /// Whether a visit comes from there. Nothing said is nobody's source.
    pub fn suits(&self, source: &Source) -> bool {
        let is_it = |said: &Option<String>, is: Option<&str>| {
            said.as_deref().is_none_or(|said| is.is_some_and(|is| said.eq_ignore_ascii_case(is)))
        };
        *self != Described::default()
            && self.channel.is_none_or(|channel| channel == source.channel)
            && is_it(&self.source, Some(&source.source))
            && is_it(&self.medium, Some(&source.medium))
            && is_it(&self.campaign, source.campaign.as_deref())
    }
}

/// As in `Offline / flyer / print / spring`.
impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channel = self.channel.map(Channel::name);
        let words = [&self.source, &self.medium, &self.campaign].map(Option::as_deref);
        let said: Vec<_> = std::iter::once(channel).chain(words).flatten().collect();
        f.write_str(&said.join(" / "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_must_be_so_and_what_is_not_may_be_anything() {
        let mut source = Source::direct();
        (source.source, source.medium) = ("google".to_owned(), "organic".to_owned());
        let text = |text: &str| Some(text.to_owned());
        let google = Described { source: text("Google"), ..Described::default() };
        assert!(google.suits(&source));
        assert!(!Described { campaign: text("gbp"), ..google.clone() }.suits(&source));
        assert!(!Described { channel: Some(Channel::Local), ..google }.suits(&source));
        assert!(!Described::default().suits(&source));
    }
}
